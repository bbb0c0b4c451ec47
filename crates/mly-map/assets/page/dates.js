// Dates: how many rows are from when, and which are shown. Bars can be dragged over; the two fields do the same by keyboard.

const MOST_BARS = 44;
const HEIGHT = 56;

class Dates {
  constructor(layers, filter, changed) {
    Object.assign(this, { layers: layers.filter((layer) => layer.date), filter, changed });
    this.since = named("since");
    this.until = named("until");
    for (const field of [this.since, this.until]) {
      for (const name of ["input", "change"]) field.addEventListener(name, () => this.#read());
    }
    this.bins = this.#bins();
    find("dates").hidden = !this.layers.length;
    if (this.bins) this.#listen();
    else find("histogram").hidden = true;
  }

  #read() {
    const [since, until] = [dayOf(this.since.value), dayOf(this.until.value)];
    if (since === this.filter.since && until === this.filter.until) return;
    Object.assign(this.filter, { since, until });
    this.changed();
  }

  clear() {
    this.since.value = this.until.value = "";
    Object.assign(this.filter, { since: null, until: null });
  }

  /** First moments of months or years, up to the end of the last one. */
  #bins() {
    let [low, high] = [Infinity, -Infinity];
    for (const layer of this.layers) {
      for (let row = 0; row < layer.rows; row += 1) {
        const ms = layer.date.number(row);
        // Cameras whose clock was never set would squeeze all bars.
        if (ms !== null && isMoment(ms) && ms >= Date.UTC(2004, 0, 1)) [low, high] = [Math.min(low, ms), Math.max(high, ms)];
      }
    }
    if (low > high) return null;
    const month = (ms) => new Date(ms).getUTCFullYear() * 12 + new Date(ms).getUTCMonth();
    const [first, last] = [month(low), month(high)];
    if (last - first < 2) {
      const days = Math.floor(high / DAY) - Math.floor(low / DAY) + 1;
      const step = Math.max(1, Math.ceil(days / MOST_BARS));
      const from = Math.floor(low / DAY);
      return Array.from({ length: Math.ceil(days / step) + 1 }, (_, at) => (from + at * step) * DAY);
    }
    const step = [1, 2, 3, 6, 12, 24, 60, 120].find((months) => (last - first) / months < MOST_BARS) ?? 1200;
    const from = Math.floor(first / step) * step;
    const length = Math.floor((last - from) / step) + 2;
    return Array.from({ length }, (_, at) => new Date(Date.UTC(2000, from + at * step - 24_000)).getTime());
  }

  #binOf(ms) {
    let [low, high] = [0, this.bins.length - 1];
    if (ms < this.bins[0] || ms >= this.bins[high]) return -1;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (this.bins[middle] <= ms) low = middle;
      else high = middle;
    }
    return low;
  }

  #listen() {
    const box = find("histogram");
    let start = null;
    const binAt = (event) => {
      const { left, width } = box.getBoundingClientRect();
      const bars = this.bins.length - 1;
      return Math.max(0, Math.min(bars - 1, Math.floor(((event.clientX - left) / width) * bars)));
    };
    const choose = (a, b) => {
      const [from, to] = [Math.min(a, b), Math.max(a, b)];
      this.since.value = dayText(this.bins[from]);
      this.until.value = dayText(this.bins[to + 1] - 1);
      this.#read();
    };
    box.addEventListener("pointerdown", (event) => {
      start = binAt(event);
      box.setPointerCapture(event.pointerId);
      event.preventDefault();
    });
    box.addEventListener("pointermove", (event) => start !== null && choose(start, binAt(event)));
    box.addEventListener("pointerup", (event) => {
      if (start !== null) choose(start, binAt(event));
      start = null;
    });
    box.addEventListener("dblclick", () => {
      this.clear();
      this.changed();
    });
    box.title = "Drag over the bars to choose dates; double-click to show all";
  }

  refresh() {
    if (!this.bins) return;
    const bars = new Float64Array(this.bins.length - 1);
    for (const layer of this.layers) {
      if (!layer.isOn) continue;
      const tests = this.filter.tests(layer, "date");
      for (let row = 0; row < layer.rows; row += 1) {
        const ms = layer.date.number(row);
        const bin = ms === null ? -1 : this.#binOf(ms);
        if (bin >= 0 && tests.every((test) => test(row))) bars[bin] += 1;
      }
    }
    const most = Math.max(1, ...bars);
    const { since, until } = this.filter;
    const svg = drawing("svg", { viewBox: `0 0 ${bars.length * 10} ${HEIGHT}`, preserveAspectRatio: "none", role: "img", "aria-label": "Rows by date" });
    bars.forEach((rows, at) => {
      // A few rows beside many are still seen.
      const height = rows === 0 ? 1 : Math.max(3, Math.sqrt(rows / most) * HEIGHT);
      const isIn = (since === null || this.bins[at + 1] > since) && (until === null || this.bins[at] < until + DAY);
      const title = `${dayText(this.bins[at])} to ${dayText(this.bins[at + 1] - 1)}: ${count(rows)}`;
      svg.append(drawing("rect", { class: isIn ? "bar in" : "bar", x: at * 10 + 1, y: HEIGHT - height, width: 8, height, rx: 1 }, drawing("title", {}, title)));
    });
    const ends = make("div", { class: "ends" }, make("span", {}, dayText(this.bins[0]).slice(0, 7)), make("span", {}, dayText(this.bins.at(-1) - 1).slice(0, 7)));
    find("histogram").replaceChildren(svg, ends);
  }
}
