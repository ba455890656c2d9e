// The packet of a cut: asked for, how far it is, what stands against it, its pages.
import { W } from "./words.js";
import { make, percent, short, when } from "./dom.js";
import { film, refuse, send, worded } from "./store.js";

const chosen = { cut: 0, draft: false };

export function packetSheet(show) {
  const words = W.show.packet;
  if (!show.cuts.length) return [make("p", { className: "hintline" }, words.noCuts), make("div", { className: "packets" }, packetList(show))];
  const cut = make("select", { name: "cut", onchange: (event) => { chosen.cut = Number(event.target.value); } }, show.cuts.map((name, index) => make("option", { value: String(index), selected: index === chosen.cut }, name)));
  const by = make("input", { name: "by", value: film.by, autocomplete: "name", maxLength: 200, oninput: () => { film.by = by.value.trim(); } });
  const draft = make("input", { type: "checkbox", name: "draft", checked: chosen.draft, onchange: (event) => { chosen.draft = event.target.checked; } });
  const wrong = make("p", { className: "wrong", role: "alert" }), button = make("button", { className: "go" }, words.build, make("kbd", {}, "B"));
  const form = make("form", { className: "order", onsubmit: async (event) => {
    event.preventDefault();
    if (button.disabled) return;
    film.by = by.value.trim(); wrong.textContent = ""; button.disabled = true;
    try { await send("packet", { cut: Number(cut.value), name: cut.selectedOptions[0].text, by: film.by, draft: draft.checked }); }
    catch (error) { wrong.textContent = worded(error); if (!film.by) by.focus(); else refuse(error); }
    finally { button.disabled = false; }
  } },
    make("h2", {}, words.heading), make("label", { className: "field" }, make("span", {}, words.cut), cut), make("label", { className: "field" }, make("span", {}, W.ask.by), by),
    make("label", { className: "tick" }, draft, make("span", {}, words.draft)), wrong, button, make("p", { className: "quiet" }, words.what));
  return [form, make("div", { className: "packets" }, packetList(show))];
}

export function packetList(show) {
  const words = W.show.packet;
  if (!show.packets.length) return [make("p", { className: "quiet" }, words.none)];
  return [make("h2", {}, words.built, make("b", {}, String(show.packets.length))), make("ol", { className: "orders" }, show.packets.map(one))];
}

function one(packet) {
  const words = W.show.packet, stops = packet.findings.filter((f) => f.stops).length;
  const step = words.steps[packet.step] ?? "", says = { building: typeof step === "function" ? step(packet.page + 1, packet.public) : step, built: words.files(packet.files), refused: "" };
  return make("li", { className: `made ${packet.state}` },
    make("div", { className: "line" }, make("b", {}, packet.cut), make("em", { className: "pill" }, packet.draft ? words.asDraft : words.states[packet.state]), make("time", {}, when(packet.at)), packet.by ? make("span", {}, packet.by) : null),
    packet.state === "building" ? make("div", { className: "bar", role: "progressbar", "aria-label": packet.cut, "aria-valuemin": "0", "aria-valuemax": "100", "aria-valuenow": String(Math.round(100 * packet.done)) }, make("u", { set: { width: percent(Math.max(0.02, packet.done)) } })) : null,
    packet.error.message ? make("p", { className: "why" }, `${worded({ message: packet.error.message })} `, make("span", {}, packet.error.hint)) : null,
    packet.state === "refused" ? null : make("p", { className: "quiet" }, [says[packet.state], packet.sha256 ? `sha256 ${short(packet.sha256)}` : "", packet.findings.length ? words.findings(packet.findings.length, stops) : ""].filter(Boolean).join(" · ")),
    packet.findings.length ? make("ul", { className: "rules" }, packet.findings.slice(0, 6).map((f) => make("li", { className: f.stops ? "stop" : "" }, make("b", {}, f.rule), `${f.shot}: ${f.text}`, f.waived ? make("i", {}, ` ${words.waived(f.waived)}`) : null)), packet.findings.length > 6 ? make("li", {}, W.show.more(packet.findings.length - 6)) : null) : null,
    packet.pages ? make("a", { className: "plain", href: `/packets/${packet.name}.pdf`, target: "_blank", rel: "noopener" }, words.open) : null);
}
