// A take asked for again: its words, seed and every option of its generator. Before it is sent it is
// said what is asked otherwise, and what shooting it would take.
import { W } from "./words.js";
import { make } from "./dom.js";
import { box, decide, field, hash } from "./dialog.js";
import { send, worded } from "./store.js";
import { changed, differences, plainly } from "./turnovers.js";

const PAUSE_MS = 350; // who types is not asked after each letter
const LONG = 200; // characters; what is longer no person wrote, such as a camera's path

export function reshoot(shot, take) {
  const was = take.asked, brief = make("textarea", { name: "brief", rows: 3, value: was.brief });
  const seed = make("input", { name: "seed", value: was.seed, inputMode: "numeric" }), takes = make("input", { type: "number", name: "takes", value: 1, min: 1, max: 64 });
  const options = optionsOf(was.options), changes = make("dl", { className: "changes", "aria-live": "polite" }), ahead = make("div", { className: "ahead" });
  const read = () => ({ take: take.id, brief: brief.value, seed: seed.value.trim(), takes: Number(takes.value), options: options.otherwise() });
  const form = make("div", { className: "again" }, field(W.ask.brief, brief), make("div", { className: "two" }, field(W.ask.seed, seed), field(W.ask.takes, takes)), options.place);
  let asked = 0, later = 0;
  function compare() {
    const rows = differences({ ...was, options: options.before() }, { ...was, brief: brief.value, seed: seed.value.trim() || was.seed, takes: takes.value, options: { ...options.before(), ...options.otherwise() } });
    changes.replaceChildren(make("dt", {}, W.ask.changes), ...(rows.length ? changed(rows) : [make("dd", {}, W.ask.same)]));
    clearTimeout(later);
    later = setTimeout(plan, PAUSE_MS);
  }
  async function plan() {
    const mine = ++asked, wrong = options.wrong();
    if (wrong.length) { told([], wrong); return; }
    try {
      const said = await send("plan", read());
      if (mine !== asked) return;
      options.declared(was.generator, said.options);
      told(said.says, said.refusals);
    } catch (error) { if (mine === asked) told([], [worded(error)]); }
  }
  const told = (says, refusals) => ahead.replaceChildren(...refusals.map((one) => make("p", { className: "warn" }, one)), ...says.map((one) => make("p", {}, one)));
  form.addEventListener("input", compare);
  decide("reshoot", W.ask.reshoot(shot.name), [form, changes, ahead, hash(take)], read, { className: "wide" });
  compare(); clearTimeout(later); plan();
  box().addEventListener("close", () => { clearTimeout(later); asked++; }, { once: true });
}

// Those the turnover named, at once; the others with their defaults when the daemon has told them.
function optionsOf(named) {
  const inputs = new Map(), first = make("div", { className: "options" }), rest = make("div", { className: "options" }), summary = make("summary");
  const more = make("details", { hidden: true }, summary, rest);
  for (const [name, value] of Object.entries(named)) add(first, { name, kind: kindOf(value) }, value);
  const before = () => Object.fromEntries([...inputs].map(([name, one]) => [name, one.before]));
  return {
    place: make("div", {}, first, more), before,
    otherwise: () => Object.fromEntries([...inputs].map(([name, one]) => [name, now(one)]).filter(([name, value]) => value !== inputs.get(name).before)),
    // What the daemon would refuse, in the words of the form.
    wrong: () => [...inputs].filter(([, one]) => !one.input.checkValidity()).map(([name, one]) => W.ask.outside(plainly(name), one.between || one.input.validationMessage)),
    declared(generator, all) {
      for (const one of all) {
        const held = inputs.get(one.name);
        if (!held) add(rest, one, one.default); else if (held.kind !== one.kind || !held.told) change(one, held);
      }
      more.hidden = !rest.children.length;
      summary.textContent = W.ask.others(rest.children.length, generator);
    },
  };
  function add(place, about, before) {
    const input = inputOf(about, before), note = make("small", {}, about.sentence ? described(about) : "");
    note.id = `about-${inputs.size}`; input.setAttribute("aria-describedby", note.id);
    inputs.set(about.name, { input, note, before, kind: about.kind, told: Boolean(about.sentence), between: betweenOf(about) });
    place.append(make("div", { className: about.kind }, field(plainly(about.name), input), note));
  }
  // Known better now: what is typed meanwhile stays, and where the keys are as well.
  function change(about, held) {
    held.told = true; held.between = betweenOf(about);
    held.note.textContent = described(about);
    if (held.input.type === "number") { Object.assign(held.input, limits(about)); held.kind = about.kind; return; }
    if (held.input === document.activeElement || held.kind === "long") return;
    const made = inputOf(about, now(held));
    made.setAttribute("aria-describedby", held.note.id);
    held.input.replaceWith(made);
    Object.assign(held, { input: made, kind: about.kind });
  }
}

const kindOf = (value) => (typeof value === "boolean" ? "switch" : typeof value === "number" ? "number" : value.length > LONG ? "long" : "words");
function inputOf({ name, kind, choices, low, high }, value) {
  const more = { name: `option-${name}` };
  if (kind === "choice") return make("select", more, [...new Set([String(value), ...choices])].map((one) => make("option", { value: one, selected: one === value }, plainly(one))));
  if (kind === "switch") return make("input", { ...more, type: "checkbox", checked: value });
  if (kind === "words") return make("input", { ...more, value, maxLength: 4000, spellcheck: false });
  if (kind === "long") return make("input", { ...more, value: W.ask.long(value.length), disabled: true });
  return make("input", { ...more, type: "number", value: String(value), ...limits({ kind, low, high }) });
}
const limits = ({ kind, low, high }) => ({ step: kind === "whole" ? "1" : "any", min: low ?? "", max: high ?? "" });
function now({ input, kind, before }) {
  if (kind === "long") return before;
  if (kind === "switch") return input.checked;
  if (kind === "number" || kind === "whole") return Number.isNaN(input.valueAsNumber) ? before : input.valueAsNumber;
  return input.value;
}
const betweenOf = ({ low, high }) => W.ask.between(low ?? null, high ?? null);
const described = ({ sentence, kind, low, high, default: own }) => [sentence, betweenOf({ low, high }), W.ask.usual(kind === "switch" ? (own ? W.ask.on : W.ask.off) : own === "" ? W.ask.empty : kind === "choice" ? plainly(own) : String(own))].filter(Boolean).join(" ");
