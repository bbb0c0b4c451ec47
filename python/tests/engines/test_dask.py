"""On a cluster of two worker processes."""

import os
import pickle
import subprocess
import sys

import dask
import geopandas
import pandas
import pytest
from distributed import Client, LocalCluster
from pandas.testing import assert_frame_equal

import mly
from conftest import TOWN, client_of

IMAGES = mly.Query.images(bbox=TOWN)


@pytest.fixture(scope="module", autouse=True)
def cluster(town):
    """Workers know the demo town by their environment."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MAPILLARY_TOKEN", town.token)
        patch.setenv("MAPILLARY_GRAPH_URL", town.url)
        patch.setenv("MAPILLARY_TILES_URL", town.url)
        # Dask would end workers that take more than their share of memory, and take those for dead that answer slowly.
        timeouts = {
            "distributed.comm.timeouts.connect": "1h",
            "distributed.comm.timeouts.tcp": "1h",
            "distributed.scheduler.worker-ttl": None,
        }
        size = {
            "n_workers": 2,
            "threads_per_worker": 1,
            "memory_limit": None,
            "dashboard_address": None,
        }
        with dask.config.set(timeouts), LocalCluster(**size) as cluster, Client(cluster) as client:
            client.wait_for_workers(2)
            yield cluster


def asked_of(service):
    return {"token": service.token, "graph_url": service.url, "tiles_url": service.url}


def same(frame, expected):
    """Rows, their order and types; the index of each partition begins anew."""
    computed = frame.compute()
    assert type(computed) is type(expected)
    assert_frame_equal(computed.reset_index(drop=True), expected)
    assert_frame_equal(
        frame._meta.reset_index(drop=True), expected.iloc[:0], check_index_type=False
    )


@pytest.mark.parametrize("parts", [None, 1, 2, 4, 100])
def test_images_are_those_of_one_process(client, parts):
    frame = mly.dask.read(IMAGES, npartitions=parts)
    assert frame.npartitions == {None: 2, 100: 9}.get(parts, parts)
    same(frame, client.run(IMAGES).to_geopandas())


@pytest.mark.parametrize(
    "query", [mly.Query.signs(bbox=TOWN), mly.Query.points(bbox=TOWN, value="object--*")]
)
def test_map_features_are_those_of_one_process(client, query):
    same(mly.dask.read(query, npartitions=3), client.run(query).to_geopandas())


def test_fields_by_id_are_those_of_one_process(client):
    query = mly.Query.images(near=(9.005, 51.998), radius=400, fields=["make", "captured_at"])
    same(mly.dask.read(query, npartitions=2), client.run(query).to_geopandas())


@pytest.mark.parametrize("parts", [2, 4, 9])
def test_each_image_comes_once_and_from_the_first_that_publishes_it(repeating, parts):
    expected = client_of(repeating).run(IMAGES).to_geopandas()
    same(mly.dask.read(IMAGES, parts, **asked_of(repeating)), expected)
    kept = mly.dask.read(IMAGES, parts, repeats="keep", **asked_of(repeating)).compute()
    assert len(kept) > len(expected) and set(kept["id"]) == set(expected["id"])


@pytest.mark.parametrize(
    "query",
    [
        mly.Query.sequences(bbox=TOWN),
        mly.Query.images(bbox=TOWN, limit=50),
        mly.Query.images(bbox=TOWN, prune=10),
    ],
)
def test_what_cannot_be_divided_is_read_in_one_part(client, query):
    frame = mly.dask.read(query)
    assert frame.npartitions == 1
    same(frame, client.run(query).to_geopandas())
    with pytest.raises(mly.InvalidQueryError, match="cannot be read in 2 parts.*leave"):
        mly.dask.read(query, npartitions=2)


def test_ids_that_are_asked_twice_are_answered_twice(client, ids):
    lookup = mly.Lookup.images([*ids, *ids], fields=["make", "captured_at", "geometry"])
    same(mly.dask.read(lookup, npartitions=3), client.run(lookup).to_geopandas())


def test_rows_without_a_geometry_are_plain(client):
    of_images = {row.get("organization_id") for row in client.run(IMAGES).to_dicts()} - {None}
    lookup = mly.Lookup.organizations(sorted(of_images))
    same(mly.dask.read(lookup, npartitions=2), client.run(lookup).to_pandas())


def test_without_dask_geopandas_geometries_are_binary(client, monkeypatch):
    monkeypatch.setitem(sys.modules, "dask_geopandas", None)
    frame = mly.dask.read(IMAGES, npartitions=2)
    same(frame, client.run(IMAGES).to_pandas())
    assert not isinstance(frame._meta, geopandas.GeoDataFrame)


def test_frames_are_worked_on_as_others_are(client):
    frame = mly.dask.read(IMAGES, npartitions=4)
    expected = client.run(IMAGES).to_pandas()
    counts = frame.groupby("creator_id").size().compute().sort_index()
    pandas.testing.assert_series_equal(counts, expected.groupby("creator_id").size().sort_index())
    assert frame.geometry.x.min().compute() == pytest.approx(
        client.run(IMAGES).to_geopandas().geometry.x.min()
    )


def test_nothing_is_sent_before_the_result_is_computed(service):
    frame = mly.dask.read(IMAGES, npartitions=2, **asked_of(service))
    assert service.requests == []
    frame.compute()
    assert len(service.requests) == 9


def test_the_limits_are_divided(service):
    # 4 and 5 tiles.
    with pytest.raises(mly.RateLimitedError):
        mly.dask.read(IMAGES, npartitions=2, tiles_per_day=8, **asked_of(service)).compute()
    assert len(mly.dask.read(IMAGES, npartitions=2, tiles_per_day=10, **asked_of(service))) > 0


def test_processes_that_count_together_are_one(service, tmp_path):
    # 10 tiles for the machine; two halves of that would do, four quarters would not.
    frame = mly.dask.read(
        IMAGES, npartitions=4, tiles_per_day=10, cache_dir=str(tmp_path), **asked_of(service)
    )
    assert len(frame) > 0


@pytest.mark.parametrize("settings", [{"tokn": "x"}, {"retries": "many"}])
def test_wrong_settings_are_told_before_anything_is_done(settings):
    with pytest.raises(TypeError):
        mly.dask.read(IMAGES, **settings)


def test_wrong_words_and_numbers_are_told():
    with pytest.raises(mly.InvalidQueryError, match="drop"):
        mly.dask.read(IMAGES, repeats="maybe")
    with pytest.raises(mly.InvalidQueryError):
        mly.dask.read(IMAGES, npartitions=0)
    with pytest.raises(TypeError):
        mly.dask.read("images")


def test_the_token_is_in_no_text(service):
    secret = service.token
    frame = mly.dask.read(IMAGES, npartitions=2, **asked_of(service))
    graph = dict(frame.optimize().__dask_graph__())
    texts = [
        repr(frame),
        repr(graph),
        str(graph),
        *map(str, graph),
        repr([repr(task) for task in graph.values()]),
        dask.base.tokenize(frame),
    ]
    assert all(secret not in text for text in texts)


def test_a_token_of_the_environment_stays_there(town):
    frame = mly.dask.read(IMAGES, npartitions=2)
    assert town.token.encode() not in pickle.dumps(dict(frame.optimize().__dask_graph__()))


def test_ids_that_nothing_answers_to_are_left_out(client, ids):
    lookup = mly.Lookup.images([*ids, 7], fields=["make"])
    same(mly.dask.read(lookup, npartitions=2), client.run(lookup).to_geopandas())


def test_it_needs_no_cluster(town, client):
    script = """
import sys, mly
query = mly.Query.images(bbox=(8.98, 51.98, 9.03, 52.01))
print(len(mly.dask.read(query, npartitions=3).compute(scheduler="threads")))
"""
    done = subprocess.run(
        [sys.executable, "-c", script], env=os.environ, capture_output=True, text=True
    )
    assert done.stdout.split() == [str(len(client.run(IMAGES).to_dicts()))], done.stderr
