#!/usr/bin/env python3
"""Dense tiles from localhost into files, against `curl -Z` that only fetches them.

    cargo build --profile dist
    python3 bench/served.py            # 50 tiles, a million images: time, as ratios
    python3 bench/served.py --memory   # 1,000 tiles, twenty million images: peak memory

Every number is the best of several alternating runs on this machine; only the ratios mean anything
elsewhere.
"""

import argparse
import os
import pathlib
import subprocess
import tempfile
import threading
import time
import urllib.parse

ROOT = pathlib.Path(__file__).resolve().parent.parent
MLY = pathlib.Path(os.environ.get("MLY_BIN", ROOT / "target" / "dist" / "mly"))
IMAGES_A_TILE = 20_000
RUNS = 7


def start_service(images):
    """The emulator as a process of its own, its address and token in the environment."""
    service = subprocess.Popen(
        [MLY, "emulate", "--world", f"random:1:{images}", "--port", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=clean_environment(),
    )
    environment = clean_environment()
    for _ in range(3):
        name, value = service.stdout.readline().removeprefix("export ").strip().split("=", 1)
        environment[name] = value.strip("'")
    return service, environment


def clean_environment():
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("MAPILLARY_", "MLY_"))
    }


def measure(command, environment, stderr=subprocess.DEVNULL):
    """Seconds and peak memory (MB) of a command."""
    begin = time.perf_counter()
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=stderr)
    # The peak that `wait4` tells counts what this process held when it made the other.
    peaks = [0.0]
    watcher = threading.Thread(target=watch_peak, args=(process.pid, peaks))
    watcher.start()
    status = process.wait()
    seconds = time.perf_counter() - begin
    watcher.join()
    if status != 0:
        raise SystemExit(f"{command[0]} failed with status {status}")
    return seconds, max(peaks)


def watch_peak(pid, peaks):
    """Adds the peaks of a process (MB) to a list, until it ends."""
    status = pathlib.Path(f"/proc/{pid}/status")
    while True:
        try:
            text = status.read_text()
        except OSError:
            return
        found = [line.split()[1] for line in text.splitlines() if line.startswith("VmHWM")]
        if not found:
            return
        peaks.append(int(found[0]) / 1024)
        time.sleep(0.01)


def best(commands, environment, runs):
    """The shortest time of each command and its peak memory, all commands taking turns."""
    results = {}
    for _ in range(runs):
        for name, command in commands.items():
            seconds, megabytes = measure(command, environment)
            known = results.get(name, (seconds, megabytes))
            results[name] = (min(seconds, known[0]), max(megabytes, known[1]))
    return results


def planned_tiles(bbox, environment, folder):
    """The requests of mly's own plan that have images, as curl's configuration."""
    side = 1 << 14
    token = urllib.parse.quote(environment["MAPILLARY_TOKEN"])
    west, south, east, north = (float(edge) for edge in bbox.split(","))
    lines = [
        f'url = "{environment["MAPILLARY_TILES_URL"]}/maps/vtp/mly1_public/2/14/{x}/{y}'
        f'?access_token={token}"\noutput = "{folder}/{x}-{y}.mvt"'
        for x in range(column(west, side), column(east, side) + 1)
        for y in range(row(north, side), row(south, side) + 1)
    ]
    config = folder / "curl.cfg"
    config.write_text("\n".join(lines))
    return config, len(lines)


def column(lon, side):
    return int((lon + 180) / 360 * side)


def row(lat, side):
    import math

    return int((1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * side)


def extent(images):
    """A box just inside the square of tiles that `random:SEED:IMAGES` fills from 14/8601/5389 on."""
    import math

    tiles = -(-images // IMAGES_A_TILE)
    width = math.ceil(math.sqrt(tiles))
    height = -(-tiles // width)
    side = 1 << 14

    def lat(y):
        return math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * y / side))))

    def lon(x):
        return x / side * 360 - 180

    inset = 1e-9
    return ",".join(
        f"{v:.12f}"
        for v in (
            lon(8601) + inset,
            lat(5389 + height) + inset,
            lon(8601 + width) - inset,
            lat(5389) - inset,
        )
    )


def speed(folder):
    images = 50 * IMAGES_A_TILE
    service, environment = start_service(images)
    try:
        bbox = extent(images)
        config, tiles = planned_tiles(bbox, environment, folder)
        ask = [MLY, "images", "--bbox", bbox, "-q", "--overwrite", "-o"]
        commands = {
            "curl": ["curl", "-s", "-Z", "--parallel-max", "8", "-K", config],
            "arrow": [*ask, folder / "x.arrow"],
            "geojson": [*ask, folder / "x.geojson"],
            "csv": [*ask, folder / "x.csv"],
        }
        measure(commands["curl"], environment)  # the service encodes each tile once
        measure(commands["arrow"], environment)
        results = best(commands, environment, RUNS)
        rows = (folder / "x.csv").read_bytes().count(b"\n") - 1
        print(f"{rows:,} images in {tiles} tiles")
        base = results["curl"][0]
        for name, (seconds, megabytes) in results.items():
            print(
                f"{name:8} {seconds:6.3f} s {seconds / base:5.1f} x curl {megabytes:6.0f} MB"
                f" {rows / seconds / 1e6:6.1f} M images/s"
            )
        print(f"geojson is {results['geojson'][0] / results['arrow'][0]:.1f} x arrow")
    finally:
        service.kill()


def memory(_folder):
    images = 1000 * IMAGES_A_TILE
    service, environment = start_service(images)
    try:
        command = [MLY, "images", "--bbox", extent(images), "-f", "geojsonseq", "-q"]
        seconds, megabytes = measure(command, environment)
        print(
            f"{images:,} images to geojsonseq: {megabytes:.0f} MB at most, {seconds:.1f} s,"
            f" {images / seconds / 1e6:.1f} M images/s"
        )
    finally:
        service.kill()


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--memory", action="store_true", help="measure peak memory instead of speed"
    )
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        (memory if arguments.memory else speed)(pathlib.Path(folder))


if __name__ == "__main__":
    main()
