// Draws the pictures of the documentation: pages of the demo town, as Chromium shows them.
//
// Called by scripts/pictures, with the folder of pages and that of the documentation.

import { join } from "node:path";
import { pathToFileURL } from "node:url";

import { chromium } from "playwright-core";

const [, , pages, docs] = process.argv;

/** Each picture: its file, the page, the window, and what is done before it is taken. */
const PICTURES = [
  { file: "town.png", page: "town.html", width: 1280, height: 760 },
  {
    file: "guides/map.png",
    page: "town.html",
    width: 1280,
    height: 760,
    act: () => {
      window.mly.select("signs", "39471717220302268");
    },
  },
  {
    file: "guides/map-phone.png",
    page: "town.html",
    width: 390,
    height: 780,
    theme: "dark",
    act: () => {
      window.mly.select("signs", "39471717220302268");
    },
  },
  {
    file: "guides/signs.png",
    page: "signs.html",
    width: 1280,
    height: 760,
    act: () => {
      const field = document.querySelector("[name=value]");
      field.value = "regulatory--maximum-speed-limit-*";
      field.dispatchEvent(new Event("input"));
    },
  },
];

const browser = await chromium.launch({
  executablePath: process.env.MLY_CHROMIUM,
  args: ["--no-sandbox", "--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--ignore-gpu-blocklist"],
});
for (const { file, page: name, width, height, theme = "light", act } of PICTURES) {
  const context = await browser.newContext({ viewport: { width, height }, colorScheme: theme, reducedMotion: "reduce" });
  const page = await context.newPage();
  await page.goto(pathToFileURL(join(pages, name)).href);
  await page.evaluate(() => window.mly.ready);
  if (act) {
    await page.evaluate(act);
    await page.evaluate(() => new Promise((done) => {
      window.mly.map.once("idle", done);
      window.mly.map.triggerRepaint();
    }));
  }
  await page.screenshot({ path: join(docs, file) });
  await context.close();
}
await browser.close();
