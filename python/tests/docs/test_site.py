"""The reference is what help and stubs say, and the site can be built."""

import re
import shutil
import subprocess
import sys

import pytest
from pages import ROOT


def test_the_reference_is_what_help_and_stubs_say():
    done = subprocess.run(
        [sys.executable, str(ROOT / "scripts/reference"), "--check"], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr


def test_the_site_can_be_built_and_all_its_links_lead_somewhere(tmp_path):
    if shutil.which("mkdocs") is None:
        pytest.skip("there is no mkdocs")
    command = ["mkdocs", "build", "--strict", "--quiet", "--site-dir", str(tmp_path / "site")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "site/reference/cli.html").exists()


def test_every_page_is_in_the_navigation():
    listed = set(re.findall(r"- (\S+\.md)$", (ROOT / "mkdocs.yml").read_text(), re.MULTILINE))
    there = {page.relative_to(ROOT / "docs").as_posix() for page in (ROOT / "docs").rglob("*.md")}
    assert listed == there
