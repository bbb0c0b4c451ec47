// The demo town: what a person does on the page.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { TOWN, closeBrowser, counts, drawn, drawnRows, features, mly, open, openMap, set } from "./page.mjs";

let town;
const DAY = 86_400_000;

before(async () => {
  for (const layer of ["images", "sequences", "signs"]) mly(layer, ...TOWN, "-o", `${layer}.geojson`);
  mly("map", "images.geojson", "sequences.geojson", "signs.geojson", "-o", "town.html");
  town = await open("town.html");
});
after(closeBrowser);

const clear = async () => {
  for (const name of ["value", "since", "until"]) await set(town.page, name, "");
};

test("the page shows every row of every layer, asks for nothing and complains of nothing", async () => {
  const { page, seen } = town;
  assert.deepEqual(await page.evaluate(() => window.mly.layers), ["images", "sequences", "signs"]);
  assert.deepEqual(await counts(page), { images: [3697, 3697], sequences: [115, 115], signs: [600, 600] });
  assert.equal(await drawnRows(page, 0), 3697);
  assert.equal(await drawnRows(page, 2), 600);
  assert.equal(await page.title(), "town");
  assert.deepEqual(seen, { requests: [], complaints: [] });
});

test("the policy of the page refuses requests and scripts that the data could bring", async () => {
  const refused = await town.page.evaluate(async () => {
    const violations = [];
    document.addEventListener("securitypolicyviolation", (event) => violations.push(event.effectiveDirective));
    const script = document.createElement("script");
    script.textContent = "window.broken = true";
    document.body.append(script);
    await fetch("https://example.com/").catch(() => 0);
    await new Promise((done) => setTimeout(done, 100));
    return [window.broken ?? false, ...violations.sort()];
  });
  assert.deepEqual(refused, [false, "connect-src", "script-src-elem"]);
  town.seen.complaints.length = town.seen.requests.length = 0;
});

test("a filter by value keeps the rows that have it, and leaves other layers alone", async () => {
  const { page } = town;
  const signs = features("signs.geojson").map((feature) => feature.properties.value);
  const cases = [
    ["regulatory--stop--g1", (value) => value === "regulatory--stop--g1"],
    ["warning--*", (value) => value.startsWith("warning--")],
    ["STOP", (value) => value.includes("stop")],
    ["regulatory--stop--g1, regulatory--yield--g1", (value) => ["regulatory--stop--g1", "regulatory--yield--g1"].includes(value)],
    ["nothing of that name", () => false],
    ["", () => true],
  ];
  for (const [text, keeps] of cases) {
    await set(page, "value", text);
    const kept = signs.filter(keeps).length;
    assert.deepEqual(await counts(page), { images: [3697, 3697], sequences: [115, 115], signs: [kept, 600] }, text);
    await drawn(page);
    assert.equal(await drawnRows(page, 2), kept, text);
  }
});

test("dates are whole days, and the last one belongs to them", async () => {
  const { page } = town;
  const dates = features("images.geojson").map((feature) => feature.properties.captured_at);
  for (const [since, until] of [["2021-03-04", ""], ["", "2019-12-31"], ["2018-01-01", "2018-12-31"], ["2030-01-01", ""], ["", ""]]) {
    await set(page, "since", since);
    await set(page, "until", until);
    const [from, to] = [since ? Date.parse(since) : -Infinity, until ? Date.parse(until) + DAY : Infinity];
    const { images } = await counts(page);
    assert.deepEqual(images, [dates.filter((ms) => ms >= from && ms < to).length, 3697], `${since} to ${until}`);
  }
});

test("dragging over the bars chooses dates", async () => {
  const { page } = town;
  const box = await page.locator("#histogram svg").boundingBox();
  await page.mouse.move(box.x + box.width * 0.5, box.y + 20);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.75, box.y + 20, { steps: 4 });
  await page.mouse.up();
  const [since, until] = [await page.locator("[name=since]").inputValue(), await page.locator("[name=until]").inputValue()];
  assert.match(since, /^202[01]-/);
  assert.ok(until > since);
  const { images } = await counts(page);
  assert.ok(images[0] > 0 && images[0] < 3697);
  await page.getByRole("button", { name: "Clear all filters" }).click();
  assert.deepEqual((await counts(page)).images, [3697, 3697]);
});

test("a switch takes a layer off the map, and its counts stay", async () => {
  const { page } = town;
  const box = page.getByRole("checkbox", { name: "signs" });
  await box.uncheck();
  await drawn(page);
  assert.equal(await drawnRows(page, 2), 0);
  assert.deepEqual((await counts(page)).signs, [600, 600]);
  await box.check();
  await drawn(page);
  assert.equal(await drawnRows(page, 2), 600);
});

test("panoramas and quality are filters too", async () => {
  const { page } = town;
  const rows = features("images.geojson").map((feature) => feature.properties);
  await page.locator("[name=type]").selectOption("pano");
  assert.equal((await counts(page)).images[0], rows.filter((row) => row.is_pano).length);
  await page.locator("[name=type]").selectOption("flat");
  await set(page, "quality", "0.5");
  assert.equal((await counts(page)).images[0], rows.filter((row) => !row.is_pano && row.quality_score >= 0.5).length);
  await page.getByRole("button", { name: "Clear all filters" }).click();
});

test("the newest stop sign and its photo are three clicks away", async () => {
  const { page } = town;
  await page.locator("#value-list").getByRole("button", { name: /^Stop/ }).first().click();
  await page.locator("#row-list button").first().click();
  const stops = features("signs.geojson").map((feature) => feature.properties).filter((row) => row.value === "regulatory--stop--g1");
  const newest = stops.reduce((a, b) => (b.last_seen_at > a.last_seen_at ? b : a));
  const card = page.getByRole("dialog");
  assert.ok((await card.innerText()).includes(String(newest.id)));
  const link = card.getByRole("link").first();
  assert.match(await link.getAttribute("href"), /^https:\/\/www\.mapillary\.com\/app\/\?pKey=\d+&focus=photo$/);
  assert.equal(await link.getAttribute("rel"), "noopener noreferrer");
  await page.keyboard.press("Escape");
  assert.equal(await card.isHidden(), true);
  await clear();
});

test("a click on a thing opens its row with every column", async () => {
  const { page } = town;
  const image = features("images.geojson")[0];
  await page.evaluate((center) => window.mly.map.jumpTo({ center, zoom: 20 }), image.geometry.coordinates);
  await drawn(page);
  const place = await page.evaluate((at) => window.mly.map.project(at), image.geometry.coordinates);
  await page.mouse.click(place.x, place.y);
  const text = await page.getByRole("dialog").innerText();
  for (const [name, value] of Object.entries(image.properties)) {
    if (name === "captured_at") assert.ok(text.includes(new Date(value).toISOString().slice(0, 10)));
    else assert.ok(text.includes(name) && text.includes(String(value)), `${name} ${value} in ${text}`);
  }
  assert.ok(text.includes(image.geometry.coordinates.join(", ")));
  await page.keyboard.press("Escape");
});

test("rows are selected by their ids as text, and only rows that exist", async () => {
  const { page } = town;
  const sequence = features("sequences.geojson")[5].properties.id;
  assert.equal(await page.evaluate((id) => window.mly.select("sequences", id), sequence), true);
  assert.ok((await page.getByRole("dialog").innerText()).includes(sequence));
  assert.equal(await page.evaluate(() => window.mly.select("signs", "1") || window.mly.select("none", "1")), false);
  await page.keyboard.press("Escape");
});

test("distances are measured click by click", async () => {
  const { page } = town;
  await page.evaluate(() => window.mly.map.jumpTo({ center: [9, 52], zoom: 15 }));
  await page.getByRole("button", { name: "Measure distances" }).click();
  const [a, b] = await page.evaluate(() => [window.mly.map.project([9, 52]), window.mly.map.project([9.005, 52])]);
  await page.mouse.click(a.x, a.y);
  await page.mouse.click(b.x, b.y);
  const metres = Number.parseFloat(await page.locator(".length").innerText());
  // 0.005 degrees on the parallel of 52 degrees, by the radius of curvature of the ellipsoid.
  assert.ok(Math.abs(metres - 343.4) < 2, `${metres}`);
  await page.keyboard.press("Escape");
  assert.equal(await page.locator(".length").count(), 0);
});

test("the address has the view, and opens it again", async () => {
  const { page } = town;
  await page.evaluate(() => window.mly.map.jumpTo({ center: [9.01, 51.995], zoom: 16 }));
  await page.waitForFunction(() => location.hash.startsWith("#map=16/"));
  const hash = await page.evaluate(() => location.hash);
  const other = await open("town.html", { hash });
  const { lng, lat } = await other.page.evaluate(() => window.mly.map.getCenter());
  assert.ok(Math.abs(lng - 9.01) < 1e-4 && Math.abs(lat - 51.995) < 1e-4);
  await other.close();
});

test("everything can be reached by keyboard and has a name", async () => {
  const { page } = town;
  const unnamed = await page.evaluate(() => {
    const controls = [...document.querySelectorAll("button, input, select, a[href]")].filter((control) => control.offsetParent !== null);
    const name = (control) => (control.getAttribute("aria-label") ?? [...(control.labels ?? [])].map((label) => label.textContent).join("") + control.textContent + (control.title ?? "")).trim();
    return controls.filter((control) => !name(control) || control.tabIndex < 0).map((control) => control.outerHTML);
  });
  assert.deepEqual(unnamed, []);
  await page.locator("#row-list button").first().focus();
  await page.keyboard.press("Enter");
  assert.equal(await page.getByRole("dialog").isVisible(), true);
  await page.keyboard.press("Escape");
  assert.equal(await page.evaluate(() => document.activeElement.closest("#row-list") !== null), true);
});

test("a phone shows the map, the filters and a row, and nothing beside the screen", async () => {
  const { page, seen, close } = await open("town.html", { width: 390, height: 844 });
  const overflow = () => page.evaluate(() => {
    const outside = [...document.querySelectorAll("#panel *, #card *, #tools *")].filter((element) => element.offsetParent && element.getBoundingClientRect().right > innerWidth + 1);
    return [document.documentElement.scrollWidth, outside.length];
  });
  assert.equal(await page.locator("#controls").isHidden(), true);
  assert.deepEqual(await overflow(), [390, 0]);
  await page.getByRole("button", { name: "Show or hide the filters" }).click();
  assert.equal(await page.locator("#controls").isVisible(), true);
  assert.deepEqual(await overflow(), [390, 0]);
  await page.evaluate(() => window.mly.select("signs", "39471717220302268"));
  assert.deepEqual(await overflow(), [390, 0]);
  const top = await page.locator("#card").evaluate((card) => card.getBoundingClientRect().top);
  assert.ok(top > 200, "the row leaves room for the map");
  assert.deepEqual(seen, { requests: [], complaints: [] });
  await close();
});

test("the page is dark where the system is, and can be switched", async () => {
  const { page, close } = await open("town.html", { theme: "dark" });
  const ground = () => page.evaluate(() => [document.documentElement.dataset.theme, window.mly.map.getPaintProperty("background", "background-color")]);
  assert.deepEqual(await ground(), ["dark", "#12181c"]);
  await page.getByRole("button", { name: "Dark or light" }).click();
  assert.deepEqual(await ground(), ["light", "#f3f1ec"]);
  await close();
});

test("photos in the page are shown with the outlines of what was recognised", async () => {
  mly("detections", "--demo", "--feature", "11722505910527701", "-o", "seen.geojson");
  const { page, seen, close } = await openMap(["seen.geojson"], { args: ["--photos", "20", "--demo"] });
  const { id, image_id: image } = features("seen.geojson")[0].properties;
  await page.evaluate((text) => window.mly.select("seen", text), String(id));
  const photo = page.locator("#card .photo img");
  assert.equal(await photo.getAttribute("alt"), `Photo ${image}`);
  assert.equal(await photo.evaluate((drawn) => drawn.decode().then(() => drawn.naturalWidth)), 256);
  assert.ok((await page.locator("#card .photo path").count()) >= 1);
  assert.ok((await page.locator("#card a.main").getAttribute("href")).includes(image));
  assert.deepEqual(seen, { requests: [], complaints: [] });
  await close();
});

test("with a base map the page asks its host, and no other", async () => {
  const tile = Buffer.from("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==", "base64");
  const answer = (route) => route.fulfill({ body: tile, contentType: "image/png", headers: { "Access-Control-Allow-Origin": "*" } });
  const { page, seen, close } = await openMap(["signs.geojson"], { args: ["--basemap", "https://tiles.example.org/{z}/{x}/{y}.png"], route: answer });
  assert.ok(seen.requests.length > 0);
  assert.deepEqual([...new Set(seen.requests.map((url) => new URL(url).host))], ["tiles.example.org"]);
  assert.deepEqual(seen.complaints, []);
  await close();
});
