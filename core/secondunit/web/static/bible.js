// The bible: who and what is seen where, set-ups, story days, looks.
import { W } from "./words.js";
import { make, picture } from "./dom.js";
import { film } from "./store.js";
import { poster } from "./sequence.js";

// A picture of where something is seen: of a shot of ours its poster, else a clip of the cut.
function src(place) {
  const shot = film.shots.find((one) => one.guid === place.guid);
  return (shot && poster(shot)) || (place.clip >= 0 ? `/clips/${place.clip}.jpg` : null);
}

function crop(place, alt) {
  const from = place && src(place);
  if (!from) return make("span", { className: "slug", "aria-hidden": "true" }, alt.slice(0, 1));
  const image = picture(from).cloneNode();
  image.alt = alt;
  if (place.region) {
    const [x, y, wide, high] = place.region, cut = (part) => `${(100 * Math.max(0, part)).toFixed(2)}%`;
    image.style.setProperty("object-view-box", `inset(${cut(y)} ${cut(1 - x - wide)} ${cut(1 - y - high)} ${cut(x)})`);
  }
  return image;
}

export function chips(places, open, most = 8) {
  if (!places.length) return make("p", { className: "quiet" }, W.show.bible.nowhere);
  const known = new Set(film.shots.map((one) => one.guid)), once = [...new Map(places.map((one) => [one.shot, one])).values()];
  return make("ul", { className: "chips" }, once.slice(0, most).map((one) => make("li", {}, known.has(one.guid)
    ? make("button", { className: "shotchip", onclick: () => open(one) }, one.version || one.shot) : make("span", { className: "shotchip" }, one.version || one.shot))),
    once.length > most ? make("li", {}, make("span", { className: "shotchip" }, W.show.more(once.length - most))) : null);
}

const heading = (text, count) => make("h2", {}, text, make("b", {}, String(count)));
const group = (title, rows, none, build, className) => make("section", { className: "group" }, heading(title, rows.length),
  rows.length ? make("ul", { className }, rows.map(build)) : make("p", { className: "quiet" }, none));

export function bibleSheet(bible, open) {
  const words = W.show.bible;
  const face = (one) => make("li", { className: "person" },
    make("div", { className: "portrait" }, one.faces ? make("img", { src: `/faces/${encodeURIComponent(one.name)}/0.jpg`, alt: words.approvedOf(one.name), decoding: "async" }) : crop(one.in.find((p) => p.region) ?? one.in[0], one.name)),
    make("div", { className: "who" }, make("h3", {}, one.name),
      make("p", { className: one.approved ? "good" : "wants" }, one.approved ? words.approved(one.approved) : words.noFaces),
      one.faces > 1 ? make("div", { className: "others" }, Array.from({ length: one.faces - 1 }, (_, i) => make("img", { src: `/faces/${encodeURIComponent(one.name)}/${i + 1}.jpg`, alt: words.approvedOf(one.name), decoding: "async" }))) : null,
      chips(one.in, open, 4)));
  const setup = (one) => make("li", { className: "setup" },
    make("div", { className: "still" }, crop(one.master ?? one.in[0], words.setupOf(one.name)), make("em", { className: one.master ? "stamp master" : "stamp" }, one.master ? words.master : words.noMaster)),
    make("div", { className: "slate" }, make("h3", {}, one.name), make("p", {}, [one.scene && words.scene(one.scene), one.day && words.day(one.day), one.key_side && words.key[one.key_side], one.focal_mm && `${one.focal_mm} mm`].filter(Boolean).join(" · "))),
    chips(one.in, open, 4));
  const prop = (one) => make("li", { className: "prop" },
    make("h3", {}, one.name),
    make("ol", { className: "states" }, one.states.map((state) => make("li", {}, make("div", { className: "detail" }, crop(state.in.find((p) => p.region) ?? state.in[0], `${one.name} ${state.state}`)), make("b", {}, state.state || words.unsaid), chips(state.in, open, 3)))));
  const costume = (one) => make("li", { className: "prop" }, make("h3", {}, one.name), make("ol", { className: "states" }, make("li", {}, make("div", { className: "detail" }, crop(one.in[0], one.name)), one.master ? make("b", {}, words.masterIs(one.master)) : null, chips(one.in, open, 4))));
  const day = (one) => make("li", {}, make("b", {}, one.name || words.noDay), make("span", {}, one.scenes.length ? words.scenes(one.scenes) : words.noScene), make("i", {}, W.sequence.shots(one.shots)));
  const look = (one) => make("li", {}, make("b", {}, one.look || one.generator), make("span", {}, one.look ? one.generator : ""), make("i", {}, `${W.sequence.shots(one.shots.length)} · ${W.sequence.takes(one.takes)}`));
  const empty = !bible.cast.length && !bible.setups.length && !bible.props.length;
  return [
    bible.wrong.length ? make("ul", { className: "wrongs" }, bible.wrong.map((text) => make("li", {}, text))) : "",
    empty ? make("p", { className: "hintline" }, words.empty) : "",
    group(words.cast, bible.cast, words.noCast, face, "people"),
    group(words.setups, bible.setups, words.noSetups, setup, "setups"),
    make("div", { className: "pair" },
      group(words.props, bible.props, words.noProps, prop, "props"),
      make("div", { className: "column" }, group(words.days, bible.days, words.noDays, day, "lines"), group(words.looks, bible.looks, words.noLooks, look, "lines"))),
    bible.wardrobe.length ? group(words.wardrobe, bible.wardrobe, "", costume, "props") : "",
  ];
}
