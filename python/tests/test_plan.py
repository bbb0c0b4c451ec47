import pickle

import pytest

import mly
from conftest import TOWN


def test_a_plan_tells_its_price_and_sends_nothing(service):
    plan = mly.Query.images(bbox=TOWN, fields=["make"]).plan()
    assert (plan.cost.tiles, plan.cost.requests, plan.cost.days, plan.rows) == (9, 9, 1, "images")
    assert "9 tiles" in str(plan) and "9 requests" in repr(plan)
    assert plan._repr_html_() == f"<pre>{plan}</pre>"
    assert service.requests == []


def test_plans_are_values():
    plan = mly.Query.signs(bbox=TOWN).plan()
    assert pickle.loads(pickle.dumps(plan)) == plan
    assert mly.Plan.from_json(plan.to_json()) == plan
    assert plan != mly.Query.points(bbox=TOWN).plan()
    with pytest.raises(mly.InvalidQueryError):
        mly.Plan.from_json("{}")


def test_partitions_together_make_the_whole(client):
    plan = mly.Query.images(bbox=TOWN).plan()
    parts = [pickle.loads(pickle.dumps(part)) for part in plan.partitions(4)]
    joined = [row["id"] for part in parts for row in client.run(part).to_dicts()]
    assert joined == [row["id"] for row in client.run(plan).to_dicts()]
    with pytest.raises(mly.InvalidQueryError):
        plan.partitions(0)
    with pytest.raises(mly.InvalidQueryError):
        plan.partitions(1_000_000_000)


@pytest.mark.parametrize(
    ("question", "reason", "is_of_area"),
    [
        (mly.Query.images(bbox=TOWN), None, True),
        (mly.Query.sequences(bbox=TOWN), "sequences", True),
        (mly.Query.images(bbox=TOWN, prune=10), "prune", True),
        (mly.Query.points(bbox=TOWN, limit=5), "limit", True),
        (mly.Lookup.images([1, 2]), None, False),
        (mly.Lookup.images([1, 2], limit=1), "limit", False),
    ],
)
def test_a_plan_says_why_its_parts_are_not_the_whole(question, reason, is_of_area):
    plan = question.plan()
    assert (plan._indivisible(), plan._is_of_area()) == (reason, is_of_area)


def test_lookups_have_plans_too(ids):
    lookup = mly.Lookup.images(ids, fields=["make"])
    assert lookup.plan().cost.entities == 2
    assert pickle.loads(pickle.dumps(lookup)) == lookup
    assert "60 ids" in repr(lookup)
    with pytest.raises(TypeError, match="did you mean 'image_id'"):
        mly.Lookup.detections(image_ids=3)


def test_html_of_a_plan_is_escaped():
    assert "<script>" not in mly.Query.images(bbox=TOWN, fields=["make"]).plan()._repr_html_()
