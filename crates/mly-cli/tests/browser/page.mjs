// Makes pages with the command, and opens them in Chromium.

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const { chromium } = createRequire(join(process.env.MLY_PAGE_MODULES, "none.js"))("playwright-core");

export const TOWN = ["--demo", "--bbox", "8.98,51.98,9.03,52.01"];

export const folder = mkdtempSync(join(tmpdir(), "mly-browser-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));

export const at = (name) => join(folder, name);

/** Runs the command in the folder of files, and returns what it printed. */
export const mly = (...args) => execFileSync(process.env.MLY, args, { cwd: folder, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });

/** Features of a GeoJSON file. */
export const features = (name) => JSON.parse(readFileSync(at(name), "utf8")).features;

/** Writes features, each as the text of its properties and its geometry, so that ids beyond 2^53 stay what they are. */
export const write = (name, rows) => {
  const feature = ([properties, geometry]) => `{"type":"Feature","geometry":${geometry ? JSON.stringify(geometry) : "null"},"properties":${properties}}`;
  writeFileSync(at(name), `{"type":"FeatureCollection","features":[\n${rows.map(feature).join(",\n")}\n]}\n`);
};

export const point = (...coordinates) => ({ type: "Point", coordinates });

let browser = null;

/** Opens a page; what it asks for and complains about is kept. */
export const open = async (name, { width = 1200, height = 800, theme = "light", hash = "", route = null } = {}) => {
  // WebGL in software, which machines without a graphics card need.
  browser ??= await chromium.launch({ executablePath: process.env.MLY_CHROMIUM, args: ["--no-sandbox", "--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--ignore-gpu-blocklist"] });
  const context = await browser.newContext({ viewport: { width, height }, colorScheme: theme });
  const page = await context.newPage();
  const seen = { requests: [], complaints: [] };
  page.on("request", (request) => /^(file|data|blob):/.test(request.url()) || seen.requests.push(request.url()));
  page.on("console", (message) => ["error", "warning"].includes(message.type()) && !/GPU stall|swiftshader/i.test(message.text()) && seen.complaints.push(message.text()));
  page.on("pageerror", (error) => seen.complaints.push(error.message));
  if (route) await page.route(/^https?:/, route);
  await page.goto(pathToFileURL(at(name)).href + hash);
  await page.evaluate(() => window.mly.ready);
  return { page, seen, close: () => context.close() };
};

/** Makes a page of files and opens it. */
export const openMap = async (files, options = {}) => {
  const name = `${files[0].replace(/\W/g, "-")}.html`;
  mly("map", ...files, "-o", name, "--overwrite", ...(options.args ?? []));
  return open(name, options);
};

export const closeBrowser = () => browser?.close();

/** Waits until the map has drawn what was changed. */
export const drawn = (page) => page.evaluate(() => new Promise((done) => {
  const { map } = window.mly;
  map.once("idle", () => done());
  map.triggerRepaint();
}));

/** Rows of a layer of the page that are drawn in the window. */
export const drawnRows = (page, index) => page.evaluate((at) => {
  const { map } = window.mly;
  const ids = map.getStyle().layers.map((layer) => layer.id).filter((id) => new RegExp(`^${at}-(dot|line)$`).test(id));
  return [...new Set(map.queryRenderedFeatures({ layers: ids }).map((feature) => feature.id))].length;
}, index);

/** Sets a control as a person does. */
export const set = (page, name, value) => page.locator(`[name="${name}"]`).evaluate((control, text) => {
  control.value = text;
  control.dispatchEvent(new Event("input", { bubbles: true }));
  control.dispatchEvent(new Event("change", { bubbles: true }));
}, value);

export const counts = (page) => page.evaluate(() => window.mly.counts());
