"""Azure Web PubSub (against a service on loopback that checks tokens as its documentation says) and the recorder do the same."""

import asyncio
import json
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import jwt
import pytest

from shared.clients.live.azure import WebPubSub
from shared.clients.live.embedded import EmbeddedLive
from shared.kernel.clock import ManualClock
from tests.factories.app import NOW
from tests.factories.servers import CUT, GARBAGE, answer, scripted_server

KEY = "k" * 44
EVENT = "analytics:event:ev/1 é"


@dataclass
class Hub:
    """The service's side: who sent what to which group, and why others were refused."""

    clock: ManualClock
    origin: str = ""
    said: list[tuple[str, Any]] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    away: bool = False

    def check(self, token, audience):
        """The claims of a token for that audience. Raises jwt.InvalidTokenError."""
        told = jwt.decode(
            token,
            KEY,
            algorithms=["HS256"],
            audience=audience,
            options={"verify_exp": False, "verify_iat": False},
        )
        if not self.clock.now().timestamp() < told["exp"] <= self.clock.now().timestamp() + 3600:
            raise jwt.ExpiredSignatureError
        return told

    def take(self, method, target, headers, body):
        """The status of an answer to a request."""
        path, _, query = target.partition("?")
        parts = path.split("/")
        if self.away:
            return 503
        try:
            self.check(headers["authorization"].removeprefix("Bearer "), self.origin + target)
        except jwt.InvalidTokenError as error:
            self.refused.append(type(error).__name__)
            return 401
        if (
            method != "POST"
            or parts[:4] != ["", "api", "hubs", "cabeceo"]
            or parts[4] != "groups"
            or parts[6:] != [":send"]
        ):
            return 404
        if (
            parse_qs(query) != {"api-version": ["2024-12-01"]}
            or headers["content-type"] != "application/json"
        ):
            return 400
        self.said.append((unquote(parts[5]), json.loads(body)))
        return 202

    def joined(self, url):
        """The groups that a listener with that address is in; nothing else may it do."""
        there = urlsplit(url)
        assert (there.scheme, f"http://{there.netloc}") == ("ws", self.origin)
        told = self.check(parse_qs(there.query)["access_token"][0], f"{self.origin}{there.path}")
        assert there.path == "/client/hubs/cabeceo"
        assert set(told) == {"aud", "iat", "exp", "webpubsub.group"}
        return told["webpubsub.group"]


@asynccontextmanager
async def serving(hub):
    async def serve(reader, writer):
        while head := await reader.readline():
            method, target, _ = head.decode().split(" ")
            headers = {}
            while (line := (await reader.readline()).decode().strip()) != "":
                name, value = line.split(": ", 1)
                headers[name.lower()] = value
            body = await reader.readexactly(int(headers.get("content-length", 0)))
            writer.write(answer(hub.take(method, target, headers, body)))
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    hub.origin = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    yield hub
    server.close()


@dataclass
class Service:
    live: Any
    said: Any
    joined: Any
    trouble: Any


@pytest.fixture
def clock():
    return ManualClock(NOW)


@pytest.fixture
async def hub(clock):
    async with serving(Hub(clock)) as running:
        yield running


@pytest.fixture(params=["embedded", "azure"])
async def service(request, hub, clock):
    """Each of the two in turn."""
    if request.param == "embedded":
        live = EmbeddedLive(clock)

        def joined(url):
            return parse_qs(urlsplit(url).query)["group"]

        yield Service(live, live.said, joined, live)
    else:
        live = WebPubSub(f"Endpoint={hub.origin};AccessKey={KEY};Version=1.0;", "cabeceo", clock)
        yield Service(live, hub.said, hub.joined, hub)
    await live.close()


async def test_what_is_published_reaches_its_group_whole(service):
    assert await service.live.publish(EVENT, {"views": 3, "revenue_by_currency": {"EUR": 15}, "é": None})
    assert await service.live.publish("analytics:dashboard:o1", {})

    assert list(service.said) == [
        (EVENT, {"views": 3, "revenue_by_currency": {"EUR": 15}, "é": None}),
        ("analytics:dashboard:o1", {}),
    ]


async def test_a_listener_is_in_one_group_and_for_an_hour_may_come(service, clock):
    access = service.live.access(EVENT)

    assert service.joined(access.url) == [EVENT]
    assert access.expires_at == clock.now() + timedelta(hours=1)


async def test_a_service_that_is_away_is_no_error_and_taken_up_again(service):
    service.trouble.away = True
    assert await service.live.publish(EVENT, {}) is False
    service.trouble.away = False
    assert await service.live.publish(EVENT, {"views": 1}) is True
    assert list(service.said) == [(EVENT, {"views": 1})]


async def test_tokens_do_not_outlive_their_time(hub, clock):
    live = WebPubSub(f"AccessKey={KEY};Endpoint={hub.origin}/", "cabeceo", clock)
    url = live.access(EVENT).url
    clock.advance(timedelta(hours=1))
    with pytest.raises(jwt.ExpiredSignatureError):
        hub.joined(url)
    await live.close()


async def test_another_key_opens_nothing(hub, clock, caplog):
    live = WebPubSub(f"Endpoint={hub.origin};AccessKey={'x' * 44};", "cabeceo", clock)
    assert await live.publish(EVENT, {}) is False
    assert (hub.refused, hub.said) == (["InvalidSignatureError"], [])
    assert "x" * 44 not in caplog.text
    await live.close()


@pytest.mark.parametrize("reply", [CUT, GARBAGE, answer(302, Location="http://127.0.0.1:1/"), answer(200)])
async def test_other_answers_are_none(reply, clock):
    async with scripted_server(reply) as server:
        live = WebPubSub(f"Endpoint=http://127.0.0.1:{server.port};AccessKey={KEY}", "cabeceo", clock)
        assert await live.publish(EVENT, {}) is False
        assert len(server.requests) == 1
        await live.close()


@pytest.mark.parametrize(
    "text",
    [
        "Endpoint=http://elsewhere.example;AccessKey=secretkey",
        "Endpoint=https://a.example",
        "AccessKey=secretkey",
        "secretkey",
    ],
)
def test_a_text_that_is_no_connection_string_is_refused_without_being_told(text, clock):
    with pytest.raises(ValueError) as refused:
        WebPubSub(text, "cabeceo", clock)
    assert "secretkey" not in str(refused.value)
