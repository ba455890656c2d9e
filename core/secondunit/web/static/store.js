// What the page knows, kept up by the daemon's events.
import { W } from "./words.js";

export const film = { shots: [], progress: new Map(), previews: new Map(), report: false, up: true, by: "" };
const ears = new Set(), AGAIN_MS = 1000;
export const hear = (ear) => ears.add(ear);
const tell = (what, body) => ears.forEach((ear) => ear(what, body));

let came = null; // rows that were told while all of them were asked for: none of them is older
export async function load() {
  const mine = came = [];
  try {
    const said = await ask("/state");
    Object.assign(film, said, { progress: new Map(said.progress.map((one) => [one.take, one])) });
    put(mine);
  } finally { if (came === mine) came = null; }
}

export async function ask(path, more) {
  const answer = await fetch(path, more).catch(() => { throw W.link.gone; });
  const json = answer.headers.get("Content-Type").startsWith("application/json");
  const said = json ? await answer.json() : { error: { message: await answer.text(), hint: "" } };
  if (said.error) throw said.error;
  return said;
}
export const send = (verb, body) => ask(`/do/${verb}`, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });

export function say(text) {
  const place = document.getElementById("said");
  place.textContent = text;
  place.classList.toggle("on", Boolean(text));
  clearTimeout(say.later);
  say.later = setTimeout(() => place.classList.remove("on"), 6000);
}

// What is, and what to do, as sentences.
export function worded(error) {
  const message = String(error.message ?? error).trim(), said = message.charAt(0).toUpperCase() + message.slice(1);
  return `${said}${/[.!?]$/.test(said) ? "" : "."}${error.hint ? ` ${error.hint}` : ""}`;
}
export const refuse = (error) => say(`${W.failed}: ${worded(error)}`);

export function listen() {
  const news = new EventSource("/events");
  const on = (what, take) => news.addEventListener(what, (event) => { take(JSON.parse(event.data)); });
  let again = 0, lost = true; // what happened before the stream was open is asked for
  const open = async () => {
    clearTimeout(again);
    if (!lost) return;
    try { await load(); lost = news.readyState !== EventSource.OPEN; tell("shots", []); } catch { film.up = false; again = setTimeout(open, AGAIN_MS); }
    tell("link", {});
  };
  news.addEventListener("open", open);
  news.addEventListener("error", () => { clearTimeout(again); lost = true; film.up = false; tell("link", {}); });
  on("trouble", refuse);
  on("shots", (rows) => { came?.push(...rows); put(rows); tell("shots", rows); });
  on("progress", (one) => {
    const before = film.progress.get(one.take);
    film.progress.set(one.take, { began: Date.now(), from: one.done, ...before, ...one });
    tell("progress", one);
  });
  on("preview", (one) => { film.previews.set(one.take, Date.now()); tell("preview", one); });
  on("packet", (one) => tell("packet", one));
  on("link", (one) => { film.up = one.up; tell("link", one); });
}

function put(rows) {
  const at = new Map(film.shots.map((one, index) => [one.guid, index]));
  const more = rows.filter((row) => { const there = at.has(row.guid); if (there) film.shots[at.get(row.guid)] = row; return !there; });
  if (!more.length) return;
  const key = (one) => [one.project, one.sequence, String(one.cut[0]).padStart(12, "0"), one.code].join("\t");
  const keyed = [...film.shots, ...more].map((one) => [key(one), one]).sort((a, b) => (a[0] < b[0] ? -1 : 1));
  film.shots = keyed.map((one) => one[1]);
}
