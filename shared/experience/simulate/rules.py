"""What would become of a draft for one person after another: pure.

The draft is judged by the very checks of a decision, first alone and then, when nothing holds it back, among the active
campaigns, to see whether more urgent ones leave it a place.
"""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from shared.experience.decide.checks import CHECKS, PLACING
from shared.experience.decide.dealing import dealt
from shared.experience.decide.engine import Engine
from shared.experience.decide.models import Candidate
from shared.experience.decide.rules import SHOWN, Situation, judge
from shared.experience.explain.reasons import OUTRANKED
from shared.experience.simulate.schemas import SimulatedPage
from shared.kernel.clock import to_millis
from shared.kernel.settings import Settings
from shared.messaging.campaigns.models import ON_PAGE, Campaign
from shared.messaging.targeting.facts import Facts, Geo
from shared.people.places import zone
from shared.people.profiles.models import Profile
from shared.people.profiles.pressure import Pressure

COMPETITION: Final = "competition"
"""The last row of the waterfall: lost to more urgent campaigns."""
ROWS: Final = (*(name for name, _ in CHECKS), *PLACING, COMPETITION)
"""The rows of the waterfall, in order."""
EXAMPLES: Final = 5
_RATE_DAYS: Final = 28
"""Over so many days a person's visits are counted to tell how likely they come tomorrow."""


@dataclass
class Tally:
    """What became of the draft among people of whom each stands for ``weight``."""

    read: int = 0
    lost: Counter[tuple[str, str]] = field(default_factory=Counter)
    seen: int = 0
    first_day: float = 0.0
    examples: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Trial:
    """A draft ready to be tried; ``engine`` holds the active campaigns, the draft among them."""

    draft: Candidate
    engine: Engine
    running: Sequence[Campaign]
    page: SimulatedPage
    at: datetime
    settings: Settings

    def take(self, profile: Profile, tally: Tally) -> None:
        """Try it on one person."""
        tally.read += 1
        loss = self.loss(profile)
        if loss is not None:
            tally.lost[loss] += 1
            return
        tally.seen += 1
        tally.first_day += coming(profile, self.at)
        if profile.type == "user" and len(tally.examples) < EXAMPLES:
            tally.examples.append(profile.person_key)

    def loss(self, profile: Profile) -> tuple[str, str] | None:
        """By which check and reason the draft is lost for a person; None: they would see it."""
        verdict = judge(self._situation(profile), self.draft)
        if verdict.code != SHOWN:
            return verdict.check, verdict.code
        shown = self.engine.decide(self._situation(profile)).shown
        ident = self.draft.campaign.id
        return (
            None
            if any(each.candidate.campaign.id == ident for each in shown)
            else (COMPETITION, OUTRANKED.code)
        )

    def _situation(self, profile: Profile) -> Situation:
        page, settings = self.page, self.settings
        asked = zone(page.timezone)
        facts = Facts(
            profile=profile,
            now=self.at,
            release_id=page.release_id or profile.release_state.last_seen_release_id,
            feature_flags=frozenset(page.feature_flags),
            locale=page.locale or profile.locale,
            timezone=asked.key if asked else profile.timezone,
            page=page.page,
            geo=Geo(),
            experiments=lambda: dealt(profile, self.running),
        )
        return Situation(
            facts=facts,
            pressure=Pressure(
                profile,
                self.at,
                modals_per_day=settings.modals_per_day,
                interruptions_per_week=settings.interruptions_per_week,
            ),
            hold_for=timedelta(seconds=settings.reservation_seconds),
            channels=frozenset(ON_PAGE if page.channels is None else page.channels),
        )


def coming(profile: Profile, at: datetime) -> float:
    """How likely somebody visits within a day: visits taken as a Poisson process with the rate of the last 28 days."""
    since = to_millis(at - timedelta(days=_RATE_DAYS))
    visits = sum(begin > since for begin, _ in profile.visits.recent)
    return 1 - math.exp(-visits / _RATE_DAYS)
