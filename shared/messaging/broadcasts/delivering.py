"""A page of the audience into inboxes and onto devices (docs/broadcasts.md, How a page is written).

A page has four parts that are written side by side, each slice by slice. The messages of a slice and the note of what became of
its people are one commit: a slice is done or not, and who does it again finds the note.
"""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from shared.analytics.intake.service import Tracking
from shared.clients.documents.port import Alike, Blank, Create, Data, Delete, Documents, Update, Write
from shared.clients.errors import AlreadyExists
from shared.kernel.clock import Clock
from shared.messaging.broadcasts.models import Broadcast, Page
from shared.messaging.broadcasts.pipe import Pace
from shared.messaging.broadcasts.pushing import DELIVERED, PENDING, Pushes
from shared.messaging.broadcasts.recipients import Followers, Judged, Recipients
from shared.messaging.broadcasts.repository import part_path
from shared.messaging.broadcasts.rules import Outcome, total
from shared.messaging.campaigns.models import Channel
from shared.messaging.deliveries.rules import delivery_id
from shared.messaging.inbox.repository import InboxRepository
from shared.messaging.inbox.rules import new_item

PARTS: Final = 4
"""Commits of one page on their way at a time."""
SLICE: Final = 399
"""People of one commit: with the note 400 writes (``kernel.ramp``, HEADROOM)."""
PUSH_SLICE: Final = 100
KEPT: Final = timedelta(days=8)
"""How long a note is kept: longer than any worker could be late."""
_PERSON, _CONSENT = Blank(1), Blank(2)


@dataclass(frozen=True)
class Work:
    """One page under way."""

    broadcast: Broadcast
    page: Page
    followers: Followers
    data: Data
    pace: Pace
    notes_until: datetime


class Judgement(NamedTuple):
    """Some people, and what became of the notifications to them."""

    people: list[Judged]
    told: Mapping[str, str]


class Delivering:
    """Writes pages.

    Args:
        documents: the store.
        items: how an inbox item is stored.
        recipients: who may be written to.
        pushes: notifications.
        tracking: learns whom it reached.
        clock: now.
        kept: how long an inbox item stays at most.
    """

    def __init__(
        self,
        *,
        documents: Documents,
        items: InboxRepository,
        recipients: Recipients,
        pushes: Pushes,
        tracking: Tracking,
        clock: Clock,
        kept: timedelta,
    ) -> None:
        self._documents = documents
        self._items = items
        self._recipients = recipients
        self._pushes = pushes
        self._tracking = tracking
        self._clock = clock
        self._kept = kept

    async def page(self, broadcast: Broadcast, page: Page, pace: Pace) -> Outcome:
        """Write a page, or what is left of it: 1 write a message, 1 a slice; 1 read a shard of followers, or a person.

        Raises StoreError; what was written stays, and a repeat goes on behind it.
        """
        followers = await self._recipients.followers(broadcast, page)
        now = self._clock.now()
        work = Work(broadcast, page, followers, self._data(broadcast, now), pace, now + KEPT)
        step = SLICE if broadcast.channels == ("inbox",) else PUSH_SLICE
        slices = [page.people[start : start + step] for start in range(0, len(page.people), step)]
        size = -(-len(slices) // PARTS)
        parts = [slices[start : start + size] for start in range(0, len(slices), size)]
        done = await asyncio.gather(*(self._part(work, number, part) for number, part in enumerate(parts)))
        return total(done)

    async def closed(self, broadcast: Broadcast, number: int) -> tuple[Outcome, list[Write]]:
        """What was written of a page that nobody is to go on with, and what to commit so that nobody can (4 reads, 4 writes).

        Without its notes no slice can be committed any more, by a worker that is still at it either.
        """
        outcomes: list[Outcome] = []
        closing: list[Write] = []
        for part in range(PARTS):
            path = part_path(broadcast.id, number, part)
            found = await self._documents.get(path)
            if found is None:
                closing.append(Create(path, {"slices": {}, "expiresAt": self._clock.now() + KEPT}))
            else:
                outcomes += [_outcome(note) for note in found.data["slices"].values()]
                closing.append(Delete(path, if_updated_at=found.update_time))
        return total(outcomes), closing

    def _data(self, broadcast: Broadcast, at: datetime) -> Data:
        """The document that every item of the broadcast is, but for who gets it and by which consent."""
        item = new_item(
            broadcast.campaign(),
            "",
            now=at,
            kept=self._kept,
            content=broadcast.content,
            context={"reason": "broadcast", "consentId": _CONSENT},
        )
        return self._items.to_data(item) | {"recipient": {"type": "user", "id": _PERSON}}

    async def _part(self, work: Work, number: int, slices: Sequence[Sequence[str]]) -> Outcome:
        path = part_path(work.broadcast.id, work.page.number, number)
        notes: dict[str, Any] = {}
        outcomes = []
        for index, people in enumerate(slices):
            note = notes.get(str(index))
            if note is None:
                note = await self._slice(work, path, index, await self._judged(work, people), notes)
            outcomes.append(_outcome(note))
        return total(outcomes)

    async def _judged(self, work: Work, people: Sequence[str]) -> Judgement:
        judged = await self._recipients.judge(work.broadcast, people, work.followers)
        if "push" not in work.broadcast.channels:
            return Judgement(judged, {})
        await work.pace.turn(4 * len(people))
        return Judgement(judged, await self._pushes.send(work.broadcast, judged))

    async def _slice(
        self,
        work: Work,
        path: str,
        index: int,
        judgement: Judgement,
        notes: dict[str, Any],
    ) -> Mapping[str, Any]:
        """Commit a slice with its note; the note that stands in the end. ``notes`` learns what others had done before."""
        rows = self._rows(work, judgement.people)
        note = _note(work.broadcast, judgement, len(rows), 0)
        await work.pace.turn(len(rows) + 1)
        await self._tell(work.broadcast, rows)
        try:
            await self._commit(work, rows, _noting(path, index, note, work.notes_until))
        except AlreadyExists:
            notes.update(await self._notes(path))
            if str(index) in notes:
                return dict(notes[str(index)])
            # somebody stands twice in the audience, or the part's note was made by a slice before
            fresh = await self._unwritten(rows)
            note = _note(work.broadcast, judgement, len(fresh), len(rows) - len(fresh))
            first = index == 0 and not notes
            await self._commit(work, fresh, _noting(path, index, note, work.notes_until, first=first))
        return note

    async def _tell(self, broadcast: Broadcast, rows: Sequence[tuple[str, ...]]) -> None:
        """Tell figures who is reached. First, and by the delivery's id: whoever dies in between tells it again."""
        if rows:
            await self._tracking.reached(
                {row[1]: row[0] for row in rows},
                campaign_id=broadcast.id,
                organizer_id=broadcast.organizer_id,
                channel="inbox",
            )

    def _rows(self, work: Work, judged: Sequence[Judged]) -> list[tuple[str, ...]]:
        if "inbox" not in work.broadcast.channels:
            return []
        ident = work.broadcast.id
        return [
            (delivery_id(ident, each.person_key, Channel.INBOX), each.person_key, consent)
            for each in judged
            if (consent := each.may["inbox"].consent_id) is not None
        ]

    async def _commit(self, work: Work, rows: list[tuple[str, ...]], noting: Write) -> None:
        if rows:
            await self._documents.create_alike(Alike(self._items.collection, work.data, rows), [noting])
        else:
            await self._documents.commit([noting])

    async def _notes(self, path: str) -> Mapping[str, Any]:
        found = await self._documents.get(path)
        notes: Mapping[str, Any] = found.data["slices"] if found else {}
        return notes

    async def _unwritten(self, rows: list[tuple[str, ...]]) -> list[tuple[str, ...]]:
        """The rows without a document, each person once (1 read each)."""
        single = {row[0]: row for row in rows}
        there = await self._documents.get_many([f"{self._items.collection}/{ident}" for ident in single])
        return [row for row, found in zip(single.values(), there, strict=True) if found is None]


def _noting(
    path: str, index: int, note: Mapping[str, Any], expires_at: datetime, *, first: bool | None = None
) -> Write:
    """The first slice makes the part's document, so that who comes later meets it."""
    if index == 0 if first is None else first:
        return Create(path, {"slices": {"0": dict(note)}, "expiresAt": expires_at})
    return Update(path, {("slices", str(index)): dict(note)})


def _note(broadcast: Broadcast, judgement: Judgement, inbox: int, twice: int) -> dict[str, Any]:
    """What became of a slice. Whom no channel reached is lost, by the reason of the first channel."""
    lost: Counter[str] = Counter({"duplicate": twice} if twice else {})
    for each in judgement.people:
        pushed = judgement.told.get(each.person_key)
        quiet = [channel for channel in broadcast.channels if channel != "push"]
        if pushed in (DELIVERED, PENDING) or any(each.may[channel].consent_id for channel in quiet):
            continue
        first = each.may[broadcast.channels[0]].reason
        lost[first or pushed or "erased"] += 1
    reached = Counter(judgement.told.values())
    return {
        "people": len(judgement.people),
        "inbox": inbox,
        "push": reached[DELIVERED],
        "pending": reached[PENDING],
        "lost": dict(lost),
    }


def _outcome(note: Mapping[str, Any]) -> Outcome:
    delivered = {channel: note[channel] for channel in ("inbox", "push") if note[channel]}
    return Outcome(note["people"], delivered, note["pending"], note["lost"])
