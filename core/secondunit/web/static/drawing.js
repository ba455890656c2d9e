// Drawing over a frame: by hand, an arrow, a box; with the pointer or by keys. What is drawn is
// kept as places of the picture, 0..1 from top left.
import { W } from "./words.js";
import { clamp } from "./dom.js";

const TOOLS = ["line", "arrow", "box"], MOST_POINTS = 3500, MOST_STROKES = 60, NEAR = 0.003, STEP = 0.025, FINE = 0.005;
const INK = "#f2c14e", EDGE = "rgba(12,12,12,.72)";

export class Drawing {
  // ``player`` says where pictures lie; ``changed`` hears what is to be said of it.
  constructor(canvas, player, changed) {
    Object.assign(this, { canvas, player, changed, on: false, tool: "box", strokes: [], stroke: null, at: [0.5, 0.5], keyed: false, hidden: false });
    canvas.addEventListener("pointerdown", (event) => { if (!this.on) return; canvas.setPointerCapture(event.pointerId); this.keyed = false; this.at = this.place(event); this.down(); });
    canvas.addEventListener("pointermove", (event) => { if (!this.on || !event.buttons || !this.stroke) return; this.at = this.place(event); this.drag(); });
    canvas.addEventListener("pointerup", () => { if (this.on && this.stroke) this.up(); });
  }
  begin() { Object.assign(this, { on: true, strokes: [], stroke: null, keyed: true, at: [0.5, 0.5] }); this.say(); }
  end() { Object.assign(this, { on: false, strokes: [], stroke: null }); this.canvas.classList.remove("pen"); this.say(); }
  choose(tool) { this.stroke = null; this.tool = tool; this.say(); }
  undo() { if (this.stroke) this.stroke = null; else this.strokes.pop(); this.say(); }
  // One press sets the pen down, the next lifts it.
  press() { this.keyed = true; if (this.stroke) this.up(); else this.down(); }
  move(key, fine) {
    const by = fine ? FINE : STEP, [x, y] = this.at;
    this.keyed = true;
    this.at = [clamp(x + (key === "ArrowRight" ? by : key === "ArrowLeft" ? -by : 0), 0, 1), clamp(y + (key === "ArrowDown" ? by : key === "ArrowUp" ? -by : 0), 0, 1)];
    if (this.stroke) this.drag(); else this.say();
  }
  down() {
    if (this.strokes.length >= MOST_STROKES) { this.changed(W.draw.full); return; }
    this.stroke = { mark: this.tool, points: this.tool === "line" ? [this.at] : [this.at, this.at] };
    this.say();
  }
  drag() {
    const { points } = this.stroke, last = points[points.length - 1];
    if (this.stroke.mark !== "line") points[1] = this.at;
    else if (Math.hypot(this.at[0] - last[0], this.at[1] - last[1]) >= NEAR && this.count() < MOST_POINTS) points.push(this.at);
    this.say();
  }
  up() {
    const { mark, points } = this.stroke, [a, b] = [points[0], points[points.length - 1]];
    if (mark === "line" || Math.hypot(a[0] - b[0], a[1] - b[1]) > 2 * NEAR) this.strokes.push(this.stroke);
    this.stroke = null;
    this.say();
  }
  count() { return [...this.strokes, this.stroke].reduce((sum, one) => sum + (one?.points.length ?? 0), 0); }
  // As it is sent: four places behind the point are finer than a pixel of a 4K picture.
  drawn() { const fine = (n) => Math.round(clamp(n, 0, 1) * 1e4) / 1e4; return this.strokes.map(({ mark, points }) => ({ mark, points: points.map(([x, y]) => [fine(x), fine(y)]) })); }
  place(event) {
    const shown = this.canvas.getBoundingClientRect(), box = this.player.boxes[0] ?? { x: 0, y: 0, w: this.canvas.width, h: this.canvas.height }, scale = this.canvas.width / shown.width;
    return [clamp(((event.clientX - shown.left) * scale - box.x) / box.w, 0, 1), clamp(((event.clientY - shown.top) * scale - box.y) / box.h, 0, 1)];
  }
  say() {
    this.canvas.classList.toggle("pen", this.on);
    this.changed(this.on ? W.draw.where(W.draw.tools[this.tool], Math.round(this.at[0] * 100), Math.round(this.at[1] * 100), this.stroke !== null, this.strokes.length) : "");
    this.player.draw();
  }

  // Over the pictures: what notes say of this frame, and what is being drawn. ``notes`` by take.
  draw(notes) {
    const c = this.canvas, g = c.getContext("2d"), from = this.player.canvas, box = this.player.boxes[0];
    const told = this.hidden ? [] : this.player.boxes.map((one) => [one, one ? notes(one.id) : []]).filter(([, said]) => said.length);
    const blank = !told.length && !(this.on && box);
    c.classList.toggle("blank", blank); // a layer that nobody sees is not laid over every frame
    if (blank && this.clean) return;
    if (c.width !== from.width || c.height !== from.height) { c.width = from.width; c.height = from.height; }
    g.clearRect(0, 0, c.width, c.height);
    this.clean = blank;
    g.save();
    if (box && this.player.mode === "wipe") { g.beginPath(); g.rect(box.x, box.y, box.w * this.player.wipe, box.h); g.clip(); } // it is about take A
    for (const [one, said] of told) for (const note of said) for (const stroke of note.drawn) ink(g, stroke, one);
    g.restore();
    if (!this.on || !box) return;
    for (const stroke of [...this.strokes, ...(this.stroke ? [this.stroke] : [])]) ink(g, stroke, box);
    if (this.keyed) cross(g, box.x + this.at[0] * box.w, box.y + this.at[1] * box.h, box.w / 40);
  }
  keys(note, leave) {
    const tool = (key, name) => ({ key, says: W.draw.tools[name], foot: true, does: () => this.choose(name) });
    return [{ title: W.draw.title, keys: [
      { key: "ArrowLeft", shown: "← ↑ ↓ →", also: ["ArrowRight", "ArrowUp", "ArrowDown"], says: W.draw.move, foot: true, does: (key) => this.move(key, false) },
      { key: "Shift+ArrowLeft", shown: "⇧ ← →", also: ["Shift+ArrowRight", "Shift+ArrowUp", "Shift+ArrowDown"], says: W.draw.fine, does: (key) => this.move(key.slice(6), true) },
      { key: " ", shown: "Space", says: W.draw.press, foot: true, does: () => this.press() },
      tool("b", "box"), tool("a", "arrow"), tool("l", "line"),
      { key: "Backspace", shown: "⌫", says: W.draw.undo, foot: true, does: () => this.undo() },
      { key: "Enter", shown: "Enter", says: W.draw.note, foot: true, does: note }, { key: "Escape", shown: "Esc", says: W.draw.leave, foot: true, does: leave },
      { key: "s", also: ["q", "h"], does: () => this.say() }, // no other view takes the drawing away
    ] }];
  }
}

function ink(g, { mark, points }, box) {
  const at = ([x, y]) => [box.x + x * box.w, box.y + y * box.h], wide = Math.max(2, box.w / 320), [a, b] = [at(points[0]), at(points[points.length - 1])];
  g.lineCap = g.lineJoin = "round";
  for (const [style, width] of [[EDGE, wide * 2.2], [INK, wide]]) {
    g.strokeStyle = style; g.lineWidth = width; g.beginPath();
    if (mark === "box") g.rect(Math.min(a[0], b[0]), Math.min(a[1], b[1]), Math.abs(b[0] - a[0]), Math.abs(b[1] - a[1]));
    else { g.moveTo(...a); for (const point of points.slice(1)) g.lineTo(...at(point)); if (points.length === 1) g.lineTo(a[0] + 0.1, a[1]); }
    if (mark === "arrow") {
      const way = Math.atan2(b[1] - a[1], b[0] - a[0]), head = Math.min(box.w / 28, 0.5 * Math.hypot(b[0] - a[0], b[1] - a[1]));
      for (const side of [-0.5, 0.5]) { g.moveTo(...b); g.lineTo(b[0] - head * Math.cos(way + side), b[1] - head * Math.sin(way + side)); }
    }
    g.stroke();
  }
}
function cross(g, x, y, size) {
  for (const [style, width] of [[EDGE, 4], ["#fff", 1.5]]) {
    g.strokeStyle = style; g.lineWidth = width; g.beginPath();
    g.moveTo(x - size, y); g.lineTo(x + size, y); g.moveTo(x, y - size); g.lineTo(x, y + size); g.stroke();
  }
}
