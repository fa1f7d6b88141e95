"""Deliveries in the document store: ``messageDeliveries_{env}/{id}`` (messaging-platform.md §4.1).

Writes are given as port objects, so that a decision or an acknowledgement can commit them together with a profile.
"""

from typing import Any, Final

from shared.clients.documents.port import Create, Data, Documents, Query, Snapshot, Update, Where
from shared.kernel.ids import is_plain
from shared.messaging.deliveries.models import Delivery, DeliveryStatus

ARCHIVED: Final = "archivedDeliveries"
"""How many of a campaign's deliveries are archived, by state and by time reported (docs/archive.md)."""


class DeliveryRepository:
    """Reads deliveries and says how to write them.

    Args:
        documents: the store.
        env: ``Settings.cabeceo_env``, which names the collection.
    """

    def __init__(self, documents: Documents, env: str) -> None:
        self._documents = documents
        self.collection = f"messageDeliveries_{env}"

    def path(self, ident: str) -> str:
        """The document's path."""
        return f"{self.collection}/{ident}"

    async def get(self, ident: str) -> Delivery | None:
        """One delivery (1 read), or None; an id that cannot be one costs nothing."""
        snapshot = await self._documents.get(self.path(ident)) if is_plain(ident) else None
        return None if snapshot is None else from_data(snapshot)

    async def count(self, campaign_id: str, status: DeliveryStatus) -> int:
        """How many of a campaign's deliveries stand in a state (1 read for each started thousand)."""
        wanted = (Where("campaignId", "==", campaign_id), Where("deliveryStatus", "==", status))
        return await self._documents.count(Query(self.collection, wanted))

    async def archived(self, campaign_id: str) -> dict[str, int]:
        """How many of a campaign's deliveries are no longer here, by state and by time reported (1 read)."""
        found = await self._documents.get(f"{ARCHIVED}/{campaign_id}")
        return {} if found is None else found.data

    def create(self, delivery: Delivery) -> Create:
        """Write a new delivery; AlreadyExists means that the same one was made before."""
        return Create(self.path(delivery.id), to_data(delivery))

    def advance(self, delivery: Delivery) -> Update:
        """Write what ``rules.report`` changed, over the very version that was read, else Stale."""
        return Update(
            self.path(delivery.id),
            {"deliveryStatus": delivery.status, "timestamps": delivery.timestamps},
            if_updated_at=delivery.update_time,
        )


def to_data(delivery: Delivery) -> Data:
    """The document as the messaging document draws it."""
    return {
        "campaignId": delivery.campaign_id,
        "campaignVersion": delivery.campaign_version,
        "organizerId": delivery.organizer_id,
        "recipient": {"type": delivery.recipient_type, "id": delivery.recipient_id},
        "dispatchContext": delivery.dispatch_context,
        "deliveryStatus": delivery.status,
        "deliveryChannel": delivery.channel,
        "timestamps": delivery.timestamps,
        "payloadHash": delivery.payload_hash,
    }


def from_data(snapshot: Snapshot) -> Delivery:
    """A stored delivery, with the update time that guards its next change."""
    data: dict[str, Any] = snapshot.data
    return Delivery(
        id=snapshot.id,
        campaign_id=data["campaignId"],
        campaign_version=data["campaignVersion"],
        organizer_id=data["organizerId"],
        recipient_type=data["recipient"]["type"],
        recipient_id=data["recipient"]["id"],
        channel=data["deliveryChannel"],
        status=data["deliveryStatus"],
        timestamps=data["timestamps"],
        payload_hash=data["payloadHash"],
        dispatch_context=data["dispatchContext"],
        update_time=snapshot.update_time,
    )
