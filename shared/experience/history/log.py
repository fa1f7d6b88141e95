"""Which decisions are kept, and their way into the store: off the answer's path, in batches.

One write a decision, and one a day and instance for each edition of the campaigns that decisions were made with.
"""

import hashlib
from collections import deque
from datetime import datetime, timedelta
from typing import Final

from shared.clients.documents.port import Documents, Set, Write
from shared.clients.errors import Refused, StoreError
from shared.experience.decide.edition import Edition
from shared.experience.history.models import COLLECTION, EDITIONS, KEPT, Record, Why, edition_data, to_data
from shared.kernel import telemetry
from shared.kernel.budget import Budget
from shared.kernel.buffer import Buffer

FULL: Final = 100
"""Records of one commit: each is a few kilobytes."""
_RENEWED: Final = timedelta(days=1)
"""How long an edition that was written is taken for kept; it outlives its decisions by as much."""
_ALL: Final = 2**64


Entry = tuple[Record, Edition]
"""A record with the campaigns that it was made with."""


class DecisionLog(Buffer[Entry]):
    """Keeps decisions for ``history``.

    Args:
        documents: where they are kept.
        linger_ms: how long a record waits for others (``Settings.activity_linger_ms``).
        share: the part of the decisions that are kept although they showed nothing and nobody asked why.
        budget: without which none of that part is kept.
    """

    name = "decisions"
    items = "decisions"

    def __init__(self, documents: Documents, *, linger_ms: int, share: float, budget: Budget) -> None:
        super().__init__(linger_ms=linger_ms, full=FULL)
        self._documents = documents
        self._share = share
        self._budget = budget
        self._written: dict[str, datetime] = {}

    def why(self, decision_id: str, *, shown: bool, explained: bool) -> Why | None:
        """Why a decision is to be kept, None when it is not: the same answer for the same id, while the budget lasts."""
        if shown:
            return "shown"
        if explained:
            return "explained"
        place = int.from_bytes(hashlib.sha256(decision_id.encode()).digest()[:8])
        sampled = place < self._share * _ALL and self._budget.allows("decision_samples")
        return "sampled" if sampled else None

    def pack(self, waiting: deque[Entry]) -> list[Entry]:
        """What fits one commit."""
        return [waiting.popleft() for _ in range(min(FULL, len(waiting)))]

    async def deliver(self, batch: list[Entry]) -> bool:
        """Write a batch; a repeat writes the same. What the store refuses for good is left out, and reported."""
        due = {
            edition.revision: (edition, record.at)
            for record, edition in batch
            if self._is_due(edition.revision, record.at)
        }
        writes: list[Write] = [
            Set(f"{EDITIONS}/{name}", edition_data(edition.versions, at + KEPT + 2 * _RENEWED))
            for name, (edition, at) in due.items()
        ]
        writes += [
            Set(f"{COLLECTION}/{record.decision_id}", to_data(record, edition.revision))
            for record, edition in batch
        ]
        try:
            await self._documents.commit(writes)
        except Refused as error:
            if len(batch) > 1:
                return all([await self.deliver([one]) for one in batch])
            telemetry.log().error("decision_refused", decision=batch[0][0].decision_id, exc_info=error)
            return True
        except StoreError as error:
            telemetry.log().warning("decisions_away", exc_info=error)
            return False
        newest = max(record.at for record, _ in batch)
        self._written = {name: at for name, at in self._written.items() if newest - at < _RENEWED}
        self._written |= {name: at for name, (_, at) in due.items()}
        return True

    def _is_due(self, revision: str, at: datetime) -> bool:
        written = self._written.get(revision)
        return written is None or at - written >= _RENEWED
