"""Which messages a person is shown now, and why the others are not: pure.

Every campaign passes the same checks in the same order (``checks``); the first that holds it back names the reason. A
trace is not a second implementation: it is the same checks, asked for the values they compared.

Sources: messaging-platform.md §5.2; design/decisions.md, Messages; design/wire.md, Experience.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from shared.experience.decide.checks import CHECKS, Step, caps_hold, placing, step
from shared.experience.decide.models import Candidate
from shared.experience.decide.situation import MAX_MESSAGES, Situation
from shared.experience.decide.windows import is_open
from shared.messaging.campaigns.models import Channel
from shared.messaging.targeting.ages import INSTANT, Ages
from shared.messaging.targeting.conditions import holds, leaves
from shared.messaging.targeting.hours import Hours

__all__ = ["MAX_MESSAGES", "Situation", "caps_hold"]

SOONEST: Final = timedelta(seconds=30)
LATEST: Final = timedelta(hours=24)
"""Bounds of when to ask again."""
SHOWN: Final = "shown"
_PLACING: Final = frozenset({"slot", "pressure"})
"""Checks that fail for want of room, not for what the campaign is."""


class Verdict(NamedTuple):
    """What became of one campaign: ``code`` is ``shown`` or why not, by which ``check``; ``until`` when to ask again.

    Of a decision that was to be explained, ``steps`` are all the checks in order, and ``turns_at`` is the soonest moment at
    which a «no» could turn while nobody does anything: None unknown. For what is shown it is when that expires.
    """

    candidate: Candidate
    check: str
    code: str
    until: datetime | None = None
    channel: Channel | None = None
    steps: tuple[Step, ...] = ()
    turns_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """One verdict per campaign, in order; ``next_check`` is the soonest moment at which the answer may be another."""

    verdicts: tuple[Verdict, ...]
    next_check: timedelta

    @property
    def shown(self) -> tuple[Verdict, ...]:
        """The campaigns to show."""
        return tuple(verdict for verdict in self.verdicts if verdict.code == SHOWN)


def decide(situation: Situation, candidates: Sequence[Candidate], *, explain: bool = False) -> Decision:
    """Judge the candidates, which come in their order of urgency."""
    judged = _explained if explain else judge
    verdicts = tuple(judged(situation, candidate) for candidate in candidates)
    able = [verdict for verdict in verdicts if verdict.candidate.can_appear]
    moments = [verdict.until for verdict in able if verdict.check not in _PLACING]
    asking = [leaf for verdict in able for leaf in leaves(verdict.candidate.target)]
    moments += [turning(asking).next_turn(situation.facts) for turning in (Hours, Ages)]
    waiting = [verdict.candidate for verdict in verdicts if verdict.check in _PLACING]
    return Decision(verdicts, next_check(situation, [*moments, *_pressed(situation, waiting)]))


def judge(situation: Situation, candidate: Candidate) -> Verdict:
    """What becomes of one campaign, after those more urgent."""
    for name, check in CHECKS:
        finding = check(situation, candidate)
        if not finding.passed:
            return Verdict(candidate, name, finding.code, finding.until)
    return choose(situation, candidate)


def _explained(situation: Situation, candidate: Candidate) -> Verdict:
    """The same verdict, with every check: also those behind the one that failed, which could hold it back next."""
    asked = [(name, check(situation, candidate)) for name, check in CHECKS]
    placed = placing(situation, candidate)
    steps = tuple(step(name, finding) for name, finding in (*asked, *placed))
    failed = next(((name, finding) for name, finding in asked if not finding.passed), None)
    turns_at = _turns_at(situation, candidate, steps)
    if failed is None:
        verdict = choose(situation, candidate)
        return verdict._replace(steps=steps, turns_at=verdict.until if verdict.code == SHOWN else turns_at)
    name, finding = failed
    return Verdict(candidate, name, finding.code, finding.until, steps=steps, turns_at=turns_at)


def _turns_at(situation: Situation, candidate: Candidate, steps: Iterable[Step]) -> datetime | None:
    """When the last of the checks that failed may turn, if all can tell and the others still pass by then."""
    moments = [each.until for each in steps if not each.passed]
    known = [moment for moment in moments if moment is not None]
    if not known or len(known) < len(moments):
        return None
    at = max(known)
    facts = replace(situation.facts, now=at + INSTANT)
    lasting = is_open(candidate.campaign.scheduling, facts.now) and holds(candidate.target, facts)
    return at if lasting else None


def choose(situation: Situation, candidate: Candidate) -> Verdict:
    """The first of the campaign's channels that the page can render, that is free and that the budget allows."""
    free, within = situation.free_channels()
    room = free if candidate.exempt else within
    organizer = candidate.campaign.organizer_id
    unbound = candidate.exempt or not situation.pressure.shares
    for channel in candidate.channels:
        if channel in room and (unbound or situation.pressure.share_hold(organizer, channel) is None):
            situation.take(channel, organizer)
            return Verdict(candidate, "channel", SHOWN, situation.until, channel)
    check, finding = next(each for each in placing(situation, candidate) if not each[1].passed)
    return Verdict(candidate, check, finding.code, finding.until)


def _pressed(situation: Situation, waiting: Iterable[Candidate]) -> list[datetime | None]:
    """When the pressure budget lets in more, for campaigns that found no place."""
    pressure = situation.pressure
    pairs = {
        (candidate.campaign.organizer_id, channel)
        for candidate in waiting
        if not candidate.exempt
        for channel in candidate.channels
        if channel in situation.channels
    }
    holds = [pressure.hold(channel) for _, channel in pairs]
    holds += [pressure.share_hold(organizer, channel) for organizer, channel in pairs]
    return [hold.until for hold in holds if hold is not None]


def next_check(situation: Situation, moments: Iterable[datetime | None]) -> timedelta:
    """When to ask again: at the first of the moments, at the latest when the person's next day begins."""
    soonest = situation.next_day
    for moment in moments:
        if moment is not None and moment < soonest:
            soonest = moment
    return min(max(soonest - situation.now, SOONEST), LATEST)
