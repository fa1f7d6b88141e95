"""What figures do when a person is merged, exported or erased, and when time has passed (design/decisions.md, Time limits and retention)."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from shared.analytics.behaviour import merging
from shared.analytics.behaviour.models import COLLECTION, Behaviour
from shared.analytics.behaviour.stored import from_document
from shared.analytics.ingest import figures
from shared.analytics.ingest.folding import Folding
from shared.analytics.ingest.numbers import Numbers
from shared.analytics.ingest.rows import CHECKINS, PREFIX, told
from shared.analytics.ingest.standing import Standing
from shared.clients.analytics.port import Analytics, Change, Doc, Remove
from shared.clients.documents.port import Data
from shared.clients.errors import Contended
from shared.kernel.clock import Clock, from_millis
from shared.people.hooks import MAX_PER_RUN, PersonHooks, Subject
from shared.people.profiles.models import PersonType
from shared.people.visitors import is_visitor_key

MERGES: Final = "merges"
"""Behaviour of visitors on its way to the people they are: taken out of its place, not yet added."""
IDLE: Final = timedelta(days=180)
"""After how long without a visit the behaviour of a visitor goes (design/decisions.md, Visitors)."""
_PAGE: Final = 500


class FigureHooks(PersonHooks):
    """The part of rows, check-ins and behaviour. Sums of events and days hold nobody's name, and stay."""

    name = "behaviour"

    def __init__(self, analytics: Analytics, standing: Standing, clock: Clock) -> None:
        self._analytics = analytics
        self._standing = standing
        self._clock = clock
        self._folding = Folding(analytics, clock)
        self._numbers = Numbers(analytics)

    async def merge(self, person_key: str, visitor_keys: Sequence[str]) -> None:
        """Add the visitors' behaviour to the person's, and put their rows under the person's name. May raise Contended.

        What is to be added is first taken out of its place, so that nobody adds to it any more; a repeat finds it there.
        """
        for key in visitor_keys:
            await self._take_out(key, person_key)
        waiting = await self._analytics.find(MERGES, {"into": person_key})
        for each in waiting:
            await self._add(each, person_key)
        for key in visitor_keys:
            await self._rename(key, person_key)
        if waiting:  # last: until then it tells that not all is done
            await self._analytics.delete(MERGES, {"_id": {"$in": [each["_id"] for each in waiting]}})

    async def export(self, subject: Subject) -> AsyncIterator[Data]:
        """Behaviour, check-ins and the events of the last months."""
        for document in await self._analytics.find(COLLECTION, {"_id": subject.key}):
            yield {"id": "behaviour"} | told(document)
        for collection in [CHECKINS, *await self._analytics.collections(PREFIX)]:
            async for document in self._all(collection, subject.key):
                yield {"id": f"{collection}/{document['_id'].hex()}"} | told(document)

    async def erase(self, subject: Subject, at: datetime) -> int:
        """Delete rows, check-ins and behaviour of the person and of the visitors they were."""
        keys, gone = [subject.key, *subject.visitor_keys], 0
        for collection in [CHECKINS, *await self._analytics.collections(PREFIX)]:
            gone += await self._analytics.delete(collection, {"person": {"$in": keys}})
        gone += await self._analytics.delete(MERGES, {"into": subject.key})
        return gone + await self._analytics.delete(COLLECTION, {"_id": {"$in": keys}})

    async def retain(self, now: datetime) -> int:
        """Remove visitors who stayed away for 180 days. Months of rows leave by the archive (``archive``)."""
        gone = 0
        idle = {"engagement.lastSeenAt": {"$lt": now - IDLE}, "personType": "ip"}
        found = await self._analytics.find(COLLECTION, idle, limit=MAX_PER_RUN, fields=["revision"])
        for start in range(0, len(found), _PAGE):
            page = found[start : start + _PAGE]
            steps = [Remove({"_id": each["_id"], "revision": each["revision"]}) for each in page]
            gone += (await self._analytics.bulk(COLLECTION, steps)).removed
        return gone

    async def _take_out(self, visitor_key: str, person_key: str) -> None:
        found = await self._analytics.find(COLLECTION, {"_id": visitor_key})
        for document in found:
            version = {"n": document["n"], "revision": document["revision"]}
            waiting = {
                "_id": f"merge:{version['n']}:{version['revision']}",
                "into": person_key,
                **version,
                "behaviour": document,
            }
            await self._analytics.insert(MERGES, [waiting])
            step = Remove({"_id": visitor_key, "revision": version["revision"]})
            if not (await self._analytics.bulk(COLLECTION, [step])).removed:
                await self._analytics.delete(MERGES, {"_id": waiting["_id"]})
                raise Contended("the visitor's behaviour has changed")
            # what an earlier try took out and did not remove was older than this
            await self._analytics.delete(
                MERGES,
                {"into": person_key, "n": version["n"], "revision": {"$lt": version["revision"]}},
            )

    async def _add(self, waiting: Doc, person_key: str) -> None:
        batch, visitor = waiting["_id"], from_document(waiting["behaviour"])
        numbers = await self._numbers.of([person_key]) or await self._numbers.draw([person_key])
        fresh = Behaviour(person_key, type_of(person_key), numbers[person_key])
        rule = partial(merging.joined, visitor=visitor)
        await self._folding.fold(figures.BEHAVIOURS, batch, {person_key: rule}, {person_key: fresh})
        if fresh.person_type == "user":
            await self._standing.carry(person_key)
        await self._folding.finish(batch)

    async def _rename(self, visitor_key: str, person_key: str) -> None:
        change = {"$set": {"person": person_key, "personType": type_of(person_key)}}
        for collection in [CHECKINS, *await self._analytics.collections(PREFIX)]:
            while page := await self._analytics.find(
                collection, {"person": visitor_key}, limit=_PAGE, fields=["_id"]
            ):
                await self._analytics.bulk(
                    collection, [Change({"_id": each["_id"]}, change) for each in page]
                )

    async def _all(self, collection: str, person: str) -> AsyncIterator[Doc]:
        """A person's rows in order of time, page by page; those of one moment may lie on two pages."""
        after, seen = from_millis(0), set[bytes]()
        while True:
            page = await self._analytics.find(
                collection,
                {"person": person, "at": {"$gte": after}},
                order=[("at", 1)],
                limit=_PAGE + len(seen),
            )
            for document in page:
                if document["_id"] not in seen:
                    yield document
            if len(page) < _PAGE + len(seen):
                return
            after = page[-1]["at"]
            seen = {document["_id"] for document in page if document["at"] == after}


def type_of(key: str) -> PersonType:
    """Whose key it is."""
    return "ip" if is_visitor_key(key) else "user"
