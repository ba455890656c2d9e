// What is known of a take: what was asked, which versions it became, what was found, who said what.
import { W } from "./words.js";
import { handed, make, short, when } from "./dom.js";
import { worded } from "./store.js";
import { changed, clipped, differences, plainly, valued } from "./turnovers.js";

export const framesSaid = (ranges) => ranges.map(([a, b]) => (a === b ? a : `${a}–${b}`)).join(", ");
const round = (value) => (Math.abs(value) >= 100 ? value.toFixed(0) : Number(value.toPrecision(3)));
const pair = (name, value, title) => (value === "" || value === null || value === undefined ? null : make("div", {}, make("dt", {}, name), make("dd", { title: title ?? null }, String(value))));

// ``on.jump`` goes to a frame, ``on.waive`` asks for an answer to a finding.
export function about(shot, t, on) {
  const options = Object.entries(t.asked.options).map(([k, v]) => `${plainly(k)}: ${clipped(valued(v))}`).join(" · ");
  return [
    make("h2", {}, W.shot.take(t.number), make("em", { className: `mark ${t.state}` }, W.state[t.state])),
    t.junk ? make("p", { className: "warn" }, `${W.shot.junk}: ${t.junk}`) : "",
    t.error?.message ? make("p", { className: "warn" }, worded(t.error)) : "",
    t.asked.brief ? make("blockquote", {}, t.asked.brief) : "",
    make("dl", { className: "facts" }, pair(W.shot.generator, t.asked.generator), pair(W.shot.options, options), pair(W.shot.seed, t.seed), pair(W.shot.asked, t.asked.artist),
      pair(W.shot.picture, t.size ? `${t.size[0]} × ${t.size[1]} ${t.space}` : ""), pair(W.shot.confidence, t.confidence === null ? "" : t.confidence.toFixed(2)), pair(W.shot.device, t.seconds ? `${t.seconds.toFixed(1)} ${W.shot.seconds} ${t.device}` : ""), pair(W.shot.turnover, short(t.turnover), t.turnover)),
    ...madeFrom(t), ...otherwise(shot, t), ...versions(shot, t), ...findings(t, on), ...history(t, on)];
}

// What was handed over, each with its middle frame: a sequence or a long movie is not opened for it.
function madeFrom(t) {
  if (!t.asked.handed.length) return [];
  return [make("h3", {}, W.shot.madeFrom), make("ul", { className: "handeds" }, t.asked.handed.map((one) => make("li", {}, handed(`/handed/${t.id}/${one.index}.jpg`, ""),
    make("b", { title: one.name }, one.name), make("small", {}, `${W.shot.roles[one.role] ?? one.role} · ${W.shot.frameCount(one.frames)}`))))];
}
// Against the take before it that was asked for in other words.
function otherwise(shot, t) {
  const before = shot.takes.filter((one) => one.number < t.number && one.turnover !== t.turnover).pop(), rows = before ? differences(before.asked, t.asked) : [];
  return rows.length ? [make("h3", {}, W.shot.otherwise(before.number)), make("dl", { className: "changes" }, make("dt", { className: "unseen" }, W.shot.otherwise(before.number)), changed(rows))] : [];
}
function versions(shot, t) {
  const mine = shot.versions.filter((v) => v.take === t.id);
  if (!mine.length) return [];
  return [make("h3", {}, W.shot.versions), make("ul", { className: "versions" }, mine.map((v) => make("li", { className: v.state.includes("stale") ? "stale" : v.state },
    make("b", {}, v.name), make("span", {}, `${W.kind[v.kind]} · ${W.version[v.state] ?? v.state} · ${v.by} · ${when(v.at)}`), make("code", { title: v.record }, `${W.shot.record} ${short(v.record)}`))))];
}
function findings(t, on) {
  const asks = t.findings.filter((f) => f.asks), rest = t.findings.filter((f) => !f.asks), clear = rest.filter((f) => f.outcome === "clear").length;
  return [make("h3", {}, W.shot.findings, make("small", {}, t.findings.length ? `${W.shot.clear(clear)} · ${W.shot.unchecked(rest.filter((f) => f.outcome === "not_checked").length)}` : W.shot.noFindings)),
    asks.length || !t.findings.length ? null : make("p", { className: "quiet" }, W.shot.answeredAll),
    make("ol", { className: "findings" }, asks.map((f) => make("li", { className: `${f.outcome}${f.open ? "" : " closed"}` },
      make("button", { onclick: () => { if (f.frames.length) on.jump(f.frames[0][0]); }, ondblclick: () => on.waive(f) },
        make("em", {}, W.outcome[f.outcome]), make("span", {}, f.sentence),
        make("small", {}, [f.check, f.frames.length ? `${W.shot.frames} ${framesSaid(f.frames)}` : W.shot.all, f.value !== null ? `${round(f.value)} ${f.unit} (${W.shot.limit} ${f.limit === null ? W.none : round(f.limit)})` : ""].filter(Boolean).join(" · "))),
      f.answered ? make("p", { className: "answered" }, `${W.answer[f.answered.answer]} · ${f.answered.by}: ${f.answered.reason}`) : null)))];
}
function history(t, on) {
  const words = (one) => {
    const b = one.body;
    if (one.what === "state") return W.said.state[b.state] ?? W.said.became(b.state);
    if (one.what === "circled") return W.said.circled(b.version);
    if (one.what === "version") return W.said.version(b.name);
    if (one.what === "version_state") return W.said.version_state[b.state] ?? W.said.became(b.state);
    if (one.what === "waiver") return W.said.waiver(W.answer[b.answer] ?? b.answer);
    if (one.what === "note" && b.drawn?.length) return W.said.drew;
    return W.said[one.what] ?? one.what;
  };
  return [make("h3", {}, W.shot.history), make("ol", { className: "history" }, [...t.said].reverse().map((one) => make("li", { title: one.seal },
    make("span", {}, make("b", {}, one.by || W.said.daemon), ` ${words(one)}`), make("time", {}, when(one.at)),
    one.body.text || one.body.reason ? make("p", {}, one.body.text || one.body.reason, one.body.frames?.length ? make("button", { className: "at", onclick: () => on.jump(one.body.frames[0][0]) }, framesSaid(one.body.frames)) : null) : null)))];
}
