"""Whether messages bring back who stayed away, for those who may know (messaging-platform.md §10; docs/insights.md)."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from shared.analytics.access import asking_for, sees_all
from shared.analytics.bitmaps.bits import bits
from shared.analytics.reactivation import rules
from shared.analytics.reactivation.repository import Messages, ReactivationRepository
from shared.analytics.reactivation.rules import Answers, Share
from shared.analytics.reactivation.schemas import Group, Rate, Reactivation, ReactivationQuery
from shared.analytics.segments.estimates import Cohorts, signed_in
from shared.analytics.segments.shield import BOUND, Shield
from shared.kernel.clock import Clock, to_millis
from shared.kernel.cohorts import Count, coarse, exact
from shared.kernel.errors import Fault, Invalid
from shared.people.access import Principal

MOST_COMPARED: Final = 5_000
"""People drawn to be compared with; everybody, where there are no more."""
KEPT_DAYS: Final = 90
"""How far back it is known whom messages reached: as long as rows are kept."""
SPAN_DAYS: Final = 30
_EVERYBODY: Final[dict[str, object]] = {"attribute": "visits.total", "op": "gte", "value": 1}
_MS: Final = timedelta(milliseconds=1)


class Reactivations:
    """Compares those whom messages reached with those whom none did.

    Args:
        repository: whom messages reached, and when people were there.
        cohorts: everybody there is.
        shield: what organizers learn of sizes.
        clock: the time.
    """

    def __init__(
        self, repository: ReactivationRepository, cohorts: Cohorts, shield: Shield, clock: Clock
    ) -> None:
        self._repository = repository
        self._cohorts = cohorts
        self._shield = shield
        self._clock = clock

    async def of(self, asked: ReactivationQuery, principal: Principal) -> Reactivation:
        """Both groups, and how they differ.

        Costs 2 operations for each month, one for each started 1,000 people that messages reached (10 at most), 5 and again one for
        each month to compare, one for the sets of everybody, and 4 for what an organizer is told. Raises NotFound for another's, Invalid ``bad_period``, TooManyRequests
        ``cohort_budget_spent``, Unavailable ``not_ready`` before anybody was counted.
        """
        owner = asking_for(principal, asked.organization_id)
        now = self._clock.now()
        first, last = _period(asked, now)
        messages = Messages(
            _midnight(first), _midnight(last) + timedelta(days=1), owner, asked.campaign_id, asked.channel
        )
        within = timedelta(days=asked.within_days)
        reach = await self._repository.reach(messages)
        lives = await self._repository.lives_of(sorted(reach.moments))
        back = rules.written_to(lives.people, reach.moments, within // _MS)
        others, part, seen = await self._left_alone(messages, within)
        reached = _Sizes.of(back, reach.part)
        compared = _Sizes.of(others, part)
        if not sees_all(principal):
            reached, compared = await self._shielded(owner, back, reached), _coarse(compared)
        as_of = max((each for each in (lives.as_of, seen) if each is not None), default=now)
        return Reactivation(
            organization_id=owner,
            campaign_id=asked.campaign_id,
            channel=asked.channel,
            first_day=first,
            last_day=last,
            within_days=asked.within_days,
            dormant_days=rules.DORMANT_DAYS,
            reached=reached.group(),
            comparison=compared.group(),
            difference=_difference(reached.share, compared.share),
            complete=messages.end + within <= now,
            exact=sees_all(principal) and reach.part == part == 1,
            bound=0 if sees_all(principal) else BOUND,
            as_of=as_of,
            lag_seconds=max(0, int((now - as_of).total_seconds())),
        )

    async def _left_alone(
        self, messages: Messages, within: timedelta
    ) -> tuple[Answers, float, datetime | None]:
        """Dormant people without a message of anybody, the part of all people they were drawn from, and as of when that is."""
        found = await self._cohorts.find(signed_in(_EVERYBODY))
        everybody = found.members
        drawn: Sequence[int] = range(len(everybody))
        if len(everybody) > MOST_COMPARED:
            # the same people for the same question
            chance = random.Random(f"{messages.start}{messages.end}")  # noqa: S311 - a fair draw is no secret
            drawn = sorted(chance.sample(drawn, MOST_COMPARED))
        lives = await self._repository.lives_numbered([everybody[place] for place in drawn])
        begin = to_millis(messages.start)
        away = [life for life in lives.people if rules.dormant(life, begin)]
        anybodys = Messages(messages.start, messages.end)
        reach = await self._repository.reach_of(anybodys, [life.person_key for life in away])
        part = len(drawn) / len(everybody) if everybody else 1.0
        return rules.left_alone(away, reach.moments, begin, within // _MS), part, lives.as_of

    async def _shielded(self, owner: str | None, answers: Answers, sizes: "_Sizes") -> "_Sizes":
        """What an organizer hears of those they wrote to (docs/segments.md); asked for as two cohorts."""
        dormant = await self._shield.tell(owner or "", bits(answers))
        returned = await self._shield.tell(owner or "", bits(n for n, came in answers.items() if came))
        return replace(sizes, dormant=dormant.count, returned=returned.count)


@dataclass(frozen=True, slots=True)
class _Sizes:
    """Dormant people and those of them who came back; None: not told. They are ``part`` of all there are."""

    dormant: int | None
    returned: int | None
    part: float

    @classmethod
    def of(cls, answers: Answers, part: float) -> "_Sizes":
        return cls(len(answers), sum(answers.values()), part)

    @property
    def share(self) -> Share | None:
        if not self.dormant or self.returned is None:
            return None
        return rules.share(min(self.returned, self.dormant), self.dormant)

    def group(self) -> Group:
        """On the wire."""
        return Group(
            dormant=self._count(self.dormant), returned=self._count(self.returned), rate=_rate(self.share)
        )

    def _count(self, number: int | None) -> Count:
        return coarse(0) if number is None else exact(number / self.part)


def _coarse(sizes: _Sizes) -> _Sizes:
    return replace(
        sizes, dormant=coarse(sizes.dormant or 0).value, returned=coarse(sizes.returned or 0).value
    )


def _difference(one: Share | None, other: Share | None) -> Rate | None:
    return None if one is None or other is None else _rate(rules.difference(one, other))


def _rate(share: Share | None) -> Rate | None:
    if share is None:
        return None
    return Rate(value=round(share.value, 4), low=round(share.low, 4), high=round(share.high, 4))


def _period(asked: ReactivationQuery, now: datetime) -> tuple[date, date]:
    """The days asked for; those whose messages have had their answers by default. Raises Invalid."""
    last = asked.to or (now - timedelta(days=asked.within_days + 1)).date()
    first = asked.from_ or last - timedelta(days=SPAN_DAYS - 1)
    oldest = (now - timedelta(days=KEPT_DAYS)).date()
    if not oldest <= first <= last:
        raise Invalid(
            faults=[Fault("?from", "bad_period", f"Days of the last {KEPT_DAYS}, the first one first.")]
        )
    return first, last


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
