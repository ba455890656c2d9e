// One shot: its takes, the player, what was found, who said what.
import { W } from "./words.js";
import { clamp, make, percent, picture, short, timecode, when } from "./dom.js";
import { ask as fetched, film, refuse } from "./store.js";
import { ask } from "./ask.js";
import { Player } from "./player.js";

const MODES = ["single", "tile", "wipe", "difference", "onion"], THIRD = 1 / 3, MOST_STOPS = 8;
const LETTER = "ABCD";

export function shotView(main, go, place) {
  let shot = null, chosen = "", others = [], many = 2, again = null;
  const list = make("ol", { className: "bin", role: "listbox", tabIndex: 0, "aria-label": W.shot.takes });
  const canvas = make("canvas", { role: "img", "aria-label": place.name });
  const nothing = make("p", { className: "nothing" });
  const clock = make("output", { className: "clock" }), counter = make("output", { className: "counter" }), state = make("p", { className: "state" });
  const track = make("div", { className: "track", role: "slider", tabIndex: 0, "aria-label": W.shot.scrub });
  const modes = make("div", { className: "modes", role: "group", "aria-label": W.shot.compare });
  const legend = make("p", { className: "legend" }), side = make("aside", { className: "side", tabIndex: 0, "aria-label": W.shot.known }), acts = make("div", { className: "deeds" });
  main.append(
    make("section", { className: "takes" }, make("h2", {}, W.shot.takes), list),
    make("section", { className: "screen" }, make("div", { className: "picture" }, canvas, nothing, legend), track,
      make("div", { className: "transport" }, clock, counter, state, modes)),
    make("section", { className: "told" }, side, acts));

  const player = new Player(canvas, moved);
  const take = () => shot?.takes.find((t) => t.id === chosen);
  const watchable = () => shot.takes.filter((t) => t.frames);

  async function load() {
    try {
      const first = !shot;
      shot = await fetched(`/shots/${place.guid}`);
      if (!main.contains(canvas)) return;
      const best = shot.takes.find((t) => t.state === "circled") ?? shot.takes.find((t) => t.state === "pending_review") ?? shot.takes.find((t) => t.state === "blocked") ?? shot.takes.find((t) => t.frames) ?? shot.takes[0];
      if (first || !take()) choose(best?.id ?? "", true); else redraw();
    } catch (error) { refuse(error); }
  }

  function choose(id, fresh) {
    chosen = id;
    others = others.filter((one) => one !== id);
    if (fresh && take()?.frames) player.frame = take().frames[0] + shot.handles[0];
    redraw();
  }

  function panes() {
    const now = take();
    if (!now?.frames) return [];
    const wanted = player.mode === "single" ? 1 : player.mode === "tile" ? many : 2, rest = watchable().filter((t) => t.id !== chosen && !others.includes(t.id));
    const picked = [now, ...others.map((id) => shot.takes.find((t) => t.id === id)).filter((t) => t?.frames), ...rest].slice(0, wanted);
    return picked.map((t, i) => ({ id: t.id, frames: t.frames, receipt: t.receipt, label: `${picked.length > 1 ? `${LETTER[i]}  ` : ""}${W.shot.take(t.number)}` }));
  }

  function redraw() {
    const now = panes(), fps = shot.rate[0] / shot.rate[1];
    if (now.length) player.put(now, fps); else { player.panes = []; player.draw(); }
    bin(); told(); deeds(); marks(); moved();
  }

  function bin() {
    const shown = player.panes.map((p) => p.id);
    list.replaceChildren(...shot.takes.map((t) => {
      const at = shown.indexOf(t.id), middle = t.frames ? Math.floor((t.frames[0] + t.frames[1]) / 2) : 0;
      return make("li", { id: `take-${t.id}`, role: "option", className: `one ${t.state}`, "aria-selected": String(t.id === chosen), onclick: () => choose(t.id),
        "aria-label": `${W.shot.take(t.number)}, ${W.state[t.state]}${t.open ? `, ${W.sequence.open(t.open)}` : ""}` },
        make("div", { className: "still" }, t.frames ? picture(`/frames/${t.id}/${middle}.jpg?w=240`) : make("span", { className: "slug" }, W.state[t.state]), at >= 0 && shown.length > 1 ? make("b", { className: "letter" }, LETTER[at]) : null),
        make("div", { className: "slate" }, make("b", {}, W.shot.take(t.number)), make("span", { className: "mark" }, W.state[t.state]), t.open ? make("i", {}, W.sequence.open(t.open)) : make("i", { className: "quiet" }, `${W.shot.seed.toLowerCase()} ${t.seed}`)));
    }));
    list.setAttribute("aria-activedescendant", `take-${chosen}`);
    document.getElementById(`take-${chosen}`)?.scrollIntoView({ block: "nearest" });
  }

  function told() {
    const t = take();
    if (!t) { side.replaceChildren(); return; }
    const pair = (name, value, title) => value === "" || value === null || value === undefined ? null : make("div", {}, make("dt", {}, name), make("dd", { title: title ?? null }, String(value)));
    const options = Object.entries(t.asked.options).map(([k, v]) => `${k} ${v}`).join(", ");
    side.replaceChildren(
      make("h2", {}, W.shot.take(t.number), make("em", { className: `mark ${t.state}` }, W.state[t.state])),
      t.junk ? make("p", { className: "warn" }, `${W.shot.junk}: ${t.junk}`) : "",
      t.error?.message ? make("p", { className: "warn" }, `${t.error.message}. ${t.error.hint}`) : "",
      t.asked.brief ? make("blockquote", {}, t.asked.brief) : "",
      make("dl", { className: "facts" }, pair(W.shot.generator, t.asked.generator), pair(W.shot.options, options), pair(W.shot.seed, t.seed), pair(W.shot.asked, t.asked.artist),
        pair(W.shot.picture, t.size ? `${t.size[0]} × ${t.size[1]} ${t.space}` : ""), pair(W.shot.confidence, t.confidence === null ? "" : t.confidence.toFixed(2)), pair(W.shot.device, t.seconds ? `${t.seconds.toFixed(1)} ${W.shot.seconds} ${t.device}` : ""), pair(W.shot.turnover, short(t.turnover), t.turnover)),
      ...versions(t), ...findings(t), ...history(t));
  }
  function versions(t) {
    const mine = shot.versions.filter((v) => v.take === t.id);
    if (!mine.length) return [];
    return [make("h3", {}, W.shot.versions), make("ul", { className: "versions" }, mine.map((v) => make("li", { className: v.state },
      make("b", {}, v.name), make("span", {}, `${W.kind[v.kind]} · ${v.state} · ${v.by} · ${when(v.at)}`), make("code", { title: v.record }, `${W.shot.record} ${short(v.record)}`))))];
  }
  function findings(t) {
    const asks = t.findings.filter((f) => f.asks), rest = t.findings.filter((f) => !f.asks), clear = rest.filter((f) => f.outcome === "clear").length;
    return [make("h3", {}, W.shot.findings, make("small", {}, t.findings.length ? `${W.shot.clear(clear)} · ${W.shot.unchecked(rest.filter((f) => f.outcome === "not_checked").length)}` : W.shot.noFindings)),
      make("ol", { className: "findings" }, asks.map((f) => make("li", { className: `${f.outcome}${f.open ? "" : " closed"}` },
        make("button", { onclick: () => { if (f.frames.length) player.step(f.frames[0][0] - player.frame); }, ondblclick: () => ask.waive(f) },
          make("em", {}, W.outcome[f.outcome]), make("span", {}, f.sentence),
          make("small", {}, [f.check, f.frames.length ? `${W.shot.frames} ${f.frames.map(([a, b]) => (a === b ? a : `${a}–${b}`)).join(", ")}` : W.shot.all, f.value !== null ? `${round(f.value)} ${f.unit} (${W.shot.limit} ${f.limit === null ? W.none : round(f.limit)})` : ""].filter(Boolean).join(" · "))),
        f.answered ? make("p", { className: "answered" }, `${W.answer[f.answered.answer]} · ${f.answered.by}: ${f.answered.reason}`) : null)))];
  }
  function history(t) {
    const words = (one) => {
      const b = one.body;
      if (one.what === "state") return W.said.state(W.state[b.state] ?? b.state);
      if (one.what === "circled") return W.said.circled(b.version);
      if (one.what === "version") return W.said.version(b.name);
      if (one.what === "version_state") return W.said.version_state(b.state);
      if (one.what === "waiver") return W.said.waiver(W.answer[b.answer] ?? b.answer);
      return W.said[one.what] ?? one.what;
    };
    return [make("h3", {}, W.shot.history), make("ol", { className: "history" }, [...t.said].reverse().map((one) => make("li", { title: one.seal },
      make("span", {}, make("b", {}, one.by || W.said.daemon), ` ${words(one)}`), make("time", {}, when(one.at)),
      one.body.text || one.body.reason ? make("p", {}, one.body.text || one.body.reason, one.body.frames?.length ? make("button", { className: "at", onclick: () => player.step(one.body.frames[0][0] - player.frame) }, one.body.frames.map(([a, b]) => (a === b ? a : `${a}–${b}`)).join(", ")) : null) : null)))];
  }
  function deeds() {
    const t = take(), deed = (key, name, on, className = "") => make("button", { className: `deed ${className}`, disabled: !on, onclick: () => act(name) }, W.do[name], make("kbd", {}, key));
    if (!t) { acts.replaceChildren(); return; }
    const can = possible(t);
    acts.replaceChildren(can.recall ? deed("C", "recall", true) : deed("C", "circle", can.circle, "pencil"), can.restore ? deed("G", "restore", true) : deed("X", "reject", can.reject), deed("N", "note", can.note), deed("R", "reshoot", true), deed("W", "waive", can.waive));
  }
  const live = (t) => shot.versions.find((v) => v.take === t.id && v.state !== "recalled");
  const possible = (t) => ({
    circle: ["pending_review", "blocked", "junk"].includes(t.state), recall: t.state === "circled" && Boolean(live(t)), reject: ["pending_review", "blocked", "junk"].includes(t.state),
    restore: t.state === "junk", note: Boolean(t.frames), reshoot: true, waive: t.findings.some((f) => f.open), cancel: ["waiting", "shooting", "checking"].includes(t.state), retry: ["failed", "cancelled"].includes(t.state),
  });
  function act(name) {
    const t = take();
    if (!t || !possible(t)[name]) return;
    player.play(0);
    if (name === "recall") ask.recall(live(t));
    else if (name === "waive") ask.waive(t.findings.find((f) => f.open));
    else if (name === "note") ask.note(shot, t, player.in !== null || player.out !== null ? [player.start(), player.end()] : [player.frame, player.frame]);
    else if (name === "retry") ask.retry(t);
    else ask[name](shot, t);
  }

  const at = (frame) => (frame - player.first) / Math.max(1, player.last - player.first + 1);
  function marks() {
    const t = take();
    if (!t?.frames) { track.replaceChildren(); return; }
    const band = (className, a, b, title) => make("i", { className, title, set: { left: percent(at(a)), width: percent(at(b + 1) - at(a)) } });
    track.replaceChildren(
      shot.handles[0] ? band("handle", t.frames[0], t.frames[0] + shot.handles[0] - 1, W.shot.head) : "", shot.handles[1] ? band("handle", t.frames[1] - shot.handles[1] + 1, t.frames[1], W.shot.tail) : "",
      ...t.findings.filter((f) => f.asks).flatMap((f) => f.frames.map(([a, b]) => band(`found ${f.outcome}`, a, b, f.sentence))),
      ...t.said.filter((one) => one.what === "note").flatMap((one) => (one.body.frames ?? []).map(([a, b]) => band("noted", a, b, one.body.text))),
      make("i", { className: "range" }), make("b", { className: "head" }));
  }
  function moved() {
    if (!shot || !player.panes.length) { clock.textContent = counter.textContent = state.textContent = ""; nothing.textContent = shot ? W.shot.nothing : ""; modeButtons(); return; }
    const t = take();
    nothing.textContent = player.ready || player.shown.length ? "" : player.frames.error?.message ?? W.shot.reading;
    clock.textContent = timecode(Math.max(0, shot.cut[0] - shot.handles[0]) + player.frame - t.frames[0], shot.rate, shot.drop);
    counter.replaceChildren(make("b", {}, String(player.frame)), ` ${W.shot.of} ${player.last}`);
    const parts = [player.speed ? `${player.speed < 0 ? "◀" : "▶"}${Math.abs(player.speed) > 1 ? ` ×${Math.abs(player.speed)}` : ""} ${shot.fps}` : `❚❚ ${shot.fps}`, player.loop ? W.shot.loop : W.shot.once];
    if (player.in !== null || player.out !== null) parts.push(`${W.shot.inside} ${player.start()} ${W.shot.out} ${player.end()}`);
    if (player.stops) parts.push(`${player.stops > 0 ? "+" : "−"}${Math.abs(player.stops).toFixed(2)} ${W.shot.stops}`);
    if (player.show === "plate") parts.push(W.shot.plate);
    parts.push(shot.views[player.view]);
    state.textContent = parts.join("  ·  ");
    legend.textContent = player.show === "outside" ? (t.receipt ? W.shot.legend : W.shot.noReceipt) : "";
    const [range, head] = [track.querySelector(".range"), track.querySelector(".head")];
    range?.style.setProperty("left", percent(at(player.start()))); range?.style.setProperty("width", percent(at(player.end() + 1) - at(player.start())));
    range?.classList.toggle("set", player.in !== null || player.out !== null);
    head?.style.setProperty("left", percent(at(player.frame + 0.5)));
    for (const [name, value] of [["aria-valuemin", player.first], ["aria-valuemax", player.last], ["aria-valuenow", player.frame], ["aria-valuetext", `${W.shot.frame} ${player.frame}, ${clock.textContent}`]]) track.setAttribute(name, String(value));
    modeButtons();
  }
  function modeButtons() {
    const now = `${player.mode}${many}${shot ? watchable().length : 0}`;
    if (modes.dataset.now === now) return;
    modes.dataset.now = now;
    modes.replaceChildren(...MODES.map((name) => make("button", { "aria-pressed": String(player.mode === name), disabled: !shot || (name !== "single" && watchable().length < 2), onclick: () => mode(name) }, W.shot.modes[name])));
  }
  function mode(name) {
    if (name !== "single" && watchable().length < 2) { refuse({ message: W.shot.alone }); return; }
    player.mode = name; player.wipe = 0.5; redraw();
  }
  function other() {
    const rest = watchable().filter((t) => t.id !== chosen);
    if (!rest.length) return;
    const now = player.panes[1]?.id ?? chosen, to = rest[(rest.findIndex((t) => t.id === now) + 1) % rest.length];
    others = [to.id, ...others.filter((id) => id !== to.id)].slice(0, 3);
    if (player.mode === "single") player.mode = "wipe";
    redraw();
  }
  const moveTake = (by) => { const index = shot.takes.findIndex((t) => t.id === chosen), to = shot.takes[clamp(index + by, 0, shot.takes.length - 1)]; if (to) choose(to.id); };
  const moveShot = (by) => { const index = film.shots.findIndex((s) => s.guid === place.guid), to = film.shots[index + by]; if (to) go({ view: "shot", guid: to.guid, name: to.name }); };
  const shuttle = (way) => player.play(Math.sign(player.speed) === way ? clamp(player.speed * 2, -8, 8) : way);
  const expose = (by) => player.set({ stops: by ? clamp(Math.round((player.stops + by) * 3) / 3, -MOST_STOPS, MOST_STOPS) : 0 });
  const show = (what) => { player.set({ show: player.show === what ? "take" : what }); };

  const scrub = (event) => { const box = track.getBoundingClientRect(); player.speed = 0; player.go(Math.floor(player.first + clamp((event.clientX - box.left) / box.width, 0, 0.9999) * (player.last - player.first + 1))); };
  track.addEventListener("pointerdown", (event) => { track.setPointerCapture(event.pointerId); scrub(event); });
  track.addEventListener("pointermove", (event) => { if (event.buttons) scrub(event); });
  const wiped = (event) => { const box = canvas.getBoundingClientRect(), share = (event.clientX - box.left) / box.width; player.set({ wipe: clamp((share - player.box.x) / player.box.w, 0, 1) }); };
  canvas.addEventListener("pointerdown", (event) => { if (player.mode === "wipe") { canvas.setPointerCapture(event.pointerId); wiped(event); } else player.play(player.speed ? 0 : 1); });
  canvas.addEventListener("pointermove", (event) => { if (event.buttons && player.mode === "wipe") wiped(event); });
  const sized = new ResizeObserver(() => player.draw());
  sized.observe(canvas);
  load(); main.focus();

  return {
    keys: keys({ player, act, moveTake, moveShot, shuttle, expose, show, mode, other, four: () => { many = many === 2 ? 4 : 2; mode("tile"); }, choose: (n) => { const t = shot?.takes.find((one) => one.number === n); if (t) choose(t.id); },
      view: () => player.set({ view: (player.view + 1) % shot.views.length }) }),
    hear(what, rows) { if (what === "shots" && (!rows.length || rows.some((row) => row.guid === place.guid))) { clearTimeout(again); again = setTimeout(load, 80); } },
    leave() { sized.disconnect(); player.leave(); },
  };
}

const round = (value) => (Math.abs(value) >= 100 ? value.toFixed(0) : Number(value.toPrecision(3)));

function keys(on) {
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
      { key: "e", shown: "E ⇧E", also: ["Shift+e"], says: W.key.exposure, does: (key) => on.expose(key === "e" ? THIRD : -THIRD) }, { key: "0", says: W.key.reset, does: () => on.expose(0) },
      { key: "v", says: W.key.view, does: on.view }, { key: "z", says: W.key.outside, does: () => on.show("outside") }, { key: "b", says: W.key.plate, does: () => on.show("plate") },
    ] },
    { title: W.key.compare, keys: [
      { key: "ArrowUp", shown: "↑ ↓", also: ["ArrowDown"], says: W.key.take, foot: true, does: (key) => on.moveTake(key === "ArrowUp" ? -1 : 1) },
      { key: "1", shown: "1 – 9", also: ["2", "3", "4", "5", "6", "7", "8", "9"], says: W.key.number, does: (key) => on.choose(Number(key)) },
      { key: "m", says: W.key.mode, foot: true, does: () => on.mode(MODES[(MODES.indexOf(player.mode) + 1) % MODES.length]) },
      { key: "t", says: W.key.four, does: on.four }, { key: "a", says: W.key.other, does: on.other },
      { key: ",", shown: ", .", also: ["."], says: W.key.wipe, does: (key) => player.set({ wipe: clamp(player.wipe + (key === "," ? -0.04 : 0.04), 0, 1) }) },
      { key: "[", shown: "[ ]", also: ["]"], says: W.key.shots, foot: true, does: (key) => on.moveShot(key === "[" ? -1 : 1) },
    ] },
    { title: W.key.decide, keys: [
      { key: "c", says: `${W.key.circle}, ${W.key.recall.toLowerCase()}`, does: () => { on.act("circle"); if (!document.querySelector("dialog[open]")) on.act("recall"); } },
      { key: "x", says: W.key.reject, does: () => on.act("reject") }, { key: "n", says: W.key.note, does: () => on.act("note") },
      { key: "r", says: W.key.reshoot, does: () => on.act("reshoot") }, { key: "w", says: W.key.waive, does: () => on.act("waive") }, { key: "g", says: W.key.restore, does: () => on.act("restore") },
      { key: "d", says: `${W.key.cancel}, ${W.key.retry.toLowerCase()}`, does: () => { on.act("cancel"); on.act("retry"); } },
    ] },
  ];
}
