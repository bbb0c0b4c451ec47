// Values and statuses: what there is, how often, and which are shown.

const MOST_VALUES = 200;

class Values {
  constructor(layers, filter, palette, pictures, changed) {
    Object.assign(this, { filter, palette, pictures, changed });
    this.layers = layers.filter((layer) => layer.value);
    this.field = named("value");
    find("values").hidden = !this.layers.length;
    for (const name of ["input", "change"]) {
      this.field.addEventListener(name, () => {
        if (this.field.value.trim() === filter.value) return;
        filter.value = this.field.value.trim();
        changed();
      });
    }
    this.status = named("status");
    this.withStatus = layers.filter((layer) => layer.statuses.length);
    find("statuses").hidden = !this.withStatus.length;
    const words = [...new Set(this.withStatus.flatMap((layer) => layer.statuses.flatMap((column) => column.words)))];
    this.options = words.map((word) => make("option", { value: word }));
    this.status.replaceChildren(make("option", { value: "" }, "all"), ...this.options);
    for (const name of ["input", "change"]) {
      this.status.addEventListener(name, () => {
        if (this.status.value === filter.status) return;
        filter.status = this.status.value;
        changed();
      });
    }
  }

  clear() {
    this.field.value = this.status.value = this.filter.value = this.filter.status = "";
  }

  /** How many rows have each value, of those that pass the other filters. */
  #counts(layers, columnsOf, without) {
    const counts = new Map();
    for (const layer of layers) {
      const tests = this.filter.tests(layer, without);
      for (const column of columnsOf(layer)) {
        const rows = new Float64Array(column.words.length + 1);
        for (let row = 0; row < layer.rows; row += 1) if (tests.every((test) => test(row))) rows[column.codes[row]] += 1;
        column.words.forEach((word, at) => counts.set(word, (counts.get(word) ?? 0) + rows[at + 1]));
      }
    }
    return counts;
  }

  refresh() {
    if (this.withStatus.length) {
      const counts = this.#counts(this.withStatus, (layer) => layer.statuses, "status");
      for (const option of this.options) option.textContent = `${columnText(option.value)} (${count(counts.get(option.value) ?? 0)})`;
    }
    if (!this.layers.length) return;
    const counts = this.#counts(this.layers.filter((layer) => layer.isOn), (layer) => [layer.value], "value");
    const text = this.filter.value;
    const isExact = this.filter.words.includes(text);
    // A chosen value is one of the list, not a search that hides the others.
    const isMatch = isExact ? () => true : matcherOf(text, this.filter.words);
    const order = [...counts].filter(([word, rows]) => rows > 0 && isMatch(word)).sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
    const list = find("value-list");
    const top = list.scrollTop;
    list.replaceChildren(...order.slice(0, MOST_VALUES).map(([word, rows]) => this.#item(word, rows, word === text)));
    if (order.length > MOST_VALUES) list.append(make("li", { class: "more" }, `and ${count(order.length - MOST_VALUES)} more: search for them`));
    if (!order.length) list.append(make("li", { class: "more" }, "No row has such a value."));
    list.scrollTop = top;
  }

  #item(word, rows, isChosen) {
    const choose = () => {
      this.field.value = isChosen ? "" : word;
      this.filter.value = this.field.value;
      this.changed();
      [...find("value-list").querySelectorAll("button")].find((button) => button.dataset.value === word)?.focus();
    };
    return make("li", {}, make("button", { type: "button", "aria-pressed": String(isChosen), title: word, "data-value": word, onclick: choose },
      pictureOf(word, this.pictures, this.palette), make("span", { class: "word" }, valueText(word)), make("span", { class: "number" }, count(rows))));
  }
}

const isBare = (word) => ["object", "marking", "construction"].includes(categoryOf(word));

/** The picture of a value, or the dot of its category. */
const pictureOf = (word, pictures) => {
  const box = make("span", { class: "picture" });
  if (word !== null && Object.hasOwn(pictures, word)) {
    // Signs bring their own ground; drawings of objects are dark lines on none.
    box.append(make("img", { src: pictureAddress(pictures[word]), alt: "", class: isBare(word) ? "bare" : null }));
  }
  else box.append(make("span", { class: "dot", style: { background: categoryColour(categoryOf(word ?? "")) } }));
  return box;
};
