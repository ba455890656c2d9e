// Cards of one size in rows, of which only those near the screen are built: a show has hundreds of
// shots. Nothing is known here of what a card shows.
const MARGIN = 2, BEFORE_MEASURED = 12; // rows above and below the screen; cards until one has a height

export class Strip {
  // ``box`` scrolls and is a grid; ``card`` gives the element of an item, the same for the same item.
  constructor(box, card) {
    Object.assign(this, { box, card, items: [], from: 0, to: 0, high: 0 });
    box.addEventListener("scroll", () => { if (!this.later) this.later = requestAnimationFrame(() => { this.later = 0; this.show(); }); }, { passive: true });
    this.sized = new ResizeObserver(() => this.resized());
    this.sized.observe(box);
  }
  put(items) { this.items = items; this.show(true); }
  across() { return Math.max(1, getComputedStyle(this.box).gridTemplateColumns.split(" ").length); }
  // The part of the items that is near the screen; an empty row before and after keeps room for the rest.
  show(anew = false) {
    if (!this.box.isConnected) return;
    const across = this.across(), rows = Math.ceil(this.items.length / across);
    let first = 0, last = Math.ceil(BEFORE_MEASURED / across);
    if (this.high) { first = Math.floor(this.box.scrollTop / this.high) - MARGIN; last = Math.ceil((this.box.scrollTop + this.box.clientHeight) / this.high) + MARGIN; }
    first = Math.max(0, Math.min(first, rows - 1)); last = Math.min(rows, Math.max(last, first + 1));
    const from = first * across, to = Math.min(this.items.length, last * across);
    if (anew || from !== this.from || to !== this.to || across !== this.columns) {
      Object.assign(this, { from, to, columns: across });
      const cards = this.items.slice(from, to).map((item, i) => { const made = this.card(item); made.setAttribute("aria-posinset", String(from + i + 1)); made.setAttribute("aria-setsize", String(this.items.length)); return made; });
      if (cards.length !== this.box.children.length || cards.some((one, i) => one !== this.box.children[i])) this.box.replaceChildren(...cards);
    }
    if (this.high) { this.room("above", first); this.room("below", rows - last); }
    if (this.high || !this.box.firstElementChild) return;
    this.high = this.box.firstElementChild.offsetHeight + this.gap();
    if (this.high) this.show(true);
  }
  // Cards have another size now; the first that was on the screen stays there.
  resized() {
    const at = this.high ? Math.round(this.box.scrollTop / this.high) * this.columns : 0;
    this.high = 0; this.show();
    if (this.high) { this.box.scrollTop = Math.floor(at / this.across()) * this.high; this.show(); }
  }
  room(name, rows) {
    this.box.classList.toggle(name, rows > 0);
    this.box.style.setProperty(`--${name}`, `${Math.max(0, rows * this.high - this.gap())}px`);
  }
  // Scroll as little as brings an item onto the screen, and build it.
  reveal(index) {
    if (index < 0 || !this.high) return;
    const top = Math.floor(index / this.across()) * this.high, low = top + this.high + 2 * this.gap() - this.box.clientHeight;
    if (this.box.scrollTop > top) this.box.scrollTop = top;
    else if (this.box.scrollTop < low) this.box.scrollTop = low;
    this.show();
  }
  gap() { return parseFloat(getComputedStyle(this.box).rowGap) || 0; }
  leave() { this.sized.disconnect(); cancelAnimationFrame(this.later); }
}
