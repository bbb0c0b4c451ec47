#!/usr/bin/env python3
"""The Python packages as they are published against the official package, as ratios in one run.

    scripts/wheels build
    scripts/environment target/venv-bench bench
    target/venv-bench/bin/pip install --no-index --find-links target/wheels mly-mapillary
    target/venv-bench/bin/python bench/python.py

The official package comes from the virtual environment that `scripts/test` makes (`MLY_VENV` names
another one). Both sides ask an emulator on localhost in a process of its own, and each side is a
process of its own. Times are the best of several runs on this machine; only the ratios mean
anything elsewhere. The official package gets fewer images, since its time for each is the same
however many there are: the ratios are of images a second.
"""

import json
import subprocess
import sys

from official import BEGIN
from official import PYTHON as OFFICIAL
from served import IMAGES_A_TILE, clean_environment, extent

TILES = 50
OFFICIAL_TILES = 3
KEYS = 1000
MANY_KEYS = 50_000
RUNS = 3

# Begins a program that uses either package.
BOX = """
facts = json.loads(sys.stdin.read())
def box(sides): return dict(zip(("west", "south", "east", "north"), sides))
"""
OURS = """
import json, os, sys, time
from mapillary import interface
interface.set_access_token(os.environ["MAPILLARY_TOKEN"])
"""

CORE = """
import json, os, sys, time
facts = json.loads(sys.stdin.read())
import mly, pyarrow  # as the official package has imported all it needs
client = mly.Client()
"""

# Each job says how many images it was about.
JOBS = {
    "images_in_bbox": 'count = interface.images_in_bbox(box(facts["box"]), image_type="flat").count(\'"Feature"\')',
    "images_in_shape": """
w, s, e, n = facts["tile"]
ring = [[w, s], [e, s], [e, n], [w, n], [w, s]]
shape = {"type": "FeatureCollection", "features": [
    {"type": "Feature", "properties": {}, "geometry": {"type": "Polygon", "coordinates": [ring]}}]}
count = len(interface.images_in_shape(shape).to_dict()["features"])
""",
    "image_from_key": """
for key in facts["keys"]:
    assert str(key) in interface.image_from_key(key)
count = len(facts["keys"])
""",
    "table": """
count = client.run(mly.Query.images(bbox=facts["box"], image_type="flat")).to_arrow().num_rows
""",
    "images_by_id": 'count = client.images_by_id(facts["many"]).to_arrow().num_rows',
}


def speed(python, setup, job, facts, environment):
    """Images per second.

    Where the package keeps connections open, one run before is not counted.
    """
    code = (
        setup
        + "begin = time.perf_counter()\n"
        + JOBS[job]
        + "\nbegin = time.perf_counter() - begin\n"
    )
    code += "print(count / begin, file=sys.stderr)"
    done = subprocess.run(
        [python, "-c", code],
        input=json.dumps(facts),
        env=environment,
        text=True,
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    return float(done.stderr.split()[-1])


def import_time(python, name):
    code = f"import time; begin = time.perf_counter(); import {name}; print(time.perf_counter() - begin)"
    runs = [
        subprocess.run([python, "-c", code], check=True, capture_output=True, text=True)
        for _ in range(7)
    ]
    return min(float(run.stdout.split()[-1]) for run in runs)


def start_service(images):
    command = [
        sys.executable,
        "-m",
        "mly",
        "emulate",
        "--world",
        f"random:1:{images}",
        "--port",
        "0",
    ]
    environment = clean_environment()
    service = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment
    )
    for _ in range(3):
        name, value = service.stdout.readline().removeprefix("export ").strip().split("=", 1)
        environment[name] = value.strip("'")
    return service, environment


def sides(tiles):
    return [float(side) for side in extent(tiles * IMAGES_A_TILE).split(",")]


def facts_of(environment):
    """Boxes and ids."""
    code = (
        CORE
        + "print(json.dumps([r['id'] for r in client.run(mly.Query.images(bbox=facts, limit=50000)).to_dicts()]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        input=json.dumps(sides(3)),
        env=environment,
        text=True,
        check=True,
        stdout=subprocess.PIPE,
    )
    keys = json.loads(done.stdout)
    return {"tile": sides(1), "keys": keys[:KEYS], "many": keys[:MANY_KEYS]}


def main():
    service, environment = start_service(TILES * IMAGES_A_TILE)
    try:
        facts = facts_of(environment)
        ours, few = {**facts, "box": sides(TILES)}, {**facts, "box": sides(OFFICIAL_TILES)}
        theirs_setup, ours_setup = BEGIN + BOX, OURS + BOX
        best = {}

        def run(name, *arguments):
            best[name] = max(best.get(name, 0), speed(*arguments, environment))

        for turn in range(RUNS):
            for job in ("images_in_bbox", "images_in_shape", "image_from_key"):
                if turn == 0 or job == "image_from_key":
                    run(f"official {job}", OFFICIAL, theirs_setup, job, few)
                run(f"mapillary {job}", sys.executable, ours_setup, job, ours)
            for job in ("table", "images_by_id"):
                run(f"mly {job}", sys.executable, CORE, job, ours)
        against = {"mly table": "images_in_bbox", "mly images_by_id": "image_from_key"}
        for name, images in best.items():
            peer = against.get(name) or name.partition(" ")[2]
            ratio = images / best[f"official {peer}"]
            print(f"{name:26} {images:12,.0f} images/s {ratio:8.1f} x official {peer}")
    finally:
        service.kill()
    official = import_time(OFFICIAL, "mapillary")
    for name in ("mapillary", "mly"):
        seconds = import_time(sys.executable, name)
        print(
            f"import {name:19} {seconds * 1000:12,.0f} ms       {official / seconds:8.1f} x official"
        )


if __name__ == "__main__":
    main()
