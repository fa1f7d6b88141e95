"""``ExperienceProfileSync``: reads the former site's rows in the order of their time and adds them to profiles (messaging-platform.md §7)."""

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from shared.clients.analytics.paging import Span, page_by
from shared.clients.analytics.port import Analytics, Doc
from shared.clients.documents.port import Documents, Set, Write
from shared.kernel import telemetry
from shared.kernel.clock import Clock, from_millis
from shared.people.erasures import Erasures
from shared.people.profiles.models import Profile
from shared.people.profiles.repository import ProfileRepository
from shared.people.profiles.rules import Seen
from shared.people.sync.rules import FIELDS, recorded, sighting
from shared.people.visitors import Person, Visitors

COLLECTION: Final = "profileSyncs"
"""``profileSyncs/{collection} {watermark}``: rows until then are in the profiles."""
PAGE: Final = 500
"""Rows read at a time."""
MAX_PAGES: Final = 20
"""Pages of one run, 10,000 rows; the next one goes on."""
OVERLAP: Final = timedelta(minutes=10)
"""How far before the watermark a run begins: rows are written a while after their moment, and known ones change nothing."""
_AT_ONCE: Final = 16
_FIRST: Final = from_millis(0)


class ProfileSync:
    """One collection of the former site's into profiles: an errand (``people.hooks``).

    Visits are sets of intervals (docs/decisions/0007), so a page that comes again changes nothing and is written nowhere; where it is
    killed does not matter.

    Args:
        name: what the step is called in the progress of its job.
        collection: which rows.
        legacy: the former site's database.
        documents: keeps the watermark.
        profiles: what is written.
        erasures: who was erased lately: they are not brought back.
        visitors: makes keys.
        clock: the time.
    """

    def __init__(
        self,
        name: str,
        collection: str,
        *,
        legacy: Analytics,
        documents: Documents,
        profiles: ProfileRepository,
        erasures: Erasures,
        visitors: Visitors,
        clock: Clock,
    ) -> None:
        self.name = name
        self._collection = collection
        self._legacy = legacy
        self._documents = documents
        self._profiles = profiles
        self._erasures = erasures
        self._visitors = visitors
        self._clock = clock

    async def run(self) -> AsyncGenerator[tuple[int, Sequence[Write]], None]:
        """At most MAX_PAGES pages from the watermark on: how many profiles each one changed, and what to commit then.

        A page costs 1 find, 1 or 2 reads for each person in it, and 1 write for each profile that changes. Raises StoreUnavailable,
        and Unavailable ``contended``.
        """
        path = f"{COLLECTION}/{self._collection}"
        found = await self._documents.get(path)
        watermark: datetime = found.data["watermark"] if found else _FIRST
        since: datetime | None = max(watermark - OVERLAP, _FIRST)
        pages = 0
        while since is not None and pages < MAX_PAGES:
            # what claims to be of the future waits for it
            span = Span(since, self._clock.now())
            rows, since = await page_by(
                self._legacy, self._collection, "timestamp", span, limit=PAGE, fields=FIELDS
            )
            changed = await self._apply(rows)
            if rows and rows[-1]["timestamp"] > watermark:
                pages, watermark = pages + 1, rows[-1]["timestamp"]
                yield changed, [Set(path, {"watermark": watermark})]

    async def _apply(self, rows: Sequence[Doc]) -> int:
        """Add rows to profiles; gives how many changed."""
        seen: dict[Person, list[Seen]] = {}
        left_out = 0
        for row in rows:
            found = sighting(row, self._visitors, self._clock.now())
            if found is None:
                left_out += 1
            else:
                seen.setdefault(found.person, []).append(found.seen)
        profiles = dict(zip(seen, await self._profiles.read_many(list(seen)), strict=True))
        erased = await self._erased(profiles)
        gate = asyncio.Semaphore(_AT_ONCE)

        async def one(person: Person) -> bool:
            since = erased.get(person.key, _FIRST)
            mine = [each for each in seen[person] if from_millis(each.at) > since]
            async with gate:
                known = profiles[person]
                rule = partial(recorded, seen=mine)
                return bool(mine) and await self._profiles.change(person, rule, known=known) is not known

        changed = sum(await asyncio.gather(*map(one, seen)))
        if rows:
            telemetry.log().info(
                "profiles_synced",
                collection=self._collection,
                rows=len(rows),
                changed=changed,
                left_out=left_out,
            )
        return changed

    async def _erased(self, profiles: Mapping[Person, Profile]) -> Mapping[str, datetime]:
        """When those were erased who would get a new profile; 1 read for each of them."""
        new = [
            person.key
            for person, profile in profiles.items()
            if person.type == "user" and not profile.update_time
        ]
        return await self._erasures.of(new) if new else {}
