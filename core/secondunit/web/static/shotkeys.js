// The keys of the shot view.
import { W } from "./words.js";
import { clamp } from "./dom.js";

const THIRD = 1 / 3;

export function keys(on) {
  const { player } = on, step = { ArrowLeft: -1, ArrowRight: 1, "Shift+ArrowLeft": -10, "Shift+ArrowRight": 10 };
  return [
    { title: W.key.watch, keys: [
      { key: " ", shown: "Space", says: W.key.play, foot: true, does: () => player.play(player.speed ? 0 : 1) },
      { key: "j", says: W.key.back, does: () => on.shuttle(-1) }, { key: "k", says: W.key.stop, does: () => player.play(0) }, { key: "l", says: W.key.forward, does: () => on.shuttle(1) },
      { key: "ArrowLeft", shown: "← →", also: ["ArrowRight"], says: W.key.step, foot: true, does: (key) => player.step(step[key]) },
      { key: "Shift+ArrowLeft", shown: "⇧ ← →", also: ["Shift+ArrowRight"], says: W.key.leap, does: (key) => player.step(step[key]) },
      { key: "Home", shown: "Home End", also: ["End"], says: W.key.ends, does: (key) => player.step(key === "Home" ? -1e9 : 1e9) },
      { key: "i", says: W.key.in, does: () => player.set({ in: player.frame, out: player.out !== null && player.out < player.frame ? null : player.out }) },
      { key: "o", says: W.key.out, does: () => player.set({ out: player.frame, in: player.in !== null && player.in > player.frame ? null : player.in }) },
      { key: "u", says: W.key.clear, does: () => player.set({ in: null, out: null }) },
      { key: "p", says: W.key.loop, does: () => player.set({ loop: !player.loop }) },
      { key: "f", says: W.key.cut, foot: true, does: on.cut },
    ] },
    { title: W.key.picture, keys: [
      { key: "e", shown: "E ⇧E", also: ["Shift+e"], says: W.key.exposure, does: (key) => on.expose(key === "e" ? THIRD : -THIRD) },
      { key: "=", shown: "− +", also: ["-", "+"], says: W.key.gamma, does: (key) => on.bend(key === "-" ? -0.1 : 0.1) },
      { key: "0", says: W.key.reset, does: on.reset },
      { key: "v", says: W.key.view, does: on.view }, { key: "z", says: W.key.outside, does: () => on.show("outside") }, { key: "b", says: W.key.plate, does: () => on.show("plate") },
      { key: "y", says: W.key.scopes, foot: true, does: on.scopes }, { key: "Shift+y", shown: "⇧Y", says: W.key.parade, does: on.parade },
      { key: "Shift+h", shown: "⇧H", says: W.key.drawn, does: on.hide },
    ] },
    { title: W.key.compare, keys: [
      { key: "ArrowUp", shown: "↑ ↓", also: ["ArrowDown"], says: W.key.take, foot: true, does: (key) => on.moveTake(key) },
      { key: "1", shown: "1 – 9", also: ["2", "3", "4", "5", "6", "7", "8", "9"], says: W.key.number, does: (key) => on.choose(Number(key)) },
      { key: "m", says: W.key.mode, foot: true, does: on.nextMode },
      { key: "t", says: W.key.four, does: on.four }, { key: "Shift+t", shown: "⇧T", says: W.key.sheet, foot: true, does: on.sheet }, { key: "a", says: W.key.other, does: on.other },
      { key: "Enter", shown: "Enter", says: W.key.single, does: () => on.mode("single") },
      { key: ",", shown: ", .", also: ["."], says: W.key.wipe, does: (key) => player.set({ wipe: clamp(player.wipe + (key === "," ? -0.04 : 0.04), 0, 1) }) },
      { key: "PageDown", shown: "Page ↑ ↓", also: ["PageUp"], says: W.key.side, does: (key) => on.side(key === "PageDown" ? 1 : -1) },
      { key: "[", shown: "[ ]", also: ["]"], says: W.key.shots, does: (key) => on.moveShot(key === "[" ? -1 : 1) },
    ] },
    { title: W.key.decide, keys: [
      { key: "c", says: `${W.key.circle}, ${W.key.recall.toLowerCase()}`, does: () => on.act("circle", "recall") },
      { key: "Shift+c", shown: "⇧C", says: W.key.promote, does: () => on.act("promote") },
      { key: "x", says: W.key.reject, does: () => on.act("reject") }, { key: "n", says: W.key.note, does: () => on.act("note") },
      { key: "Shift+n", shown: "⇧N", says: W.key.draw, foot: true, does: on.draw },
      { key: "r", says: W.key.reshoot, does: () => on.act("reshoot") }, { key: "w", says: W.key.waive, does: () => on.act("waive") }, { key: "g", says: W.key.restore, does: () => on.act("restore") },
      { key: "d", says: `${W.key.cancel}, ${W.key.retry.toLowerCase()}`, does: () => on.act("cancel", "retry") },
    ] },
  ];
}
