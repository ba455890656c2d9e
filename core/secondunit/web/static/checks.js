// How far this show trusts its checks: the share of their findings that people called no error.
import { W } from "./words.js";
import { make } from "./dom.js";
import { gauge } from "./charts.js";

export function checksSheet(checks) {
  const words = W.show.checks, several = new Set(checks.rows.map((one) => one.project)).size > 1;
  const rows = [...checks.rows].sort((a, b) => b.quiet - a.quiet || b.rate - a.rate || b.answers - a.answers);
  const row = (one) => {
    const tone = one.quiet ? "stop" : one.answers < checks.enough ? "few" : one.rate > checks.too_often / 2 ? "look" : "clear";
    return make("li", { className: `trust ${tone}` }, make("b", {}, one.check, several ? make("small", {}, one.project) : null),
      gauge(one.rate, checks.too_often, `fill ${tone}`, words.says(one.check, one.not_errors, one.answers)),
      make("span", {}, `${Math.round(100 * one.rate)} %`), make("i", {}, words.of(one.not_errors, one.answers)), make("em", {}, one.quiet ? words.quiet : one.answers < checks.enough ? words.few(checks.enough - one.answers) : words.heard));
  };
  return [
    make("section", { className: "group" }, make("h2", {}, words.heading, make("b", {}, String(rows.length))),
      rows.length ? make("ol", { className: "trusts" }, rows.map(row)) : make("p", { className: "quiet" }, words.none)),
    make("p", { className: "hintline" }, words.rule(Math.round(100 * checks.too_often), checks.enough)),
  ];
}
