"""The same calls to the official package and to ours, against one emulator.

The answers are equal but for wanted differences, each of which has a name.

The official package runs in an environment of its own: target/venv, which scripts/test makes, or
that of the Python which MLY_OFFICIAL_PYTHON names.
"""

import copy
import csv
import io
import json
import os
import pathlib
import subprocess
import sys
from collections import Counter

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parent))

from calls import Generator
from wanted import DIFFERENCES

import mly

ROOT = pathlib.Path(__file__).resolve().parents[3]
PLAY = pathlib.Path(__file__).with_name("play.py")
OFFICIAL = pathlib.Path(
    os.environ.get("MLY_OFFICIAL_PYTHON", ROOT / "target" / "venv" / "bin" / "python")
)
TOWN = (8.985, 51.985, 9.025, 52.005)


def facts(client):
    """Ids of the town that calls can be about."""
    images = client.run(mly.Query.images(bbox=TOWN, limit=2000)).to_dicts()
    signs = client.run(mly.Query.signs(bbox=TOWN)).to_dicts()
    return {
        "images": sorted(image["id"] for image in images)[::40],
        "sequences": sorted({image["sequence_id"] for image in images}),
        "organizations": sorted(
            {image["organization_id"] for image in images if image.get("organization_id")}
        ),
        "signs": sorted(sign["id"] for sign in signs)[::10],
        "values": sorted({sign["value"] for sign in signs}),
    }


def play(python, service, calls, folder):
    asked, answered = folder / "calls.json", folder / "answers.json"
    asked.write_text(json.dumps(calls))
    # Without a time zone, dates of the official package are in that of the machine.
    environment = {
        **os.environ,
        "TZ": "UTC",
        "PYTHONDONTWRITEBYTECODE": "1",
        "LOG_LEVEL": "CRITICAL",
    }
    environment.pop("PYTHONPATH", None)
    command = [python, PLAY, service.url, service.token, asked, answered]
    done = subprocess.run(command, env=environment, cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(answered.read_text())


@pytest.fixture(scope="module")
def played(town, tmp_path_factory):
    if not OFFICIAL.exists():
        pytest.skip(
            f"there is no {OFFICIAL}: run scripts/test, which makes it, or set MLY_OFFICIAL_PYTHON"
        )
    client = mly.Client(town.token, graph_url=town.url, tiles_url=town.url)
    calls = Generator(facts(client)).calls()
    official = play(OFFICIAL, town, calls, tmp_path_factory.mktemp("official"))
    ours = play(sys.executable, town, calls, tmp_path_factory.mktemp("ours"))
    return list(zip(calls, official, ours, strict=True))


def normalised(value):
    """Coordinates to a nanodegree, addresses without their signatures, features by id."""
    if isinstance(value, dict):
        if isinstance(value.get("features"), list):
            listed = [normalised(feature) for feature in value["features"]]
            return {**value, "features": sorted(listed, key=by_id)}
        return {key: normalised(part) for key, part in value.items()}
    if isinstance(value, list):
        return [normalised(part) for part in value]
    if isinstance(value, float):
        return round(value, 9)
    if isinstance(value, str) and value.startswith("http"):
        return value.partition("?")[0]
    return value


def by_id(feature):
    """What features are sorted by; as text, 0 and 0.0 are not the same."""
    return str(feature["properties"].get("id")), str(feature["geometry"])


def files(answer):
    """Files as what is in them."""
    if isinstance(answer.get("answer"), dict):
        for name, text in answer["answer"].items():
            if name.endswith(".geojson"):
                answer["answer"][name] = json.loads(text)
            if name.endswith(".csv"):
                answer["answer"][name] = [
                    {key: value.replace(".0 ", " ") for key, value in row.items()}
                    for row in csv.DictReader(io.StringIO(text))
                ]
    return answer


def error_of(answer):
    """The class of an error that both packages have; of others, whether there was one."""
    known = (
        "InvalidKwargError",
        "InvalidImageKeyError",
        "InvalidOptionError",
        "InvalidFieldError",
        "AuthError",
        "InvalidTokenError",
        "InvalidBBoxError",
        "InvalidNumberOfArguments",
    )
    for name in known:
        if name in answer.get("error", []):
            return name
    return "another" if "error" in answer else None


def test_at_least_300_calls_reach_every_function(played):
    functions = {
        call["function"].partition(".")[2]
        for call, _, _ in played
        if call["function"].startswith("interface.")
    }
    from mapillary import interface

    assert functions == set(interface.__all__)
    assert len(played) >= 300


def test_the_answers_are_equal_but_for_wanted_differences(played):
    unlike = []
    for call, official, ours in copy.deepcopy(played):
        try:
            for name in call["differs"]:
                official, ours = DIFFERENCES[name](call, official, ours)
            if error_of(official) != error_of(ours) or (
                "error" not in official and normalised(files(official)) != normalised(files(ours))
            ):
                unlike.append((call, official, ours))
        except (AssertionError, KeyError, TypeError, ValueError) as error:
            unlike.append((call, official, ours, repr(error)))
    shown = "\n\n".join("\n".join(str(part)[:1500] for part in case) for case in unlike[:5])
    assert not unlike, f"{len(unlike)} of {len(played)}:\n{shown}"


def test_most_answers_are_no_errors_and_have_features(played):
    kinds = Counter()
    for call, official, ours in played:
        answer = ours.get("answer")
        full = isinstance(answer, dict) and bool(answer.get("features"))
        kinds["error" if "error" in ours else "features" if full else "other"] += 1
    assert kinds["features"] > 200 and kinds["error"] < 40, kinds


def test_every_wanted_difference_is_shown_by_a_call(played):
    assert {name for call, _, _ in played for name in call["differs"]} == set(DIFFERENCES)
