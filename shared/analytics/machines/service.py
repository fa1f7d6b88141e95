"""An operator's word on what was taken for machines' doing."""

from datetime import date, timedelta
from typing import Final

from shared.analytics.ingest.service import HOT
from shared.analytics.machines.models import REASONS, Reason, Verdict
from shared.analytics.machines.repository import VerdictRepository
from shared.analytics.machines.schemas import VerdictView
from shared.kernel.clock import Clock
from shared.kernel.errors import NotFound, Unavailable
from shared.kernel.ids import IdSource
from shared.people import audit
from shared.people.access import Principal
from shared.people.aliases import alias_of
from shared.people.contention import ATTEMPTS, LOST, pause
from shared.people.profiles.repository import ProfileRepository

JUDGED: Final = "machines.judged"


class Verdicts:
    """Takes and tells verdicts; ``machines.restating`` has the figures follow them.

    Args:
        verdicts: where they are.
        profiles: aliases of people in the audit trail.
        clock: the time.
        ids: new aliases.
    """

    def __init__(
        self, verdicts: VerdictRepository, profiles: ProfileRepository, clock: Clock, ids: IdSource
    ) -> None:
        self._verdicts = verdicts
        self._profiles = profiles
        self._clock = clock
        self._ids = ids

    async def get(self, day: str, reason: str) -> VerdictView:
        """The word on a day and a reason (1 read). Raises NotFound where there is none."""
        found = await self._verdicts.get(day, self._known(day, reason))
        if found is None:
            raise NotFound
        return shown(found)

    async def put(self, principal: Principal, day: str, reason: str, *, counted: bool) -> VerdictView:
        """Say it, with an entry in the audit trail; said again, it is carried out again, for events that came since (2 reads, 2 writes).

        Raises NotFound for a day whose events are not kept any more or are to come, Unavailable ``contended``.
        """
        known, now = self._known(day, reason), self._clock.now()
        by = await alias_of(self._profiles, self._ids, principal.uid or "") or ""
        for attempt in range(ATTEMPTS):
            before = await self._verdicts.get(day, known)
            if before is not None and before.state == "open" and before.counted is counted:
                return shown(before)
            version = None if before is None else before.update_time
            verdict = Verdict(day, known, counted, now, update_time=version)
            about, detail = f"{day}.{known}", {"counted": counted}
            told = audit.entry(JUDGED, at=now, actor=by, subject=about, detail=detail, key=str(version))
            try:
                await self._verdicts.save(verdict, told)
            except LOST:
                await pause(attempt)
            else:
                return shown(verdict)
        raise Unavailable(code="contended")

    def _known(self, day: str, reason: str) -> Reason:
        try:
            asked = date.fromisoformat(day)
        except ValueError:
            raise NotFound from None
        now = self._clock.now()
        kept = (now - HOT).date() <= asked <= (now + timedelta(days=1)).date()
        if reason not in REASONS or day != asked.isoformat() or not kept:
            raise NotFound
        return reason


def shown(verdict: Verdict) -> VerdictView:
    """A verdict on the wire."""
    return VerdictView(
        day=verdict.day,
        reason=verdict.reason,
        counted=verdict.counted,
        state=verdict.state,
        rows=verdict.rows,
        at=verdict.at,
    )
