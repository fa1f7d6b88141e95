"""Trying and accepting broadcasts (docs/broadcasts.md).

Accepting is one commit: the broadcast, the credits that are held for it, and its place among the organizer's starts. The orchestration is
started off the answer's path; a timer finds what was accepted and never started.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from math import ceil

from shared.clients.documents.port import Documents, Write
from shared.clients.errors import AlreadyExists, Stale
from shared.kernel.clock import Clock
from shared.kernel.errors import Conflict, NotFound, TooManyRequests
from shared.kernel.ids import IdSource, hashed_id
from shared.kernel.ramp import seconds_for
from shared.kernel.rates import Meter
from shared.kernel.settings import Settings
from shared.kernel.signing import Seal
from shared.messaging.broadcasts import rules
from shared.messaging.broadcasts.audience import Audiences
from shared.messaging.broadcasts.cooldown import Cooldowns, Starts
from shared.messaging.broadcasts.estimating import Estimate, Estimating
from shared.messaging.broadcasts.models import Broadcast, Terms
from shared.messaging.broadcasts.operations import operations_of
from shared.messaging.broadcasts.repository import BroadcastRepository
from shared.messaging.broadcasts.schemas import BroadcastView, DryRun, SendBroadcast
from shared.messaging.broadcasts.segment_estimating import SegmentEstimating
from shared.messaging.broadcasts.views import broadcast_view, counter, drift_view, losses
from shared.messaging.broadcasts.waking import Waking
from shared.people.access import Principal
from shared.people.aliases import alias_of
from shared.people.contention import ATTEMPTS
from shared.people.profiles.repository import ProfileRepository
from shared.premium.credits.models import Holdings
from shared.premium.credits.service import Credits
from shared.premium.tiers import SendChannel, TierTable


class Accepting:
    """Tries and accepts broadcasts of the caller's organizers; another's do not exist."""

    def __init__(
        self,
        *,
        documents: Documents,
        repository: BroadcastRepository,
        audiences: Audiences,
        estimating: Estimating,
        segment_estimating: SegmentEstimating,
        ledger: Credits,
        tiers: TierTable,
        cooldowns: Cooldowns,
        waking: Waking,
        profiles: ProfileRepository,
        meter: Meter,
        seal: Seal,
        settings: Settings,
        clock: Clock,
        ids: IdSource,
    ) -> None:
        self._documents = documents
        self._repository = repository
        self._audiences = audiences
        self._estimating = estimating
        self._segment_estimating = segment_estimating
        self._ledger = ledger
        self._tiers = tiers
        self._cooldowns = cooldowns
        self._waking = waking
        self._profiles = profiles
        self._meter = meter
        self._seal = seal
        self._settings = settings
        self._clock = clock
        self._ids = ids

    async def try_out(self, principal: Principal, body: SendBroadcast) -> DryRun:
        """What would become of it now; no write. Raises NotFound, Forbidden ``tier_too_low``, Invalid, TooManyRequests."""
        allowed = self._meter.take(f"s:{principal.uid}", self._settings.simulations_per_minute)
        if allowed.retry_after is not None:
            raise TooManyRequests(retry_after=allowed.retry_after)
        holdings, draft = await self._draft(principal, body, ident="b_", actor="")
        estimate = await self._estimated(draft, principal, drift=True)
        draft = self._on_terms(draft, estimate)
        told = counter(principal)
        operations = operations_of(draft, estimate)
        return DryRun(
            organizer_id=draft.organizer_id,
            exact=estimate.exact,
            people=told(estimate.people),
            losses=losses(estimate.lost, told),
            recipients={channel: told(number) for channel, number in estimate.reached.items()},
            tier=draft.terms.tier,
            prices=dict(draft.terms.prices),
            credits=draft.terms.credits,
            available=holdings.balances["available"],
            drift=drift_view(estimate.drift, told),
            operations=operations,
            seconds=ceil(seconds_for(operations.writes, self._settings.bulk_writes_per_second)),
            starts_at=draft.start_at,
            digest=self._seal.sign(f"{rules.terms_hash(draft)}.{draft.terms.credits}"),
        )

    async def send(self, principal: Principal, body: SendBroadcast, *, seed: str) -> BroadcastView:
        """Accept a broadcast (3 reads and an estimate, 2 writes; with credits 2 reads and 2 writes more).

        The same seed is the same broadcast. Raises NotFound, Forbidden ``tier_too_low``, PaymentRequired, Invalid, Conflict
        ``digest_changed``, TooManyRequests ``cooldown``.
        """
        _own(principal, body.organizer_id)
        ident = hashed_id("b", seed)
        known = await self._repository.get(ident)
        if known is None:
            actor = await alias_of(self._profiles, self._ids, principal.uid or "") or ""
            _, draft = await self._draft(principal, body, ident=ident, actor=actor)
            tried = self._tried(draft, body.digest)
            if draft.audience.kind == "segment":
                # before anything is counted: who is accepted are these people, also when this worker dies
                await self._audiences.segments.pin(draft)
            draft = await self._with_limit(draft, principal, tried)
            known = await self._accept(draft)
        await self._waking.wake(known.id)
        return broadcast_view(known, counter(principal))

    async def _draft(
        self, principal: Principal, body: SendBroadcast, *, ident: str, actor: str
    ) -> tuple[Holdings, Broadcast]:
        """The organizer's holdings, and the broadcast on its tier's prices; its limits are still to be found."""
        organizer = _own(principal, body.organizer_id)
        holdings = await self._ledger.holdings(organizer)
        none: dict[SendChannel, int] = dict.fromkeys(body.channels, 0)
        quote = self._tiers.quote(holdings.tier, body.audience.type, none)
        terms = Terms(holdings.tier, quote.prices, self._tiers.of(holdings.tier).max_recipients, 0)
        draft = rules.drafted(body, ident=ident, actor=actor, terms=terms, now=self._clock.now())
        await self._check_exclusions(draft)
        if draft.audience.kind == "segment":
            version = await self._audiences.segments.version(draft)
            draft = replace(draft, audience=replace(draft.audience, segment_version=version))
        return holdings, draft

    async def _estimated(
        self, draft: Broadcast, principal: Principal | None, *, drift: bool = False
    ) -> Estimate:
        """What it would come to, by numbers that the caller may know; None: that nobody is told."""
        if draft.audience.kind != "segment":
            return await self._estimating.of(draft)
        owner = None if principal is None or principal.is_admin else draft.organizer_id
        return await self._segment_estimating.of(draft, owner, drift=drift)

    async def _check_exclusions(self, draft: Broadcast) -> None:
        """Who received another organizer's broadcast is nobody's business."""
        for earlier in draft.audience.exclude.received:
            found = await self._repository.get(earlier)
            if found is None or found.organizer_id != draft.organizer_id:
                raise NotFound("There is no such broadcast to exclude.")

    def _tried(self, draft: Broadcast, digest: str | None) -> int | None:
        """What it costs at most by its dry run; None without one. Raises Conflict ``digest_changed`` for another dry run's digest."""
        if digest is None:
            return None
        seen, _, most = (self._seal.verify(digest) or "").rpartition(".")
        if seen != rules.terms_hash(draft):
            raise _changed()
        return int(most)

    async def _with_limit(self, draft: Broadcast, principal: Principal, tried: int | None) -> Broadcast:
        """The draft with its limit and cost, the cost that was tried where it was; what is free and surely fits is not counted."""
        free = not any(draft.terms.prices.values())
        if free and draft.audience.kind == "favorites":
            bound = await self._audiences.size_at_most(draft)
            if bound <= draft.terms.limit:
                return draft
        if tried is None:
            return self._on_terms(draft, await self._estimated(draft, principal))
        # nobody is told these numbers: what was told stands in the digest
        draft = self._on_terms(draft, await self._estimated(draft, None))
        if draft.terms.credits > tried:
            raise _changed()
        return replace(draft, terms=replace(draft.terms, credits=tried))

    def _on_terms(self, draft: Broadcast, estimate: Estimate) -> Broadcast:
        # a tier is exceeded by what there is, not by what there could be at the most
        self._tiers.quote(
            draft.terms.tier, draft.audience.kind, dict.fromkeys(draft.channels, int(estimate.people))
        )
        limit = max(1, min(draft.terms.limit, estimate.most_people))
        cost = rules.cost(
            draft.terms.prices,
            {channel: min(limit, number) for channel, number in estimate.most.items()},
        )
        return replace(draft, terms=replace(draft.terms, limit=limit, credits=cost))

    async def _accept(self, draft: Broadcast) -> Broadcast:
        cooldown = timedelta(hours=self._tiers.of(draft.terms.tier).cooldown_hours)
        for _ in range(ATTEMPTS):
            starts = await self._cooldowns.of(draft.organizer_id)
            self._check_cooldown(draft, starts, cooldown)
            start = rules.Start(draft.id, draft.start_at)
            remembering = self._cooldowns.adding(starts, start, self._clock.now(), cooldown)
            try:
                return await self._commit(draft, remembering)
            except (AlreadyExists, Stale, Conflict) as error:
                known = await self._repository.get(draft.id)
                if known is not None:
                    return known
                if isinstance(error, Conflict) and await self._cooldowns.of(draft.organizer_id) == starts:
                    raise
        raise Conflict("Other sends are being accepted.", code="credits_contended", retry_after=1)

    def _check_cooldown(self, draft: Broadcast, starts: Starts, cooldown: timedelta) -> None:
        free_at = rules.clash(starts.all, draft.start_at, cooldown)
        if free_at is not None:
            seconds = ceil((free_at - self._clock.now()).total_seconds())
            raise TooManyRequests(
                f"Your next broadcast can start at {free_at.isoformat()}.",
                code="cooldown",
                retry_after=max(1, seconds),
            )

    async def _commit(self, draft: Broadcast, remembering: Write) -> Broadcast:
        if not draft.terms.credits:
            moment = await self._documents.commit([self._repository.create(draft), remembering])
            return replace(draft, update_time=moment)
        reserved = await self._ledger.reserve(
            draft.organizer_id,
            draft.terms.credits,
            key=f"{draft.id}:reserved",
            reference=draft.id,
            terms=_terms(draft.terms),
            also=lambda operation: [
                self._repository.create(replace(draft, reservation_id=operation.id)),
                remembering,
            ],
        )
        return replace(draft, reservation_id=reserved.id)


def _changed() -> Conflict:
    return Conflict("What the dry run showed holds no longer: try it again.", code="digest_changed")


def _own(principal: Principal, organizer_id: str) -> str:
    if not principal.speaks_for(organizer_id):
        raise NotFound("No such organizer.", code="organizer_not_found")
    return organizer_id


def _terms(terms: Terms) -> Mapping[str, object]:
    return {"tier": terms.tier, "prices": dict(terms.prices), "limit": terms.limit}
