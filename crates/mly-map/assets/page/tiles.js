// Large layers of points as vector tiles, which are made from the columns when the map asks for them. As features of their own, a
// million rows would take a gigabyte; as columns they take what they have.

/** More rows than this are drawn by tiles, which is faster. */
const MANY_ROWS = 20_000;

/** Tiles of more rows than this are thinned. */
const THINNED_ROWS = 50_000;

/** Most rows in a thinned tile. Below the zoom where all fit, a fixed share is drawn, spread evenly over the rows. */
const MOST_IN_TILE = 12_000;

const DEEPEST = 16;
const EXTENT = 8192;

/** Grows as bytes are written to it. */
class Bytes {
  constructor(size = 1024) {
    this.bytes = new Uint8Array(size);
    this.length = 0;
  }

  room(count) {
    if (this.length + count <= this.bytes.length) return;
    const larger = new Uint8Array(Math.max(this.bytes.length * 2, this.length + count));
    larger.set(this.bytes.subarray(0, this.length));
    this.bytes = larger;
  }

  varint(number) {
    this.room(10);
    let rest = number;
    while (rest >= 128) {
      this.bytes[this.length++] = (rest % 128) | 128;
      rest = Math.floor(rest / 128);
    }
    this.bytes[this.length++] = rest;
  }

  /** A field that is bytes: its key, its length, and the bytes. */
  field(key, { bytes, length }) {
    this.varint(key);
    this.varint(length);
    this.room(length);
    this.bytes.set(bytes.subarray(0, length), this.length);
    this.length += length;
  }

  get used() {
    return this.bytes.subarray(0, this.length);
  }
}

/** Puts the bits of a number below 2^16 into every second place. */
const spreadBits = (number) => {
  let bits = number & 0xffff;
  bits = (bits | (bits << 8)) & 0x00ff00ff;
  bits = (bits | (bits << 4)) & 0x0f0f0f0f;
  bits = (bits | (bits << 2)) & 0x33333333;
  return (bits | (bits << 1)) & 0x55555555;
};

/** The place of a tile in the order of its zoom, so that the tiles in it follow each other. */
const orderOf = (x, y) => (spreadBits(x) | (spreadBits(y) << 1)) >>> 0;

/** A number below 1 that stays with its row, and is not in the order of rows. */
const rankOf = (row) => {
  let bits = row + 1;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return ((bits ^ (bits >>> 16)) >>> 0) / 2 ** 32;
};

/** Where a position is on the square map, each from 0 to 1. */
const squareOf = (lon, lat) => {
  const sine = Math.sin((Math.max(-85.0511287, Math.min(85.0511287, lat)) * Math.PI) / 180);
  const x = (lon + 180) / 360;
  const y = 0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI);
  return [x - Math.floor(x), Math.min(1 - 1e-9, Math.max(0, y))];
};

/** The tiles of one layer of points. */
class Tiles {
  constructor(layer) {
    this.layer = layer;
    const { shapes } = layer.table;
    const size = 2 ** DEEPEST * EXTENT;
    const keys = new Float64Array(layer.rows);
    /** Where rows are, in steps of the deepest tiles. */
    this.east = new Uint32Array(layer.rows);
    this.south = new Uint32Array(layer.rows);
    let length = 0;
    for (let row = 0; row < layer.rows; row += 1) {
      if (shapes.kind(row) === 0) continue;
      const [x, y] = squareOf(...shapes.place(row));
      const [east, south] = [Math.floor(x * size), Math.floor(y * size)];
      this.east[row] = east;
      this.south[row] = south;
      // The order of the tile and the row share a number: 32 and 21 bits are what a float holds exactly.
      keys[length] = orderOf(Math.floor(east / EXTENT), Math.floor(south / EXTENT)) * 2 ** 21 + row;
      length += 1;
    }
    this.keys = keys.subarray(0, length).sort();
  }

  /** Whether a layer is drawn so: it has many rows, all of them single points, and not more than numbers for them. */
  static suit(layer) {
    return layer.rows > MANY_ROWS && layer.rows < 2 ** 21 && !layer.hasLines;
  }

  /** Whether not all rows of dense places are drawn before one zooms in. */
  static thin(layer) {
    return Tiles.suit(layer) && layer.rows > THINNED_ROWS;
  }

  #first(key) {
    let [low, high] = [0, this.keys.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.keys[middle] < key) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** A tile with the rows that pass the filters. */
  tile(z, x, y) {
    const { layer } = this;
    const width = 4 ** (DEEPEST - z) * 2 ** 21;
    const begin = orderOf(x, y) * width;
    const [from, to] = [this.#first(begin), this.#first(begin + width)];
    let shown = 0;
    for (let at = from; at < to; at += 1) shown += layer.shown[this.keys[at] % 2 ** 21];
    const share = Tiles.thin(layer) && z < DEEPEST ? MOST_IN_TILE / shown : 1;
    const out = new Bytes(Math.min(shown, MOST_IN_TILE) * 24 + 256);
    const names = ["k", "d", "v", "p", "q", "a", "s0", "s1", "s2"];
    const values = [];
    const known = names.map(() => new Map());
    const [feature, tags, geometry] = [new Bytes(64), new Bytes(32), new Bytes(16)];
    const shift = DEEPEST - z;
    for (let at = from; at < to; at += 1) {
      const row = this.keys[at] % 2 ** 21;
      if (!layer.shown[row] || (share < 1 && rankOf(row) >= share)) continue;
      feature.length = tags.length = geometry.length = 0;
      const properties = propertiesOf(layer, row);
      for (let key = 0; key < names.length; key += 1) {
        const value = properties[names[key]];
        if (value === undefined) continue;
        let index = known[key].get(value);
        if (index === undefined) {
          index = values.push(value) - 1;
          known[key].set(value, index);
        }
        tags.varint(key);
        tags.varint(index);
      }
      geometry.varint(9);
      // Twice the number, since zigzag has the sign in the last bit.
      geometry.varint(2 * ((this.east[row] >>> shift) - x * EXTENT));
      geometry.varint(2 * ((this.south[row] >>> shift) - y * EXTENT));
      feature.varint(0x08);
      feature.varint(row);
      feature.field(0x12, tags);
      feature.varint(0x18);
      feature.varint(1);
      feature.field(0x22, geometry);
      out.field(0x12, feature);
    }
    return finished(out, names, values);
  }
}

/** A vector tile (Mapbox, version 2) of one layer with these features, names and values. */
const finished = (features, names, values) => {
  const encode = (text) => new TextEncoder().encode(text);
  const wrapped = (bytes) => ({ bytes, length: bytes.length });
  const layer = new Bytes(features.length + 1024);
  layer.field(0x0a, wrapped(encode("rows")));
  layer.room(features.length);
  layer.bytes.set(features.used, layer.length);
  layer.length += features.length;
  for (const name of names) layer.field(0x1a, wrapped(encode(name)));
  for (const value of values) {
    const one = new Bytes(16);
    if (typeof value === "string") one.field(0x0a, wrapped(encode(value)));
    else {
      // A whole number with its sign in the last bit.
      one.varint(0x30);
      one.varint(value < 0 ? -2 * value - 1 : 2 * value);
    }
    layer.field(0x22, one);
  }
  layer.varint(0x28);
  layer.varint(EXTENT);
  layer.varint(0x78);
  layer.varint(2);
  const tile = new Bytes(layer.length + 16);
  tile.field(0x1a, layer);
  return tile.used.slice().buffer;
};
