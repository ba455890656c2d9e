"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const rows = data.rows, spots = data.spots, spotOf = rows.map((_, i) => spots.findIndex((spot) => spot.includes(i))), stage = document.querySelector(".stage"), list = document.querySelector(".rows");
  const saved = document.querySelector(".saved"), keys = document.querySelector(".keys");
  const WORDS = { fix: "Fix", creative_intent: "Creative intent", best_possible: "Best possible", not_an_error: "Not an error", ask: "Ask" };
  const OUTCOMES = { look: "look at this", stop: "stop" };
  const KEYS = [["j, k", "next finding, previous finding (or arrows down and up)"], ["left, right", "move the wipe"],
    ["space", "flip: all left, all right"], ["1 to 5", "Fix, Creative intent, Best possible, Not an error, Ask"],
    ["enter", "save the answer"], ["escape", "leave the answer"], ["u", "take back an answer that is not written yet"],
    ["f", "what has the same cause, one after another, and back"], ["v", "measured value and limit"], ["s", "cut order, or what weighs most"], ["n", "what was not looked at, and why"],
    ["w", "save the answers as a file"], ...(data.cards ? [["c", "shot cards and the bible, and back"]] : []), ["?", "this list"]];
  const byId = new Map(rows.map((one, i) => [one.id, i]));
  let order = spots.flat(), at = 0, folded = -1, wipe = 50, choice = "", mine = { by: "", role: "", answers: {} };

  const store = "secondunit:" + data.key;
  try { mine = Object.assign(mine, JSON.parse(localStorage.getItem(store) || "{}")); } catch { /* a browser that keeps nothing */ }
  // What the ledger has already needs no second writing; a served page writes at once.
  for (const one of rows) {
    const now = mine.answers[one.id], old = one.standing;
    if (now && (data.send || (old && ["answer", "by", "role", "reason"].every((name) => now[name] === old[name])))) delete mine.answers[one.id];
  }
  const keep = () => { try { localStorage.setItem(store, JSON.stringify(mine)); } catch { /* as above */ } };

  function el(name, attributes = {}, ...inside) {
    const svg = ["svg", "rect", "circle", "title"].includes(name);
    const made = svg ? document.createElementNS("http://www.w3.org/2000/svg", name) : document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) {
      if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
      else if (value === true) made.setAttribute(key, "");
      else if (value !== false && value !== null && value !== undefined) made.setAttribute(key, value);
    }
    made.append(...inside.filter((one) => one !== null && one !== ""));
    return made;
  }
  const row = () => rows[folded < 0 ? order[at] : folded];
  const image = (key, alt) => el("img", { src: data.pictures[key], alt, decoding: "async", draggable: "false" });
  // Tall pictures are made narrower, so that the answers stay in sight below them.
  const fit = (holder, high) => {
    const shown = holder.querySelector("img");
    shown.addEventListener("load", () => { holder.style.maxWidth = `${high * shown.naturalWidth / shown.naturalHeight}vh`; });
    return holder;
  };
  const picture = (key, alt, region, high = 23) => fit(el("div", { class: "shot" }, image(key, alt), boxed(region)), high);

  function boxed(region) {
    if (!region) return "";
    const [x, y, width, height] = region.map((n) => n * 1000);
    const rect = (kind) => el("rect", { class: kind, x, y, width, height, "vector-effect": "non-scaling-stroke" });
    return el("svg", { viewBox: "0 0 1000 1000", preserveAspectRatio: "none", "aria-hidden": "true" }, rect("under"), rect(""));
  }

  const shownIn = spots.map(() => -1);
  function thumbs(spot, i) {
    if (shownIn[spot] === i) return;
    shownIn[spot] = i;
    const one = rows[i], item = document.getElementById(`spot${spot}`);
    item.querySelector(".slug b").textContent = one.slug;
    item.querySelector(".slug i").textContent = one.tc;
    item.querySelector(".tags em").textContent = one.department;
    item.querySelector(".pair").replaceChildren(...(one.stills.length
      ? one.stills.map((key) => el("span", {}, image(key, "")))
      : [el("span", { class: "empty" }, "no picture")]));
  }

  function ribbon() {
    const [start, length] = data.span, wide = 1000;
    const x = (frame) => (frame - start) / Math.max(1, length) * wide;
    const shots = data.shots.map(([name, first, count]) => el("rect", { x: x(first) + 0.6, y: 3, width: Math.max(0.5, x(first + count) - x(first) - 1.2), height: 13, "data-from": first, "data-to": first + count }, el("title", {}, name)));
    const strip = el("svg", { viewBox: `0 0 ${wide} 30`, preserveAspectRatio: "none" }, ...shots);
    const dots = el("svg", {}, ...spots.map((spot, i) => el("circle", { cx: `${x(rows[spot[0]].at) / wide * 100}%`, cy: 24, r: 4.5, "data-dot": i, onclick: () => go(order.indexOf(spot[0])) }, el("title", {}, rows[spot[0]].sentence))));
    const holder = document.querySelector(".ribbon");
    strip.style.position = "absolute"; strip.style.inset = "0"; holder.style.position = "relative"; dots.style.position = "relative";
    holder.replaceChildren(strip, dots);
  }

  const given = (one) => mine.answers[one.id];
  const says = (answer, sentence) => el("p", { class: "standing" }, sentence || answer);

  function trio(one) {
    const keysOf = one.stills;
    if (!keysOf.length) return el("p", { class: "none" }, "There is no picture of this: its media could not be shown.");
    if (keysOf.length === 1) return el("div", { class: "trio one" }, el("figure", {}, picture(keysOf[0], one.labels[0] || "", one.region, 54), el("figcaption", {}, one.labels[one.labels.length - 1] || "")));
    const [left, right] = keysOf, [from, to] = one.labels;
    const top = el("div", { class: "over-it" }, image(left, `${from}, the left of the wipe`));
    const shot = el("div", { class: "shot" }, image(right, `${to}, the right of the wipe`), top, boxed(one.region), el("div", { class: "bar" }), el("span", { class: "side l" }, from), el("span", { class: "side r" }, to));
    fit(shot, 54);
    const drag = (event) => { if (event.buttons) { const box = shot.getBoundingClientRect(); place(100 * (event.clientX - box.left) / box.width); } };
    shot.addEventListener("pointerdown", (event) => { shot.setPointerCapture(event.pointerId); drag(event); });
    shot.addEventListener("pointermove", drag);
    return el("div", { class: "trio" },
      el("figure", { class: "wipe", role: "slider", tabindex: "0", "aria-label": "Wipe between the two pictures", "aria-valuemin": "0", "aria-valuemax": "100", "aria-valuenow": "50" }, shot),
      el("figure", { class: "left" }, picture(left, from, one.region), el("figcaption", {}, from)),
      el("figure", { class: "right" }, picture(right, to, one.region), el("figcaption", {}, to)));
  }

  function place(percent) {
    wipe = Math.min(100, Math.max(0, percent));
    const top = stage.querySelector(".over-it"), bar = stage.querySelector(".bar");
    if (!top) return;
    top.style.clipPath = `inset(0 ${100 - wipe}% 0 0)`;
    bar.style.left = wipe + "%";
    stage.querySelector(".side.l").hidden = wipe < 12; stage.querySelector(".side.r").hidden = wipe > 88;
    stage.querySelector(".wipe").setAttribute("aria-valuenow", Math.round(wipe));
  }

  function numbers(one) {
    const measured = one.value === null ? "not a number" : `${+one.value.toPrecision(3)} ${one.unit}`;
    const lines = [["measured", measured], ["limit", one.limit === null ? "none" : `${one.limit} ${one.unit}`], ["what", one.about], ["limit from", one.source],
      ["frames", one.frames.map(([a, b]) => (a === b ? a : `${a}–${b}`)).join(", ") || "all"]];
    return el("details", { class: "numbers" }, el("summary", {}, el("kbd", {}, "v"), " Measured value and limit"),
      el("table", {}, ...lines.filter(([, value]) => value).map(([name, value]) => el("tr", {}, el("td", {}, name), el("td", {}, value)))));
  }

  function answering(one) {
    const now = given(one);
    const buttons = data.answers.map((answer, i) => el("button", { type: "button", "data-answer": answer, "aria-pressed": String(choice ? choice === answer : Boolean(now && now.answer === answer)), onclick: () => choose(answer) }, el("kbd", {}, String(i + 1)), WORDS[answer]));
    const input = (name, label, value, hint) => el("label", {}, label, el("input", { type: "text", name, value, placeholder: hint, autocomplete: "off", spellcheck: "true" }));
    const like = rows.filter((other) => other !== one && other.check === one.check && other.open && !other.because && !given(other) && other.outcome !== "stop");
    const may = like.length && !(accepted(choice) && data.alone.includes(one.check));
    const form = el("form", { class: "form", hidden: !choice, onsubmit: (event) => { event.preventDefault(); answer(); } },
      input("reason", "Reason", now && choice === now.answer ? now.reason : "", "why, in a few words"), input("by", "Name", mine.by, "who decides"), input("role", "Role", mine.role, "script supervisor"),
      el("button", { class: "save", type: "submit" }, "Answer"),
      may ? el("label", { class: "many" }, el("input", { type: "checkbox", name: "many" }), `the same for the other ${like.length} of ${one.check}`) : "",
      el("p", { class: "wrong", role: "alert" }));
    const stamp = now ? says(`${WORDS[now.answer]}, ${now.by}${now.role ? ` (${now.role})` : ""}: “${now.reason}” · not written yet`) : one.standing ? says("", one.standing.sentence) : "";
    return el("div", { class: "answer" }, stamp, el("div", { class: "choices", role: "group", "aria-label": "Answers" }, ...buttons), form);
  }

  function show() {
    if (!rows.length) { stage.replaceChildren(el("p", { class: "none" }, "Nothing was found. What was not looked at is listed beside.")); return; }
    const one = row();
    const codes = one.codes.length ? ` · ${one.codes.join(" · ")}` : "";
    stage.replaceChildren(
      el("div", { class: "line" }, el("b", {}, one.slug), el("i", {}, `${one.pair && one.link === "to" ? "cut at " : ""}${one.tc}`), el("strong", { class: one.outcome }, OUTCOMES[one.outcome]), el("span", {}, one.department)),
      one.because ? upward(one) : "", el("p", { class: "says" }, one.sentence), one.measured ? el("p", { class: "measured" }, one.measured) : "",
      trio(one), answering(one), numbers(one), alike(one), folded < 0 ? also(one) : "",
      el("p", { class: "small" }, `${one.id}${codes}`));
    place(50);
    stage.scrollTop = 0;
    spots.forEach((spot, i) => {
      const item = document.getElementById(`spot${i}`), here = spotOf[order[at]] === i, first = here ? order[at] : spot[0];
      const closed = spot.every((each) => shut(rows[each])), dot = document.querySelector(`[data-dot="${i}"]`);
      item.setAttribute("aria-selected", String(here));
      item.querySelectorAll(".says").forEach((line, n) => { line.hidden = spot[n] !== first; });
      item.querySelector(".mark").textContent = stamp(rows[first]);
      thumbs(i, first);
      if (spot.length > 1) item.querySelector(".more").textContent = here ? `${spot.indexOf(first) + 1}/${spot.length}` : `+${spot.length - 1}`;
      item.classList.toggle("closed", closed);
      dot.setAttribute("class", `${closed ? "closed" : item.classList.contains("stop") ? "stop" : "look"}${here ? " now" : ""}`);
    });
    const item = document.getElementById(`spot${spotOf[order[at]]}`);
    list.setAttribute("aria-activedescendant", item.id);
    item.scrollIntoView({ block: "nearest" });
    document.querySelectorAll(".ribbon rect").forEach((shot) => shot.classList.toggle("on", one.at >= Number(shot.dataset.from) && one.at < Number(shot.dataset.to)));
  }

  function also(one) {
    const here = spots[spotOf[order[at]]].filter((i) => rows[i] !== one);
    if (!here.length) return "";
    return el("div", { class: "also" }, el("p", {}, `Also at ${one.names[one.names.length - 1]}`),
      ...here.map((i) => line(i, () => { go(order.indexOf(i)); list.focus(); })));
  }

  const line = (i, onclick) => el("button", { type: "button", class: rows[i].outcome, onclick }, el("em", {}, rows[i].slug), el("span", {}, rows[i].sentence), el("span", { class: "mark" }, stamp(rows[i])));
  // Findings of one cause: folded under it, each a click away, and answered with it.
  function alike(one) {
    const those = one.explains.map((id) => byId.get(id));
    if (!those.length) return "";
    return el("div", { class: "also alike" }, el("p", {}, el("kbd", {}, "f"), ` ${those.length} more with the same cause, accepted with it`),
      ...those.map((i) => line(i, () => { unfold(i); list.focus(); })));
  }
  const upward = (one) => el("p", { class: "upward" }, el("button", { type: "button", onclick: () => unfold(-1) }, `Folded into: ${rows[byId.get(one.because)].sentence}`));
  function unfold(i) { folded = i; choice = ""; show(); }
  function walk() {
    const those = rows[order[at]].explains.map((id) => byId.get(id));
    if (those.length) unfold(folded < 0 ? those[0] : those[those.indexOf(folded) + 1] ?? -1);
  }

  const accepted = (answer) => answer !== "fix" && answer !== "ask";
  const refused = (one) => one.standing && one.standing.holds && !accepted(one.standing.answer);
  const shut = (one) => (given(one) ? accepted(given(one).answer) : !one.open || Boolean(one.because && !refused(one) && shut(rows[byId.get(one.because)])));
  function stamp(one) {
    const now = given(one), old = one.standing;
    const own = now ? WORDS[now.answer] : old ? (old.holds ? WORDS[old.answer] : "changed since") : "";
    return own || (one.because ? stamp(rows[byId.get(one.because)]) : "");
  }

  function go(place) { if (order.length) { at = (place + order.length) % order.length; folded = -1; choice = ""; show(); } }

  function choose(answer) {
    if (!rows.length) return;
    choice = answer;
    stage.querySelector(".answer").replaceWith(answering(row()));
    const field = stage.querySelector("[name=reason]");
    field.focus(); stage.querySelector(".answer").scrollIntoView({ block: "nearest" });
  }

  async function answer() {
    const one = row(), form = stage.querySelector(".form"), wrong = form.querySelector(".wrong");
    const value = (name) => form.elements[name].value.trim();
    const missing = [["reason", "a reason"], ["by", "your name"]].find(([name]) => !value(name));
    if (missing) { wrong.textContent = `An answer needs ${missing[1]}.`; form.elements[missing[0]].focus(); return; }
    if (one.outcome === "stop" && accepted(choice) && !value("role")) { wrong.textContent = "Accepting a stop needs your role in the production."; form.elements.role.focus(); return; }
    mine.by = value("by"); mine.role = value("role");
    const many = form.elements.many && form.elements.many.checked;
    const those = many ? rows.filter((other) => other === one || (other.check === one.check && other.open && !other.because && !given(other) && other.outcome !== "stop")) : [one];
    for (const each of those) mine.answers[each.id] = { answer: choice, by: mine.by, role: mine.role, reason: value("reason") };
    if (data.send) {
      try { await send(those); } catch (error) { wrong.textContent = `Not written: ${error.message}`; return; }
    }
    keep();
    tell(); choice = ""; list.focus();
    if (folded < 0) go(at + 1); else show();
  }

  const waiver = (one) => { const { answer, by, role, reason } = given(one); return { finding: one.id, answer, by, role, reason, note: "", seen: one.seen }; };
  const unwritten = () => rows.filter(given);

  async function send(those) {
    const body = JSON.stringify({ answers: those.map(waiver) });
    for (const one of those) delete mine.answers[one.id];
    const said = await fetch(data.send, { method: "POST", headers: { "Content-Type": "application/json" }, body });
    if (!said.ok) {
      const text = await said.text();
      let why = text;
      try { const { message, hint } = JSON.parse(text).error; why = `${message}. ${hint}`; } catch { /* a sentence as it is */ }
      throw new Error(why);
    }
    const { cover, standings } = await said.json();
    document.querySelector(".cover").textContent = cover;
    for (const one of rows) if (standings[one.id]) Object.assign(one, standings[one.id]);
  }

  function tell() {
    const count = unwritten().length, all = rows.filter((one) => one.standing && one.standing.holds).length;
    saved.textContent = count ? `${count} answer${count > 1 ? "s" : ""} to save: w` : all ? `${all} answered` : "";
  }

  function save() {
    const those = unwritten();
    if (!those.length) { saved.textContent = data.send ? "Answers are written as they are given." : "No answers to save."; return; }
    const text = JSON.stringify({ cut: data.cut, answers: those.map(waiver) }, null, 1);
    const link = el("a", { href: URL.createObjectURL(new Blob([text], { type: "application/json" })), download: `${data.cut.replace(/[^\w.-]+/g, "_")}.answers.json` });
    document.body.append(link); link.click(); link.remove();
    saved.textContent = `Saved ${those.length}. Write them: secondunit waive --from FILE`;
  }

  function sort() {
    folded = -1;
    const button = document.querySelector(".sort"), heavy = button.getAttribute("aria-pressed") !== "true", one = row();
    button.setAttribute("aria-pressed", String(heavy));
    button.querySelector("span").textContent = heavy ? "by weight" : "in cut order";
    const weight = (spot) => Math.max(...spots[spot].map((i) => (rows[i].open ? rows[i].weight : -1)));
    const turn = spots.map((_, i) => i);
    if (heavy) turn.sort((a, b) => weight(b) - weight(a) || a - b);
    turn.forEach((i) => list.append(document.getElementById(`spot${i}`)));
    order = turn.flatMap((i) => spots[i]);
    at = Math.max(0, order.indexOf(rows.indexOf(one)));
    show();
  }

  function takeBack() { const now = given(row()); if (now) { delete mine.answers[row().id]; keep(); tell(); show(); } }
  const toggle = (which) => { const found = document.querySelector(which); if (found) found.open = !found.open; };
  const DO = { j: () => go(at + 1), ArrowDown: () => go(at + 1), k: () => go(at - 1), ArrowUp: () => go(at - 1), Home: () => go(0), End: () => go(order.length - 1), f: () => rows.length && walk(),
    ArrowLeft: () => place(wipe - 4), ArrowRight: () => place(wipe + 4), " ": () => place(wipe < 50 ? 100 : 0), v: () => toggle(".numbers"), n: () => toggle(".unseen"),
    s: () => rows.length && sort(), w: save, u: () => rows.length && takeBack(), "?": () => (keys.open ? keys.close() : keys.showModal()) };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || document.body.classList.contains("carding")) return;
    const typing = event.target.matches("input");
    if (event.key === "Escape" && choice) { choice = ""; show(); list.focus(); return; }
    if (typing || (event.target.matches("button, summary") && [" ", "Enter"].includes(event.key))) return;
    const number = data.answers[Number(event.key) - 1];
    const act = number ? () => choose(number) : DO[event.key];
    if (act) { event.preventDefault(); act(); }
  });
  keys.append(el("dl", {}, ...KEYS.flatMap(([key, what]) => [el("dt", {}, el("kbd", {}, key)), el("dd", {}, what)])));
  keys.addEventListener("click", () => keys.close());
  document.querySelector(".sort").addEventListener("click", () => rows.length && sort());
  if (rows.length) {
    list.addEventListener("click", (event) => { const item = event.target.closest("li"); if (item) go(order.indexOf(spots[Number(item.dataset.spot)][0])); });
    list.focus();
  }
  ribbon(); tell(); show();
  window.secondunit = { data, el };
})();
