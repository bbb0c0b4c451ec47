#!/usr/bin/env python3
"""How long plans of large areas take: files of 50 MB, 100,000 points, a long route, a river.

    cargo build --profile dist -p mly-cli
    python3 bench/areas.py [MLY]

Needs numpy, geopandas and pyogrio: `scripts/python` makes an environment with them. Each plan is a whole
process, and is compared with geopandas that only reads the same file. Nothing is sent.
"""

import pathlib
import sys
import tempfile
import time

import geopandas
import numpy
import shapely
from served import MLY, clean_environment, measure

RUNS = 3
MEGABYTES = 50


def districts(random, points):
    """Polygons of 500 corners each, side by side, with so many corners in all."""
    corners = 500
    count = points // corners
    side = int(numpy.ceil(numpy.sqrt(count)))
    middle = numpy.stack(numpy.divmod(numpy.arange(count), side), axis=1) * 0.02 + (7.0, 49.0)
    angle = numpy.linspace(0, 2 * numpy.pi, corners, endpoint=False)
    radius = random.uniform(0.006, 0.009, (count, corners))
    rings = numpy.stack([numpy.cos(angle) * radius, numpy.sin(angle) * radius], axis=2)
    rings += middle[:, None, :]
    return shapely.polygons(rings)


def walk(random, count, step):
    """A line that wanders, in degrees."""
    heading = numpy.cumsum(random.normal(0, 0.2, count)) * 0.3
    moves = numpy.stack([numpy.cos(heading), numpy.sin(heading)], axis=1) * step
    return shapely.linestrings(numpy.cumsum(moves, axis=0) + numpy.array([6.0, 48.0]))


def areas(folder):
    """Files and the options that make an area of them."""
    random = numpy.random.default_rng(50)
    # A corner takes 16 bytes in both binary formats.
    polygons = districts(random, MEGABYTES * 1_000_000 // 16)
    spots = random.normal((9.0, 51.0), (1.5, 1.5), (100_000, 2))
    made = {
        "districts.gpkg": (polygons, []),
        "districts.shp": (polygons, []),
        "points.gpkg": (shapely.points(spots), ["--buffer", "20"]),
        "route.gpkg": ([walk(random, 50_000, 0.0001)], ["--buffer", "20"]),
        "river.gpkg": ([walk(random, 20_000, 0.0008)], ["--buffer", "500"]),
    }
    for name, (shapes, options) in made.items():
        path = folder / name
        geopandas.GeoDataFrame(
            {"name": [str(i) for i in range(len(shapes))]}, geometry=list(shapes), crs="OGC:CRS84"
        ).to_crs("EPSG:4326").to_file(path)
        yield path, options


def main():
    """Makes the files, and measures both."""
    mly = sys.argv[1] if len(sys.argv) > 1 else MLY
    with tempfile.TemporaryDirectory() as name:
        for path, options in areas(pathlib.Path(name)):
            command = [mly, "plan", "images", "--within", path, *options]
            plan, reading, memory = [], [], 0
            for _ in range(RUNS):
                seconds, memory = measure(command, clean_environment())
                plan.append(seconds)
                begin = time.perf_counter()
                geopandas.read_file(path)
                reading.append(time.perf_counter() - begin)
            print(
                f"{path.name} ({path.stat().st_size / 1e6:.0f} MB) {' '.join(options)}: plan {min(plan):.2f} s,"
                f" {memory:.0f} MB; geopandas only reads it in {min(reading):.2f} s,"
                f" ratio {min(reading) / min(plan):.1f}"
            )


if __name__ == "__main__":
    sys.exit(main())
