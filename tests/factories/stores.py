"""Stores that get into trouble at a chosen step of a request, and the embedded one laid bare."""

import asyncio
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

from shared.clients.documents.embedded import EmbeddedDocuments
from shared.clients.documents.embedded_codec import decode
from shared.clients.errors import StoreUnavailable
from tests.factories.experience import Killed

Kind = Literal["refuses", "cuts its answer", "hangs", "kills"]
_ULID: Final = re.compile(r"_01[0-9a-z]{24}\b")
_RANDOM: Final = {"bucketId"}
"""Fields that are drawn."""
_MOMENT: Final = 10**9
"""Whole numbers from here on are moments, in seconds or milliseconds."""


@dataclass
class Trouble:
    """What happens at one call of the clients it is put around, counted together from 0; none when ``at`` is None.

    ``refuses`` does nothing, ``cuts its answer`` has its effect, ``hangs`` for ever before it has one, ``kills`` the caller's
    process before the call.
    """

    kind: Kind
    at: int | None = None
    calls: int = 0

    def around(self, client: Any) -> Any:
        """The client, in trouble."""
        return _Troubled(client, self)

    async def meet(self, call: Any) -> Any:
        """One call."""
        here, self.calls = self.calls == self.at, self.calls + 1
        if here and self.kind == "kills":
            raise Killed
        if here and self.kind == "hangs":
            await asyncio.Event().wait()
        if here and self.kind == "refuses":
            raise StoreUnavailable("refused")
        result = await call()
        if here:
            raise StoreUnavailable("cut")
        return result


class _Troubled:
    def __init__(self, client: Any, trouble: Trouble) -> None:
        self._client, self._trouble = client, trouble

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._client, name)

        async def call(*arguments: Any, **named: Any) -> Any:
            return await self._trouble.meet(lambda: method(*arguments, **named))

        return call


async def everything(documents: EmbeddedDocuments) -> dict[str, Any]:
    """Every document there is, by its path."""
    rows = await documents._run(
        lambda store: store._db.execute("SELECT collection, id, data FROM documents").fetchall()
    )
    return {f"{collection}/{ident}": decode(data) for collection, ident, data in rows}


def shape(value: Any) -> Any:
    """A value without what differs from run to run: times, ids made at random, and answers that hold them."""
    match value:
        case dict():
            return {name: name in _RANDOM or shape(inner) for name, inner in sorted(value.items())}
        case list():
            return [shape(inner) for inner in value]
        case str():
            return _ULID.sub("_ulid", value)
        case datetime() | bytes():
            return type(value).__name__
    return "moment" if isinstance(value, int) and value > _MOMENT else value
