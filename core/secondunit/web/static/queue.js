// What is being shot, what waits and for how long, what failed and what to do; which memory is taken.
import { W } from "./words.js";
import { clamp, make, percent, put, when } from "./dom.js";
import { film, ask as fetched, worded } from "./store.js";
import { ask } from "./ask.js";
import { gauge } from "./charts.js";
import { Rows } from "./rows.js";
import { poster } from "./sequence.js";

const LEAP = 10, KEPT = 500; // rows
const OFTEN_MS = 2500; // between two looks at memory and estimates
const AHEAD = ["waiting", "shooting", "checking", "suspended"], OVER = ["failed", "cancelled"];

export const span = (s) => (s < 90 ? W.queue.seconds(Math.max(1, Math.ceil(s))) : s < 5400 ? W.queue.minutes(Math.round(s / 60)) : W.queue.hours(s / 3600));
const size = (bytes) => W.queue.bytes(bytes / 1e9);

export function queueView(main, go) {
  const band = make("dl", { className: "band" }), floor = make("div", { className: "floor" });
  const running = list("running", W.queue.running, busy, W.queue.idle), waiting = list("", W.queue.waiting, ahead, W.queue.none), failed = list("", W.queue.failed, over, W.queue.well);
  const lists = [running, waiting, failed];
  floor.append(...lists.map((one) => one.place));
  main.append(band, floor);
  let order = new Map(), seconds = {}, begins = new Map(), memory = [], chosen = "", stood = [0, 0]; // which list, which row
  const screens = new Map(); // by take: its preview, kept while what is around it is drawn anew
  const kept = new Map(); // by take: what its row says, and the row

  // A heading with a number, and as many rows as there are; those near the screen are built.
  function list(className, title, row, none) {
    const count = make("b"), box = make("ol", { className: "jobs" }), empty = make("p", { className: "quiet" }, none);
    const rows = new Rows(floor, box, ({ take }) => take.id, row);
    return { rows, place: make("section", { className }, make("h2", {}, title, count), box, empty),
      put(items) { put(count, String(items.length)); empty.hidden = items.length > 0; box.hidden = !items.length; rows.put(items); } };
  }
  const all = () => film.shots.flatMap((shot) => shot.takes.map((take) => ({ shot, take })));
  const find = (id) => all().find((one) => one.take.id === id);

  // Seconds left: as fast as it went so far, else as fast as its generator was before.
  function left(take) {
    const progress = film.progress.get(take.id);
    if (take.state !== "waiting" && progress?.began && progress.done > progress.from + 0.05) return (Date.now() - progress.began) / 1000 * (1 - progress.done) / (progress.done - progress.from);
    const whole = seconds[take.id];
    return whole === undefined ? null : take.state === "waiting" ? whole : whole * (1 - (progress?.done ?? 0));
  }

  // A row that says the same as before is the same element.
  function item({ shot, take }, { still, lines, acts, at = "" }) {
    const says = `${take.state} ${at} ${lines.map((one) => one?.outerHTML)}`, now = take.id === chosen;
    if (still || kept.get(take.id)?.says !== says) kept.set(take.id, { says, made: make("li", { "data-take": take.id, className: `job ${take.state}`, onclick: () => choose(take.id, false), onfocusin: () => choose(take.id, false) },
      still, make("div", { className: "about" }, make("b", {}, shot.name, make("i", {}, W.shot.take(take.number)), make("span", { className: "aside" }, at)), ...lines), make("div", { className: "acts" }, acts)) });
    const { made } = kept.get(take.id);
    if (kept.size > KEPT) kept.clear();
    return marked(made, now);
  }
  function marked(row, now) { row.classList.toggle("now", now); row.toggleAttribute("aria-current", now); return row; }
  function screen(shot, take) {
    const seen = film.previews.get(take.id), src = seen ? `/previews/${take.id}.jpg?${seen}` : poster(shot);
    if (!src) return make("span", { className: "slug" }, W.queue.noPreview);
    if (!screens.has(take.id)) screens.set(take.id, make("img", { alt: W.queue.previewOf(shot.name, take.number) }));
    const image = screens.get(take.id);
    if (image.getAttribute("src") !== src) image.src = src;
    return image;
  }
  const stop = (shot, take) => make("button", { className: "plain", "aria-label": `${W.do.cancel}, ${shot.name} ${W.shot.take(take.number)}`, onclick: () => ask.cancel(shot, take) }, W.do.cancel);
  function busy(one) {
    const { shot, take } = one, progress = film.progress.get(take.id), rest = left(take), done = progress?.done ?? 0;
    return item(one, {
      still: make("div", { className: "still" }, screen(shot, take), film.previews.has(take.id) ? make("em", { className: "stamp" }, W.queue.preview) : null),
      lines: [make("p", {}, progress?.says || W.state[take.state], rest !== null && rest > 1.5 ? ` · ${W.queue.left(span(rest))}` : ""),
        make("div", { className: "bar", role: "progressbar", "aria-label": shot.name, "aria-valuemin": "0", "aria-valuemax": "100", "aria-valuenow": String(Math.round(100 * done)) }, make("u", { set: { width: percent(done) } }))],
      acts: [stop(shot, take)],
    });
  }
  function over(one) {
    const { shot, take } = one;
    return item(one, {
      still: null, at: when(take.since), lines: [make("p", { className: "why" }, take.error?.message ? worded({ message: take.error.message }) : W.state[take.state]), take.error?.hint ? make("p", { className: "hint" }, make("em", {}, W.queue.what), take.error.hint) : null].filter(Boolean),
      acts: [make("button", { className: "plain", "aria-label": `${W.do.retry}, ${shot.name} ${W.shot.take(take.number)}`, onclick: () => ask.retry(take) }, W.do.retry)],
    });
  }
  function ahead(one, index) {
    const until = begins.get(one.take.id), own = left(one.take);
    return item(one, { still: null, at: one.take.state === "suspended" ? W.state.suspended : W.queue.place(index + 1), acts: [stop(one.shot, one.take)], lines: [make("p", {}, [until ? W.queue.begins(span(until)) : "", own ? W.queue.takes(span(own)) : W.queue.unknown].filter(Boolean).join(" · "))] });
  }
  function draw() {
    const every = all(), is = (...states) => every.filter(({ take }) => states.includes(take.state));
    const now = is("shooting", "checking"), gone = is(...OVER).sort((a, b) => (b.take.state === "failed") - (a.take.state === "failed") || b.take.since - a.take.since);
    const line = is("waiting", "suspended").sort((a, b) => (order.get(a.take.id) ?? 1e9) - (order.get(b.take.id) ?? 1e9));
    let sum = now.reduce((most, { take }) => Math.max(most, left(take) ?? 0), 0), sure = now.every(({ take }) => left(take) !== null);
    begins = new Map();
    for (const { take } of line) { if (take.state === "waiting") { begins.set(take.id, sure ? sum : null); const own = left(take); sure &&= own !== null; sum += own ?? 0; } }
    [now, line, gone].forEach((items, i) => lists[i].put(items));
    headline(now, line, sum, sure, gone);
    heir();
    mark();
  }
  // Who is cancelled or tried again goes elsewhere: the next in its list is chosen then, and the
  // rows stay where they are. A take whose turn comes is followed.
  function heir() {
    const [list, row] = stood, now = where(chosen), left = lists[list].rows.items;
    if (now && !((list === 2) !== (now[0] === 2) && left.length)) { stood = now; return; }
    const items = left.length ? left : lists.flatMap((one) => one.rows.items);
    chosen = items[Math.min(row, items.length - 1)]?.take.id ?? "";
    stood = where(chosen) ?? [0, 0];
  }
  function where(id) {
    for (const [i, one] of lists.entries()) { const row = one.rows.items.findIndex(({ take }) => take.id === id); if (row >= 0) return [i, row]; }
    return null;
  }
  function headline(now, line, sum, sure, gone) {
    const figure = (name, value, note, tone) => make("div", { className: `figure ${tone ?? ""}` }, make("dt", {}, name), make("dd", {}, value, note ? make("small", {}, note) : null));
    const alone = memory.filter((one) => one.device).length ? memory : memory.slice(0, 1);
    band.replaceChildren(
      figure(W.queue.all, now.length + line.length ? (sum > 0 ? (sure ? span(sum) : W.queue.least(span(sum))) : W.queue.open) : W.queue.free, W.queue.counts(now.length, line.length)),
      ...alone.map((one) => make("div", { className: "figure memory" }, make("dt", {}, one.device ? one.name : W.queue.computer),
        make("dd", {}, W.queue.used(size(one.used), size(one.all)), gauge(one.used / one.all, null, one.used / one.all > 0.92 ? "fill stop" : "fill machine", W.queue.usedSays(one.device ? one.name : W.queue.computer, Math.round(100 * one.used / one.all)), 8),
          make("small", {}, one.ours ? W.queue.ours(size(one.ours)) : one.device ? "" : W.queue.atRest)))),
      figure(W.queue.failures, String(gone.filter(({ take }) => take.state === "failed").length), gone.some(({ take }) => take.state === "failed") ? W.queue.again : W.queue.well, gone.some(({ take }) => take.state === "failed") ? "stop" : ""));
  }
  function mark() {
    for (const one of lists) for (const [id, row] of one.rows.built) marked(row, id === chosen);
  }
  // ``goes`` brings it onto the screen; who scrolls or points is left where they are.
  function choose(id, goes = true) {
    chosen = id; stood = where(id) ?? stood;
    if (goes && floor.contains(document.activeElement)) main.focus({ preventScroll: true }); // Enter is not for the row that was left
    if (goes) lists[stood[0]].rows.reveal(id);
    mark();
    if (goes) put(document.querySelector("#heard"), lists[stood[0]].rows.built.get(id)?.querySelector(".about")?.innerText ?? "");
  }
  function move(by) {
    const every = lists.flatMap((one) => one.rows.items), to = every[clamp(every.findIndex(({ take }) => take.id === chosen) + by, 0, every.length - 1)];
    if (to) choose(to.take.id);
  }
  // The list beside, at its first row.
  function beside(by) {
    for (let i = stood[0] + by; lists[i]; i += by) { const [first] = lists[i].rows.items; if (first) { choose(first.take.id); return; } }
  }
  const act = (does) => { const one = find(chosen); if (one) does(one); };
  async function look() {
    clearTimeout(look.later);
    if (!main.contains(floor)) return;
    try {
      const said = await fetched("/queue");
      order = new Map(said.order.map((take, i) => [take, i])); seconds = said.seconds; if (said.memory.length) memory = said.memory;
      if (main.contains(floor)) draw();
    } catch { /* the head of the page says that the daemon is out of reach */ }
    look.later = setTimeout(() => (document.hidden ? document.addEventListener("visibilitychange", look, { once: true }) : look()), OFTEN_MS);
  }
  const soon = () => { clearTimeout(draw.later); draw.later = setTimeout(() => main.contains(floor) && draw(), 100); };

  draw(); look(); main.focus();
  return {
    leave() { clearTimeout(look.later); clearTimeout(draw.later); for (const one of lists) one.rows.leave(); },
    keys: [{ title: W.views.queue, keys: [
      { key: "ArrowDown", shown: "↑ ↓", also: ["ArrowUp", "j", "k"], says: W.key.move, foot: true, does: (key) => move(key === "ArrowDown" || key === "j" ? 1 : -1) },
      { key: "ArrowRight", shown: "← →", also: ["ArrowLeft"], says: W.key.lists, foot: true, does: (key) => beside(key === "ArrowRight" ? 1 : -1) },
      { key: "PageDown", shown: "Page ↑ ↓", also: ["PageUp"], says: W.key.leapRows, does: (key) => move(key === "PageDown" ? LEAP : -LEAP) },
      { key: "Home", shown: "Home End", also: ["End"], says: W.key.endRows, does: (key) => move(key === "Home" ? -1e6 : 1e6) },
      { key: "Enter", shown: "Enter", says: W.key.open, foot: true, does: () => act(({ shot }) => go({ view: "shot", guid: shot.guid, name: shot.name })) },
      { key: "x", says: W.key.cancel, foot: true, does: () => act(({ shot, take }) => { if (AHEAD.includes(take.state)) ask.cancel(shot, take); }) },
      { key: "t", says: W.key.retry, foot: true, does: () => act(({ take }) => { if (OVER.includes(take.state)) ask.retry(take); }) },
    ] }],
    hear(what) { if (what === "shots") { soon(); clearTimeout(look.soon); look.soon = setTimeout(look, 300); } else if (what !== "link" && what !== "packet") soon(); },
  };
}
