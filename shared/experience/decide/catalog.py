"""The active campaigns of one instance, ready for deciding (messaging-platform.md §5.2, step 3: cached for 5 minutes)."""

import asyncio
import contextvars
from collections.abc import Awaitable, Callable, Iterable
from typing import Final

from shared.experience.decide.edition import Edition
from shared.experience.decide.engine import Engine
from shared.experience.decide.models import Candidate, candidate
from shared.kernel import telemetry
from shared.kernel.clock import Clock
from shared.kernel.errors import AppError
from shared.messaging.campaigns.models import Campaign

RETRY_SECONDS: Final = 15.0
"""How soon after a failed refresh the next one may start."""


class Catalog:
    """Campaigns in memory. The first decision waits for them; later ones use what is there while it is renewed.

    ``edition`` is what is there at this moment, for explanations and for those who keep decisions.

    Args:
        load: every active campaign, in one query.
        clock: measures the age.
        max_age_seconds: after this long the next decision starts a refresh (``Settings.campaign_refresh_seconds``).
    """

    def __init__(
        self, load: Callable[[], Awaitable[list[Campaign]]], clock: Clock, *, max_age_seconds: float
    ) -> None:
        self._load = load
        self._clock = clock
        self._max_age = max_age_seconds
        self._ready: dict[str, Candidate] | None = None
        self._engine = Engine.of(())
        self.edition = Edition()
        self._applied: dict[str, Campaign] = {}
        self._due = 0.0
        self._refreshing: asyncio.Task[None] | None = None

    async def current(self) -> Engine:
        """The campaigns to choose from. Raises StoreUnavailable only while none were ever loaded."""
        if self._ready is None:
            await asyncio.shield(self._refresh())
        elif self._clock.monotonic() >= self._due:
            self._refresh()
        return self._engine

    @property
    def candidates(self) -> tuple[Candidate, ...]:
        """Every campaign in its order of urgency, those that no page can show included: for explanations."""
        return self.edition.candidates

    def apply(self, campaign: Campaign) -> None:
        """Decide with this version from now on: what this instance has just stored."""
        known = self._applied.get(campaign.id)
        if known is None or known.version < campaign.version:
            self._applied[campaign.id] = campaign
        if self._ready is not None and _put(self._ready, campaign):
            self._engine = self._engine.changed(campaign.id, self._ready.get(campaign.id))
            self.edition = Edition(self._ready.values())
            if self._engine.crowded:
                self.invalidate()

    def invalidate(self) -> None:
        """Make the next decision start a refresh."""
        self._due = 0.0

    def _refresh(self) -> "asyncio.Task[None]":
        """The refresh that is under way, or a new one: never two at a time."""
        if self._refreshing is None or self._refreshing.done():
            # a context of its own: no request pays for what serves them all
            self._refreshing = asyncio.get_running_loop().create_task(
                self._renew(), context=contextvars.Context()
            )
        return self._refreshing

    async def _renew(self) -> None:
        self._due = self._clock.monotonic() + RETRY_SECONDS
        self._applied.clear()
        try:
            loaded = await self._load()
        except Exception as error:
            if self._ready is None:
                raise
            telemetry.log().warning("campaigns_stale", exc_info=error)
            return
        # in a thread of its own: thousands of campaigns take a moment, and decisions do not wait for it
        ready, engine = await asyncio.to_thread(_built, loaded)
        # what was stored here meanwhile may be missing from the answer
        for campaign in self._applied.values():
            if _put(ready, campaign):
                engine = engine.changed(campaign.id, ready.get(campaign.id))
        self._ready, self._engine, self.edition = ready, engine, Edition(ready.values())
        self._due = self._clock.monotonic() + self._max_age


def _built(campaigns: Iterable[Campaign]) -> tuple[dict[str, Candidate], Engine]:
    ready: dict[str, Candidate] = {}
    for campaign in campaigns:
        _put(ready, campaign)
    return ready, Engine.of(ready.values())


def _put(ready: dict[str, Candidate], campaign: Campaign) -> bool:
    """Take in a campaign; False when a newer version of it is known."""
    known = ready.get(campaign.id)
    if known is not None and known.campaign.version > campaign.version:
        return False
    ready.pop(campaign.id, None)
    if campaign.status == "active":
        made = _made(campaign)
        if made is not None:
            ready[campaign.id] = made
    return True


def _made(campaign: Campaign) -> Candidate | None:
    """The campaign made ready; a broken one is left out, and reported: the others must go on."""
    try:
        return candidate(campaign)
    except AppError as error:
        telemetry.log().error(
            "campaign_broken", campaign=campaign.id, version=campaign.version, exc_info=error
        )
        telemetry.event("campaign_broken", milliseconds=0, bill={})
        return None
