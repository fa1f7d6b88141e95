"""The nightly proof: every organizer's ledger is added up anew and held against what their document says."""

from dataclasses import dataclass
from typing import Final

from shared.clients.documents.port import Documents, Set
from shared.kernel import telemetry
from shared.kernel.clock import Clock
from shared.premium.credits.repository import CreditRepository
from shared.premium.credits.rules import faults

COLLECTION: Final = "creditProofs"


@dataclass(frozen=True, slots=True)
class ProofReport:
    """How much was proved, and what is wrong with whom."""

    organizers: int
    operations: int
    faults: dict[str, list[str]]


class CreditProof:
    """Adds up. It changes nothing but its own record: what is wrong is for a person to see."""

    def __init__(self, documents: Documents, clock: Clock) -> None:
        self._documents = documents
        self._store = CreditRepository(documents)
        self._clock = clock

    async def run(self) -> ProofReport:
        """Prove every ledger (1 read an organizer and an operation, 1 write); a mismatch is logged as an error.

        Sums are read before operations: what is done meanwhile has a higher number and is left for the next night.
        Raises StoreUnavailable; the next run begins anew.
        """
        organizers = operations = 0
        wrong: dict[str, list[str]] = {}
        async for holdings in self._store.organizers():
            ledger = await self._store.all_until(holdings)
            organizers, operations = organizers + 1, operations + len(ledger)
            found = faults(holdings, ledger)
            if found:
                wrong[holdings.organizer_id] = found
                telemetry.log().error("credits_do_not_add_up", organizer=holdings.organizer_id, faults=found)
        report = ProofReport(organizers, operations, wrong)
        await self._record(report)
        return report

    async def _record(self, report: ProofReport) -> None:
        now = self._clock.now()
        data = {"at": now, "organizers": report.organizers, "operations": report.operations}
        await self._documents.commit(
            [Set(f"{COLLECTION}/{now.date().isoformat()}", data | {"faults": report.faults})]
        )
