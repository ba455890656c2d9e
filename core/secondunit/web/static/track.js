// The line of a take's frames under the picture: handles, findings, notes, in and out, the cut.
import { W } from "./words.js";
import { clamp, make, percent } from "./dom.js";

export class Track {
  constructor(player) {
    this.player = player;
    this.box = make("div", { className: "track", role: "slider", tabIndex: 0, "aria-label": W.shot.scrub });
    const scrub = (event) => { const box = this.box.getBoundingClientRect(); player.speed = 0; player.go(Math.floor(player.first + clamp((event.clientX - box.left) / box.width, 0, 0.9999) * (player.last - player.first + 1))); };
    this.box.addEventListener("pointerdown", (event) => { this.box.setPointerCapture(event.pointerId); scrub(event); });
    this.box.addEventListener("pointermove", (event) => { if (event.buttons) scrub(event); });
  }
  at(frame) { return (frame - this.player.first) / Math.max(1, this.player.last - this.player.first + 1); }
  band(className, a, b, title, text) {
    const from = Math.max(a, this.player.first), to = Math.min(b, this.player.last);
    return from > to ? "" : make("i", { className, title, set: { left: percent(this.at(from)), width: percent(this.at(to + 1) - this.at(from)) } }, text ? make("span", {}, text) : null);
  }
  mark(shot, t) {
    if (!t?.frames) { this.box.replaceChildren(); return; }
    const { band } = { band: this.band.bind(this) }, cut = this.player.panes[0]?.parts;
    this.box.classList.toggle("cut", Boolean(cut));
    this.box.replaceChildren(
      ...(cut ? cut.map((part) => band(part.own ? "part own" : "part", part.first, part.last, part.name || W.cut[part.show], part.name || W.cut[part.show])) : []),
      t.handles[0] && !cut ? band("handle", t.frames[0], t.frames[0] + t.handles[0] - 1, W.shot.head) : "", t.handles[1] && !cut ? band("handle", t.frames[1] - t.handles[1] + 1, t.frames[1], W.shot.tail) : "",
      ...t.findings.filter((f) => f.asks).flatMap((f) => f.frames.map(([a, b]) => band(`found ${f.outcome}`, a, b, f.sentence))),
      ...t.said.filter((one) => one.what === "note").flatMap((one) => (one.body.frames ?? []).map(([a, b]) => band("noted", a, b, one.body.text))),
      make("i", { className: "range" }), make("b", { className: "head" }));
  }
  moved(said) {
    const { player } = this, [range, head] = [this.box.querySelector(".range"), this.box.querySelector(".head")], from = this.at(player.start());
    range?.style.setProperty("left", percent(from)); range?.style.setProperty("width", percent(this.at(player.end() + 1) - from));
    range?.classList.toggle("set", player.in !== null || player.out !== null);
    head?.style.setProperty("left", percent(this.at(player.frame + 0.5)));
    if (player.speed) return; // nobody is told of every frame that plays
    for (const [name, value] of [["aria-valuemin", player.first], ["aria-valuemax", player.last], ["aria-valuenow", player.frame], ["aria-valuetext", said]]) this.box.setAttribute(name, String(value));
  }
}
