"""Use cases of credits: grant, reserve, capture, settle, refund; balance and statement; the tier (docs/credits.md).

An organizer's operations come one after the other: each is written over the sums that it was made from. Whoever meets
another's tries again, a few times, and then is told to come again: never a half effect.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from shared.clients.documents.port import Documents, Write
from shared.clients.errors import StoreUnavailable
from shared.clients.queues.port import SIGNALS, Queues
from shared.kernel.clock import Clock
from shared.kernel.envelope import envelope
from shared.kernel.errors import Conflict, Forbidden, Invalid, NotFound, PaymentRequired, Unavailable
from shared.kernel.ids import IdSource
from shared.kernel.pagination import Cursors
from shared.people import audit
from shared.people.access import Principal
from shared.people.aliases import alias_of
from shared.people.contention import ATTEMPTS, LOST, pause
from shared.people.profiles.repository import ProfileRepository
from shared.premium.credits import rules
from shared.premium.credits.models import Holdings, Kind, Operation, Order
from shared.premium.credits.repository import CreditRepository
from shared.premium.credits.schemas import (
    AddCredits,
    CreditOperation,
    CreditsView,
    Statement,
    StatementQuery,
    credits_of,
    line_of,
)
from shared.premium.memberships import TIER_CHANGED
from shared.premium.tiers import Tier

GRANTED: Final = "credits.granted"
REFUNDED: Final = "credits.refunded"

Also = Callable[[Operation], Sequence[Write]]


class Credits:
    """Credits of organizers; another organizer's do not exist for the caller.

    Args:
        documents: the store.
        profiles: aliases of those who act.
        queues: takes the signal that a tier changed.
        clock: when.
        ids: new aliases.
        cursors: signs positions in lists.
    """

    def __init__(
        self,
        *,
        documents: Documents,
        profiles: ProfileRepository,
        queues: Queues,
        clock: Clock,
        ids: IdSource,
        cursors: Cursors,
    ) -> None:
        self._store = CreditRepository(documents)
        self._profiles = profiles
        self._queues = queues
        self._clock = clock
        self._ids = ids
        self._cursors = cursors

    async def holdings(self, organizer_id: str) -> Holdings:
        """An organizer's tier and credits, for other services (1 read)."""
        return await self._store.holdings(organizer_id)

    async def balance(self, principal: Principal, organizer_id: str) -> CreditsView:
        """An organizer's credits (1 read). Raises NotFound for another's."""
        return credits_of(await self._store.holdings(_own(principal, organizer_id)))

    async def statement(self, principal: Principal, organizer_id: str, query: StatementQuery) -> Statement:
        """A page of operations, latest first. Raises NotFound for another's, Malformed for a bad cursor."""
        text = f"statement|{_own(principal, organizer_id)}|{principal.uid}"
        after = self._cursors.decode(query.cursor, query=text)
        page = await self._store.page(organizer_id, limit=query.limit, after=after)
        return Statement(
            items=[line_of(operation) for operation in page.items],
            next_cursor=self._cursors.encode(page.position, query=text),
        )

    async def grant(
        self, principal: Principal, organizer_id: str, body: AddCredits, *, seed: str
    ) -> CreditOperation:
        """Add credits, with an entry in the audit trail (3 reads, 3 writes). Raises Conflict ``credits_contended``, Invalid,
        and Forbidden for a server that gives what was not bought.
        """
        if principal.server is not None and body.reason != "purchase":
            raise Forbidden("Servers tell of purchases.")
        actor = await self._actor(principal)
        kind: Kind = "purchased" if body.reason == "purchase" else "granted"
        order = Order(kind, seed, body.amount, body.reason, body.reference, actor)
        return line_of(await self._perform(organizer_id, order, _told(GRANTED)))

    async def reserve(
        self,
        organizer_id: str,
        amount: int,
        *,
        key: str,
        reference: str = "",
        terms: Mapping[str, Any] | None = None,
        also: Also = lambda _operation: (),
    ) -> Operation:
        """Hold credits for a send; the operation's id is the reservation's (2 reads, 2 writes).

        ``also`` is committed together with it: what is held is held for something. Raises PaymentRequired, Conflict ``credits_contended`` or ``too_many_reservations``, Invalid for a key that came with
        another order.
        """
        return await self._perform(
            organizer_id, Order("reserved", key, _whole(amount), reference=reference, terms=terms or {}), also
        )

    async def capture(
        self, organizer_id: str, reservation_id: str, amount: int, *, key: str, reference: str = ""
    ) -> Operation:
        """Spend some of what a reservation holds, and keep it open (2 reads, 2 writes). Raises as ``settle``."""
        order = Order("captured", key, _whole(amount), reference=reference, reservation_id=reservation_id)
        return await self._perform(organizer_id, order)

    async def settle(
        self, organizer_id: str, reservation_id: str, amount: int, *, key: str, reference: str = ""
    ) -> Operation:
        """Spend some of what a reservation holds, maybe nothing, and give the rest back (2 reads, 2 writes).

        Raises Conflict ``reservation_closed`` when it is not open or holds less, ``credits_contended``, Invalid.
        """
        order = Order("settled", key, _whole(amount), reference=reference, reservation_id=reservation_id)
        return await self._perform(organizer_id, order)

    async def refund(
        self, organizer_id: str, operation_id: str, amount: int, *, reason: str, actor: str
    ) -> Operation:
        """Give back what an operation has spent, or a part: once at most, whoever asks how often (3 reads, 3 writes).

        ``actor`` is the alias of who decided it. Raises NotFound for no such operation of the organizer's, Invalid for more
        than it spent, Conflict ``credits_contended``.
        """
        spent = await self._store.operation(operation_id)
        if (
            spent is None
            or spent.organizer_id != organizer_id
            or spent.order.kind not in ("captured", "settled")
        ):
            raise NotFound("There is nothing to give back.")
        if not 1 <= amount <= spent.postings.get("spent", 0):
            raise Invalid("It did not cost that much.", code="refund_too_large")
        order = Order("refunded", operation_id, amount, reason=reason, actor=actor, refunds=operation_id)
        return await self._perform(organizer_id, order, _told(REFUNDED))

    async def set_tier(self, principal: Principal, organizer_id: str, tier: Tier) -> CreditsView:
        """Put an organizer into a tier, with an entry in the audit trail (2 reads, 2 writes); again changes nothing.

        The signal that carries it to people is sent each time: a call that died before it is finished by its repeat.
        """
        actor = await self._actor(principal)
        for attempt in range(ATTEMPTS):
            before = await self._store.holdings(organizer_id)
            after = replace(before, tier=tier)
            if after == before and before.update_time is not None:
                await self._announce_tier(organizer_id, tier)
                return credits_of(before)
            detail = {"before": before.tier, "after": tier}
            told = audit.entry(
                TIER_CHANGED, at=self._clock.now(), actor=actor, subject=organizer_id, detail=detail
            )
            try:
                await self._store.commit([self._store.writing(before, after), told])
            except LOST:
                await pause(attempt)
            else:
                await self._announce_tier(organizer_id, tier)
                return credits_of(after)
        raise Unavailable(code="contended")

    async def _actor(self, principal: Principal) -> str:
        """Under what name the caller stands in the audit trail: a person's alias, or a server's own."""
        if principal.uid is None:
            return principal.name or ""
        return await alias_of(self._profiles, self._ids, principal.uid) or ""

    async def _announce_tier(self, organizer_id: str, tier: Tier) -> None:
        signal = envelope(TIER_CHANGED, self._ids.new("sig"), organizer_id, self._clock.now(), {"tier": tier})
        await self._queues.send(SIGNALS, signal.encode())

    async def _perform(
        self, organizer_id: str, order: Order, also: Also = lambda _operation: ()
    ) -> Operation:
        """Do what is ordered, or find it done. A lost answer is looked up before anything is tried again."""
        ident, away = rules.operation_id(organizer_id, order), False
        for attempt in range(ATTEMPTS):
            holdings, found = await self._store.both(organizer_id, ident)
            if found is not None:
                return rules.same(found, order)
            try:
                posted = rules.post(holdings, order, self._clock.now())
            except (Conflict, PaymentRequired):
                # the two were read one after the other: what refuses it now may be this very operation, done meanwhile
                if (found := await self._store.operation(ident)) is not None:
                    return rules.same(found, order)
                raise
            try:
                await self._store.store(holdings, posted, also(posted.operation))
            except LOST:
                away = False
            except StoreUnavailable:
                away = True
            else:
                return posted.operation
            await pause(attempt)
        if away:
            raise Unavailable
        raise Conflict("Other sends are being settled.", code="credits_contended", retry_after=1)


def _own(principal: Principal, organizer_id: str) -> str:
    if not principal.speaks_for(organizer_id):
        raise NotFound("No such organizer.", code="organizer_not_found")
    return organizer_id


def _whole(amount: int) -> int:
    if amount < 0:
        raise ValueError("credits are whole and not below zero")
    return amount


def _told(kind: str) -> Also:
    """An entry of the audit trail beside the operation."""

    def entries(operation: Operation) -> Sequence[Write]:
        order = operation.order
        detail = {
            "operationId": operation.id,
            "amount": order.amount,
            "reason": order.reason,
            "reference": order.reference,
        }
        return [
            audit.entry(
                kind,
                at=operation.at,
                actor=order.actor,
                subject=operation.organizer_id,
                detail=detail,
                key=operation.id,
            )
        ]

    return entries
