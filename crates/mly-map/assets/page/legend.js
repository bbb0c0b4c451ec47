// Layers: their switches, how many rows they show, and what their colours mean.

class Legend {
  constructor(layers, palette, pictures, changed) {
    Object.assign(this, { layers, palette, pictures, changed });
    this.counts = new Map();
    this.keys = new Map();
    find("layers").replaceChildren(...layers.map((layer) => this.#entry(layer)));
    if (!layers.length || layers.every((layer) => layer.rows === 0)) {
      find("layers").append(make("p", { class: "nothing" }, "No rows: the result is empty."));
    }
  }

  #entry(layer) {
    const counted = make("span", { class: "count" });
    const box = make("input", { type: "checkbox", checked: true, "aria-label": layer.name, autocomplete: "off", onchange: () => {
      layer.isOn = box.checked;
      entry.classList.toggle("off", !layer.isOn);
      this.changed();
    } });
    const key = make("div", { class: "key" });
    const entry = make("div", { class: "layer" }, make("label", {}, box, make("span", { class: "name" }, layer.name), counted), key);
    this.counts.set(layer, counted);
    this.keys.set(layer, key);
    return entry;
  }

  /** Shows the counts and the colours as they are now. */
  refresh() {
    for (const layer of this.layers) {
      const all = count(layer.rows);
      this.counts.get(layer).textContent = layer.shownCount === layer.rows ? all : `${count(layer.shownCount)} of ${all}`;
      this.keys.get(layer).replaceChildren(...this.#key(layer));
    }
  }

  #key(layer) {
    if (!layer.rows) return [];
    const items = [];
    // All layers have the same scale of ages, so it is shown once.
    const isFirst = this.layers.find((other) => other.mode === "age" && other.isOn && other.rows) === layer;
    if (layer.mode === "age" && this.palette.ages) {
      if (!isFirst) return this.#extras(layer);
      const year = (ms) => String(new Date(ms).getUTCFullYear());
      const [low, high] = this.palette.ages;
      const isShort = year(low) === year(high);
      items.push(make("div", { class: "ramp", style: { background: `linear-gradient(90deg, ${this.palette.ramp.join(", ")})` } }));
      const ends = [low, high].map((ms) => make("span", {}, isShort ? dayText(ms) : year(ms)));
      items.push(make("div", { class: "ramp-ends" }, ...ends));
    } else if (layer.mode === "plain") {
      items.push(this.#swatch(layer, this.palette.row(layer, 0), layer.isGaps ? "gap" : "row"));
    } else {
      const words = new Map();
      for (let row = 0; row < layer.rows; row += 1) {
        if (layer.shown[row]) words.set(layer.colourKey(row), (words.get(layer.colourKey(row)) ?? 0) + 1);
      }
      const rank = (word) => STATUS_ORDER.indexOf(word) + 1 || Infinity;
      const order = [...words].sort((a, b) => (layer.mode === "status" && rank(a[0]) - rank(b[0])) || b[1] - a[1]);
      items.push(make("ul", {}, ...order.map(([word, rows]) => {
        const name = word === "" ? "no value" : columnText(word);
        return make("li", {}, ...this.#mark(layer, this.palette.word(layer, word)), make("span", { class: "word", title: name }, name), make("span", { class: "number" }, count(rows)));
      })));
    }
    return [...items, ...this.#extras(layer)];
  }

  #extras(layer) {
    const extras = [];
    if (layer.isImages && layer.pano?.words?.includes("true")) extras.push(make("div", { class: "extra" }, make("span", { class: "ring" }), "panorama"));
    if (Tiles.thin(layer)) extras.push(make("div", { class: "extra" }, "Zoom in to see all: dense places are thinned."));
    return extras;
  }

  #mark(layer, colour) {
    return [make("span", { class: layer.hasLines && !layer.hasPlaces ? "dash" : "dot", style: { background: colour } })];
  }

  #swatch(layer, colour, text) {
    return make("div", { class: "extra" }, ...this.#mark(layer, colour), text);
  }
}
