"""Every call to a store or vendor is bounded in time and in tries (design/architecture.md, Rules that keep data safe, 2)."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from tenacity import AsyncRetrying, retry_if_exception_type, stop_after_attempt, wait_random_exponential

from shared.clients.errors import StoreUnavailable

AnswerT = TypeVar("AnswerT")


async def bounded(call: Callable[[int], Awaitable[AnswerT]], *, seconds: float, attempts: int) -> AnswerT:
    """Await ``call(n)``, the n-th try counted from 1, and try again only after StoreUnavailable.

    Args:
        call: one try. It maps a vendor's errors to StoreUnavailable where another try may help.
        seconds: longest wait for one try; then it is cancelled and counts as StoreUnavailable.
        attempts: tries in all, with jittered pauses of at most half a second between them.

    Raises StoreUnavailable after the last try: whether the call had its effect is then unknown.
    """
    tries = 0

    async def once() -> AnswerT:
        nonlocal tries
        tries += 1
        try:
            async with asyncio.timeout(seconds):
                return await call(tries)
        except TimeoutError:
            raise StoreUnavailable(f"no answer within {seconds} s") from None

    retrying = AsyncRetrying(
        retry=retry_if_exception_type(StoreUnavailable),
        stop=stop_after_attempt(attempts),
        wait=wait_random_exponential(multiplier=0.05, max=0.5),
        reraise=True,
    )
    return await retrying(once)
