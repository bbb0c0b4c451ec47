#!/usr/bin/env python3
"""`mly osm`: the signs of a state against an extract of 5 million ways, beside reading the extract alone.

    cargo build --profile dist -p mly-cli
    python3 bench/osm.py target/bench-state   # makes the extract there, if it is not there yet, and measures

Needs numpy, osmium, pandas, pyarrow and scipy. The extract is invented: one way in five is a street, the others are
houses. Reading alone is `mly osm` without any sign; osmium reads the same file, and only looks at which ways are streets.
"""

import pathlib
import struct
import subprocess
import sys
import time
import zlib

import numpy
import osmium
from diff import BEGIN_MS, DAY_MS, DEGREE_M, write
from served import MLY, clean_environment, measure

WAYS = 5_000_000
WAYS_A_BLOCK = 8_000
NODES_A_WAY = 5
STREET_EACH = 5
SIGNS = 114_000
RUNS = 3
FIRST_NODE, FIRST_WAY = 1_000_000_000, 100_000_000
# Ways of a block lie in a square; blocks lie in rows.
SQUARE_M = 3_000.0
BLOCKS_A_ROW = 25
CORNER = numpy.array([7.0, 51.0])
VALUES = [
    ("regulatory--stop--g1", 1487),
    ("regulatory--yield--g1", 7586),
    ("regulatory--priority-road--g1", 8868),
    ("regulatory--maximum-speed-limit-30--g1", 4224),
    ("regulatory--maximum-speed-limit-50--g1", 2222),
    ("regulatory--no-entry--g1", 3063),
    ("regulatory--no-stopping--g1", 6491),
    ("information--pedestrians-crossing--g1", 4422),
    ("information--general-directions--g1", 18675),
    ("regulatory--keep-right--g1", 4013),
]


def varint(value):
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def signed(value):
    return varint(value << 1 if value >= 0 else (-value << 1) - 1)


def field(number, content):
    return varint(number << 3 | 2) + varint(len(content)) + content


def blob(kind, content):
    packed = zlib.compress(content, 1)
    body = varint(2 << 3) + varint(len(content)) + field(3, packed)
    head = field(1, kind) + varint(3 << 3) + varint(len(body))
    return struct.pack(">I", len(head)) + head + body


def texts(all_texts):
    return field(1, b"".join(field(1, text) for text in all_texts))


def shapes(random):
    """Metres of the nodes of all ways of a block: streets of 400 m, and houses."""
    middle = random.uniform(0, SQUARE_M, (WAYS_A_BLOCK, 1, 2))
    steps = numpy.linspace(-200.0, 200.0, NODES_A_WAY)[None, :, None]
    angle = random.uniform(0, numpy.pi, WAYS_A_BLOCK)
    course = numpy.stack([numpy.cos(angle), numpy.sin(angle)], axis=1)[:, None, :]
    streets = middle + steps * course
    house = numpy.array([[0, 0], [10, 0], [10, 8], [0, 8], [0, 4]], float)
    is_street = (numpy.arange(WAYS_A_BLOCK) % STREET_EACH == 0)[:, None, None]
    return numpy.where(is_street, streets, middle + house[None])


def corner_of(block):
    return CORNER + numpy.array([block % BLOCKS_A_ROW, block // BLOCKS_A_ROW]) * SQUARE_M / DEGREE_M


def make(path):
    """Writes the extract (OpenStreetMap wiki, "PBF Format")."""
    metres = shapes(numpy.random.default_rng(1)).reshape(-1, 2)
    units = numpy.round(metres / DEGREE_M * 1e7).astype(int)
    steps = numpy.diff(units, axis=0, prepend=0)
    lon, lat = (b"".join(map(signed, column.tolist())) for column in steps.T)
    count = len(metres)
    blocks = WAYS // WAYS_A_BLOCK
    versions = field(5, field(1, varint(3) * count))
    with pathlib.Path(path).open("wb") as file:
        file.write(blob(b"OSMHeader", field(4, b"OsmSchema-V0.6") + field(4, b"DenseNodes")))
        for block in range(blocks):
            first = FIRST_NODE + block * count
            ids = signed(first) + signed(1) * (count - 1)
            dense = field(1, ids) + versions + field(8, lat) + field(9, lon)
            west, south = (int(degrees * 1e9) for degrees in corner_of(block))
            offsets = varint(19 << 3) + varint(south) + varint(20 << 3) + varint(west)
            file.write(blob(b"OSMData", texts([b""]) + field(2, field(2, dense)) + offsets))
        street = field(2, b"\x01\x03") + field(3, b"\x02\x04") + field(4, b"\x08\x03")
        house = field(2, b"\x05") + field(3, b"\x06") + field(4, b"\x08\x03")
        words = [
            b"",
            b"highway",
            b"residential",
            b"maxspeed",
            b"50",
            b"building",
            b"yes",
        ]
        rest = signed(1) * (NODES_A_WAY - 1)
        for block in range(blocks):
            group = bytearray()
            for way in range(block * WAYS_A_BLOCK, (block + 1) * WAYS_A_BLOCK):
                about = street if way % STREET_EACH == 0 else house
                refs = signed(FIRST_NODE + way * NODES_A_WAY) + rest
                message = b"\x08" + varint(FIRST_WAY + way) + about + field(8, refs)
                group += field(3, message)
            file.write(blob(b"OSMData", texts(words) + field(2, bytes(group))))


def signs(random):
    """Signs beside streets."""
    metres = shapes(numpy.random.default_rng(1))
    way = random.integers(0, WAYS // STREET_EACH, SIGNS) * STREET_EACH
    nodes = metres[way % WAYS_A_BLOCK]
    step = nodes[:, 1] - nodes[:, 0]
    along = step / numpy.linalg.norm(step, axis=1, keepdims=True)
    beside = nodes[:, 2] + 5 * numpy.stack([along[:, 1], -along[:, 0]], axis=1)
    corners = numpy.array([corner_of(block) for block in range(WAYS // WAYS_A_BLOCK)])
    places = corners[way // WAYS_A_BLOCK] + beside / DEGREE_M
    weights = numpy.array([weight for _, weight in VALUES], float)
    values = numpy.array([value for value, _ in VALUES])
    columns = {
        "id": numpy.arange(1, SIGNS + 1) * 7_919,
        "value": random.choice(values, SIGNS, p=weights / weights.sum()),
        "first_seen_at": numpy.full(SIGNS, BEGIN_MS),
        "last_seen_at": numpy.full(SIGNS, BEGIN_MS) + 100 * DAY_MS,
        "aligned_direction": numpy.degrees(numpy.arctan2(-along[:, 0], -along[:, 1])) % 360,
    }
    return columns, places


def by_osmium(path):
    """Seconds that osmium takes to read everything and find the streets."""
    begin = time.perf_counter()
    ways = osmium.FileProcessor(str(path)).with_filter(osmium.filter.KeyFilter("highway"))
    count = sum(1 for _ in ways)
    return time.perf_counter() - begin, count


def main():
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(exist_ok=True)
    extract = folder / "state.osm.pbf"
    if not extract.exists():
        make(folder / "unfinished")
        (folder / "unfinished").rename(extract)
    columns, places = signs(numpy.random.default_rng(17))
    write(folder / "signs.parquet", columns, places)
    write(
        folder / "none.parquet",
        {name: values[:0] for name, values in columns.items()},
        places[:0],
    )
    best = {}
    out = ["-o", folder / "out.parquet", "--overwrite"]
    said = subprocess.run(
        [MLY, "osm", folder / "signs.parquet", extract, *out],
        check=True,
        stderr=subprocess.PIPE,
        text=True,
    )
    print(said.stderr.strip())
    for _ in range(RUNS):
        for name in ["none", "signs"]:
            command = [MLY, "osm", folder / f"{name}.parquet", extract, *out, "-q"]
            seconds, megabytes = measure(command, clean_environment())
            known = best.get(name, (seconds, megabytes))
            best[name] = (min(seconds, known[0]), max(megabytes, known[1]))
    other, streets = by_osmium(extract)
    size = extract.stat().st_size / 1e6
    print(
        f"{WAYS:,} ways, {size:.0f} MB: read in {best['none'][0]:.2f} s, {best['none'][1]:.0f} MB"
    )
    more = best["signs"][0] - best["none"][0]
    print(
        f"with {SIGNS:,} signs: {best['signs'][0]:.2f} s, {best['signs'][1]:.0f} MB, {more:.2f} s more"
    )
    print(f"osmium reads it in {other:.2f} s ({streets:,} streets)")


if __name__ == "__main__":
    main()
