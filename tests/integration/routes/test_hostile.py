"""Whatever is sent to whichever route: an answer that the contract knows, never a 5xx, and nothing given back."""

import json
from itertools import product

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.http.codes import CODES
from tests.factories.examples import examples, share
from tests.factories.hostile import CONTENT_TYPES, IDS, MARK, QUERIES, RAW_BODIES, TEXTS, distorted, within
from tests.factories.operations import operations

ELSEWHERE = {404, 405}
"""Of a path that turns out to be no route of ours, or another's."""
JSON = {"Content-Type": "application/json"}
WITH_BODY = [operation for operation in operations().values() if operation.example is not None]
each_with_body = pytest.mark.parametrize("operation", WITH_BODY, ids=lambda operation: operation.name)


def place(operation):
    """Among all operations: neighbours share what concerns every route alike."""
    return list(operations()).index(operation.name)


def sound(reply, operation, *more):
    """An answer as the contract has it."""
    assert reply.status in operation.statuses.union(*more), (operation, reply.status, reply.body[:300])
    assert reply.status < 500, reply.body
    if reply.status >= 400:
        assert reply.headers["Content-Type"] == "application/problem+json"
        assert CODES[reply.json["code"]].status == reply.json["status"] == reply.status
        first = "Idempotent-Replayed" not in reply.headers
        assert not first or reply.json["requestId"] == reply.headers["X-Request-Id"]
        assert MARK not in json.dumps({**reply.json, "instance": "", "errors": said(reply)})
    return True


def said(reply):
    """What is said of each fault; its place names the caller's own fields."""
    return [{**fault, "pointer": ""} for fault in reply.json.get("errors", ())]


async def test_the_contracts_own_example_is_answered(client, world, operation):
    reply = await world.send(client)

    assert sound(reply, operation)
    assert reply.status < 300


@each_with_body
async def test_bodies_that_cannot_be_read(client, world, operation):
    token = world.token
    for raw, content_type in share(product(RAW_BODIES, CONTENT_TYPES), place(operation)):
        headers = world.headers | {"Content-Type": content_type}
        reply = await world.send(client, body=raw, headers=headers, token=token)
        assert sound(reply, operation)
        assert reply.status >= 400 or raw in (b"{}", b"\xef\xbb\xbf{}")


@each_with_body
async def test_bodies_with_something_strange_in_each_place(client, world, operation):
    token = world.token
    for number, body in enumerate(distorted(world.body)):
        headers = world.headers | JSON
        headers |= {"Idempotency-Key": f"key-{number}"} if "Idempotency-Key" in headers else {}
        raw = json.dumps(body).encode()
        assert sound(await world.send(client, body=raw, headers=headers, token=token), operation)


@each_with_body
async def test_no_text_is_taken_that_shows_as_another_one(client, world, operation):
    """Of what is taken nobody reads a word but machines: what browsers measured."""
    token = world.token
    for number, body in enumerate(within(world.body, "Ana\u202egnitnuoc")):
        headers = world.headers | JSON
        headers |= {"Idempotency-Key": f"key-{number}"} if "Idempotency-Key" in headers else {}
        reply = await world.send(client, json=body, headers=headers, token=token)
        assert reply.status >= 400 or operation.name == "track"


async def test_a_huge_body_is_refused_also_where_none_is_read(client, world, operation):
    reply = await world.send(client, body=b"{}" + b" " * 300_000, headers=JSON)

    assert sound(reply, operation)
    assert (reply.status, reply.code) == (413, "too_large")


async def test_strange_parameters(client, world, operation):
    token = world.token
    targets = [f"{world.target()}{'&' if '?' in world.target() else '?'}{query}" for query in QUERIES]
    targets += [world.target({name: text}) for name in operation.parameters for text in TEXTS]
    for target in targets:
        assert sound(await world.send(client, target=target, token=token), operation)


async def test_strange_ids(client, world, operation):
    token = world.token
    for name in operation.holes:
        for ident in IDS:
            target = world.target(**{name: ident})
            assert sound(await world.send(client, target=target, token=token), operation, ELSEWHERE)


async def test_strange_headers(client, world, operation):
    names = ["Authorization", "Content-Type", "Idempotency-Key", "If-Match", "If-None-Match", "Origin", "X-Correlation-Id",
             "X-Forwarded-For", "Accept", "Host", "X-HTTP-Method-Override", "Range", "Expect"]  # fmt: skip
    token = world.token
    for name, text in share(product(names, TEXTS), place(operation)):
        headers = world.headers | JSON | {name: text}
        reply = await world.send(client, headers=headers, token=token)
        assert sound(reply, operation)


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=20), inner, max_size=4),
    max_leaves=12,
)


@each_with_body
@given(body=anything | st.binary(max_size=80), place=st.integers(0, 9))
@settings(max_examples=examples(25), suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_any_body_at_all(client, world, operation, body, place):
    raw = body
    if not isinstance(body, bytes):
        names = list(world.body)
        raw = json.dumps({**world.body, names[place % len(names)]: body}).encode()

    assert sound(await world.send(client, body=raw, headers=world.headers | JSON), operation)
