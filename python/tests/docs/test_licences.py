"""Every crate is under a licence that deny.toml and about.toml accept: else no archive can be made."""

import json
import re
import subprocess

from pages import ROOT


def accepted(file, key):
    """The list of licences in a file."""
    text = (ROOT / file).read_text(encoding="utf-8")
    entries = re.search(rf"^{key} = \[(.*?)\]", text, re.MULTILINE | re.DOTALL)[1]
    return re.findall(r'"([^"]+)"', entries)


def holds(expression, licences):
    """Whether an SPDX expression can be met with these licences alone."""
    words = re.findall(
        r"\(|\)|AND|OR|[\w.+-]+(?: WITH [\w.-]+)?",
        expression.replace("/", " OR "),
    )

    def one():
        word = words.pop(0)
        if word != "(":
            return word in licences
        inner = either()
        assert words.pop(0) == ")"
        return inner

    def both():
        met = one()
        while words[:1] == ["AND"]:
            words.pop(0)
            met = one() and met
        return met

    def either():
        met = both()
        while words[:1] == ["OR"]:
            words.pop(0)
            met = both() or met
        return met

    return either()


def test_archives_and_the_check_of_dependencies_accept_the_same():
    assert accepted("about.toml", "accepted") == accepted("deny.toml", "allow")


def test_an_expression_is_met_by_one_of_its_choices_and_all_of_its_parts():
    assert holds("MIT/Apache-2.0", ["MIT"])
    assert holds("(MIT OR Apache-2.0) AND IJG", ["MIT", "IJG"])
    assert not holds("(MIT OR Apache-2.0) AND IJG", ["MIT"])
    assert holds("Apache-2.0 WITH LLVM-exception OR GPL-2.0", ["Apache-2.0 WITH LLVM-exception"])
    assert not holds("GPL-3.0-or-later", ["MIT"])


def test_every_crate_is_under_a_licence_that_is_accepted():
    version = subprocess.run(["rustc", "-vV"], capture_output=True, text=True, check=True).stdout
    host = re.search(r"^host: (.+)$", version, re.MULTILINE)[1]
    command = ["cargo", "metadata", "--format-version", "1", "--locked", "--filter-platform", host]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    licences = accepted("deny.toml", "allow")
    crates = json.loads(told)["packages"]
    assert len(crates) > 100
    refused = {
        crate["name"]: crate["license"]
        for crate in crates
        if not holds(crate["license"] or "none", licences)
    }
    assert not refused
