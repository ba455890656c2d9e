// What one turnover asks otherwise than another, word by word.
import { W } from "./words.js";
import { make } from "./dom.js";

// Rows of [what, before, after]; each side as ``told.ask_row`` tells it. Values that are equal are left out.
export function differences(was, now) {
  const rows = [[W.ask.brief, was.brief, now.brief], [W.shot.generator, was.generator, now.generator], [W.ask.work, was.work, now.work], [W.ask.seed, was.seed, now.seed], [W.ask.takes, was.takes, now.takes],
    [W.ask.elements, was.elements?.join(", "), now.elements?.join(", ")]];
  for (const name of new Set([...Object.keys(was.options), ...Object.keys(now.options)])) rows.push([plainly(name), was.options[name], now.options[name]]);
  return rows.map(([name, a, b]) => [name, valued(a), valued(b)]).filter(([, a, b]) => a !== b);
}
// The name of an option, or a choice, as people say it.
export const plainly = (name) => { const said = String(name).replace(/^lora:/, "LoRA ").replaceAll("_", " "); return said.charAt(0).toUpperCase() + said.slice(1); };
export const clipped = (text) => (text.length > MOST ? `${text.slice(0, MOST)} …` : text);
const MOST = 120; // characters of what no person wrote, such as a camera's path
export const valued = (value) => (value === undefined || value === null ? "" : typeof value === "boolean" ? (value ? W.ask.on : W.ask.off) : String(value));

// The rows as elements; sentences are compared by words, all else as a whole.
export function changed(rows) {
  return rows.map(([name, a, b]) => make("dd", {}, make("i", {}, name), make("span", {}, ...(a.includes(" ") && b.includes(" ") ? words(a, b) : [make("del", {}, clipped(a) || W.none), " ", make("ins", {}, clipped(b) || W.none)]))));
}

// The longest run of words that both have stays; what is between is struck out or put in.
export function words(a, b) {
  const from = a.split(/\s+/), to = b.split(/\s+/);
  if (from.length * to.length > 250000) return [make("del", {}, a), " ", make("ins", {}, b)];
  const long = Array.from({ length: from.length + 1 }, () => new Uint16Array(to.length + 1));
  for (let i = from.length - 1; i >= 0; i--) for (let j = to.length - 1; j >= 0; j--) long[i][j] = from[i] === to[j] ? long[i + 1][j + 1] + 1 : Math.max(long[i + 1][j], long[i][j + 1]);
  const runs = [], add = (tag, word) => { const last = runs[runs.length - 1]; if (last?.tag === tag) last.words.push(word); else runs.push({ tag, words: [word] }); };
  let i = 0, j = 0;
  while (i < from.length || j < to.length) {
    if (i < from.length && j < to.length && from[i] === to[j]) { add("", from[i]); i++; j++; }
    else if (i < from.length && (j === to.length || long[i + 1][j] >= long[i][j + 1])) add("del", from[i++]);
    else add("ins", to[j++]);
  }
  return runs.flatMap(({ tag, words: some }) => [tag ? make(tag, {}, some.join(" ")) : some.join(" "), " "]);
}
