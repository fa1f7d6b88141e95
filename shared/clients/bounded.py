"""Every call to a store or vendor is bounded in time and in tries (design/architecture.md, Rules that keep data safe, 2)."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from shared.clients.errors import StoreError, StoreUnavailable

AnswerT = TypeVar("AnswerT")

FIRST_PAUSE_SECONDS: Final = 0.05
LONGEST_PAUSE_SECONDS: Final = 0.5


async def bounded(call: Callable[[int], Awaitable[AnswerT]], *, seconds: float, attempts: int) -> AnswerT:
    """Await ``call(n)``, the n-th try counted from 1, and try again only after StoreUnavailable.

    Args:
        call: one try. It maps a vendor's errors to StoreUnavailable where another try may help.
        seconds: longest wait for one try; then it is cancelled and counts as StoreUnavailable.
        attempts: tries in all, with jittered pauses of at most half a second between them.

    Raises StoreUnavailable after the last try: whether the call had its effect is then unknown.
    """

    async def once(tries: int) -> AnswerT:
        try:
            async with asyncio.timeout(seconds):
                return await call(tries)
        except TimeoutError:
            raise StoreUnavailable(f"no answer within {seconds} s") from None

    return await patiently(
        once,
        StoreUnavailable,
        attempts=attempts,
        first_pause=FIRST_PAUSE_SECONDS,
        longest_pause=LONGEST_PAUSE_SECONDS,
    )


async def patiently(
    call: Callable[[int], Awaitable[AnswerT]],
    after: type[StoreError],
    *,
    attempts: int,
    first_pause: float,
    longest_pause: float,
) -> AnswerT:
    """Await ``call(n)``, the n-th try counted from 1, and try again after that error, ``attempts`` times in all.

    The pauses (seconds) are drawn evenly from nothing to a bound that starts at ``first_pause`` and doubles up to
    ``longest_pause``: callers that met once shall not meet again (AWS Builders' Library, «Timeouts, retries and
    backoff with jitter»). Raises what the last try raised.
    """
    tries = 1
    while True:
        try:
            return await call(tries)
        except after:
            if tries >= attempts:
                raise
        await asyncio.sleep(random.uniform(0, min(longest_pause, first_pause * 2 ** (tries - 1))))  # noqa: S311 - jitter is no secret
        tries += 1
