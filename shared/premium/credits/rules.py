"""How credits move: pure (docs/credits.md)."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from shared.kernel.errors import Conflict, Invalid, PaymentRequired
from shared.kernel.ids import hashed_id
from shared.premium.credits.models import ACCOUNTS, MAX_OPEN, Holdings, Operation, Order, Postings


class Posted(NamedTuple):
    """What an order makes of an organizer's credits."""

    holdings: Holdings
    operation: Operation


def operation_id(organizer_id: str, order: Order) -> str:
    """A function of the caller's key; of a refund, of what is given back: that happens once, whoever asks."""
    if order.refunds is not None:
        return hashed_id("cl", organizer_id, "refund", order.refunds)
    return hashed_id("cl", organizer_id, "key", order.key)


def post(holdings: Holdings, order: Order, now: datetime) -> Posted:
    """Do what is ordered. The caller has checked that a refund is of an operation of this organizer's, and not too large.

    Raises PaymentRequired where the balance would fall below zero, Conflict for a reservation that is not open or has
    less left, and for too many open ones.
    """
    ident = operation_id(holdings.organizer_id, order)
    postings, open_ = _moves(holdings, order, ident)
    after = {account: holdings.balances[account] + postings.get(account, 0) for account in ACCOUNTS}
    if after["available"] < 0:
        raise PaymentRequired("There is not enough credit.", code="not_enough_credit")
    changed = replace(holdings, balances=after, sequence=holdings.sequence + 1, open=open_)
    return Posted(
        changed, Operation(ident, holdings.organizer_id, changed.sequence, now, order, postings, after)
    )


def same(found: Operation, order: Order) -> Operation:
    """The operation that was done for a key. Raises Invalid when the key came with another order."""
    told = found.order
    asked = (order.kind, order.reservation_id, order.refunds)
    # what is left of a reservation is ours to say, and a refund is one whatever its key
    of_ours = order.kind == "refunded"
    if (told.kind, told.reservation_id, told.refunds) != asked or (
        not of_ours
        and (told.amount, told.reason, told.reference) != (order.amount, order.reason, order.reference)
    ):
        raise Invalid("This key came with another order.", code="idempotency_key_reused")
    return found


def faults(organizer: Holdings, operations: Iterable[Operation]) -> list[str]:
    """What is wrong with a ledger: nothing, or a word on each fault. ``operations`` come in their order, from the first.

    Proved are: no operation is missing, each moves nothing out of nothing, each says what is left after it, nothing that may be
    spent or is held was ever below zero, what is open is what is reserved, and the organizer's document says the same.
    """
    found: list[str] = []
    sums = dict.fromkeys(ACCOUNTS, 0)
    expected = 0
    for operation in operations:
        expected += 1
        if operation.sequence != expected:
            found.append(f"operation {expected} is missing")
            expected = operation.sequence
        if sum(operation.postings.values()):
            found.append(f"operation {expected} does not balance")
        for account, amount in operation.postings.items():
            sums[account] += amount
        if dict.fromkeys(ACCOUNTS, 0) | dict(operation.after) != sums:
            found.append(f"operation {expected} tells other balances")
            sums = dict.fromkeys(ACCOUNTS, 0) | dict(operation.after)
        if min(sums["available"], sums["reserved"], sums["spent"]) < 0:
            found.append(f"below zero after operation {expected}")
    if expected != organizer.sequence:
        found.append(f"{expected} operations, {organizer.sequence} told")
    if sums != organizer.balances:
        found.append("the organizer's balances are others")
    if sum(organizer.open.values()) != organizer.balances["reserved"]:
        found.append("what is open is not what is reserved")
    return found


def _moves(holdings: Holdings, order: Order, ident: str) -> tuple[Postings, Mapping[str, int]]:
    """What an order moves, and the open reservations after it."""
    amount, open_ = order.amount, dict(holdings.open)
    if order.kind in ("granted", "purchased"):
        return {"issued": -amount, "available": amount}, open_
    if order.kind == "refunded":
        return {"spent": -amount, "available": amount}, open_
    if order.kind == "reserved":
        if len(open_) >= MAX_OPEN:
            raise Conflict("Too many sends are under way.", code="too_many_reservations", retry_after=60)
        return {"available": -amount, "reserved": amount}, open_ | {ident: amount}
    reservation = order.reservation_id or ""
    held = open_.pop(reservation, None)
    if held is None or held < amount:
        raise Conflict("The reservation is closed, or holds less.", code="reservation_closed")
    rest = held - amount
    if order.kind == "captured":
        return {"reserved": -amount, "spent": amount}, open_ | {reservation: rest}
    return {"reserved": -held, "spent": amount, "available": rest}, open_
