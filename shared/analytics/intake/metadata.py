"""What each type of event tells, typed (design/wire.md, Analytics); other types may tell up to 20 plain values.

Amounts are in minor units of their currency. ``timezone`` is the zone of whoever did it: without it an event counts towards
no hour of a local day. ``sequence`` orders events of the same millisecond.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Final

import orjson
from pydantic import Field, ValidationError

from shared.analytics.behaviour.models import Level, Occasion
from shared.kernel.wire import Wire
from shared.people.places import TimeZoneName

MAX_METADATA: Final = 2048
"""Bytes of one event's metadata as JSON."""
MAX_FIELDS: Final = 20
MAX_TEXT: Final = 512
MAX_NAME: Final = 64
"""Characters of a value and of a field's name."""

Ident = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:-]{0,127}$")]
Minor = Annotated[int, Field(ge=0, le=10**12)]
Seats = Annotated[int, Field(ge=0, le=1_000_000)]
Currency = Annotated[str, Field(pattern=r"^[A-Z]{3}$")]


class Common(Wire):
    """What every event may tell."""

    session_id: Ident | None = None
    timezone: TimeZoneName | None = None
    city_id: Ident | None = None
    organizer_id: Ident | None = None
    sequence: int = Field(0, ge=0, le=2**31)
    page: str | None = Field(None, max_length=512)


class Visit(Common):
    """Somebody was on the site."""

    release_id: str | None = Field(None, max_length=64)


class Login(Common):
    """Somebody signed in."""


class CheckIn(Common):
    """Somebody came to an event; once for each person, event and tango day."""

    event_id: Ident
    event_type: Occasion
    venue_id: Ident | None = None


class Favorite(Common):
    """An organizer became a favourite, or ceased to be one."""

    organizer_id: Ident
    on: bool = True


class Rsvp(Common):
    """Somebody said that they would come, or (``on`` false) that they would not."""

    event_id: Ident
    on: bool = True


class ClassLevel(Common):
    """Somebody took a class of a level elsewhere, or says that it is theirs."""

    level: Level


class FunnelStep(Common):
    """A step towards a ticket of an event."""

    event_id: Ident
    quantity: int = Field(1, ge=1, le=1000)


class Sale(FunnelStep):
    """Money that a server saw move."""

    amount: Minor
    currency: Currency
    order_id: Ident | None = None


class Message(Common):
    """A message reached somebody, was seen or clicked."""

    campaign_id: Ident
    delivery_id: Ident | None = None
    channel: str | None = Field(None, max_length=32)


class SeatChange(Common):
    """How many seats of an event are taken now."""

    event_id: Ident
    taken: Seats
    capacity: Seats


REACHED: Final = "message_reached"
"""A message was put into somebody's inbox, or taken by the vendor that brings it to their device; nothing that they did."""

TYPES: Final[Mapping[str, type[Common]]] = {
    "visit": Visit,
    "login": Login,
    "checkin": CheckIn,
    "favorite": Favorite,
    "rsvp": Rsvp,
    "class_level": ClassLevel,
    "view": FunnelStep,
    "cart_add": FunnelStep,
    "checkout_start": FunnelStep,
    "purchase": Sale,
    "refund": Sale,
    "message_seen": Message,
    "message_clicked": Message,
    REACHED: Message,
    "seat_change": SeatChange,
}
SERVER_ONLY: Final = frozenset({"purchase", "refund", "seat_change", REACHED})
"""Money, seats and sendings come from servers, never from browsers."""


class BadMetadata(ValueError):
    """The metadata is not what its type tells."""


def checked(event_type: str, metadata: Mapping[str, Any]) -> dict[str, Any]:
    """The metadata of an event, without what says nothing. Raises BadMetadata."""
    if len(orjson.dumps(metadata)) > MAX_METADATA:
        raise BadMetadata
    if event_type in TYPES:
        try:
            told = TYPES[event_type].model_validate_json(orjson.dumps(metadata), by_alias=True, by_name=False)
        except ValidationError:
            raise BadMetadata from None
        return told.model_dump(by_alias=True, exclude_defaults=True) | _always(told)
    if len(metadata) > MAX_FIELDS or not all(_plain(name, value) for name, value in metadata.items()):
        raise BadMetadata
    return dict(metadata)


def _always(told: Common) -> dict[str, Any]:
    """What is kept although it is the default: readers need not know it."""
    return {name: getattr(told, name) for name in ("on", "quantity") if name in type(told).model_fields}


def _plain(name: str, value: Any) -> bool:
    fits = (
        value is None
        or isinstance(value, bool | int | float)
        or (isinstance(value, str) and len(value) <= MAX_TEXT)
    )
    return fits and 1 <= len(name) <= MAX_NAME and not name.startswith("$") and not {".", "\0"} & set(name)
