// What is drawn, layer by layer.

const PLACES = ["match", ["geometry-type"], ["Point", "MultiPoint"], true, false];
const LINES = ["match", ["geometry-type"], ["LineString", "MultiLineString"], true, false];
const byZoom = (...stops) => ["interpolate", ["exponential", 1.4], ["zoom"], ...stops];

/** Pictures that the map colours: their opaque part is what counts. */
const stencil = (size, paint) => {
  const canvas = make("canvas", { width: size, height: size });
  const context = canvas.getContext("2d");
  context.scale(size / 24, size / 24);
  paint(context);
  return context.getImageData(0, 0, size, size);
};

const arrow = (context) => {
  context.lineWidth = 4;
  context.lineCap = context.lineJoin = "round";
  context.beginPath();
  context.moveTo(8, 5);
  context.lineTo(16, 12);
  context.lineTo(8, 19);
  context.stroke();
};

/** What a camera sees: a wedge that opens to the north. */
const wedge = (context) => {
  context.beginPath();
  context.moveTo(12, 12);
  context.lineTo(6.5, 1.8);
  context.quadraticCurveTo(12, -0.6, 17.5, 1.8);
  context.closePath();
  context.fill();
};

class Drawing {
  constructor(map, layers, palette, filter, pictures, hasBasemap) {
    Object.assign(this, { map, layers, palette, filter, pictures, hasBasemap });
    /** Ids of layers of the map, with the layer of the page, its own condition, and how its paint is made. */
    this.parts = [];
    /** Tiles of large layers, by their place. */
    this.tiles = new Map();
    this.version = 0;
    this.drawnFilter = filter.key;
  }

  /** Adds everything to a map whose style is there. */
  async start() {
    const { map } = this;
    map.addImage("arrow", stencil(48, arrow), { sdf: true, pixelRatio: 4 });
    map.addImage("wedge", stencil(144, wedge), { sdf: true, pixelRatio: 3 });
    for (const layer of this.layers) {
      map.addSource(`rows-${layer.index}`, Tiles.suit(layer) ? this.#tiles(layer) : { type: "geojson", data: featuresOf(layer), maxzoom: 16 });
    }
    const tracks = this.hasBasemap ? [] : this.layers.filter((layer) => layer.isImages && layer.sequence?.codes && layer.date && layer.rows <= 10 * MANY_ROWS);
    if (tracks.length) {
      map.addSource("tracks", { type: "geojson", data: { type: "FeatureCollection", features: tracks.map(tracksOf) } });
      const street = byZoom(10, 2, 14, 6, 17, 20, 20, 90);
      const round = { "line-cap": "round", "line-join": "round" };
      this.#add({ id: "tracks", type: "line", source: "tracks", layout: round }, null, null, () => ({ "line-color": this.palette.ground.street, "line-width": street }));
    }
    const each = (draw) => this.layers.forEach((layer) => draw(layer));
    each((layer) => layer.hasLines && this.#casing(layer));
    each((layer) => layer.hasLines && this.#lines(layer));
    each((layer) => layer.hasPlaces && this.#places(layer));
    each((layer) => layer.hasPlaces && layer.value && this.#pictures(layer));
    map.addSource("pick", { type: "geojson", data: { type: "FeatureCollection", features: [] } });
    this.#add({ id: "pick-line", type: "line", source: "pick", filter: LINES }, null, null, () => ({ "line-color": this.palette.ground.pick, "line-width": byZoom(10, 4, 18, 9), "line-opacity": 0.75 }));
    this.#add({ id: "pick-place", type: "circle", source: "pick", filter: PLACES }, null, null, () => ({ "circle-radius": byZoom(10, 9, 18, 18), "circle-opacity": 0, "circle-stroke-color": this.palette.ground.pick, "circle-stroke-width": 3 }));
    await this.#addPictures();
  }

  /** A source of tiles, which the map asks for by addresses that no network sees. */
  #tiles(layer) {
    if (!this.tiles.size) {
      maplibregl.addProtocol("rows", async ({ url }) => {
        const [index, , z, x, y] = url.slice("rows://".length).split("/").map(Number);
        return { data: this.tiles.get(index).tile(z, x, y) };
      });
    }
    this.tiles.set(layer.index, new Tiles(layer));
    return { type: "vector", tiles: [this.#address(layer)], maxzoom: DEEPEST };
  }

  /** The addresses of tiles have a number that changes with the filters, so that the map asks again. */
  #address(layer) {
    return `rows://${layer.index}/${this.version}/{z}/{x}/{y}`;
  }

  #add(definition, layer, condition, paint) {
    const filter = condition ?? definition.filter;
    this.map.addLayer({ ...definition, ...(filter ? { filter } : {}), paint: paint() });
    this.parts.push({ id: definition.id, layer, condition, paint });
  }

  #part(layer, name, definition, condition, paint) {
    const id = `${layer.index}-${name}`;
    const within = this.tiles.has(layer.index) ? { "source-layer": "rows" } : {};
    this.#add({ id, source: `rows-${layer.index}`, ...within, ...definition }, layer, condition, paint);
  }

  #casing(layer) {
    if (this.hasBasemap) return;
    const layout = { "line-cap": "round", "line-join": "round" };
    this.#part(layer, "casing", { type: "line", layout }, LINES, () => ({ "line-color": this.palette.ground.street, "line-width": byZoom(10, 2.5, 14, 7, 17, 20, 20, 90) }));
  }

  #lines(layer) {
    const layout = { "line-cap": "round", "line-join": "round" };
    const width = layer.mode === "age" ? byZoom(8, 0.8, 14, 1.6, 18, 4) : byZoom(8, 1, 14, 3, 18, 7);
    this.#part(layer, "line", { type: "line", layout }, LINES, () => ({ "line-color": this.palette.expression(layer), "line-width": width, "line-opacity": layer.mode === "age" ? 0.9 : 1 }));
    if (!layer.isSequences) return;
    const arrows = { "symbol-placement": "line", "symbol-spacing": 90, "icon-image": "arrow", "icon-size": byZoom(13, 0.7, 18, 1.3), "icon-allow-overlap": true, "icon-ignore-placement": true };
    this.#part(layer, "arrow", { type: "symbol", minzoom: 13.5, layout: arrows }, LINES, () => ({ "icon-color": this.palette.expression(layer) }));
  }

  #places(layer) {
    if (layer.compass) {
      const layout = { "icon-image": "wedge", "icon-rotate": ["get", "a"], "icon-rotation-alignment": "map", "icon-allow-overlap": true, "icon-ignore-placement": true, "icon-size": byZoom(15.5, 0.4, 18, 1, 21, 1.8) };
      const condition = ["all", PLACES, ["has", "a"]];
      this.#part(layer, "compass", { type: "symbol", minzoom: 15.5, layout }, condition, () => ({ "icon-color": this.palette.expression(layer), "icon-opacity": 0.42 }));
    }
    // Where a picture covers the dot of a status, the dot is a coloured ring around it.
    const isRing = layer.mode === "status" && layer.value && layer.value.words.some((word) => Object.hasOwn(this.pictures, word));
    const radius = isRing ? byZoom(9, 1.6, 12.5, 2.6, 14, 4, 15.4, 6, 15.6, 14, 18, 20, 20, 25) : layer.isImages ? byZoom(9, 1.1, 13, 2, 16, 4, 20, 9) : byZoom(9, 1.4, 12.5, 2.2, 14, 3.6, 16, 6, 20, 10);
    const isRinged = ["has", "p"];
    this.#part(layer, "dot", { type: "circle", layout: layer.mode === "age" ? { "circle-sort-key": ["coalesce", ["get", "d"], 0] } : {} }, PLACES, () => ({
      "circle-color": this.palette.expression(layer),
      "circle-radius": radius,
      "circle-stroke-color": ["case", isRinged, this.palette.ground.ink, this.palette.ground.edge],
      "circle-stroke-width": ["interpolate", ["linear"], ["zoom"], 14.2, 0, 16, ["case", isRinged, 1.3, 0.6], 19, ["case", isRinged, 2.2, 1]],
    }));
  }

  #pictures(layer) {
    const codes = layer.value.words.flatMap((word, at) => (Object.hasOwn(this.pictures, word) ? [[at + 1, word]] : []));
    if (!codes.length) return;
    const image = ["match", ["get", "v"], ...codes.flatMap(([code, word]) => [code, `value:${word}`]), ""];
    const layout = { "icon-image": image, "icon-size": byZoom(12, 0.55, 15, 0.85, 18, 1.4, 20, 1.8), "icon-padding": 1, "symbol-sort-key": ["-", 0, ["coalesce", ["get", "d"], 0]] };
    const condition = ["all", PLACES, ["in", ["get", "v"], ["literal", codes.map(([code]) => code)]]];
    this.#part(layer, "picture", { type: "symbol", minzoom: layer.mode === "status" ? 15.5 : 12.5, layout }, condition, () => ({}));
  }

  /** Draws the pictures of values. */
  async #addPictures() {
    const scale = 3;
    const add = async ([word, drawn]) => {
      const image = new Image();
      image.src = pictureAddress(drawn);
      await image.decode();
      const [width, height] = [image.width || 24, image.height || 24];
      const canvas = make("canvas", { width: 24 * scale, height: 24 * scale });
      const share = (24 * scale) / Math.max(width, height);
      const context = canvas.getContext("2d");
      context.drawImage(image, (24 * scale - width * share) / 2, (24 * scale - height * share) / 2, width * share, height * share);
      const pixels = context.getImageData(0, 0, 24 * scale, 24 * scale);
      if (!this.map.hasImage(`value:${word}`)) this.map.addImage(`value:${word}`, pixels, { pixelRatio: scale });
    };
    // A picture that a browser cannot draw is missing; the dots of its rows are there.
    await Promise.allSettled(Object.entries(this.pictures).map(add));
  }

  /** Shows what the filters and switches let through. */
  refresh() {
    const filters = new Map(this.layers.map((layer) => [layer, this.filter.expression(layer)]));
    for (const { id, layer, condition } of this.parts) {
      if (!layer) continue;
      this.map.setLayoutProperty(id, "visibility", layer.isOn ? "visible" : "none");
      // Tiles have nothing but the rows that pass.
      if (!this.tiles.has(layer.index)) this.map.setFilter(id, ["all", condition, filters.get(layer)]);
    }
    const filter = this.filter.key;
    if (filter === this.drawnFilter) return;
    this.drawnFilter = filter;
    this.version += 1;
    for (const index of this.tiles.keys()) this.map.getSource(`rows-${index}`).setTiles([this.#address(this.layers[index])]);
  }

  /** Takes the colours of the palette again. */
  repaint() {
    if (this.map.getLayer("background")) this.map.setPaintProperty("background", "background-color", this.palette.ground.paper);
    for (const { id, paint } of this.parts) {
      for (const [name, value] of Object.entries(paint())) this.map.setPaintProperty(id, name, value);
    }
  }

  /** Marks a row, or none. */
  pick(layer, row) {
    const geometry = layer ? geometryOf(layer.table.shapes, row) : null;
    const features = geometry ? [{ type: "Feature", properties: {}, geometry }] : [];
    this.map.getSource("pick")?.setData({ type: "FeatureCollection", features });
  }

  /** The rows near a point of the window, the nearest first. */
  rowsAt({ x, y }) {
    const ids = this.parts.flatMap(({ id, layer }) => (layer && !id.endsWith("casing") && this.map.getLayer(id) ? [id] : []));
    const reach = 5;
    const found = this.map.queryRenderedFeatures([[x - reach, y - reach], [x + reach, y + reach]], { layers: ids });
    const rows = new Map();
    for (const feature of found) {
      const layer = this.layers[Number(feature.layer.id.split("-")[0])];
      const key = `${layer.index}-${feature.id}`;
      if (rows.has(key)) continue;
      const isLine = feature.geometry.type.includes("Line");
      const at = isLine ? null : layer.table.shapes.place(feature.id);
      const place = at && this.map.project(at);
      const world = this.map.unproject({ x, y }).lng - (at?.[0] ?? 0);
      const near = place && Math.abs(world) > 180 ? 0 : place ? Math.hypot(place.x - x, place.y - y) : 100;
      rows.set(key, { layer, row: feature.id, far: near });
    }
    return [...rows.values()].sort((a, b) => a.far - b.far);
  }
}

const pictureAddress = (drawn) => `data:image/svg+xml;charset=utf-8,${encodeURIComponent(drawn)}`;
