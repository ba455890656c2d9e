// The rights register: what lapses, what stands where, what used it, what a buyer was told.
import { W } from "./words.js";
import { handed, make } from "./dom.js";
import { chips } from "./bible.js";

const pill = (state) => make("em", { className: `pill ${state}` }, W.show.rights.state[state] ?? state);

export function rightsSheet(rights, open) {
  const words = W.show.rights, uses = (rows) => rows.length ? chips(rows, open, 3) : make("span", { className: "quiet" }, words.unused);
  const lapse = (one) => make("li", { className: one.past ? "stop" : "look" }, make("b", {}, one.past ? words.ended : words.days(one.left)), make("div", {}, make("p", {}, one.sentence), uses(one.uses)));
  const column = (text) => make("th", { scope: "col" }, text);
  const table = (caption, columns, rows, none) => make("section", { className: "group" }, make("h2", {}, caption, make("b", {}, String(rows.length))),
    rows.length ? make("div", { className: "scroll" }, make("table", {}, make("caption", { className: "unseen" }, caption), make("thead", {}, make("tr", {}, columns.map(column))), make("tbody", {}, rows))) : make("p", { className: "quiet" }, none));
  const first = (name, small, one) => make("th", { scope: "row" }, one?.seen ? handed(one.seen, "") : null, make("span", {}, name, small ? make("small", {}, small) : null));
  const cell = (content) => make("td", {}, content || W.none);
  return [
    make("section", { className: "group" }, make("h2", {}, words.lapses(rights.ahead), make("b", {}, String(rights.lapses.length))),
      rights.lapses.length ? make("ul", { className: "lapses" }, rights.lapses.map(lapse)) : make("p", { className: "quiet" }, words.noLapses(rights.ahead))),
    table(words.assets, [words.what, words.stands, words.licence, words.most, words.until, words.usedIn], rights.assets.map((one) => make("tr", {},
      first(one.name, [words.kind[one.kind] ?? one.kind, one.frames ? W.shot.frameCount(one.frames) : "", one.id === one.name ? "" : one.id].filter(Boolean).join(" · "), one), make("td", {}, pill(one.state), one.reason ? make("small", {}, one.reason) : null, one.entry ? null : make("small", {}, words.unwritten)),
      cell(one.licence), cell(W.kind[one.most] ?? one.most), cell(one.until), make("td", {}, uses(one.uses)))), words.noAssets),
    table(words.consents, [words.performer, words.stands, words.scope, words.covers, words.until, words.usedIn], rights.consents.map((one) => make("tr", {},
      first(one.performer, one.id), make("td", {}, pill(one.state), one.signed ? make("small", {}, words.signed(one.signed)) : null), cell(one.scope || one.kind.replaceAll("_", " ")), cell(one.covers.join(", ")), cell(one.until), make("td", {}, uses(one.uses)))), words.noConsents),
    rights.waivers.length ? table(words.waivers, [words.rule, words.stands, words.about, words.answers, words.until], rights.waivers.map((one) => make("tr", {},
      first(one.rule, one.reason), make("td", {}, pill(one.state)), cell(one.asset), cell(`${one.by}, ${one.role}`), cell(one.until)))) : "",
    ...rights.declarations.map((one) => make("section", { className: "group" }, make("h2", {}, words.declared(one.project), make("em", { className: `pill ${one.whole ? "cleared" : "draft"}` }, one.whole ? words.whole : words.partly)),
      make("dl", { className: "declared" }, one.answers.map((pair) => make("div", {}, make("dt", {}, pair.asked), make("dd", {}, pair.said)))), make("p", { className: "quiet" }, words.signedBy(one.by, one.role, one.signed)))),
  ];
}
