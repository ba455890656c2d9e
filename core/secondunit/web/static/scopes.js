// Waveform and vectorscope of the picture that is shown: its 8-bit codes after the view, by
// Rec. 709 luma (0.2126 R' + 0.7152 G' + 0.0722 B') and its two colour differences. They are
// drawn when the page has nothing else to do, so that no frame waits for them.
import { W } from "./words.js";
import { make } from "./dom.js";

const WIDE = 384, HIGH = 216, LEVELS = 256, GAIN = 0.16;
const idle = window.requestIdleCallback ?? ((work) => setTimeout(() => work(), 60));
const KINDS = ["luma", "parade"];
const PRIMARIES = { R: [1, 0, 0], Yl: [1, 1, 0], G: [0, 1, 0], Cy: [0, 1, 1], B: [0, 0, 1], Mg: [1, 0, 1] };
const luma = (r, g, b) => 0.2126 * r + 0.7152 * g + 0.0722 * b;
const blue = (b, y) => (b - y) / 1.8556, red = (r, y) => (r - y) / 1.5748;

export class Scopes {
  constructor() {
    this.kind = "luma"; this.on = false; this.waits = false; this.cost = 0;
    this.wave = make("canvas", { role: "img", "aria-label": W.scope.wave }); this.vector = make("canvas", { role: "img", "aria-label": W.scope.vector });
    this.note = make("p", {}); this.figures = make("p", { className: "levels" });
    this.box = make("section", { className: "scopes", hidden: true, "aria-label": W.scope.title },
      make("figure", {}, this.wave, make("figcaption", {}, W.scope.wave)), make("figure", { className: "square" }, this.vector, make("figcaption", {}, W.scope.vector)), make("div", { className: "means" }, this.figures, this.note));
    this.small = new OffscreenCanvas(WIDE, HIGH).getContext("2d", { willReadFrequently: true });
    this.small.imageSmoothingEnabled = false; // codes as they are, not their means
    this.waved = new ImageData(WIDE, LEVELS); this.turned = new ImageData(LEVELS, LEVELS); this.hues = hues();
  }
  toggle() { this.on = !this.on; this.box.hidden = !this.on; this.last = null; }
  next() { this.kind = KINDS[(KINDS.indexOf(this.kind) + 1) % KINDS.length]; this.last = null; }

  // ``url`` says which picture it is, ``view`` through which it is seen.
  show(url, picture, view, whose) {
    if (!this.on || !picture || (this.last === url && this.size === this.wave.clientWidth)) return;
    this.wanted = { url, picture, view, whose };
    if (this.waits) return;
    this.waits = true;
    idle(() => { this.waits = false; this.measure(this.wanted); }, { timeout: 200 });
  }
  measure({ url, picture, view, whose }) {
    if (!this.box.isConnected || !picture.width) return; // let go meanwhile
    const began = performance.now();
    this.last = url; this.size = this.wave.clientWidth;
    this.small.drawImage(picture, 0, 0, WIDE, HIGH);
    const counted = count(this.small.getImageData(0, 0, WIDE, HIGH).data, this.kind);
    this.drawWave(counted); this.drawVector(counted.turned);
    const { least, most, mean } = counted, share = (code) => `${Math.round(code / 2.55)} %`;
    this.figures.replaceChildren(...[[W.scope.least, least], [W.scope.mean, mean], [W.scope.most, most]].map(([name, code]) => make("span", {}, name, make("b", {}, share(code)))));
    this.wave.setAttribute("aria-label", `${W.scope.wave}: ${W.scope.told(share(least), share(mean), share(most))}`);
    this.note.textContent = W.scope.space(whose, view, W.scope.kinds[this.kind]);
    this.cost = performance.now() - began;
    this.box.dataset.of = url; this.box.dataset.ms = this.cost.toFixed(1); this.box.dataset.mean = mean.toFixed(1);
  }

  drawWave({ waved, kind }) {
    const to = this.waved.data;
    for (let x = 0, i = 0; x < WIDE * LEVELS; x++, i += 4) {
      const bright = 255 * (1 - Math.exp(-GAIN * waved[x])), band = kind === "parade" ? Math.floor((x % WIDE) / (WIDE / 3)) : 3;
      to[i] = bright * (band === 3 ? 0.72 : band === 0 ? 1 : 0.25); to[i + 1] = bright * (band === 3 ? 0.92 : band === 1 ? 0.95 : 0.3);
      to[i + 2] = bright * (band === 3 ? 0.74 : band === 2 ? 1 : 0.25); to[i + 3] = 255;
    }
    const { g, w, h } = stage(this.wave), pad = Math.round(h * 0.05), left = Math.round(h * 0.19);
    paste(g, this.waved, left, pad, w - left, h - 2 * pad);
    g.font = `${Math.max(10, h * 0.068)}px ui-monospace, "DejaVu Sans Mono", monospace`; g.textBaseline = "middle"; g.textAlign = "right";
    for (const level of [0, 25, 50, 75, 100]) {
      const y = pad + (1 - level / 100) * (h - 2 * pad);
      g.fillStyle = level % 50 ? "rgba(255,255,255,.1)" : "rgba(255,255,255,.26)"; g.fillRect(left, Math.round(y), w - left, 1);
      g.fillStyle = "#a09d96"; g.fillText(String(level), left - h * 0.04, y);
    }
  }
  drawVector(turned) {
    const to = this.turned.data;
    for (let x = 0, i = 0; x < LEVELS * LEVELS; x++, i += 4) {
      const bright = 1 - Math.exp(-GAIN * 0.8 * turned[x]);
      to[i] = bright * this.hues[x * 3]; to[i + 1] = bright * this.hues[x * 3 + 1]; to[i + 2] = bright * this.hues[x * 3 + 2]; to[i + 3] = 255;
    }
    const { g, w, h } = stage(this.vector), size = Math.min(w, h), x = (w - size) / 2, y = (h - size) / 2, place = (cb, cr) => [x + size * (0.5 + cb), y + size * (0.5 - cr)];
    g.save(); g.beginPath(); g.arc(x + size / 2, y + size / 2, size / 2, 0, 7); g.clip(); paste(g, this.turned, x, y, size, size); g.restore();
    g.strokeStyle = "rgba(255,255,255,.2)"; g.lineWidth = 1; g.beginPath(); g.arc(x + size / 2, y + size / 2, size / 2 - 1, 0, 7);
    g.moveTo(x, y + size / 2); g.lineTo(x + size, y + size / 2); g.moveTo(x + size / 2, y); g.lineTo(x + size / 2, y + size); g.stroke();
    g.strokeStyle = "rgba(244,234,208,.5)"; g.beginPath(); g.moveTo(x + size / 2, y + size / 2); // skin, 123 degrees
    g.lineTo(...place(0.47 * Math.cos(123 * Math.PI / 180), 0.47 * Math.sin(123 * Math.PI / 180))); g.stroke();
    g.font = `600 ${Math.max(9, size * 0.058)}px ui-sans-serif, "Liberation Sans", Arial, sans-serif`; g.textAlign = "center"; g.textBaseline = "middle";
    for (const [name, rgb] of Object.entries(PRIMARIES)) {
      const [r, gr, b] = rgb.map((one) => one * 0.75), at = luma(r, gr, b), [px, py] = place(blue(b, at), red(r, at)), box = size * 0.024;
      g.strokeStyle = "rgba(255,255,255,.5)"; g.strokeRect(px - box, py - box, 2 * box, 2 * box);
      const away = 1.2; g.fillStyle = "#c9c6bf"; g.fillText(name, ...place(blue(b, at) * away, red(r, at) * away));
    }
  }
}

// Counts by place. ``data`` is RGBA of WIDE x HIGH; codes 0..255.
export function count(data, kind) {
  const waved = new Uint16Array(WIDE * LEVELS), turned = new Uint16Array(LEVELS * LEVELS), third = WIDE / 3;
  let least = 255, most = 0, sum = 0;
  for (let i = 0, at = 0; i < data.length; i += 4, at++) {
    const r = data[i], g = data[i + 1], b = data[i + 2], y = luma(r, g, b), column = at % WIDE;
    least = Math.min(least, y); most = Math.max(most, y); sum += y;
    if (kind === "parade") {
      const x = Math.floor(column / 3);
      waved[(255 - r) * WIDE + x]++; waved[(255 - g) * WIDE + third + x]++; waved[(255 - b) * WIDE + 2 * third + x]++;
    } else waved[(255 - Math.round(y)) * WIDE + column]++;
    turned[Math.round(127.5 - red(r, y)) * LEVELS + Math.round(127.5 + blue(b, y))]++;
  }
  return { waved, turned, least, most, mean: sum / (data.length / 4), kind };
}

function stage(canvas) {
  const w = Math.round(canvas.clientWidth * devicePixelRatio), h = Math.round(canvas.clientHeight * devicePixelRatio);
  if (canvas.width !== w || canvas.height !== h) { canvas.width = w; canvas.height = h; }
  const g = canvas.getContext("2d");
  g.clearRect(0, 0, w, h);
  return { g, w, h };
}
function paste(g, data, x, y, w, h) {
  const from = new OffscreenCanvas(data.width, data.height);
  from.getContext("2d").putImageData(data, 0, 0);
  g.imageSmoothingQuality = "high"; g.drawImage(from, x, y, w, h);
}
// The colour of each place of the vectorscope, at one lightness.
function hues() {
  const made = new Uint8ClampedArray(LEVELS * LEVELS * 3), y = 150;
  for (let row = 0, i = 0; row < LEVELS; row++) for (let column = 0; column < LEVELS; column++, i += 3) {
    const b = y + (column - 127.5) * 1.8556, r = y + (127.5 - row) * 1.5748;
    made[i] = r; made[i + 1] = (y - 0.2126 * r - 0.0722 * b) / 0.7152; made[i + 2] = b;
  }
  return made;
}
