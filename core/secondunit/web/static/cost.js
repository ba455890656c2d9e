// What the takes cost, by shot and in all, and how much of it was for nothing.
import { W } from "./words.js";
import { make } from "./dom.js";
import { film } from "./store.js";
import { bar, money } from "./charts.js";

const FATES = ["circled", "pending_review", "blocked", "recalled", "rejected", "junk", "failed", "cancelled", "waiting", "shooting", "checking", "suspended"];
const MINUTE_H = 1 / 60;
const MOST = 60; // shots that have a bar of their own

export function costSheet(costs, open) {
  const words = W.show.cost, { all, rates } = costs, takes = film.shots.flatMap((one) => one.takes);
  const count = (list) => FATES.map((state) => ({ state, value: list.filter((one) => one.state === state).length })).filter((one) => one.value);
  const pieces = (list) => count(list).map(({ state, value }) => ({ value, className: `fill ${state}`, title: `${W.state[state]}: ${value}` }));
  const spell = (list) => count(list).map(({ state, value }) => `${W.state[state]} ${value}`).join(", ");
  const figure = (name, value, note, tone = "") => make("div", { className: `figure ${tone}` }, make("dt", {}, name), make("dd", {}, value, note ? make("small", {}, note) : null));
  const shots = [...costs.shots].sort((a, b) => b.total - a.total), most = Math.max(0.0001, ...shots.map((one) => one.total)), widest = Math.max(1, ...film.shots.map((one) => one.takes.length));
  const row = (one) => {
    const same = film.shots.filter((s) => s.name === one.shot), shot = same.length === 1 ? same[0] : null, list = shot?.takes ?? []; // two productions may have shots of one name
    const says = words.bar(one.shot, money(one.machine, rates.currency), money(one.people, rates.currency));
    return make("li", { className: "spent" },
      shot ? make("button", { className: "shotchip", onclick: () => open({ guid: shot.guid }) }, one.shot) : make("span", { className: "shotchip" }, one.shot),
      bar([{ value: one.machine, className: "fill machine", title: `${words.machine} ${money(one.machine, rates.currency)}` }, { value: one.people, className: "fill people", title: `${words.people} ${money(one.people, rates.currency)}` }], most, says),
      make("b", {}, money(one.total, rates.currency)),
      bar(pieces(list), widest, `${one.shot}: ${spell(list)}`), make("i", {}, words.lost(one.junk, one.takes)));
  };
  const over = all.qc_budget_hours >= MINUTE_H && all.qc_hours > all.qc_budget_hours;
  const key = (className, text) => make("span", { className: "key" }, make("i", { className: `fill ${className}` }), text);
  return [
    make("dl", { className: "figures" },
      figure(words.total, money(all.total, rates.currency), words.split(money(all.machine, rates.currency), money(all.people, rates.currency))),
      figure(words.second, all.per_accepted_second === null ? W.none : money(all.per_accepted_second, rates.currency), all.per_accepted_second === null ? words.nothing : ""),
      figure(words.minute, all.per_finished_minute === null ? W.none : money(all.per_finished_minute, rates.currency)),
      figure(words.junk, `${Math.round(100 * all.junk_ratio)} %`, words.lost(all.junk, all.takes)),
      figure(words.judging, words.hours(all.qc_hours), all.qc_budget_hours < MINUTE_H ? words.early : words.line(words.hours(all.qc_budget_hours), over), over ? "look" : "")),
    make("section", { className: "group" }, make("h2", {}, words.fates, make("b", {}, String(takes.length))),
      make("div", { className: "whole" }, bar(pieces(takes), Math.max(1, takes.length), spell(takes), 30)), make("p", { className: "keysof" }, count(takes).map(({ state, value }) => key(state, `${W.state[state]} ${value}`)))),
    make("section", { className: "group" }, make("h2", {}, words.byShot, make("b", {}, String(shots.length))),
      make("p", { className: "keysof" }, key("machine", words.machine), key("people", words.people), make("span", { className: "key" }, words.dearest)),
      make("ol", { className: "spents" }, shots.slice(0, MOST).map(row)), shots.length > MOST ? make("p", { className: "quiet" }, words.others(shots.length - MOST, money(shots.slice(MOST).reduce((sum, one) => sum + one.total, 0), rates.currency))) : ""),
    make("section", { className: "group" }, make("h2", {}, words.figures), make("dl", { className: "declared" }, costs.facts.map(([name, said]) => make("div", {}, make("dt", {}, name), make("dd", {}, said)))), make("p", { className: "quiet" }, costs.assumed)),
  ];
}
