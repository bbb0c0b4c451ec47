import json
import os
import urllib.request

import pytest

import mly

TOWN = (8.98, 51.98, 9.03, 52.01)

# What this shell is set up with must not decide what a test sees.
for _name in (
    "MAPILLARY_TOKEN",
    "MAPILLARY_ACCESS_TOKEN",
    "MAPILLARY_GRAPH_URL",
    "MAPILLARY_TILES_URL",
    "MLY_CACHE_DIR",
    "MLY_PLACES_URL",
):
    os.environ.pop(_name, None)


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


def client_of(service, **settings):
    return mly.Client(service.token, graph_url=service.url, tiles_url=service.url, **settings)


@pytest.fixture(scope="session")
def client(town):
    return client_of(town)


@pytest.fixture(scope="session")
def ask(town):
    """Asks the graph without mly."""

    def ask(path, **parameters):
        query = "&".join(f"{name}={value}" for name, value in parameters.items())
        request = urllib.request.Request(f"{town.url}/{path}?{query}")
        request.add_header("Authorization", f"OAuth {town.token}")
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)

    return ask


@pytest.fixture(scope="session")
def ids(client):
    """Ids of some images, all different."""
    return [
        row["id"]
        for row in client.run(
            mly.Query.images(near=(9.005, 51.998), radius=200, limit=60)
        ).to_dicts()
    ]


@pytest.fixture(scope="session")
def sign_ids(client):
    return [row["id"] for row in client.run(mly.Query.signs(bbox=TOWN, limit=10)).to_dicts()]


@pytest.fixture(scope="session")
def repeating(town, tmp_path_factory):
    """A town in which tiles publish what others publish too, at another place."""
    world = tmp_path_factory.mktemp("repeating")
    with mly.Emulator("demo") as service:
        client_of(service).run(mly.Query.images(bbox=TOWN)).to_dicts()
        tiles = {}
        for path in [request["path"] for request in service.requests]:
            with urllib.request.urlopen(
                f"{service.url}{path}?access_token={service.token}"
            ) as answer:
                tiles["-".join(path.split("/")[-3:])] = answer.read()
    fullest = max(tiles.values(), key=len)
    for place, (name, tile) in enumerate(sorted(tiles.items())):
        (world / f"mly1_public-{name}.mvt").write_bytes(fullest if place % 2 else tile)
    with mly.Emulator(world) as service:
        yield service
