// Packs what crates/mly-map/assets has from others: MapLibre GL JS, and the pictures of traffic signs and objects.
//
// Called by scripts/map-assets, which installs both packages. The same packages give the same bytes.

import { createHash } from "node:crypto";
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { gzipSync } from "node:zlib";

import { optimize } from "svgo";

const [, , modules, assets] = process.argv;

// A gzip header has the operating system in its tenth byte; 255 is "unknown".
const pack = (bytes) => {
  const packed = gzipSync(bytes, { level: 9 });
  packed[9] = 255;
  return packed;
};

const sums = [];
const write = (name, bytes) => {
  if (/<\/script|<!--/i.test(bytes.toString("latin1"))) throw new Error(`${name} would end the script it is put into`);
  writeFileSync(join(assets, `${name}.gz`), pack(bytes));
  sums.push(`${createHash("sha256").update(bytes).digest("hex")}  ${name}\n`);
};

const maplibre = join(modules, "maplibre-gl");
// The page has no source map beside it. Characters beyond ASCII are escaped, so that the script has the hash that the page
// allows also where a server names the wrong encoding.
const code = readFileSync(join(maplibre, "dist/maplibre-gl.js"), "utf8")
  .replace(/\n\/\/# sourceMappingURL=.*\n?$/, "\n")
  .replace(/[^\x00-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
write("maplibre-gl.js", Buffer.from(code));
write("maplibre-gl.css", readFileSync(join(maplibre, "dist/maplibre-gl.css")));
writeFileSync(join(assets, "maplibre-gl.LICENSE.txt"), readFileSync(join(maplibre, "LICENSE.txt")));

// One picture a line: its name, a blank, the drawing. Numbers keep two decimals: the pictures are 24 pixels wide.
const sprites = join(modules, "mapillary_sprite_source");
const pictures = new Map();
for (const folder of ["package_objects", "package_signs"]) {
  for (const file of readdirSync(join(sprites, folder))) {
    if (!file.endsWith(".svg")) continue;
    const drawing = readFileSync(join(sprites, folder, file), "utf8");
    const small = optimize(drawing, { multipass: true, floatPrecision: 2 }).data.replace(/\s*\n\s*/g, " ");
    // Pictures have a size or a box of view, and browsers need both to draw them at any size.
    const size = /<svg[^>]*\bwidth="(\d+)"[^>]*\bheight="(\d+)"/.exec(small);
    const box = /<svg[^>]*\bviewBox="0 0 (\d+) (\d+)"/.exec(small);
    if (!size && !box) throw new Error(`${file} has no size`);
    const missing = [!size && `width="${box[1]}" height="${box[2]}"`, !box && `viewBox="0 0 ${size[1]} ${size[2]}"`];
    const scalable = small.replace("<svg ", `<svg ${missing.filter(Boolean).map((part) => `${part} `).join("")}`);
    pictures.set(basename(file, ".svg"), scalable);
  }
}
const names = [...pictures.keys()].sort();
write("signs.txt", Buffer.from(names.map((name) => `${name} ${pictures.get(name)}\n`).join("")));
writeFileSync(join(assets, "signs.LICENSE.txt"), readFileSync(join(sprites, "LICENSE")));

writeFileSync(join(assets, "SHA256SUMS"), sums.sort((a, b) => (a.slice(66) < b.slice(66) ? -1 : 1)).join(""));
