"""Credits as they are stored: ``creditLedger/{id}``, and their sums on ``organizers/{id}`` (docs/credits.md).

Double entry: every operation moves whole credits between four accounts of one organizer, and its postings come to
nothing. ``issued`` is where credits come from (below zero), ``available`` what may be spent, ``reserved`` what a send holds, ``spent``
what was delivered.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Literal, get_args

from shared.premium.tiers import Tier

Account = Literal["issued", "available", "reserved", "spent"]
ACCOUNTS: Final[tuple[Account, ...]] = get_args(Account)
Kind = Literal["granted", "purchased", "reserved", "captured", "settled", "refunded"]
Postings = Mapping[Account, int]

MAX_OPEN: Final = 200
"""Reservations of one organizer that are open at once."""


@dataclass(frozen=True, slots=True)
class Holdings:
    """An organizer's credits as read; ``update_time`` None: nothing is stored yet.

    ``sequence`` numbers the operations without a gap; ``open`` holds what is left of each open reservation.
    """

    organizer_id: str
    tier: Tier = "basic"
    balances: Postings = field(default_factory=lambda: dict.fromkeys(ACCOUNTS, 0))
    sequence: int = 0
    open: Mapping[str, int] = field(default_factory=dict)
    update_time: int | None = None

    def to_data(self) -> dict[str, Any]:
        """The fields of the organizer's document that are ours."""
        return {
            "tier": self.tier,
            "credits": dict(self.balances),
            "creditSequence": self.sequence,
            "reservations": dict(self.open),
        }

    @classmethod
    def from_data(cls, organizer_id: str, data: Mapping[str, Any], update_time: int) -> "Holdings":
        """A stored organizer."""
        return cls(
            organizer_id,
            data.get("tier", "basic"),
            dict.fromkeys(ACCOUNTS, 0) | data.get("credits", {}),
            data.get("creditSequence", 0),
            data.get("reservations", {}),
            update_time,
        )


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be done.

    ``key`` is the caller's own name for the act: the same key is the same operation, however often it comes.
    ``reservation_id`` is whose credits are captured or released, ``refunds`` the operation that is given back.
    ``terms`` is what was agreed on, such as a quote: kept, never read.
    """

    kind: Kind
    key: str = field(compare=False)
    amount: int
    reason: str = ""
    reference: str = ""
    actor: str = ""
    reservation_id: str | None = None
    refunds: str | None = None
    terms: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Operation:
    """One line of the ledger: what was done, what it moved, and the balances after it."""

    id: str
    organizer_id: str
    sequence: int
    at: datetime
    order: Order
    postings: Postings
    after: Postings

    def to_data(self) -> dict[str, Any]:
        """The document; the key stands in the id alone."""
        order = self.order
        data: dict[str, Any] = {
            "organizerId": self.organizer_id,
            "sequence": self.sequence,
            "at": self.at,
            "kind": order.kind,
            "amount": order.amount,
            "reason": order.reason,
            "reference": order.reference,
            "actor": order.actor,
            "reservationId": order.reservation_id,
            "refunds": order.refunds,
            "terms": dict(order.terms),
            "postings": dict(self.postings),
            "after": dict(self.after),
        }
        return {name: value for name, value in data.items() if value not in (None, "", {})}

    @classmethod
    def from_data(cls, ident: str, data: Mapping[str, Any]) -> "Operation":
        """A stored operation."""
        order = Order(
            data["kind"],
            "",
            data["amount"],
            data.get("reason", ""),
            data.get("reference", ""),
            data.get("actor", ""),
            data.get("reservationId"),
            data.get("refunds"),
            data.get("terms", {}),
        )
        return cls(
            ident, data["organizerId"], data["sequence"], data["at"], order, data["postings"], data["after"]
        )
