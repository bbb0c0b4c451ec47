"""The README is read in a minute, and begins with the two commands that need nothing else."""

from pages import ROOT, blocks

README = ROOT / "README.md"
MOST_WORDS = 700


def test_the_readme_is_read_in_a_minute():
    assert len(README.read_text(encoding="utf-8").split()) <= MOST_WORDS


def test_the_first_commands_need_a_checkout_and_no_token():
    town, tests = (block for block in blocks(README)[:2])
    assert town.text.startswith("cargo run -- images --demo --bbox")
    assert town.prints is not None
    assert tests.text == "scripts/test\n"


def test_what_is_not_published_yet_is_not_the_first_way_to_install():
    text = README.read_text(encoding="utf-8")
    table = [line.split("|") for line in text.splitlines() if line.startswith("| the ")]
    assert len(table) >= 4
    for _, _, today, later, _ in table:
        assert "path" in today or "./python" in today
        assert "./" not in later
    assert "from the first release on" in text
