// What is being shot, what waits and for how long, what failed and what to do; which memory is taken.
import { W } from "./words.js";
import { make, percent, when } from "./dom.js";
import { film, ask as fetched } from "./store.js";
import { ask } from "./ask.js";
import { gauge } from "./charts.js";
import { poster } from "./sequence.js";

const MOST = 40; // rows of a list; the number above it counts all
const OFTEN_MS = 2500; // between two looks at memory and estimates
const AHEAD = ["waiting", "shooting", "checking", "suspended"], OVER = ["failed", "cancelled"];

export const span = (s) => (s < 90 ? W.queue.seconds(Math.max(1, Math.ceil(s))) : s < 5400 ? W.queue.minutes(Math.round(s / 60)) : W.queue.hours(s / 3600));
const size = (bytes) => W.queue.bytes(bytes / 1e9);

export function queueView(main, go) {
  const band = make("dl", { className: "band" }), running = make("section", { className: "running" }), waiting = make("section"), failed = make("section");
  main.append(band, make("div", { className: "floor" }, running, waiting, failed));
  let order = new Map(), seconds = {}, memory = [], chosen = "";
  const screens = new Map(); // by take: its preview, kept while what is around it is drawn anew

  const all = () => film.shots.flatMap((shot) => shot.takes.map((take) => ({ shot, take })));
  const rows = () => [...main.querySelectorAll("[data-take]")];
  const find = (id) => all().find((one) => one.take.id === id);

  // Seconds left: as fast as it went so far, else as fast as its generator was before.
  function left(take) {
    const progress = film.progress.get(take.id);
    if (take.state !== "waiting" && progress?.began && progress.done > progress.from + 0.05) return (Date.now() - progress.began) / 1000 * (1 - progress.done) / (progress.done - progress.from);
    const whole = seconds[take.id];
    return whole === undefined ? null : take.state === "waiting" ? whole : whole * (1 - (progress?.done ?? 0));
  }

  function item({ shot, take }, extra) {
    return make("li", { "data-take": take.id, className: `job ${take.state}`, onclick: () => { chosen = take.id; mark(); } },
      extra.still, make("div", { className: "about" }, make("b", {}, shot.name, make("i", {}, W.shot.take(take.number))), ...extra.lines), make("div", { className: "acts" }, extra.acts));
  }
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
      still: null, lines: [make("p", { className: "why" }, take.error?.message || W.state[take.state], make("time", {}, when(take.since))), take.error?.hint ? make("p", { className: "hint" }, make("em", {}, W.queue.what), take.error.hint) : null].filter(Boolean),
      acts: [make("button", { className: "plain", "aria-label": `${W.do.retry}, ${shot.name} ${W.shot.take(take.number)}`, onclick: () => ask.retry(take) }, W.do.retry)],
    });
  }
  function section(place, title, items, build, none) {
    const kept = place.contains(document.activeElement) ? document.activeElement.getAttribute("aria-label") : null;
    place.replaceChildren(make("h2", {}, title, make("b", {}, String(items.length))),
      items.length ? make("ol", { className: "jobs" }, items.slice(0, MOST).map(build)) : make("p", { className: "quiet" }, none));
    if (kept) [...place.querySelectorAll("button")].find((one) => one.getAttribute("aria-label") === kept)?.focus();
  }
  function draw() {
    const every = all(), is = (...states) => every.filter(({ take }) => states.includes(take.state));
    const now = is("shooting", "checking"), gone = is(...OVER).sort((a, b) => (b.take.state === "failed") - (a.take.state === "failed") || b.take.since - a.take.since);
    const line = is("waiting", "suspended").sort((a, b) => (order.get(a.take.id) ?? 1e9) - (order.get(b.take.id) ?? 1e9));
    const begins = new Map(); let sum = now.reduce((most, { take }) => Math.max(most, left(take) ?? 0), 0), sure = now.every(({ take }) => left(take) !== null);
    for (const { take } of line) { if (take.state === "waiting") { begins.set(take.id, sure ? sum : null); const own = left(take); sure &&= own !== null; sum += own ?? 0; } }
    section(running, W.queue.running, now, busy, W.queue.idle);
    section(waiting, W.queue.waiting, line, (one) => {
      const until = begins.get(one.take.id), own = left(one.take);
      return item(one, { still: null, acts: [stop(one.shot, one.take)], lines: [make("p", {}, [one.take.state === "suspended" ? W.state.suspended : W.queue.place(line.indexOf(one) + 1),
        until ? W.queue.begins(span(until)) : "", own ? W.queue.takes(span(own)) : W.queue.unknown].filter(Boolean).join(" · "))] });
    }, W.queue.none);
    section(failed, W.queue.failed, gone, over, W.queue.well);
    headline(now, line, sum, sure, gone);
    mark();
  }
  function headline(now, line, sum, sure, gone) {
    const figure = (name, value, note, tone) => make("div", { className: `figure ${tone ?? ""}` }, make("dt", {}, name), make("dd", {}, value, note ? make("small", {}, note) : null));
    const alone = memory.filter((one) => one.device).length ? memory : memory.slice(0, 1);
    band.replaceChildren(
      figure(W.queue.all, now.length + line.length ? (sum > 0 ? `${sure ? "" : "> "}${span(sum)}` : W.none) : W.queue.free, W.queue.counts(now.length, line.length)),
      ...alone.map((one) => make("div", { className: "figure memory" }, make("dt", {}, one.device ? one.name : W.queue.computer),
        make("dd", {}, W.queue.used(size(one.used), size(one.all)), gauge(one.used / one.all, null, one.used / one.all > 0.92 ? "fill stop" : "fill machine", W.queue.usedSays(one.device ? one.name : W.queue.computer, Math.round(100 * one.used / one.all)), 8),
          make("small", {}, one.ours ? W.queue.ours(size(one.ours)) : one.device ? "" : W.queue.atRest)))),
      figure(W.queue.failures, String(gone.filter(({ take }) => take.state === "failed").length), gone.some(({ take }) => take.state === "failed") ? W.queue.again : W.queue.well, gone.some(({ take }) => take.state === "failed") ? "stop" : ""));
  }
  function mark() {
    const list = rows();
    if (!list.some((row) => row.dataset.take === chosen)) chosen = list[0]?.dataset.take ?? "";
    for (const row of list) {
      row.classList.toggle("now", row.dataset.take === chosen);
      row.toggleAttribute("aria-current", row.dataset.take === chosen);
      if (row.dataset.take === chosen) row.scrollIntoView({ block: "nearest" });
    }
  }
  const move = (by) => {
    const list = rows(), at = list.findIndex((r) => r.dataset.take === chosen);
    chosen = list[Math.min(list.length - 1, Math.max(0, at + by))]?.dataset.take ?? ""; mark();
    document.querySelector("#heard").textContent = list.find((r) => r.dataset.take === chosen)?.querySelector(".about")?.innerText ?? "";
  };
  const act = (does) => { const one = find(chosen); if (one) does(one); };
  async function look() {
    clearTimeout(look.later);
    if (!main.contains(running)) return;
    try {
      const said = await fetched("/queue");
      order = new Map(said.order.map((take, i) => [take, i])); seconds = said.seconds; if (said.memory.length) memory = said.memory;
      if (main.contains(running)) draw();
    } catch { /* the head of the page says that the daemon is out of reach */ }
    look.later = setTimeout(() => (document.hidden ? document.addEventListener("visibilitychange", look, { once: true }) : look()), OFTEN_MS);
  }
  const soon = () => { clearTimeout(draw.later); draw.later = setTimeout(() => main.contains(running) && draw(), 100); };

  draw(); look(); main.focus();
  return {
    leave: () => clearTimeout(look.later),
    keys: [{ title: W.views.queue, keys: [
      { key: "ArrowDown", shown: "↑ ↓", also: ["ArrowUp", "j", "k"], says: W.key.move, foot: true, does: (key) => move(key === "ArrowDown" || key === "j" ? 1 : -1) },
      { key: "Enter", shown: "Enter", says: W.key.open, foot: true, does: () => act(({ shot }) => go({ view: "shot", guid: shot.guid, name: shot.name })) },
      { key: "x", says: W.key.cancel, foot: true, does: () => act(({ shot, take }) => { if (AHEAD.includes(take.state)) ask.cancel(shot, take); }) },
      { key: "t", says: W.key.retry, foot: true, does: () => act(({ take }) => { if (OVER.includes(take.state)) ask.retry(take); }) },
    ] }],
    hear(what) { if (what === "shots") { soon(); clearTimeout(look.soon); look.soon = setTimeout(look, 300); } else if (what !== "link" && what !== "packet") soon(); },
  };
}
