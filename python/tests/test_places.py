"""Areas by the name of a place."""

import pytest

import mly


def test_a_place_is_a_feature_that_queries_take_as_area(client, town):
    feature = mly.place("Demo Town", url=town.url)
    assert feature["type"] == "Feature"
    assert feature["properties"] == {
        "name": "Demo Town, Lower Saxony, Germany",
        "id": "R900000000001",
        "type": "town",
    }
    inside = client.run(mly.Query.signs(within=feature)).to_dicts()
    assert 100 < len(inside) < len(client.run(mly.Query.signs(bbox=(8, 51, 10, 53))).to_dicts())


def test_the_service_is_that_of_the_variable(town, monkeypatch):
    monkeypatch.setenv("MLY_PLACES_URL", town.url)
    assert mly.place("R900000000002")["properties"]["type"] == "suburb"


def test_a_name_that_is_no_single_area_is_refused(town):
    with pytest.raises(
        mly.InvalidQueryError, match="2 places are named Twinbridge.*R900000000002.*W9"
    ) as raised:
        mly.place("Twinbridge", url=town.url)
    assert raised.value.hint == "choose one by its id"
    with pytest.raises(mly.InvalidQueryError, match="known as a point only") as raised:
        mly.place("Old Well", url=town.url)
    assert raised.value.hint == "ask for a circle: near=(9.005,51.998), radius=500"
    with pytest.raises(mly.InvalidQueryError, match="no place named"):
        mly.place("Atlantis", url=town.url)


def test_answers_are_kept_in_the_folder(town, tmp_path):
    first = mly.place("Demo Town", url=town.url, cache_dir=tmp_path)
    assert [path.suffix for path in (tmp_path / "places").iterdir() if path.name != "turn"] == [
        ".json"
    ]
    assert mly.place("Demo Town", url=town.url, cache_dir=tmp_path) == first
