"""``devices/{id}``: where push notifications reach people (docs/push.md).

The id is a hash of the token. A token belongs to whoever registered it last: two people may sign in on one phone, and
the first one's messages must not show to the second.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from shared.clients.documents.port import Data, Delete, Documents, Query, Set, Snapshot, Where
from shared.clients.errors import Stale
from shared.clients.push.port import Push, PushMessage, PushResult
from shared.kernel import telemetry
from shared.kernel.clock import Clock
from shared.kernel.ids import hashed_id, is_plain
from shared.people.devices.schemas import Device, DeviceList, RegisterDevice

COLLECTION: Final = "devices"
MAX_DEVICES: Final = 20
"""Devices of one person; the longest unseen go first."""
KEPT: Final = timedelta(days=270)
"""A device that did not register for that long is forgotten (FCM's own limit, «Manage registration tokens»)."""


@dataclass(frozen=True, slots=True)
class Notification:
    """What a person is told on their devices; ``id`` is the delivery's."""

    id: str
    title: str
    body: str
    link: str | None = None
    ttl_seconds: int = 24 * 3600


@dataclass(frozen=True, slots=True)
class PushReport:
    """What became of a notification: on how many devices it was accepted; when to try again where none was and one may be."""

    accepted: int
    retry_after: int | None = None
    cause: str | None = None


class Devices:
    """A person's devices, and notifications to them.

    Args:
        documents: the store.
        push: the vendor.
        clock: the time.
    """

    def __init__(self, documents: Documents, push: Push, clock: Clock) -> None:
        self._documents = documents
        self._push = push
        self._clock = clock

    async def list_of(self, uid: str) -> DeviceList:
        """A person's devices (1 read each)."""
        return DeviceList(items=[_device(found) for found in await self._of(uid)])

    async def register(self, uid: str, body: RegisterDevice) -> Device:
        """Keep a device, or keep it on (1 read each, 1 write). Raises Stale when one that must go changes meanwhile."""
        ident, now, known = hashed_id("dv", body.token), self._clock.now(), await self._of(uid)
        earlier = next((found for found in known if found.id == ident), None)
        data: Data = {
            "personKey": uid,
            "token": body.token,
            "platform": body.platform,
            "label": body.label,
            "createdAt": earlier.data["createdAt"] if earlier else now,
            "seenAt": now,
            "expiresAt": now + KEPT,
        }
        others = [found for found in known if found.id != ident]
        await self._documents.commit([Set(_path(ident), data), *_removals(others[MAX_DEVICES - 1 :])])
        return Device.model_validate({"id": ident} | _shown(data))

    async def remove(self, uid: str, ident: str) -> None:
        """Forget one of the person's devices (1 read, 1 delete); what is none of theirs is left alone, without a word."""
        found = await self._documents.get(_path(ident)) if is_plain(ident) else None
        if found is not None and found.data["personKey"] == uid:
            await self._forget([found])

    async def notify(self, uid: str, notification: Notification) -> PushReport:
        """Send to all of a person's devices (1 read each) and forget those that are gone.

        Whether the person agreed is for the caller to know (``consent.rules.allowed``). A repeat shows nothing twice: on
        the device it takes the place of the first.
        """
        found = await self._of(uid)
        results = await self._push.send([_message(device, notification) for device in found])
        gone = [
            device for device, result in zip(found, results, strict=True) if result.outcome == "unregistered"
        ]
        await self._forget(gone)
        return _report(results)

    async def _of(self, uid: str) -> list[Snapshot]:
        query = Query(COLLECTION, (Where("personKey", "==", uid),))
        now = self._clock.now()
        found = [device for device in await self._documents.query(query) if device.data["expiresAt"] > now]
        return sorted(found, key=lambda device: (device.data["seenAt"], device.id), reverse=True)

    async def _forget(self, devices: Iterable[Snapshot]) -> None:
        for device in devices:
            try:
                await self._documents.commit(_removals([device]))
            except Stale:
                # it registered again, or with somebody else
                telemetry.log().info("device_kept", device=device.id)


def _path(ident: str) -> str:
    return f"{COLLECTION}/{ident}"


def _removals(devices: Sequence[Snapshot]) -> list[Delete]:
    return [Delete(device.path, if_updated_at=device.update_time) for device in devices]


def _shown(data: Data) -> Data:
    return {name: data[name] for name in ("platform", "label", "createdAt", "seenAt")}


def _device(found: Snapshot) -> Device:
    return Device.model_validate({"id": found.id} | _shown(found.data))


def _message(device: Snapshot, told: Notification) -> PushMessage:
    return PushMessage(
        token=device.data["token"],
        id=told.id,
        title=told.title,
        body=told.body,
        link=told.link,
        ttl_seconds=told.ttl_seconds,
    )


def _report(results: Sequence[PushResult]) -> PushReport:
    accepted = sum(result.outcome == "accepted" for result in results)
    if accepted:
        return PushReport(accepted)
    later = [result for result in results if result.outcome == "later"]
    if later:
        return PushReport(0, max(result.retry_after or 1 for result in later), later[0].cause)
    return PushReport(0, cause=results[0].cause if results else "no_device")
