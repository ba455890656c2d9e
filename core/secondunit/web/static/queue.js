// What is being shot, what waits, what failed.
import { W } from "./words.js";
import { make, percent, when } from "./dom.js";
import { film, ask as fetched } from "./store.js";
import { ask } from "./ask.js";
import { poster } from "./sequence.js";

const MOST = 40; // rows of a list; the number above it counts all

export function queueView(main, go) {
  const running = make("section", { className: "running" }), waiting = make("section"), failed = make("section");
  main.append(make("div", { className: "floor" }, running, waiting, failed));
  let order = new Map(film.queue.map(([take], i) => [take, i])), chosen = "";

  const all = () => film.shots.flatMap((shot) => shot.takes.map((take) => ({ shot, take })));
  const rows = () => [...main.querySelectorAll("[data-take]")];
  const find = (id) => all().find((one) => one.take.id === id);

  function item({ shot, take }, extra) {
    return make("li", { tabIndex: -1, "data-take": take.id, className: `job ${take.state}`, onclick: () => { chosen = take.id; mark(); } },
      extra.still, make("div", { className: "about" }, make("b", {}, shot.name, make("i", {}, W.shot.take(take.number))), ...extra.lines), make("div", { className: "acts" }, extra.acts));
  }
  function busy(one) {
    const { shot, take } = one, progress = film.progress.get(take.id), src = film.previews.has(take.id) ? `/previews/${take.id}.jpg?${film.previews.get(take.id)}` : poster(shot);
    const left = progress?.began && progress.done > progress.from + 0.02 ? (Date.now() - progress.began) / 1000 * (1 - progress.done) / (progress.done - progress.from) : null;
    return item(one, {
      still: make("div", { className: "still" }, src ? make("img", { src, alt: W.queue.preview }) : null),
      lines: [make("p", {}, progress?.says || W.state[take.state], left !== null && left > 1.5 ? ` · ${W.queue.left(left < 90 ? `${Math.ceil(left)} s` : `${Math.ceil(left / 60)} min`)}` : ""),
        make("div", { className: "bar", role: "progressbar", "aria-label": shot.name, "aria-valuemin": "0", "aria-valuemax": "100", "aria-valuenow": String(Math.round(100 * (progress?.done ?? 0))) }, make("u", { set: { width: percent(progress?.done ?? 0) } }))],
      acts: [make("button", { className: "plain", onclick: () => ask.cancel(shot, take) }, W.do.cancel)],
    });
  }
  function section(place, title, items, build, none) {
    place.replaceChildren(make("h2", {}, title, make("b", {}, String(items.length))),
      items.length ? make("ol", { className: "jobs" }, items.slice(0, MOST).map(build)) : make("p", { className: "quiet" }, none));
  }
  function draw() {
    const every = all(), is = (...states) => every.filter(({ take }) => states.includes(take.state));
    section(running, W.queue.running, is("shooting", "checking"), busy, W.queue.idle);
    const line = is("waiting", "suspended").sort((a, b) => (order.get(a.take.id) ?? 1e9) - (order.get(b.take.id) ?? 1e9));
    section(waiting, W.queue.waiting, line, (one) => item(one, {
      still: null, lines: [make("p", {}, one.take.state === "suspended" ? W.state.suspended : W.queue.place(line.indexOf(one) + 1), ` · ${when(one.take.since)}`)],
      acts: [make("button", { className: "plain", onclick: () => ask.cancel(one.shot, one.take) }, W.do.cancel)],
    }), W.queue.none);
    section(failed, W.queue.failed, is("failed", "cancelled").reverse(), (one) => item(one, {
      still: null, lines: [make("p", { className: "why" }, one.take.error?.message || W.state[one.take.state]), one.take.error?.hint ? make("p", { className: "hint" }, make("em", {}, W.queue.what), one.take.error.hint) : null].filter(Boolean),
      acts: [make("button", { className: "plain", onclick: () => ask.retry(one.take) }, W.do.retry)],
    }), W.queue.well);
    mark();
  }
  function mark() {
    const list = rows();
    if (!list.some((row) => row.dataset.take === chosen)) chosen = list[0]?.dataset.take ?? "";
    for (const row of list) { row.classList.toggle("now", row.dataset.take === chosen); if (row.dataset.take === chosen) row.scrollIntoView({ block: "nearest" }); }
  }
  const move = (by) => { const list = rows(), at = list.findIndex((r) => r.dataset.take === chosen); chosen = list[Math.min(list.length - 1, Math.max(0, at + by))]?.dataset.take ?? ""; mark(); };
  const act = (does) => { const one = find(chosen); if (one) does(one); };
  const ordered = () => fetched("/state").then((said) => { order = new Map(said.queue.map(([take], i) => [take, i])); if (main.contains(running)) draw(); }).catch(() => null);
  const soon = () => { clearTimeout(draw.later); draw.later = setTimeout(() => main.contains(running) && draw(), 100); };

  draw(); ordered(); main.focus();
  return {
    keys: [{ title: W.views.queue, keys: [
      { key: "ArrowDown", shown: "↑ ↓", also: ["ArrowUp", "j", "k"], says: W.key.move, foot: true, does: (key) => move(key === "ArrowDown" || key === "j" ? 1 : -1) },
      { key: "Enter", shown: "Enter", says: W.key.open, foot: true, does: () => act(({ shot }) => go({ view: "shot", guid: shot.guid, name: shot.name })) },
      { key: "x", says: W.key.cancel, foot: true, does: () => act(({ shot, take }) => { if (["waiting", "shooting", "checking", "suspended"].includes(take.state)) ask.cancel(shot, take); }) },
      { key: "t", says: W.key.retry, foot: true, does: () => act(({ take }) => { if (["failed", "cancelled"].includes(take.state)) ask.retry(take); }) },
    ] }],
    hear(what) { if (what === "shots") ordered(); else if (what !== "link") soon(); },
  };
}
