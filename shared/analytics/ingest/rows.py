"""``activity_YYYY_MM``: one row for each event, whose id is unique; what the figures are made of, and made anew from.

Hour, weekday and day of whoever did it are stored as they are when the row is written, so that no reader computes with zones.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final

from shared.analytics.intake.models import Event
from shared.analytics.intake.rules import DAY_BEGINS, tango_day
from shared.clients.analytics.port import Doc
from shared.kernel.clock import from_millis, to_millis
from shared.people.places import zone
from shared.people.profiles.models import PersonType

PREFIX: Final = "activity_"
CHECKINS: Final = "checkins"
_HIDDEN: Final = frozenset(
    (
        "_id",
        "person",
        "personKey",
        "batch",
        "bot",
        "source",
        "personType",
        "pending",
        "revision",
        "n",
        "standing",
        "suspicion",
        "pardoned",
    )
)


@dataclass(frozen=True, slots=True)
class Row:
    """An event as stored. ``at`` in milliseconds since 1970; ``hour`` and ``weekday`` (0 is Monday, of the social day) are None when
    nobody told the zone. ``about`` is the event of the calendar that it is about. ``batch`` is the batch that brought it first. ``bot`` is why it is
    left out as a machine's, ``pardoned`` why it was until an operator had it counted (``machines``).
    """

    id: bytes
    type: str
    at: int
    person: str = field(repr=False)
    person_type: PersonType
    day: str
    hour: int | None
    weekday: int | None
    source: str
    batch: str
    bot: str | None = None
    about: str | None = None
    organizer: str | None = None
    city: str | None = None
    session: str | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict)
    pardoned: str | None = None

    @property
    def collection(self) -> str:
        """Where it stands: the month of its moment, in UTC."""
        return month_of(self.at)

    @property
    def order(self) -> tuple[int, int, bytes]:
        """Moment, sequence, id: the order of events (design/decisions.md, Analytics)."""
        return self.at, self.metadata.get("sequence", 0), self.id


def month_of(at: int) -> str:
    """The collection of a moment's rows."""
    return f"{PREFIX}{from_millis(at):%Y_%m}"


def row_of(event: Event, batch: str) -> Row:
    """The row of an event."""
    told = event.metadata
    hour, weekday, day = _here(told.get("timezone"), event.at // _QUARTER)
    return Row(
        id=bytes.fromhex(event.id),
        type=event.type,
        at=event.at,
        person=event.person_key,
        person_type=event.person_type,
        day=day,
        hour=hour,
        weekday=weekday,
        source=event.source,
        batch=batch,
        bot=event.bot,
        about=told.get("eventId"),
        organizer=told.get("organizerId"),
        city=told.get("cityId"),
        session=told.get("sessionId"),
        metadata={name: value for name, value in told.items() if name not in _OWN},
    )


@lru_cache(maxsize=4096)
def _here(zone_name: str | None, quarter: int) -> tuple[int | None, int | None, str]:
    """Hour, weekday and social day of a quarter of an hour: no zone changes its hour, weekday or offset within one."""
    moment, local = from_millis(quarter * _QUARTER), zone(zone_name)
    day = tango_day(moment, {"timezone": zone_name})
    if local is None:
        return None, None, day
    here = moment.astimezone(local).replace(tzinfo=None)
    return here.hour, (here - DAY_BEGINS).weekday(), day


_QUARTER: Final = 15 * 60 * 1000
"""Milliseconds."""
_OWN: Final = frozenset({"eventId", "organizerId", "cityId", "sessionId"})
"""What of the metadata has a field of its own."""


def to_document(row: Row) -> Doc:
    """A row as it is stored; what says nothing is left out."""
    document = {
        "_id": row.id,
        "type": row.type,
        "at": from_millis(row.at),
        "person": row.person,
        "personType": row.person_type,
        "day": row.day,
        "hour": row.hour,
        "weekday": row.weekday,
        "source": row.source,
        "batch": row.batch,
        "bot": row.bot,
        "pardoned": row.pardoned,
        "event": row.about,
        "organizer": row.organizer,
        "city": row.city,
        "session": row.session,
        "meta": dict(row.metadata) or None,
    }
    return {name: value for name, value in document.items() if value is not None}


def from_document(document: Mapping[str, Any]) -> Row:
    """The row in a document."""
    get = document.get
    return Row(
        id=document["_id"],
        type=document["type"],
        at=to_millis(document["at"]),
        person=document["person"],
        person_type=document["personType"],
        day=document["day"],
        hour=get("hour"),
        weekday=get("weekday"),
        source=document["source"],
        batch=document["batch"],
        bot=get("bot"),
        about=get("event"),
        organizer=get("organizer"),
        city=get("city"),
        session=get("session"),
        metadata=get("meta") or {},
        pardoned=get("pardoned"),
    )


def told(document: Mapping[str, Any]) -> Doc:
    """What an export tells of a row or a behaviour document: nothing of how it is kept, no key of anybody."""
    return {name: value for name, value in document.items() if name not in _HIDDEN}


def checkin_of(row: Row) -> Doc:
    """A check-in's own row, kept when the raw rows go."""
    return {
        "_id": row.id,
        "person": row.person,
        "event": row.about,
        "eventType": row.metadata["eventType"],
        "venue": row.metadata.get("venueId"),
        "city": row.city,
        "day": row.day,
        "at": from_millis(row.at),
    }
