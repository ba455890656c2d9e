// The dialog in which something is decided: always with a name. What the daemon refuses is said in it.
import { W } from "./words.js";
import { make, short } from "./dom.js";
import { film, refuse, say, send, worded } from "./store.js";

export const box = () => document.getElementById("ask");

// ``read`` gives what is sent. ``more`` may name the button, what is said meanwhile, what follows.
export function decide(verb, title, parts, read, more = {}) {
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
      wrong.textContent = worded(error);
      const missing = [...form.elements].find((e) => e.value === "" && ["by", "reason", "text"].includes(e.name));
      missing?.focus();
    } finally { button.disabled = false; }
  }, onkeydown: (event) => {
    if (event.key === "Enter" && event.target.matches("textarea") && !event.shiftKey && !event.isComposing) { event.preventDefault(); form.requestSubmit(); }
  } },
    make("h2", {}, title), ...parts, field(W.ask.by, by), wrong,
    make("div", { className: "ends" }, make("button", { type: "button", className: "plain", onclick: () => dialog.close() }, W.cancel, make("kbd", {}, "Esc")), button));
  const there = () => form.isConnected && dialog.open; // who left meanwhile is told all the same, and keeps what they opened then
  dialog.className = more.className ?? "";
  dialog.replaceChildren(form);
  dialog.showModal();
  ([...form.elements].find((e) => e.matches("textarea, input[type=radio]")) ?? (film.by ? button : by)).focus();
}


export const field = (label, input, note) => make("label", { className: "field" }, make("span", {}, label), input, note ? make("small", {}, note) : null);
export const hash = (take) => make("p", { className: "hash", title: take.turnover }, `${W.ask.turnover} ${short(take.turnover)}`);
