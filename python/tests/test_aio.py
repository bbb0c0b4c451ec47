import asyncio

import pytest

import mly
from conftest import TOWN

pyarrow = pytest.importorskip("pyarrow")


def aio(service, **settings):
    return mly.aio.Client(service.token, graph_url=service.url, tiles_url=service.url, **settings)


def test_the_same_methods_can_be_awaited(town, client, ids, sign_ids, tmp_path):
    query = mly.Query.images(bbox=TOWN, limit=200)

    async def work():
        async with aio(town) as c:
            assert await c.image(ids[0], fields="make") == client.image(ids[0], fields="make")
            assert (await c.feature(sign_ids[0]))["id"] == sign_ids[0]
            assert (await c.thumbnail(ids[0])).startswith("http")
            found = []
            async for batch in c.run(query):
                assert isinstance(batch, pyarrow.RecordBatch)
                found += batch["id"].to_pylist()
            assert found == [row["id"] for row in client.run(query).to_dicts()]
            assert (await c.run(query).to_arrow())["id"].to_pylist() == found
            assert len(await c.images_by_id(ids).to_dicts()) == len(ids)
            assert len(await c.detections(image_id=ids[0]).to_dicts()) == len(
                client.detections(image_id=ids[0]).to_dicts()
            )
            assert (await c.run(query).write(tmp_path / "x.csv")).rows == 200
            assert (await c.download(ids[:2], tmp_path, size=256)).written == 2
            batches = c.run(query)
            await batches.to_arrow()
            assert batches.summary.rows == 200
            with pytest.raises(mly.UsedUpError):
                await batches.to_arrow()

    asyncio.run(work())


def test_both_clients_have_the_same_methods():
    def names(cls):
        return {name for name in dir(cls) if not name.startswith("_")}

    assert names(mly.aio.Client) == names(mly.Client)
    assert names(mly.aio.Batches) == names(mly.Batches) - {"head"}


def test_many_look_ups_go_on_at_once(town, ids):
    async def work():
        async with aio(town) as c:
            images = await asyncio.gather(*(c.image(id, fields="id") for id in ids))
            assert [image["id"] for image in images] == ids

    asyncio.run(work())


def test_errors_are_raised_where_they_are_awaited(town):
    async def work():
        async with aio(town) as c:
            with pytest.raises(mly.NotFoundError) as error:
                await c.image(5)
            assert error.value.ids == [5]

    asyncio.run(work())


def test_a_cancelled_task_stops_its_requests_and_the_loop_goes_on(service, ids):
    service.fail("delay=3600s,on=tile,always")

    async def work():
        async with aio(service) as c:
            batches = c.run(mly.Query.images(bbox=TOWN))
            task = asyncio.ensure_future(batches.to_arrow())
            while not service.requests:
                await asyncio.sleep(0)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert (await c.image(ids[0]))["id"] == ids[0], "the loop was never blocked"

    asyncio.run(work())


def test_a_cancelled_step_of_a_loop_loses_no_rows(service, client):
    query = mly.Query.images(bbox=TOWN)
    service.fail("delay=200ms,on=tile,next=1")

    async def work():
        async with aio(service) as c:
            batches = c.run(query).__aiter__()
            step = asyncio.ensure_future(batches.__anext__())
            while not service.requests:
                await asyncio.sleep(0)
            step.cancel()
            found = []
            while True:
                try:
                    found += (await batches.__anext__())["id"].to_pylist()
                except StopAsyncIteration:
                    return found
                except RuntimeError:  # the cancelled step has not let go yet
                    await asyncio.sleep(0)

    assert asyncio.run(work()) == [row["id"] for row in client.run(query).to_dicts()]


def test_progress_is_told_on_the_thread_of_the_loop(town):
    import threading

    seen = []

    async def work():
        async with aio(town) as c:

            def watch(p):
                return seen.append((threading.current_thread(), p.answered, p.total))

            await c.run(mly.Query.images(bbox=TOWN), progress=watch).to_arrow()
            await asyncio.sleep(0)

    asyncio.run(work())
    assert seen[-1] == (threading.main_thread(), 9, 9)


def test_outside_of_a_loop_it_says_so(town):
    with pytest.raises(RuntimeError, match="no running event loop"):
        aio(town).image(1)
