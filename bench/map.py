#!/usr/bin/env python3
"""A page of 50,000 images: how long it takes to write, and to open in headless Chromium.

    cargo build --profile dist
    python3 bench/map.py [MLY]

Needs node and Chromium, and what `scripts/page/install` installs. Chromium draws in software here, on the
processors that everything else shares, so that the second figure is the worst case.
"""

import json
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
IMAGES = 50_000
RUNS = 3

OPEN = """
import { chromium } from "playwright-core";
const flags = ["--no-sandbox", "--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--ignore-gpu-blocklist"];
const browser = await chromium.launch({ executablePath: process.argv[2], args: flags });
for (let run = 0; run < Number(process.argv[4]); run += 1) {
  const page = await (await browser.newContext({ viewport: { width: 1200, height: 800 } })).newPage();
  await page.goto(process.argv[3]);
  await page.evaluate(() => window.mly.ready);
  const marks = await page.evaluate(() => performance.getEntriesByType("mark").map((mark) => [mark.name, mark.startTime]));
  console.log(JSON.stringify(Object.fromEntries(marks)));
  await page.close();
}
await browser.close();
"""


def image(index):
    """An image as tiles have it."""
    properties = {
        "id": 10**15 + index * 7919,
        "sequence_id": f"sequence{index >> 6:014}",
        "captured_at": 1_500_000_000_000 + index * 3_000_000,
        "compass_angle": index * 37 % 360 + 0.111112489614,
        "is_pano": index % 5 == 0,
        "creator_id": 104214208486349,
        "quality_score": index % 1000 / 1000,
        "foot": False,
    }
    place = [9 + index % 250 * 1e-4 + 1e-9, 52 + index // 250 * 1e-4 + 1e-9]
    geometry = {"type": "Point", "coordinates": place}
    return {"type": "Feature", "geometry": geometry, "properties": properties}


def seconds(command):
    """How long a command takes."""
    begin = time.perf_counter()
    subprocess.run(command, check=True)
    return time.perf_counter() - begin


def main():
    """Makes the rows, and measures both."""
    mly = sys.argv[1] if len(sys.argv) > 1 else str(ROOT / "target/dist/mly")
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        features = [image(index) for index in range(IMAGES)]
        text = json.dumps({"type": "FeatureCollection", "features": features})
        (folder / "images.geojson").write_text(text)
        subprocess.run(
            [mly, "convert", "-q", "images.geojson", "images.parquet"],
            cwd=folder,
            check=True,
        )
        for rows in ["images.parquet", "images.geojson"]:
            command = [
                mly,
                "map",
                "-q",
                "--overwrite",
                folder / rows,
                "-o",
                folder / "page.html",
            ]
            best = min(seconds(command) for _ in range(RUNS))
            size = (folder / "page.html").stat().st_size / 1e6
            print(f"{IMAGES:,} images of {rows} to a page of {size:.1f} MB: {best:.2f} s")
        chromium = shutil.which("chromium") or shutil.which("chromium-browser")
        tools = ROOT / "target/page"
        if chromium is None or not (tools / "node_modules").exists():
            print(
                "there is no Chromium, or scripts/page/install has not run: opening is not measured"
            )
            return
        (tools / "open.mjs").write_text(OPEN)
        url = (folder / "page.html").as_uri()
        command = ["node", tools / "open.mjs", chromium, url, str(RUNS)]
        lines = subprocess.run(
            command, check=True, capture_output=True, text=True
        ).stdout.splitlines()
        marks = min((json.loads(line) for line in lines), key=lambda marks: marks["mly:drawn"])
        print(f"opened to the first drawn frame in {marks['mly:drawn'] / 1000:.2f} s, of which")
        before = 0.0
        for name, at in marks.items():
            print(f"    {name.removeprefix('mly:'):8} {(at - before) / 1000:5.2f} s")
            before = at


if __name__ == "__main__":
    main()
