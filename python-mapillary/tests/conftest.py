import json
import os
import urllib.request

import pytest

import mly
from mapillary import _service
from mapillary.models.api.vector_tiles import VectorTilesAdapter

# What this shell is set up with must not decide what a test sees.
for _name in (
    "MAPILLARY_TOKEN",
    "MAPILLARY_ACCESS_TOKEN",
    "MAPILLARY_GRAPH_URL",
    "MAPILLARY_TILES_URL",
    "MLY_CACHE_DIR",
):
    os.environ.pop(_name, None)

BOX = {"west": 8.995, "south": 51.990, "east": 9.003, "north": 51.9965}
CENTRE = (9.0, 51.995)


@pytest.fixture(scope="session")
def town():
    """The demo town, for tests that add no faults."""
    with mly.Emulator("demo") as service:
        yield service


@pytest.fixture
def service():
    """A demo town for one test."""
    with mly.Emulator("demo") as service:
        yield service


@pytest.fixture(autouse=True)
def _at(monkeypatch, request):
    """The package asks the town, with its token, unless a test has a service of its own."""
    name = "service" if "service" in request.fixturenames else "town"
    playing = request.getfixturevalue(name)
    monkeypatch.setenv("MAPILLARY_GRAPH_URL", playing.url)
    monkeypatch.setenv("MAPILLARY_TILES_URL", playing.url)
    monkeypatch.setattr(_service, "token", playing.token)


@pytest.fixture(scope="session")
def whole(town):
    """Features of whole tiles by layer, read without any query."""

    def read(layer, longitude=CENTRE[0], latitude=CENTRE[1]):
        adapter = VectorTilesAdapter()
        if layer in ("point", "traffic_signs"):
            return adapter.fetch_features(layer, 14, longitude, latitude)["features"]
        return adapter.fetch_layer(layer, longitude, latitude)["features"]

    return read


def in_tiles_of_box(whole, layer):
    """Features of the tiles of BOX, each once."""
    found = {}
    for longitude in (BOX["west"], BOX["east"]):
        for latitude in (BOX["south"], BOX["north"]):
            found.update({f["properties"]["id"]: f for f in whole(layer, longitude, latitude)})
    return list(found.values())


@pytest.fixture
def images(whole):
    return in_tiles_of_box(whole, "image")


@pytest.fixture
def signs(whole):
    return in_tiles_of_box(whole, "traffic_signs")


@pytest.fixture
def image_id(images):
    return min(f["properties"]["id"] for f in images if not f["properties"]["is_pano"])


@pytest.fixture
def sign_id(signs):
    return min(f["properties"]["id"] for f in signs)


def features(result):
    if isinstance(result, str):
        result = json.loads(result)
    elif not isinstance(result, dict):
        result = result.to_dict()
    assert result["type"] == "FeatureCollection"
    return result["features"]


def ids(result):
    listed = [feature["properties"]["id"] for feature in features(result)]
    assert len(listed) == len(set(listed))
    return set(listed)


def inside(feature, box=BOX):
    longitude, latitude = feature["geometry"]["coordinates"]
    return box["west"] <= longitude <= box["east"] and box["south"] <= latitude <= box["north"]


def expected(some, keep=lambda properties: True, box=BOX):
    return {f["properties"]["id"] for f in some if inside(f, box) and keep(f["properties"])}


def polygon(box, *holes):
    w, s, e, n = (box[side] for side in ("west", "south", "east", "north"))
    return {"type": "Polygon", "coordinates": [[[w, s], [e, s], [e, n], [w, n], [w, s]], *holes]}


def collection(*geometries):
    features = [
        {"type": "Feature", "properties": {}, "geometry": geometry} for geometry in geometries
    ]
    return {"type": "FeatureCollection", "features": features}


def fetched(town, path):
    request = urllib.request.Request(
        town.url + path, headers={"Authorization": f"OAuth {town.token}"}
    )
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)
