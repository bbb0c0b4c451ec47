import datetime

import pytest

import mly
from conftest import TOWN, client_of


def test_the_environment_is_read(town, monkeypatch):
    monkeypatch.setenv("MAPILLARY_GRAPH_URL", town.url)
    monkeypatch.setenv("MAPILLARY_TILES_URL", town.url)
    monkeypatch.setenv("MAPILLARY_ACCESS_TOKEN", town.token)
    assert mly.Client().run(mly.Query.images(bbox=TOWN, limit=1)).to_dicts()
    monkeypatch.setenv("MAPILLARY_TOKEN", "MLY|1|2|nobody")
    assert f"graph_url={town.url}" in repr(mly.Client())


def test_tiles_are_kept_in_a_folder_that_was_named(service, tmp_path):
    def summary(**settings):
        batches = client_of(service, **settings).run(mly.Query.images(bbox=TOWN))
        batches.to_dicts()
        return batches.summary

    assert summary(cache_dir=tmp_path).cache_hits == 0
    assert summary(cache_dir=str(tmp_path), max_age=datetime.timedelta(days=1)).cache_hits == 9
    assert summary().cache_hits == 0
    assert summary(cache_dir=False).cache_hits == 0


def test_a_client_is_closed_and_opens_again(town, ids):
    with client_of(town) as client:
        client.image(ids[0])
    assert client.image(ids[0])["id"] == ids[0]


def test_summaries_are_dicts_too(client):
    batches = client.run(mly.Query.images(bbox=TOWN))
    batches.to_dicts()
    summary = batches.summary
    assert summary.to_dict()["requests"]["tiles"] == summary.tiles == 9
    assert (
        summary.requests == 9
        and summary.bytes > 0
        and summary.elapsed > 0
        and summary.missing == []
    )
    assert "9 requests" in repr(summary)


def budget_of(service, **settings):
    """What the error says that more tiles are not allowed by."""
    with pytest.raises(mly.RateLimitedError) as error:
        client_of(service, **settings).run(mly.Query.images(bbox=TOWN)).to_dicts()
    return error.value.message


def test_limits_are_shared_with_other_processes(service):
    assert "budget of 8 tiles per day" in budget_of(service, tiles_per_day=8)
    assert "budget of 4 tiles per day" in budget_of(service, tiles_per_day=8, shared_by=2)


def test_processes_of_a_machine_share_what_they_count_on_disk(service, tmp_path):
    assert "budget of 2 tiles per day" in budget_of(service, tiles_per_day=8, shared_by=(4, 2))
    assert "budget of 4 tiles per day" in budget_of(
        service, tiles_per_day=8, shared_by=(4, 2), cache_dir=tmp_path
    )


@pytest.mark.parametrize("wrong", [0, (1, 0), -1, "two"])
def test_limits_are_shared_by_a_number(wrong):
    with pytest.raises((mly.InvalidQueryError, TypeError), match="shared"):
        mly.Client(shared_by=wrong)


def test_keywords_of_version_0_1_work_with_a_warning(town):
    for before, now in [("backoff", "init_backoff"), ("patience", "retry_timeout")]:
        with pytest.warns(DeprecationWarning, match=f"'{before}' is now called '{now}'"):
            client_of(town, **{before: 1.0})
