"""The version of this package, and the version of mly-rs that it needs, which is the same."""

import re
from pathlib import Path

from hatchling.metadata.plugin.interface import MetadataHookInterface

WORKSPACE = Path(__file__).resolve().parent.parent / "Cargo.toml"


class WorkspaceVersion(MetadataHookInterface):
    """Reads the version from Cargo.toml of the workspace.

    A source archive has no workspace around it; there both values are in PKG-INFO.
    """

    def update(self, metadata: dict) -> None:
        """Sets version and dependencies."""
        if not metadata.get("dynamic"):
            return
        workspace = WORKSPACE.read_text(encoding="utf-8")
        section = workspace.partition("[workspace.package]\n")[2]
        version = re.search(r'^version = "(.+)"$', section, re.MULTILINE)[1]
        metadata["version"] = version
        metadata["dependencies"] = [f"mly-rs=={version}"]
