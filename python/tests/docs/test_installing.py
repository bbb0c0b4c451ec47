"""What texts tell people to install: never a package of a stranger, and nothing that is not there yet.

On the package index, `mly` is somebody else's, and `mapillary` is the official SDK.
"""

import re
import subprocess

from pages import ROOT

# Where programs of this repository install the official package to compare with it.
OFFICIAL_IS_MEANT = re.compile(r"^mapillary==1\.0\.16$")

# A tool that installs, up to the end of the command.
INSTALLS = re.compile(
    r"\b(?:pip3?|pipx|conda|mamba|poetry|pdm|uv)\s+(?:pip\s+|tool\s+)?(?:install|add|run)\b|\b(?:uvx|pipx run)\b"
)
END = re.compile(r"[`;|&\n\"]|\s#|$")
WORD = re.compile(r"[^\s'\",()]+")
STRANGERS = re.compile(r"^(?:mly|mapillary)(?:\[[\w,{}]+\])?(?:[=<>~!@].*)?$")


def told(text):
    """What each command that installs would install: its words."""
    for start in INSTALLS.finditer(text):
        command = text[start.end() :]
        words = WORD.findall(command[: END.search(command).start()])
        # `uvx --from mly-rs mly`: the package, and a command that it brings.
        named = [words[n + 1] for n, word in enumerate(words[:-1]) if word in ("--from", "--spec")]
        yield from named or words
    # An extra that stands alone, as in a list of requirements.
    yield from re.findall(r"\b(?:mly|mapillary)\[[\w,{}]+\]", re.sub(r"`mly\[|mly-rs\[", " ", text))


def strangers(text):
    return [
        word for word in told(text) if STRANGERS.match(word) and not OFFICIAL_IS_MEANT.match(word)
    ]


def texts():
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
        text=True,
    )
    for name in listed.stdout.split("\0"):
        path = ROOT / name
        if (
            name
            and path.is_file()
            and not name.startswith("fixtures/")
            and path.name != "test_installing.py"
        ):
            try:
                yield name, path.read_text(encoding="utf-8")
            except UnicodeDecodeError:
                continue


def test_no_text_tells_to_install_a_package_of_a_stranger():
    assert {name: found for name, text in texts() if (found := strangers(text))} == {}


def test_such_texts_are_recognised():
    for text in (
        "pip install mly",
        "pip install 'mly[dask]'",
        "run `pip install --upgrade mapillary` first",
        "python -m pip install pyarrow mly==0.1",
        "uvx mly images",
        "uvx --from mly mly images",
        "uv tool install mly",
        "pipx install mly",
        "conda install -c somewhere mly",
        'dependencies = ["mly[ray]"]',
    ):
        assert strangers(text), text
    for text in (
        "pip install mly-rs",
        "uvx --from mly-rs mly images",
        "pip install ./python ./python-mapillary",
        "pip install 'mly-rs[dask]'",
        "pip install mapillary==1.0.16",
        "pip uninstall mapillary",
        "cargo install mly-cli; mly images",
    ):
        assert not strangers(text), text


def test_pinned_packages_have_checksums_and_no_address():
    pinned = sorted((ROOT / "scripts/requirements").glob("*.txt"))
    wanted = (ROOT / "scripts/requirements").glob("*.in")
    assert {path.stem for path in pinned} == {path.stem for path in wanted}
    for path in pinned:
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"://|--(?:index|extra-index|find-links)", text), path.name
        for entry in re.split(r"\n(?=\w)", text.partition("\n#    scripts/lock\n")[2].strip()):
            assert "==" in entry.partition("\n")[0], f"{path.name}: {entry[:60]}"
            assert "--hash=sha256:" in entry, f"{path.name}: {entry[:60]}"


def test_both_distributions_carry_the_licences_of_the_project():
    for licence in ("LICENSE-APACHE", "LICENSE-MIT"):
        text = (ROOT / licence).read_text(encoding="utf-8")
        for distribution in ("python", "python-mapillary"):
            assert (ROOT / distribution / licence).read_text(encoding="utf-8") == text
