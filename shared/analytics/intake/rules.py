"""Which events are taken, and what they are called: pure (design/wire.md, Analytics)."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from shared.analytics.intake.metadata import REACHED, SERVER_ONLY, BadMetadata, checked
from shared.analytics.intake.models import Event, Source
from shared.analytics.intake.schemas import TrackEvent
from shared.kernel.clock import to_millis
from shared.people.places import zone
from shared.people.profiles.models import PersonType
from shared.people.visitors import is_visitor_key

AHEAD: Final = timedelta(minutes=5)
BEHIND: Final = timedelta(hours=72)
DAY_BEGINS: Final = timedelta(hours=6)
"""A social day ends at 06:00 local (design/decisions.md, Time)."""

_BOTS: Final = re.compile(
    r"bot\b|crawl|spider|slurp|headless|phantomjs|puppeteer|playwright|selenium|lighthouse|pingdom|uptime|"
    r"curl/|wget/|python-|go-http-client|okhttp/|scrapy|facebookexternalhit|preview",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Reporter:
    """Who reports: a server, or the person themselves. ``name`` keeps the ids of one apart from those of another."""

    name: str
    person_key: str | None
    person_type: PersonType
    source: Source
    bot: str | None = None


class Refusal(ValueError):
    """An event that is not taken, with the code that says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def judged(given: TrackEvent, reporter: Reporter, ident: str, now: datetime) -> Event:
    """The event that is taken. ``ident`` is its id when it brings none.

    Raises Refusal: ``server_only``, ``person_missing``, ``not_yours``, ``too_old``, ``too_new``, ``invalid_metadata``.
    """
    if given.event_type in SERVER_ONLY and reporter.source != "server":
        raise Refusal("server_only")
    person, kind = _person(given, reporter)
    moment = given.timestamp or now
    if moment > now + AHEAD:
        raise Refusal("too_new")
    if moment < now - BEHIND:
        raise Refusal("too_old")
    try:
        metadata = checked(given.event_type, given.metadata)
    except BadMetadata:
        raise Refusal("invalid_metadata") from None
    at = to_millis(moment)
    named = (reporter.name, given.event_id or ident)
    if given.event_type == "checkin":
        # a check-in is what it says: whoever reports it, and however often
        named = ("checkin", f"{person}\x1f{metadata['eventId']}\x1f{tango_day(moment, metadata)}")
    key = reached_key(person, *named) if given.event_type == REACHED else event_key(*named)
    return Event(key, given.event_type, at, person, kind, reporter.source, metadata, reporter.bot)


def event_key(scope: str, ident: str) -> str:
    """The id under which an event is kept: 32 hex characters, the same for the same report."""
    return hashlib.sha256(f"{scope}\x1f{ident}".encode()).hexdigest()[:32]


def reached_key(person: str, scope: str, ident: str) -> str:
    """The id of a message's reaching somebody. It begins with what is drawn from the person: the least ids are those of a fair
    sample of people, with all that reached them.
    """
    return hashlib.sha256(person.encode()).hexdigest()[:8] + event_key(scope, ident)[8:]


def tango_day(moment: datetime, metadata: Mapping[str, Any]) -> str:
    """The social day of a moment where it happened, as ``2026-11-21``; in UTC when nobody told the zone."""
    local = moment.astimezone(zone(metadata.get("timezone")) or UTC)
    return (local.replace(tzinfo=None) - DAY_BEGINS).date().isoformat()


def bot_of(user_agent: str | None) -> str | None:
    """Why a browser's own name says that it is none; None for all others."""
    if not user_agent:
        return "no_user_agent"
    return "user_agent" if _BOTS.search(user_agent) else None


def _person(given: TrackEvent, reporter: Reporter) -> tuple[str, PersonType]:
    if reporter.source == "server":
        if given.person_key is None:
            raise Refusal("person_missing")
        return given.person_key, "ip" if is_visitor_key(given.person_key) else "user"
    assert reporter.person_key is not None  # noqa: S101 - browsers are somebody
    if given.person_key not in (None, reporter.person_key):
        raise Refusal("not_yours")
    return reporter.person_key, reporter.person_type
