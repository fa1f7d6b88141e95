"""FCM (against a stub in its own shapes) and the recorder do the same with a message."""

from dataclasses import dataclass
from typing import Any

import pytest

from shared.clients.push.embedded import EmbeddedPush
from shared.clients.push.fcm import FcmPush
from shared.clients.push.port import MAX_BYTES, MAX_MESSAGES, Push, PushMessage
from shared.kernel.clock import ManualClock
from shared.kernel.settings import Settings
from tests.factories.app import NOW
from tests.factories.fcm import Fcm, serve

TROUBLES = {"unregistered": "UNREGISTERED", "later": "UNAVAILABLE", "refused": "INVALID_ARGUMENT"}


def credential() -> Any:
    """A stranger's, always fresh: the stub does not ask."""
    from firebase_admin import credentials
    from google.auth.credentials import Credentials

    class Fresh(Credentials):
        def refresh(self, request):
            self.token = "a-token"

    class Stranger(credentials.Base):
        def get_credential(self):
            return Fresh()

    return Stranger()


@dataclass
class Service:
    """A push service under test, how to tell it of trouble, and what it took."""

    push: Push
    trouble: Any
    taken: Any


@pytest.fixture
def fcm():
    """FCM on loopback."""
    with serve(Fcm("demo-cabeceo")) as running:
        yield running


@pytest.fixture(params=["embedded", "fcm"])
async def service(request, fcm, tmp_path):
    """Each of the two in turn."""
    if request.param == "embedded":
        push = EmbeddedPush(tmp_path / "push.sqlite", ManualClock(NOW))

        async def tell(token, outcome):
            await push.tell(token, outcome)

        async def outbox():
            return [(one.message.token, one.message.title) for one in reversed(await push.outbox())]

        yield Service(push, tell, outbox)
        await push.close()
        return
    client = FcmPush(Settings(), url=fcm.url, credential=credential())

    async def tell_fcm(token, outcome):
        fcm.troubles[token] = TROUBLES[outcome]

    async def taken():
        return [(one["token"], one["notification"]["title"]) for one in fcm.taken]

    yield Service(client, tell_fcm, taken)
    await client.close()


def message(token="t-1", **changes):
    return PushMessage(
        **{"token": token, "id": "d_1", "title": "Milonga tonight", "body": "Doors at nine."} | changes
    )


async def test_an_accepted_message_has_the_vendors_id(service):
    [result] = await service.push.send([message()])

    assert result.outcome == "accepted"
    assert result.vendor_id
    assert await service.taken() == [("t-1", "Milonga tonight")]


async def test_each_message_has_its_own_result_in_order(service):
    await service.trouble("t-2", "unregistered")
    await service.trouble("t-3", "later")
    await service.trouble("t-4", "refused")
    results = await service.push.send([message(f"t-{number}") for number in range(1, 6)])

    assert [result.outcome for result in results] == [
        "accepted",
        "unregistered",
        "later",
        "refused",
        "accepted",
    ]
    assert [result.cause for result in results] == [None, "unregistered", "unavailable", "invalid", None]
    assert results[2].retry_after == 60
    assert sorted(await service.taken()) == [("t-1", "Milonga tonight"), ("t-5", "Milonga tonight")]


@pytest.mark.parametrize(
    "changes",
    [
        {"body": "x" * (MAX_BYTES + 1)},
        {"body": "é" * MAX_BYTES},
        {"title": "", "body": ""},
        {"ttl_seconds": -1},
    ],
)
async def test_what_no_vendor_takes_is_refused_without_asking(service, changes):
    [result] = await service.push.send([message(**changes)])

    assert (result.outcome, result.cause) == ("refused", "too_large")
    assert await service.taken() == []


async def test_text_of_any_script_arrives_whole(service):
    await service.push.send([message(title="Ñandú 安娜 👩‍🎤 \u202e")])
    assert await service.taken() == [("t-1", "Ñandú 安娜 👩‍🎤 \u202e")]


async def test_there_is_an_end_to_one_call(service):
    with pytest.raises(ValueError):
        await service.push.send([message()] * (MAX_MESSAGES + 1))
    assert await service.push.send([]) == []


def test_nothing_of_a_message_is_shown_but_its_id():
    assert repr(message(token="secret", body="private")) == (
        "PushMessage(id='d_1', link=None, ttl_seconds=86400)"
    )
