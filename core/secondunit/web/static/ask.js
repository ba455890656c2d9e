// What is asked of a person before something is decided: a name always, and why.
import { W } from "./words.js";
import { make, short } from "./dom.js";
import { film, refuse, say, send } from "./store.js";
import { changed, differences } from "./turnovers.js";

const box = () => document.getElementById("ask");

// Opens the dialog; ``read`` gives what is sent. What the daemon refuses is said in the dialog.
function decide(verb, title, parts, read, more = {}) {
  const wrong = make("p", { className: "wrong", role: "alert" }), dialog = box();
  const by = make("input", { name: "by", value: film.by, autocomplete: "name", maxLength: 200 });
  const button = make("button", { className: "go" }, more.button ?? W.do[verb], make("kbd", {}, W.ask.send));
  const form = make("form", { onsubmit: async (event) => {
    event.preventDefault();
    if (button.disabled) return; // Enter once more, while it is on its way
    film.by = by.value.trim();
    button.disabled = true; wrong.textContent = more.while ?? "";
    try {
      const said = await send(verb, { ...read(), by: film.by });
      if (there()) dialog.close();
      say(`${W.done[verb]}.`);
      if (form.isConnected) more.done?.(said);
    } catch (error) {
      if (!there()) { refuse(error); return; }
      wrong.textContent = `${error.message ?? error}${error.hint ? ` ${error.hint}` : ""}`;
      const missing = [...form.elements].find((e) => e.value === "" && ["by", "reason", "text"].includes(e.name));
      missing?.focus();
    } finally { button.disabled = false; }
  }, onkeydown: (event) => {
    if (event.key === "Enter" && event.target.matches("textarea") && !event.shiftKey && !event.isComposing) { event.preventDefault(); form.requestSubmit(); }
  } },
    make("h2", {}, title), ...parts, field(W.ask.by, by), wrong,
    make("div", { className: "ends" }, make("button", { type: "button", className: "plain", onclick: () => dialog.close() }, W.cancel, make("kbd", {}, "Esc")), button));
  const there = () => form.isConnected && dialog.open; // who left meanwhile is told all the same, and keeps what they opened then
  dialog.replaceChildren(form);
  dialog.showModal();
  ([...form.elements].find((e) => e.matches("textarea, input[type=radio]")) ?? (film.by ? button : by)).focus();
}

const field = (label, input, note) => make("label", { className: "field" }, make("span", {}, label), input, note ? make("small", {}, note) : null);
// Nobody approves what they asked for themselves, but alone and with a reason.
const own = (artist) => [field(W.ask.own(artist || W.none), make("input", { name: "own", maxLength: 2000 }))];
const owned = () => box().querySelector("[name=own]").value;
const hash = (take) => make("p", { className: "hash", title: take.turnover }, `${W.ask.turnover} ${short(take.turnover)}`);

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
    const answers = Object.entries(W.answer).map(([value, text], i) => make("label", {}, make("input", { type: "radio", name: "answer", value, checked: i === 0 }), make("kbd", {}, String(i + 1)), text));
    const reason = make("textarea", { name: "reason", rows: 2 }), role = make("input", { name: "role", value: film.role ?? "" });
    const list = make("fieldset", { className: "answers", onkeydown: (event) => {
      const at = Number(event.key) - 1;
      if (answers[at]) { event.preventDefault(); answers[at].querySelector("input").checked = true; reason.focus(); }
    } }, make("legend", {}, W.ask.answer), answers);
    decide("waive", W.ask.waive, [make("p", { className: `finding ${finding.outcome}` }, finding.sentence), list, field(W.ask.reason, reason), field(W.ask.role, role)],
      () => { film.role = role.value; return { finding: finding.id, answer: list.querySelector(":checked").value, reason: reason.value, role: role.value }; });
  },
  reshoot(shot, take) {
    const was = take.asked, brief = make("textarea", { name: "brief", rows: 3, value: was.brief });
    const seed = make("input", { name: "seed", value: was.seed, inputMode: "numeric" }), takes = make("input", { type: "number", name: "takes", value: 1, min: 1, max: 64 });
    const options = Object.entries(was.options).map(([name, value]) => [name, typeof value === "boolean"
      ? make("input", { name: `option-${name}`, type: "checkbox", checked: value }) : make("input", { name: `option-${name}`, value: String(value) }), value]);
    const read = () => Object.fromEntries(options.map(([name, input, value]) => [name, typeof value === "boolean" ? input.checked : typeof value === "number" ? Number(input.value) : input.value]));
    const changes = make("dl", { className: "changes", "aria-live": "polite" });
    const compare = () => {
      const rows = differences(was, { ...was, brief: brief.value, seed: seed.value.trim() || was.seed, takes: takes.value, options: read() });
      changes.replaceChildren(make("dt", {}, W.ask.changes), ...(rows.length ? changed(rows) : [make("dd", {}, W.ask.same)]));
    };
    const parts = [field(W.ask.brief, brief), make("div", { className: "two" }, field(W.ask.seed, seed), field(W.ask.takes, takes)),
      make("div", { className: "two" }, options.map(([name, input]) => field(name, input))), changes, hash(take)];
    parts.slice(0, 3).forEach((part) => part.addEventListener("input", compare));
    compare();
    decide("reshoot", W.ask.reshoot(shot.name), parts, () => ({ take: take.id, brief: brief.value, seed: seed.value.trim(), takes: Number(takes.value), options: read() }));
  },
};

function reasoned(verb, title, what, take) {
  const reason = make("textarea", { name: "reason", rows: 3 });
  decide(verb, title, [field(W.ask.reason, reason), ...(take ? [hash(take)] : [])], () => ({ ...what, reason: reason.value }));
}
