// Which rows are shown. A filter leaves layers alone that do not have its column.

/** Whether values match what was typed: several have commas between them, `*` is any text, other words may be a part. */
const matcherOf = (text, words) => {
  const terms = text.split(",").map((term) => term.trim()).filter(Boolean);
  const escaped = (part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, "\\$&");
  const tests = terms.map((term) => {
    if (words.includes(term)) return (word) => word === term;
    if (term.includes("*")) {
      const pattern = new RegExp(`^${term.split("*").map(escaped).join(".*")}$`, "i");
      return (word) => pattern.test(word);
    }
    const lower = term.toLowerCase();
    return (word) => word.toLowerCase().includes(lower) || valueText(word).toLowerCase().includes(lower);
  });
  return (word) => tests.length === 0 || tests.some((test) => test(word));
};

class Filter {
  constructor(layers) {
    this.layers = layers;
    this.value = "";
    this.status = "";
    this.since = null;
    this.until = null;
    this.type = "";
    this.quality = 0;
    this.words = [...new Set(layers.flatMap((layer) => layer.value?.words ?? []))];
  }

  get isActive() {
    return !!(this.value || this.status || this.since !== null || this.until !== null || this.type || this.quality > 0);
  }

  /** A text that changes with the filter. */
  get key() {
    return JSON.stringify([this.value, this.status, this.since, this.until, this.type, this.quality]);
  }

  /** The codes of values that pass, for a layer. */
  codes(layer) {
    const isMatch = matcherOf(this.value, this.words);
    return layer.value.words.flatMap((word, at) => (isMatch(word) ? [at + 1] : []));
  }

  statusCodes(column) {
    return column.words.indexOf(this.status) + 1;
  }

  /** The tests of a layer; `without` leaves one kind of filter out. */
  tests(layer, without = "") {
    const tests = [];
    if (this.value && layer.value && without !== "value") {
      const passes = new Uint8Array(layer.value.words.length + 1);
      for (const code of this.codes(layer)) passes[code] = 1;
      tests.push((row) => passes[layer.value.codes[row]] === 1);
    }
    if (this.status && layer.statuses.length && without !== "status") {
      const pairs = layer.statuses.map((column) => [column.codes, this.statusCodes(column)]);
      tests.push((row) => pairs.some(([codes, code]) => code > 0 && codes[row] === code));
    }
    if (layer.date && without !== "date" && (this.since !== null || this.until !== null)) {
      const [since, until] = [this.since ?? -Infinity, this.until === null ? Infinity : this.until + DAY];
      tests.push((row) => {
        const moment = layer.date.number(row);
        return moment !== null && moment >= since && moment < until;
      });
    }
    if (this.type && layer.pano) {
      const word = this.type === "pano" ? "true" : "false";
      tests.push((row) => layer.pano.raw(row) === word);
    }
    if (this.quality > 0 && layer.quality) tests.push((row) => qualityStep(layer.quality.number(row) ?? -1) >= qualityStep(this.quality));
    return tests;
  }

  /** Finds out which rows are shown. */
  apply() {
    for (const layer of this.layers) {
      const tests = this.tests(layer);
      let shown = 0;
      for (let row = 0; row < layer.rows; row += 1) {
        const passes = tests.every((test) => test(row));
        layer.shown[row] = passes ? 1 : 0;
        if (passes) shown += 1;
      }
      layer.shownCount = shown;
    }
  }

  /** The same as an expression of the map. */
  expression(layer) {
    const all = ["all"];
    if (this.value && layer.value) all.push(["in", ["get", "v"], ["literal", this.codes(layer)]]);
    if (this.status && layer.statuses.length) {
      const one = (column, at) => ["==", ["get", `s${at}`], this.statusCodes(column) || -1];
      all.push(["any", ...layer.statuses.map(one)]);
    }
    if (layer.date && this.since !== null) all.push(["all", ["has", "d"], [">=", ["get", "d"], dayNumber(this.since)]]);
    if (layer.date && this.until !== null) all.push(["all", ["has", "d"], ["<=", ["get", "d"], dayNumber(this.until)]]);
    if (this.type && layer.pano) all.push([this.type === "pano" ? "has" : "!has", "p"]);
    if (this.quality > 0 && layer.quality) all.push([">=", ["coalesce", ["get", "q"], -1], qualityStep(this.quality)]);
    return all.map((part) => (part[0] === "!has" ? ["!", ["has", part[1]]] : part));
  }
}
