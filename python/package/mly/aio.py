"""The client for event loops of asyncio: the methods of mly.Client, to be awaited.

    async with mly.aio.Client() as client:
        image = await client.image(1933525276802129)
        async for batch in client.run(query):
            ...

Cancelling a task stops its requests.
"""

from mly._mly import AsyncBatches as Batches
from mly._mly import AsyncClient as Client

__all__ = ["Batches", "Client"]
