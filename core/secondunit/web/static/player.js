// Frames on a canvas: stepping, J-K-L, loop, in and out; one take or several in step.
import { clamp } from "./dom.js";
import { Frames } from "./frames.js";

const AHEAD = 20, MADE_AHEAD = 3, PICTURES = 72, SHEET_PICTURES = 240, WIDTHS = [240, 640, 1280], FINE = 1920, REST_MS = 220, SCREEN_MS = 12;

export class Player {
  constructor(canvas, changed) {
    this.canvas = canvas; this.changed = changed; this.context = canvas.getContext("2d", { alpha: false });
    this.frames = new Frames((url) => this.came(url));
    Object.assign(this, { panes: [], mode: "single", frame: 1001, first: 1001, last: 1001, in: null, out: null, speed: 0, loop: true, fps: 24, stops: 0, gamma: 1, view: 0, show: "take", wipe: 0.5, shown: [], boxes: [], over: null, rested: 0 });
    this.tick = this.tick.bind(this);
  }

  // Panes are takes with frames; they play in step, counted from 1001. A pane may say itself which
  // picture a frame is, as the cut does, which is made of several takes.
  put(panes, fps) {
    this.panes = panes; this.fps = fps;
    this.frames.most = panes.length > 4 ? SHEET_PICTURES : PICTURES;
    const ranges = panes.map((p) => p.frames);
    this.first = Math.min(...ranges.map((r) => r[0])); this.last = Math.max(...ranges.map((r) => r[1]));
    this.go(clamp(this.frame, this.first, this.last));
  }
  set(more) { Object.assign(this, more); this.go(this.frame); }
  url(pane, frame, wide = this.wide()) {
    const at = pane.at ? pane.at(frame) : { id: pane.id, frame: clamp(frame, ...pane.frames) };
    const ev = this.stops ? `&ev=${this.stops.toFixed(2)}` : "", gamma = this.gamma !== 1 ? `&gamma=${this.gamma.toFixed(2)}` : "", view = this.view ? `&view=${this.view}` : "";
    const what = at.show ?? (this.show !== "take" && pane.receipt ? this.show : ""), show = what ? `&show=${what}` : "";
    return `/frames/${at.id}/${at.frame}.jpg?w=${wide}${ev}${gamma}${view}${show}`;
  }
  wide() {
    if (this.asked !== undefined && this.speed) return this.asked; // a layout for every picture that is asked for would be dear
    const across = this.mode === "sheet" ? this.grid().across : this.panes.length > 2 ? 2 : 1, room = this.canvas.clientWidth * devicePixelRatio / across;
    return this.asked = this.mode === "sheet" ? WIDTHS.find((w) => w >= room * 0.8) ?? 1280 : 1280;
  }
  // At rest a large screen is given as many columns as it can show.
  fine() { return this.panes.length === 1 && !this.speed && this.canvas.clientWidth * devicePixelRatio > 1500 && (this.panes[0].wide ?? 0) > 1280; }
  start() { return this.in ?? this.first; }
  end() { return this.out ?? this.last; }

  go(frame) {
    this.frame = clamp(frame, this.first, this.last);
    clearTimeout(this.later);
    this.rested = 0;
    if (this.fine()) this.later = setTimeout(() => { this.rested = 1; this.ahead(); }, REST_MS);
    this.ahead(); this.draw(); this.changed();
  }
  step(by) { this.speed = 0; this.go(this.frame + by); }
  play(speed) {
    const was = this.speed;
    this.speed = speed;
    if (speed > 0 && this.frame >= this.end() || speed < 0 && this.frame <= this.start()) this.frame = speed > 0 ? this.start() : this.end();
    this.from = { frame: this.frame, at: performance.now() };
    if (!was && speed) requestAnimationFrame(this.tick);
    if (was && !speed) this.go(this.frame); else { this.ahead(); this.changed(); }
  }
  tick(now) {
    if (!this.speed || !this.canvas.isConnected) return;
    let next = this.from.frame + Math.trunc((now - this.from.at) / 1000 * this.fps * this.speed);
    const [start, end] = [this.start(), this.end()];
    if (next > end || next < start) {
      if (!this.loop) { this.speed = 0; this.go(next > end ? end : start); return; }
      next = this.speed > 0 ? start : end;
      this.from = { frame: next, at: now };
    }
    if (next !== this.frame) {
      if (this.panes.every((pane) => this.frames.has(this.url(pane, next)) || this.frames.failed.has(this.url(pane, next)))) { this.frame = next; this.draw(); this.changed(); }
      else this.from = { frame: this.frame, at: now }; // wait for it rather than jump
      this.ahead();
    }
    this.next();
  }
  // The screen is not woken between two frames of the take.
  next() {
    const done = (performance.now() - this.from.at) / 1000 * this.fps * Math.abs(this.speed), due = (1 - done % 1) / (this.fps * Math.abs(this.speed)) * 1000;
    setTimeout(() => requestAnimationFrame(this.tick), Math.max(0, due - SCREEN_MS));
  }
  ahead() {
    const way = this.speed < 0 ? -1 : 1, [start, end] = this.speed ? [this.start(), this.end()] : [this.first, this.last], span = end - start + 1;
    const plain = !this.stops && this.gamma === 1 && !this.view && this.show === "take"; // all else is made for us, at some cost
    const count = Math.max(1, Math.min(span, Math.floor(Math.min(plain || this.speed ? AHEAD : MADE_AHEAD, (this.frames.most - 8) / Math.max(1, this.panes.length)))));
    const urls = [];
    for (let i = 0; i < count; i++) {
      let at = this.frame + way * i;
      if (at > end || at < start) { if (!this.loop && this.speed) break; at = ((at - start) % span + span) % span + start; }
      for (const pane of this.panes) urls.push(this.url(pane, at));
    }
    for (const pane of this.panes) urls.splice(Math.min(urls.length, this.panes.length), 0, this.url(pane, this.frame - 1));
    if (this.rested && this.fine()) urls.unshift(this.url(this.panes[0], this.frame, FINE));
    this.frames.want(urls);
  }
  came(url) {
    if (this.panes.some((pane) => [1280, FINE, this.wide()].some((wide) => this.url(pane, this.frame, wide) === url))) { this.draw(); this.changed(); }
  }
  // The picture that a pane shows now, decoded.
  picture(index) {
    const pane = this.panes[index];
    return pane && this.frames.at(this.url(pane, this.frame));
  }

  draw() {
    const c = this.canvas, g = this.context, w = Math.round(c.clientWidth * devicePixelRatio), h = Math.round(c.clientHeight * devicePixelRatio);
    if (!w || !h) return;
    if (c.width !== w || c.height !== h) { c.width = w; c.height = h; }
    const fine = this.fine();
    const pictures = this.panes.map((pane, i) => {
      const found = (fine && this.frames.at(this.url(pane, this.frame, FINE))) || this.picture(i);
      if (found) this.shown[i] = { url: this.url(pane, this.frame), id: pane.id };
      return found ?? (this.shown[i]?.id === pane.id ? this.frames.at(this.shown[i].url) : undefined);
    });
    g.globalCompositeOperation = "source-over"; g.globalAlpha = 1;
    g.fillStyle = "#0c0c0c"; g.fillRect(0, 0, w, h);
    g.imageSmoothingQuality = this.speed ? "low" : "high"; // fine when it rests: drawing must leave the processor to what is being shot
    this.boxes = [];
    if (this.mode === "sheet") this.sheet(pictures, w, h);
    else if (this.mode === "tile" && this.panes.length > 1) this.tiles(pictures, w, h);
    else this.laid(pictures, w, h);
    const ready = this.panes.length && this.panes.every((pane) => this.frames.has(this.url(pane, this.frame)));
    if (ready) { c.dataset.shown = String(this.frame); c.dataset.takes = this.panes.map((p) => p.id).join(" "); c.dataset.mode = this.mode; c.dataset.look = `${this.show} ${this.stops.toFixed(2)}`; c.dataset.gamma = this.gamma.toFixed(2); }
    this.ready = Boolean(ready);
    this.over?.();
  }
  lay(index, picture, x, y, w, h) {
    const box = fit(picture, w, h), at = { x: x + box.x, y: y + box.y, w: box.w, h: box.h };
    if (picture) this.context.drawImage(picture, at.x, at.y, at.w, at.h);
    this.boxes[index] = { id: this.panes[index].id, ...at };
    return at;
  }
  // Pictures beside each other; what room is left is around them, not between.
  packed(pictures, across, gap, w, h, pad = 0) {
    const down = Math.ceil(pictures.length / across), first = pictures.find(Boolean), shape = first ? first.height / first.width : 9 / 16;
    const cw = Math.min((w - 2 * pad - gap * (across - 1)) / across, (h - 2 * pad - gap * (down - 1)) / down / shape), ch = cw * shape;
    const left = (w - cw * across - gap * (across - 1)) / 2, top = (h - ch * down - gap * (down - 1)) / 2;
    return pictures.map((picture, i) => this.lay(i, picture, left + (i % across) * (cw + gap), top + Math.floor(i / across) * (ch + gap), cw, ch));
  }
  tiles(pictures, w, h) {
    const across = pictures.length === 2 && w < h * 1.9 ? 1 : 2;
    this.packed(pictures, across, Math.round(w / 320), w, h).forEach((at, i) => this.label(this.panes[i].label, at.x, at.y));
  }
  // As many columns as let the pictures be largest.
  grid() {
    const many = this.panes.length, w = this.canvas.clientWidth || 16, h = this.canvas.clientHeight || 9;
    let best = { across: 1, size: 0 };
    for (let across = 1; across <= many; across++) {
      const size = Math.min(w / across, h / Math.ceil(many / across) * 16 / 9);
      if (size > best.size) best = { across, size };
    }
    return best;
  }
  sheet(pictures, w, h) {
    const gap = Math.max(4, Math.round(w / 240)), g = this.context;
    this.packed(pictures, this.grid().across, gap, w, h, gap).forEach((at, i) => {
      const pane = this.panes[i];
      if (pane.dim) { g.fillStyle = "rgba(12,12,12,.6)"; g.fillRect(at.x, at.y, at.w, at.h); }
      if (pane.chosen) { g.strokeStyle = "#f2c14e"; g.lineWidth = gap * 0.7; g.strokeRect(at.x, at.y, at.w, at.h); }
      if (pane.tone) this.dot(at, pane.tone, pane.ring);
      this.label(pane.label, at.x, at.y, false, Math.max(11, Math.min(at.h / 9, h / 44)));
    });
  }
  dot({ x, y, w, h }, tone, ring) {
    const g = this.context, r = Math.max(5, h / 18);
    g.beginPath(); g.arc(x + w - 1.9 * r, y + 1.9 * r, r, 0, 7); g.fillStyle = ring ? "rgba(12,12,12,.7)" : tone; g.fill();
    g.lineWidth = r * 0.45; g.strokeStyle = ring ? tone : "rgba(12,12,12,.7)"; g.stroke();
  }
  laid(pictures, w, h) {
    const [a, b] = pictures, g = this.context;
    if (!a) return;
    const box = this.lay(0, a, 0, 0, w, h);
    this.box = { x: box.x / w, w: box.w / w };
    if (!b || this.mode === "single" || this.mode === "cut") return;
    if (this.mode === "wipe") {
      const x = box.x + box.w * this.wipe;
      g.save(); g.beginPath(); g.rect(x, 0, w - x, h); g.clip(); g.drawImage(b, box.x, box.y, box.w, box.h); g.restore();
      g.fillStyle = "#f2c14e"; g.fillRect(Math.round(x) - 1, box.y, 2, box.h);
      this.label(this.panes[0].label, box.x, box.y); this.label(this.panes[1].label, box.x + box.w, box.y, true);
    } else if (this.mode === "difference") {
      g.globalCompositeOperation = "difference"; g.drawImage(b, box.x, box.y, box.w, box.h);
      g.globalCompositeOperation = "lighter"; // four times as bright: small differences are seen
      for (let i = 0; i < 2; i++) g.drawImage(this.canvas, box.x, box.y, box.w, box.h, box.x, box.y, box.w, box.h);
      g.globalCompositeOperation = "source-over";
    } else if (this.mode === "onion") {
      g.globalAlpha = 0.5; g.drawImage(b, box.x, box.y, box.w, box.h); g.globalAlpha = 1;
    }
  }
  label(text, x, y, right = false, size = Math.max(12, this.canvas.height / 52)) {
    const g = this.context;
    g.font = `600 ${size}px ui-sans-serif, "Helvetica Neue", "Liberation Sans", Arial, sans-serif`;
    const wide = g.measureText(text).width + size, left = right ? x - wide - size * 0.6 : x + size * 0.6;
    g.fillStyle = "rgba(12,12,12,.78)"; g.fillRect(left, y + size * 0.6, wide, size * 1.7);
    g.fillStyle = "#e8e6e1"; g.textBaseline = "middle"; g.fillText(text, left + size / 2, y + size * 1.47);
  }
  leave() { clearTimeout(this.later); this.speed = 0; this.panes = []; this.frames.leave(); }
}

function fit(picture, w, h) {
  const pw = picture?.width ?? 16, ph = picture?.height ?? 9, scale = Math.min(w / pw, h / ph);
  return { x: (w - pw * scale) / 2, y: (h - ph * scale) / 2, w: pw * scale, h: ph * scale };
}
