"""Draws the picture of the README from three results of the demo town.

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

WEST, SOUTH, EAST, NORTH = 8.9838, 51.9836, 9.0297, 52.0034
WIDTH = 900
SQUEEZE = math.cos(math.radians((SOUTH + NORTH) / 2))
SCALE = WIDTH / ((EAST - WEST) * SQUEEZE)
HEIGHT = round((NORTH - SOUTH) * SCALE)
LEGEND = 46  # Height of the strip below the map.
METRES = SCALE / 111_320  # Pixels in a metre.

# The circle that shows a crossing enlarged: its place in the town, on the picture, and how much larger it is.
SPOT = (9.00098, 51.9982)
LENS = (742, 470)
RADIUS = 138
ZOOM = 5.2

PAPER, EDGE, STREET, INK = "#f3f0e8", "#ddd7ca", "#ffffff", "#39424a"
FIRST_YEAR, LAST_YEAR = 2016, 2025
OLD, NEW = (176, 196, 205), (0, 122, 94)
SIGNS = {"regulatory": "#d6303c", "warning": "#f2a900", "information": "#2867b2"}
OTHER_SIGN = "#7a7f86"


def place(position):
    lon, lat = position
    return (lon - WEST) * SQUEEZE * SCALE, (NORTH - lat) * SCALE


def text_of(x, y):
    return f"{x:.1f} {y:.1f}"


def features(path):
    with Path(path).open(encoding="utf-8") as file:
        return json.load(file)["features"]


def dots(some):
    """Dots as strokes of no length: the shortest way to write many of them."""
    return "".join(f"M{text_of(*place(f['geometry']['coordinates']))}h0" for f in some)


def parts(sequence):
    """The lines of a sequence; one with a single image has none."""
    geometry = sequence["geometry"]
    return geometry["coordinates"] if geometry["type"] == "MultiLineString" else []


def lines(some):
    all_parts = (line for f in some for line in parts(f))
    return "".join("M" + "L".join(text_of(*place(p)) for p in line) for line in all_parts)


def year(image):
    """The year of an image; one without a date counts as the oldest."""
    return max(FIRST_YEAR, 1970 + int(image["properties"]["captured_at"] / 31_556_952_000))


def colour(of_year):
    share = (min(of_year, LAST_YEAR) - FIRST_YEAR) / (LAST_YEAR - FIRST_YEAR)
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in zip(OLD, NEW, strict=True))


def shape(category, x, y, size):
    """A sign as drivers know it: a disc, a triangle, or a board."""
    fill = SIGNS.get(category, OTHER_SIGN)
    look = f'fill="{fill}" stroke="#fff" stroke-width="{size / 4:.1f}" stroke-linejoin="round"'
    if category == "regulatory":
        return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{size:.1f}" {look}/>'
    if category == "warning":
        half, top, low = size * 1.15, y - size * 1.2, y + size * 0.85
        return f'<path d="M{text_of(x, top)}L{text_of(x + half, low)}L{text_of(x - half, low)}Z" {look}/>'
    corner = f'x="{x - size * 0.9:.1f}" y="{y - size * 0.9:.1f}"'
    return f'<rect {corner} width="{size * 1.8:.1f}" height="{size * 1.8:.1f}" rx="{size / 3:.1f}" {look}/>'


def shapes(signs, size):
    """Many small signs, in one path for each category."""
    for kind, fill in [*SIGNS.items(), ("", OTHER_SIGN)]:
        some = [f for f in signs if category(f) == kind or (not kind and category(f) not in SIGNS)]
        if kind == "regulatory":
            yield f'<path d="{dots(some)}" stroke="#fff" stroke-width="{size * 2.5:.1f}"/>'
            yield f'<path d="{dots(some)}" stroke="{fill}" stroke-width="{size * 2:.1f}"/>'
            continue
        is_triangle, width = kind == "warning", 2 * size
        outline = (
            f"l{size} {size * 1.8:.1f}h-{width}z" if is_triangle else f"h{width}v{width}h-{width}z"
        )
        left = 0 if is_triangle else size
        places = (place(f["geometry"]["coordinates"]) for f in some)
        path = "".join(f"M{text_of(x - left, y - size)}{outline}" for x, y in places)
        yield f'<path d="{path}" fill="{fill}" stroke="#fff" stroke-width=".8"/>'


def category(sign):
    return sign["properties"]["value"].split("--")[0]


def streets(sequences, scale=1.0):
    path = lines(sequences)
    joined = 'stroke-linejoin="round"'
    yield f'<path d="{path}" stroke="{EDGE}" stroke-width="{11 * scale:.1f}" {joined}/>'
    yield f'<path d="{path}" stroke="{STREET}" stroke-width="{9 * scale:.1f}" {joined}/>'


def photos(images, flat_size, ring_size):
    """Images as dots in the colour of their year; panoramas have a white middle."""
    for y in range(FIRST_YEAR, LAST_YEAR + 1):
        of_year = [f for f in images if year(f) == y]
        rings = [f for f in of_year if f["properties"]["is_pano"]]
        flat = [f for f in of_year if not f["properties"]["is_pano"]]
        yield f'<path d="{dots(flat)}" stroke="{colour(y)}" stroke-width="{flat_size}"/>'
        yield f'<path d="{dots(rings)}" stroke="{colour(y)}" stroke-width="{ring_size}"/>'
        yield f'<path d="{dots(rings)}" stroke="#fff" stroke-width="{ring_size * 0.42:.1f}"/>'


def is_near(position, reach):
    (x, y), (cx, cy) = place(position), place(SPOT)
    return math.hypot(x - cx, y - cy) < reach


def enlarged(position):
    """Where a position is in the lens."""
    (x, y), (cx, cy) = place(position), place(SPOT)
    return LENS[0] + (x - cx) * ZOOM, LENS[1] + (y - cy) * ZOOM


def view(image):
    """What a flat image looks at, as a wedge."""
    x, y = enlarged(image["geometry"]["coordinates"])
    angle, half, length = image["properties"]["compass_angle"], 28, 27
    ends = [math.radians(angle + turn - 90) for turn in (-half, half)]
    (ax, ay), (bx, by) = ((x + length * math.cos(e), y + length * math.sin(e)) for e in ends)
    curve = f"A{length} {length} 0 0 1 {text_of(bx, by)}"
    return f'<path d="M{text_of(x, y)}L{text_of(ax, ay)}{curve}Z" fill="{colour(year(image))}" fill-opacity=".2"/>'


def lens(images, sequences, signs):
    """A crossing, enlarged: single images with their directions, and its signs."""
    (cx, cy), (lx, ly) = place(SPOT), LENS
    reach = RADIUS / ZOOM
    yield f'<path d="{tangents(cx, cy, reach)}" stroke="{INK}" stroke-width="1" stroke-opacity=".45"/>'
    ring = f'stroke="{INK}" stroke-opacity=".75"'
    yield f'<circle cx="{cx:.1f}" cy="{cy:.1f}" r="{reach:.1f}" {ring} stroke-width="1.4"/>'
    yield f'<clipPath id="lens"><circle cx="{lx}" cy="{ly}" r="{RADIUS}"/></clipPath>'
    yield f'<circle cx="{lx}" cy="{ly}" r="{RADIUS}" fill="{PAPER}"/><g clip-path="url(#lens)">'
    move = f"translate({lx} {ly}) scale({ZOOM}) translate({-cx:.2f} {-cy:.2f})"
    close = [f for f in sequences if any(is_near(p, reach * 3) for line in parts(f) for p in line)]
    yield f'<g transform="{move}">{"".join(streets(close, 0.75))}</g>'
    shown = [f for f in images if is_near(f["geometry"]["coordinates"], reach + 6)]
    yield from (view(f) for f in shown if not f["properties"]["is_pano"])
    for f in shown:
        x, y = enlarged(f["geometry"]["coordinates"])
        look = f'stroke="{colour(year(f))}" stroke-width="3"'
        middle = (
            '"#fff" ' + look if f["properties"]["is_pano"] else f'"{colour(year(f))}" stroke="#fff"'
        )
        yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{5 if f["properties"]["is_pano"] else 4.2}" fill={middle}/>'
    close = [f for f in signs if is_near(f["geometry"]["coordinates"], reach)]
    yield from (shape(category(f), *enlarged(f["geometry"]["coordinates"]), 8) for f in close)
    yield f'</g><circle cx="{lx}" cy="{ly}" r="{RADIUS}" {ring} stroke-width="2.5"/>'


def tangents(cx, cy, reach):
    """The two lines that touch the circle in the town and the lens."""
    lx, ly = LENS
    distance, along = math.hypot(lx - cx, ly - cy), math.atan2(ly - cy, lx - cx)
    turn = math.acos((reach - RADIUS) / distance)
    path = ""
    for angle in (along + turn, along - turn):
        dx, dy = math.cos(angle), math.sin(angle)
        path += f"M{text_of(cx + reach * dx, cy + reach * dy)}L{text_of(lx + RADIUS * dx, ly + RADIUS * dy)}"
    return path


def words(x, y, text, anchor="start"):
    font = 'font-family="system-ui,-apple-system,Segoe UI,Roboto,Helvetica,Arial,sans-serif" font-size="13"'
    return f'<text x="{x}" y="{y}" fill="{INK}" text-anchor="{anchor}" {font}>{text}</text>'


def scale_bar(metres):
    x, y, length = 24, HEIGHT - 20, metres * METRES
    yield f'<path d="M{x} {y - 5}v5h{length:.1f}v-5" stroke="{INK}" stroke-width="1.4"/>'
    yield words(round(x + length + 8), y + 1, f"{metres} m")


def legend(images, sequences, signs):
    y = HEIGHT + LEGEND / 2
    panoramas = sum(f["properties"]["is_pano"] for f in images)
    yield f'<path d="M0 {HEIGHT}h{WIDTH}" stroke="{EDGE}"/>'
    for number in range(FIRST_YEAR, LAST_YEAR + 1):
        x = 24 + (number - FIRST_YEAR) * 7
        yield f'<path d="M{x} {y}h0" stroke="{colour(number)}" stroke-width="8"/>'
    yield words(100, y + 4.5, f"{len(images):,} images, {FIRST_YEAR} to {LAST_YEAR}")
    yield f'<circle cx="312" cy="{y}" r="4" fill="#fff" stroke="{colour(LAST_YEAR)}" stroke-width="2.6"/>'
    yield words(324, y + 4.5, f"{panoramas:,} of them panoramas")
    yield f'<path d="M500 {y}h22" stroke="{EDGE}" stroke-width="11"/><path d="M500 {y}h22" stroke="#fff" stroke-width="9"/>'
    yield words(536, y + 4.5, f"{len(sequences):,} sequences")
    for place_of, kind in enumerate(SIGNS):
        yield shape(kind, 662 + 16 * place_of, y, 6)
    yield words(708, y + 4.5, f"{len(signs):,} traffic signs")


def main(images, sequences, signs):
    images, sequences, signs = features(images), features(sequences), features(signs)
    size = f"{WIDTH} {HEIGHT + LEGEND}"
    print(
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size}" fill="none" stroke-linecap="round">'
    )
    print(
        f'<clipPath id="page"><rect width="{WIDTH}" height="{HEIGHT + LEGEND}" rx="10"/></clipPath>'
    )
    print(
        f'<g clip-path="url(#page)"><rect width="{WIDTH}" height="{HEIGHT + LEGEND}" fill="{PAPER}"/>'
    )
    print(*streets(sequences), *photos(images, 3.2, 4.8), sep="\n")
    print(*shapes(signs, 2.7), sep="\n")
    print(
        *lens(images, sequences, signs),
        *scale_bar(500),
        *legend(images, sequences, signs),
        sep="\n",
    )
    print("</g></svg>")


if __name__ == "__main__":
    main(*sys.argv[1:])
