"""On a local master with two executing threads, each with a Python worker of its own."""

import os
import subprocess
import sys

import pyarrow
import pyarrow.compute
import pytest
from pyspark.sql import SparkSession

import mly
from conftest import TOWN, client_of

IMAGES = mly.Query.images(bbox=TOWN)
BBOX = ",".join(map(str, TOWN))


@pytest.fixture(scope="module")
def spark(town):
    """Workers know the demo town by their environment."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MAPILLARY_TOKEN", town.token)
        patch.setenv("MAPILLARY_GRAPH_URL", town.url)
        patch.setenv("MAPILLARY_TILES_URL", town.url)
        patch.setenv("PYSPARK_PYTHON", sys.executable)
        # Names of the machine may lead nowhere, and a busy one may take longer than Spark waits.
        patch.setenv("SPARK_LOCAL_IP", "127.0.0.1")
        patch.setenv("SPARK_AUTH_SOCKET_TIMEOUT", "3600")
        builder = SparkSession.builder.master("local[2]").config("spark.driver.memory", "1g")
        builder = builder.config("spark.ui.enabled", "false").config(
            "spark.sql.shuffle.partitions", "2"
        )
        builder = builder.config("spark.driver.host", "127.0.0.1").config(
            "spark.sql.session.timeZone", "UTC"
        )
        builder = builder.config("spark.network.timeout", "3600s").config(
            "spark.executor.heartbeatInterval", "60s"
        )
        builder = builder.config("spark.python.authenticate.socketTimeout", "3600s")
        session = builder.getOrCreate()
        session.sparkContext.setLogLevel("OFF")
        mly.spark.register(session)
        yield session
        session.stop()


def asked_of(service):
    return {"token": service.token, "graph_url": service.url, "tiles_url": service.url}


def same(rows, expected):
    """Columns and rows; frames of Spark have no order."""
    table, expected = rows.toArrow(), expected.cast(mly.spark._typed(expected.schema, None))
    assert (
        table.schema.names == expected.schema.names and table.schema.types == expected.schema.types
    )
    assert ordered(table) == ordered(expected)


def ordered(table):
    return sorted(table.to_pylist(), key=repr)


def of(spark, **options):
    return spark.read.format("mapillary").options(**options)


@pytest.mark.parametrize("parts", [None, 1, 4])
def test_images_are_those_of_one_process(spark, client, parts):
    same(mly.spark.read(spark, IMAGES, parts), client.run(IMAGES).to_arrow())


def test_fields_by_id_are_those_of_one_process(spark, client):
    query = mly.Query.images(near=(9.005, 51.998), radius=400, fields=["make", "captured_at"])
    same(mly.spark.read(spark, query, partitions=2), client.run(query).to_arrow())


@pytest.mark.parametrize("parts", [2, 9])
def test_each_image_comes_once_and_from_the_first_that_publishes_it(spark, repeating, parts):
    expected = client_of(repeating).run(IMAGES).to_arrow()
    same(mly.spark.read(spark, IMAGES, parts, **asked_of(repeating)), expected)
    kept = mly.spark.read(spark, IMAGES, parts, repeats="keep", **asked_of(repeating))
    assert kept.count() > len(expected) == kept.select("id").distinct().count()


@pytest.mark.parametrize(
    "query", [mly.Query.sequences(bbox=TOWN), mly.Query.images(bbox=TOWN, limit=50)]
)
def test_what_cannot_be_divided_is_read_in_one_part(spark, client, query):
    same(mly.spark.read(spark, query), client.run(query).to_arrow())
    with pytest.raises(mly.InvalidQueryError, match="cannot be read in 2 parts.*leave"):
        mly.spark.read(spark, query, partitions=2)


def test_ids_that_are_asked_twice_are_answered_twice(spark, client, ids):
    lookup = mly.Lookup.images([*ids, *ids], fields=["make", "captured_at", "computed_rotation"])
    same(mly.spark.read(spark, lookup, partitions=3), client.run(lookup).to_arrow())


def test_outlines_are_lists(spark, client, ids):
    lookup = mly.Lookup.detections(image_id=ids[:5])
    same(mly.spark.read(spark, lookup), client.run(lookup).to_arrow())


@pytest.mark.parametrize(
    ("options", "query"),
    [
        ({"layer": "images", "bbox": BBOX}, IMAGES),
        (
            {
                "layer": "images",
                "near": "9.005,51.998",
                "radius": "400",
                "since": "2019",
                "fields": "make,captured_at",
            },
            mly.Query.images(
                near=(9.005, 51.998), radius=400, since="2019", fields=["make", "captured_at"]
            ),
        ),
        ({"layer": "images", "BBox": BBOX, "Limit": "7"}, mly.Query.images(bbox=TOWN, limit=7)),
        (
            {"layer": "images", "bbox": BBOX, "compass": "350,20"},
            mly.Query.images(bbox=TOWN, compass=(350, 20)),
        ),
        (
            {"layer": "signs", "bbox": BBOX, "value": "regulatory--*"},
            mly.Query.signs(bbox=TOWN, value="regulatory--*"),
        ),
        (
            {"layer": "sequences", "bbox": BBOX, "cut": "true"},
            mly.Query.sequences(bbox=TOWN, cut=True),
        ),
        ({"plan": mly.Query.points(bbox=TOWN).plan().to_json()}, mly.Query.points(bbox=TOWN)),
    ],
)
def test_options_are_the_keywords_of_queries(spark, client, options, query):
    same(of(spark, **options).load(), client.run(query).to_arrow())


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"layer": "images", "box": BBOX}, "there is no option 'box' .did you mean 'bbox'"),
        ({"layer": "image", "bbox": BBOX}, "there is no layer 'image' .did you mean 'images'"),
        ({"bbox": BBOX}, "no layer given"),
        ({"layer": "images"}, "no area given"),
        ({"layer": "signs", "bbox": BBOX, "since": "2020"}, "since"),
        ({"layer": "images", "bbox": "here"}, "option 'bbox': expected numbers"),
        (
            {"layer": "images", "bbox": BBOX, "limit": "many"},
            "option 'limit': expected a whole number",
        ),
        (
            {"layer": "sequences", "bbox": BBOX, "cut": "maybe"},
            "option 'cut': expected true or false",
        ),
        ({"layer": "images", "bbox": BBOX, "partitions": "2"}, "mly.spark.read"),
        (
            {"layer": "images", "plan": mly.Query.points(bbox=TOWN).plan().to_json()},
            "a plan says everything",
        ),
    ],
)
def test_wrong_options_say_what_would_be_right(spark, options, message):
    with pytest.raises(Exception, match=message):
        of(spark, **options).load()


def test_partitions_of_the_format_keep_what_they_have_in_common(spark, repeating):
    expected = client_of(repeating).run(IMAGES).to_arrow()
    rows = of(
        spark, layer="images", bbox=BBOX, partitions="4", repeats="keep", **asked_of(repeating)
    ).load()
    assert rows.rdd.getNumPartitions() == 4
    assert rows.count() > len(expected) == rows.dropDuplicates(["id"]).count()


def test_frames_are_worked_on_as_others_are(spark, client):
    rows = mly.spark.read(spark, IMAGES, partitions=4)
    expected = client.run(IMAGES).to_arrow()
    assert rows.count() == len(expected)
    rows.createOrReplaceTempView("images")
    found = (
        spark.sql(
            "SELECT count(*) AS panos FROM images WHERE is_pano AND captured_at >= '2020-01-01'"
        )
        .first()
        .panos
    )
    since = pyarrow.compute.greater_equal(
        expected["captured_at"],
        pyarrow.scalar(1577836800000, expected.schema.field("captured_at").type),
    )
    assert found == expected.filter(pyarrow.compute.and_(since, expected["is_pano"])).num_rows > 0


def test_nothing_is_sent_before_the_result_is_used(spark, service):
    rows = mly.spark.read(spark, IMAGES, partitions=2, **asked_of(service))
    repr(rows), rows.schema
    assert service.requests == []
    rows.collect()
    assert len(service.requests) == 9


def test_the_limits_are_divided(spark, service):
    # 4 and 5 tiles.
    with pytest.raises(Exception, match="RateLimited"):
        mly.spark.read(spark, IMAGES, partitions=2, tiles_per_day=8, **asked_of(service)).collect()
    assert (
        mly.spark.read(spark, IMAGES, partitions=2, tiles_per_day=10, **asked_of(service)).count()
        > 0
    )


def test_processes_that_count_together_are_one(spark, service, tmp_path):
    # 10 tiles for the machine; two halves of that would do, four quarters would not.
    rows = mly.spark.read(
        spark, IMAGES, partitions=4, tiles_per_day=10, cache_dir=tmp_path, **asked_of(service)
    )
    assert rows.count() > 0


def test_the_token_is_in_no_plan(spark, service):
    rows = mly.spark.read(spark, IMAGES, partitions=2, **asked_of(service))
    execution = rows._jdf.queryExecution()
    texts = [
        repr(rows),
        execution.toString(),
        execution.stringWithStats(),
        execution.simpleString(),
    ]
    texts.append(rows._sc._jvm.PythonSQLUtils.explainString(execution, "formatted"))
    assert all(service.token not in text for text in texts)


def test_without_spark_it_says_what_to_install():
    script = """
import sys
sys.modules["pyspark"] = None
import mly
try:
    mly.spark.register(None)
except ImportError as error:
    print(error)
"""
    done = subprocess.run(
        [sys.executable, "-c", script], env=os.environ, capture_output=True, text=True
    )
    assert "pip install 'mly-rs[spark]'" in done.stdout, done.stderr
