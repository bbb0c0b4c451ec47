// Rows as features of the map. Properties are what colours and filters need, under names of one letter, and as coarse as these
// are: days, whole degrees, twentieths of quality. The map keeps a list of all different values of a tile, so that many of
// them would cost more than everything else.

const dayNumber = (ms) => Math.floor(ms / DAY);
const QUALITY_STEPS = 20;
const qualityStep = (score) => Math.floor(score * QUALITY_STEPS + 1e-9);

const geometryOf = (shapes, row) => {
  const kind = shapes.kind(row);
  if (kind === 0) return null;
  const parts = shapes.parts(row);
  if (kind === 2) return { type: "MultiLineString", coordinates: parts };
  if (parts.length === 1) return { type: "Point", coordinates: parts[0][0] };
  return { type: "MultiPoint", coordinates: parts.flat() };
};

const propertiesOf = (layer, row) => {
  const { date, value, quality, compass, statuses } = layer;
  const properties = {};
  if (layer.mode === "status" || layer.mode === "category") properties.k = layer.colourKey(row);
  const moment = date?.number(row) ?? null;
  if (moment !== null) properties.d = dayNumber(moment);
  if (value) properties.v = value.codes[row];
  if (layer.isPano(row)) properties.p = 1;
  const score = quality?.number(row) ?? null;
  if (score !== null) properties.q = qualityStep(score);
  // Many cameras write 0 for a direction that they do not know.
  const angle = compass?.number(row) ?? null;
  if (angle !== null && angle !== 0) properties.a = Math.round(angle);
  statuses.forEach((column, at) => (properties[`s${at}`] = column.codes[row]));
  return properties;
};

const featuresOf = (layer) => {
  const features = [];
  for (let row = 0; row < layer.rows; row += 1) {
    const geometry = geometryOf(layer.table.shapes, row);
    if (geometry) features.push({ type: "Feature", id: row, geometry, properties: propertiesOf(layer, row) });
  }
  return { type: "FeatureCollection", features };
};

/** The ways that cameras took, as ground under their images: lines between images of one sequence that follow each other. */
const tracksOf = (layer) => {
  const order = Array.from({ length: layer.rows }, (_, row) => row);
  const moments = Float64Array.from(order, (row) => layer.date.number(row) ?? 0);
  const { codes } = layer.sequence;
  order.sort((a, b) => codes[a] - codes[b] || moments[a] - moments[b]);
  const lines = [];
  let before = -1;
  for (const row of order) {
    const at = layer.table.shapes.place(row);
    if (!at) continue;
    const last = before < 0 ? null : layer.table.shapes.place(before);
    // Uploads are cut at gaps of 100 m or two minutes, so that longer ones are no way.
    const follows =
      last &&
      codes[row] === codes[before] &&
      moments[row] - moments[before] < 120_000 &&
      Math.abs(at[0] - last[0]) < 0.01 &&
      metresBetween(last, at) < 100;
    if (follows) lines.at(-1).push(at);
    else lines.push([at]);
    before = row;
  }
  return { type: "Feature", properties: {}, geometry: { type: "MultiLineString", coordinates: lines.filter((line) => line.length > 1) } };
};
