// The show as a whole: bible, rights, cost, checks, packet. Five sheets behind five headlines.
import { W } from "./words.js";
import { anew, make } from "./dom.js";
import { ask as fetched, film, refuse } from "./store.js";
import { bibleSheet } from "./bible.js";
import { rightsSheet } from "./rights.js";
import { costSheet } from "./cost.js";
import { checksSheet } from "./checks.js";
import { packetSheet, packetList } from "./packet.js";
import { money } from "./charts.js";

const SHEETS = ["bible", "rights", "cost", "checks", "packet"];
const kept = { sheet: "bible" };

export function showView(main, go) {
  const heads = make("div", { className: "heads", role: "tablist", "aria-label": W.views.show });
  const sheet = make("section", { className: "sheet", role: "tabpanel", id: "sheet", tabIndex: 0 });
  main.append(heads, sheet);
  let show = null, costs = null;
  const open = (shot) => { const one = film.shots.find((s) => s.guid === shot.guid); if (one) go({ view: "shot", guid: one.guid, name: one.name }); };
  const build = { bible: () => bibleSheet(show.bible, open), rights: () => rightsSheet(show.rights, open), cost: () => costSheet(costs, open),
    checks: () => checksSheet(show.checks), packet: () => packetSheet(show) };

  async function load() {
    const before = JSON.stringify([show, costs]);
    try { show = await fetched("/show"); } catch (error) { refuse(error); return; }
    if (main.contains(sheet) && before !== JSON.stringify([show, costs])) { if (typing()) told(); else draw(); }
    try { costs = await fetched("/costs"); } catch (error) { refuse(error); return; }
    if (main.contains(sheet) && before !== JSON.stringify([show, costs])) { headlines(); if (kept.sheet === "cost") draw(); }
  }

  const typing = () => sheet.contains(document.activeElement) && document.activeElement.matches("input, select");
  function told() { // not what is being typed
    headlines();
    if (kept.sheet === "packet") { const list = sheet.querySelector(".packets"); if (list) anew(list, ...packetList(show)); }
  }
  function headlines() {
    anew(heads, ...SHEETS.map((name, index) => {
      const [figure, words, tone] = headline[name]();
      return make("button", { className: `headline ${tone ?? ""}`, role: "tab", id: `tab-${name}`, "aria-selected": String(kept.sheet === name), "aria-controls": "sheet",
        tabIndex: kept.sheet === name ? 0 : -1, onclick: () => turn(name) },
        make("span", {}, W.show[name].title, make("kbd", {}, String(index + 1))), make("b", {}, figure), make("small", {}, words));
    }));
  }

  const headline = {
    bible: () => { const b = show?.bible; return b ? [String(b.cast.length), W.show.bible.line(b.cast.length, b.setups.length, b.props.length)] : [W.none, ""]; },
    rights: () => {
      const r = show?.rights;
      if (!r) return [W.none, ""];
      const past = r.lapses.filter((one) => one.past).length, gone = r.assets.filter((one) => ["withdrawn", "blocked"].includes(one.state)).length;
      return [String(r.lapses.length), W.show.rights.line(r.ahead, r.assets.length + r.consents.length), past || gone ? "stop" : r.lapses.length ? "look" : ""];
    },
    cost: () => costs ? [money(costs.all.total, costs.rates.currency), W.show.cost.head(costs.all.junk_ratio)] : [W.none, ""],
    checks: () => { const quiet = show?.checks.rows.filter((one) => one.quiet).length ?? 0; return show ? [String(quiet), W.show.checks.line(show.checks.rows.length), quiet ? "look" : ""] : [W.none, ""]; },
    packet: () => {
      const now = packets()[0];
      if (!now) return [W.none, W.show.packet.never];
      return [now.state === "building" ? `${Math.round(100 * now.done)} %` : W.show.packet.states[now.state], now.cut, now.state === "refused" ? "stop" : ""];
    },
  };
  const packets = () => show ? show.packets : [];

  function draw() {
    if (!show) { sheet.replaceChildren(make("p", { className: "quiet" }, W.show.reading)); headlines(); return; }
    sheet.className = `sheet ${kept.sheet}`;
    sheet.setAttribute("aria-labelledby", `tab-${kept.sheet}`);
    anew(sheet, ...(kept.sheet === "cost" && !costs ? [make("p", { className: "quiet" }, W.show.counting)] : build[kept.sheet]()));
    headlines();
  }
  function turn(name) { kept.sheet = name; draw(); sheet.scrollTop = 0; sheet.focus({ preventScroll: true }); }
  const beside = (by) => turn(SHEETS[(SHEETS.indexOf(kept.sheet) + by + SHEETS.length) % SHEETS.length]);
  const scroll = (key) => sheet.scrollBy({ top: { ArrowDown: 90, ArrowUp: -90, PageDown: sheet.clientHeight * 0.9, PageUp: -sheet.clientHeight * 0.9, Home: -1e7, End: 1e7 }[key] });

  draw(); load(); sheet.focus({ preventScroll: true });
  return {
    keys: [{ title: W.views.show, keys: [
      { key: "1", also: ["2", "3", "4", "5"], shown: "1 – 5", says: W.key.sheets, foot: true, does: (key) => turn(SHEETS[Number(key) - 1]) },
      { key: "ArrowRight", also: ["ArrowLeft"], shown: "← →", says: W.key.beside, foot: true, does: (key) => beside(key === "ArrowRight" ? 1 : -1) },
      { key: "ArrowDown", also: ["ArrowUp", "PageDown", "PageUp", "Home", "End"], shown: "↑ ↓", says: W.key.read, foot: true, does: scroll },
      { key: "Tab", shown: "Tab", says: W.key.through, foot: true },
      { key: "b", says: W.key.build, foot: true, does: () => { turn("packet"); sheet.querySelector(".go")?.click(); } },
    ] }],
    hear(what, body) {
      if (what === "packet" && show) {
        show.packets = [body, ...show.packets.filter((one) => one.name !== body.name)];
        told();
      } else if (what === "shots") { clearTimeout(load.later); load.later = setTimeout(() => main.contains(sheet) && load(), 1500); }
    },
  };
}
