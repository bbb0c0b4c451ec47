// The newest rows as a list, which is also the way to rows by keyboard and screen reader.

const MOST_ROWS = 40;

class RowList {
  constructor(app) {
    this.app = app;
  }

  refresh() {
    const { layers, filter, pictures, palette } = this.app;
    // What a search for a value or a status does not concern would only be in the way.
    const concerns = (layer) => (!filter.value || layer.value) && (!filter.status || layer.statuses.length);
    const wanted = layers.filter((layer) => layer.isOn && concerns(layer));
    const newest = [];
    let total = 0;
    for (const layer of wanted) {
      total += layer.shownCount;
      for (let row = 0; row < layer.rows; row += 1) {
        if (!layer.shown[row]) continue;
        const moment = layer.date?.number(row) ?? -Infinity;
        if (newest.length === MOST_ROWS && moment <= newest.at(-1).moment) continue;
        let at = newest.length;
        while (at > 0 && newest[at - 1].moment < moment) at -= 1;
        newest.splice(at, 0, { layer, row, moment });
        if (newest.length > MOST_ROWS) newest.pop();
      }
    }
    find("rows-title").textContent = wanted.some((layer) => layer.date) ? "Newest" : "Rows";
    const item = (entry) => {
      const { layer, row, moment } = entry;
      const value = layer.value?.raw(row) ?? null;
      const mark = value === null
        ? make("span", { class: "picture" }, make("span", { class: layer.hasLines ? "dash" : "dot", style: { background: palette.row(layer, row) } }))
        : pictureOf(value, pictures);
      const date = moment === -Infinity ? layer.statuses[0]?.raw(row) ?? "" : dayText(moment);
      const title = layer.title(row);
      return make("li", {}, make("button", { type: "button", onclick: () => this.app.show(layer, row) }, mark, make("span", { class: "word", title }, title), make("span", { class: "number" }, date)));
    };
    const list = find("row-list");
    list.replaceChildren(...newest.map(item));
    if (total > newest.length) list.append(make("li", { class: "more" }, `and ${count(total - newest.length)} more on the map`));
    if (!newest.length) list.append(make("li", { class: "more" }, "No row passes the filters."));
    find("rows").hidden = layers.every((layer) => layer.rows === 0);
  }
}
