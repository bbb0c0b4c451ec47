// Puts the page together.

const OSM_ATTRIBUTION = '<a href="https://www.openstreetmap.org/copyright" target="_blank" rel="noopener noreferrer">OpenStreetMap</a>, ODbL';
const ATTRIBUTION = '<a href="https://www.mapillary.com" target="_blank" rel="noopener noreferrer">Mapillary</a>, <a href="https://creativecommons.org/licenses/by-sa/4.0/" target="_blank" rel="noopener noreferrer">CC BY-SA 4.0</a>';

class App {
  constructor(data) {
    this.pictures = data.pictures;
    this.photos = data.photos;
    this.basemap = data.basemap ?? null;
    this.layers = data.layers.map((layer, index) => new Layer(new Table(layer), index));
    this.palette = new Palette(this.layers);
    this.filter = new Filter(this.layers);
    const changed = () => this.refresh();
    this.legend = new Legend(this.layers, this.palette, this.pictures, changed);
    this.dates = new Dates(this.layers, this.filter, changed);
    this.values = new Values(this.layers, this.filter, this.palette, this.pictures, changed);
    this.list = new RowList(this);
    this.card = new Card(this);
    find("title").textContent = data.title;
    find("subtitle").textContent = this.#subtitle();
    this.#captures(changed);
    this.#theme();
    this.#panel();
    this.refresh();
  }

  #subtitle() {
    const rows = this.layers.reduce((sum, layer) => sum + layer.rows, 0);
    const [from, to] = (this.palette.ages ?? []).map((ms) => dayText(ms).slice(0, -3));
    const counted = `${count(rows)} ${rows === 1 ? "row" : "rows"}`;
    if (!from) return counted;
    return from === to ? `${counted}, ${from}` : `${counted}, ${from} to ${to}`;
  }

  /** Image type and quality, where layers have them. */
  #captures(changed) {
    const hasPano = this.layers.some((layer) => layer.pano);
    const hasQuality = this.layers.some((layer) => layer.quality);
    find("captures").hidden = !hasPano && !hasQuality;
    find("type-label").hidden = !hasPano;
    find("quality-label").hidden = !hasQuality;
    const [type, quality] = [named("type"), named("quality")];
    type.addEventListener("change", () => {
      this.filter.type = type.value;
      changed();
    });
    quality.addEventListener("input", () => {
      this.filter.quality = Number(quality.value);
      quality.title = quality.value === "0" ? "all" : `quality score of ${quality.value} or more`;
      changed();
    });
    find("reset").addEventListener("click", () => {
      this.dates.clear();
      this.values.clear();
      type.value = "";
      quality.value = "0";
      Object.assign(this.filter, { type: "", quality: 0 });
      changed();
    });
  }

  #theme() {
    const dark = matchMedia("(prefers-color-scheme: dark)");
    const set = (theme) => {
      document.documentElement.dataset.theme = this.palette.theme = theme;
      this.drawing?.repaint();
      this.legend.refresh();
      this.list.refresh();
    };
    set(dark.matches ? "dark" : "light");
    dark.addEventListener("change", () => set(dark.matches ? "dark" : "light"));
    find("theme").addEventListener("click", () => set(this.palette.theme === "dark" ? "light" : "dark"));
  }

  #panel() {
    const fold = find("fold");
    const set = (isOpen) => {
      fold.setAttribute("aria-expanded", String(isOpen));
      find("controls").hidden = !isOpen;
      document.body.classList.toggle("folded-panel", !isOpen);
      document.body.style.setProperty("--sheet-height", `${find("panel").offsetHeight}px`);
    };
    fold.addEventListener("click", () => set(fold.getAttribute("aria-expanded") !== "true"));
    set(!this.isPhone);
  }

  get isPhone() {
    return matchMedia("(max-width: 760px)").matches;
  }

  /** Shows what the filters let through, everywhere. */
  refresh() {
    this.filter.apply();
    this.legend.refresh();
    this.dates.refresh();
    this.values.refresh();
    this.list.refresh();
    find("reset").hidden = !this.filter.isActive;
    this.drawing?.refresh();
  }

  /** Starts the map; resolves when it has drawn the rows. */
  async start() {
    const style = { version: 8, sources: {}, layers: [{ id: "background", type: "background", paint: { "background-color": this.palette.ground.paper } }] };
    if (this.basemap?.tiles) {
      style.sources.basemap = { type: "raster", tiles: [this.basemap.tiles], tileSize: 256, maxzoom: 19, attribution: this.basemap.attribution ?? "" };
      style.layers.push({ id: "basemap", type: "raster", source: "basemap", paint: { "raster-saturation": -0.5, "raster-opacity": 0.75 } });
    }
    const box = boxOf(this.layers);
    const map = new maplibregl.Map({
      container: "map",
      style: this.basemap?.style ?? style,
      hash: "map",
      attributionControl: false,
      maxZoom: 22,
      maxPitch: 0,
      center: [0, 20],
      zoom: 1,
      ...(box ? { bounds: [box.slice(0, 2), box.slice(2)], fitBoundsOptions: { padding: this.padding, maxZoom: 17 } } : {}),
      fadeDuration: 0,
      canvasContextAttributes: { preserveDrawingBuffer: true },
      locale: { "Map.Title": "Map of the rows" },
    });
    this.map = window.mly.map = map;
    map.addControl(new maplibregl.NavigationControl({ visualizePitch: false }), "top-right");
    map.addControl(new maplibregl.ScaleControl({ maxWidth: 120 }), "bottom-left");
    map.addControl(new maplibregl.AttributionControl({ compact: false, customAttribution: this.layers.some((layer) => layer.table.column("way_id", "osm_id")) ? [ATTRIBUTION, OSM_ATTRIBUTION] : ATTRIBUTION }), "bottom-right");
    performance.mark("mly:map");
    await map.once("style.load");
    performance.mark("mly:style");
    this.drawing = new Drawing(map, this.layers, this.palette, this.filter, this.pictures, !!this.basemap);
    const drawn = this.drawing.start();
    this.drawing.refresh();
    this.#listen();
    await drawn;
    performance.mark("mly:added");
    await map.once("idle");
    performance.mark("mly:drawn");
  }

  get padding() {
    return this.isPhone ? { top: 40, left: 24, right: 24, bottom: 110 } : { top: 50, right: 90, bottom: 50, left: 384 };
  }

  #listen() {
    const { map } = this;
    this.measure = new Measure(this);
    map.on("click", (event) => {
      if (this.measure.isOn) return this.measure.add(event.lngLat);
      const rows = this.drawing.rowsAt(event.point);
      if (rows.length) this.card.open(rows);
      else if (!this.card.element.hidden) this.card.close();
    });
    // Once a frame at most: to look for rows takes longer than a mouse needs to move on.
    let isAsked = false;
    map.on("mousemove", ({ point }) => {
      if (isAsked || this.measure.isOn) return;
      isAsked = true;
      requestAnimationFrame(() => {
        isAsked = false;
        if (!this.measure.isOn) map.getCanvas().style.cursor = this.drawing.rowsAt(point).length ? "pointer" : "";
      });
    });
    find("whole").addEventListener("click", () => this.fit());
    find("share").addEventListener("click", () => copy(location.href, "Address of this view"));
    find("print").addEventListener("click", () => window.print());
  }

  /** Shows all rows that pass the filters. */
  fit() {
    const shown = this.layers.filter((layer) => layer.isOn);
    const box = boxOf(shown, (layer, row) => layer.shown[row] === 1) ?? boxOf(this.layers);
    if (box) this.map.fitBounds([box.slice(0, 2), box.slice(2)], { padding: this.padding, maxZoom: 18 });
  }

  /** Opens a row and brings it into view. */
  show(layer, row) {
    this.card.open([{ layer, row }]);
    const place = layer.table.shapes.place(row);
    if (!place || !this.map) return;
    const offset = this.isPhone ? [0, -130] : [0, 0];
    if (layer.table.shapes.kind(row) === 1) {
      this.map.easeTo({ center: place, zoom: Math.max(this.map.getZoom(), 17), offset });
    } else {
      const box = boxOf([layer], (_, other) => other === row);
      this.map.fitBounds([box.slice(0, 2), box.slice(2)], { padding: this.isPhone ? 60 : { top: 80, bottom: 80, left: 370, right: 430 }, maxZoom: 17 });
    }
  }

  /** The image that a row is, or is about, by its own columns. */
  ownImageOf(layer, row) {
    if (layer.isImages) return layer.id(row);
    const column = layer.table.column("image_id", "best_image_id");
    return column?.raw(row) ?? null;
  }

  /** An image that shows a row: its own, or one that was taken there about then and is on the map too. */
  imageOf(layer, row) {
    const own = this.ownImageOf(layer, row);
    if (own) return { id: own, text: "Open the photo" };
    const listed = /\d{6,}/.exec(layer.table.column("images")?.raw(row) ?? "");
    if (listed) return { id: listed[0], text: "Open a photo of it" };
    const place = layer.table.shapes.kind(row) === 1 ? layer.table.shapes.place(row) : null;
    const moment = layer.date?.number(row) ?? null;
    if (!place || moment === null) return null;
    let best = null;
    const [reachLat, reachLon] = [0.0007, 0.0007 / Math.max(0.05, Math.cos((place[1] * Math.PI) / 180))];
    for (const images of this.layers.filter((other) => other.isImages)) {
      for (let image = 0; image < images.rows; image += 1) {
        const at = images.table.shapes.kind(image) === 1 ? images.table.shapes.place(image) : null;
        if (!at || Math.abs(at[1] - place[1]) > reachLat || Math.abs(at[0] - place[0]) > reachLon) continue;
        const metres = metresBetween(at, place);
        const apart = Math.abs((images.date.number(image) ?? Infinity) - moment);
        // Seconds count like metres: the photo of the last sighting was taken near, and then.
        const far = metres + Math.min(apart / 1000, 1e6);
        if (metres <= 60 && (!best || far < best.far)) best = { far, apart, id: images.id(image), ms: images.date.number(image) };
      }
    }
    if (!best) return null;
    return { id: best.id, text: best.apart < DAY ? "Open the photo" : `Photo nearby, ${best.ms === null ? "undated" : dayText(best.ms)}` };
  }

  /** Outlines in an image, as lists of rings in shares of its width and height. */
  outlinesOf(image, layer, row) {
    const found = [];
    const add = (column, at) => {
      try {
        const rings = JSON.parse(column.raw(at) ?? "[]").filter((ring) => Array.isArray(ring) && ring.every(([x, y]) => x >= -0.01 && x <= 1.01 && y >= -0.01 && y <= 1.01));
        if (rings.length) found.push(rings);
      } catch {
        // The column holds something else.
      }
    };
    const own = layer.table.column("polygons");
    if (own) add(own, row);
    else {
      for (const other of this.layers) {
        const [polygons, of] = [other.table.column("polygons"), other.table.column("image_id")];
        if (!polygons || !of) continue;
        for (let at = 0; at < other.rows; at += 1) if (of.raw(at) === image) add(polygons, at);
      }
    }
    return found;
  }
}

performance.mark("mly:script");
const holder = find("mly-data");
const app = new App(JSON.parse(holder.textContent));
// The text is as large as the rows; nobody needs it again.
holder.remove();
performance.mark("mly:rows");

window.mly = {
  map: null,
  layers: app.layers.map((layer) => layer.name),
  counts: () => Object.fromEntries(app.layers.map((layer) => [layer.name, [layer.shownCount, layer.rows]])),
  select: (name, id) => {
    const layer = app.layers.find((one) => one.name === name);
    const row = layer ? layer.rowOf(String(id)) : -1;
    if (row < 0) return false;
    app.show(layer, row);
    return true;
  },
};
window.mly.ready = app.start().catch((error) => {
  note("This browser cannot draw the map (WebGL is missing or switched off). The rows are in the list.");
  console.warn(error);
});
