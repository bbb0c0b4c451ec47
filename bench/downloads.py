#!/usr/bin/env python3
"""10,000 small photos from localhost into files, against `curl -Z` with a list of the same URLs.

    cargo build --profile dist && python3 bench/downloads.py

curl is told the addresses; mly has to look them up and writes what is known into each photo. Every
number is the best of several alternating runs on this machine; only the ratios mean anything
elsewhere.
"""

import concurrent.futures
import json
import os
import pathlib
import shutil
import tempfile
import urllib.request

from entities import image_ids
from served import MLY, measure, start_service

PHOTOS = 10_000
RUNS = 5
AT_ONCE = 64


def addresses(ids, environment):
    """The address of each photo, by id."""
    batches = [ids[begin : begin + 50] for begin in range(0, len(ids), 50)]

    def look_up(batch):
        url = f"{environment['MAPILLARY_GRAPH_URL']}/?ids={','.join(batch)}&fields=thumb_256_url"
        request = urllib.request.Request(
            url, headers={"Authorization": f"OAuth {environment['MAPILLARY_TOKEN']}"}
        )
        with urllib.request.urlopen(request) as answer:
            return {name: image["thumb_256_url"] for name, image in json.load(answer).items()}

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        return {name: url for found in pool.map(look_up, batches) for name, url in found.items()}


def emptied(folder):
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    return folder


def files(folder):
    return sum(name.endswith(".jpg") for _, _, names in os.walk(folder) for name in names)


def main():
    service, environment = start_service(100_000)
    try:
        with tempfile.TemporaryDirectory() as folder:
            folder = pathlib.Path(folder)
            ids = image_ids(folder, environment).read_text().split()[:PHOTOS]
            wanted = folder / "wanted.txt"
            wanted.write_text("\n".join(ids) + "\n")
            photos, config, summary = (
                folder / "photos",
                folder / "curl.cfg",
                folder / "summary.json",
            )
            config.write_text(
                "".join(
                    f'url = "{url}"\noutput = "{photos}/{name}.jpg"\n'
                    for name, url in addresses(ids, environment).items()
                )
            )
            download = 'exec "$0" download - --to "$1" --size 256 -q --summary "$2" < "$3"'
            commands = {
                "curl": ["curl", "-s", "-Z", "--parallel-max", str(AT_ONCE), "-K", config],
                "mly": ["sh", "-c", download, MLY, photos, summary, wanted],
                "webdataset": [
                    "sh",
                    "-c",
                    download.replace("256", "256 --layout webdataset"),
                    MLY,
                    photos,
                    summary,
                    wanted,
                ],
            }
            best = {}
            for _ in range(RUNS):
                for name, command in commands.items():
                    emptied(photos)
                    seconds, megabytes = measure(command, environment)
                    known = best.get(name, (seconds, megabytes))
                    best[name] = (min(seconds, known[0]), max(megabytes, known[1]))
                    if name != "webdataset" and files(photos) != PHOTOS:
                        raise SystemExit(f"{name}: {files(photos):,} of {PHOTOS:,} photos")
            for name, (seconds, megabytes) in best.items():
                print(
                    f"{name:10} {seconds:6.2f} s {seconds / best['curl'][0]:5.2f} x curl {megabytes:6.0f} MB"
                    f" {PHOTOS / seconds:8,.0f} photos/s"
                )
            emptied(photos)
            measure(commands["mly"], environment)
            again, _ = measure(commands["mly"], environment)
            requests = json.loads(summary.read_text())["requests"]
            print(f"again, all there: {again:.2f} s, {sum(requests.values())} requests")
    finally:
        service.kill()


if __name__ == "__main__":
    main()
