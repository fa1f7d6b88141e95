"""How figures are kept exact whatever comes twice, late, at once or half (docs/decisions/0016).

A batch is an unchanging set of rows under one id. Each document it changes names it in ``pending``, in the same write, over the
revision that was read; when all of them do, the batch is marked done in ``batches``. Whoever works on a batch reads, in this order: the
documents, then which batches are done, then writes over those revisions. So

- a batch that is named in a document is never added to it again;
- one that is done is never added to any document again, and its name may go from ``pending`` at the next write;
- a worker that was overtaken holds an old revision, and its write matches nothing.
"""

import asyncio
import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final, Generic, Protocol, TypeVar

from shared.clients.analytics.port import MAX_IN, Analytics, Change, Doc
from shared.clients.errors import Contended
from shared.kernel.clock import Clock

LEDGER: Final = "batches"
"""``{_id, at}`` of every batch that is done; kept longer than any message or row that could bring it back."""
ATTEMPTS: Final = 12
_FIRST_PAUSE: Final = 0.01
_LONGEST_PAUSE: Final = 0.2


class Foldable(Protocol):
    """A figure's document, typed."""

    @property
    def pending(self) -> tuple[str, ...]:
        """Batches that it has, and that may not be everywhere yet."""
        ...

    @property
    def revision(self) -> int:
        """How often it was written; 0 before the first time."""
        ...


StateT = TypeVar("StateT", bound=Foldable)
Rule = Callable[[StateT], StateT]


@dataclass(frozen=True, slots=True)
class Shape(Generic[StateT]):
    """How one kind of figure is stored: the collection, and a state from its document, to its fields, and before there is any."""

    collection: str
    read: Callable[[Mapping[str, Any]], StateT]
    fields: Callable[[StateT, datetime], Doc]


class Folding:
    """Adds batches to figures."""

    def __init__(self, analytics: Analytics, clock: Clock) -> None:
        self._analytics = analytics
        self._clock = clock

    async def done(self, batches: Iterable[str]) -> set[str]:
        """Which of these batches are everywhere they belong."""
        found: set[str] = set()
        for part in parts(sorted(set(batches)), MAX_IN):
            rows = await self._analytics.find(LEDGER, {"_id": {"$in": part}}, fields=["_id"])
            found |= {row["_id"] for row in rows}
        return found

    async def finish(self, batch: str) -> None:
        """Mark a batch as done: every document it belongs to names it."""
        await self._analytics.insert(LEDGER, [{"_id": batch, "at": self._clock.now()}])

    async def fold(
        self, shape: Shape[StateT], batch: str, rules: Mapping[str, Rule[StateT]], fresh: Mapping[str, StateT]
    ) -> None:
        """Apply each document's rule once for this batch. ``fresh`` are the states of documents that do not exist yet.

        Raises Contended after 12 lost races; what was applied by then stays, and is not applied again.
        """
        left = set(rules)
        for attempt in range(ATTEMPTS):
            left = await self._once(shape, batch, {key: rules[key] for key in sorted(left)}, fresh)
            if not left:
                return
            await asyncio.sleep(random.uniform(0, min(_LONGEST_PAUSE, _FIRST_PAUSE * 2**attempt)))  # noqa: S311 - jitter is no secret
        raise Contended("others keep changing the same figures")

    async def _once(
        self, shape: Shape[StateT], batch: str, rules: Mapping[str, Rule[StateT]], fresh: Mapping[str, StateT]
    ) -> set[str]:
        """One try; the keys of those documents that have not got the batch for certain."""
        states = await self.states(shape, list(rules))
        done = await self.done([batch, *(name for state in states.values() for name in state.pending)])
        if batch in done:
            return set()
        after: dict[str, StateT] = {}
        for key, rule in rules.items():
            before = states.get(key, fresh[key])
            if batch not in before.pending:
                pending = (*(name for name in before.pending if name not in done), batch)
                after[key] = _next(rule(before), pending, before.revision)
        return set() if await self.write(shape, after) else set(after)

    async def states(self, shape: Shape[StateT], keys: Sequence[str]) -> dict[str, StateT]:
        """The documents that exist, by key."""
        found: dict[str, StateT] = {}
        for part in parts(keys, MAX_IN):
            for document in await self._analytics.find(shape.collection, {"_id": {"$in": part}}):
                found[document["_id"]] = shape.read(document)
        return found

    async def write(self, shape: Shape[StateT], after: Mapping[str, StateT]) -> bool:
        """Write states over the revisions before theirs; whether all of them were."""
        now, whole = self._clock.now(), True
        for part in parts(list(after.items()), MAX_IN):
            fields = {key: shape.fields(state, now) for key, state in part}
            new = [{"_id": key, **fields[key]} for key, state in part if state.revision == 1]
            steps = [
                Change({"_id": key, "revision": state.revision - 1}, {"$set": fields[key]})
                for key, state in part
                if state.revision > 1
            ]
            if new:
                whole &= await self._analytics.insert(shape.collection, new) == len(new)
            if steps:
                whole &= (await self._analytics.bulk(shape.collection, steps)).matched == len(steps)
        return whole


def _next(state: StateT, pending: tuple[str, ...], revision: int) -> StateT:
    return replace(state, pending=pending, revision=revision + 1)  # type: ignore[type-var]


PartT = TypeVar("PartT")


def parts(items: Sequence[PartT], size: int) -> Iterable[Sequence[PartT]]:
    """A sequence in pieces of at most that many."""
    return (items[start : start + size] for start in range(0, len(items), size))
