"""The examples of a Markdown page.

They are fenced blocks; a comment on the line before says more about one:

    <!-- not run: it needs QGIS -->      the block is left out, for this reason
    <!-- needs: mapillary -->            it is left out where this Python package is not installed
    <!-- needs: --update -->             it is left out where `mly images` has no such option
    <!-- exit: 7 -->                     the commands end with this code

A text block right after an example is what it prints; ... stands for anything, as in doctest.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]

FENCE = re.compile(r"(?P<indent> *)(?P<ticks>`{3,})(?P<language>[\w-]*)")
NOTE = re.compile(r"\s*<!-- (?P<name>not run|needs|exit): (?P<value>.+?) -->")


@dataclass
class Block:
    page: str
    line: int
    language: str
    text: str
    notes: dict[str, str] = field(default_factory=dict)
    prints: str | None = None

    @property
    def place(self) -> str:
        return f"{self.page}:{self.line}"


def fences(path: Path) -> list[tuple[int, int, Block]]:
    """All fenced blocks with their first and last lines."""
    found: list[tuple[int, int, Block]] = []
    lines = path.read_text(encoding="utf-8").splitlines()
    number = 0
    while number < len(lines):
        opening = FENCE.match(lines[number])
        if not opening:
            number += 1
            continue
        start, closing = number, opening["indent"] + opening["ticks"]
        number += 1
        while lines[number].rstrip() != closing:
            number += 1
        body = [line.removeprefix(opening["indent"]) for line in lines[start + 1 : number]]
        note = NOTE.match(lines[start - 1]) if start else None
        notes = {note["name"]: note["value"]} if note else {}
        page = path.relative_to(ROOT).as_posix()
        block = Block(page, start + 1, opening["language"], "\n".join(body) + "\n", notes)
        found.append((start, number, block))
        number += 1
    return found


def blocks(path: Path) -> list[Block]:
    """The examples of a page, in order, with what they print."""
    lines = path.read_text(encoding="utf-8").splitlines()
    examples: list[Block] = []
    last_end = -1
    for start, end, block in fences(path):
        between = "".join(lines[last_end + 1 : start]).strip()
        if block.language in ("sh", "python"):
            examples.append(block)
            last_end = end
        elif block.language == "text" and examples and last_end >= 0 and not between:
            examples[-1].prints = block.text
            last_end = -1
        else:
            last_end = -1
    return examples


def pages() -> list[Path]:
    """Every page that people write; the reference is generated and has examples of its own
    tests."""
    written = [
        page for page in sorted((ROOT / "docs").rglob("*.md")) if page.parent.name != "reference"
    ]
    readmes = [ROOT / "README.md", ROOT / "python/README.md", ROOT / "python-mapillary/README.md"]
    return [*readmes, *written, *written_reference()]


def written_reference() -> list[Path]:
    return [ROOT / "docs/reference/columns.md"]
