// One row: everything that it has, its photo, and where to see more.

const APP = "https://www.mapillary.com/app/";
const photoAddress = (image) => `${APP}?pKey=${encodeURIComponent(image)}&focus=photo`;
const OUTSIDE = { target: "_blank", rel: "noopener noreferrer" };

class Card {
  constructor(app) {
    this.app = app;
    this.element = find("card");
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && !this.element.hidden) this.close();
    });
  }

  /** Shows the row at a place of a list of rows. */
  open(rows, at = 0) {
    const { layer, row } = rows[at];
    if (this.element.hidden) this.before = document.activeElement;
    this.element.replaceChildren(...this.#content(layer, row, rows, at));
    this.element.hidden = false;
    this.element.setAttribute("aria-label", `${layer.title(row)} ${layer.id(row)}`);
    this.element.focus({ preventScroll: true });
    this.app.drawing?.pick(layer, row);
  }

  close() {
    this.element.hidden = true;
    this.app.drawing?.pick(null);
    const back = this.before?.isConnected ? this.before : document.querySelector("#map canvas");
    back?.focus({ preventScroll: true });
  }

  #content(layer, row, rows, at) {
    const id = layer.id(row);
    const value = layer.value?.raw(row) ?? null;
    const moment = layer.date?.number(row) ?? null;
    const mark = value === null
      ? make("span", { class: "picture" }, make("span", { class: "dot", style: { background: this.app.palette.row(layer, row) } }))
      : pictureOf(value, this.app.pictures);
    const close = make("button", { type: "button", class: "icon", title: "Close (Escape)", "aria-label": "Close", onclick: () => this.close() }, cross());
    const about = [layer.name, moment === null ? null : dayText(moment)].filter(Boolean).join(" \u00b7 ");
    const header = make("header", {}, mark, make("div", {}, make("h2", {}, layer.title(row)), make("p", {}, about)), close);
    const cells = make("dl", {});
    for (const column of layer.table.columns) {
      const text = column.text(row);
      cells.append(make("dt", {}, column.name), make("dd", { class: text === null ? "nothing" : null }, text ?? "\u2013"));
    }
    const place = layer.table.shapes.kind(row) === 0 ? null : layer.table.shapes.parts(row);
    if (place) cells.append(make("dt", {}, "geometry"), make("dd", {}, placeText(layer, row, place)));
    return [header, this.#turn(rows, at), this.#photo(layer, row), this.#links(layer, row, id), make("div", { class: "cells", tabindex: "0", role: "region", "aria-label": "Columns" }, cells)].filter(Boolean);
  }

  /** Buttons to the other rows at the same place. */
  #turn(rows, at) {
    if (rows.length < 2) return null;
    const to = (step) => () => this.open(rows, (at + step + rows.length) % rows.length);
    const button = (step, text, path) => make("button", { type: "button", class: "icon", "aria-label": text, title: text, onclick: to(step) }, symbol(path));
    return make("div", { class: "turn" }, button(-1, "Previous row here", "M10 4l-4 4 4 4"), `${at + 1} of ${rows.length} here`, button(1, "Next row here", "M6 4l4 4-4 4"));
  }

  #links(layer, row, id) {
    const links = make("div", { class: "links" });
    const image = this.app.imageOf(layer, row);
    if (image) links.append(make("a", { class: "main", href: photoAddress(image.id), ...OUTSIDE }, image.text));
    else {
      const place = layer.table.shapes.place(row);
      if (place) links.append(make("a", { href: `${APP}?lat=${place[1].toFixed(7)}&lng=${place[0].toFixed(7)}&z=18`, ...OUTSIDE }, "Place on Mapillary"));
    }
    links.append(make("button", { type: "button", onclick: () => copy(id, "Id") }, "Copy id"));
    return links;
  }

  /** The small photo, if it is in the page, with the outlines of what was recognised in it. */
  #photo(layer, row) {
    const own = this.app.ownImageOf(layer, row);
    const source = own && Object.hasOwn(this.app.photos, own) ? this.app.photos[own] : null;
    if (!source) return null;
    const outlines = drawing("svg", { viewBox: "0 0 1 1", preserveAspectRatio: "none", "aria-hidden": "true" });
    for (const rings of this.app.outlinesOf(own, layer, row)) {
      const path = rings.map((ring) => `M${ring.map(([x, y]) => `${Number(x)} ${Number(y)}`).join("L")}Z`).join("");
      outlines.append(drawing("path", { d: path }));
    }
    return make("div", { class: "photo" }, make("img", { src: source, alt: `Photo ${own}` }), outlines);
  }
}

const symbol = (path) => drawing("svg", { viewBox: "0 0 16 16", "aria-hidden": "true" }, drawing("path", { d: path }));
const cross = () => symbol("M4 4l8 8m0-8l-8 8");

const placeText = (layer, row, parts) => {
  if (layer.table.shapes.kind(row) === 1) return parts.map(([[lon, lat]]) => `${lon}, ${lat}`).join("; ");
  const positions = parts.reduce((sum, line) => sum + line.length, 0);
  let length = 0;
  for (const line of parts) for (let at = 1; at < line.length; at += 1) length += metresBetween(line[at - 1], line[at]);
  return `${lengthText(length)}, ${count(positions)} positions`;
};
