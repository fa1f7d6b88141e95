"""A store's bad hour is no fault of a message: it comes again with a pause, as often as it takes (reliability.md, Part 2)."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from shared.clients.errors import Contended, StoreUnavailable
from shared.clients.queues.port import Queues
from shared.kernel import telemetry
from shared.kernel.errors import Unavailable

AGAIN_SECONDS: Final = 60
"""After how long a message comes again."""


@asynccontextmanager
async def coming_again(queues: Queues, queue: str, body: str) -> AsyncIterator[None]:
    """Around the work on a message, which must be repeatable: when a store does not answer, a copy is sent with a pause
    and the message is done with. The host would give it up after five tries, which a few minutes use up.

    Raises whatever else the work raises, and StoreUnavailable when the queue does not take the copy either.
    """
    try:
        yield
    except (StoreUnavailable, Contended, Unavailable) as error:
        telemetry.log().warning("message_comes_again", queue=queue, exc_info=error)
        await queues.send(queue, body, delay_seconds=AGAIN_SECONDS)
