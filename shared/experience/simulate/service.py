"""A draft tried on the real profiles, before anybody sees it (design/anchors-messaging.md §4, 4).

Store operations: 1 read for the campaign, 1 for each 1,000 profiles to count them, 1 for each profile of the sample
(``Settings.simulation_profiles``); no write.
"""

from collections.abc import AsyncIterator, Mapping
from typing import Final

from shared.experience.decide.catalog import Catalog
from shared.experience.decide.models import candidate
from shared.experience.simulate.answers import Findings, answer
from shared.experience.simulate.rules import Tally, Trial
from shared.experience.simulate.sampling import STRATA, shares, start
from shared.experience.simulate.schemas import SimulateRequest, Simulation
from shared.kernel import telemetry
from shared.kernel.budget import Budget
from shared.kernel.clock import Clock
from shared.kernel.errors import TooManyRequests
from shared.kernel.rates import Meter
from shared.kernel.settings import Settings
from shared.messaging.campaigns import rules as campaign_rules
from shared.messaging.campaigns.models import Campaign
from shared.messaging.campaigns.service import Campaigns
from shared.people.access import Principal
from shared.people.profiles.models import PersonType, Profile
from shared.people.profiles.repository import ProfileRepository

PAGE: Final = 200
"""Profiles read at a time: between two pages others are served."""


class Simulations:
    """Tries drafts: admins any, organizers their own."""

    def __init__(
        self,
        *,
        campaigns: Campaigns,
        catalog: Catalog,
        profiles: ProfileRepository,
        meter: Meter,
        budget: Budget,
        settings: Settings,
        clock: Clock,
    ) -> None:
        self._campaigns = campaigns
        self._catalog = catalog
        self._profiles = profiles
        self._meter = meter
        self._budget = budget
        self._settings = settings
        self._clock = clock

    async def simulate(self, principal: Principal, ident: str, request: SimulateRequest) -> Simulation:
        """What would become of the campaign, with the changes of the body, were it active.

        Raises NotFound, Invalid for changes that do not fit, Conflict for changes to an archived campaign, TooManyRequests beyond
        ``Settings.simulations_per_minute``, Unavailable when the day's budget of store operations is spent.
        """
        self._budget.require("simulations")
        allowed = self._meter.take(f"s:{principal.uid}", self._settings.simulations_per_minute)
        if allowed.retry_after is not None:
            raise TooManyRequests(retry_after=allowed.retry_after)
        with telemetry.counted() as bill:
            stored = await self._campaigns.get(principal, ident)
            trial = await self._trial(stored, request)
            sizes = {kind: await self._profiles.count(kind) for kind in STRATA}
            most = min(
                request.sample or self._settings.simulation_profiles, self._settings.simulation_profiles
            )
            tallies: dict[PersonType, Tally] = {}
            for kind, number in shares(sizes, most).items():
                tallies[kind] = Tally()
                async for profile in self._sample(kind, number, sizes, ident):
                    trial.take(profile, tallies[kind])
        findings = Findings(stored, trial.at, sizes, tallies, reads=bill["read"])
        return answer(findings, for_admins=principal.is_admin)

    async def _trial(self, stored: Campaign, request: SimulateRequest) -> Trial:
        now = self._clock.now()
        changed = stored
        if request.campaign is not None:
            changed = campaign_rules.next_version(stored, request.campaign, now=now)
        draft = candidate(changed.model_copy(update={"status": "active"}))
        begins = changed.scheduling.start_at
        engine = (await self._catalog.current()).changed(stored.id, draft)
        return Trial(
            draft=draft,
            engine=engine,
            running=self._catalog.edition.experiments,
            page=request.page,
            at=request.at or max(now, begins or now),
            settings=self._settings,
        )

    async def _sample(
        self, kind: PersonType, number: int, sizes: Mapping[PersonType, int], seed: str
    ) -> AsyncIterator[Profile]:
        """The profiles of a stratum behind a point of its ids, and on from the beginning when they end."""
        whole = number >= sizes[kind]
        after: str | None = None if whole else start(kind, seed)
        left, wrapped = number, whole
        while left > 0:
            page = await self._profiles.page(kind, after=after, limit=min(PAGE, left))
            for profile in page:
                yield profile
            left -= len(page)
            if page:
                after = page[-1].person_key
            elif wrapped:
                return
            else:
                after, wrapped = None, True
