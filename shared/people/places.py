"""Names of places, zones and languages as people give them: checked against IANA, ISO 3166-1 and BCP 47."""

from functools import cache
from importlib.resources import files
from typing import Annotated
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, Field

from shared.kernel.texts import readable
from shared.kernel.wire import Wire


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


@cache
def _countries() -> frozenset[str]:
    """The codes of ISO 3166-1 alpha-2, as the time zone database lists them."""
    table = (files("tzdata") / "zoneinfo" / "iso3166.tab").read_text(encoding="utf-8")
    return frozenset(line.split("\t")[0] for line in table.splitlines() if line and not line.startswith("#"))


def zone(name: str | None) -> ZoneInfo | None:
    """The IANA zone of that name, or None when there is none."""
    return ZoneInfo(name) if name in _zones() else None


def _zone_name(value: str) -> str:
    if value not in _zones():
        raise ValueError("not a zone of the IANA database")
    return value


def _country(value: str) -> str:
    if value not in _countries():
        raise ValueError("not a country code of ISO 3166-1 alpha-2, in capitals")
    return value


Latitude = Annotated[float, Field(strict=True, ge=-90, le=90)]
Longitude = Annotated[float, Field(strict=True, ge=-180, le=180)]
TimeZoneName = Annotated[str, Field(max_length=64), AfterValidator(_zone_name)]
"""An IANA zone, such as ``America/Argentina/Buenos_Aires``."""
CountryCode = Annotated[str, Field(min_length=2, max_length=2), AfterValidator(_country)]
"""ISO 3166-1 alpha-2, in capitals."""
Name = Annotated[str, Field(min_length=1, max_length=80), AfterValidator(readable)]
"""A name of a person or place: any script, no control characters, nothing that turns the direction of a text."""
LanguageTag = Annotated[
    str,
    Field(
        max_length=35,
        pattern=r"^[A-Za-z]{2,3}(-[A-Za-z]{4})?(-([A-Za-z]{2}|[0-9]{3}))?"
        r"(-([A-Za-z0-9]{5,8}|[0-9][A-Za-z0-9]{3}))*(-[0-9A-WY-Za-wy-z](-[A-Za-z0-9]{2,8})+)*"
        r"(-[xX](-[A-Za-z0-9]{1,8})+)?$",
    ),
]
"""A well-formed language tag (BCP 47), such as ``es-AR``."""


class GeoPoint(Wire):
    """A place on Earth in degrees, north and east positive."""

    lat: Latitude
    lon: Longitude
