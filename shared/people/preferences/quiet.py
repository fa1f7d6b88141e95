"""Quiet hours: until when nothing may ring at somebody's place (design/decisions.md, Time). Pure."""

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from functools import cache
from importlib.resources import files
from typing import Final
from zoneinfo import ZoneInfo

from shared.people.preferences.schemas import QuietHours
from shared.people.profiles.models import Profile

_PASSES: Final = 12
"""How often somewhere else it may still be night."""


def quiet_until(profile: Profile, now: datetime) -> datetime | None:
    """When the person's quiet hours end; None outside of them, and where nobody knows where they live.

    Zone unknown: when it is day in every zone of the home's country; where it never is at once, in the last of them.
    """
    hours = QuietHours.model_validate(profile.preferences.get("quietHours") or {})
    zones = [ZoneInfo(profile.timezone)] if profile.timezone else zones_of(profile.home.country)
    at = now
    for _ in range(_PASSES):
        ends = [end for zone in zones if (end := _end(hours, at, zone)) is not None]
        if not ends:
            break
        at = max(ends)
    return None if at == now else at


@cache
def zones_of(country: str | None) -> Sequence[ZoneInfo]:
    """The zones of a country, by the table of the IANA; none for no country."""
    table = files("tzdata.zoneinfo").joinpath("zone.tab").read_text()
    rows = (line.split("\t") for line in table.splitlines() if not line.startswith("#"))
    return [ZoneInfo(row[2]) for row in rows if row[0] == country]


def _end(hours: QuietHours, at: datetime, zone: ZoneInfo) -> datetime | None:
    local = at.astimezone(zone)
    start, end = time.fromisoformat(hours.start), time.fromisoformat(hours.end)
    if end <= local.time() < start:
        return None
    day = local.date() if local.time() < end else local.date() + timedelta(days=1)
    return datetime.combine(day, end, zone).astimezone(UTC)
