// One shot: its takes, the player, what was found, who said what.
import { W } from "./words.js";
import { anew, clamp, make, picture, put, timecode } from "./dom.js";
import { ask as fetched, film, refuse, say } from "./store.js";
import { about } from "./about.js";
import { around } from "./around.js";
import { ask } from "./ask.js";
import { Drawing } from "./drawing.js";
import { Player } from "./player.js";
import { Scopes } from "./scopes.js";
import { best } from "./sequence.js";
import { keys } from "./shotkeys.js";
import { Track } from "./track.js";

const MODES = ["single", "tile", "wipe", "difference", "onion"], SHOWN = [...MODES, "sheet", "cut"];
const MOST_STOPS = 8, GAMMAS = [0.25, 4], LETTER = "ABCD", SHEET = 48;
const TONES = { circled: "#86b891", blocked: "#e0b95c" };

export function shotView(main, go, place) {
  let shot = null, chosen = "", others = [], many = 2, again = null, cut = null, talking = false;
  const list = make("ol", { className: "bin", role: "listbox", tabIndex: 0, "aria-label": W.shot.takes });
  const canvas = make("canvas", { role: "img", "aria-label": place.name }), over = make("canvas", { className: "over", "aria-hidden": "true" });
  const nothing = make("p", { className: "nothing" });
  const clock = make("output", { className: "clock" }), number = make("b"), among = make("span"), counter = make("output", { className: "counter" }, number, among), state = make("p", { className: "state" });
  const modes = make("div", { className: "modes", role: "group", "aria-label": W.shot.compare });
  const legend = make("p", { className: "legend", "aria-live": "polite" }), side = make("aside", { className: "side", tabIndex: 0, "aria-label": W.shot.known }), acts = make("div", { className: "deeds" });
  const player = new Player(canvas, moved), scopes = new Scopes(), track = new Track(player);
  const drawing = new Drawing(over, player, (words) => { legend.textContent = words; talking = Boolean(words); });
  player.over = () => { drawing.draw(notesAt); scopes.show(player.panes[0] && player.url(player.panes[0], player.frame), player.picture(0), shot?.views[player.view], player.panes[0]?.label); };
  main.append(
    make("section", { className: "takes" }, make("h2", {}, W.shot.takes), list),
    make("section", { className: "screen" }, make("div", { className: "picture" }, canvas, over, nothing, legend), scopes.box, track.box,
      make("div", { className: "transport" }, clock, counter, state, modes)),
    make("section", { className: "told" }, side, acts));

  const take = () => shot?.takes.find((t) => t.id === chosen);
  const watchable = () => shot.takes.filter((t) => t.frames);

  async function load() {
    const mine = load.asked = (load.asked ?? 0) + 1;
    try {
      const said = await fetched(`/shots/${place.guid}`), first = !shot;
      if (!main.contains(canvas) || mine !== load.asked) return; // a later answer says more
      shot = said;
      if (first || !take()) choose((best(shot) ?? shot.takes[0])?.id ?? "", true); else redraw();
    } catch (error) { refuse(error); }
  }

  function choose(id, fresh) {
    if (id !== chosen && drawing.on && drawing.strokes.length) { say(W.draw.first); return; } // it is of this take
    chosen = id;
    others = others.filter((one) => one !== id);
    if (fresh && take()?.frames) player.frame = take().frames[0] + take().handles[0];
    if (player.mode === "cut") inCut(); else redraw();
  }

  const pane = (t, label) => ({ id: t.id, frames: t.frames, receipt: t.receipt, wide: t.size?.[0] ?? 0, label });
  function panes() {
    const now = take();
    if (!now?.frames) return [];
    if (player.mode === "cut") return cut?.id === chosen ? [cut] : [pane(now, W.shot.take(now.number))];
    if (player.mode === "sheet") {
      const all = watchable(), from = Math.floor(all.findIndex((t) => t.id === chosen) / SHEET) * SHEET;
      return all.slice(from, from + SHEET).map((t) => ({ ...pane(t, String(t.number)), chosen: t.id === chosen, tone: TONES[t.state], ring: t.state === "circled", dim: ["rejected", "recalled", "junk"].includes(t.state) }));
    }
    const wanted = player.mode === "single" ? 1 : player.mode === "tile" ? many : 2, rest = watchable().filter((t) => t.id !== chosen && !others.includes(t.id));
    const picked = [now, ...others.map((id) => shot.takes.find((t) => t.id === id)).filter((t) => t?.frames), ...rest].slice(0, wanted);
    return picked.map((t, i) => pane(t, `${picked.length > 1 ? `${LETTER[i]}  ` : ""}${W.shot.take(t.number)}`));
  }

  function redraw() {
    const now = panes(), fps = shot.rate[0] / shot.rate[1];
    if (now.length) player.put(now, fps); else { player.panes = []; player.draw(); }
    bin(); told(); deeds(); track.mark(shot, take()); moved();
  }

  function bin() {
    const shown = player.mode === "sheet" ? [] : player.panes.map((p) => p.id);
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
    anew(side, ...(t ? about(shot, t, { jump: (frame) => player.step(frame - player.frame), waive: (f) => ask.waive(f) }) : []));
  }
  function deeds() {
    const t = take(), deed = (key, name, on, className = "") => make("button", { className: `deed ${className}`, disabled: !on, onclick: () => act(name) }, W.do[name], make("kbd", {}, key));
    if (!t) { acts.replaceChildren(); return; }
    const can = possible(t);
    anew(acts, can.recall ? deed("C", "recall", true) : deed("C", "circle", can.circle, "pencil"), can.restore ? deed("G", "restore", true) : deed("X", "reject", can.reject), deed("N", "note", can.note),
      make("button", { className: "deed", disabled: !can.note, onclick: draw }, W.do.draw, make("kbd", {}, "⇧N")), deed("R", "reshoot", true), deed("W", "waive", can.waive));
  }
  const live = (t) => shot.versions.find((v) => v.take === t.id && v.state !== "recalled");
  const possible = (t) => ({
    circle: ["pending_review", "blocked", "junk"].includes(t.state) || live(t)?.state === "stale", recall: t.state === "circled" && Boolean(live(t)) && live(t).state !== "stale", reject: ["pending_review", "blocked", "junk"].includes(t.state),
    promote: live(t)?.state === "approved", restore: t.state === "junk", note: Boolean(t.frames), reshoot: true, waive: t.findings.some((f) => f.open), cancel: ["waiting", "shooting", "checking"].includes(t.state), retry: ["failed", "cancelled"].includes(t.state),
  });
  // The first of these that the take allows; where it allows none, that is said.
  function act(...names) {
    const t = take(), can = t && possible(t), name = t && names.find((one) => can[one]);
    if (!t) return;
    if (!name) { say(names[0] === "waive" ? W.shot.noneOpen : W.shot.notNow(W.do[names[0]], t.number, W.state[t.state])); return; }
    player.play(0);
    if (name === "recall") ask.recall(live(t));
    else if (name === "promote") ask.promote(shot, t, live(t));
    else if (name === "waive") ask.waive(t.findings.find((f) => f.open));
    else if (name === "note") ask.note(shot, t, ranged(t), drawing.on ? drawing.drawn() : [], leaveDrawing);
    else if (name === "retry") ask.retry(t);
    else ask[name](shot, t);
  }
  // The frames a note is about: between in and out, else the one that is shown.
  const ranged = (t) => (player.in !== null || player.out !== null ? [player.start(), player.end()] : [player.frame, player.frame]).map((frame) => clamp(frame, ...t.frames));

  function draw() {
    if (!take()?.frames) return;
    if (player.mode !== "single") mode("single");
    player.play(0); drawing.hidden = false; drawing.begin(); keysChanged();
  }
  function leaveDrawing() { if (drawing.on) { drawing.end(); keysChanged(); moved(); } }
  const keysChanged = () => main.dispatchEvent(new Event("keys"));
  function notesAt(id) {
    const on = player.mode === "cut" ? cut?.part(player.frame) : null;
    if (!shot || (on && !on.own)) return [];
    return (shot.takes.find((t) => t.id === id)?.said ?? []).filter((one) => one.what === "note" && one.body.drawn?.length && (one.body.frames ?? []).some(([a, b]) => player.frame >= a && player.frame <= b)).map((one) => ({ ...one.body, by: one.by }));
  }

  function moved() {
    if (!shot || !player.panes.length) { for (const one of [clock, number, among, state]) put(one, ""); nothing.textContent = shot ? W.shot.nothing : ""; modeButtons(); return; }
    const t = take(), on = cut && player.mode === "cut" ? cut.part(player.frame) : null;
    put(nothing, player.ready || player.shown.length ? "" : player.frames.error?.message ?? W.shot.reading);
    put(clock, timecode(Math.max(0, t.first - t.handles[0] + player.frame - t.frames[0]), shot.rate, shot.drop));
    put(number, String(on && !on.own ? cut.at(player.frame).frame : player.frame)); put(among, on ? ` ${on.name || W.cut[on.show]}` : ` ${W.shot.of} ${player.last}`);
    put(state, how().join("  ·  "));
    if (!talking) put(legend, player.show === "outside" ? (t.receipt ? W.shot.legend : W.shot.noReceipt) : drawing.hidden || player.mode === "sheet" ? "" : notesAt(t.id).map((one) => `${one.by}: ${one.text}`).join("  ·  "));
    track.moved(`${W.shot.frame} ${player.frame}, ${clock.textContent}`);
    modeButtons();
  }
  function how() {
    const parts = [player.speed ? `${player.speed < 0 ? "◀" : "▶"}${Math.abs(player.speed) > 1 ? ` ×${Math.abs(player.speed)}` : ""} ${shot.fps}` : `❚❚ ${shot.fps}`, player.loop ? W.shot.loop : W.shot.once];
    if (player.in !== null || player.out !== null) parts.push(`${W.shot.inside} ${player.start()} ${W.shot.out} ${player.end()}`);
    if (player.stops) parts.push(`${player.stops > 0 ? "+" : "−"}${Math.abs(player.stops).toFixed(2)} ${W.shot.stops}`);
    if (player.gamma !== 1) parts.push(`${W.shot.gamma} ${player.gamma.toFixed(1)}`);
    if (player.show === "plate") parts.push(W.shot.plate);
    return [...parts, shot.views[player.view]];
  }
  function modeButtons() {
    const now = `${player.mode}${many}${shot ? watchable().length : 0}`;
    if (modes.dataset.now === now) return;
    modes.dataset.now = now;
    const off = (name) => !shot || !watchable().length || (!["single", "cut"].includes(name) && watchable().length < 2);
    anew(modes, ...SHOWN.map((name) => make("button", { "aria-pressed": String(player.mode === name), disabled: off(name), onclick: () => (name === "cut" ? inCut(true) : mode(name)) }, W.shot.modes[name])));
  }
  function mode(name) {
    if (!["single", "cut"].includes(name) && watchable().length < 2) { refuse({ message: W.shot.alone }); return; }
    leaveDrawing();
    player.mode = name; player.wipe = 0.5; redraw();
  }
  // The take in its cut. ``fresh`` begins a second before it and plays.
  async function inCut(fresh) {
    const t = take();
    if (!t?.frames) return;
    leaveDrawing();
    const made = await around(shot, t, W.shot.take(t.number));
    if (chosen !== t.id || !main.contains(canvas)) return;
    if (made.parts.length === 1) { say([W.cut.alone, ...made.why].join(" ")); if (player.mode === "cut") mode("single"); return; }
    cut = made; player.mode = "cut"; player.in = player.out = null;
    if (fresh) player.frame = Math.max(cut.frames[0], cut.parts.find((one) => one.own).first - Math.round(player.fps));
    redraw();
    if (fresh) player.play(1);
  }
  function other() {
    const rest = watchable().filter((t) => t.id !== chosen);
    if (!rest.length) return;
    const now = player.panes[1]?.id ?? chosen, to = rest[(rest.findIndex((t) => t.id === now) + 1) % rest.length];
    others = [to.id, ...others.filter((id) => id !== to.id)].slice(0, 3);
    if (!["wipe", "difference", "onion", "tile"].includes(player.mode)) player.mode = "wipe";
    redraw();
  }
  const moveTake = (key) => { const index = shot.takes.findIndex((t) => t.id === chosen), to = shot.takes[clamp(index + (key === "ArrowUp" ? -1 : 1), 0, shot.takes.length - 1)]; if (to) choose(to.id); };
  const moveShot = (by) => { const index = film.shots.findIndex((s) => s.guid === place.guid), to = film.shots[index + by]; if (to) go({ view: "shot", guid: to.guid, name: to.name }); };
  const shuttle = (way) => player.play(Math.sign(player.speed) === way ? clamp(player.speed * 2, -8, 8) : way);
  const wiped = (event) => { const box = canvas.getBoundingClientRect(), share = (event.clientX - box.left) / box.width; player.set({ wipe: clamp((share - player.box.x) / player.box.w, 0, 1) }); };
  function pressed(event) {
    if (drawing.on) return;
    if (player.mode === "wipe") { over.setPointerCapture(event.pointerId); wiped(event); return; }
    if (player.mode === "sheet") {
      const shown = canvas.getBoundingClientRect(), scale = canvas.width / shown.width, x = (event.clientX - shown.left) * scale, y = (event.clientY - shown.top) * scale;
      const hit = player.boxes.find((box) => x >= box.x && x <= box.x + box.w && y >= box.y && y <= box.y + box.h);
      if (hit) choose(hit.id);
    } else player.play(player.speed ? 0 : 1);
  }
  over.addEventListener("pointerdown", pressed);
  over.addEventListener("pointermove", (event) => { if (event.buttons && player.mode === "wipe" && !drawing.on) wiped(event); });
  over.addEventListener("dblclick", () => { if (player.mode === "sheet") mode("single"); });
  const sized = new ResizeObserver(() => player.draw());
  sized.observe(canvas);
  load(); main.focus();

  const plain = keys({ player, act, moveTake, moveShot, shuttle, mode, other, draw, cut: () => (player.mode === "cut" ? mode("single") : inCut(true)),
    nextMode: () => mode(MODES[(MODES.indexOf(player.mode) + 1) % MODES.length]), sheet: () => mode(player.mode === "sheet" ? "single" : "sheet"),
    show: (what) => player.set({ show: player.show === what ? "take" : what }), scopes: () => { scopes.toggle(); player.draw(); }, parade: () => { scopes.next(); if (!scopes.on) scopes.toggle(); player.draw(); },
    hide: () => { drawing.hidden = !drawing.hidden; player.go(player.frame); say(drawing.hidden ? W.draw.hidden : W.draw.shown); },
    expose: (by) => player.set({ stops: clamp(Math.round((player.stops + by) * 3) / 3, -MOST_STOPS, MOST_STOPS) }), bend: (by) => player.set({ gamma: clamp(Math.round((player.gamma + by) * 10) / 10, GAMMAS[0] + 0.05, GAMMAS[1]) }), reset: () => player.set({ stops: 0, gamma: 1 }),
    side: (way) => side.scrollBy({ top: way * side.clientHeight * 0.8 }),
    four: () => { many = player.mode === "tile" && many === 2 ? 4 : player.mode === "tile" ? 2 : many; if (player.mode !== "tile") many = 4; mode("tile"); },
    choose: (n) => { const t = shot?.takes.find((one) => one.number === n); if (t) choose(t.id); },
    view: () => player.set({ view: (player.view + 1) % shot.views.length }) });
  const drawn = drawing.keys(() => { if (drawing.stroke) drawing.up(); act("note"); }, leaveDrawing);
  return {
    get keys() { return drawing.on ? drawn : plain; },
    hear(what, rows) { if (what === "shots" && (!rows.length || rows.some((row) => row.guid === place.guid))) { clearTimeout(again); again = setTimeout(load, 80); } },
    leave() { sized.disconnect(); player.leave(); },
  };
}
