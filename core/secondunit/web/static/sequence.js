// The cut as a strip of shots.
import { W } from "./words.js";
import { anew, make, percent, picture, put } from "./dom.js";
import { film } from "./store.js";
import { Strip } from "./strip.js";

const ORDER = ["watch", "blocked", "busy", "waiting", "stale", "approved", "final", "failed", "rejected", "recalled", "omitted", "none"];
const word = (standing) => W.standing[standing] ?? standing; // what the daemon may say one day is shown as it says it
const kept = { filter: "all", department: "", guid: "" };

export const length = (shot) => shot.cut[1] - shot.cut[0] + 1;
export const openOf = (shot) => shot.takes.filter((t) => t.state === "blocked").reduce((sum, t) => sum + t.open, 0);

// The take that stands for a shot: the last that was circled, else one to watch, else any with frames.
export function best(shot) {
  const shown = shot.takes.filter((t) => t.frames);
  return shown.findLast((t) => t.state === "circled") ?? ["pending_review", "blocked"].map((state) => shown.find((t) => t.state === state)).find(Boolean) ?? shown[0];
}

export function poster(shot, width = 640) {
  const take = best(shot);
  if (!take) return null;
  const middle = Math.floor((take.frames[0] + take.handles[0] + take.frames[1] - take.handles[1]) / 2);
  return `/frames/${take.id}/${Math.min(take.frames[1], Math.max(take.frames[0], middle))}.jpg?w=${width}`;
}

export function sequenceView(main, go, place) {
  if (place.at) kept.guid = place.at;
  const bar = make("div", { className: "filters", role: "group", "aria-label": W.filter.title });
  const ribbon = make("div", { className: "ribbon", role: "img", "aria-label": W.sequence.ribbon });
  const strip = make("ol", { className: "strip", role: "listbox", tabIndex: 0, "aria-label": W.views.sequence });
  const seek = make("input", { className: "seek", type: "search", placeholder: W.filter.seek, "aria-label": W.key.jump, autocomplete: "off", spellcheck: false, oninput: sought, onkeydown: (event) => {
    if (event.key === "Enter" || event.key === "Escape") { event.preventDefault(); event.stopPropagation(); seek.value = ""; strip.focus(); if (event.key === "Enter") enter(kept.guid); }
  } });
  const sorts = make("div", { className: "sorts" }), counted = make("p", { className: "counted" });
  bar.append(sorts, seek, counted); // who types stays where they are, whatever happens meanwhile
  main.append(make("div", { className: "top" }, bar, ribbon), strip);
  let cards = [], sorted = "";
  const seen = new Strip(strip, cardOf);
  const built = new Map(); // by shot: what it was built from, and the card

  const fits = (shot, filter = kept.filter) =>
    (filter === "all" || shot.standing === filter || (filter === "open" && openOf(shot) > 0)) && (!kept.department || shot.departments.includes(kept.department));
  const known = () => [...ORDER, ...film.shots.map((one) => one.standing).filter((s) => !ORDER.includes(s))];
  const filters = () => ["all", ...new Set(known().filter((s) => film.shots.some((one) => one.standing === s))), ...(film.shots.some(openOf) ? ["open"] : [])];

  function draw(goes = true) {
    const chips = filters();
    if (!chips.includes(kept.filter)) kept.filter = "all";
    const departments = [...new Set(film.shots.flatMap((s) => s.departments))].sort();
    if (!departments.includes(kept.department)) kept.department = "";
    const counts = chips.map((name) => [name, film.shots.filter((s) => (name === "all" ? true : name === "open" ? openOf(s) : s.standing === name)).length]);
    const now = JSON.stringify([counts, departments, kept.filter, kept.department]);
    if (now !== sorted) anew(sorts,
      ...counts.map(([name, count]) => make("button", {
        className: `chip ${name}`, "aria-pressed": String(kept.filter === name), onclick: () => { kept.filter = name; draw(); },
      }, W.filter[name] ?? word(name), make("b", {}, String(count)))),
      departments.length ? make("label", { className: "pick" }, W.filter.department, make("select", {
        onchange: (event) => { kept.department = event.target.value; draw(); },
      }, [["", W.filter.every], ...departments.map((d) => [d, d])].map(([value, text]) => make("option", { value, selected: value === kept.department }, text)))) : "",
    );
    sorted = now;
    put(counted, total());
    drawRibbon();
    const shown = film.shots.filter((shot) => fits(shot));
    if (!shown.some((s) => s.guid === kept.guid)) kept.guid = shown[0]?.guid ?? "";
    cards = shown;
    if (shown.length) seen.put(shown); else { seen.put([]); strip.replaceChildren(nothing()); }
    mark(goes);
  }
  function drawRibbon() {
    const now = film.shots.map((shot) => `${shot.guid}${shot.standing}${length(shot)}${fits(shot)}`).join();
    if (drawRibbon.now === now) return;
    drawRibbon.now = now;
    ribbon.classList.toggle("many", film.shots.length > 150);
    ribbon.replaceChildren(...film.shots.map((shot) => make("i", {
      className: `${shot.standing}${fits(shot) ? "" : " out"}`, set: { "flex-grow": String(length(shot)) }, title: shot.name, onclick: () => choose(shot.guid),
    })));
  }

  function total() {
    const seconds = film.shots.reduce((sum, s) => sum + length(s) * s.rate[1] / s.rate[0], 0);
    return film.shots.length ? `${W.sequence.shots(film.shots.length)} · ${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")} ${W.sequence.total}` : "";
  }

  function nothing() {
    if (!film.shots.length) return make("li", { className: "nothing" }, make("h2", {}, W.sequence.empty), make("p", {}, W.sequence.emptyHint));
    return make("li", { className: "nothing" }, make("h2", {}, W.filter.nothing), make("button", { className: "plain", onclick: () => { kept.filter = "all"; kept.department = ""; draw(); } }, W.filter.back));
  }

  function cardOf(shot) {
    const from = JSON.stringify([shot, shot.takes.map((t) => film.progress.get(t.id)?.done)]);
    if (built.get(shot.guid)?.from !== from) built.set(shot.guid, { from, card: card(shot) });
    const { card: made } = built.get(shot.guid);
    made.setAttribute("aria-selected", String(shot.guid === kept.guid));
    return made;
  }
  function card(shot) {
    const src = poster(shot), open = openOf(shot), frames = length(shot);
    const busy = shot.takes.find((t) => film.progress.has(t.id) && t.state === "shooting");
    return make("li", {
      id: `shot-${shot.guid}`, role: "option", className: `card ${shot.standing}`, onclick: () => choose(shot.guid), ondblclick: () => enter(shot.guid),
      "aria-label": `${shot.name}, ${word(shot.standing)}${shot.why ? `, ${shot.why}` : ""}, ${frames} ${W.sequence.frames}, ${W.sequence.takes(shot.takes.length)}${open ? `, ${W.sequence.open(open)}` : ""}`,
    },
      make("div", { className: "still" }, src ? picture(src) : make("span", { className: "slug" }, shot.code),
        make("em", { className: "stamp" }, word(shot.standing)),
        make("span", { className: "span", title: W.sequence.span(frames, ...shot.handles) }, ...[["h", shot.handles[0]], ["c", frames], ["h", shot.handles[1]]].map(([className, long]) => make("i", { className, set: { "flex-grow": String(long) } }))),
        busy ? make("u", { className: "bar", set: { width: percent(film.progress.get(busy.id).done) } }) : null),
      make("div", { className: "slate" },
        make("b", {}, shot.name), make("span", { className: "tc" }, shot.tc),
        make("span", { className: "long" }, `${frames} `, make("i", {}, `+${shot.handles[0]} +${shot.handles[1]}`)),
        make("span", { className: "dots", title: W.sequence.takes(shot.takes.length) }, shot.takes.slice(-12).map((t) => make("i", { className: t.state }))),
        make("span", { className: "last", title: shot.why }, open ? make("span", { className: "open" }, W.sequence.open(open)) : shot.why ? null : make("span", { className: "count" }, W.sequence.takes(shot.takes.length)), shot.why ? make("span", { className: "why" }, shot.why) : null)));
  }

  // ``goes`` brings the chosen one onto the screen; who scrolls by hand is left where they are.
  function mark(goes = true) {
    if (goes) seen.reveal(cards.findIndex((shot) => shot.guid === kept.guid));
    if (document.getElementById(`shot-${kept.guid}`)) strip.setAttribute("aria-activedescendant", `shot-${kept.guid}`); else strip.removeAttribute("aria-activedescendant");
    for (const one of strip.children) one.setAttribute("aria-selected", String(one.id === `shot-${kept.guid}`));
    ribbon.childNodes.forEach((one, index) => one.classList.toggle("now", film.shots[index]?.guid === kept.guid));
  }

  const choose = (guid) => { kept.guid = guid; mark(); };
  const enter = (guid) => { const shot = film.shots.find((s) => s.guid === guid); if (shot) go({ view: "shot", guid, name: shot.name }); };
  function move(by) {
    const at = cards.findIndex((s) => s.guid === kept.guid), to = Math.min(cards.length - 1, Math.max(0, at + by));
    if (cards[to]) choose(cards[to].guid);
  }
  const across = () => seen.across();
  const nextFilter = (by) => { const all = filters(); kept.filter = all[(all.indexOf(kept.filter) + by + all.length) % all.length]; draw(); };
  function nextDepartment() {
    const all = ["", ...new Set(film.shots.flatMap((s) => s.departments))].sort();
    kept.department = all[(all.indexOf(kept.department) + 1) % all.length]; draw();
  }
  // The first shot that is called so, or that plays at this timecode.
  function sought() {
    const text = seek.value.trim().toLowerCase(), found = text && (cards.find((s) => s.code.toLowerCase().startsWith(text)) ?? cards.find((s) => s.name.toLowerCase().includes(text) || s.tc.startsWith(text) || s.scene.toLowerCase() === text));
    seek.classList.toggle("no", Boolean(text) && !found);
    if (found) choose(found.guid);
  }
  function nextOpen(by) {
    const at = cards.findIndex((s) => s.guid === kept.guid);
    for (let i = 1; i <= cards.length; i++) { const shot = cards[((at + by * i) % cards.length + cards.length) % cards.length]; if (openOf(shot)) { choose(shot.guid); return; } }
  }

  draw();
  strip.focus();
  return {
    keys: [{ title: W.views.sequence, keys: [
      { key: "ArrowRight", shown: "← ↑ ↓ →", also: ["ArrowLeft", "ArrowUp", "ArrowDown", "j", "k"], says: W.key.move, foot: true,
        does: (key) => move({ ArrowRight: 1, j: 1, ArrowLeft: -1, k: -1, ArrowDown: across(), ArrowUp: -across() }[key]) },
      { key: "Home", says: W.key.endShots, also: ["End"], shown: "Home End", does: (key) => move(key === "Home" ? -1e6 : 1e6) },
      { key: "Enter", shown: "Enter", says: W.key.open, foot: true, does: () => enter(kept.guid) },
      { key: "/", says: W.key.jump, foot: true, does: () => seek.focus() },
      { key: "n", shown: "N ⇧N", also: ["Shift+n"], says: W.key.jumpAt, foot: true, does: (key) => nextOpen(key === "n" ? 1 : -1) },
      { key: "f", shown: "F ⇧F", also: ["Shift+f"], says: W.key.filter, foot: true, does: (key) => nextFilter(key === "f" ? 1 : -1) },
      { key: "d", says: W.key.department, foot: true, does: nextDepartment },
    ] }],
    leave() { seen.leave(); },
    hear(what) { if (what === "shots" || what === "progress") { clearTimeout(draw.later); draw.later = setTimeout(() => { if (strip.isConnected) draw(false); }, 120); } },
  };
}
