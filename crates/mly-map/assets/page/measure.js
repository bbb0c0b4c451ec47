// Distances on the ellipsoid, click by click. Escape ends.

class Measure {
  constructor(app) {
    this.app = app;
    this.isOn = false;
    this.places = [];
    this.button = find("measure");
    this.button.addEventListener("click", () => this.toggle());
    document.addEventListener("keydown", (event) => event.key === "Escape" && this.isOn && this.toggle());
  }

  toggle() {
    this.isOn = !this.isOn;
    this.button.setAttribute("aria-pressed", String(this.isOn));
    this.places = [];
    if (this.isOn) note("Click on the map to measure; Escape ends");
    this.app.map.getCanvas().style.cursor = this.isOn ? "crosshair" : "";
    this.#draw();
  }

  add({ lng, lat }) {
    this.places.push([lng, lat]);
    this.#draw();
  }

  #draw() {
    const { map, palette } = this.app;
    const shapes = this.places.map((at) => ({ type: "Feature", properties: {}, geometry: { type: "Point", coordinates: at } }));
    if (this.places.length > 1) shapes.push({ type: "Feature", properties: {}, geometry: { type: "LineString", coordinates: this.places } });
    const data = { type: "FeatureCollection", features: shapes };
    if (map.getSource("measure")) map.getSource("measure").setData(data);
    else {
      map.addSource("measure", { type: "geojson", data });
      map.addLayer({ id: "measure-line", type: "line", source: "measure", filter: LINES, paint: { "line-color": palette.ground.pick, "line-width": 2.5, "line-dasharray": [2, 1.5] } });
      map.addLayer({ id: "measure-place", type: "circle", source: "measure", filter: PLACES, paint: { "circle-radius": 4, "circle-color": palette.ground.pick } });
    }
    this.label?.remove();
    if (this.places.length < 2) return;
    let length = 0;
    for (let at = 1; at < this.places.length; at += 1) length += metresBetween(this.places[at - 1], this.places[at]);
    const text = lengthText(length);
    this.label = new maplibregl.Marker({ element: make("div", { class: "length" }, text), anchor: "left", offset: [10, 0] }).setLngLat(this.places.at(-1)).addTo(map);
    find("note").textContent = text;
  }
}
