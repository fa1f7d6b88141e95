"""Deliveries when a person is merged, exported or erased (``people.hooks``)."""

from collections.abc import Sequence
from typing import Final

from shared.clients.documents.port import Documents, Query, Update, Where
from shared.people.hooks import PAGE, OwnedDocuments

SHOWN: Final = (
    "campaignId",
    "campaignVersion",
    "organizerId",
    "deliveryChannel",
    "deliveryStatus",
    "timestamps",
    "dispatchContext",
    "content",
    "inbox",
)


class DeliveryHooks(OwnedDocuments):
    """The deliveries of a person, and of the visitor they were.

    Args:
        documents: the store.
        collection: ``DeliveryRepository.collection``.
    """

    def __init__(self, documents: Documents, collection: str) -> None:
        super().__init__(documents, collection, owner="recipient.id", shown=SHOWN, name="deliveries")

    async def merge(self, person_key: str, visitor_keys: Sequence[str]) -> None:
        """Address the visitor's deliveries to the person: late reports then settle the person's profile.

        Each is written over the version that was read; raises Stale when a report comes in between.
        """
        for key in visitor_keys:
            where = (Where("recipient.id", "==", key),)
            while page := await self._documents.query(Query(self._collection, where, limit=PAGE)):
                recipient = {"type": "user", "id": person_key}
                await self._documents.commit(
                    [
                        Update(found.path, {"recipient": recipient}, if_updated_at=found.update_time)
                        for found in page
                    ]
                )
