"""Credits in tests: granted without ceremony, and added up independently of the code that keeps them."""

from collections import Counter
from typing import Any

from shared.clients.documents.port import Query
from shared.people.access import Principal, Role
from shared.premium.credits.schemas import AddCredits
from shared.wiring import App

ADMIN = Principal("uid-admin", frozenset({Role.ADMIN.value}))
ORG = "org_1"


async def fund(app: App, amount: int, organizer: str = ORG, *, key: str = "fund") -> None:
    """Credits to begin with."""
    body = AddCredits(amount=amount, reason="promotion", reference="a test")
    await app.credits.grant(ADMIN, organizer, body, seed=key)


async def balances(app: App, organizer: str = ORG) -> tuple[int, int, int]:
    """What is available, reserved and spent, as the organizer's document says."""
    told = (await app.credits.holdings(organizer)).balances
    return told["available"], told["reserved"], told["spent"]


async def ledger(app: App, organizer: str = ORG) -> list[dict[str, Any]]:
    """Every operation, in order."""
    found = [each.data for each in await app.documents.query(Query("creditLedger"))]
    return sorted(
        (each for each in found if each["organizerId"] == organizer), key=lambda each: each["sequence"]
    )


async def added_up(app: App, organizer: str = ORG) -> dict[str, int]:
    """The accounts by the ledger alone; checks that they balance, without a gap and never below zero."""
    sums: Counter[str] = Counter(issued=0, available=0, reserved=0, spent=0)
    operations = await ledger(app, organizer)
    assert [each["sequence"] for each in operations] == list(range(1, len(operations) + 1))
    for each in operations:
        for account, amount in each["postings"].items():
            sums[account] += amount
        assert sum(each["postings"].values()) == 0
        assert min(sums["available"], sums["reserved"], sums["spent"]) >= 0
        assert each["after"] == sums
    return dict(sums)
