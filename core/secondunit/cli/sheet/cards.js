"use strict";
// Shot cards and the bible, edited from the keys. What is typed is sent to the review's own process,
// which writes the sheet beside the cut, or the show's bible; the cut is looked at again when a person
// asks for it. Pages of the list: the show and its sequences, the bible of the cut, every clip.
(() => {
  const { data, el } = window.secondunit, cards = data.cards;
  const clips = cards.clips, main = document.querySelector("main"), saved = document.querySelector(".saved");
  const whole = cards.show, SIDES = ["left", "right", "front", "back"], KEPT = ["camera", "people"];
  const room = el("section", { class: "carding", hidden: true, "aria-label": "Shot cards" });
  const list = el("ol", { class: "rows", role: "listbox", tabindex: "0", "aria-label": "Shots" });
  const sheet = el("form", { class: "sheet", onsubmit: (event) => { event.preventDefault(); save().then((ok) => ok && list.focus()); }, oninput: () => { dirty = true; tell(""); } });
  const told = el("p", { class: "told", role: "status", "aria-live": "polite" });
  const sequences = whole ? [...new Set([whole.sequence, ...Object.keys(whole.sequences)])] : [];
  const here = new Set(clips.flatMap((clip) => [clip.name, clip.guid])), elsewhere = whole ? Object.keys(whole.cards).filter((name) => !here.has(name)) : [];
  const pages = [...(whole ? [{ kind: "show" }, ...sequences.map((name) => ({ kind: "sequence", name }))] : []), { kind: "bible" }, ...clips.map((clip) => ({ kind: "clip", clip })), ...elsewhere.map((name) => ({ kind: "elsewhere", name }))];
  const BIBLE = pages.findIndex((page) => page.kind === "bible"), FIRST = BIBLE + 1;
  let at = clips.length ? FIRST : BIBLE, dirty = false, changed = false, drawing = null, layer = "cut";

  const still = (key) => (key ? el("img", { src: data.pictures[key], alt: "", draggable: "false" }) : el("span", { class: "empty" }, "no picture"));
  const words = (card, name) => (card[name] === undefined ? "" : String(card[name]));
  const clean = (text) => text.trim();
  const said = (clip) => ({ ...clip.taken, ...clip.card });
  const ofShow = () => (pages[at].clip ? layer === "show" : pages[at].kind !== "bible");
  // The row of the show's bible that a clip takes: by its guid first.
  const keyOf = (clip) => (clip.guid && whole.cards[clip.guid] ? clip.guid : whole.cards[clip.name] || !clip.guid ? clip.name : clip.guid);
  const shownCard = (clip) => (layer === "show" && whole ? whole.cards[keyOf(clip)] || {} : clip.card);
  const sequenceSays = () => (whole ? whole.sequences[whole.sequence] || {} : {});
  const open = () => document.body.classList.contains("carding");
  function tell(text, kind = "") { told.textContent = text || (dirty ? "Not written yet: enter" : changed ? "Written. r looks at the cut again" : `Kept in ${ofShow() ? whole.file : cards.sheet}`); told.className = `told ${kind}`; }

  function row(clip, i) {
    const card = said(clip), line = [card.scene && `sc ${card.scene}`, card.day && `day ${card.day}`, card.setup].filter(Boolean).join(" · ");
    return el("li", { role: "option", id: `card${i}`, "data-card": i, "aria-selected": String(i === at), class: clip.wrong ? "stop" : line ? "has" : "bare" },
      el("span", { class: "pair" }, el("span", {}, still(clip.still))),
      el("span", { class: "words" }, el("span", { class: "slug" }, el("b", {}, clip.name), el("i", {}, clip.tc)), el("span", { class: "tags" }, card.master ? el("span", { class: "mark" }, "Master") : ""),
        el("span", { class: `says${clip.wrong ? " stop" : ""}` }, clip.wrong || line || "nothing known")));
  }

  const heading = (i, name, about, kind = "") => el("li", { role: "option", id: `card${i}`, "data-card": i, "aria-selected": String(i === at), class: `bible ${kind}` },
    el("span", { class: "words" }, el("span", { class: "slug" }, el("b", {}, name)), el("span", { class: "tags" }), el("span", { class: "says" }, about)));
  function line(page, i) {
    if (page.kind === "show") return heading(i, "The show", "what holds for every cut and every take of it", "whole");
    if (page.kind === "sequence") return heading(i, page.name, whole.sequences[page.name] ? "every shot of the sequence" : "the sequence: nothing written yet", "whole inner");
    if (page.kind === "bible") return heading(i, whole ? "The bible of this cut" : "The bible", "what holds for every shot of a set-up");
    if (page.kind === "elsewhere") return heading(i, page.name, "a shot of the show that is not in this cut", "whole");
    return row(page.clip, i);
  }

  const input = (name, value, hint = "", more = {}) => el("input", { type: "text", name, value, placeholder: hint, autocomplete: "off", spellcheck: "false", ...more });
  const field = (label, inside, kind = "") => el("label", { class: kind }, el("span", {}, label), inside);
  const part = (title, ...inside) => el("fieldset", {}, el("legend", {}, title), ...inside);
  const toggle = (name, text, on, more = {}) => el("label", { class: "chip", ...more }, el("input", { type: "checkbox", name, value: text, checked: on }), el("span", {}, text));
  const choose = (name, values, value, taken) => el("span", { class: "sides" }, ...["", ...values].map((one) => el("label", { class: "chip" }, el("input", { type: "radio", name, value: one, checked: one === value }), el("span", {}, one || (taken ? `${taken} (bible)` : "not said")))));

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
  const listed = (kind, card, taken) => part(TITLES[kind], taken[kind] && !card[kind] ? el("p", { class: "host" }, `${taken[kind].map((one) => one.name).join(", ")} (bible)`) : "",
    el("div", { class: "entries" }, ...[...(card[kind] || []), {}].map((one) => entry(kind, one))));

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

  // The fields of a card: of a clip, with its picture, or of every shot of a sequence.
  function fieldsOf(card, taken, picture, more) {
    const hint = (name) => (taken[name] === undefined ? "" : `${taken[name]} (bible)`);
    const axis = card.axis || {}, from = taken.axis || {}, allowed = new Set(card.allowed || []), given = card.allowed ? [] : taken.allowed || [];
    return [
      el("div", { class: picture ? "top" : "top bare" }, picture ? canvas(el("div", { class: "shot" }, picture)) : "",
        el("div", {}, el("div", { class: "slate" },
          field("Scene", input("scene", words(card, "scene"), hint("scene"))), field("Story day", input("day", words(card, "day"), hint("day"))), field("Set-up", input("setup", words(card, "setup"), hint("setup")))),
        el("div", { class: "line" }, el("span", { class: "asked" }, "Key light"), choose("key_side", SIDES, card.key_side || "", taken.key_side)),
        el("div", { class: "line" }, el("span", { class: "asked" }, "Axis"), input("left", axis.left || "", from.left ? `${from.left} (bible)` : "who is on the left", { "aria-label": "On the left" }), el("b", {}, "⟷"), input("right", axis.right || "", from.right ? `${from.right} (bible)` : "who is on the right", { "aria-label": "On the right" })),
        ...more)),
      el("div", { class: "lists" }, ...Object.keys(LISTS).map((kind) => listed(kind, card, taken))),
      part("May differ here, because somebody meant it so", given.length ? el("p", { class: "host" }, `${given.join(", ")} (bible)`) : "", el("div", { class: "chips" }, ...cards.may_differ.map(([name, about]) => toggle("allowed", name, allowed.has(name), { title: about })))),
    ];
  }

  function cardSheet(clip) {
    const card = shownCard(clip), taken = layer === "show" ? sequenceSays() : clip.taken, camera = said(clip).camera;
    const host = KEPT.filter((name) => said(clip)[name]);
    const belongs = whole ? el("div", { class: "belongs", role: "group", "aria-label": "Belongs to" }, el("span", {}, "Belongs to"), ...[["cut", "this cut"], ["show", "the show"]].map(([one, text]) => el("button", { type: "button", "aria-pressed": String(layer === one), onclick: () => turnTo(one) }, text)), el("kbd", {}, "o")) : "";
    return [
      el("div", { class: "headline" }, el("h3", {}, clip.name), el("i", {}, `${clip.tc} · frames ${clip.frames.join("–")}`), belongs, clip.wrong ? el("p", { class: "wrong" }, clip.wrong) : ""),
      ...fieldsOf(card, taken, still(clip.still), [
        el("div", { class: "line" }, el("span", { class: "asked" }, "Master"), toggle("master", "others of this set-up are held against it", Boolean(card.master))),
        host.length ? el("p", { class: "host" }, `From the host: ${camera ? `camera of ${camera.focal_mm} mm at ${camera.position.map((n) => +n.toFixed(2)).join(", ")}` : "where people are"}`) : ""]),
      el("button", { class: "save", type: "submit" }, layer === "show" ? "Write this card of the show" : "Write this card"),
    ];
  }

  function showSheet({ kind, name }) {
    const every = kind === "sequence", about = every ? "what every shot of this sequence says, in every cut and every take, unless it says otherwise itself" : "what the show says of this shot, which is not in this cut";
    return [
      el("div", { class: "headline" }, el("h3", {}, name), el("i", {}, about)),
      ...fieldsOf((every ? whole.sequences[name] : whole.cards[name]) || {}, {}, null, every ? [] : [el("div", { class: "line" }, el("span", { class: "asked" }, "Master"), toggle("master", "others of this set-up are held against it", Boolean(whole.cards[name]?.master)))]),
      el("button", { class: "save", type: "submit" }, every ? "Write this sequence" : "Write this card of the show"),
    ];
  }

  function bibleSheet() {
    const every = pages[at].kind === "show", bible = every ? whole.bible : cards.bible;
    const names = [...new Set([...(every ? [] : clips.map((clip) => said(clip).setup).filter(Boolean)), ...Object.keys(bible.setups), ...Object.keys(bible.masters)])];
    const about = every ? `what holds for every cut and every take of the show, whichever host asked: ${whole.file} in ${whole.folder}` : "what every card of a set-up says, unless it says otherwise itself";
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
      el("div", { class: "headline" }, el("h3", {}, every ? "The show" : whole ? "The bible of this cut" : "The bible"), el("i", {}, about), bible.wrong ? el("p", { class: "wrong" }, bible.wrong) : ""),
      el("div", { class: "slate one" }, field(`Gallery: the folder of the cast’s approved pictures, beside ${every ? whole.file : "the cut"}`, input("gallery", bible.gallery, "cast"))),
      part("Set-ups", el("div", { class: "setup heads", "aria-hidden": "true" }, ...["set-up", "master", "scene", "story day", "on the left", "on the right", "key light"].map((head) => el("span", {}, head))), el("div", { class: "setups" }, ...names.map(setup), setup(""))),
      every ? el("p", { class: "hint" }, "Cast, wardrobe, props and what may differ are said of every shot of a sequence, on the page below this one, or of one shot: there, ", el("kbd", {}, "o"), " turns from this cut to the show.") : "",
      el("button", { class: "save", type: "submit" }, every ? "Write the show’s bible" : "Write the bible"),
    ];
  }

  function show() {
    const page = pages[at];
    list.replaceChildren(...pages.map(line));
    sheet.replaceChildren(...(page.clip ? cardSheet(page.clip) : page.name ? showSheet(page) : bibleSheet()), told);
    dirty = false; drawing = null; tell(""); boxes();
    const item = document.getElementById(`card${at}`);
    list.setAttribute("aria-activedescendant", item.id);
    item.scrollIntoView({ block: "nearest" });
    sheet.scrollTop = 0;
  }

  const held = () => sheet.querySelector("[type=checkbox][name=master]");
  const value = (name) => clean(sheet.elements[name].value);
  function set(card, name, now) { if (now === "" || now === undefined || (Array.isArray(now) && !now.length)) delete card[name]; else card[name] = now; }

  function typedCard(old, taken) {
    const card = { ...old };
    for (const name of ["scene", "day", "setup"]) set(card, name, value(name));
    set(card, "key_side", sheet.querySelector("[name=key_side]:checked").value);
    set(card, "axis", value("left") || value("right") ? { left: value("left"), right: value("right") } : "");
    if (held()) set(card, "master", held().checked || (taken.master ? false : ""));
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
    const { kind, clip, name } = pages[at], of = ofShow(), body = { stamp: of ? whole.stamp : cards.stamp, ...(of ? { of: "show" } : {}) };
    if (clip) Object.assign(body, { clip: clip.name, guid: clip.guid, card: typedCard(shownCard(clip), of ? {} : clip.taken) });
    else if (kind === "sequence") Object.assign(body, { sequence: name, card: typedCard(whole.sequences[name] || {}, {}) });
    else if (name) Object.assign(body, { clip: name, guid: name, card: typedCard(whole.cards[name] || {}, {}) });
    else body.bible = typedBible();
    try { (of ? whole : cards).stamp = (await ask(cards.send, body)).stamp; } catch (error) { tell(`Not written: ${error.message}`, "bad"); return false; }
    if (clip && of) whole.cards[keyOf(clip)] = body.card;
    else if (clip) { clip.card = body.card; clip.wrong = ""; }
    else if (kind === "sequence") { if (Object.keys(body.card).length) whole.sequences[name] = body.card; else delete whole.sequences[name]; }
    else if (name) whole.cards[name] = body.card;
    else (of ? whole : cards).bible = { gallery: "", masters: {}, setups: {}, wrong: "", ...body.bible };
    for (const one of clips) one.taken = takenBy(one);
    changed = true; show();
    return true;
  }
  // What a clip takes: from its sequence, the set-up, its card in the show; then from the cut's bible.
  function takenBy(clip) {
    const ofSetup = (bible, card, names) => {
      const mine = (name) => names.includes(bible.masters[name]), name = card.setup || Object.keys(bible.masters).find(mine);
      return name ? { ...(bible.setups[name] || {}), setup: name, ...(mine(name) ? { master: true } : {}) } : {};
    };
    const cut = ofSetup(cards.bible, clip.card, [clip.name]), own = { ...cut, ...clip.card }, shows = whole ? whole.cards[keyOf(clip)] || {} : {};
    const all = whole ? { ...sequenceSays(), ...ofSetup(whole.bible, { ...shows, ...own }, [clip.name, clip.guid]), ...shows, ...cut } : cut;
    return Object.fromEntries(Object.entries(all).filter(([key]) => clip.card[key] === undefined));
  }
  async function turnTo(one) { if (pages[at].clip && one !== layer && await save()) { layer = one; show(); list.focus(); } }

  async function go(place) { if (await save()) { at = Math.min(pages.length - 1, Math.max(0, place)); show(); } }
  // Keys that come while a card is being written wait their turn, each from where the last one led.
  let turns = Promise.resolve();
  const next = (where) => { turns = turns.then(() => go(where())); };
  const edit = () => sheet.querySelector("input")?.focus();
  function asBefore() {
    if (!pages[at].clip || !pages[at - 1].clip) return;
    const before = said(pages[at - 1].clip);
    for (const name of ["scene", "day"]) if (before[name] && !value(name)) { sheet.elements[name].value = before[name]; dirty = true; }
    tell(""); sheet.elements.setup.focus();
  }
  function master() { if (held()) { held().checked = !held().checked; dirty = true; tell(""); } }
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

  const DO = { j: () => next(() => at + 1), ArrowDown: () => next(() => at + 1), k: () => next(() => at - 1), ArrowUp: () => next(() => at - 1), Home: () => next(() => 0), End: () => next(() => pages.length - 1), b: () => next(() => (at === BIBLE && whole ? 0 : BIBLE)),
    o: () => whole && turnTo(layer === "show" ? "cut" : "show"),
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
