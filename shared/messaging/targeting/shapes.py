"""Wanted values that are more than a text or a number, what they are compared with, and how. Pure.

    {"daysAgo": 45} | {"hoursAgo": 6} | "2026-11-01T00:00:00Z"              against a moment
    {"lat": 42.36, "lon": -71.06, "km": 40}                                 against a point
    {"from": "22:00", "to": "02:00", "days": ["fri", "sat"], "zone": …}     against the clock at a place

A relative date stays relative: it is counted back from each decision anew.
"""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from math import asin, cos, radians, sin, sqrt
from typing import Annotated, Any, Final, Literal, NamedTuple, TypeVar, get_args

from pydantic import AfterValidator, Field, TypeAdapter, ValidationError

from shared.kernel.errors import Fault
from shared.kernel.wire import Wire
from shared.people.places import Latitude, Longitude, TimeZoneName, zone
from shared.people.profiles.models import Point

EARTH_KM: Final = 6371.0088
"""Mean radius of the Earth (IUGG)."""
MAX_KM: Final = 20_000
"""Greatest radius: half way around the Earth."""
MAX_DAYS: Final = 36_525
"""How far back a relative date may reach: 100 years."""
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
_WEEKDAYS: Final = get_args(Weekday)
ModelT = TypeVar("ModelT", bound=Wire)
_RFC_3339: Final = re.compile(
    r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d:\d\d)", re.ASCII | re.IGNORECASE
)

TimeOfDay = Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]


class Past(NamedTuple):
    """A moment, as seen from ``now``."""

    at: datetime
    now: datetime


class LocalClock(NamedTuple):
    """The present moment at a place; ``zone`` is its IANA name, None when it is not known."""

    now: datetime
    zone: str | None


class DaysAgo(Wire):
    """So many times 24 hours before the decision."""

    days_ago: Annotated[float, Field(strict=True, ge=0, le=MAX_DAYS)]

    @property
    def span(self) -> timedelta:
        """How long ago."""
        return timedelta(days=self.days_ago)


class HoursAgo(Wire):
    """So many hours before the decision."""

    hours_ago: Annotated[float, Field(strict=True, ge=0, le=MAX_DAYS * 24)]

    @property
    def span(self) -> timedelta:
        """How long ago."""
        return timedelta(hours=self.hours_ago)


Since = DaysAgo | HoursAgo | datetime
"""A relative date, or a moment."""


class Circle(Wire):
    """Everything within ``km`` of a point, by great circles."""

    lat: Latitude
    lon: Longitude
    km: Annotated[float, Field(strict=True, gt=0, le=MAX_KM)]

    def holds(self, point: Point) -> bool:
        """Whether the point is in it."""
        return distance_km(Point(self.lat, self.lon), point) <= self.km


class Window(Wire):
    """Hours of the local day, ``from`` included and ``to`` not; past midnight when ``to`` is not later than ``from``,
    and the whole day when both are the same. ``days`` are those on which it begins; ``zone`` None is the person's.

    Each instant is judged by what the clock on the wall then shows: hours that a change of the clock skips do not
    occur, hours that it repeats count both times (design/decisions.md, Time).
    """

    start: TimeOfDay = Field(alias="from")
    end: TimeOfDay = Field(alias="to")
    days: Annotated[tuple[Weekday, ...], Field(fail_fast=True, min_length=1, max_length=7)] | None = None
    zone: TimeZoneName | None = None

    def holds(self, clock: LocalClock) -> bool:
        """Whether it is open; never where no zone is known."""
        here = zone(self.zone or clock.zone)
        if here is None:
            return False
        local = clock.now.astimezone(here)
        minute, start, end = local.hour * 60 + local.minute, _minutes(self.start), _minutes(self.end)
        past_midnight = end <= start
        is_open = (minute >= start or minute < end) if past_midnight else start <= minute < end
        began_yesterday = past_midnight and minute < start
        return is_open and (self.days is None or _WEEKDAYS[local.weekday() - began_yesterday] in self.days)


def before(past: Past, wanted: Since) -> bool:
    """Whether the moment is earlier than the wanted one."""
    return past.at < (wanted if isinstance(wanted, datetime) else past.now - wanted.span)


def after(past: Past, wanted: Since) -> bool:
    """Whether the moment is later than the wanted one."""
    return past.at > (wanted if isinstance(wanted, datetime) else past.now - wanted.span)


def distance_km(one: Point, other: Point) -> float:
    """Kilometres between two points by the haversine formula, good to half a per cent."""
    north, south = radians(one.lat), radians(other.lat)
    half_chord = (
        sin((south - north) / 2) ** 2 + cos(north) * cos(south) * sin(radians(other.lon - one.lon) / 2) ** 2
    )
    return 2 * EARTH_KM * asin(sqrt(min(1.0, half_chord)))


class Shape(NamedTuple):
    """One form of wanted value: ``read`` raises ValidationError; ``schema`` is JSON Schema; ``expects`` for people."""

    read: Callable[[Any], Any]
    schema: Mapping[str, Any]
    expects: str

    def faults(self, raw: object, pointer: str) -> list[Fault]:
        """What is wrong with a raw value, with pointers below its own."""
        try:
            self.read(raw)
        except ValidationError as error:
            found = error.errors(include_url=False, include_context=False, include_input=False)
            inside = {one["loc"][:-1] for one in found}
            return [
                self._fault(one["loc"], one["type"], one["msg"], pointer)
                for one in found
                if not one["loc"] or one["loc"] not in inside
            ]
        return []

    def _fault(self, location: tuple[int | str, ...], code: str, message: str, pointer: str) -> Fault:
        if not location and code != "value_error":
            return Fault(pointer, "wrong_type", f"Expected {self.expects}.")
        if code == "string_pattern_mismatch":
            message = f"Expected {self.expects}."
        below = "".join("/" + str(part).replace("~", "~0").replace("/", "~1")[:100] for part in location)
        return Fault(pointer + below, code, message.removeprefix("Value error, "))


def plain(value: Any) -> Any:
    """A wanted or actual value as JSON has it."""
    match value:
        case Wire():
            value = value.model_dump(mode="json", by_alias=True, exclude_none=True)
        case Past():
            value = plain(value.at)
        case datetime():
            value = value.isoformat().replace("+00:00", "Z")
        case Point():
            value = value._asdict()
        case LocalClock():
            value = {"now": plain(value.now), "zone": value.zone}
        case frozenset():
            value = sorted(value)
        case tuple():
            value = list(value)
    return value


def _moment(text: str) -> datetime:
    if not _RFC_3339.fullmatch(text):
        raise ValueError("not a moment of RFC 3339, such as 2026-11-01T00:00:00Z")
    try:
        return datetime.fromisoformat(text.upper()).astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError("no such moment") from None


_AT: Final[TypeAdapter[Any]] = TypeAdapter(Annotated[str, AfterValidator(_moment)])


def _since(raw: Any) -> Since:
    if not isinstance(raw, dict):
        moment: datetime = _AT.validate_python(raw, strict=True)
        return moment
    model: type[DaysAgo | HoursAgo] = HoursAgo if "hoursAgo" in raw else DaysAgo
    return _read(model)(raw)


def _read(model: type[ModelT]) -> Callable[[Any], ModelT]:
    return lambda raw: model.model_validate(raw, by_alias=True, by_name=False)


def _minutes(time: str) -> int:
    return int(time[:2]) * 60 + int(time[3:])


def _schema(model: type[Wire]) -> dict[str, Any]:
    schema = model.model_json_schema(by_alias=True)
    properties = {
        name: {key: value for key, value in field.items() if key not in ("title", "default")}
        for name, field in schema["properties"].items()
    }
    return {
        "type": "object",
        "properties": properties,
        "required": schema["required"],
        "additionalProperties": False,
    }


SINCE: Final = Shape(
    _since,
    {"anyOf": [_schema(DaysAgo), _schema(HoursAgo), {"type": "string", "format": "date-time"}]},
    "`{daysAgo}`, `{hoursAgo}` or a moment (RFC 3339)",
)
CIRCLE: Final = Shape(_read(Circle), _schema(Circle), f"`{{lat, lon, km}}`, at most {MAX_KM:,} km")
WINDOW: Final = Shape(_read(Window), _schema(Window), "`{from, to, days?, zone?}`, times as HH:MM")
