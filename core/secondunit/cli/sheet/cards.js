"use strict";
// Shot cards and the bible, edited from the keys. What is typed is sent to the review's own process,
// which writes the sheet beside the cut; the cut is looked at again when a person asks for it.
(() => {
  const { data, el } = window.secondunit, cards = data.cards;
  const clips = cards.clips, main = document.querySelector("main"), saved = document.querySelector(".saved");
  const BIBLE = -1, SIDES = ["left", "right", "front", "back"], KEPT = ["camera", "people"];
  const room = el("section", { class: "carding", hidden: true, "aria-label": "Shot cards" });
  const list = el("ol", { class: "rows", role: "listbox", tabindex: "0", "aria-label": "Shots" });
  const sheet = el("form", { class: "sheet", onsubmit: (event) => { event.preventDefault(); save().then((ok) => ok && list.focus()); }, oninput: () => { dirty = true; tell(""); } });
  const told = el("p", { class: "told", role: "status", "aria-live": "polite" });
  let at = clips.length ? 0 : BIBLE, dirty = false, changed = false, drawing = null;

  const still = (key) => (key ? el("img", { src: data.pictures[key], alt: "", draggable: "false" }) : el("span", { class: "empty" }, "no picture"));
  const words = (card, name) => (card[name] === undefined ? "" : String(card[name]));
  const clean = (text) => text.trim();
  const said = (clip) => ({ ...clip.taken, ...clip.card });
  const open = () => document.body.classList.contains("carding");
  function tell(text, kind = "") { told.textContent = text || (dirty ? "Not written yet: enter" : changed ? "Written. r looks at the cut again" : `Kept in ${cards.sheet}`); told.className = `told ${kind}`; }

  function row(clip, i) {
    const card = said(clip), line = [card.scene && `sc ${card.scene}`, card.day && `day ${card.day}`, card.setup].filter(Boolean).join(" · ");
    return el("li", { role: "option", id: `card${i}`, "data-card": i, "aria-selected": String(i === at), class: clip.wrong ? "stop" : line ? "has" : "bare" },
      el("span", { class: "pair" }, el("span", {}, still(clip.still))),
      el("span", { class: "words" }, el("span", { class: "slug" }, el("b", {}, clip.name), el("i", {}, clip.tc)), el("span", { class: "tags" }, card.master ? el("span", { class: "mark" }, "Master") : ""),
        el("span", { class: `says${clip.wrong ? " stop" : ""}` }, clip.wrong || line || "nothing known")));
  }

  const bibleRow = () => el("li", { role: "option", id: "card-1", "data-card": BIBLE, "aria-selected": String(at === BIBLE), class: "bible" },
    el("span", { class: "words" }, el("span", { class: "slug" }, el("b", {}, "The bible")), el("span", { class: "tags" }), el("span", { class: "says" }, "what holds for every shot of a set-up")));

  const input = (name, value, hint = "", more = {}) => el("input", { type: "text", name, value, placeholder: hint, autocomplete: "off", spellcheck: "false", ...more });
  const field = (label, inside, kind = "") => el("label", { class: kind }, el("span", {}, label), inside);
  const part = (title, ...inside) => el("fieldset", {}, el("legend", {}, title), ...inside);
  const toggle = (name, text, on, more = {}) => el("label", { class: "chip", ...more }, el("input", { type: "checkbox", name, value: text, checked: on }), el("span", {}, text));
  const choose = (name, values, value) => el("span", { class: "sides" }, ...["", ...values].map((one) => el("label", { class: "chip" }, el("input", { type: "radio", name, value: one, checked: one === value }), el("span", {}, one || "not said"))));

  const percent = (region) => (region ? region.map((n) => +(n * 100).toFixed(1)).join(" ") : "");
  function region(text) {
    const numbers = clean(text).split(/[\s,;]+/).filter(Boolean).map((n) => Number(n) / 100);
    return numbers.length ? numbers : undefined;
  }
  const spans = (frames) => (frames || []).map(([a, b]) => (a === b ? `${a}` : `${a}-${b}`)).join(", ");
  const ranges = (text) => clean(text).split(/[\s,;]+/).filter(Boolean).map((one) => { const [a, b] = one.split("-").map(Number); return [a, b === undefined ? a : b]; });

  // Lists: one row for each of the cast, the props, the costumes, and always an empty one to fill in.
  const LISTS = {
    cast: [["name", "who", (one) => one.name], ["frames", "frames, or all", (one) => spans(one.frames)], ["region", "box", (one) => percent(one.region)]],
    props: [["name", "what", (one) => one.name], ["state", "state: full, lit, open", (one) => one.state || ""], ["region", "box", (one) => percent(one.region)]],
    wardrobe: [["name", "costume", (one) => one.name], ["master", "its master clip", (one) => one.master || ""], ["region", "box", (one) => percent(one.region)]],
  };
  const TITLES = { cast: "Cast", props: "Props", wardrobe: "Wardrobe" };

  function entry(kind, one) {
    const made = el("div", { class: "entry", "data-kind": kind });
    made.entryOf = one;
    for (const [name, hint, value] of LISTS[kind]) made.append(input(name, value(one), hint, { "aria-label": `${TITLES[kind]}: ${hint}`, class: name, list: name === "master" ? "clips" : false, oninput: () => { grow(made); if (name === "region") boxes(); } }));
    made.append(el("button", { type: "button", class: "draw", title: "Draw the box on the picture", onclick: () => draw(made) }, "draw"));
    return made;
  }
  function grow(made) {
    const holder = made.parentElement, last = holder.lastElementChild;
    if (made === last && made.querySelector("[name=name]").value) holder.append(entry(made.dataset.kind, {}));
  }
  const listed = (kind, card) => part(TITLES[kind], el("div", { class: "entries" }, ...[...(card[kind] || []), {}].map((one) => entry(kind, one))));

  function boxes() {
    const holder = sheet.querySelector(".shot");
    if (!holder) return;
    holder.querySelector("svg")?.remove();
    const found = [...sheet.querySelectorAll(".entry")].map((made) => [made, region(made.querySelector(".region").value)]).filter(([, box]) => box && box.length === 4);
    const svg = el("svg", { viewBox: "0 0 1000 1000", preserveAspectRatio: "none", "aria-hidden": "true" });
    for (const [, [x, y, wide, high]] of found) for (const kind of ["under", ""]) svg.append(el("rect", { class: kind, x: x * 1000, y: y * 1000, width: wide * 1000, height: high * 1000, "vector-effect": "non-scaling-stroke" }));
    holder.append(svg);
    holder.querySelectorAll(".name-of").forEach((one) => one.remove());
    for (const [made, [x, y]] of found) { const label = el("span", { class: "name-of" }, made.querySelector("[name=name]").value); label.style.left = `${x * 100}%`; label.style.top = `${y * 100}%`; holder.append(label); }
  }
  function draw(made) {
    drawing = { made };
    sheet.querySelector(".shot")?.classList.add("drawing");
    tell("Drag a box over the picture, or type left, top, width and height in percent");
    made.querySelector(".region").focus();
  }
  function canvas(holder) {
    const place = (event) => { const box = holder.getBoundingClientRect(); return [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height].map((n) => Math.min(1, Math.max(0, n))); };
    holder.addEventListener("pointerdown", (event) => { if (drawing) { holder.setPointerCapture(event.pointerId); drawing.from = place(event); } });
    holder.addEventListener("pointermove", (event) => {
      if (!drawing || !drawing.from) return;
      const [x, y] = drawing.from, [u, v] = place(event);
      drawing.made.querySelector(".region").value = percent([Math.min(x, u), Math.min(y, v), Math.abs(u - x), Math.abs(v - y)]);
      dirty = true; boxes();
    });
    holder.addEventListener("pointerup", () => { if (drawing && drawing.from) { const first = drawing.made.querySelector("[name=name]"); drawing = null; holder.classList.remove("drawing"); first.focus(); tell(""); } });
    return holder;
  }

  function cardSheet(clip) {
    const card = clip.card, taken = clip.taken;
    const hint = (name) => (taken[name] === undefined ? "" : `${taken[name]} (bible)`);
    const axis = card.axis || {}, from = taken.axis || {};
    const host = KEPT.filter((name) => said(clip)[name]);
    const allowed = new Set(card.allowed || []);
    const camera = said(clip).camera;
    return [
      el("div", { class: "headline" }, el("h3", {}, clip.name), el("i", {}, `${clip.tc} · frames ${clip.frames.join("–")}`), clip.wrong ? el("p", { class: "wrong" }, clip.wrong) : ""),
      el("div", { class: "top" }, canvas(el("div", { class: "shot" }, still(clip.still))),
        el("div", {}, el("div", { class: "slate" },
          field("Scene", input("scene", words(card, "scene"), hint("scene"))), field("Story day", input("day", words(card, "day"), hint("day"))), field("Set-up", input("setup", words(card, "setup"), hint("setup")))),
        el("div", { class: "line" }, el("span", { class: "asked" }, "Key light"), choose("key_side", SIDES, card.key_side || "")),
        el("div", { class: "line" }, el("span", { class: "asked" }, "Axis"), input("left", axis.left || "", from.left ? `${from.left} (bible)` : "who is on the left", { "aria-label": "On the left" }), el("b", {}, "⟷"), input("right", axis.right || "", from.right ? `${from.right} (bible)` : "who is on the right", { "aria-label": "On the right" })),
        el("div", { class: "line" }, el("span", { class: "asked" }, "Master"), toggle("master", "others of this set-up are held against it", Boolean(card.master))),
        host.length ? el("p", { class: "host" }, `From the host: ${camera ? `camera of ${camera.focal_mm} mm at ${camera.position.map((n) => +n.toFixed(2)).join(", ")}` : "where people are"}`) : "")),
      el("div", { class: "lists" }, ...Object.keys(LISTS).map((kind) => listed(kind, card))),
      part("May differ here, because somebody meant it so", el("div", { class: "chips" }, ...cards.may_differ.map(([name, about]) => toggle("allowed", name, allowed.has(name), { title: about })))),
      el("button", { class: "save", type: "submit" }, "Write this card"),
    ];
  }

  function bibleSheet() {
    const bible = cards.bible, names = [...new Set([...clips.map((clip) => said(clip).setup).filter(Boolean), ...Object.keys(bible.setups), ...Object.keys(bible.masters)])];
    const setup = (name) => {
      const one = bible.setups[name] || {}, axis = one.axis || {};
      const made = el("div", { class: "setup" }, input("name", name, "set-up", { class: "name", "aria-label": "Set-up" }), input("master", bible.masters[name] || "", "master: a clip", { list: "clips", "aria-label": "Master" }),
        input("scene", words(one, "scene"), "scene", { "aria-label": "Scene" }), input("day", words(one, "day"), "story day", { "aria-label": "Story day" }),
        input("left", axis.left || "", "left", { "aria-label": "On the left" }), input("right", axis.right || "", "right", { "aria-label": "On the right" }),
        el("select", { name: "key_side", "aria-label": "Key light" }, ...["", ...SIDES].map((side) => el("option", { value: side, selected: (one.key_side || "") === side }, side || "key light"))));
      made.setupOf = one;
      return made;
    };
    return [
      el("div", { class: "headline" }, el("h3", {}, "The bible"), el("i", {}, "what every card of a set-up says, unless it says otherwise itself"), bible.wrong ? el("p", { class: "wrong" }, bible.wrong) : ""),
      el("div", { class: "slate one" }, field("Gallery: the folder of the cast’s approved pictures, beside the cut", input("gallery", bible.gallery, "cast"))),
      part("Set-ups", el("div", { class: "setup heads", "aria-hidden": "true" }, ...["set-up", "master", "scene", "story day", "on the left", "on the right", "key light"].map((head) => el("span", {}, head))), el("div", { class: "setups" }, ...names.map(setup), setup(""))),
      el("button", { class: "save", type: "submit" }, "Write the bible"),
    ];
  }

  function show() {
    list.replaceChildren(bibleRow(), ...clips.map(row));
    sheet.replaceChildren(...(at === BIBLE ? bibleSheet() : cardSheet(clips[at])), told);
    dirty = false; drawing = null; tell(""); boxes();
    const item = document.getElementById(`card${at}`);
    list.setAttribute("aria-activedescendant", item.id);
    item.scrollIntoView({ block: "nearest" });
    sheet.scrollTop = 0;
  }

  const held = () => sheet.querySelector("[type=checkbox][name=master]");
  const value = (name) => clean(sheet.elements[name].value);
  function set(card, name, now) { if (now === "" || now === undefined || (Array.isArray(now) && !now.length)) delete card[name]; else card[name] = now; }

  function typedCard(clip) {
    const card = { ...clip.card };
    for (const name of ["scene", "day", "setup"]) set(card, name, value(name));
    set(card, "key_side", sheet.querySelector("[name=key_side]:checked").value);
    set(card, "axis", value("left") || value("right") ? { left: value("left"), right: value("right") } : "");
    set(card, "master", held().checked || (clip.taken.master ? false : ""));
    for (const kind of Object.keys(LISTS)) set(card, kind, [...sheet.querySelectorAll(`[data-kind=${kind}]`)].map((made) => entered(kind, made)).filter((one) => one.name));
    set(card, "allowed", [...sheet.querySelectorAll("[name=allowed]:checked")].map((one) => one.value));
    return card;
  }
  function entered(kind, made) {
    const one = { ...made.entryOf }, read = { region, frames: ranges };
    for (const [name] of LISTS[kind]) { const text = clean(made.querySelector(`[name=${name}]`).value), old = LISTS[kind].find(([each]) => each === name)[2](made.entryOf); if (text !== old) set(one, name, (read[name] || clean)(text)); }
    return one;
  }
  function typedBible() {
    const bible = { setups: {}, masters: {} };
    if (value("gallery")) bible.gallery = value("gallery");
    for (const made of sheet.querySelectorAll(".setups .setup")) {
      const of = (name) => clean(made.querySelector(`[name=${name}]`).value), one = { ...made.setupOf };
      if (!of("name")) continue;
      for (const name of ["scene", "day", "key_side"]) set(one, name, of(name));
      set(one, "axis", of("left") || of("right") ? { left: of("left"), right: of("right") } : "");
      delete one.setup;
      if (Object.keys(one).length) bible.setups[of("name")] = one;
      if (of("master")) bible.masters[of("name")] = of("master");
    }
    for (const name of ["setups", "masters"]) if (!Object.keys(bible[name]).length) delete bible[name];
    return bible;
  }

  async function ask(where, body) {
    const answer = await fetch(where, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
    const text = await answer.text();
    if (answer.ok) return JSON.parse(text);
    let why = text;
    try { const { message, hint } = JSON.parse(text).error; why = `${message}. ${hint}`; } catch { /* a sentence as it is */ }
    throw new Error(why);
  }
  async function save() {
    if (!dirty) return true;
    const clip = clips[at], body = { stamp: cards.stamp }, card = clip && typedCard(clip), bible = clip ? null : typedBible();
    Object.assign(body, clip ? { clip: clip.name, guid: clip.guid, card } : { bible });
    try { cards.stamp = (await ask(cards.send, body)).stamp; } catch (error) { tell(`Not written: ${error.message}`, "bad"); return false; }
    if (clip) { clip.card = card; clip.wrong = ""; } else cards.bible = { gallery: "", masters: {}, setups: {}, wrong: "", ...bible };
    for (const one of clips) takenFromBible(one);
    changed = true; show();
    return true;
  }
  function takenFromBible(clip) {
    const name = clip.card.setup || Object.keys(cards.bible.masters).find((key) => cards.bible.masters[key] === clip.name);
    const all = name ? { ...(cards.bible.setups[name] || {}), setup: name, ...(cards.bible.masters[name] === clip.name ? { master: true } : {}) } : {};
    clip.taken = Object.fromEntries(Object.entries(all).filter(([key]) => clip.card[key] === undefined));
  }

  async function go(place) { if (await save()) { at = Math.min(clips.length - 1, Math.max(BIBLE, place)); show(); } }
  // Keys that come while a card is being written wait their turn, each from where the last one led.
  let turns = Promise.resolve();
  const next = (where) => { turns = turns.then(() => go(where())); };
  const edit = () => sheet.querySelector("input")?.focus();
  function asBefore() {
    if (at < 1) return;
    const before = said(clips[at - 1]);
    for (const name of ["scene", "day"]) if (before[name] && !value(name)) { sheet.elements[name].value = before[name]; dirty = true; }
    tell(""); sheet.elements.setup.focus();
  }
  function master() { if (at !== BIBLE) { held().checked = !held().checked; dirty = true; tell(""); } }
  async function again() {
    if (!(await save())) return;
    tell("Looking at the cut again…");
    try { await ask(cards.again, {}); location.reload(); } catch (error) { tell(`Could not look again: ${error.message}`, "bad"); }
  }
  async function turn() {
    if (open() && !(await save())) return;
    document.body.classList.toggle("carding");
    room.hidden = !open();
    document.querySelector(".tocards").setAttribute("aria-pressed", String(open()));
    if (open()) { show(); list.focus(); } else (document.querySelector(".list .rows") || document.body).focus();
  }

  const DO = { j: () => next(() => at + 1), ArrowDown: () => next(() => at + 1), k: () => next(() => at - 1), ArrowUp: () => next(() => at - 1), Home: () => next(() => BIBLE), End: () => next(() => clips.length - 1), b: () => next(() => BIBLE),
    Enter: edit, y: asBefore, m: master, r: again, Escape: turn };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const typing = event.target.matches("input, select, textarea"), press = event.target.matches("button, summary") && [" ", "Enter"].includes(event.key);
    if (typing && open()) { if (event.key === "Escape") { event.preventDefault(); list.focus(); } return; }
    if (typing || press || document.querySelector("dialog[open]")) return;
    const act = event.key === "c" ? turn : open() ? DO[event.key] : null;
    if (act) { event.preventDefault(); act(); }
  });
  list.addEventListener("click", (event) => { const item = event.target.closest("li"); if (item) next(() => Number(item.dataset.card)); });
  document.querySelector(".tocards").addEventListener("click", turn);
  room.append(list, sheet, el("datalist", { id: "clips" }, ...clips.map((clip) => el("option", { value: clip.name }))));
  main.append(room);
})();
