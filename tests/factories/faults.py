"""A document store that loses answers, refuses, or hangs when told to; otherwise the one it stands in front of."""

import asyncio
from collections.abc import Sequence
from typing import Any, Literal

from shared.clients.documents.port import Documents, Write
from shared.clients.errors import StoreUnavailable

Fault = Literal["refuse", "lose", "hang", "repeat"]


class FaultyDocuments:
    """Faults of coming commits, in order: ``refuse`` does nothing, ``lose`` does it and then has no answer, ``hang`` never ends,
    ``repeat`` loses an answer and sends the same again, as Firestore's own client does.
    """

    def __init__(self, inner: Documents) -> None:
        self.inner = inner
        self.faults: list[Fault | None] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)

    async def commit(self, writes: Sequence[Write]) -> int:
        """As the store, after the next fault."""
        fault = self.faults.pop(0) if self.faults else None
        if fault == "hang":
            await asyncio.Event().wait()
        if fault == "refuse":
            raise StoreUnavailable("refused")
        moment = await self.inner.commit(writes)
        if fault == "repeat":
            return await self.inner.commit(writes)
        if fault == "lose":
            raise StoreUnavailable("lost")
        return moment
