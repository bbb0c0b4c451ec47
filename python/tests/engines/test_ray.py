"""On a cluster of two processors."""

import os
import pickle
import subprocess
import sys

import pyarrow
import pytest
import ray

import mly
from conftest import TOWN, client_of

IMAGES = mly.Query.images(bbox=TOWN)


def start():
    """Starts a cluster for these tests. Ray gives up after 30 seconds, in which a busy machine may not get ready."""
    for tries_left in reversed(range(10)):
        try:
            ray.init(
                "local",
                num_cpus=2,
                object_store_memory=200_000_000,
                include_dashboard=False,
                log_to_driver=False,
            )
        except Exception as error:
            if tries_left == 0 or "timed out during startup" not in str(error):
                raise
            ray.shutdown()
        else:
            return


@pytest.fixture(scope="module", autouse=True)
def cluster(town):
    """Tasks know the demo town by their environment."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MAPILLARY_TOKEN", town.token)
        patch.setenv("MAPILLARY_GRAPH_URL", town.url)
        patch.setenv("MAPILLARY_TILES_URL", town.url)
        patch.setenv("RAY_USAGE_STATS_ENABLED", "0")
        # Nobody else can reach it; with authentication, Ray stores a token in the home folder.
        patch.setenv("RAY_AUTH_MODE", "disabled")
        # Ray would end tasks when the machine is short of memory, and take processes for dead that answer slowly.
        patch.setenv("RAY_memory_monitor_refresh_ms", "0")
        patch.setenv("RAY_health_check_failure_threshold", "1000")
        patch.setenv("RAY_worker_register_timeout_seconds", "3600")
        start()
        ray.data.DataContext.get_current().enable_progress_bars = False
        yield
        ray.shutdown()


def asked_of(service):
    return {"token": service.token, "graph_url": service.url, "tiles_url": service.url}


def same(rows, expected):
    """Columns, rows and their order."""
    blocks = ray.get(rows.to_arrow_refs())
    table = pyarrow.concat_tables([block for block in blocks if block.num_columns])
    assert table.schema.equals(expected.schema)
    assert table.combine_chunks().equals(expected.combine_chunks())


@pytest.mark.parametrize("parts", [None, 1, 4, 100])
def test_images_are_those_of_one_process(client, parts):
    same(mly.ray.read(IMAGES, parts), client.run(IMAGES).to_arrow())


def test_map_features_are_those_of_one_process(client):
    query = mly.Query.points(bbox=TOWN, value="object--*")
    same(mly.ray.read(query, parallelism=3), client.run(query).to_arrow())


def test_fields_by_id_are_those_of_one_process(client):
    query = mly.Query.images(near=(9.005, 51.998), radius=400, fields=["make", "captured_at"])
    same(mly.ray.read(query, parallelism=2), client.run(query).to_arrow())


@pytest.mark.parametrize("parts", [2, 9])
def test_each_image_comes_once_and_from_the_first_that_publishes_it(repeating, parts):
    expected = client_of(repeating).run(IMAGES).to_arrow()
    rows = mly.ray.read(IMAGES, parts, **asked_of(repeating))
    same(rows, expected)
    same(rows, expected)  # a second run begins anew
    kept = mly.ray.read(IMAGES, parts, repeats="keep", **asked_of(repeating))
    assert kept.count() > len(expected) and set(kept.unique("id")) == set(
        expected["id"].to_pylist()
    )


@pytest.mark.parametrize(
    "query",
    [
        mly.Query.sequences(bbox=TOWN),
        mly.Query.images(bbox=TOWN, limit=50),
        mly.Query.images(bbox=TOWN, prune=10),
    ],
)
def test_what_cannot_be_divided_is_read_in_one_part(client, query):
    same(mly.ray.read(query), client.run(query).to_arrow())
    with pytest.raises(mly.InvalidQueryError, match="cannot be read in 2 parts.*leave"):
        mly.ray.read(query, parallelism=2)


def test_ids_that_are_asked_twice_are_answered_twice(client, ids):
    lookup = mly.Lookup.images([*ids, *ids], fields=["make", "captured_at"])
    same(mly.ray.read(lookup, parallelism=3), client.run(lookup).to_arrow())


def test_datasets_are_worked_on_as_others_are(client):
    rows = mly.ray.read(IMAGES, parallelism=4)
    expected = client.run(IMAGES).to_pandas()
    assert rows.schema().names == list(expected.columns)
    assert rows.count() == len(expected)
    assert rows.max("id") == expected["id"].max()
    assert rows.filter(lambda row: row["is_pano"]).count() == expected["is_pano"].sum()
    assert [row["id"] for row in rows.take(10)] == expected["id"].tolist()[:10]


def test_an_area_without_anything_has_no_rows():
    query = mly.Query.images(bbox=(0, 0, 0.05, 0.05))
    rows = mly.ray.read(query, parallelism=2)
    assert rows.count() == 0 and rows.take(1) == []


def tasks_of(service, parts):
    settings = {"graph_url": service.url, "tiles_url": service.url}
    work = mly._engine.work(
        IMAGES, parts, "drop", slots=2, machines=1, token=service.token, settings=settings
    )
    return mly.ray.MapillaryDatasource(work).get_read_tasks(parts)


@ray.remote
def run(task):
    return list(task())


def test_tasks_may_begin_in_any_order(repeating):
    # Those that wait leave their processors to the others.
    running = [run.remote(task) for task in reversed(tasks_of(repeating, 4))]
    table = pyarrow.concat_tables(
        [block for blocks in reversed(ray.get(running)) for block in blocks]
    )
    assert table.combine_chunks().equals(
        client_of(repeating).run(IMAGES).to_arrow().combine_chunks()
    )


def test_a_task_that_fails_keeps_nobody_waiting(service):
    tasks = tasks_of(service, 2)
    service.fail("status=400,on=tile,next=1")
    with pytest.raises(mly.MlyError):
        list(tasks[0]())
    assert ray.get(run.remote(tasks[1]))[0].num_rows > 0


def test_claims_that_are_lost_are_an_error_and_no_row_too_many(service):
    first, second = tasks_of(service, 2)
    list(first())
    actor = first.read_fn._claims.actor()
    ray.kill(actor)

    def until_it_is_gone():
        # It may answer for a while.
        while True:
            ray.get(actor.__ray_ready__.remote())

    with pytest.raises(ray.exceptions.RayActorError):
        until_it_is_gone()
    with pytest.raises(ray.exceptions.RayActorError):
        list(second())


def test_nothing_is_sent_before_the_result_is_used(service):
    rows = mly.ray.read(IMAGES, parallelism=2, **asked_of(service))
    repr(rows), rows.schema
    assert service.requests == []
    rows.materialize()
    assert len(service.requests) == 9


def test_the_limits_are_divided(service):
    # 4 and 5 tiles.
    with pytest.raises(Exception) as failed:
        mly.ray.read(IMAGES, parallelism=2, tiles_per_day=8, **asked_of(service)).materialize()
    assert isinstance(failed.value, mly.RateLimitedError) or "RateLimited" in str(failed.value)
    assert mly.ray.read(IMAGES, parallelism=2, tiles_per_day=10, **asked_of(service)).count() > 0


def test_processes_that_count_together_are_one(service, tmp_path):
    # 10 tiles for the machine; two halves of that would do, four quarters would not.
    rows = mly.ray.read(
        IMAGES, parallelism=4, tiles_per_day=10, cache_dir=str(tmp_path), **asked_of(service)
    )
    assert rows.count() > 0


def test_wrong_arguments_are_told_before_anything_is_done():
    with pytest.raises(TypeError, match="did you mean 'token'|tokn"):
        mly.ray.read(IMAGES, tokn="x")
    with pytest.raises(mly.InvalidQueryError, match="drop"):
        mly.ray.read(IMAGES, repeats="maybe")
    with pytest.raises(mly.InvalidQueryError):
        mly.ray.read(IMAGES, parallelism=0)


def test_the_token_is_in_no_text(service):
    rows = mly.ray.read(IMAGES, parallelism=2, **asked_of(service))
    source = mly.ray.MapillaryDatasource(
        mly._engine.work(IMAGES, 2, "drop", slots=2, machines=1, token=service.token, settings={})
    )
    texts = [
        repr(rows),
        str(rows),
        rows.materialize().stats(),
        repr(source),
        repr(vars(source)),
        repr(source.get_read_tasks(2)),
    ]
    assert all(service.token not in text for text in texts)


def test_a_token_of_the_environment_stays_there(town):
    work = mly._engine.work(IMAGES, 2, "drop", slots=2, machines=1, token=None, settings={})
    assert town.token.encode() not in pickle.dumps(work)


def test_without_ray_it_says_what_to_install():
    script = """
import sys
sys.modules["ray"] = None
import mly
try:
    mly.ray.read(mly.Query.images(tile="14/1/1"))
except ImportError as error:
    print(error)
"""
    done = subprocess.run(
        [sys.executable, "-c", script], env=os.environ, capture_output=True, text=True
    )
    assert "pip install 'mly-rs[ray]'" in done.stdout, done.stderr
