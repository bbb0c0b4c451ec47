// Where the rows are.

/** The box around rows as [west, south, east, north]; it may go beyond 180 degrees. `null` without any place. */
const boxOf = (layers, isWanted = () => true) => {
  const WIDTH = 0.5;
  const taken = new Uint8Array(360 / WIDTH);
  const normal = (lon) => (((lon + 180) % 360) + 360) % 360;
  const visit = (see) => {
    for (const layer of layers) {
      for (let row = 0; row < layer.rows; row += 1) {
        if (layer.table.shapes.kind(row) === 0 || !isWanted(layer, row)) continue;
        layer.table.shapes.each(row, see);
      }
    }
  };
  let isAny = false;
  visit((lon) => {
    isAny = true;
    taken[Math.floor(normal(lon) / WIDTH)] = 1;
  });
  if (!isAny) return null;
  // The box begins after the widest strip of the world in which there is nothing.
  let [start, widest] = [0, -1];
  for (let first = 0; first < taken.length; first += 1) {
    if (taken[first] || !taken[(first + taken.length - 1) % taken.length]) continue;
    let length = 0;
    while (length < taken.length && !taken[(first + length) % taken.length]) length += 1;
    if (length > widest) [start, widest] = [(first + length) % taken.length, length];
  }
  const from = start * WIDTH;
  const box = [Infinity, 90, -Infinity, -90];
  visit((lon, lat) => {
    const east = normal(lon) - from < 0 ? normal(lon) + 360 : normal(lon);
    box[0] = Math.min(box[0], east - 180);
    box[1] = Math.min(box[1], lat);
    box[2] = Math.max(box[2], east - 180);
    box[3] = Math.max(box[3], lat);
  });
  // The map ends at 85 degrees.
  return [box[0], Math.max(-85, Math.min(85, box[1])), box[2], Math.min(85, Math.max(-85, box[3]))];
};

const EQUATOR_M = 6_378_137;
const FLATTENING = 1 / 298.257223563;

/** Metres between two positions on the ellipsoid (Vincenty 1975, inverse). */
const metresBetween = ([lon1, lat1], [lon2, lat2]) => {
  const radians = Math.PI / 180;
  const polar = EQUATOR_M * (1 - FLATTENING);
  const apart = (((((lon2 - lon1 + 180) % 360) + 360) % 360) - 180) * radians;
  const reduced = (lat) => Math.atan((1 - FLATTENING) * Math.tan(lat * radians));
  const [u1, u2] = [reduced(lat1), reduced(lat2)];
  const [sin1, cos1, sin2, cos2] = [Math.sin(u1), Math.cos(u1), Math.sin(u2), Math.cos(u2)];
  let lambda = apart;
  for (let turn = 0; turn < 100; turn += 1) {
    const sine = Math.hypot(cos2 * Math.sin(lambda), cos1 * sin2 - sin1 * cos2 * Math.cos(lambda));
    if (sine === 0) return 0;
    const cosine = sin1 * sin2 + cos1 * cos2 * Math.cos(lambda);
    const sigma = Math.atan2(sine, cosine);
    const azimuth = (cos1 * cos2 * Math.sin(lambda)) / sine;
    const square = 1 - azimuth * azimuth;
    const middle = square === 0 ? 0 : cosine - (2 * sin1 * sin2) / square;
    const c = (FLATTENING / 16) * square * (4 + FLATTENING * (4 - 3 * square));
    const before = lambda;
    const inner = middle + c * cosine * (2 * middle * middle - 1);
    lambda = apart + (1 - c) * FLATTENING * azimuth * (sigma + c * sine * inner);
    if (Math.abs(lambda - before) > 1e-12) continue;
    const k = (square * (EQUATOR_M * EQUATOR_M - polar * polar)) / (polar * polar);
    const a = 1 + (k / 16384) * (4096 + k * (k * (320 - 175 * k) - 768));
    const b = (k / 1024) * (256 + k * (k * (74 - 47 * k) - 128));
    const fourth = (b / 6) * middle * (4 * sine * sine - 3) * (4 * middle * middle - 3);
    return polar * a * (sigma - b * sine * (middle + (b / 4) * (cosine * (2 * middle * middle - 1) - fourth)));
  }
  // Nearly opposite sides of the earth: half of a circle around the poles.
  return Math.PI * EQUATOR_M;
};

const lengthText = (metres) => {
  if (metres < 10) return `${metres.toFixed(1)} m`;
  if (metres < 1000) return `${metres.toFixed(0)} m`;
  return metres < 100_000 ? `${(metres / 1000).toFixed(2)} km` : `${count(Math.round(metres / 1000))} km`;
};
