"""How fast rows become PMTiles, and how much memory that takes, beside GDAL on the same rows.

    bench/tiles.py MLY [ROWS]

MLY is the command, as `cargo build --profile dist -p mly-cli` builds it. Needs pyogrio and pyarrow
for GDAL; where they are missing, only mly is measured. tippecanoe is measured where it is
installed.
"""

import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path


def towns(count, path):
    """Images in 200 towns of a country, as a GeoJSON sequence of the service would have them."""
    rng = random.Random(1)
    places = [(rng.uniform(6, 15), rng.uniform(47.5, 54.5)) for _ in range(200)]
    with path.open("w", encoding="utf-8") as file:
        file.write(
            "id,sequence_id,captured_at,compass_angle,is_pano,quality_score,longitude,latitude\n"
        )
        for row in range(count):
            lon, lat = places[row * 200 // count]
            lon, lat = lon + rng.gauss(0, 0.05), lat + rng.gauss(0, 0.03)
            file.write(
                f"{10**14 + row * 7919},sequence{row // 100:014},{1_500_000_000_000 + row * 997},"
                f"{rng.uniform(0, 360):.3f},{str(row % 5 == 0).lower()},{rng.random():.3f},{lon:.7f},{lat:.7f}\n"
            )


def measured(command):
    begin = time.monotonic()
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    assert status == 0, command
    return time.monotonic() - begin, usage.ru_maxrss / 1024, usage.ru_utime + usage.ru_stime


def main():
    mly, count = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 1_000_000
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        towns(count, folder / "images.csv")
        subprocess.run(
            [mly, "convert", "-q", folder / "images.csv", folder / "images.parquet"], check=True
        )
        (folder / "images.csv").unlink()
        out = folder / "images.pmtiles"
        ours, memory, work = measured([mly, "convert", "-q", folder / "images.parquet", out])
        size = out.stat().st_size / 2**20
        print(
            f"mly: {count:,} points in {ours:.1f} s ({work:.1f} s of work), {memory:.0f} MB of memory, {size:.0f} MB"
        )
        if count > 1_000_000:
            return
        try:
            import pyogrio  # noqa: F401
        except ImportError:
            print("pyogrio is not installed: GDAL is not measured")
        else:
            subprocess.run(
                [mly, "convert", "-q", folder / "images.parquet", folder / "images.gpkg"],
                check=True,
            )
            script = (
                "import sys, pyogrio; a, b = sys.argv[1:]; "
                "pyogrio.write_dataframe(pyogrio.read_dataframe(a, layer='images'), b, driver='PMTiles', layer='images', "
                "MINZOOM=0, MAXZOOM=14)"
            )
            gdal = measured(
                [sys.executable, "-c", script, folder / "images.gpkg", folder / "gdal.pmtiles"]
            )
            print(
                f"GDAL: {gdal[0]:.1f} s ({gdal[2]:.1f} s of work), {gdal[1]:.0f} MB; {gdal[0] / ours:.1f} x"
            )
        if shutil.which("tippecanoe"):
            subprocess.run(
                [mly, "convert", "-q", folder / "images.parquet", folder / "images.geojsonl"],
                check=True,
            )
            command = [
                "tippecanoe",
                "-q",
                "-zg",
                "--drop-densest-as-needed",
                "-o",
                folder / "t.pmtiles",
            ]
            theirs = measured([*command, folder / "images.geojsonl"])
            print(f"tippecanoe: {theirs[0]:.1f} s, {theirs[1]:.0f} MB; {theirs[0] / ours:.1f} x")
        else:
            print("tippecanoe is not installed: it is not measured")


main()
