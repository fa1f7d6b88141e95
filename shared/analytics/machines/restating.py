"""Has rows and figures follow verdicts: an errand (``people.hooks``)."""

from collections.abc import AsyncGenerator, Sequence
from dataclasses import replace
from typing import Final

from shared.analytics.ingest.rebuild import Rebuild
from shared.analytics.ingest.rows import PREFIX
from shared.analytics.machines.models import Verdict
from shared.analytics.machines.repository import VerdictRepository
from shared.clients.analytics.port import Analytics, Change, Changes
from shared.clients.documents.port import Write

PAGE: Final = 500


class Restating:
    """Rows first, then the people behind them, then the day. Each piece may be done again, and says where the next one goes on.

    Args:
        verdicts: what is to be carried out.
        analytics: where the rows are.
        rebuild: makes figures anew from rows.
    """

    name = "machines"

    def __init__(self, verdicts: VerdictRepository, analytics: Analytics, rebuild: Rebuild) -> None:
        self._verdicts = verdicts
        self._analytics = analytics
        self._rebuild = rebuild

    async def run(self) -> AsyncGenerator[tuple[int, Sequence[Write]], None]:
        """Carry out every verdict that is open, a piece at a time; one that is changed meanwhile is carried out as it says now."""
        while (verdict := await self._verdicts.next_open()) is not None:
            number, after = await self._piece(verdict)
            yield number, [self._verdicts.write(after)]

    async def _piece(self, verdict: Verdict) -> tuple[int, Verdict]:
        if changed := await self._change_sides(verdict):
            return changed, replace(verdict, rows=verdict.rows + changed, position=None)
        people, position = await self._people(verdict)
        if position is not None:
            await self._rebuild.restate_people(people)
            return len(people), replace(verdict, position=position)
        proof = await self._rebuild.restate_day(verdict.day)
        return proof.mended, replace(verdict, state="done", position=None)

    async def _change_sides(self, verdict: Verdict) -> int:
        """Put the next rows where the verdict says that they belong; gives how many."""
        other = "bot" if verdict.counted else "pardoned"
        where = {"day": verdict.day, other: verdict.reason}
        update: Changes = {"$set": {verdict.mark: verdict.reason}, "$unset": {other: 1}}
        for collection in await self._analytics.collections(PREFIX):
            page = await self._analytics.find(collection, where, limit=PAGE, fields=["_id"])
            if page:
                steps = [Change({"_id": each["_id"], other: verdict.reason}, update) for each in page]
                await self._analytics.bulk(collection, steps)
                return len(page)
        return 0

    async def _people(self, verdict: Verdict) -> tuple[list[str], str | None]:
        """Who did what the next rows tell, and the last of these; None when all were looked at."""
        collection, _, ident = (verdict.position or "/").partition("/")
        for month in sorted(await self._analytics.collections(PREFIX)):
            after = bytes.fromhex(ident) if month == collection else b""
            if month < collection:
                continue
            where = {"day": verdict.day, verdict.mark: verdict.reason, "_id": {"$gt": after}}
            page = await self._analytics.find(month, where, order=[("_id", 1)], limit=PAGE, fields=["person"])
            if page:
                return sorted({each["person"] for each in page}), f"{month}/{page[-1]['_id'].hex()}"
        return [], None
