"""Whom messages reached (rows of ``activity_YYYY_MM``), and when those people were there (``userBehaviorAnalytics``)."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from shared.analytics.behaviour.models import COLLECTION
from shared.analytics.intake.metadata import REACHED
from shared.analytics.reactivation.rules import Life, spans_of
from shared.clients.analytics.port import MAX_IN, Analytics, Doc
from shared.kernel.clock import to_millis

ROWS: Final = "activity_"
MOST_ROWS: Final = 10_000
"""Reachings that one answer is worked out of; of more a fair sample of people with all of theirs."""
_A_DAY: Final = timedelta(days=1)
_IDS: Final = 2**128


@dataclass(frozen=True, slots=True)
class Messages:
    """Which messages: when, whose, which one, which way. Moments from ``start`` until before ``end``."""

    start: datetime
    end: datetime
    organization_id: str | None = None
    campaign_id: str | None = None
    channel: str | None = None

    @property
    def where(self) -> dict[str, Any]:
        """The filter of their rows, but for whom."""
        told = {
            "organizer": self.organization_id,
            "meta.campaignId": self.campaign_id,
            "meta.channel": self.channel,
        }
        asked = {name: value for name, value in told.items() if value is not None}
        return {"type": REACHED, "at": {"$gte": self.start, "$lt": self.end}, **asked}

    @property
    def months(self) -> Iterator[str]:
        """The collections of their rows."""
        month = self.start.replace(day=1)
        while month < self.end:
            yield f"{ROWS}{month:%Y_%m}"
            month = (month + timedelta(days=32)).replace(day=1)


@dataclass(frozen=True, slots=True)
class Reach:
    """Moments at which messages reached people, by person; ``part`` of all people there are in it."""

    moments: Mapping[str, Sequence[int]] = field(repr=False)
    part: float = 1.0


@dataclass(frozen=True, slots=True)
class Lives:
    """People, and when the latest of what is known of them was written."""

    people: Sequence[Life] = field(repr=False)
    as_of: datetime | None = None


class ReactivationRepository:
    """Reads both; writes nothing."""

    def __init__(self, analytics: Analytics) -> None:
        self._analytics = analytics

    async def reach(self, messages: Messages) -> Reach:
        """Whom messages reached (2 operations a month); of more than MOST_ROWS a fair sample of people."""
        # rows that tell no zone have days of UTC, which begin at six
        days = {
            "$gte": f"{messages.start - _A_DAY:%Y-%m-%d}",
            "$lte": f"{messages.end:%Y-%m-%d}",
        }
        where = messages.where | {"day": days}
        counts = [await self._analytics.count(month, where) for month in messages.months]
        part = min(1.0, MOST_ROWS / max(1, sum(counts)))
        if part < 1:
            where |= {"_id": {"$lt": int(part * _IDS).to_bytes(16, "big")}}
        return Reach(await self._moments(messages, where), part)

    async def reach_of(self, messages: Messages, people: Sequence[str]) -> Reach:
        """Whom of these people messages reached (1 operation a month and 1,000 people)."""
        found: dict[str, Sequence[int]] = {}
        for start in range(0, len(people), MAX_IN):
            some = messages.where | {"person": {"$in": list(people[start : start + MAX_IN])}}
            found |= await self._moments(messages, some)
        return Reach(found)

    async def lives_of(self, people: Sequence[str]) -> Lives:
        """These people, but for machines (1 operation for each 1,000)."""
        return await self._lives("_id", people)

    async def lives_numbered(self, numbers: Sequence[int]) -> Lives:
        """The people with these numbers, but for machines (1 operation for each 1,000)."""
        return await self._lives("n", numbers)

    async def _moments(self, messages: Messages, where: Mapping[str, Any]) -> dict[str, Sequence[int]]:
        found: dict[str, list[int]] = defaultdict(list)
        for month in messages.months:
            for row in await self._analytics.find(month, where, fields=["person", "at"]):
                found[row["person"]].append(to_millis(row["at"]))
        return dict(found)

    async def _lives(self, name: str, values: Sequence[str] | Sequence[int]) -> Lives:
        found: list[Doc] = []
        for start in range(0, len(values), MAX_IN):
            found += await self._analytics.find(
                COLLECTION,
                {name: {"$in": list(values[start : start + MAX_IN])}},
                fields=["n", "bot", "engagement", "updatedAt"],
            )
        return Lives(
            [_life(each) for each in found if not each["bot"]],
            max((each["updatedAt"] for each in found), default=None),
        )


def _life(document: Doc) -> Life:
    known = document["engagement"]
    visits = ((each["from"], each["to"]) for each in known["visits"])
    weeks = {each["week"]: each["visits"] for each in known["weeks"]}
    return Life(document["n"], document["_id"], spans_of(visits, weeks))
