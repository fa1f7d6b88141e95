"""Transactions over single reads and commits, the same for Firestore and its twin.

Firestore's own transactions hold locks while the caller thinks, and a hot document then costs seconds (design/reliability.md,
trial runs: 11 of 80 committed, in 102 s). Ours hold none: they remember the version of everything they read, and the
commit demands that all of it still stands. A loser learns at once and starts again.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from typing import Final, TypeVar

from shared.clients import bounded
from shared.clients.documents.port import Snapshot, Transaction, Write
from shared.clients.documents.writes import Step, steps_of
from shared.clients.errors import AlreadyExists, Contended, Missing, Refused, Stale

ResultT = TypeVar("ResultT")
Versions = Mapping[str, int | None]
"""The ``update_time`` of documents that were read, None of absent ones."""
Reader = Callable[[str, Versions], Awaitable[Snapshot | None]]
"""Reads one document as of the moment of the documents read before, or raises Contended."""

FIRST_PAUSE_SECONDS: Final = 0.02
LONGEST_PAUSE_SECONDS: Final = 1.0


class Running:
    """One run of a transaction's body: what it read, and what it will write."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self.versions: dict[str, int | None] = {}
        self.writes: list[Write] = []

    async def get(self, path: str) -> Snapshot | None:
        """One document. Raises Refused after the first write."""
        if self.writes:
            raise Refused("a transaction reads before it writes")
        snapshot = await self._reader(path, self.versions)
        self.versions[path] = None if snapshot is None else snapshot.update_time
        return snapshot

    def write(self, *writes: Write) -> None:
        """Add writes to what is committed at the end."""
        self.writes.extend(writes)


async def run(
    body: Callable[[Transaction], Awaitable[ResultT]],
    *,
    attempts: int,
    reader: Callable[[], Reader],
    commit: Callable[[Sequence[Step]], Awaitable[int]],
) -> ResultT:
    """Run a body and commit what it wrote, again from the start while others are in the way; then Contended."""

    async def once() -> ResultT:
        running = Running(reader())
        result = await body(running)
        if running.writes:
            await _commit(running, commit, reader())
        return result

    return await patiently(once, attempts)


async def patiently(once: Callable[[], Awaitable[ResultT]], attempts: int) -> ResultT:
    """Try again after a jittered pause while others are in the way, ``attempts`` times in all; then Contended."""
    return await bounded.patiently(
        lambda _: once(),
        Contended,
        attempts=attempts,
        first_pause=FIRST_PAUSE_SECONDS,
        longest_pause=LONGEST_PAUSE_SECONDS,
    )


def guarded(steps: Sequence[Step], versions: Versions) -> list[Step]:
    """The steps, and with them the demand that every document read still has the version that was read.

    The first step on a document carries the demand; for one that was only read a step is added that does nothing else.
    Raises AlreadyExists and Missing when what was read already rules a step out.
    """
    result = list(steps)
    first = {step.path: position for position, step in reversed(list(enumerate(steps)))}
    for path, version in versions.items():
        if path in first:
            result[first[path]] = _demanding(steps[first[path]], version)
        elif version is None:
            result.append(Step("delete", path, {}, exists=False))
        else:
            result.append(Step("patch", path, {}, updated=version))
    return result


def _demanding(step: Step, version: int | None) -> Step:
    if step.updated is not None:
        return step
    if version is None:
        if step.exists:
            raise Missing("there is no such document")
        return replace(step, exists=False)
    if step.exists is False:
        raise AlreadyExists("the document is there already")
    return replace(step, exists=None, updated=version)


async def _commit(
    running: Running, commit: Callable[[Sequence[Step]], Awaitable[int]], reader: Reader
) -> None:
    steps = guarded(steps_of(running.writes), running.versions)
    try:
        await commit(steps)
    except Stale:
        raise Contended("what was read has changed") from None
    except AlreadyExists:
        absent = [path for path, version in running.versions.items() if version is None]
        for path in absent:
            if await reader(path, {}) is not None:
                raise Contended("what was absent has been created") from None
        raise
