// Rows of unequal height in a list that scrolls with what is around it; only those near the screen
// are built: hundreds of takes wait. Nothing is known here of what a row shows.
const NEAR = 0.5; // screens above and below the one that is seen
const GUESSED = 60; // pixels of a row, until one was measured

export class Rows {
  // ``list`` scrolls within ``pane``, or with it; ``key`` names an item, ``row`` gives its element.
  constructor(pane, list, key, row) {
    Object.assign(this, { pane, list, key, row, items: [], from: 0, to: 0, space: 0, highs: new Map(), built: new Map() });
    this.scrolled = () => { if (!this.later) this.later = requestAnimationFrame(() => { this.later = 0; this.show(); }); };
    pane.addEventListener("scroll", this.scrolled, { passive: true, capture: true });
    this.sized = new ResizeObserver(() => { if (this.wide !== pane.clientWidth) this.highs.clear(); this.wide = pane.clientWidth; this.scrolled(); });
    this.sized.observe(pane);
  }
  put(items) { this.items = items; this.show(true); }
  // Where each row begins, in pixels of the list, and where the last one ends.
  tops() {
    const known = [...this.highs.values()], mean = known.length ? known.reduce((a, b) => a + b, 0) / known.length : GUESSED, tops = [0];
    for (const one of this.items) tops.push(tops[tops.length - 1] + (this.highs.get(this.key(one)) ?? mean) + this.space);
    return tops;
  }
  show(anew = false) {
    if (!this.list.isConnected) return;
    this.space = parseFloat(getComputedStyle(this.list).rowGap) || 0;
    const tops = this.tops(), most = this.items.length, high = this.scroller().clientHeight, seen = -this.start();
    const at = (y) => { let low = 0, top = most; while (low < top) { const mid = (low + top) >> 1; if (tops[mid + 1] <= y) low = mid + 1; else top = mid; } return low; };
    const from = at(seen - NEAR * high), to = Math.min(most, at(seen + (1 + NEAR) * high) + 1);
    if (anew || from !== this.from || to !== this.to) {
      Object.assign(this, { from, to });
      this.build();
    }
    this.room("above", tops[from]); this.room("below", tops[most] - tops[to]);
  }
  // The rows that are near. Who stood on one of them with the focus stands there again.
  build() {
    const [stood, old] = [...this.built].find(([, one]) => one.contains(document.activeElement)) ?? [], stops = (one) => [...(one?.querySelectorAll("button") ?? [])];
    const stop = stops(old).indexOf(document.activeElement);
    this.built = new Map(this.items.slice(this.from, this.to).map((item, i) => {
      const made = this.row(item, this.from + i);
      made.setAttribute("aria-posinset", String(this.from + i + 1)); made.setAttribute("aria-setsize", String(this.items.length));
      return [this.key(item), made];
    }));
    const made = [...this.built.values()];
    if (made.length === this.list.children.length && made.every((one, i) => one === this.list.children[i])) return;
    this.list.replaceChildren(...made);
    for (const [key, one] of this.built) this.highs.set(key, one.offsetHeight);
    if (old) (stops(this.built.get(stood))[stop] ?? document.getElementById("main")).focus({ preventScroll: true });
  }
  room(name, pixels) { this.list.style.setProperty(`--${name}`, `${Math.max(0, pixels)}px`); }
  // From the upper edge of the screen to the first row, were all of them built.
  start() { return this.list.getBoundingClientRect().top - this.scroller().getBoundingClientRect().top; }
  // What scrolls depends on how wide the page is.
  scroller() {
    for (let one = this.list.parentElement; one !== this.pane; one = one.parentElement) if (getComputedStyle(one).overflowY === "auto") return one;
    return this.pane;
  }
  // Scroll as little as brings an item onto the screen, and build it.
  reveal(key) {
    const index = this.items.findIndex((one) => this.key(one) === key);
    if (index < 0) return;
    const scroller = this.scroller();
    if (!this.built.get(key)) { scroller.scrollTop += this.start() + this.tops()[index] - scroller.clientHeight / 2; this.show(); }
    this.built.get(key)?.scrollIntoView({ block: "nearest" });
  }
  leave() { this.sized.disconnect(); this.pane.removeEventListener("scroll", this.scrolled, { capture: true }); cancelAnimationFrame(this.later); }
}
