// The rows of the page, as columns.

const bytesOf = (base64) => {
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at += 1) bytes[at] = text.charCodeAt(at);
  return bytes;
};

const CODES = { 1: Uint8Array, 2: Uint16Array, 4: Uint32Array };

class Column {
  constructor({ name, form, words, width, codes, ints, floats, nulls }) {
    this.name = name;
    this.form = form;
    this.words = words ?? null;
    if (words) {
      this.codes = new CODES[width](bytesOf(codes).buffer);
      if (form === "int" || form === "time") this.numbers = words.map(Number);
      if (form === "float") this.numbers = words;
    } else {
      this.ints = ints === undefined ? null : new BigInt64Array(bytesOf(ints).buffer);
      this.floats = floats === undefined ? null : new Float64Array(bytesOf(floats).buffer);
      this.nulls = nulls === undefined ? null : bytesOf(nulls);
    }
    if (form === "time") this.takeForTime();
  }

  /** Takes whole numbers for milliseconds since 1970. */
  takeForTime() {
    if (this.form !== "time" && this.form !== "int") return;
    this.form = "time";
    if (this.ints) this.moments = Float64Array.from(this.ints, Number);
  }

  /** The number of a row, or `null`. */
  number(row) {
    if (this.words) {
      const code = this.codes[row];
      return code === 0 || !this.numbers ? null : this.numbers[code - 1];
    }
    if (this.nulls?.[row]) return null;
    return (this.floats ?? this.moments)?.[row] ?? Number(this.ints[row]);
  }

  /** What a row has, exactly as in the file, or `null`. */
  raw(row) {
    if (this.words) return this.codes[row] === 0 ? null : String(this.words[this.codes[row] - 1]);
    if (this.nulls?.[row]) return null;
    return String(this.ints ? this.ints[row] : this.floats[row]);
  }

  /** What a row has, as people read it. */
  text(row) {
    const raw = this.raw(row);
    if (raw === null || this.form !== "time") return raw;
    return momentText(Number(raw));
  }
}

/** Geometries: rows have parts, parts have positions. */
class Shapes {
  constructor({ rows, positions, kinds, parts, lengths }) {
    this.positions = new Float64Array(bytesOf(positions).buffer);
    if (kinds === undefined) return;
    this.kinds = bytesOf(kinds);
    const counts = new Uint32Array(bytesOf(parts).buffer);
    const sizes = new Uint32Array(bytesOf(lengths).buffer);
    this.firstPart = new Uint32Array(rows + 1);
    for (let row = 0; row < rows; row += 1) this.firstPart[row + 1] = this.firstPart[row] + counts[row];
    this.firstPosition = new Uint32Array(sizes.length + 1);
    for (let part = 0; part < sizes.length; part += 1) this.firstPosition[part + 1] = this.firstPosition[part] + sizes[part];
  }

  /** 0: nothing, 1: places, 2: lines. */
  kind(row) {
    return this.kinds ? this.kinds[row] : 1;
  }

  /** Lists of positions. Neighbours on a line are never half the world apart: a line over 180 degrees goes on beyond it. */
  parts(row) {
    if (!this.kinds) return [[[this.positions[2 * row], this.positions[2 * row + 1]]]];
    const all = [];
    for (let part = this.firstPart[row]; part < this.firstPart[row + 1]; part += 1) {
      const line = [];
      for (let at = this.firstPosition[part]; at < this.firstPosition[part + 1]; at += 1) {
        let lon = this.positions[2 * at];
        const before = line.at(-1);
        if (before) lon += 360 * Math.round((before[0] - lon) / 360);
        line.push([lon, this.positions[2 * at + 1]]);
      }
      all.push(line);
    }
    return all;
  }

  /** Hands every position of a row on. */
  each(row, see) {
    if (!this.kinds) return see(this.positions[2 * row], this.positions[2 * row + 1]);
    for (const line of this.parts(row)) for (const [lon, lat] of line) see(lon, lat);
  }

  /** A place on the shape: the middle of its first line, or its first point. */
  place(row) {
    if (this.kind(row) === 0) return null;
    const [line] = this.parts(row);
    return line[line.length >> 1];
  }
}

class Table {
  constructor({ name, columns, shapes }) {
    this.name = name;
    this.rows = shapes.rows;
    this.columns = columns.map((column) => new Column(column));
    this.byName = new Map(this.columns.map((column) => [column.name, column]));
    this.shapes = new Shapes(shapes);
  }

  column(...names) {
    for (const name of names) if (this.byName.has(name)) return this.byName.get(name);
    return null;
  }
}
