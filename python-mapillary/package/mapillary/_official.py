"""Notices when the official distribution is installed beside this one.

Both own the folder `mapillary`, and of files that both have, those of the one that was installed
last are there. If that is this one, `mapillary/__init__.py` is ours, and calls this. If it is the
official one, its `__init__.py` imports `mapillary.interface` from the file `interface.py`; since
`interface` is a folder here, and Python prefers a folder to a file of the same name, ours is
imported, and calls this as well.
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
            (n for n in names if n.lower().startswith("mapillary-") and n.endswith(_SUFFIXES)), None
        )
        if found:
            version = found.rpartition(".")[0].split("-")[1]
            raise ImportError(
                f"the official distribution mapillary {version} is in {folder}, and both it and"
                " mly-mapillary own the package mapillary: run `pip uninstall mapillary` and"
                " install mly-mapillary again with `--force-reinstall`, or keep each in an"
                " environment of its own (`import mly` works in either case)"
            )
