// Elements from words. Text is only ever text: nothing here reads markup.
export function make(tag, more = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(more)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (name === "set") for (const [key, to] of Object.entries(value)) made.style.setProperty(key, to);
    else if (name in made && name !== "list" && !name.startsWith("aria")) made[name] = value;
    else made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children.flat().filter((one) => one !== null && one !== undefined && one !== false));
  return made;
}

// Words that stand there already are not set anew: that would cost the page a new layout.
export function put(place, text) { if (place.textContent !== text) place.textContent = text; }

// New children for a place. Who stood on one of the old with the focus stands on what is there now.
export function anew(place, ...children) {
  const stops = () => [...place.querySelectorAll("button, a, input, select, textarea")], at = stops().indexOf(document.activeElement);
  place.replaceChildren(...children.flat().filter((one) => one !== null && one !== undefined));
  if (at < 0) return;
  const now = stops();
  ([now[at], ...now.slice(0, at).reverse(), ...now.slice(at)].find((one) => one && !one.disabled) ?? document.getElementById("main")).focus({ preventScroll: true });
}

// A picture that is shown already is not asked for again when what is around it is drawn anew.
const shown = new Map();
export function picture(src) {
  const found = shown.get(src) ?? make("img", { src, alt: "", loading: "lazy", decoding: "async" });
  shown.delete(src); shown.set(src, found);
  if (shown.size > 1200) shown.delete(shown.keys().next().value);
  return found;
}

// A picture of what was handed over; where its media is not to be had, a mark in its place.
export function handed(src, alt) {
  const place = make("span", { className: "handed" }), image = make("img", { src, alt, loading: "lazy", decoding: "async", onerror: () => place.replaceChildren() });
  place.append(image);
  return place;
}

export const percent = (share) => `${(100 * share).toFixed(3)}%`;
export const clamp = (value, low, high) => Math.min(high, Math.max(low, value));
export const short = (hash) => (hash || "").slice(0, 12);

export function when(at) {
  const day = new Date(at * 1000), today = new Date();
  const time = day.toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
  return day.toDateString() === today.toDateString() ? time : `${day.toLocaleDateString("en-GB", { day: "numeric", month: "short" })} ${time}`;
}

// Frames since midnight as timecode; drop-frame numbers after SMPTE ST 12-1.
export function timecode(frame, rate, drop) {
  const nominal = Math.round(rate[0] / rate[1]);
  let number = frame;
  if (drop) {
    const left = nominal / 15, ten = nominal * 600 - 9 * left, minute = nominal * 60 - left;
    const tens = Math.floor(number / ten), rest = number % ten;
    number += 9 * left * tens + (rest >= left ? left * Math.floor((rest - left) / minute) : 0);
  }
  const two = (n) => String(n).padStart(2, "0"), s = Math.floor(number / nominal);
  return `${two(Math.floor(s / 3600) % 24)}:${two(Math.floor(s / 60) % 60)}:${two(s % 60)}${drop ? ";" : ":"}${two(number % nominal)}`;
}
