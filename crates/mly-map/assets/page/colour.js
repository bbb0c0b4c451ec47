// Colours. Those of ages go from pale to strong, so that new images stand out on light and on dark ground.

const RAMPS = {
  light: ["#cfd0e4", "#a6bddb", "#67a9cf", "#3690c0", "#02818a", "#016c59", "#014636"],
  dark: ["#36415c", "#35628a", "#3683a6", "#36a5b0", "#4cc4a8", "#8fdc9c", "#dcf3a8"],
};

const GROUND = {
  light: { paper: "#f3f1ec", street: "#ffffff", ink: "#1f2a30", soft: "#8b969c", edge: "#ffffff", pick: "#ff6a00" },
  dark: { paper: "#12181c", street: "#222b31", ink: "#eef2f3", soft: "#71808a", edge: "#12181c", pick: "#ffb000" },
};

const CATEGORIES = {
  regulatory: "#d3343d",
  warning: "#e8a200",
  information: "#2f6fb7",
  complementary: "#8a63b0",
  object: "#3c8d5a",
  construction: "#b0703c",
  marking: "#6d8896",
  general: "#7f8689",
};

const categoryColour = (category) => (Object.hasOwn(CATEGORIES, category) ? CATEGORIES[category] : CATEGORIES.general);

/** By the words of all columns that say how something stands: good is green, lost is red. */
const WORDS = {
  fresh: "#1a9850", aging: "#c9b11e", stale: "#ec7a1c", none: "#c8202f",
  same: "#8d99a0", seen_again: "#1f9e89", new: "#1a9850", back: "#52b788", changed: "#2f6fb7", remade: "#7a6cc3",
  unseen: "#d9b310", maybe_gone: "#ec7a1c", gone: "#c8202f", deleted: "#c8202f", unmeasured: "#aab3b8",
  confirmed: "#1a9850", missing: "#c8202f", conflicting: "#b0329b", maybe_removed: "#ec7a1c", ambiguous: "#d9b310",
  temporary: "#b0703c", unmapped: "#8d99a0", weak: "#aab3b8",
  covered: "#1a9850", partly: "#c9b11e", uncovered: "#c8202f", ok: "#1a9850",
};

const STATUS_ORDER = Object.keys(WORDS);
const OTHERS = ["#2f6fb7", "#e07b00", "#1f9e89", "#b0329b", "#8c6d31", "#7a6cc3", "#c8202f", "#52b788"];
const GAP = "#c8202f";

const mixed = (a, b, share) => {
  const part = (text, at) => parseInt(text.slice(at, at + 2), 16);
  const channel = (at) => Math.round(part(a, at) * (1 - share) + part(b, at) * share);
  return `#${[1, 3, 5].map((at) => channel(at).toString(16).padStart(2, "0")).join("")}`;
};

class Palette {
  constructor(layers) {
    this.theme = "light";
    // One scale of ages for all layers, in whole years where there are several.
    let [low, high] = [Infinity, -Infinity];
    for (const layer of layers) {
      if (!layer.date) continue;
      for (let row = 0; row < layer.rows; row += 1) {
        const ms = layer.date.number(row);
        // Cameras whose clock was never set would make all others look new.
        if (ms !== null && ms >= Date.UTC(2004, 0, 1) && isMoment(ms)) [low, high] = [Math.min(low, ms), Math.max(high, ms)];
      }
    }
    this.ages = low <= high ? [low, Math.max(high, low + DAY)] : null;
    this.words = new Map();
    const words = layers.filter((layer) => layer.mode === "status").flatMap((layer) => layer.statuses[0].words);
    [...new Set(words)].filter((word) => !Object.hasOwn(WORDS, word)).forEach((word, at) => this.words.set(word, OTHERS[at % OTHERS.length]));
  }

  get ground() {
    return GROUND[this.theme];
  }

  get ramp() {
    return RAMPS[this.theme];
  }

  /** The colour of a moment. */
  age(ms) {
    if (ms === null || !this.ages) return this.ground.soft;
    const [low, high] = this.ages;
    const at = Math.min(1, Math.max(0, (ms - low) / (high - low))) * (this.ramp.length - 1);
    const index = Math.min(Math.floor(at), this.ramp.length - 2);
    return mixed(this.ramp[index], this.ramp[index + 1], at - index);
  }

  word(layer, word) {
    if (layer.mode === "category") return categoryColour(word);
    if (Object.hasOwn(WORDS, word)) return WORDS[word];
    return this.words.get(word) ?? this.ground.soft;
  }

  row(layer, row) {
    if (layer.mode === "age") return this.age(layer.date.number(row));
    if (layer.mode === "plain") return layer.isGaps ? GAP : OTHERS[layer.index % OTHERS.length];
    return this.word(layer, layer.colourKey(row));
  }

  /** The same as an expression of the map. */
  expression(layer) {
    if (layer.mode === "plain") return layer.isGaps ? GAP : OTHERS[layer.index % OTHERS.length];
    if (layer.mode === "age") {
      if (!this.ages) return this.ground.soft;
      const [low, high] = this.ages.map((ms) => ms / DAY);
      const stops = this.ramp.flatMap((colour, at) => [low + ((high - low) * at) / (this.ramp.length - 1), colour]);
      return ["case", ["has", "d"], ["interpolate", ["linear"], ["get", "d"], ...stops], this.ground.soft];
    }
    const words = [...new Set((layer.mode === "category" ? layer.value : layer.statuses[0]).words.map((word) => (layer.mode === "category" ? categoryOf(word) : word)))];
    if (!words.length) return this.ground.soft;
    return ["match", ["get", "k"], ...words.flatMap((word) => [word, this.word(layer, word)]), this.word(layer, "")];
  }
}
