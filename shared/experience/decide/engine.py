"""All active campaigns, ready to be chosen from for one person in microseconds. Pure.

Two segments: the campaigns as they were last indexed, and those changed since, in a small one of their own, so that a change
costs the few and never the many. An engine is immutable; a change or a renewal gives another one.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from shared.experience.decide.dealing import left_out
from shared.experience.decide.models import Candidate
from shared.experience.decide.rules import SHOWN, Decision, Situation, Verdict, caps_hold, choose, next_check
from shared.experience.decide.segment import Segment, Walk
from shared.messaging.campaigns.models import Channel

MAX_CHANGED = 64
"""So many changed campaigns may wait for the next full index."""


class Engine:
    """The campaigns of one instance at one moment."""

    def __init__(self, base: Segment, changed: Mapping[str, Candidate | None] | None = None) -> None:
        self._base = base
        self._changed = dict(changed or {})
        fresh = [each for each in self._changed.values() if each is not None]
        self._recent = Segment(sorted(fresh, key=_order))
        self._without = base.rows_of(self._changed)

    @classmethod
    def of(cls, candidates: Iterable[Candidate]) -> "Engine":
        """An engine with everything indexed."""
        return cls(Segment(sorted((each for each in candidates if each.can_appear), key=_order)))

    @property
    def crowded(self) -> bool:
        """Whether a full index is due."""
        return len(self._changed) > MAX_CHANGED

    def changed(self, campaign_id: str, candidate: Candidate | None) -> "Engine":
        """The engine with one campaign replaced, added or (None) left out; touches no more than the changed ones."""
        shown = candidate if candidate is not None and candidate.can_appear else None
        return Engine(self._base, {**self._changed, campaign_id: shown})

    def decide(self, situation: Situation) -> Decision:
        """What to show; the same choice and the same next check as ``rules.decide`` over all candidates."""
        facts = situation.facts
        walks = [Walk(self._base, facts, without=self._without)]
        if self._recent.candidates:
            walks.append(Walk(self._recent, facts))
        moments = _held_back(walks, situation)
        verdicts = _chosen(walks, situation)
        if verdicts:
            moments.append(situation.until)
        for walk in walks:
            moments += walk.segment.turns(facts)
        if situation.pressure.tight:
            moments += _pressed(walks, situation)
        if situation.pressure.shares:
            moments += _shared(walks, situation)
        return Decision(tuple(verdicts), next_check(situation, moments))


def _order(candidate: Candidate) -> tuple[int, float, str]:
    return candidate.order


def _held_back(walks: Sequence[Walk], situation: Situation) -> list[datetime | None]:
    """Take out what its own caps hold back; when each may come again."""
    moments: list[datetime | None] = []
    profile = situation.facts.profile
    known: Collection[str] = profile.campaigns
    if profile.reservations:
        known = {*known, *(held.campaign_id for held in profile.reservations.values())}
    for walk in walks if known else ():
        for number in walk.among(known):
            hold = caps_hold(situation, walk.segment.candidates[number])
            if hold is not None:
                walk.drop(number)
                moments.append(hold.until)
    return moments


def _chosen(walks: Sequence[Walk], situation: Situation) -> list[Verdict]:
    """The verdicts on what is shown, most urgent first."""
    shown: list[Verdict] = []
    while True:
        head = _head(walks, situation)
        if head is None:
            return shown
        walk, number = head
        candidate = walk.segment.candidates[number]
        if candidate.split and left_out(situation.facts.profile, candidate.campaign):
            walk.pass_by(number)
            continue
        verdict = choose(situation, candidate)
        if verdict.code == SHOWN:
            shown.append(verdict)
            walk.pass_by(number)
        else:
            walk.refuse(number)


def _head(walks: Sequence[Walk], situation: Situation) -> tuple[Walk, int] | None:
    """The most urgent campaign that has room: within the budget, or wherever is free for those it does not bind."""
    free, within = situation.free_channels()
    if not free:
        return None
    if len(walks) == 1:
        [walk] = walks
        number = walk.first(walk.segment.usable(within, free))
        return None if number is None else (walk, number)
    best: tuple[Walk, int] | None = None
    for walk in walks:
        number = walk.first(walk.segment.usable(within, free))
        if number is not None and (best is None or _order_of(walk, number) < _order_of(*best)):
            best = walk, number
    return best


def _order_of(walk: Walk, number: int) -> tuple[int, float, str]:
    return walk.segment.candidates[number].order


def _pressed(walks: Sequence[Walk], situation: Situation) -> list[datetime | None]:
    """When the pressure budget lets in more of what it alone holds back."""
    moments: list[datetime | None] = []
    for channel in situation.channels:
        hold = situation.pressure.hold(channel)
        if hold is not None and hold.until is not None:
            wanted: frozenset[Channel] = frozenset({channel})
            if any(walk.waits(walk.segment.ordinary(wanted)) for walk in walks):
                moments.append(hold.until)
    return moments


def _shared(walks: Sequence[Walk], situation: Situation) -> list[datetime | None]:
    """When organizers' shares of the budget let in more of what is theirs."""
    moments: list[datetime | None] = []
    for organizer in situation.pressure.shares:
        for channel in situation.channels:
            hold = situation.pressure.share_hold(organizer, channel)
            if hold is not None and hold.until is not None:
                wanted: frozenset[Channel] = frozenset({channel})
                if any(
                    walk.waits(walk.segment.of(organizer) & walk.segment.ordinary(wanted)) for walk in walks
                ):
                    moments.append(hold.until)
    return moments
