"""Draws the picture of the README from three results of the demo world.

box=8.98,51.98,9.03,52.01
for layer in images sequences signs; do
    mly $layer --demo --bbox $box -o $layer.geojson
done
python3 docs/picture.py images.geojson sequences.geojson signs.geojson > docs/town.svg
"""

import json
import math
import sys
from pathlib import Path

WEST, SOUTH, EAST, NORTH = 8.9845, 51.9838, 9.0292, 52.0032
WIDTH = 900
SQUEEZE = math.cos(math.radians((SOUTH + NORTH) / 2))
SCALE = WIDTH / ((EAST - WEST) * SQUEEZE)
HEIGHT = round((NORTH - SOUTH) * SCALE)


def place(position):
    lon, lat = position
    return f"{(lon - WEST) * SQUEEZE * SCALE:.1f} {(NORTH - lat) * SCALE:.1f}"


def features(path):
    with Path(path).open(encoding="utf-8") as file:
        return json.load(file)["features"]


def dots(some):
    """Dots as strokes of no length: the shortest way to write many of them."""
    return "".join(f"M{place(f['geometry']['coordinates'])}h0" for f in some)


def lines(some):
    parts = (line for f in some for line in f["geometry"]["coordinates"])
    return "".join("M" + "L".join(place(p) for p in line) for line in parts)


def main(images, sequences, signs):
    images, sequences, signs = features(images), features(sequences), features(signs)
    panoramas = [f for f in images if f["properties"]["is_pano"]]
    flat = [f for f in images if not f["properties"]["is_pano"]]
    print(
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" fill="none" stroke-linecap="round">'
    )
    print(f'<rect width="{WIDTH}" height="{HEIGHT}" rx="8" fill="#11181f"/>')
    print(f'<path d="{lines(sequences)}" stroke="#2f6f5e" stroke-width="2.4"/>')
    print(f'<path d="{dots(flat)}" stroke="#05cb63" stroke-width="2.6"/>')
    print(f'<path d="{dots(panoramas)}" stroke="#f5b83d" stroke-width="3"/>')
    print(f'<path d="{dots(signs)}" stroke="#e8505b" stroke-width="4"/>')
    legend = [
        ("#05cb63", f"{len(flat):,} flat images"),
        ("#f5b83d", f"{len(panoramas):,} panoramas"),
        ("#2f6f5e", f"{len(sequences):,} sequences"),
        ("#e8505b", f"{len(signs):,} traffic signs"),
    ]
    for row, (colour, text) in enumerate(legend):
        y = HEIGHT - 20 * (len(legend) - row)
        print(f'<circle cx="22" cy="{y}" r="5" fill="{colour}"/>')
        print(
            f'<text x="36" y="{y + 5}" fill="#dfe7ec" font-family="sans-serif" font-size="14">{text}</text>'
        )
    print("</svg>")


if __name__ == "__main__":
    main(*sys.argv[1:])
