// Rows that are hard to show.

import assert from "node:assert/strict";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { after, test } from "node:test";

import { at, closeBrowser, counts, drawn, drawnRows, mly, open, openMap, point, set, write } from "./page.mjs";

after(closeBrowser);

const quiet = (seen) => assert.deepEqual(seen, { requests: [], complaints: [] });

test("hostile texts are shown as they are, and run nowhere", async () => {
  const texts = ["</script><script>window.broken=1</script>", "<img src=x onerror=window.broken=1>", "a\u2028b\u2029c", "\"'`${1}\\", "😀 <!-- ]]>", "&lt;b&gt;", "javascript:window.broken=1"];
  write("hostile.geojson", texts.map((text, row) => [JSON.stringify({ id: row + 1, value: text, name: text }), point(9 + row / 1000, 52)]));
  const { page, seen, close } = await openMap(["hostile.geojson"]);
  for (const [row, text] of texts.entries()) {
    await page.evaluate((id) => window.mly.select("hostile", id), String(row + 1));
    const shown = await page.locator("#card dd").allTextContents();
    assert.ok(shown.includes(text), text);
    await set(page, "value", text);
    assert.ok((await counts(page)).hostile[0] >= 1, text);
  }
  await set(page, "value", "");
  assert.equal(await page.evaluate(() => window.broken), undefined);
  quiet(seen);
  await close();
});

test("ids beyond 2^53 are shown digit by digit, and select their row", async () => {
  const ids = ["9007199254740993", "9223372036854775807", "9007199254740992"];
  write("large.geojson", ids.map((id, row) => [`{"id":${id},"value":"object--bench","first_seen_at":1,"last_seen_at":${row + 1}}`, point(9, 52 + row / 1000)]));
  const { page, seen, close } = await openMap(["large.geojson"]);
  for (const id of ids) {
    assert.equal(await page.evaluate((text) => window.mly.select("large", text), id), true);
    assert.equal((await page.locator("#card dd").allTextContents())[0], id);
  }
  quiet(seen);
  await close();
});

test("rows on both sides of the antimeridian are drawn side by side", async () => {
  const line = { type: "MultiLineString", coordinates: [[[179.99, -17], [-179.99, -17.001]]] };
  write("date-line.geojson", [['{"id":"aaaaaaaaaaaaaaaaaaaaaa","captured_at":1600000000000,"is_pano":false}', line]]);
  write("fiji.geojson", [[179.995, 1], [-179.995, 2]].map(([lon, id]) => [`{"id":${id},"value":"object--bench","first_seen_at":1,"last_seen_at":2}`, point(lon, -17)]));
  const { page, seen, close } = await openMap(["date-line.geojson", "fiji.geojson"]);
  const bounds = await page.evaluate(() => window.mly.map.getBounds().toArray());
  assert.ok(bounds[1][0] - bounds[0][0] < 1, "the view is not the whole world");
  assert.equal(await drawnRows(page, 0), 1);
  assert.equal(await drawnRows(page, 1), 2);
  quiet(seen);
  await close();
});

test("rows at the poles are listed and selected", async () => {
  write("poles.geojson", [90, -90, 85.2].map((lat, row) => [`{"id":${row + 1},"value":"object--bench","first_seen_at":1,"last_seen_at":2}`, point(10, lat)]));
  const { page, seen, close } = await openMap(["poles.geojson"]);
  assert.deepEqual(await counts(page), { poles: [3, 3] });
  assert.equal(await page.evaluate(() => window.mly.select("poles", "1")), true);
  assert.ok((await page.locator("#card").innerText()).includes("10, 90"));
  quiet(seen);
  await close();
});

test("an empty result is a page that says so", async () => {
  write("empty.geojson", []);
  const { page, seen, close } = await openMap(["empty.geojson"]);
  assert.deepEqual(await counts(page), { empty: [0, 0] });
  assert.ok((await page.locator("#panel").innerText()).includes("No rows"));
  quiet(seen);
  await close();
});

test("one row, and a row without a place", async () => {
  write("one.geojson", [['{"id":7,"value":"regulatory--stop--g1","first_seen_at":1,"last_seen_at":2}', point(9, 52)]]);
  write("nowhere.geojson", [['{"id":8,"value":"regulatory--stop--g1","first_seen_at":1,"last_seen_at":2}', null]]);
  const { page, seen, close } = await openMap(["one.geojson", "nowhere.geojson"]);
  assert.equal(await drawnRows(page, 0), 1);
  assert.equal(await page.evaluate(() => window.mly.select("nowhere", "8")), true);
  assert.ok((await page.locator("#card").innerText()).includes("nowhere"));
  quiet(seen);
  await close();
});

test("a column of statuses colours and filters rows", async () => {
  const tiers = ["fresh", "aging", "stale", "none", "fresh"];
  const line = (row) => ({ type: "LineString", coordinates: [[9, 52 + row / 1000], [9.01, 52 + row / 1000]] });
  write("streets.geojson", tiers.map((tier, row) => [JSON.stringify({ edge_id: `e${row}`, name: `Street ${row}`, tier }), line(row)]));
  const { page, seen, close } = await openMap(["streets.geojson"]);
  const colours = await page.evaluate(() => window.mly.map.getPaintProperty("0-line", "line-color"));
  assert.equal(colours[colours.indexOf("fresh") + 1], "#1a9850");
  assert.equal(colours[colours.indexOf("none") + 1], "#c8202f");
  await set(page, "status", "fresh");
  assert.deepEqual(await counts(page), { streets: [2, 5] });
  await drawn(page);
  assert.equal(await drawnRows(page, 0), 2);
  await set(page, "status", "");
  assert.equal(await page.evaluate(() => window.mly.select("streets", "e3")), true);
  quiet(seen);
  await close();
});

test("fifty thousand images open, count and filter, and take less room than as GeoJSON", async () => {
  const row = (index) => {
    const id = 10n ** 16n + BigInt(index) * 7919n;
    const properties = `{"id":${id},"sequence_id":"sequence${String(index >> 6).padStart(14, "0")}","captured_at":${1500000000000 + index * 3_000_000},"compass_angle":${(index * 37) % 360}.5,"is_pano":${index % 5 === 0},"creator_id":104214208486349,"quality_score":${(index % 1000) / 1000},"foot":false}`;
    return [properties, point(9 + (index % 250) * 1e-4 + 1e-9, 52 + Math.floor(index / 250) * 1e-4 + 1e-9)];
  };
  write("many.geojson", Array.from({ length: 50_000 }, (_, index) => row(index)));
  const { page, seen, close } = await openMap(["many.geojson"]);
  assert.ok(statSync(at("many-geojson.html")).size < 1.25 * statSync(at("many.geojson")).size);
  assert.deepEqual(await counts(page), { many: [50_000, 50_000] });
  await set(page, "since", "2019-01-01");
  const kept = Array.from({ length: 50_000 }, (_, index) => 1500000000000 + index * 3_000_000).filter((ms) => ms >= Date.parse("2019-01-01")).length;
  assert.deepEqual(await counts(page), { many: [kept, 50_000] });
  const last = String(10n ** 16n + 49_999n * 7919n);
  assert.equal(await page.evaluate((id) => window.mly.select("many", id), last), true);
  assert.equal((await page.locator("#card dd").allTextContents())[0], last);
  quiet(seen);
  await close();
});

test("no part of a page can end the script that it is in", async () => {
  const html = readFileSync(at("hostile-geojson.html"), "utf8");
  assert.equal(html.match(/<\/script/g).length, 3);
  assert.equal(html.match(/<script/g).length, 3);
});

test("large layers are drawn by tiles with every row of a place, and filters reach them", async () => {
  const rows = 60_000;
  const row = (index) => [`{"id":${index + 1},"value":"${index % 3 ? "object--bench" : "object--manhole"}","first_seen_at":1,"last_seen_at":${1600000000000 + index * 1000}}`, point(9 + (index % 300) * 1e-3, 52 + Math.floor(index / 300) * 1e-3)];
  write("tiled.geojson", Array.from({ length: rows }, (_, index) => row(index)));
  const { page, seen, close } = await openMap(["tiled.geojson"]);
  assert.deepEqual(await counts(page), { tiled: [rows, rows] });
  assert.ok((await drawnRows(page, 0)) > 1000);
  // Where all rows are drawn, they are those of brute force, at their places.
  const inside = async (keeps) => {
    await page.evaluate(() => window.mly.map.jumpTo({ center: [9.1005, 52.1005], zoom: 16 }));
    await drawn(page);
    const [[west, south], [east, north]] = await page.evaluate(() => window.mly.map.getBounds().toArray());
    const expected = Array.from({ length: rows }, (_, index) => index).filter((index) => {
      const [lon, lat] = row(index)[1].coordinates;
      return lon > west && lon < east && lat > south && lat < north && keeps(index);
    });
    const found = await page.evaluate(([w, s, e, n]) => {
      const { map } = window.mly;
      const all = map.queryRenderedFeatures({ layers: ["0-dot"] }).filter(({ geometry }) => {
        const [lon, lat] = geometry.coordinates;
        return lon > w && lon < e && lat > s && lat < n;
      });
      return [...new Map(all.map((feature) => [feature.id, feature.geometry.coordinates]))];
    }, [west, south, east, north]);
    assert.deepEqual(found.map(([id]) => id).sort((a, b) => a - b), expected);
    for (const [id, [lon, lat]] of found) {
      const [x, y] = row(id)[1].coordinates;
      // A unit of the deepest tiles is about 1.3e-6 degrees.
      assert.ok(Math.abs(lon - x) < 3e-6 && Math.abs(lat - y) < 3e-6);
    }
    return expected.length;
  };
  assert.ok((await inside(() => true)) > 20);
  await set(page, "value", "object--manhole");
  assert.ok((await inside((index) => index % 3 === 0)) > 5);
  assert.equal(await page.evaluate(() => window.mly.select("tiled", "60000")), true);
  quiet(seen);
  await close();
});

test("the page works inside of another one, as notebooks show it", async () => {
  write("framed.geojson", [['{"id":7,"value":"regulatory--stop--g1","first_seen_at":1,"last_seen_at":2}', point(9, 52)]]);
  mly("map", "framed.geojson", "-o", "framed.html");
  const escaped = readFileSync(at("framed.html"), "utf8").replaceAll("&", "&amp;").replaceAll('"', "&quot;");
  writeFileSync(at("notebook.html"), `<!doctype html><meta charset="utf-8"><iframe srcdoc="${escaped}" style="width:800px;height:600px"></iframe><script>window.mly = { ready: 0 }</script>`);
  const { page, seen, close } = await open("notebook.html");
  const frame = page.frames()[1];
  await frame.waitForFunction(() => window.mly?.map?.loaded());
  await frame.evaluate(() => window.mly.map.jumpTo({ center: [9, 52], zoom: 15 }));
  assert.deepEqual(await frame.evaluate(() => window.mly.counts()), { framed: [1, 1] });
  assert.equal(await frame.evaluate(() => window.mly.select("framed", "7")), true);
  quiet(seen);
  await close();
});
