"""The pressure budget of one person over all channels and campaigns (design/decisions.md, Messages). Pure.

What is used of it stands in the profile: messages seen, and those reserved (``caps``). Of organizers that the person wants
less of, the messages keep within a share of it as well (docs/explain.md, Less of this).
"""

from bisect import insort
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from shared.people.profiles.caps import DAY, FREE, MODALS, WEEK, Hold
from shared.people.profiles.models import Profile

LEAST: Final = 0.25
"""Less than this of the budget is nothing."""
MAX_LESS: Final = 100
"""Organizers that a person can want less of; of more, those wanted most are forgotten."""
_ROUNDING: Final = 1e-9
"""So that a third of three is one."""


class Budget:
    """What is used of one pressure budget, and when each of it is free again.

    Args:
        profile: the person.
        now: the moment of the decision.
        limits: modals and helpers in any 24 hours, and messages in any 7 days in all channels but the inbox.
        organizer_id: count this organizer's messages alone.
    """

    def __init__(
        self, profile: Profile, now: datetime, limits: tuple[int, int], organizer_id: str | None = None
    ) -> None:
        self.modals: list[datetime] = []
        self.interruptions: list[datetime] = []
        for shown in profile.shown:
            if organizer_id in (None, shown.organizer_id) and now < shown.at + WEEK:
                self.interruptions.append(shown.at + WEEK)
                if shown.channel in MODALS and now < shown.at + DAY:
                    self.modals.append(shown.at + DAY)
        for held in profile.reservations.values():
            if organizer_id in (None, held.organizer_id) and now < held.until and held.channel not in FREE:
                self.interruptions.append(held.until)
                if held.channel in MODALS:
                    self.modals.append(held.until)
        self.modals.sort()
        self.interruptions.sort()
        self.modals_per_day, self.interruptions_per_week = limits

    @property
    def tight(self) -> bool:
        """Whether it holds back anything at all."""
        modals, interruptions = self.modals, self.interruptions
        return len(modals) >= self.modals_per_day or len(interruptions) >= self.interruptions_per_week

    def hold(self, channel: str) -> Hold | None:
        """Why it holds back one more message in that channel, if it does."""
        if channel in FREE:
            return None
        hold = None
        if len(self.interruptions) >= self.interruptions_per_week:
            hold = Hold("weekly_budget", _free_at(self.interruptions, self.interruptions_per_week))
        if channel in MODALS and len(self.modals) >= self.modals_per_day:
            hold = both(Hold("modal_budget", _free_at(self.modals, self.modals_per_day)), hold)
        return hold

    def take(self, channel: str, until: datetime) -> None:
        """Count a message that this decision shows, reserved until then."""
        if channel not in FREE:
            insort(self.interruptions, until)
            if channel in MODALS:
                insort(self.modals, until)


class Pressure(Budget):
    """The pressure budget of one person during one decision: what is used, and what the decision adds.

    Of organizers that the person wants less of, the messages keep within their share of it as well: the weight in
    ``preferences.lessOf`` times each limit, rounded down.

    Args:
        profile: the person.
        now: the moment of the decision.
        modals_per_day: how many modals and helpers in any 24 hours.
        interruptions_per_week: how many messages in any 7 days, in all channels but the inbox.
    """

    def __init__(
        self, profile: Profile, now: datetime, *, modals_per_day: int, interruptions_per_week: int
    ) -> None:
        super().__init__(profile, now, (modals_per_day, interruptions_per_week))
        self.shares = {
            organizer: Budget(
                profile,
                now,
                (part(weight, modals_per_day), part(weight, interruptions_per_week)),
                organizer,
            )
            for organizer, weight in less_of(profile).items()
            if weight < 1
        }

    def share_hold(self, organizer_id: str | None, channel: str) -> Hold | None:
        """Why the organizer's share holds back one more of its messages in that channel, if it does."""
        share = self.shares.get(organizer_id) if organizer_id is not None else None
        hold = None if share is None else share.hold(channel)
        return None if hold is None else Hold("less_of_this", hold.until)

    def take(self, channel: str, until: datetime, organizer_id: str | None = None) -> None:
        """Count a message that this decision shows, reserved until then."""
        super().take(channel, until)
        if organizer_id in self.shares:
            self.shares[organizer_id].take(channel, until)


def want_less(profile: Profile, organizer_id: str) -> Profile:
    """The profile of somebody who wants less of an organizer: half of what it was, and from a quarter on nothing."""
    weight = less_of(profile).get(organizer_id, 1.0) / 2
    wanted = {organizer_id: weight if weight >= LEAST else 0.0}
    others = {ident: known for ident, known in less_of(profile).items() if ident != organizer_id}
    return replace(
        profile, preferences=profile.preferences | {"lessOf": wanted | _least(others, MAX_LESS - 1)}
    )


def merged_preferences(person: Profile, visitor: Profile) -> dict[str, Any]:
    """The person's preferences, with what they wanted less of as a visitor: of two wishes the stronger."""
    mine, theirs = less_of(person), less_of(visitor)
    if not theirs:
        return person.preferences
    weights = {ident: min(mine.get(ident, 1.0), theirs.get(ident, 1.0)) for ident in {*mine, *theirs}}
    return person.preferences | {"lessOf": _least(weights, MAX_LESS)}


def _least(weights: Mapping[str, float], number: int) -> dict[str, float]:
    """So many of the weights at most: those wanted least."""
    kept = sorted(weights, key=lambda ident: (weights[ident], ident))[:number]
    return {ident: weights[ident] for ident in kept}


def both(one: Hold | None, other: Hold | None) -> Hold | None:
    """Two holds as one, which ends with the later of them; the first one gives the reason."""
    if one is None or other is None:
        return one or other
    if one.until is None or other.until is None:
        return Hold(one.code)
    return Hold(one.code, max(one.until, other.until))


def less_of(profile: Profile) -> Mapping[str, float]:
    """How much the person wants to see of organizers, by their ids: 0 nothing, 1 as much as of any."""
    weights: Mapping[str, float] = profile.preferences.get("lessOf") or {}
    return weights


def part(weight: float, limit: int) -> int:
    """A share of a limit, in whole messages, rounded down."""
    return int(weight * limit + _ROUNDING)


def _free_at(ends: Sequence[datetime], limit: int) -> datetime | None:
    """When fewer than ``limit`` of what ends at those moments (ascending) will be left; never for a limit of 0."""
    return ends[len(ends) - limit] if limit > 0 else None
