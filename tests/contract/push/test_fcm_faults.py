"""FCM on a bad day: one try each, within its time, and every answer sorted by what to do about it."""

import time

import pytest

from shared.clients.push.fcm import FcmPush
from shared.kernel.settings import Settings
from tests.contract.push.test_contract import credential, fcm, message  # noqa: F401 - the stub is a fixture
from tests.factories.servers import CUT, GARBAGE, HANG, patience, scripted_server, unused_port


async def outcome(client):
    [result] = await client.send([message()])
    await client.close()
    return result


def client_of(stub):
    return FcmPush(Settings(), url=stub.url, credential=credential())


@pytest.mark.parametrize(
    ("trouble", "outcome_", "code"),
    [
        ("UNREGISTERED", "unregistered", "unregistered"),
        ("SENDER_ID_MISMATCH", "refused", "sender_mismatch"),
        ("THIRD_PARTY_AUTH_ERROR", "refused", "third_party_auth"),
        ("INVALID_ARGUMENT", "refused", "invalid"),
        ("QUOTA_EXCEEDED", "later", "quota"),
        ("UNAVAILABLE", "later", "unavailable"),
        ("INTERNAL", "later", "unavailable"),
        ((403, b'{"error": {"status": "PERMISSION_DENIED"}}'), "later", "credentials"),
        ((404, b"<html>not here</html>"), "later", "unavailable"),
        ((200, b"[]"), "later", "unreadable"),
        ((200, b"{}"), "later", "unreadable"),
        ((502, b""), "later", "unavailable"),
    ],
)
async def test_refusals_by_what_to_do(fcm, trouble, outcome_, code):  # noqa: F811 - the fixture
    fcm.troubles["t-1"] = trouble
    result = await outcome(client_of(fcm))

    assert (result.outcome, result.cause) == (outcome_, code)
    # Google's session asks for a new token after 401, and tries once or twice more
    assert fcm.requests == 1 or trouble == "THIRD_PARTY_AUTH_ERROR"


async def test_fcm_says_when_to_come_again(fcm):  # noqa: F811 - the fixture
    fcm.troubles["t-1"], fcm.headers["Retry-After"] = "QUOTA_EXCEEDED", "17"
    assert (await outcome(client_of(fcm))).retry_after == 17


@pytest.mark.parametrize("reply", [HANG, CUT, GARBAGE], ids=["hangs", "cuts", "garbage"])
async def test_one_try_within_its_time(reply):
    async with scripted_server(reply) as server:
        settings = Settings(store_timeout_seconds=patience(reply))
        client = FcmPush(settings, url=f"http://127.0.0.1:{server.port}", credential=credential())
        start = time.monotonic()
        result = await outcome(client)

        assert result.outcome == "later"
        assert len(server.requests) == 1
        assert time.monotonic() - start < 3


async def test_a_refused_connection_is_for_later():
    client = FcmPush(Settings(), url=f"http://127.0.0.1:{unused_port()}", credential=credential())
    assert (await outcome(client)).cause == "unavailable"


async def test_without_credentials_nothing_is_lost():
    from firebase_admin import credentials
    from google.auth.exceptions import RefreshError

    class Broken(credentials.Base):
        def get_credential(self):
            from google.auth.credentials import Credentials

            class Never(Credentials):
                def refresh(self, request):
                    raise RefreshError("no key")

            return Never()

    client = FcmPush(Settings(), url="http://127.0.0.1:9", credential=Broken())
    assert (await outcome(client)).cause == "credentials"


async def test_the_message_says_to_every_system_what_it_replaces(fcm):  # noqa: F811 - the fixture
    client = client_of(fcm)
    await client.send([message(link="/events/1", ttl_seconds=3600)])
    await client.close()
    [taken] = fcm.taken

    assert taken["data"] == {"id": "d_1", "link": "/events/1"}
    assert taken["android"]["notification"]["tag"] == "d_1"
    assert taken["android"]["ttl"] == "3600s"
    assert taken["apns"]["headers"] == {"apns-collapse-id": "d_1"}
    assert taken["webpush"] == {"headers": {"TTL": "3600"}, "notification": {"tag": "d_1"}}


async def test_devices_come_by_installation_id_or_by_token(fcm):  # noqa: F811 - the fixture
    client = client_of(fcm)
    await client.send([message("cVx9_3kR-Q2mL0pTz8wYbN"), message("cVx9:APA91bH-long-token")])
    await client.close()

    assert sorted([set(taken) & {"fid", "token"} for taken in fcm.taken], key=str) == [{"fid"}, {"token"}]
