"""Lost races for one document: read again and try again, a few times, after a short random pause."""

import asyncio
import random
from typing import Final

from shared.clients.errors import AlreadyExists, Contended, Missing, Stale

ATTEMPTS: Final = 5
"""Tries in all; a caller that loses them all answers 503 ``contended``."""
LOST: Final = (AlreadyExists, Contended, Missing, Stale)
"""What a guarded commit raises when somebody else was faster: nothing of it has happened, or it had happened before."""
_FIRST_PAUSE: Final = 0.01


async def pause(attempt: int) -> None:
    """Wait 5 to 15 ms after the first lost try (``attempt`` 0), twice as long after each further one but the last."""
    if attempt + 1 < ATTEMPTS:
        await asyncio.sleep(_FIRST_PAUSE * 2**attempt * random.uniform(0.5, 1.5))  # noqa: S311 - jitter is no secret
