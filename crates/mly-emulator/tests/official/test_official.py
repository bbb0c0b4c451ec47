"""The official Python package against the emulator.

The package `mapillary` 1.0.16 from PyPI, unchanged, with its two hosts redirected. It was written
for the real service, so whatever it understands here the emulator says as the service does.
Expected results come from the tiles, decoded with another library, and from plain requests.

    MLY_EMULATOR_URL=http://127.0.0.1:PORT MLY_EMULATOR_TOKEN=... pytest test_official.py

The emulator must serve the world `demo`. Where a function cannot be called as documented because of
an error of its own, the comment says which.
"""

import csv
import json
import math
import os

import mapbox_vector_tile
import mercantile
import pytest
import requests

URL = os.environ["MLY_EMULATOR_URL"].rstrip("/")
TOKEN = os.environ["MLY_EMULATOR_TOKEN"]
HOSTS = ("https://graph.mapillary.com", "https://tiles.mapillary.com")
BOX = {"west": 8.995, "south": 51.990, "east": 9.003, "north": 51.9965}
CENTRE = (9.0, 51.995)
# The only image coordinates the package can place: the middle of a cell is 0.3 m away at most.
CELL_M = 0.6

_send = requests.Session.send


def _redirected(session, request, **options):
    for host in HOSTS:
        if request.url.startswith(host):
            request.url = URL + request.url[len(host) :]
    return _send(session, request, **options)


requests.Session.send = _redirected

from mapillary import interface  # noqa: E402  (the redirection comes first: the package may call home)
from mapillary.config.api.entities import Entities  # noqa: E402
from mapillary.models.api.vector_tiles import VectorTilesAdapter  # noqa: E402
from mapillary.models.exceptions import (  # noqa: E402
    InvalidFieldError,
    InvalidOptionError,
    InvalidTokenError,
)


@pytest.fixture(scope="module", autouse=True)
def _token():
    assert interface.set_access_token(TOKEN) == {"token": "SUCCESS"}


# ---- what is expected, without the package


def graph(path):
    answer = requests.get(URL + path, headers={"Authorization": f"OAuth {TOKEN}"}, timeout=30)
    answer.raise_for_status()
    return answer.json()


def layer(tile_set, name, z, x, y):
    """Properties and degrees of the points of a layer."""
    address = f"{URL}/maps/vtp/{tile_set}/2/{z}/{x}/{y}"
    body = requests.get(address, params={"access_token": TOKEN}, timeout=30).content
    decoded = (
        mapbox_vector_tile.decode(body, default_options={"y_coord_down": True}) if body else {}
    )
    west, south, east, north = mercantile.xy_bounds(x, y, z)
    rows = []
    for feature in decoded.get(name, {}).get("features", []):
        place = None
        if feature["geometry"]["type"] == "Point":
            u, v = (part / 4096 for part in feature["geometry"]["coordinates"])
            place = mercantile.lnglat(west + u * (east - west), north - v * (north - south))
        rows.append((feature["properties"], place))
    return rows


def tiles(box, z=14):
    return [
        (t.z, t.x, t.y)
        for t in mercantile.tiles(box["west"], box["south"], box["east"], box["north"], z)
    ]


def inside(place):
    return BOX["west"] < place.lng < BOX["east"] and BOX["south"] < place.lat < BOX["north"]


def expected(tile_set, name, keep=lambda properties: True):
    rows = [row for tile in tiles(BOX) for row in layer(tile_set, name, *tile)]
    return {properties["id"] for properties, place in rows if inside(place) and keep(properties)}


def images(keep=lambda properties: True):
    return expected("mly1_public", "image", keep)


def ids(collection):
    if isinstance(collection, str):
        collection = json.loads(collection)
    elif not isinstance(collection, dict):
        collection = collection.to_dict()
    return {feature["properties"]["id"] for feature in collection["features"]}


def metres(place, other):
    east = (place[0] - other[0]) * 111195 * math.cos(math.radians(place[1]))
    return math.hypot(east, (place[1] - other[1]) * 111195)


@pytest.fixture(scope="module")
def image():
    """Some flat image of the box with all its properties."""
    rows = [row for tile in tiles(BOX) for row in layer("mly1_public", "image", *tile)]
    return next(
        properties for properties, place in rows if inside(place) and not properties["is_pano"]
    )


@pytest.fixture(scope="module")
def sign():
    return min(expected("mly_map_feature_traffic_sign", "traffic_sign"))


# ---- tokens


def test_a_malformed_token_is_refused():
    with pytest.raises(InvalidTokenError) as refused:
        interface.set_access_token("nonsense")
    assert (refused.value.error_type, refused.value.code) == ("OAuthException", 190)


# ---- by box


# The package drops panoramas unless they are asked for.
@pytest.mark.parametrize("image_type, is_pano", [("flat", False), ("pano", True)])
def test_images_in_bbox(image_type, is_pano):
    found = ids(interface.images_in_bbox(BOX, image_type=image_type))
    assert found == images(lambda properties: properties["is_pano"] == is_pano)
    assert len(found) > 20


def test_images_in_bbox_by_date():
    found = ids(
        interface.images_in_bbox(BOX, min_captured_at="2018-01-01", max_captured_at="2023-01-01")
    )
    # The package reads dates in local time; no image of the box was taken within a day of either.
    wanted = images(
        lambda p: 1514764800000 <= p["captured_at"] <= 1672531200000 and not p["is_pano"]
    )
    assert found == wanted
    assert 0 < len(found) < len(images(lambda p: not p["is_pano"]))


def test_images_in_bbox_by_organization():
    organizations = {}
    images(lambda p: organizations.update({p.get("organization_id"): p["id"]}))
    organization = next(key for key in organizations if key is not None)
    found = ids(interface.images_in_bbox(BOX, organization_id=organization))
    assert found == images(lambda p: p.get("organization_id") == organization and not p["is_pano"])


def test_images_in_bbox_by_sequence(image):
    found = ids(interface.images_in_bbox(BOX, sequence_id=[image["sequence_id"]]))
    assert found == images(lambda p: p["sequence_id"] == image["sequence_id"])


def test_images_in_bbox_by_compass_angle():
    found = ids(interface.images_in_bbox(BOX, compass_angle=(0, 180)))
    assert found == images(lambda p: 0 <= p["compass_angle"] <= 180 and not p["is_pano"])
    assert found


def test_sequences_in_bbox():
    found = ids(interface.sequences_in_bbox(BOX))
    # The package takes all sequences of the tiles, panoramic ones excepted.
    rows = [row for tile in tiles(BOX) for row in layer("mly1_public", "sequence", *tile)]
    assert found == {properties["id"] for properties, _ in rows if not properties["is_pano"]}
    assert len(found) > 20


def test_map_feature_points_in_bbox():
    assert ids(interface.map_feature_points_in_bbox(BOX)) == expected(
        "mly_map_feature_point", "point"
    )
    found = ids(interface.map_feature_points_in_bbox(BOX, filter_values=["object--street-light"]))
    wanted = expected(
        "mly_map_feature_point", "point", lambda p: p["value"] == "object--street-light"
    )
    assert found == wanted and wanted


def test_traffic_signs_in_bbox():
    everything = expected("mly_map_feature_traffic_sign", "traffic_sign")
    assert ids(interface.traffic_signs_in_bbox(BOX)) == everything
    recent = ids(interface.traffic_signs_in_bbox(BOX, existed_at="2020-01-01"))
    old = ids(interface.traffic_signs_in_bbox(BOX, existed_before="2020-01-01"))
    assert recent and old
    assert (recent | old, recent & old) == (everything, set())


def test_an_empty_place_has_no_signs():
    # The `water` layer of an empty tile must not be taken for signs. The package survives it since
    # it names its layer.
    nowhere = {"west": 20.0, "south": 20.0, "east": 20.01, "north": 20.01}
    assert ids(interface.traffic_signs_in_bbox(nowhere)) == set()
    assert ids(interface.images_in_bbox(nowhere)) == set()


# ---- near a place


def test_get_image_close_to():
    tile = mercantile.tile(*CENTRE, 14)
    everything = layer("mly1_public", "image", 14, tile.x, tile.y)
    whole_tile = ids(interface.get_image_close_to(longitude=CENTRE[0], latitude=CENTRE[1]))
    assert whole_tile == {properties["id"] for properties, _ in everything}
    near = ids(interface.get_image_close_to(longitude=CENTRE[0], latitude=CENTRE[1], radius=150))
    for properties, place in everything:
        away = metres(place, CENTRE)
        if abs(away - 150) > 2:
            assert (properties["id"] in near) == (away < 150)
    assert 10 < len(near) < len(whole_tile)


def test_get_image_looking_at():
    at = {"lng": CENTRE[0], "lat": CENTRE[1]}
    found = interface.get_image_looking_at(at=at, radius=150)
    near = ids(interface.get_image_close_to(longitude=CENTRE[0], latitude=CENTRE[1], radius=150))
    assert set() < ids(found) < near
    assert interface.is_image_being_looked_at(at=at, radius=150) is True


# ---- by shape. The forms that take GeoJSON fail in the package with IndexError.


@pytest.fixture(scope="module")
def shape():
    w, s, e, n = (BOX[side] for side in ("west", "south", "east", "north"))
    ring = [[w, s], [e, s], [e, n], [w, n], [w, s]]
    polygon = {"type": "Polygon", "coordinates": [ring]}
    return {
        "type": "FeatureCollection",
        "features": [{"type": "Feature", "properties": {}, "geometry": polygon}],
    }


def test_images_in_shape(shape):
    assert ids(interface.images_in_shape(shape)) == images()


def test_map_features_in_shape(shape):
    assert ids(interface.map_features_in_shape(shape)) == expected("mly_map_feature_point", "point")


# ---- by id


def test_image_from_key(image):
    # The package returns the parts of one feature in the place of a list, and an empty geometry.
    feature = json.loads(interface.image_from_key(str(image["id"])))["features"]
    properties = feature["properties"]
    entity = graph(f"/{image['id']}?fields={','.join(Entities.get_image_fields())}")
    for key in (
        "altitude",
        "captured_at",
        "compass_angle",
        "computed_rotation",
        "make",
        "merge_cc",
        "sequence",
    ):
        assert properties.get(key) == entity.get(key), key
    assert properties["captured_at"] == image["captured_at"]
    assert properties["sequence"] == image["sequence_id"]
    assert math.isclose(properties["compass_angle"], image["compass_angle"], rel_tol=1e-12)
    assert properties["creator"]["id"] == str(image["creator_id"])


def test_image_from_key_with_fields(image):
    feature = json.loads(interface.image_from_key(str(image["id"]), ["captured_at"]))["features"]
    assert feature["properties"] == {"captured_at": image["captured_at"], "id": str(image["id"])}


def test_unknown_ids_and_fields_are_refused(image):
    with pytest.raises(InvalidOptionError):
        interface.image_from_key("1933525276802129")
    with pytest.raises(InvalidFieldError):
        interface.image_from_key(str(image["id"]), ["caption"])


@pytest.mark.parametrize("resolution", [256, 1024, 2048])
def test_image_thumbnail(image, resolution):
    answer = requests.get(interface.image_thumbnail(str(image["id"]), resolution), timeout=30)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "image/jpeg"
    assert answer.content[:3] == b"\xff\xd8\xff"


def test_thumbnails_have_three_sizes(image):
    # Do not print this error: its own text fails with TypeError.
    with pytest.raises(InvalidOptionError):
        interface.image_thumbnail(str(image["id"]), 512)


def test_feature_from_key(sign):
    feature = json.loads(interface.feature_from_key(str(sign)))["features"]
    entity = graph(
        f"/{sign}?fields=first_seen_at,last_seen_at,object_value,object_type,geometry,images"
    )
    del entity["geometry"]
    assert feature["properties"] == entity
    assert entity["object_type"] == "trafficsign"


def test_get_detections(sign):
    fields = ["created_at", "geometry", "image", "value"]
    rows = graph(f"/{sign}/detections?fields={','.join(fields)}")["data"]
    # Without fields the package fails on its own default, None.
    found = interface.get_detections_with_map_feature_id(str(sign), fields=fields).to_dict()
    of_feature = {feature["properties"]["id"]: feature for feature in found["features"]}
    assert set(of_feature) == {row["id"] for row in rows}
    for row in rows:
        feature = of_feature[row["id"]]
        assert feature["geometry"]["coordinates"] == row["image"]["geometry"]["coordinates"]
        assert feature["properties"]["pixel_geometry"] == row["geometry"]
        assert feature["properties"]["created_at"] == row["created_at"]
    image = rows[0]["image"]["id"]
    of_image = ids(interface.get_detections_with_image_id(int(image)))
    assert rows[0]["id"] in of_image
    with pytest.raises(InvalidOptionError):
        interface.get_detections_with_map_feature_id(image, fields=fields)


def test_the_addresses_of_the_package(image):
    answer = requests.get(
        Entities.get_sequence(image["sequence_id"]), params={"access_token": TOKEN}, timeout=30
    )
    members = [row["id"] for row in answer.json()["data"]]
    assert str(image["id"]) in members
    search = Entities.search_for_images(
        bbox=[8.999, 51.994, 9.001, 51.996], limit=100, fields=["captured_at"]
    )
    rows = requests.get(search, params={"access_token": TOKEN}, timeout=30).json()["data"]
    assert rows and all(row["captured_at"] for row in rows)


# ---- tiles


@pytest.mark.parametrize(
    "zoom, name", [(3, "overview"), (8, "sequence"), (14, "sequence"), (14, "image")]
)
def test_fetch_layer(zoom, name):
    adapter = VectorTilesAdapter()
    place = {"zoom": zoom, "longitude": CENTRE[0], "latitude": CENTRE[1]}
    tile = mercantile.tile(*CENTRE, zoom)
    for fetch, tile_set in (
        (adapter.fetch_layer, "mly1_public"),
        (adapter.fetch_computed_layer, "mly1_computed_public"),
    ):
        wanted = {properties["id"] for properties, _ in layer(tile_set, name, zoom, tile.x, tile.y)}
        assert ids(fetch(layer=name, **place)) == wanted
        assert wanted


# ---- files


def test_save_locally(tmp_path):
    text = interface.images_in_bbox(BOX)
    for extension in ("geojson", "csv"):
        interface.save_locally(
            text, file_path=str(tmp_path), file_name="images", extension=extension
        )
    assert ids((tmp_path / "images.geojson").read_text()) == ids(text)
    with (tmp_path / "images.csv").open(newline="") as file:
        assert {int(row["ID"]) for row in csv.DictReader(file)} == ids(text)
