"""Webhooks over HTTP against a receiver on loopback that checks them with the standard's own library."""

import asyncio
import base64
import json

import pytest
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from shared.clients.webhooks.http import HttpWebhooks
from shared.clients.webhooks.port import Sent
from shared.kernel.clock import SystemClock

OLD, NEW = (f"whsec_{base64.b64encode(letter * 24).decode()}" for letter in (b"o", b"n"))


class Receiver:
    """Answers as told and remembers what came."""

    def __init__(self, *answers: bytes) -> None:
        self.answers, self.got = list(answers), []

    async def __call__(self, reader, writer):
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        headers = dict(line.lower().split(": ", 1) for line in head.split("\r\n")[1:] if line)
        # signatures are case-sensitive
        exact = next(
            line.split(": ", 1)[1] for line in head.split("\r\n") if "webhook-signature" in line.lower()
        )
        body = await reader.readexactly(int(headers["content-length"]))
        self.got.append((headers | {"webhook-signature": exact}, body))
        writer.write(self.answers.pop(0))
        await writer.drain()
        writer.close()


@pytest.fixture
async def receiver():
    made = Receiver()
    server = await asyncio.start_server(made, "127.0.0.1", 0)
    made.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/hook"
    yield made
    server.close()
    await server.wait_closed()


def answer(status, *headers):
    lines = [f"HTTP/1.1 {status} x", *headers, "Content-Length: 0", "Connection: close"]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


async def test_every_secret_signs_so_that_one_can_be_replaced(receiver):
    receiver.answers.append(answer(204))
    sent = await HttpWebhooks(receiver.url, [NEW, OLD], SystemClock()).send("wh_1", {"type": "a", "é": 1})
    ((headers, body),) = receiver.got
    assert (sent, headers["webhook-id"]) == (Sent("taken", 204), "wh_1")
    for secret in (NEW, OLD):
        assert Webhook(secret).verify(body.decode(), headers) == {"type": "a", "é": 1}
    with pytest.raises(WebhookVerificationError):
        Webhook(NEW).verify(json.dumps({"type": "b"}), headers)


@pytest.mark.parametrize(
    ("reply", "sent"),
    [
        (answer(500), Sent("later", 500)),
        (answer(410), Sent("gone", 410)),
        (answer(302, "Location: http://127.0.0.1:1/elsewhere"), Sent("later", 302)),
        (b"garbage\r\n\r\n", Sent("later", None)),
    ],
    ids=["failing", "gone", "a redirect is not followed", "no HTTP"],
)
async def test_what_is_not_taken_is_told_apart(receiver, reply, sent):
    receiver.answers.append(reply)
    assert await HttpWebhooks(receiver.url, [NEW], SystemClock()).send("wh_1", {}) == sent
    assert len(receiver.got) == 1


async def test_nobody_there_is_no_error():
    assert await HttpWebhooks("http://127.0.0.1:9/", [NEW], SystemClock()).send("wh_1", {}) == Sent(
        "later", None
    )
