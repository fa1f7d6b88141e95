"""Which messages a person is shown now, and why the others are not: pure.

Every campaign passes the same checks in the same order; the first that holds it back names the reason (a stable code).
A trace is not a second implementation: it is what the decision itself wrote down.

Sources: messaging-platform.md §5.2; design/decisions.md, Messages; design/wire.md, Experience.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from functools import lru_cache
from typing import Final, NamedTuple

from shared.experience.decide.models import Candidate
from shared.messaging.campaigns.models import MODAL_LIKE, ON_PAGE, Channel
from shared.messaging.targeting.conditions import holds
from shared.messaging.targeting.facts import Facts
from shared.people.places import zone
from shared.people.profiles.caps import Hold, Pressure, campaign_hold

MAX_MESSAGES: Final = 3
"""Messages of one decision."""
SOONEST: Final = timedelta(seconds=30)
LATEST: Final = timedelta(hours=24)
"""Bounds of when to ask again."""
SHOWN: Final = "shown"
_NONE: Final[frozenset[Channel]] = frozenset()
_PLACING: Final = frozenset({"slot", "pressure"})
"""Checks that fail for want of room, not for what the campaign is."""


@dataclass
class Situation:
    """One decision under way: what is known, and what has been chosen so far.

    ``hold_for`` is how long a message chosen now stays reserved, ``until`` when that is over; ``channels`` are those that
    the page can render.
    """

    facts: Facts
    pressure: Pressure
    hold_for: timedelta
    channels: frozenset[Channel] = frozenset(ON_PAGE)
    taken: set[Channel] = field(default_factory=set)
    now: datetime = field(init=False)
    until: datetime = field(init=False)
    _room: tuple[frozenset[Channel], frozenset[Channel]] | None = None

    def __post_init__(self) -> None:
        self.now = self.facts.now
        self.until = self.facts.now + self.hold_for

    def take(self, channel: Channel) -> None:
        """Show something in that channel."""
        self.taken.add(channel)
        self.pressure.take(channel, self.until)
        self._room = None

    def free_channels(self) -> tuple[frozenset[Channel], frozenset[Channel]]:
        """The channels with room on the page, and those of them that the pressure budget allows as well."""
        if self._room is None:
            self._room = self._find_room()
        return self._room

    def _find_room(self) -> tuple[frozenset[Channel], frozenset[Channel]]:
        if len(self.taken) >= MAX_MESSAGES:
            return _NONE, _NONE
        free = self.channels
        if self.taken:
            free -= self.taken if MODAL_LIKE.isdisjoint(self.taken) else self.taken | MODAL_LIKE
        if not self.pressure.tight:
            return free, free
        return free, frozenset(channel for channel in free if self.pressure.hold(channel) is None)

    @property
    def next_day(self) -> datetime:
        """The person's next local midnight, by instant: UTC's when the zone is unknown."""
        now = self.facts.now
        # midnights fall on quarters of an hour of UTC everywhere, so that one answer serves a quarter
        return _midnight_after(
            now.replace(minute=now.minute // 15 * 15, second=0, microsecond=0), self.facts.timezone
        )


@lru_cache(maxsize=1024)
def _midnight_after(moment: datetime, timezone: str | None) -> datetime:
    here = zone(timezone) or UTC
    today = moment.astimezone(here).date()
    return datetime.combine(today + timedelta(days=1), time(), here).astimezone(UTC)


class Verdict(NamedTuple):
    """What became of one campaign: ``code`` is ``shown`` or why not, by which ``check``; ``until`` when to ask again."""

    candidate: Candidate
    check: str
    code: str
    until: datetime | None = None
    channel: Channel | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """One verdict per campaign, in order; ``next_check`` is the soonest moment at which the answer may be another."""

    verdicts: tuple[Verdict, ...]
    next_check: timedelta

    @property
    def shown(self) -> tuple[Verdict, ...]:
        """The campaigns to show."""
        return tuple(verdict for verdict in self.verdicts if verdict.code == SHOWN)


def decide(situation: Situation, candidates: Sequence[Candidate]) -> Decision:
    """Judge the candidates, which come in their order of urgency."""
    verdicts = tuple(_judge(situation, candidate) for candidate in candidates)
    able = [verdict for verdict in verdicts if verdict.candidate.can_appear]
    moments = [verdict.until for verdict in able if verdict.check not in _PLACING]
    waiting = [verdict.candidate for verdict in verdicts if verdict.check in _PLACING]
    return Decision(verdicts, next_check(situation, [*moments, *_pressed(situation, waiting)]))


def _judge(situation: Situation, candidate: Candidate) -> Verdict:
    for name, check in CHECKS:
        hold = check(situation, candidate)
        if hold is not None:
            return Verdict(candidate, name, hold.code, hold.until)
    return choose(situation, candidate)


def _status(_situation: Situation, candidate: Candidate) -> Hold | None:
    return None if candidate.campaign.status == "active" else Hold("not_active")


def _window(situation: Situation, candidate: Candidate) -> Hold | None:
    scheduling = candidate.campaign.scheduling
    if scheduling.start_at is not None and situation.now < scheduling.start_at:
        return Hold("not_started", scheduling.start_at)
    if scheduling.end_at is not None and situation.now >= scheduling.end_at:
        return Hold("ended")
    return None


def _type(_situation: Situation, candidate: Candidate) -> Hold | None:
    return Hold("not_for_pages") if candidate.campaign.type == "user_to_user" else None


def _consent(situation: Situation, candidate: Candidate) -> Hold | None:
    profile = situation.facts.profile
    if candidate.consent == "favorite" and candidate.campaign.organizer_id not in profile.favorites:
        return Hold("not_following")
    if candidate.consent == "marketing" and not profile.marketing_opt_in:
        return Hold("no_marketing_consent")
    return None


def _audience(situation: Situation, candidate: Candidate) -> Hold | None:
    return None if holds(candidate.target, situation.facts) else Hold("audience")


def _release(situation: Situation, candidate: Candidate) -> Hold | None:
    acknowledged = situation.facts.profile.release_state.acknowledged_releases
    return Hold("release_acknowledged") if candidate.release_id in acknowledged else None


def caps_hold(situation: Situation, candidate: Candidate) -> Hold | None:
    """Why the campaign's own caps hold it back, if they do."""
    return campaign_hold(situation.facts.profile, candidate.campaign.id, candidate.limits, situation.now)


CHECKS: Final[tuple[tuple[str, Callable[[Situation, Candidate], Hold | None]], ...]] = (
    ("status", _status),
    ("window", _window),
    ("type", _type),
    ("consent", _consent),
    ("audience", _audience),
    ("release", _release),
    ("caps", caps_hold),
)
"""Every check before the choice of a channel, in order."""


def choose(situation: Situation, candidate: Candidate) -> Verdict:
    """The first of the campaign's channels that the page can render, that is free and that the budget allows."""
    free, within = situation.free_channels()
    room = free if candidate.exempt else within
    for channel in candidate.channels:
        if channel in room:
            situation.take(channel)
            return Verdict(candidate, "channel", SHOWN, situation.until, channel)
    return _without_room(situation, candidate)


def _without_room(situation: Situation, candidate: Candidate) -> Verdict:
    """Why none of the campaign's channels will do: the first one's reason."""
    usable = [channel for channel in candidate.channels if channel in situation.channels]
    blocked: list[tuple[str, Hold]] = []
    for channel in usable:
        check, hold = "slot", _slot(situation, channel)
        if hold is None:
            check, hold = "pressure", situation.pressure.hold(channel)
        if hold is not None:
            blocked.append((check, hold))
    if not blocked:
        return Verdict(candidate, "channel", "no_channel")
    check, first = blocked[0]
    return Verdict(candidate, check, first.code, _soonest(each.until for _, each in blocked))


def _slot(situation: Situation, channel: Channel) -> Hold | None:
    if len(situation.taken) >= MAX_MESSAGES:
        return Hold("enough", situation.until)
    if channel in situation.taken or (channel in MODAL_LIKE and situation.taken & MODAL_LIKE):
        return Hold("slot_taken", situation.until)
    return None


def _pressed(situation: Situation, waiting: Iterable[Candidate]) -> list[datetime | None]:
    """When the pressure budget lets in more, for campaigns that found no place."""
    channels = {channel for each in waiting if not each.exempt for channel in each.channels}
    holds = (situation.pressure.hold(channel) for channel in channels & situation.channels)
    return [hold.until for hold in holds if hold is not None]


def next_check(situation: Situation, moments: Iterable[datetime | None]) -> timedelta:
    """When to ask again: at the first of the moments, at the latest when the person's next day begins.

    What a condition says of days and hours of the day may change with the day; it is asked again then.
    """
    soonest = situation.next_day
    for moment in moments:
        if moment is not None and moment < soonest:
            soonest = moment
    return min(max(soonest - situation.now, SOONEST), LATEST)


def _soonest(moments: Iterable[datetime | None]) -> datetime | None:
    return min((moment for moment in moments if moment is not None), default=None)
