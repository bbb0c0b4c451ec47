#!/usr/bin/env python3
"""Large areas from localhost into GeoParquet, against the official package.

Also from the cache, resumed after a kill, and twenty times as large.

    cargo build --profile dist
    python3 bench/country.py           # 50 tiles, a million images, and a resumed run
    python3 bench/country.py --large   # besides, 1,000 tiles, twenty million images, and resumed

The package comes from the virtual environment that `scripts/test` makes (`MLY_VENV` names another
one). Only the ratios of one run mean anything elsewhere.
"""

import argparse
import hashlib
import json
import pathlib
import subprocess
import tempfile
import time

from official import BEGIN, PYTHON
from served import IMAGES_A_TILE, MLY, extent, measure, start_service

RUNS = 5
TILES = 50
RESUMED_TILES = 200
LARGE_TILES = 1000

OFFICIAL = (
    BEGIN
    + """
west, south, east, north = map(float, sys.argv[1].split(","))
begin = time.perf_counter()
rows = interface.images_in_bbox(dict(west=west, south=south, east=east, north=north), image_type="flat")
print(time.perf_counter() - begin, rows.count('"Point"'))
"""
)


def official(bbox, environment):
    """Seconds and images of the official package, which drops panoramas whatever it is asked."""
    told = subprocess.run(
        [PYTHON, "-c", OFFICIAL, bbox],
        env=environment,
        text=True,
        check=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    seconds, count = told.stdout.split()[-2:]
    return float(seconds), int(count)


def crawl(bbox, path, *options):
    return [MLY, "images", "--bbox", bbox, "-o", path, "-q", "--overwrite", *options]


def fifty_tiles(folder):
    service, environment = start_service(TILES * IMAGES_A_TILE)
    try:
        bbox = extent(TILES * IMAGES_A_TILE)
        path, kept = folder / "town.parquet", folder / "cache"
        measure(crawl(bbox, path), environment)  # the service encodes each tile once
        first = min(measure(crawl(bbox, path), environment)[0] for _ in range(RUNS))
        filling, _ = measure(crawl(bbox, path, "--cache-dir", kept), environment)
        again = min(
            measure(crawl(bbox, path, "--cache-dir", kept), environment)[0] for _ in range(RUNS)
        )
        images = TILES * IMAGES_A_TILE
        print(
            f"{images:,} images in {TILES} tiles to GeoParquet: {first:.2f} s, {images / first / 1e6:.1f} M images/s"
        )
        print(
            f"the same, kept in a cache: {filling:.2f} s; a second time, with nothing sent: {again:.2f} s,"
            f" {again / filling:.2f} x the time"
        )
        seconds, count = official(bbox, environment)
        print(
            f"images_in_bbox of the official package: {seconds:.1f} s for {count:,} images,"
            f" {seconds / first:.0f} x the time"
        )
        return images / first
    finally:
        service.kill()


def resumed(folder):
    images = RESUMED_TILES * IMAGES_A_TILE
    service, environment = start_service(images)
    try:
        whole = folder / "whole.parquet"
        measure(crawl(extent(images), whole), environment)
        full = min(measure(crawl(extent(images), whole), environment)[0] for _ in range(3))
        go_on(folder, images, full, whole, environment)
    finally:
        service.kill()


def go_on(folder, images, full, whole, environment):
    """Kills a run at about 90 % of its time, and lets the same command go on."""
    bbox, path, summary = extent(images), folder / "resumed.parquet", folder / "summary.json"
    for share in (0.9, 0.85, 0.9, 0.88, 0.9):
        path.unlink(missing_ok=True)
        process = subprocess.Popen(crawl(bbox, path), env=environment, stderr=subprocess.DEVNULL)
        time.sleep(full * share)
        process.kill()
        process.wait()
        if path.exists():
            continue
        again, _ = measure(crawl(bbox, path, "--summary", summary), environment)
        before = json.loads(summary.read_text())["resumed"]
        is_same = digest(path) == digest(whole)
        print(
            f"killed after {share:.0%} of the time, {before / images:.0%} of {images:,} images: going on took"
            f" {again / full:.0%} of a whole run ({again:.2f} of {full:.2f} s), the file is"
            f" {'the same' if is_same else 'ANOTHER'}"
        )


def digest(path):
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def large(folder, rate):
    images = LARGE_TILES * IMAGES_A_TILE
    service, environment = start_service(images)
    try:
        whole = folder / "large.parquet"
        measure(crawl(extent(images), whole), environment)
        runs = [measure(crawl(extent(images), whole), environment) for _ in range(2)]
        seconds, megabytes = min(runs)[0], max(megabytes for _, megabytes in runs)
        print(
            f"{images:,} images in {LARGE_TILES:,} tiles: {megabytes:.0f} MB at most, {seconds:.1f} s,"
            f" {images / seconds / 1e6:.2f} M images/s, {images / seconds / rate:.2f} x the rate of {TILES} tiles"
        )
        go_on(folder, images, seconds, whole, environment)
    finally:
        service.kill()


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--large", action="store_true", help="a thousand tiles too")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        rate = fifty_tiles(folder)
        resumed(folder)
        if arguments.large:
            large(folder, rate)


if __name__ == "__main__":
    main()
