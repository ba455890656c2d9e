// Frames on a canvas: stepping, J-K-L, loop, in and out; one take or several in step.
import { clamp } from "./dom.js";

const PICTURES = 72, FILES = 900, AHEAD = 20, AT_ONCE = 4;

class Frames {
  // Files are kept as they came, the latest also decoded. What fails once is not asked again soon.
  constructor(arrived) { this.files = new Map(); this.pictures = new Map(); this.asked = new Set(); this.line = []; this.failed = new Map(); this.arrived = arrived; }
  has(url) { return this.pictures.has(url); }
  at(url) {
    const found = this.pictures.get(url);
    if (found) { this.pictures.delete(url); this.pictures.set(url, found); }
    return found;
  }
  want(urls) {
    this.line = urls.filter((url) => !this.pictures.has(url) && !this.asked.has(url) && !(this.failed.get(url) > Date.now()));
    this.feed();
  }
  feed() {
    while (this.asked.size < AT_ONCE && this.line.length) this.read(this.line.shift());
  }
  async read(url) {
    this.asked.add(url);
    try {
      let file = this.files.get(url);
      if (!file) {
        const answer = await fetch(url);
        if (!answer.ok) throw (await answer.json()).error;
        file = await answer.blob();
        this.files.set(url, file);
        if (this.files.size > FILES) this.files.delete(this.files.keys().next().value);
      }
      this.pictures.set(url, await createImageBitmap(file));
      if (this.pictures.size > PICTURES) {
        const [old, picture] = this.pictures.entries().next().value;
        this.pictures.delete(old); picture.close();
      }
    } catch (error) {
      this.failed.set(url, Date.now() + 4000); this.error = error;
    } finally {
      this.asked.delete(url);
      this.arrived(url); this.feed();
    }
  }
  leave() { this.line = []; this.pictures.forEach((p) => p.close()); this.pictures.clear(); this.files.clear(); }
}

export class Player {
  constructor(canvas, changed) {
    this.canvas = canvas; this.changed = changed; this.context = canvas.getContext("2d", { alpha: false });
    this.frames = new Frames((url) => this.came(url));
    Object.assign(this, { panes: [], mode: "single", frame: 1001, first: 1001, last: 1001, in: null, out: null, speed: 0, loop: true, fps: 24, stops: 0, view: 0, show: "take", wipe: 0.5, shown: [] });
    this.tick = this.tick.bind(this);
  }

  // Panes are takes with frames; they play in step, counted from 1001.
  put(panes, fps) {
    this.panes = panes; this.fps = fps;
    const ranges = panes.map((p) => p.frames);
    this.first = Math.min(...ranges.map((r) => r[0])); this.last = Math.max(...ranges.map((r) => r[1]));
    this.go(clamp(this.frame, this.first, this.last));
  }
  set(more) { Object.assign(this, more); this.go(this.frame); }
  url(pane, frame) {
    const ev = this.stops ? `&ev=${this.stops.toFixed(2)}` : "", view = this.view ? `&view=${this.view}` : "", show = this.show !== "take" && pane.receipt ? `&show=${this.show}` : "";
    return `/frames/${pane.id}/${clamp(frame, ...pane.frames)}.jpg?w=${this.wide()}${ev}${view}${show}`;
  }
  wide() { return this.canvas.clientWidth * devicePixelRatio > 1500 && this.panes.length === 1 ? 1920 : 1280; }
  start() { return this.in ?? this.first; }
  end() { return this.out ?? this.last; }

  go(frame) {
    this.frame = clamp(frame, this.first, this.last);
    this.ahead(); this.draw(); this.changed();
  }
  step(by) { this.speed = 0; this.go(this.frame + by); }
  play(speed) {
    const was = this.speed;
    this.speed = speed;
    if (speed > 0 && this.frame >= this.end() || speed < 0 && this.frame <= this.start()) this.frame = speed > 0 ? this.start() : this.end();
    this.from = { frame: this.frame, at: performance.now() };
    if (!was && speed) requestAnimationFrame(this.tick);
    this.ahead(); this.changed();
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
    requestAnimationFrame(this.tick);
  }
  ahead() {
    const way = this.speed < 0 ? -1 : 1, [start, end] = this.speed ? [this.start(), this.end()] : [this.first, this.last], span = end - start + 1;
    const count = Math.min(span, Math.floor(Math.min(AHEAD, (PICTURES - 8) / Math.max(1, this.panes.length))));
    const urls = [];
    for (let i = 0; i < count; i++) {
      let at = this.frame + way * i;
      if (at > end || at < start) { if (!this.loop && this.speed) break; at = ((at - start) % span + span) % span + start; }
      for (const pane of this.panes) urls.push(this.url(pane, at));
    }
    for (const pane of this.panes) urls.splice(Math.min(urls.length, this.panes.length), 0, this.url(pane, this.frame - 1));
    this.frames.want(urls);
  }
  came(url) {
    if (this.panes.some((pane) => this.url(pane, this.frame) === url)) { this.draw(); this.changed(); }
  }

  draw() {
    const c = this.canvas, g = this.context, w = Math.round(c.clientWidth * devicePixelRatio), h = Math.round(c.clientHeight * devicePixelRatio);
    if (!w || !h) return;
    if (c.width !== w || c.height !== h) { c.width = w; c.height = h; }
    const pictures = this.panes.map((pane, i) => {
      const found = this.frames.at(this.url(pane, this.frame));
      if (found) this.shown[i] = { url: this.url(pane, this.frame), id: pane.id };
      return found ?? (this.shown[i]?.id === pane.id ? this.frames.at(this.shown[i].url) : undefined);
    });
    g.globalCompositeOperation = "source-over"; g.globalAlpha = 1;
    g.fillStyle = "#0c0c0c"; g.fillRect(0, 0, w, h);
    g.imageSmoothingQuality = "high";
    if (this.mode === "tile" && this.panes.length > 1) this.tiles(pictures, w, h);
    else this.laid(pictures, w, h);
    const ready = this.panes.length && this.panes.every((pane) => this.frames.has(this.url(pane, this.frame)));
    if (ready) { c.dataset.shown = String(this.frame); c.dataset.takes = this.panes.map((p) => p.id).join(" "); c.dataset.mode = this.mode; c.dataset.look = `${this.show} ${this.stops.toFixed(2)}`; }
    this.ready = Boolean(ready);
  }
  tiles(pictures, w, h) {
    const many = this.panes.length, across = many === 2 && w < h * 1.9 ? 1 : 2, down = Math.ceil(many / across), gap = Math.round(w / 320);
    pictures.forEach((picture, i) => {
      const tw = (w - gap * (across - 1)) / across, th = (h - gap * (down - 1)) / down;
      const box = fit(picture, tw, th), x = (i % across) * (tw + gap) + box.x, y = Math.floor(i / across) * (th + gap) + box.y;
      if (picture) this.context.drawImage(picture, x, y, box.w, box.h);
      this.label(this.panes[i].label, x, y);
    });
  }
  laid(pictures, w, h) {
    const [a, b] = pictures, g = this.context;
    if (!a) return;
    const box = fit(a, w, h);
    this.box = { x: box.x / w, w: box.w / w };
    g.drawImage(a, box.x, box.y, box.w, box.h);
    if (!b || this.mode === "single") return;
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
  label(text, x, y, right = false) {
    const g = this.context, size = Math.max(12, this.canvas.height / 52);
    g.font = `600 ${size}px ui-sans-serif, "Helvetica Neue", "Liberation Sans", Arial, sans-serif`;
    const wide = g.measureText(text).width + size, left = right ? x - wide - size * 0.6 : x + size * 0.6;
    g.fillStyle = "rgba(12,12,12,.78)"; g.fillRect(left, y + size * 0.6, wide, size * 1.7);
    g.fillStyle = "#e8e6e1"; g.textBaseline = "middle"; g.fillText(text, left + size / 2, y + size * 1.47);
  }
  leave() { this.speed = 0; this.panes = []; this.frames.leave(); }
}

function fit(picture, w, h) {
  const pw = picture?.width ?? 16, ph = picture?.height ?? 9, scale = Math.min(w / pw, h / ph);
  return { x: (w - pw * scale) / 2, y: (h - ph * scale) / 2, w: pw * scale, h: ph * scale };
}
