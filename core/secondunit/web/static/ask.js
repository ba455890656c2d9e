// What is asked of a person before something is decided: a name always, and why.
import { W } from "./words.js";
import { make, short } from "./dom.js";
import { box, decide, field, hash } from "./dialog.js";
import { film, refuse, say, send } from "./store.js";
import { reshoot } from "./reshoot.js";

// Nobody approves what they asked for themselves, but alone and with a reason.
const own = (artist) => [field(W.ask.own(artist || W.none), make("input", { name: "own", maxLength: 2000 }))];
const owned = () => box().querySelector("[name=own]").value;

export const ask = {
  circle(shot, take) {
    const kind = make("select", { name: "kind" }, Object.entries(W.kind).map(([value, text]) => make("option", { value }, text)));
    decide("circle", W.ask.circle(take.number, shot.name), [take.open ? make("p", { className: "warn" }, W.ask.openFirst) : null, field(W.ask.kind, kind), ...own(take.asked.artist), hash(take)].filter(Boolean),
      () => ({ take: take.id, kind: kind.value, reason: owned() }), { while: W.ask.publishing });
  },
  promote(shot, take, version) {
    decide("promote", W.ask.promote(version.name), [make("p", { className: "quiet" }, W.ask.locked), ...own(take.asked.artist), make("p", { className: "hash", title: version.record }, `${W.shot.record} ${short(version.record)}`)],
      () => ({ version: version.name, reason: owned() }));
  },
  reject(shot, take) { reasoned("reject", W.ask.reject(take.number, shot.name), { take: take.id }, take); },
  restore(shot, take) { reasoned("restore", W.ask.restore(take.number, shot.name), { take: take.id }, take); },
  recall(version) { reasoned("recall", W.ask.recall(version.name), { version: version.name }); },
  cancel(shot, take) { decide("cancel", W.ask.cancel(take.number, shot.name), [], () => ({ take: take.id })); },
  async retry(take) {
    try { await send("retry", { take: take.id, by: film.by }); say(`${W.done.retry}.`); } catch (error) { refuse(error); }
  },
  note(shot, take, [first, last], drawn = [], done) {
    const text = make("textarea", { name: "text", rows: 3 });
    const from = make("input", { type: "number", value: first, min: take.frames[0], max: take.frames[1] }), to = make("input", { type: "number", value: last, min: take.frames[0], max: take.frames[1] });
    decide("note", W.ask.note(take.number, shot.name), [field(W.ask.text, text), make("div", { className: "two" }, field(W.ask.from, from), field(W.ask.to, to)), drawn.length ? make("p", { className: "quiet" }, W.draw.with(drawn.length)) : null].filter(Boolean),
      () => ({ take: take.id, text: text.value, frames: [[Number(from.value), Math.max(Number(from.value), Number(to.value))]], drawn }), { done });
  },
  waive(finding) {
    const answers = Object.entries(W.answer).map(([value, text], i) => make("label", {}, make("input", { type: "radio", name: "answer", value, checked: i === 0 }), make("kbd", {}, String(i + 1)), make("span", {}, text, make("small", {}, W.answerSays[value]))));
    const reason = make("textarea", { name: "reason", rows: 2 }), role = make("input", { name: "role", value: film.role ?? "" });
    const list = make("fieldset", { className: "answers", onkeydown: (event) => {
      const at = Number(event.key) - 1;
      if (answers[at]) { event.preventDefault(); answers[at].querySelector("input").checked = true; reason.focus(); }
    } }, make("legend", {}, W.ask.answer), answers);
    decide("waive", W.ask.waive, [make("p", { className: `finding ${finding.outcome}` }, finding.sentence), list, field(W.ask.reason, reason), field(W.ask.role, role)],
      () => { film.role = role.value; return { finding: finding.id, answer: list.querySelector(":checked").value, reason: reason.value, role: role.value }; });
  },
  reshoot,
};

function reasoned(verb, title, what, take) {
  const reason = make("textarea", { name: "reason", rows: 3 });
  decide(verb, title, [field(W.ask.reason, reason), ...(take ? [hash(take)] : [])], () => ({ ...what, reason: reason.value }));
}
