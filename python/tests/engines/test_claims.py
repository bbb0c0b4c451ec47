import itertools
import random

import numpy
import pyarrow
import pytest

from mly._claims import Claims, without


def random_parts(seed):
    """Ids of parts, unique in each, many of them in several."""
    random.seed(seed)
    pool = [random.randrange(-(2**63), 2**63) for _ in range(random.choice([1, 20, 500]))]
    return [random.sample(pool, random.randint(0, len(pool))) for _ in range(random.randint(1, 12))]


@pytest.mark.parametrize("seed", range(100))
def test_an_id_belongs_to_the_first_part_that_has_it(seed):
    claims, seen = Claims(), set()
    for number, ids in enumerate(random_parts(seed)):
        claims, repeated = claims.claim(number, ids)
        assert sorted(repeated.tolist()) == sorted(seen & set(ids))
        seen |= set(ids)
    assert sum(known.size for known, _ in claims.runs) == len(seen)
    assert all(
        known.size > 2 * behind.size for (known, _), (behind, _) in itertools.pairwise(claims.runs)
    )


@pytest.mark.parametrize("seed", range(20))
def test_parts_that_come_again_are_answered_as_before(seed):
    parts = random_parts(seed)
    claims, answers = Claims(), []
    for number, ids in enumerate(parts):
        claims, repeated = claims.claim(number, ids)
        answers.append(repeated.tolist())
    for number in random.sample(range(len(parts)), len(parts)):
        again, repeated = claims.claim(number, parts[number])
        assert repeated.tolist() == answers[number]
        assert sum(known.size for known, _ in again.runs) == sum(
            known.size for known, _ in claims.runs
        )


def test_blocks_of_a_part_do_not_take_from_each_other():
    claims, _ = Claims().claim(0, [1, 2])
    claims, repeated = claims.claim(1, [2, 3])
    assert repeated.tolist() == [2]
    _, repeated = claims.claim(1, [3, 4, 1])
    assert repeated.tolist() == [1]


def test_rows_of_ids_are_taken_out_and_the_others_keep_their_order():
    table = pyarrow.table({"id": [5, 3, 2**60, 4], "value": list("abcd")})
    assert without(table, numpy.array([3, 4, 99])).to_pydict() == {
        "id": [5, 2**60],
        "value": ["a", "c"],
    }
    assert without(table, numpy.array([], dtype=numpy.int64)) is table
