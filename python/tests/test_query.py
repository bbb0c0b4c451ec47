import datetime
import inspect
import json
import pickle
import re
import subprocess

import pytest

import mly
from conftest import TOWN

SQUARE = {
    "type": "Polygon",
    "coordinates": [[[8.99, 51.99], [9.01, 51.99], [9.01, 52.0], [8.99, 52.0], [8.99, 51.99]]],
}


class Shape:
    __geo_interface__ = {
        "type": "Polygon",
        "coordinates": tuple(tuple(map(tuple, ring)) for ring in SQUARE["coordinates"]),
    }


def test_an_area_may_be_given_in_many_forms(tmp_path):
    file = tmp_path / "square.geojson"
    file.write_text(json.dumps(SQUARE))
    forms = [
        SQUARE,
        json.dumps(SQUARE),
        file,
        str(file),
        Shape(),
        {"type": "Feature", "properties": {}, "geometry": SQUARE},
    ]
    queries = [mly.Query.images(within=form) for form in forms]
    assert all(query == queries[0] for query in queries)
    assert mly.Query.images(tile="14/8601/5411") == mly.Query.images(tile=(14, 8601, 5411))
    assert mly.Query.images(near=(9, 52)) == mly.Query.images(near=[9.0, 52.0], radius=50)


def test_shapes_of_shapely_are_areas():
    shapely = pytest.importorskip("shapely.geometry")
    query = mly.Query.images(within=shapely.shape(SQUARE))
    assert query == mly.Query.images(within=SQUARE)


def test_frames_of_geopandas_are_reprojected():
    geopandas = pytest.importorskip("geopandas")
    shapely = pytest.importorskip("shapely.geometry")
    frame = geopandas.GeoDataFrame(
        {"when": [datetime.datetime(2021, 3, 4)]}, geometry=[shapely.shape(SQUARE)], crs=4326
    )
    plain = mly.Query.images(within=SQUARE)
    assert mly.Query.images(within=frame) == mly.Query.images(within=frame.geometry)
    assert str(mly.Query.images(within=frame).plan()) == str(plain.plan())
    metres = frame.to_crs(25832)
    assert mly.Query.images(within=metres).plan().cost.tiles == plain.plan().cost.tiles


def test_areas_without_an_inside_and_in_other_systems_are_refused():
    point = {"type": "Point", "coordinates": [9, 52]}
    line = {"type": "LineString", "coordinates": [[9, 52], [9.1, 52]]}
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::25832"}}
    for shape, says in [
        (point, "only points"),
        ({"type": "GeometryCollection", "geometries": [point] * 5}, "only points"),
        (line, "only lines"),
        ({**SQUARE, "crs": crs}, "EPSG::25832"),
    ]:
        with pytest.raises(mly.InvalidQueryError, match=says):
            mly.Query.images(within=shape)


def test_shapes_are_widened_named_and_asked_for_their_nearest_rows():
    geopandas, shapely = pytest.importorskip("geopandas"), pytest.importorskip("shapely")
    line = shapely.LineString([(9.0, 51.99), (9.01, 52.0)])
    wanted = mly.Query.images(within=line, buffer=20)
    frame = geopandas.GeoDataFrame({"name": ["a"]}, geometry=[line], crs=4326)
    for same in [line.wkt, shapely.geometry.mapping(line), frame.geometry]:
        assert mly.Query.images(within=same, buffer=20) == wanted
    assert mly.Query.images(within=frame, buffer=20) == wanted
    metres = mly.Query.images(within=frame.to_crs(3857), buffer=20, area_column="name")
    assert metres.plan().cost.tiles == wanted.plan().cost.tiles
    with pytest.raises(mly.InvalidQueryError, match="nmae"):
        mly.Query.images(within=frame, buffer=20, area_column="nmae")
    places = shapely.MultiPoint([(9.0, 51.995), (9.01, 51.998)])
    assert "nearest 2" in str(mly.Query.images(within=places, buffer=50, nearest=2).plan())
    with pytest.raises(TypeError, match="buffer goes with within"):
        mly.Query.images(bbox=TOWN, buffer=20)
    with pytest.raises(mly.InvalidQueryError, match="buffer -1"):
        mly.Query.images(within=line, buffer=-1)


def test_a_date_may_be_text_a_date_or_a_datetime():
    def since(date):
        return mly.Query.images(bbox=TOWN, since=date)

    utc = datetime.timezone.utc
    east = datetime.timezone(datetime.timedelta(hours=2))
    assert since(datetime.date(2021, 3, 4)) == since("2021-03-04")
    assert since(datetime.datetime(2021, 3, 4, tzinfo=utc)) == since("2021-03-04")
    assert since(datetime.datetime(2021, 3, 4)) == since("2021-03-04"), "without a zone it is UTC"
    assert since(datetime.datetime(2021, 3, 4, 2, tzinfo=east)) == since("2021-03-04")
    zoneinfo = pytest.importorskip("zoneinfo")
    try:
        berlin = zoneinfo.ZoneInfo("Europe/Berlin")
    except zoneinfo.ZoneInfoNotFoundError:
        pytest.skip("this machine knows no zones")
    assert since(datetime.datetime(2021, 7, 4, 2, tzinfo=berlin)) == since("2021-07-04")


def test_a_datetime_is_one_moment_and_a_date_its_whole_day():
    def until(date):
        return repr(mly.Query.images(bbox=TOWN, until=date))

    assert "..2021-03-04T23:59:59.999Z" in until(datetime.date(2021, 3, 4))
    assert "..2021-03-04T00:00:00.000Z" in until(datetime.datetime(2021, 3, 4))


def test_queries_are_values():
    query = mly.Query.signs(bbox=TOWN, value=["regulatory--*"], last_seen_since="2020", limit=5)
    assert query == mly.Query.signs(
        bbox=list(TOWN), value="regulatory--*", last_seen_since="2020", limit=5
    )
    assert query != mly.Query.signs(bbox=TOWN, limit=5)
    assert pickle.loads(pickle.dumps(query)) == query
    assert mly.Query.from_json(query.to_json()) == query
    assert query.layer == "signs"


#: Keywords of the area.
AREA = ["bbox", "within", "buffer", "area_column", "nearest", "near", "radius", "tile"]

EVERY_KEYWORD = {
    "since": "2020",
    "until": "2021",
    "image_type": "pano",
    "compass": (350, 10),
    "sequence": "vNL-ZnfUkSC0F-xTBFq86f",
    "organization": 1,
    "creator": 2,
    "creator_username": "ada",
    "not_creator": 3,
    "not_creator_username": "bob",
    "make": "Acme",
    "model": "One",
    "min_quality": 0.5,
    "on_foot": False,
    "looking_at": (9, 52),
    "spacing": 5,
    "positions": "computed",
    "fields": "geometry",
    "limit": 7,
    "prune": 8,
    "cut": True,
    "value": "object--bench",
    "first_seen_since": "2020",
    "first_seen_until": "2021",
    "last_seen_since": "2020",
    "last_seen_until": "2021",
}


@pytest.mark.parametrize("layer", ["images", "sequences", "points", "signs"])
def test_every_keyword_does_something_of_its_own(layer):
    make = getattr(mly.Query, layer)
    names = [name for name in inspect.signature(make).parameters if name not in AREA]
    queries = [make(bbox=TOWN), *(make(bbox=TOWN, **{name: EVERY_KEYWORD[name]}) for name in names)]
    assert len({query.to_json() for query in queries}) == 1 + len(names) > 8


def test_names_are_a_text_or_a_list():
    def query(make):
        return mly.Query.images(bbox=TOWN, make=make).to_json()

    for same in ("GoPro,Apple", ["GoPro", "Apple"], ("GoPro", "Apple", "GoPro"), '"GoPro", Apple'):
        assert query(same) == query(["GoPro", "Apple"])
    assert query(["GoPro"]) == query("GoPro") != query(["GoPro", "Apple"])
    assert query(["CO., LTD."]) == query('"CO., LTD."') != query("CO., LTD.")
    for wrong in ("a,,b", [""], '"a'):
        with pytest.raises(mly.InvalidQueryError):
            mly.Query.images(bbox=TOWN, make=wrong).plan()


def test_a_list_of_names_finds_what_each_of_them_finds(client):
    def ids(make):
        batches = client.run(mly.Query.images(bbox=TOWN, make=make))
        return sorted(row["id"] for row in batches.to_dicts())

    assert ids(["GoPro", "Apple"]) == sorted(ids("GoPro") + ids("Apple"))


def test_every_filter_is_shown():
    query = mly.Query.images(
        bbox=TOWN,
        since="2020",
        until="2021",
        image_type="pano",
        compass=(350, 10),
        sequence="vNL-ZnfUkSC0F-xTBFq86f",
        organization=1,
        creator=[2, "3"],
        creator_username="ada",
        make="Acme",
        model="One",
        looking_at=(9, 52),
        fields="make,model",
        limit=7,
        prune=8,
    )
    shown = repr(query)
    for part in (
        "2020-01-01",
        "2021-12-31",
        "pano",
        "350",
        '["vNL-ZnfUkSC0F-xTBFq86f"]',
        "[1]",
        "[2,3]",
        "ada",
        "Acme",
        "One",
        "[9.0,52.0]",
        "make,model",
        "at most 7",
        "zoom 8",
    ):
        assert part in shown, part


@pytest.mark.parametrize(
    ("keywords", "says"),
    [
        ({}, "no area given"),
        ({"bbox": TOWN, "tile": "1/0/0"}, "more than one area"),
        ({"bbox": TOWN, "radius": 5}, "radius goes with near"),
        ({"bbox": TOWN, "sinse": "2020"}, "did you mean 'since'"),
        ({"bbox": TOWN, "imagetype": "pano"}, "did you mean 'image_type'"),
        ({"bbox": "8,51,9,52"}, "'bbox'"),
        ({"bbox": (1, 2, 3)}, "'bbox'"),
        ({"bbox": (1, 2, 3, "x")}, "'bbox'"),
        ({"within": 5}, "'within'"),
        ({"near": 9}, "'near'"),
        ({"near": (9, 52), "radius": "far"}, "'radius'"),
        ({"tile": 14}, "'tile'"),
        ({"bbox": TOWN, "since": 2020}, "'since'"),
        ({"bbox": TOWN, "compass": 90}, "'compass'"),
        ({"bbox": TOWN, "creator": 1.5}, "'creator'"),
        ({"bbox": TOWN, "creator": True}, "'creator'"),
        ({"bbox": TOWN, "image_type": 1}, "'image_type'"),
        ({"bbox": TOWN, "fields": [1]}, "'fields'"),
        ({"bbox": TOWN, "limit": "many"}, "'limit'"),
        ({"bbox": TOWN, "limit": 1.5}, "'limit'"),
    ],
)
def test_a_wrong_type_or_keyword_is_named(keywords, says):
    with pytest.raises(TypeError) as error:
        mly.Query.images(**keywords)
    assert says in str(error.value)


@pytest.mark.parametrize(
    ("keywords", "says"),
    [
        ({"bbox": (8, 53, 9, 52)}, "south 53"),
        ({"bbox": (8, 51, 9, float("nan"))}, "NaN"),
        ({"bbox": (8, 51, 999, 52)}, "999"),
        ({"within": "/nowhere/at/all.geojson"}, "/nowhere"),
        ({"within": "{"}, "GeoJSON"),
        ({"within": {"type": "Circle"}}, "Circle"),
        ({"tile": "14/99999/5411"}, "14/99999/5411"),
        ({"tile": (14, -1, 5411)}, "-1"),
        ({"bbox": TOWN, "since": "tomorrow"}, "tomorrow"),
        ({"bbox": TOWN, "since": "2022", "until": "2021"}, "ends before"),
        ({"bbox": TOWN, "fields": ["captured"]}, "captured_at"),
        ({"bbox": TOWN, "image_type": "panorama"}, "pano"),
        ({"bbox": TOWN, "limit": -1}, "'limit'"),
        ({"bbox": TOWN, "prune": 3}, "zoom 3"),
        ({"bbox": TOWN, "creator": "ada"}, "ada"),
    ],
)
def test_a_question_without_sense_is_refused_when_it_is_made(keywords, says):
    with pytest.raises(mly.InvalidQueryError) as error:
        mly.Query.images(**keywords)
    assert says in str(error.value)
    assert not error.value.retryable


def options(layer):
    """The filters that the command shows for a layer, and what else narrows it down."""
    shown = subprocess.run(
        ["mly", layer, "--help"], capture_output=True, text=True, check=True
    ).stdout
    section = shown.split("\nFilters:\n")[1].split("\n\n")[0]
    return {name.replace("-", "_") for name in re.findall(r"^ +--([a-z-]+)", section, re.MULTILINE)}


@pytest.mark.parametrize("layer", ["images", "sequences", "points", "signs"])
def test_every_option_of_the_command_is_a_keyword_that_reads_its_value(layer):
    ask = getattr(mly.Query, layer)
    keywords = set(inspect.signature(ask).parameters)
    area = {"bbox", "within", "buffer", "area_column", "nearest", "near", "radius", "tile"}
    assert keywords - area == options(layer)
    for name in sorted(keywords - area):
        assert f"    {name}: " in ask.__doc__
        with pytest.raises(TypeError, match=f"argument '{name}'"):
            ask(bbox=TOWN, **{name: object()})
        assert ask(bbox=TOWN, **{name: None}) == ask(bbox=TOWN)


def test_help_shows_keywords_and_reads_well():
    assert "since" in inspect.signature(mly.Query.images).parameters
    assert "unknown" not in inspect.signature(mly.Query.images).parameters
    for name in mly.__all__:
        if name[0].isupper():
            cls = getattr(mly, name)
            assert cls.__doc__, name
            for member, value in vars(cls).items():
                if not member.startswith("_") and not isinstance(value, (str, int, type(None))):
                    assert value.__doc__, f"{name}.{member}"
