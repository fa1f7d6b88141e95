"""A store's bad hour is no fault of a message: it comes again with a pause, as long as it is kept (reliability.md, Part 2)."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Final

from shared.clients.errors import Contended, StoreUnavailable
from shared.clients.queues.port import MAX_TTL_SECONDS, Queues
from shared.kernel import telemetry
from shared.kernel.errors import Unavailable

AGAIN_SECONDS: Final = 60
"""After how long a message comes again."""


@asynccontextmanager
async def coming_again(
    queues: Queues, queue: str, body: str, *, left: timedelta | None = None
) -> AsyncIterator[None]:
    """Around the work on a message, which must be repeatable: when a store does not answer, a copy is sent with a pause
    and the message is done with. The host would give it up after five tries, which a few minutes use up.

    Args:
        queues: takes the copy.
        queue: the message's.
        body: the message's.
        left: how long the message is kept from now on, and hence the copy; None for as long as any.

    Raises whatever else the work raises, the store's error when too little time is left, and StoreUnavailable when the queue
    does not take the copy either.
    """
    seconds = MAX_TTL_SECONDS if left is None else min(int(left.total_seconds()), MAX_TTL_SECONDS)
    try:
        yield
    except (StoreUnavailable, Contended, Unavailable) as error:
        if seconds <= AGAIN_SECONDS:
            raise
        telemetry.log().warning("message_comes_again", queue=queue, exc_info=error)
        await queues.send(queue, body, delay_seconds=AGAIN_SECONDS, ttl_seconds=seconds)
