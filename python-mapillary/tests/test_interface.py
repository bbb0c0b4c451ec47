"""Every function of the interface, against whole tiles filtered by hand and plain requests."""

import json
import math
import urllib.request

import pytest

from conftest import BOX, CENTRE, collection, expected, features, fetched, ids, inside, polygon
from mapillary import interface
from mapillary.models.config import Config
from mapillary.models.exceptions import (
    AuthError,
    InvalidBBoxError,
    InvalidFieldError,
    InvalidImageKeyError,
    InvalidKwargError,
    InvalidOptionError,
    InvalidTokenError,
    MapillaryException,
)
from mapillary.models.geojson import Coordinates, GeoJSON
from mapillary.utils.filter import is_looking_at

MS_2020 = 1577836800000


def metres(feature, place=CENTRE):
    longitude, latitude = feature["geometry"]["coordinates"]
    east = (longitude - place[0]) * 111195 * math.cos(math.radians(latitude))
    return math.hypot(east, (latitude - place[1]) * 111195)


# ---- the token


def test_a_token_is_taken(town):
    assert interface.set_access_token(town.token) == {"token": "SUCCESS"}


@pytest.mark.parametrize("empty", ["", "  ", None])
def test_an_empty_token_is_an_auth_error(empty):
    with pytest.raises(AuthError):
        interface.set_access_token(empty)


def test_a_refused_token_is_told_with_all_that_the_service_says():
    with pytest.raises(InvalidTokenError) as refused:
        interface.set_access_token("nonsense")
    error = refused.value
    assert (error.error_type, error.code) == ("OAuthException", 190)
    assert error.message and error.fbtrace_id
    assert "nonsense" not in f"{error} {error!r}"


def test_a_token_is_taken_where_the_service_cannot_be_asked(monkeypatch):
    monkeypatch.setenv("MAPILLARY_GRAPH_URL", "http://127.0.0.1:9")
    assert interface.set_access_token("MLY|1|later") == {"token": "SUCCESS"}


def test_without_a_token_every_function_is_an_auth_error(monkeypatch):
    monkeypatch.setattr("mapillary._service.token", "")
    for call in (
        lambda: interface.images_in_bbox(BOX),
        lambda: interface.image_from_key(1),
        lambda: interface.save_locally("{}"),
        lambda: interface.is_image_being_looked_at(at=[0, 0]),
    ):
        with pytest.raises(AuthError):
            call()


def test_settings_are_kept():
    try:
        assert interface.configure_mapillary_settings(use_strict=False).use_strict is False
        assert Config.use_strict is False
    finally:
        assert interface.configure_mapillary_settings().use_strict is True


# ---- in a box


def test_images_in_bbox(images):
    text = interface.images_in_bbox(BOX)
    assert isinstance(text, str)
    assert ids(text) == expected(images)
    by_id = {f["properties"]["id"]: f for f in images}
    for feature in features(text):
        same = by_id[feature["properties"]["id"]]
        assert feature["properties"] == same["properties"]
        assert feature["geometry"]["coordinates"] == pytest.approx(
            same["geometry"]["coordinates"], abs=1e-10
        )


@pytest.mark.parametrize(
    "filters, keep",
    [
        ({"image_type": "pano"}, lambda p: p["is_pano"]),
        ({"image_type": "flat"}, lambda p: not p["is_pano"]),
        ({"min_captured_at": "2020"}, lambda p: p["captured_at"] >= MS_2020),
        ({"max_captured_at": "2019"}, lambda p: p["captured_at"] < MS_2020),
        ({"compass_angle": (0, 180)}, lambda p: 0 <= p["compass_angle"] <= 180),
        (
            {
                "min_captured_at": "2018-01-01",
                "max_captured_at": "2022-12-31 23:59:59",
                "image_type": "flat",
            },
            lambda p: 1514764800000 <= p["captured_at"] <= 1672531199999 and not p["is_pano"],
        ),
    ],
)
def test_images_in_bbox_with_filters(images, filters, keep):
    found = ids(interface.images_in_bbox(BOX, **filters))
    assert found == expected(images, keep)
    assert 0 < len(found) < len(expected(images))


def test_filters_may_be_none(images):
    nothing = dict.fromkeys(
        ("image_type", "compass_angle", "sequence_id", "organization_id", "max_captured_at")
    )
    assert ids(interface.images_in_bbox(BOX, **nothing)) == expected(images)


def test_sequences_in_bbox(whole):
    found = features(interface.sequences_in_bbox(BOX))
    assert len(ids(interface.sequences_in_bbox(BOX))) == len(found)
    assert {f["geometry"]["type"] for f in found} <= {"LineString", "MultiLineString"}
    pano = ids(interface.sequences_in_bbox(BOX, image_type="pano"))
    assert pano == {f["properties"]["id"] for f in found if f["properties"]["is_pano"]}
    with pytest.raises(InvalidKwargError):
        interface.sequences_in_bbox(BOX, compass_angle=(0, 90))


def test_map_feature_points_in_bbox(whole):
    points = whole("point", 8.996, 51.993) + whole("point", 9.001, 51.993)
    assert ids(interface.map_feature_points_in_bbox(BOX)) >= expected(whole("point"))
    lights = ids(interface.map_feature_points_in_bbox(BOX, filter_values=["object--street-light"]))
    everything = features(interface.map_feature_points_in_bbox(BOX))
    assert lights == {
        f["properties"]["id"]
        for f in everything
        if f["properties"]["value"] == "object--street-light"
    }
    assert lights and points


def test_traffic_signs_in_bbox(signs):
    assert ids(interface.traffic_signs_in_bbox(BOX)) == expected(signs)
    some = ids(interface.traffic_signs_in_bbox(BOX, filter_values=["regulatory--*"]))
    assert some == expected(signs, lambda p: p["value"].startswith("regulatory--"))


def test_existed_at_and_existed_before_part_the_signs(signs):
    moment = sorted(f["properties"]["first_seen_at"] for f in signs if inside(f))[3]
    from datetime import datetime, timedelta, timezone

    text = (datetime(1970, 1, 1, tzinfo=timezone.utc) + timedelta(milliseconds=moment)).isoformat(
        timespec="milliseconds"
    )
    after = ids(interface.traffic_signs_in_bbox(BOX, existed_at=text))
    before = ids(interface.traffic_signs_in_bbox(BOX, existed_before=text))
    assert after == expected(signs, lambda p: p["first_seen_at"] > moment)
    assert before == expected(signs, lambda p: p["first_seen_at"] <= moment)


def test_an_empty_place_gives_empty_collections():
    nowhere = {"west": 20.0, "south": 20.0, "east": 20.01, "north": 20.01}
    for ask in (
        interface.images_in_bbox,
        interface.sequences_in_bbox,
        interface.map_feature_points_in_bbox,
        interface.traffic_signs_in_bbox,
    ):
        assert json.loads(ask(nowhere)) == {"type": "FeatureCollection", "features": []}


@pytest.mark.parametrize(
    "box",
    [
        {},
        None,
        [1, 2, 3, 4],
        {"west": 1, "south": 2, "east": 3},
        {**BOX, "north": "51"},
        {**BOX, "north": 91},
        {**BOX, "south": 52},
        {**BOX, "west": float("nan")},
        {**BOX, "west": True},
    ],
)
def test_a_box_that_is_none_is_an_invalid_bbox(box):
    with pytest.raises(InvalidBBoxError):
        interface.images_in_bbox(box)


# ---- near a place


def test_get_image_close_to(whole):
    near = ids(interface.get_image_close_to(longitude=CENTRE[0], latitude=CENTRE[1], radius=150))
    for feature in whole("image"):
        if abs(metres(feature) - 150) > 1:
            assert (feature["properties"]["id"] in near) == (metres(feature) < 150)
    assert len(near) > 10


def test_without_a_radius_the_tile_of_the_place_is_given(whole):
    found = interface.get_image_close_to(longitude=CENTRE[0], latitude=CENTRE[1])
    assert isinstance(found, GeoJSON)
    assert ids(found) == {f["properties"]["id"] for f in whole("image")}


def test_get_image_close_to_with_filters(whole):
    place = {"longitude": CENTRE[0], "latitude": CENTRE[1]}
    recent = ids(
        interface.get_image_close_to(**place, min_captured_at="2020", image_type="flat", zoom=14)
    )
    wanted = {
        f["properties"]["id"]
        for f in whole("image")
        if f["properties"]["captured_at"] >= MS_2020 and not f["properties"]["is_pano"]
    }
    assert recent == wanted and wanted


@pytest.mark.parametrize(
    "at",
    [
        {"lng": CENTRE[0], "lat": CENTRE[1]},
        list(CENTRE),
        Coordinates(lng=CENTRE[0], lat=CENTRE[1]),
    ],
)
def test_get_image_looking_at(whole, at):
    place = {"geometry": {"type": "Point", "coordinates": list(CENTRE)}}
    found = ids(interface.get_image_looking_at(at=at, radius=150))
    near = [f for f in whole("image") if metres(f) < 149]
    assert found >= {f["properties"]["id"] for f in near if is_looking_at(f, place)}
    assert not found & {f["properties"]["id"] for f in near if not is_looking_at(f, place)}
    assert interface.is_image_being_looked_at(at=at, radius=150) is True


def test_nobody_looks_at_an_empty_place():
    assert interface.is_image_being_looked_at(at=[20.0, 20.0], radius=100) is False


@pytest.mark.parametrize(
    "wrong", [{"longitude": 181, "latitude": 0}, {"longitude": 0, "latitude": 91}]
)
def test_a_place_that_is_none_is_an_invalid_option(wrong):
    with pytest.raises(InvalidOptionError):
        interface.get_image_close_to(**wrong)


@pytest.mark.parametrize("zoom", [13, 15, 18])
def test_images_are_at_zoom_14_only(zoom):
    with pytest.raises(InvalidOptionError):
        interface.get_image_close_to(longitude=9.0, latitude=52.0, zoom=zoom)


# ---- in a shape


@pytest.mark.parametrize("ask", [interface.images_in_shape, interface.images_in_geojson])
def test_images_in_a_shape(images, ask):
    found = ask(collection(polygon(BOX)))
    assert isinstance(found, GeoJSON)
    assert ids(found) == expected(images)
    assert ids(ask(polygon(BOX), image_type="pano")) == expected(images, lambda p: p["is_pano"])


@pytest.mark.parametrize(
    "ask", [interface.map_features_in_shape, interface.map_features_in_geojson]
)
def test_map_features_in_a_shape(signs, ask):
    assert ids(ask(collection(polygon(BOX)))) == ids(interface.map_feature_points_in_bbox(BOX))
    assert ids(ask(polygon(BOX), feature_type="traffic_signs")) == expected(signs)
    assert ids(ask(polygon(BOX), layer="traffic_signs")) == expected(signs)
    assert ids(ask(polygon(BOX), feature_type="traffic_signs", min_captured_at="2020")) == expected(
        signs, lambda p: p["first_seen_at"] >= MS_2020
    )


def test_shapes_are_files_text_objects_and_addresses_too(images, tmp_path):
    import http.server
    import threading

    document = json.dumps(collection(polygon(BOX)))
    file = tmp_path / "shape.geojson"
    file.write_text(document)

    class Handler(http.server.SimpleHTTPRequestHandler):
        def __init__(self, *args):
            super().__init__(*args, directory=tmp_path)

        def log_message(self, *_):
            pass

    class Shape:
        __geo_interface__ = polygon(BOX)

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}/shape.geojson"
        for shape in (document, str(file), file, Shape(), GeoJSON(json.loads(document)), address):
            assert ids(interface.images_in_shape(shape)) == expected(images)
        with pytest.raises(MapillaryException, match="404"):
            interface.images_in_shape(address + "x")
        server.shutdown()


@pytest.mark.parametrize("wrong", [{"type": "Polygon"}, "{", {"features": []}])
def test_a_shape_that_is_none_is_an_error(wrong):
    with pytest.raises((MapillaryException, ValueError)):
        interface.images_in_shape(wrong)


# ---- by id


def test_image_from_key(town, image_id):
    (feature,) = features(interface.image_from_key(image_id))
    fields = "altitude,captured_at,computed_geometry,computed_rotation,creator,geometry,make,merge_cc,sequence"
    entity = fetched(town, f"/{image_id}?fields={fields}")
    assert feature["geometry"] == entity.pop("geometry")
    assert entity.items() <= feature["properties"].items()


def test_image_from_key_with_fields(image_id):
    (feature,) = features(interface.image_from_key(str(image_id), ["altitude", "ID"]))
    assert set(feature["properties"]) == {"altitude", "id"}
    assert feature["geometry"]["type"] == "Point"
    (same,) = features(interface.image_from_key(image_id, ["all"]))
    assert set(same["properties"]) == set(
        features(interface.image_from_key(image_id))[0]["properties"]
    )


def test_feature_from_key(town, sign_id):
    (feature,) = features(interface.feature_from_key(sign_id))
    entity = fetched(
        town,
        f"/{sign_id}?fields=first_seen_at,last_seen_at,object_value,object_type,geometry,images",
    )
    assert feature["geometry"] == entity.pop("geometry")
    assert entity.items() <= feature["properties"].items()
    (named,) = features(interface.feature_from_key(str(sign_id), ["first_seen_at"]))
    assert set(named["properties"]) == {"first_seen_at", "id"}


@pytest.mark.parametrize("resolution", [256, 1024, 2048, "original"])
def test_image_thumbnail(image_id, resolution):
    with urllib.request.urlopen(interface.image_thumbnail(image_id, resolution)) as answer:
        assert answer.read(3) == b"\xff\xd8\xff"


def test_detections(town, sign_id):
    rows = fetched(town, f"/{sign_id}/detections?fields=created_at,geometry,image,value")["data"]
    found = interface.get_detections_with_map_feature_id(sign_id)
    assert isinstance(found, GeoJSON)
    for feature, row in zip(features(found), rows, strict=True):
        assert feature["geometry"] == row["image"]["geometry"]
        assert feature["properties"] == {
            "id": row["id"],
            "image_id": row["image"]["id"],
            "created_at": row["created_at"],
            "pixel_geometry": row["geometry"],
            "value": row["value"],
        }
    assert len(found.features) == len(rows) > 0
    assert rows[0]["id"] in ids(interface.get_detections_with_image_id(rows[0]["image"]["id"]))
    named = features(
        interface.get_detections_with_image_id(rows[0]["image"]["id"], fields=["value"])
    )
    assert all(set(f["properties"]) == {"value", "id", "pixel_geometry"} for f in named)


@pytest.mark.parametrize("unknown", ["1933525276802129", 1, "x", "", "1/detections", "-1", None])
def test_unknown_ids_are_told(unknown):
    for ask in (
        interface.image_from_key,
        interface.image_thumbnail,
        interface.get_detections_with_image_id,
    ):
        with pytest.raises(InvalidImageKeyError):
            ask(unknown)
    for ask in (interface.feature_from_key, interface.get_detections_with_map_feature_id):
        with pytest.raises(InvalidOptionError):
            ask(unknown)


def test_ids_of_the_other_kind_are_told(image_id, sign_id):
    for ask in (
        interface.image_from_key,
        interface.image_thumbnail,
        interface.get_detections_with_image_id,
    ):
        with pytest.raises(InvalidImageKeyError):
            ask(sign_id)
        with pytest.raises(InvalidOptionError):
            ask(sign_id)
    for ask in (interface.feature_from_key, interface.get_detections_with_map_feature_id):
        with pytest.raises(InvalidOptionError):
            ask(image_id)
    # Fields that both kinds have tell nothing.
    with pytest.raises(InvalidImageKeyError):
        interface.image_from_key(sign_id, ["geometry"])
    with pytest.raises(InvalidOptionError):
        interface.feature_from_key(image_id, ["geometry"])


def test_unknown_fields_are_told_before_anything_is_sent(service):
    before = len(service.requests)
    for ask in (
        lambda: interface.image_from_key(1, ["caption"]),
        lambda: interface.feature_from_key(1, ["captured_at"]),
        lambda: interface.get_detections_with_image_id(1, ["captured_at"]),
        lambda: interface.get_image_close_to(fields=["caption"]),
    ):
        with pytest.raises(InvalidFieldError):
            ask()
    assert len(service.requests) == before


@pytest.mark.parametrize("resolution", [512, "1024px", None])
def test_other_sizes_are_invalid_options(resolution):
    with pytest.raises(InvalidOptionError) as refused:
        interface.image_thumbnail(1, resolution)
    assert "256, 1024, 2048" in str(refused.value)


def test_unknown_keywords_are_told():
    for ask in (
        lambda: interface.images_in_bbox(BOX, foo=1),
        lambda: interface.traffic_signs_in_bbox(BOX, min_captured_at="2020"),
        lambda: interface.get_image_close_to(sequence_id="x"),
        lambda: interface.images_in_shape(polygon(BOX), radius=5),
        lambda: interface.map_features_in_shape(polygon(BOX), compass_angle=(0, 90)),
    ):
        with pytest.raises(InvalidKwargError) as refused:
            ask()
        assert refused.value.key and refused.value.options
