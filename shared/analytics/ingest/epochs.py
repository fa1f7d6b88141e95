"""A visitor's behaviour follows them from one epoch into the next, as their profile does (design/decisions.md, Rotating salt and long memory)."""

from collections.abc import Mapping, Sequence

from shared.analytics.behaviour.models import COLLECTION
from shared.analytics.ingest.folding import parts
from shared.analytics.ingest.hooks import MERGES
from shared.clients.analytics.port import MAX_IN, Analytics
from shared.people.hooks import PersonHooks


class Epochs:
    """Moves what stands under a key of the previous epoch.

    Args:
        analytics: where behaviour is.
        hooks: the areas' parts, in order: what they do when a visitor becomes a person is what a visitor under a new key needs.
    """

    def __init__(self, analytics: Analytics, hooks: Sequence[PersonHooks]) -> None:
        self._analytics = analytics
        self._hooks = hooks

    async def follow(self, previous: Mapping[str, str]) -> int:
        """Move those who are still under their previous key, given by the present ones; gives how many (2 finds for each 1,000; a merge
        for each who moves). One that was begun and not ended is found again. Raises StoreUnavailable, Contended.
        """
        moved = 0
        for keys in parts(sorted(previous), MAX_IN):
            present = {previous[key]: key for key in keys}
            behind = await self._analytics.find(COLLECTION, {"_id": {"$in": sorted(present)}}, fields=["_id"])
            begun = await self._analytics.find(MERGES, {"into": {"$in": list(keys)}}, fields=["into"])
            moving = {present[each["_id"]] for each in behind} | {each["into"] for each in begun}
            for key in sorted(moving):
                for hook in self._hooks:
                    await hook.merge(key, [previous[key]])
            moved += len(moving)
        return moved
