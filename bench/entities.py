#!/usr/bin/env python3
"""Look-ups of 100,000 images from localhost, against `image_from_key` of the official package.

    cargo build --profile dist && python3 bench/entities.py

The package comes from the virtual environment that `scripts/test` makes (`MLY_VENV` names another
one). Both ask for all fields. Every number is the best of several alternating runs on this machine;
only the ratios mean anything elsewhere.
"""

import json
import pathlib
import subprocess
import tempfile

from official import BEGIN, PYTHON
from served import MLY, extent, measure, start_service

IMAGES = 100_000
KEYS = 300
RUNS = 3

OFFICIAL = (
    BEGIN
    + """
keys = sys.stdin.read().split()
begin = time.perf_counter()
for key in keys:
    assert key in interface.image_from_key(key)
print(time.perf_counter() - begin)
"""
)


def image_ids(folder, environment):
    """The ids of all images of the world, one a line, in a file."""
    tiles = folder / "tiles.csv"
    measure(
        [MLY, "images", "--bbox", extent(IMAGES), "--fields", "id", "-q", "-o", tiles], environment
    )
    lines = tiles.read_text().splitlines()
    place = lines[0].split(",").index("id")
    ids = folder / "ids.txt"
    ids.write_text("\n".join(line.split(",")[place] for line in lines[1:]) + "\n")
    return ids


def official(ids, environment):
    """Images a second of the official package."""
    keys = "\n".join(ids.read_text().split()[:KEYS])
    told = subprocess.run(
        [PYTHON, "-c", OFFICIAL],
        input=keys,
        env=environment,
        text=True,
        check=True,
        stdout=subprocess.PIPE,
    )
    # The package tells of each request, the time comes last.
    return KEYS / float(told.stdout.split()[-1])


def ours(ids, folder, environment):
    """Images a second, peak memory (MB) and requests to the graph."""
    rows, summary = folder / "images.geojsonl", folder / "summary.json"
    command = [
        "sh",
        "-c",
        'exec "$0" image - -q -o "$1" --overwrite --summary "$2" < "$3"',
        MLY,
        rows,
        summary,
        ids,
    ]
    seconds, megabytes = measure(command, environment)
    with rows.open("rb") as file:
        count = sum(1 for _ in file)
    if count != IMAGES:
        raise SystemExit(f"{count:,} of {IMAGES:,} images")
    return IMAGES / seconds, megabytes, json.loads(summary.read_text())["requests"]["entities"]


def main():
    service, environment = start_service(IMAGES)
    try:
        with tempfile.TemporaryDirectory() as folder:
            folder = pathlib.Path(folder)
            ids = image_ids(folder, environment)
            theirs, results = 0, []
            for _ in range(RUNS):
                theirs = max(theirs, official(ids, environment))
                results.append(ours(ids, folder, environment))
            speed = max(speed for speed, _, _ in results)
            megabytes = max(megabytes for _, megabytes, _ in results)
            requests = max(requests for _, _, requests in results)
            print(f"mapillary {theirs:9,.0f} images/s")
            print(
                f"mly       {speed:9,.0f} images/s {speed / theirs:6.0f} x mapillary {megabytes:6.0f} MB"
                f" {requests:,} requests for {IMAGES:,} images"
            )
    finally:
        service.kill()


if __name__ == "__main__":
    main()
