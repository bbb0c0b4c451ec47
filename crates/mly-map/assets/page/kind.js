// What the rows of a layer are, told by their columns.

const DATES = ["captured_at", "last_seen_at", "newest", "best_captured_at", "created_at", "last_crawled_at"];
const STATUSES = ["tier", "change", "status"];

/** A layer: its rows, and the columns by which they are coloured and filtered. */
class Layer {
  constructor(table, index) {
    this.table = table;
    this.index = index;
    this.name = table.name;
    this.rows = table.rows;
    // Formats that lose types have times as whole numbers.
    for (const column of table.columns) if (DATES.includes(column.name) || column.name.endsWith("_at")) column.takeForTime();
    const text = (name) => table.byName.get(name)?.words && table.byName.get(name)?.form === "text";
    this.date = DATES.map((name) => table.column(name)).find((column) => column?.form === "time") ?? null;
    this.value = text("value") ? table.column("value") : null;
    this.statuses = STATUSES.filter(text).map((name) => table.column(name));
    this.pano = table.column("is_pano");
    this.quality = table.column("quality_score", "quality_p50");
    this.compass = table.column("computed_compass_angle", "compass_angle", "aligned_direction");
    this.sequence = table.column("sequence_id", "sequence");
    this.ids = table.column("id", "edge_id", "asset_id", "fid");
    this.hasLines = this.#has(2);
    this.hasPlaces = this.#has(1);
    const isCapture = this.date?.name === "captured_at" && !this.hasLines;
    this.isImages = isCapture && !!(this.sequence || this.pano || this.compass) && !table.column("image_id");
    this.isSequences = this.hasLines && this.date?.name === "captured_at";
    // Streets have a status too, but what is asked of them is how old their images are.
    this.mode = this.statuses.length ? "status" : this.value ? "category" : this.date ? "age" : "plain";
    this.isGaps = this.mode !== "status" && this.hasLines && /\bgaps?\b/i.test(this.name.replaceAll("_", " "));
    if (this.isGaps) this.mode = "plain";
    this.isOn = true;
    this.shown = new Uint8Array(this.rows).fill(1);
    this.shownCount = this.rows;
  }

  #has(kind) {
    const { kinds } = this.table.shapes;
    return kinds ? kinds.includes(kind) : kind === 1 && this.rows > 0;
  }

  /** Whether a row is a panorama. */
  isPano(row) {
    return this.pano?.raw(row) === "true";
  }

  /** The id of a row as text. */
  id(row) {
    return this.ids?.raw(row) ?? String(row + 1);
  }

  /** The row of an id, or -1. */
  rowOf(id) {
    if (!this.known) {
      this.known = new Map();
      for (let row = this.rows - 1; row >= 0; row -= 1) this.known.set(this.id(row), row);
    }
    return this.known.get(id) ?? -1;
  }

  /** Why a row has its colour: a word, or a moment. */
  colourKey(row) {
    if (this.mode === "status") return this.statuses[0].raw(row) ?? "";
    if (this.mode === "category") return categoryOf(this.value.raw(row));
    return "";
  }

  /** A name of a row in words. */
  title(row) {
    const value = this.value?.raw(row);
    if (value) return valueText(value);
    const name = this.table.column("name")?.raw(row);
    if (name) return name;
    if (this.isImages) return this.isPano(row) ? "Panorama" : "Image";
    return this.isSequences ? "Sequence" : this.name;
  }
}
