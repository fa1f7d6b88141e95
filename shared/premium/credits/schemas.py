"""Credits on the wire (design/wire.md, Messaging)."""

from typing import Annotated, Literal

from pydantic import Field

from shared.kernel.pagination import DEFAULT_LIMIT, MAX_LIMIT
from shared.kernel.wire import Moment, Wire
from shared.people.places import Name
from shared.premium.credits.models import Holdings, Kind, Operation
from shared.premium.tiers import Tier


class CreditsView(Wire):
    """An organizer's credits: what may be spent, what sends under way hold, what was delivered, and all that ever came in."""

    organizer_id: str
    tier: Tier
    available: int
    reserved: int
    spent: int
    issued: int


class AddCredits(Wire):
    """Credits for an organizer: bought (``purchase``), or given. ``reference`` names the invoice, or why."""

    amount: Annotated[int, Field(ge=1, le=1_000_000_000)]
    reason: Literal["purchase", "promotion", "goodwill", "correction"]
    reference: Name


class TierPut(Wire):
    """The tier that the organizer has from now on; what was reserved keeps its price."""

    tier: Tier


class CreditOperation(Wire):
    """One line of a statement; ``available`` and ``reserved`` are the balances after it."""

    id: str
    sequence: int
    kind: Kind
    amount: int
    at: Moment
    reason: str | None = None
    reference: str | None = None
    reservation_id: str | None = None
    refunds: str | None = None
    available: int
    reserved: int


class StatementQuery(Wire):
    """Which page."""

    limit: Annotated[int, Field(ge=1, le=MAX_LIMIT)] = DEFAULT_LIMIT
    cursor: str | None = None


class Statement(Wire):
    """One page of a statement, latest first."""

    items: list[CreditOperation]
    next_cursor: str | None = None


def credits_of(holdings: Holdings) -> CreditsView:
    """An organizer's credits."""
    balances = holdings.balances
    return CreditsView(
        organizer_id=holdings.organizer_id,
        tier=holdings.tier,
        available=balances["available"],
        reserved=balances["reserved"],
        spent=balances["spent"],
        issued=-balances["issued"],
    )


def line_of(operation: Operation) -> CreditOperation:
    """A line of the statement; who did it is for the audit alone."""
    order = operation.order
    return CreditOperation(
        id=operation.id,
        sequence=operation.sequence,
        kind=order.kind,
        amount=order.amount,
        at=operation.at,
        reason=order.reason or None,
        reference=order.reference or None,
        reservation_id=order.reservation_id,
        refunds=order.refunds,
        available=operation.after["available"],
        reserved=operation.after["reserved"],
    )
