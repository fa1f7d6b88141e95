"""Campaigns in the document store: ``messageCampaigns/{id}``, each version beside it in ``versions/{n}``.

Of many, those whose documents are no campaigns are left out and reported: torn ones, and, while two versions of the app serve
side by side, those that say what only the newer one understands.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from pydantic import ValidationError

from shared.clients.documents.port import (
    Create,
    Data,
    Documents,
    Order,
    Query,
    Set,
    Snapshot,
    Where,
    Write,
)
from shared.kernel import telemetry
from shared.kernel.ids import is_plain
from shared.kernel.pagination import Page
from shared.messaging.campaigns.models import Campaign, Status

COLLECTION: Final = "messageCampaigns"
_AT_ONCE: Final = 300


class CampaignRepository:
    """Reads and writes campaigns; every write keeps the version that it makes."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents

    async def get(self, ident: str) -> tuple[Campaign, int] | None:
        """A campaign and its update time (1 read); an id that cannot be one costs nothing."""
        snapshot = await self._documents.get(f"{COLLECTION}/{ident}") if is_plain(ident) else None
        return None if snapshot is None else (from_data(snapshot.data), snapshot.update_time)

    async def create(self, campaign: Campaign) -> None:
        """Store a new campaign (2 writes). Raises AlreadyExists."""
        data = to_data(campaign)
        path = f"{COLLECTION}/{campaign.id}"
        await self._documents.commit([Create(path, data), Create(_version_path(campaign), data)])

    async def replace(self, campaign: Campaign, update_time: int, also: Iterable[Write] = ()) -> None:
        """Store the next version over the one read (2 writes and ``also``). Raises Stale or AlreadyExists when another was first."""
        data = to_data(campaign)
        path = f"{COLLECTION}/{campaign.id}"
        await self._documents.commit(
            [Set(path, data, if_updated_at=update_time), Create(_version_path(campaign), data), *also]
        )

    async def version(self, ident: str, number: int) -> Campaign | None:
        """One version of a campaign (1 read)."""
        snapshot = await self._documents.get(f"{COLLECTION}/{ident}/versions/{number}")
        return None if snapshot is None else from_data(snapshot.data)

    async def at_versions(self, versions: Mapping[str, int]) -> list[Campaign]:
        """Campaigns at these versions, by their ids (1 read each); those that were never stored are left out."""
        paths = [f"{COLLECTION}/{ident}/versions/{version}" for ident, version in versions.items()]
        found: list[Campaign] = []
        for start in range(0, len(paths), _AT_ONCE):
            snapshots = await self._documents.get_many(paths[start : start + _AT_ONCE])
            found += _readable(snapshot for snapshot in snapshots if snapshot is not None)
        return found

    async def active(self) -> list[Campaign]:
        """Every active campaign, in one query."""
        return _readable(await self._documents.query(Query(COLLECTION, (Where("status", "==", "active"),))))

    async def in_namespace(self, namespace: str) -> list[Campaign]:
        """The active campaigns whose experiments have a part of the namespace, in one query."""
        where = (Where("status", "==", "active"), Where("experiment.namespace.id", "==", namespace))
        return _readable(await self._documents.query(Query(COLLECTION, where)))

    async def page(
        self,
        *,
        limit: int,
        after: list[Any] | None,
        status: Status | None = None,
        kind: str | None = None,
        organizers: Collection[str] | None = None,
    ) -> Page[Campaign]:
        """One page, newest first (one read a campaign, and one to know whether more follow).

        Args:
            limit: campaigns on the page.
            after: the position an earlier page ended with.
            status: only campaigns in that state.
            kind: only campaigns of that type.
            organizers: only campaigns of these organizers, at most 30; None for all campaigns.
        """
        where = [Where("status", "==", status)] if status else []
        where += [Where("type", "==", kind)] if kind else []
        if organizers is not None:
            where.append(_of(sorted(organizers)))
        found = await self._documents.query(
            Query(
                COLLECTION,
                tuple(where),
                (Order("createdAt", descending=True),),
                limit + 1,
                (datetime.fromisoformat(after[0]), after[1]) if after else None,
            )
        )
        last = found[limit - 1] if len(found) > limit else None
        position = None if last is None else [last.data["createdAt"].isoformat(), last.id]
        return Page(_readable(found[:limit]), position)

    async def versions(self, ident: str, *, limit: int, after: list[Any] | None) -> Page[Campaign]:
        """One page of a campaign's versions, newest first."""
        found = await self._documents.query(
            Query(
                f"{COLLECTION}/{ident}/versions",
                order=(Order("version", descending=True),),
                limit=limit + 1,
                start_after=tuple(after) if after else None,
            )
        )
        position = [found[limit - 1].data["version"]] if len(found) > limit else None
        return Page(_readable(found[:limit]), position)


def to_data(campaign: Campaign) -> Data:
    """The document: the wire's names and JSON's types, but moments as moments, so that the store can order them."""
    data: Data = campaign.model_dump(by_alias=True)
    data["deliveryChannels"] = [channel.value for channel in campaign.delivery_channels]
    return data


def from_data(data: Data) -> Campaign:
    """A stored campaign."""
    return Campaign.model_validate(data)


def _readable(snapshots: Iterable[Snapshot]) -> list[Campaign]:
    found = []
    for snapshot in snapshots:
        try:
            found.append(from_data(snapshot.data))
        except ValidationError as error:
            telemetry.log().error("campaign_broken", campaign=snapshot.id, exc_info=error)
            telemetry.event("campaign_broken", milliseconds=0, bill={})
    return found


def _version_path(campaign: Campaign) -> str:
    return f"{COLLECTION}/{campaign.id}/versions/{campaign.version}"


def _of(organizers: list[str]) -> Where:
    if len(organizers) == 1:
        return Where("organizerId", "==", organizers[0])
    return Where("organizerId", "in", organizers)
