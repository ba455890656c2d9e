// The page: four views, one set of keys.
import { W } from "./words.js";
import { anew, make } from "./dom.js";
import { film, hear, listen, load, refuse } from "./store.js";
import { sequenceView } from "./sequence.js";
import { shotView } from "./shot.js";
import { queueView } from "./queue.js";
import { showView } from "./show.js";

const head = document.getElementById("head"), main = document.getElementById("main"), foot = document.getElementById("foot");
const keysBox = document.getElementById("keys");
let view = null, place = { view: "sequence" };

export function go(to) {
  if (view?.leave) view.leave();
  place = to;
  for (const image of main.querySelectorAll("img")) image.remove(); // pictures that are kept must not keep what was around them
  main.replaceChildren();
  main.className = to.view;
  view = { sequence: sequenceView, shot: shotView, queue: queueView, show: showView }[to.view](main, go, to);
  document.title = `${to.view === "shot" ? to.name : W.views[to.view]} · ${W.page}`;
  heading();
  keysLine();
}

function heading() {
  const busy = film.shots.flatMap((s) => s.takes).filter((t) => ["waiting", "shooting", "checking"].includes(t.state)).length;
  const tab = (name, text, count) => make("button", {
    className: "tab", "aria-current": place.view === name ? "page" : null, onclick: () => go({ view: name }),
  }, text, count ? make("b", {}, String(count)) : null);
  anew(head,
    make("h1", { className: "unseen" }, place.view === "shot" ? place.name : W.views[place.view]),
    make("p", { className: "brand" }, make("i", {}), W.brand),
    make("nav", { "aria-label": W.page },
      tab("sequence", W.views.sequence),
      place.view === "shot" ? make("button", { className: "tab", "aria-current": "page" }, place.name) : null,
      tab("queue", W.views.queue, busy),
      tab("show", W.views.show),
      film.report ? make("a", { className: "tab", href: "/report", target: "_blank", rel: "noopener" }, `${W.views.report} ↗`) : null),
    make("p", { className: film.up ? "link up" : "link", title: film.up ? W.link.up : W.link.down }, film.up ? "" : W.link.down),
    make("button", { className: "tab", onclick: showKeys }, W.keys, make("kbd", {}, "?")),
  );
}

const everywhere = [
  { key: "s", says: W.key.sequence, does: () => go({ view: "sequence", at: place.guid }) },
  { key: "q", says: W.key.queue, does: () => go({ view: "queue" }) },
  { key: "h", says: W.key.show, does: () => go({ view: "show" }) },
  { key: "?", says: W.key.help, does: showKeys },
  { key: "Escape", shown: "Esc", says: W.key.escape, does: () => { if (place.view !== "sequence") go({ view: "sequence", at: place.guid }); } },
];

function groups() {
  return [...(view?.keys ?? []), { title: W.key.everywhere, keys: everywhere }];
}

function keysLine() {
  const shown = groups().flatMap((g) => g.keys).filter((k) => k.foot);
  foot.replaceChildren(...shown.map((k) => make("span", {}, make("kbd", {}, k.shown ?? k.key.toUpperCase()), k.says)));
}

function showKeys() {
  keysBox.replaceChildren(
    make("h2", {}, W.keys),
    make("div", { className: "map" }, groups().map((group) => make("section", {},
      make("h3", {}, group.title),
      make("dl", {}, group.keys.filter((k) => k.says).map((k) => make("div", {}, make("dt", {}, make("kbd", {}, k.shown ?? k.key.toUpperCase())), make("dd", {}, k.says))))))),
    make("form", { method: "dialog" }, make("button", { className: "plain" }, W.close)),
  );
  keysBox.showModal();
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
  if (event.target.matches("input:not([type=radio]), textarea, select")) return;
  const name = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  const key = event.shiftKey && event.key.length > 1 ? `Shift+${name}` : event.shiftKey && /[a-z]/i.test(event.key) ? `Shift+${name}` : name;
  if ((key === "Enter" || key === " ") && event.target.matches("button, a")) return;
  const found = groups().flatMap((g) => g.keys).find((k) => k.does && (k.key === key || k.also?.includes(key)));
  if (!found) return;
  event.preventDefault();
  found.does(key);
});

// What had the focus may have been drawn anew behind a dialog.
for (const dialog of document.querySelectorAll("dialog")) dialog.addEventListener("close", () => { if (document.activeElement === document.body) main.focus(); });
main.addEventListener("keys", keysLine);

hear((what, body) => {
  if (what === "shots" || what === "link") heading();
  view?.hear?.(what, body);
});

load().then(() => { listen(); go({ view: "sequence" }); }).catch(refuse);
