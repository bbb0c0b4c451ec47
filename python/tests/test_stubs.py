import pathlib
import shutil
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).parents[2]
USE = """
import datetime
import mly

client = mly.Client("token", retries=3, max_age=datetime.timedelta(days=1))
query = mly.Query.images(bbox=(1, 2, 3, 4), since=datetime.date(2020, 1, 1), creator=[1, 2], fields=["make"])
for batch in client.run(query, progress=lambda p: None):
    batch.num_rows
image: dict[str, object] = client.image(1, fields="make")
rows: int = client.run(query.plan().partitions(2)[0]).write("x.csv", overwrite=True).rows
address: str = client.thumbnail(1, 1024)
failed: dict[int | str, str] = client.download([1, 2], "photos", size="original").failed


async def work() -> None:
    async with mly.aio.Client() as c:
        thing: dict[str, object] = await c.image(1)
        async for batch in c.run(query):
            batch.num_rows
        summary: mly.Summary = await c.run(query).write("x.csv")
"""
MISUSE = """
import mly
mly.Query.images(bbox=(1, 2, 3, 4), sinse="2020")
mly.Client(tokn="x")
mly.Client().image(1.5)
mly.Client().run("images")
mly.Client().thumbnail(1, 1000)
x: str = mly.Client().image(1)
"""


def test_the_stubs_are_what_the_extension_has(tmp_path):
    pytest.importorskip("mypy")
    settings = tmp_path / "mypy.ini"
    settings.write_text("[mypy]\nignore_missing_imports = True\n")
    command = [sys.executable, "-m", "mypy.stubtest", "mly", "--mypy-config-file", str(settings)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_stubs_are_what_the_rust_source_says():
    if not (shutil.which("maturin") and shutil.which("cargo")):
        pytest.skip("maturin and cargo make the stubs")
    done = subprocess.run(
        [sys.executable, str(ROOT / "scripts/stubs"), "--check"], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr


def test_type_checkers_take_right_calls_and_find_wrong_ones(tmp_path):
    checker = shutil.which("basedpyright") or shutil.which("pyright")
    if checker is None:
        pytest.skip("there is no pyright")
    (tmp_path / "use.py").write_text(USE)
    (tmp_path / "misuse.py").write_text(MISUSE)
    (tmp_path / "pyrightconfig.json").write_text('{"typeCheckingMode": "standard"}')

    def errors(name):
        command = [checker, "--pythonpath", sys.executable, name]
        text = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path).stdout
        return [line for line in text.splitlines() if " error: " in line]

    assert errors("use.py") == []
    assert len({line.split(":")[1] for line in errors("misuse.py")}) == 6
