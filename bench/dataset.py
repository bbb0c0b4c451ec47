#!/usr/bin/env python3
"""A data set of 5,000 photos from localhost, beside `mly download` of the same photos.

    cargo build --profile dist && python3 bench/dataset.py

`mly dataset` asks for detections too, one request for each photo, and writes labels; `mly download` writes what is known
into each photo. Every number is the best of several alternating runs on this machine; only the ratios mean anything
elsewhere.
"""

import json
import pathlib
import shutil
import tempfile

from entities import image_ids
from served import MLY, measure, start_service

PHOTOS = 5_000
RUNS = 3


def main():
    service, environment = start_service(100_000)
    try:
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            ids = image_ids(folder, environment).read_text().split()[:PHOTOS]
            wanted, out, summary = (folder / name for name in ["ids.txt", "out", "summary.json"])
            wanted.write_text("\n".join(ids) + "\n")
            common = ["--to", out, "--size", "256", "-q", "--summary", summary]
            download = [
                "sh",
                "-c",
                'exec "$0" download - "$@" < ' + str(wanted),
                MLY,
                *common,
            ]
            dataset = [MLY, "dataset", wanted, *common, "--negatives", "-f"]
            commands = {"download": download}
            for form in ["yolo", "coco", "webdataset"]:
                commands[form] = [*dataset, form]
            best = {}
            for _ in range(RUNS):
                for form, command in commands.items():
                    shutil.rmtree(out, ignore_errors=True)
                    summary.unlink(missing_ok=True)
                    seconds, megabytes = measure(command, environment)
                    requests = sum(json.loads(summary.read_text())["requests"].values())
                    known = best.get(form, (seconds, megabytes, requests))
                    best[form] = (
                        min(seconds, known[0]),
                        max(megabytes, known[1]),
                        requests,
                    )
            for form, (seconds, megabytes, requests) in best.items():
                print(
                    f"{form:10} {seconds:6.2f} s {PHOTOS / seconds:8,.0f} photos/s {requests:7,} requests"
                    f" {requests / seconds:8,.0f} requests/s {megabytes:5.0f} MB"
                )
    finally:
        service.kill()


if __name__ == "__main__":
    main()
