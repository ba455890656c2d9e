// Charts: bars drawn as SVG by our own hand. Colours come from the style sheet, words from words.js.
const SPACE = "http://www.w3.org/2000/svg";

export function drawn(tag, more = {}, ...children) {
  const made = document.createElementNS(SPACE, tag);
  for (const [name, value] of Object.entries(more)) if (value !== null && value !== undefined) made.setAttribute(name, String(value));
  made.append(...children.flat().filter((one) => one !== null && one !== undefined));
  return made;
}

// Pieces side by side in one bar, of ``most`` in all: [{ value, className, title }]
export function bar(pieces, most, label, high = 14) {
  let at = 0;
  const parts = pieces.filter((one) => one.value > 0).map((one) => {
    const wide = 1000 * one.value / most, x = at;
    at += wide;
    return drawn("rect", { class: one.className, x, y: 0, width: Math.max(1.5, wide - (wide > 6 ? 1.5 : 0)), height: high }, drawn("title", {}, one.title));
  });
  return drawn("svg", { class: "drawn", viewBox: `0 0 1000 ${high}`, preserveAspectRatio: "none", role: "img", "aria-label": label }, parts);
}

// One bar of a share 0..1, and a line where the limit is.
export function gauge(share, limit, className, label, high = 14) {
  return drawn("svg", { class: "drawn", viewBox: `0 0 1000 ${high}`, preserveAspectRatio: "none", role: "img", "aria-label": label },
    drawn("rect", { class: "ground", x: 0, y: 0, width: 1000, height: high }),
    drawn("rect", { class: className, x: 0, y: 0, width: Math.max(share > 0 ? 2 : 0, 1000 * share), height: high }),
    limit === null ? null : drawn("rect", { class: "limit", x: 1000 * limit - 1, y: 0, width: 2, height: high }));
}

export const money = (amount, currency) => `${amount.toLocaleString("en-GB", { minimumFractionDigits: 2, maximumFractionDigits: 2 })} ${currency}`;
