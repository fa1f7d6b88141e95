"""A part of the campaigns, ordered and indexed, and one decision's way through it (design/performance.md §1). Pure.

Campaigns are rows of bits. What the person satisfies comes from the condition index; windows, channels and the
exemption from the pressure budget are masks over the same rows, so that a campaign that cannot be shown is never looked at.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from shared.experience.decide.dealing import left_out
from shared.experience.decide.eligibility import eligibility
from shared.experience.decide.models import Candidate
from shared.experience.decide.windows import Windows
from shared.messaging.campaigns.models import Channel
from shared.messaging.targeting.ages import Ages
from shared.messaging.targeting.conditions import leaves
from shared.messaging.targeting.facts import Facts
from shared.messaging.targeting.hours import Hours
from shared.messaging.targeting.index import ConditionIndex
from shared.messaging.targeting.slots import Bits


class Segment:
    """An immutable part; ``candidates`` come in their order of urgency and can be shown on a page at all."""

    def __init__(self, candidates: Sequence[Candidate]) -> None:
        self.candidates = tuple(candidates)
        self.index = ConditionIndex([eligibility(each) for each in self.candidates])
        self.windows = Windows([each.campaign.scheduling for each in self.candidates], self.index)
        asking = [leaf for each in self.candidates for leaf in leaves(each.target)]
        self._turning = (Hours(asking), Ages(asking))
        self._numbers = {each.campaign.id: number for number, each in enumerate(self.candidates)}
        self._exempt = self.index.rows_of([each.exempt for each in self.candidates])
        self._by_channels: dict[frozenset[Channel], Bits] = {}
        self._by_organizer: dict[str, Bits] = {}

    def turns(self, facts: Facts) -> list[datetime | None]:
        """When the clock next lets somebody in, or turns something that a campaign asks for."""
        return [self.windows.next_start(facts.now), *(each.next_turn(facts) for each in self._turning)]

    def rows_of(self, campaign_ids: Iterable[str]) -> Bits:
        """The rows of those of the campaigns that are of this part."""
        known = self._numbers
        return self.index.rows_of_these([known[ident] for ident in campaign_ids if ident in known])

    def usable(self, channels: frozenset[Channel], exempt_channels: frozenset[Channel]) -> Bits:
        """The rows of the campaigns with one of these channels; exempt ones have their own choice."""
        ordinary = self._with(channels)
        if channels is exempt_channels:
            return ordinary
        return (ordinary & ~self._exempt) | (self._with(exempt_channels) & self._exempt)

    def ordinary(self, channels: frozenset[Channel]) -> Bits:
        """The rows of the campaigns with one of these channels that are under the pressure budget."""
        return self._with(channels) & ~self._exempt

    def of(self, organizer_id: str) -> Bits:
        """The rows of one organizer's campaigns."""
        known = self._by_organizer.get(organizer_id)
        if known is None:
            known = self.index.rows_of(
                [each.campaign.organizer_id == organizer_id for each in self.candidates]
            )
            self._by_organizer[organizer_id] = known
        return known

    def _with(self, channels: frozenset[Channel]) -> Bits:
        known = self._by_channels.get(channels)
        if known is None:
            known = self.index.rows_of([not channels.isdisjoint(each.channels) for each in self.candidates])
            self._by_channels[channels] = known
        return known


class Walk:
    """One decision's way through a segment, by the campaigns' numbers in it."""

    def __init__(self, segment: Segment, facts: Facts, *, without: Bits = 0) -> None:
        self.segment = segment
        self._facts = facts
        self._matched = segment.index.matching(facts, segment.windows.open_at(facts.now) & ~without)
        self._left = self._matched
        self._done: list[int] = []

    def among(self, campaign_ids: Iterable[str]) -> Iterator[int]:
        """Those of the named campaigns that the person satisfies: the ones whose own caps are worth asking."""
        rows = self.segment.rows_of(campaign_ids) & self._matched
        return self.segment.index.numbers(rows, self._facts)

    def first(self, usable: Bits) -> int | None:
        """The most urgent campaign that is left and among the usable rows."""
        return self.segment.index.first(self._left & usable, self._facts)

    def drop(self, number: int) -> None:
        """Look at this campaign no more."""
        self._done.append(number)
        self._left &= ~self.segment.index.rows_of_these((number,))

    def pass_by(self, number: int) -> None:
        """Go on behind a campaign that was looked at: those before it can find no room any more either."""
        self._done.append(number)
        self._left = self.segment.index.after(self._left, number)

    def refuse(self, number: int) -> None:
        """Go on behind a campaign that found no place after all: it waits."""
        self._left = self.segment.index.after(self._left, number)

    def waits(self, rows: Bits) -> bool:
        """Whether one of these rows holds for the person, of a campaign that was neither dropped nor looked at."""
        index = self.segment.index
        waiting = index.numbers(rows & self._matched & ~index.rows_of_these(self._done), self._facts)
        return any(
            not left_out(self._facts.profile, self.segment.candidates[each].campaign) for each in waiting
        )
