import json
import multiprocessing
import os
import pickle
import signal
import subprocess
import sys
import threading

import pytest

import mly
from conftest import TOWN, client_of

unix = pytest.mark.skipif(os.name != "posix", reason="signals and forks are of unix")


def start(script, *arguments):
    return subprocess.Popen(
        [sys.executable, "-c", script, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


WAITING = """
import sys, mly
client = mly.Client(sys.argv[2], graph_url=sys.argv[1], tiles_url=sys.argv[1], timeout=3600, retry_timeout=7200)
query = mly.Query.images(bbox=(8.98, 51.98, 9.03, 52.01))
class Once:
    told = False
    def __call__(self, progress):
        if not self.told:
            self.told = True
            print("waiting", flush=True)
try:
    CALL
except KeyboardInterrupt:
    print("interrupted")
"""


# Whoever reads a stream of Arrow gets no exceptions but errors of its own; Ctrl-C comes right
# behind.
READER = """import pyarrow
    print("waiting", flush=True)
    try:
        pyarrow.table(client.run(query))
    except pyarrow.ArrowInvalid as error:
        print(end="" if "interrupted" in str(error) else str(error))
        for _ in range(1000): pass"""


@unix
@pytest.mark.parametrize(
    "call",
    [
        "client.run(query, progress=Once()).to_arrow()",
        "list(client.run(query, progress=Once()))",
        "client.run(query, progress=Once()).write(sys.argv[3] + '/x.parquet')",
        "client.download([7038203092802113], sys.argv[3], progress=Once())",
        "READER",
        "print('waiting', flush=True); client.image(7038203092802113)",
    ],
)
def test_ctrl_c_stops_waiting_for_an_answer_that_never_comes(service, tmp_path, call):
    call = call.replace("READER", READER)
    service.fail("delay=3600s,always")
    child = start(WAITING.replace("CALL", call), service.url, service.token, str(tmp_path))
    assert child.stdout.readline() == "waiting\n", child.stderr.read()
    while not service.requests:  # the request is on its way
        pass
    child.send_signal(signal.SIGINT)
    out, err = child.communicate()
    assert out == "interrupted\n", err
    assert not (tmp_path / "x.parquet").exists()


@unix
def test_after_ctrl_c_the_client_goes_on(service, ids):
    client = client_of(service)
    service.fail("delay=3600s,always")

    def interrupt(progress):
        signal.raise_signal(signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        client.run(mly.Query.images(bbox=TOWN), progress=interrupt).to_arrow()
    service.clear_faults()
    assert client.image(ids[0])["id"] == ids[0]


@unix
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_fork_has_connections_of_its_own(client, town, ids):
    client.image(ids[0])
    running = iter(client.run(mly.Query.images(bbox=TOWN)))
    next(running)
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        told = {}
        try:
            told["image"] = client.image(ids[0])["id"]
            told["rows"] = len(client.run(mly.Query.images(bbox=TOWN, limit=50)).to_dicts())
            try:
                next(running)
            except RuntimeError as error:
                told["running"] = str(error)
            try:
                town.requests
            except RuntimeError as error:
                told["emulator"] = str(error)
        except BaseException as error:
            told["error"] = repr(error)
        os.write(writer, json.dumps(told).encode())
        os._exit(0)
    os.close(writer)
    told = json.loads(os.fdopen(reader).read())
    os.waitpid(child, 0)
    assert told == {
        "image": ids[0],
        "rows": 50,
        "running": told["running"],
        "emulator": told["emulator"],
    }
    assert "another" in told["running"] or "process" in told["running"]
    assert sum(batch.num_rows for batch in running) > 0, "the parent goes on"


def rows_of(part, url, token):
    client = mly.Client(token, graph_url=url, tiles_url=url)
    return [row["id"] for row in client.run(part).to_dicts()]


@pytest.mark.parametrize("method", multiprocessing.get_all_start_methods())
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_parts_of_a_plan_run_in_other_processes(client, town, method):
    query = mly.Query.images(bbox=TOWN)
    whole = [row["id"] for row in client.run(query).to_dicts()]
    with multiprocessing.get_context(method).Pool(2) as pool:
        parts = pool.starmap(
            rows_of, [(part, town.url, town.token) for part in query.plan().partitions(2)]
        )
    assert [id for part in parts for id in part] == whole


def test_threads_wait_side_by_side(service, ids):
    client = client_of(service, retries=0)
    service.fail("delay=3600s,on=tile,always")
    blocked = client.run(mly.Query.images(tile="14/8601/5411"))

    def wait():
        with pytest.raises(mly.MlyError):
            blocked.to_arrow()

    thread = threading.Thread(target=wait, daemon=True)
    thread.start()
    while not any(request["kind"] == "tile" for request in service.requests):
        pass
    assert client.image(ids[0])["id"] == ids[0]
    assert thread.is_alive()
    service.close()
    thread.join()


def test_many_threads_share_a_client(client, ids):
    found = [None] * 16

    def look_up(i):
        found[i] = client.image(ids[i], fields="id")["id"]

    threads = [threading.Thread(target=look_up, args=(i,)) for i in range(len(found))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == ids[:16]


def test_import_is_light():
    script = "import sys, mly; print(sorted({n.split('.')[0] for n in sys.modules}))"
    loaded = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    ).stdout
    for package in (
        "pandas",
        "numpy",
        "shapely",
        "pyarrow",
        "geopandas",
        "polars",
        "asyncio",
        "logging",
        "json",
    ):
        assert f"'{package}'" not in loaded, package


def test_clients_do_not_pickle_their_token(client):
    with pytest.raises(TypeError):
        pickle.dumps(client)


def test_the_command_comes_with_the_package(town, tmp_path):
    environment = {
        **os.environ,
        "MAPILLARY_TOKEN": town.token,
        "MAPILLARY_GRAPH_URL": town.url,
        "MAPILLARY_TILES_URL": town.url,
    }
    command = [
        sys.executable,
        "-m",
        "mly",
        "images",
        "--bbox",
        "8.98,51.98,9.03,52.01",
        "--limit",
        "5",
        "-f",
        "csv",
    ]
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert done.returncode == 0 and len(done.stdout.splitlines()) == 6, done.stderr
    wrong = subprocess.run([sys.executable, "-m", "mly", "imagse"], capture_output=True, text=True)
    assert wrong.returncode == 2 and "did you mean `image`" in wrong.stderr


@unix
def test_ctrl_c_ends_the_command(service, tmp_path):
    service.fail("delay=3600s,always")
    environment = {
        **os.environ,
        "MAPILLARY_TOKEN": service.token,
        "MAPILLARY_GRAPH_URL": service.url,
        "MAPILLARY_TILES_URL": service.url,
    }
    command = [
        sys.executable,
        "-m",
        "mly",
        "images",
        "--bbox",
        "8.98,51.98,9.03,52.01",
        "-o",
        str(tmp_path / "x.csv"),
    ]
    child = subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True)
    while not service.requests:
        pass
    child.send_signal(signal.SIGINT)
    assert "interrupted" in child.communicate()[1] and child.returncode == 130
