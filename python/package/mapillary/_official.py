"""Notices when the official distribution is installed into the same folder.

Two distributions that own the same files cannot be told apart by an import: whichever was installed
last wins, file by file.
"""

from __future__ import annotations

import sys
from pathlib import Path

_SUFFIXES = (".dist-info", ".egg-info")


def refuse_mixture(folders: list[str] | None = None) -> None:
    """Checks that no distribution called mapillary is installed, by the names of folders only.

    Args:
        folders: Where to look; where Python imports from unless given.

    Raises:
        ImportError: There is one.
    """
    for folder in sys.path if folders is None else folders:
        try:
            names = [path.name for path in Path(folder).iterdir()]
        except OSError:
            continue  # A zip archive, or a path that does not exist.
        found = next(
            (n for n in names if n.startswith("mapillary-") and n.endswith(_SUFFIXES)), None
        )
        if found:
            version = (
                found.removeprefix("mapillary-")
                .partition(".dist-info")[0]
                .partition(".egg-info")[0]
            )
            raise ImportError(
                f"the official distribution mapillary {version} is installed beside mly in"
                f" {folder}, and both own the package mapillary: run"
                " `pip uninstall mapillary` and then `pip install --force-reinstall mly`, or keep"
                " each in an environment of its own (`import mly` works in either case)"
            )
