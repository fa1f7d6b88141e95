"""What a broadcast does next: the whole course of one as a state machine over its document (docs/broadcasts.md).

``step`` does the next piece of work and says when to come again. It may be called at any time, twice, or by two workers at once: every
piece is guarded by the version of the document it began with. The orchestration does no more than to call it.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from shared.clients.documents.port import Create, Delete, Documents
from shared.clients.errors import AlreadyExists, Contended, Overloaded, Refused, Stale, StoreError
from shared.kernel import telemetry
from shared.kernel.clock import Clock
from shared.kernel.errors import AppError
from shared.messaging.broadcasts import rules
from shared.messaging.broadcasts.audience import Audiences
from shared.messaging.broadcasts.delivering import Delivering
from shared.messaging.broadcasts.models import Broadcast, Page, State
from shared.messaging.broadcasts.pipe import Grant, Pace, Pipe, Sleep
from shared.messaging.broadcasts.pushing import Pushes
from shared.messaging.broadcasts.repository import BroadcastRepository, page_data, page_path
from shared.messaging.broadcasts.settling import Settling

PAGE: Final = 10_000
"""People of one page of an audience."""
PUSH_PAGE: Final = 500
PAGE_BYTES: Final = 700_000
SHARD: Final = 700
MAX_SCANNED: Final = 20_000
"""Profiles looked at for one page."""
TURNS: Final = 4
"""Pieces of work in one step: an activity stays within a minute."""
NEAR: Final = timedelta(seconds=30)
"""A turn in the pipe that comes so soon is waited for."""
LOOK_AGAIN: Final = timedelta(hours=1)
PUSH_PAUSE: Final = rules.PUSH_PAUSE
PUSH_TRIES: Final = 5
MAX_FAILURES: Final = 6
"""Failures of one page in a row, after which its people are given up; what was written of it stays and counts."""
LONGEST_PAUSE: Final = 300


class Next(NamedTuple):
    """What is to come: ``at`` when to step again, None: there is nothing left to do."""

    at: datetime | None


Move = Callable[[Broadcast], Awaitable["Broadcast | Next"]]


class Running:
    """Steps of broadcasts."""

    def __init__(
        self,
        *,
        documents: Documents,
        repository: BroadcastRepository,
        audiences: Audiences,
        delivering: Delivering,
        pushes: Pushes,
        settling: Settling,
        pipe: Pipe,
        clock: Clock,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._documents = documents
        self._repository = repository
        self._audiences = audiences
        self._delivering = delivering
        self._pushes = pushes
        self._settling = settling
        self._pipe = pipe
        self._clock = clock
        self._sleep = sleep
        self._moves: Mapping[State, Move] = {
            "scheduled": self._begin,
            "freezing": self._freeze,
            "sending": self._send,
            "paused": self._rest,
            "cancelling": self._cancel,
        }

    async def step(self, ident: str) -> Next:
        """Do what is next, up to four pieces of it. A store that is away is tried again later, longer and longer."""
        broadcast = await self._repository.get(ident)
        for _ in range(TURNS):
            if broadcast is None:
                return Next(None)
            try:
                moved = await self._moves.get(broadcast.state, self._finish)(broadcast)
            except Stale:
                # somebody paused it, or another worker was faster
                moved = await self._repository.get(ident) or Next(None)
            except StoreError as error:
                return await self._troubled(broadcast, error)
            except AppError as error:
                moved = await self._settling.fail(broadcast, error.code)
            if isinstance(moved, Next):
                return moved
            broadcast = moved
        return Next(self._clock.now())

    async def _begin(self, broadcast: Broadcast) -> Broadcast | Next:
        now = self._clock.now()
        if now < broadcast.start_at:
            return Next(broadcast.start_at)
        begun = replace(broadcast, state="freezing", began_at=now, updated_at=now)
        return await self._repository.store(broadcast, begun)

    async def _freeze(self, broadcast: Broadcast) -> Broadcast | Next:
        """One more page of the audience; with it the broadcast knows where the next one begins."""
        now, size = self._clock.now(), PUSH_PAGE if "push" in broadcast.channels else PAGE
        begin = position = broadcast.frozen.position
        people: list[str] = []
        lost: dict[str, int] = {}
        scanned = used = 0
        while True:
            batch = await self._audiences.batch(broadcast, position, now)
            people += batch.people
            lost, position = rules.summed(lost, batch.lost), batch.position
            scanned, used = scanned + batch.scanned, used + sum(map(len, batch.people)) + len(batch.people)
            if position is None or len(people) + SHARD > size or scanned >= MAX_SCANNED or used >= PAGE_BYTES:
                break
        room = broadcast.terms.limit - broadcast.frozen.people
        if len(people) >= room:
            beyond = len(people) - room
            people, position = people[:room], None
            lost = rules.summed(lost, {"over_limit": beyond})
        page = Page(broadcast.frozen.pages, tuple(people), begin, batch.position)
        after = rules.with_page(broadcast, page, position, lost, now)
        kept = [Create(page_path(broadcast.id, page.number), page_data(page))] if people else []
        try:
            return await self._repository.store(broadcast, after, kept)
        except AlreadyExists:
            raise Stale("another worker froze this page") from None

    async def _send(self, broadcast: Broadcast) -> Broadcast | Next:
        number = broadcast.progress.pages
        if number >= broadcast.frozen.pages:
            return await self._after_all(broadcast)
        page = await self._repository.page(broadcast, number)
        if page is None:
            raise Stale("the page is gone: the broadcast has ended")
        if broadcast.failures >= MAX_FAILURES:
            return await self._given_up(broadcast, len(page.people))
        writes = len(page.people) * sum(4 if channel == "push" else 1 for channel in broadcast.channels)
        grant = await self._turn(broadcast, f"{broadcast.id}/{number}", max(1, writes))
        if isinstance(grant, datetime):
            return Next(grant)
        outcome = await self._delivering.page(broadcast, page, Pace(grant, self._clock, self._sleep))
        telemetry.log().info("broadcast_page", broadcast=broadcast.id, page=number, people=outcome.people)
        return await self._store(broadcast, rules.with_outcome(broadcast, outcome, self._clock.now()))

    async def _turn(self, broadcast: Broadcast, purpose: str, writes: int) -> Grant | datetime:
        """A stretch of the pipe that begins soon, or when to come again; what is near is waited for here."""
        grant = await self._pipe.ask(broadcast.organizer_id, purpose, writes)
        now = self._clock.now()
        if isinstance(grant, datetime) and grant <= now + NEAR:
            await self._sleep((grant - now).total_seconds())
            grant = await self._pipe.ask(broadcast.organizer_id, purpose, writes)
        if isinstance(grant, Grant) and grant.begin > now + NEAR:
            return grant.begin
        return grant

    async def _store(self, before: Broadcast, after: Broadcast) -> Broadcast:
        """Add a page's outcome, also when the state changed meanwhile: the page was written all the same."""
        try:
            return await self._repository.store(before, after)
        except Stale:
            present = await self._repository.get(before.id)
            if present is None or present.progress.pages != before.progress.pages or present.ended:
                raise
            merged = replace(
                present, progress=after.progress, failures=after.failures, updated_at=after.updated_at
            )
            return await self._repository.store(present, merged)

    async def _after_all(self, broadcast: Broadcast) -> Broadcast | Next:
        """Nobody is left but those whose vendor was away: they are tried again in rounds, with longer and longer pauses."""
        if not broadcast.progress.pending:
            return await self._settling.end(await self._counted(broadcast), "settled")
        now = self._clock.now()
        due = broadcast.push_at or broadcast.updated_at + PUSH_PAUSE
        if broadcast.push_after is None and now < due:
            return Next(due)
        last = broadcast.push_tries + 1 >= PUSH_TRIES
        tried = await self._pushes.again(broadcast, broadcast.push_after, last=last)
        after = rules.with_round(broadcast, tried, now)
        if tried.after is None:
            after = rules.after_round(after, await self._pushes.tally(broadcast), last=last, now=now)
        return await self._repository.store(broadcast, after)

    async def _rest(self, _: Broadcast) -> Next:
        return Next(self._clock.now() + LOOK_AGAIN)

    async def _given_up(self, broadcast: Broadcast, people: int | None = None) -> Broadcast:
        """The page under way ended where it stands: what was written of it counts, of so many people the others have failed."""
        written, closing = await self._delivering.closed(broadcast, broadcast.progress.pages)
        failed = 0 if people is None else people - written.people
        outcome = rules.total([written, rules.Outcome(failed, {}, 0, {"failed": failed})])
        after = rules.with_outcome(broadcast, outcome, self._clock.now())
        try:
            return await self._repository.store(broadcast, after, closing)
        except AlreadyExists:
            raise Stale("another worker is still writing this page") from None

    async def _counted(self, broadcast: Broadcast) -> Broadcast:
        """With every push that arrived: of a page that was given up no note tells, nor of a round that was broken off."""
        if "push" not in broadcast.channels or broadcast.began_at is None:
            return broadcast
        told = rules.with_pushes(broadcast, await self._pushes.tally(broadcast), last=True)
        return broadcast if told == broadcast else await self._repository.store(broadcast, told)

    async def _cancel(self, broadcast: Broadcast) -> Broadcast | Next:
        if broadcast.progress.pages < broadcast.frozen.pages:
            broadcast = await self._given_up(broadcast)
        broadcast = await self._counted(broadcast)
        return await self._settling.end(broadcast, "cancelled")

    async def _finish(self, broadcast: Broadcast) -> Broadcast | Next:
        """After the end: forget the audience, tell who writes the invoices."""
        if not broadcast.open:
            return Next(None)
        pages = [Delete(page_path(broadcast.id, number)) for number in range(broadcast.frozen.pages)]
        for start in range(0, len(pages), 500):
            await self._documents.commit(pages[start : start + 500])
        again = await self._settling.announced(broadcast.id)
        if again is not None:
            return Next(again)
        await self._repository.store(broadcast, replace(broadcast, open=False))
        return Next(None)

    async def _troubled(self, broadcast: Broadcast, error: StoreError) -> Next:
        """Note what went wrong, where the store lets us, and come again later."""
        telemetry.log().warning("broadcast_troubled", broadcast=broadcast.id, exc_info=error)
        code = "refused" if isinstance(error, Refused) else "unavailable"
        pause = min(LONGEST_PAUSE, 2**broadcast.failures)
        try:
            if isinstance(error, Contended | Overloaded):
                code = "contended"
                await self._pipe.slow_down()
            present = await self._repository.get(broadcast.id)
            if present is not None and not present.ended:
                # only what the store refuses is ever given up; what is away comes back
                noted = rules.with_trouble(present, code, self._clock.now())
                failures = noted.failures if code == "refused" else min(noted.failures, MAX_FAILURES - 1)
                await self._repository.store(present, replace(noted, failures=failures))
        except StoreError:
            telemetry.log().warning("broadcast_trouble_not_noted", broadcast=broadcast.id)
        return Next(self._clock.now() + timedelta(seconds=pause))
