// Pictures of takes: asked for in order of need, kept as they came, the latest also decoded.
const PICTURES = 72, FILES = 900, FILE_BYTES = 160e6, AT_ONCE = 4;

export class Frames {
  // What fails once is not asked again soon.
  constructor(arrived) { Object.assign(this, { files: new Map(), bytes: 0, pictures: new Map(), most: PICTURES, asked: new Set(), line: [], failed: new Map(), arrived }); }
  has(url) { return this.pictures.has(url); }
  at(url) {
    const found = this.pictures.get(url);
    if (found) { this.pictures.delete(url); this.pictures.set(url, found); }
    return found;
  }
  want(urls) {
    this.line = urls.filter((url) => !this.pictures.has(url) && !this.asked.has(url) && !(this.failed.get(url) > Date.now()));
    this.feed();
  }
  feed() {
    while (this.asked.size < AT_ONCE && this.line.length) this.read(this.line.shift());
  }
  async read(url) {
    this.asked.add(url);
    try {
      let file = this.files.get(url);
      if (!file) {
        const answer = await fetch(url);
        if (!answer.ok) throw (await answer.json()).error;
        file = await answer.blob();
        this.files.set(url, file); this.bytes += file.size;
        while (this.files.size > FILES || this.bytes > FILE_BYTES) {
          const [old, gone] = this.files.entries().next().value;
          this.files.delete(old); this.bytes -= gone.size;
        }
      }
      this.pictures.set(url, await createImageBitmap(file));
      while (this.pictures.size > this.most) {
        const [old, picture] = this.pictures.entries().next().value;
        this.pictures.delete(old); picture.close();
      }
    } catch (error) {
      this.failed.set(url, Date.now() + 4000); this.error = error;
    } finally {
      this.asked.delete(url);
      this.arrived(url); this.feed();
    }
  }
  leave() { this.line = []; this.pictures.forEach((p) => p.close()); this.pictures.clear(); this.files.clear(); this.bytes = 0; }
}
