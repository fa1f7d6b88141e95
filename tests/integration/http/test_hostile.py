"""Whatever is sent, the answer is JSON below 500 (reliability.md, trial runs: 136 of 855 hostile requests were 5xx)."""

import json
import string

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.factories.app import sign_in
from tests.factories.examples import examples
from tests.factories.hostile import CONTENT_TYPES, RAW_BODIES, VALUES


def is_sound(reply):
    """JSON, below 500, and a problem when it is a refusal."""
    assert reply.status < 500, reply.body
    if reply.status >= 400:
        assert reply.headers["Content-Type"] == "application/problem+json"
        assert {
            "status": reply.status,
            "requestId": reply.headers["X-Request-Id"],
        }.items() <= reply.json.items()
    elif reply.body:
        assert reply.json is not None
    return True


@pytest.mark.parametrize("raw", RAW_BODIES, ids=lambda raw: repr(raw[:20]))
async def test_raw_bodies(client, raw):
    for content_type in CONTENT_TYPES:
        reply = await client.post("/api/notes", body=raw, headers={"Content-Type": content_type})

        assert is_sound(reply)
        assert reply.status != 201 or raw.count(b'"text"') == 1


@pytest.mark.parametrize("value", VALUES, ids=lambda value: repr(value)[:20])
async def test_nasty_values_in_every_place(client, value):
    for body in (
        value,
        {"text": value},
        {"text": "a", "stars": value},
        {"text": "a", "replyTo": value},
        {"text": "a", "$where": value},
    ):
        assert is_sound(
            await client.post(
                "/api/notes", body=json.dumps(body).encode(), headers={"Content-Type": "application/json"}
            )
        )


async def test_a_chunked_body_arrives_empty_and_is_said_so(client):
    """The host drops the body of a request without Content-Length (platform-facts.md §1)."""
    headers = {"Content-Type": "application/json", "Transfer-Encoding": "chunked"}

    assert (await client.post("/api/notes", body=b"", headers=headers)).code == "not_json"


texts = st.text(max_size=40)
names = st.sampled_from(
    [
        "Authorization",
        "Content-Type",
        "Idempotency-Key",
        "If-Match",
        "If-None-Match",
        "Origin",
        "X-Forwarded-For",
        "X-Correlation-Id",
    ]
)
paths = st.one_of(
    st.sampled_from(
        ["/api/notes", "/api/notes/n_1", "/api/notes/n_1/sends", "/api/", "/api/Notes/", "/api/docs"]
    ),
    st.text(string.printable.replace("?", "").replace("#", ""), max_size=30).map(lambda text: "/api/" + text),
)
bodies = st.one_of(
    st.binary(max_size=60),
    st.fixed_dictionaries({"text": st.text(max_size=120) | st.integers()}).map(
        lambda body: json.dumps(body).encode()
    ),
    st.dictionaries(texts, st.recursive(st.none() | st.floats() | st.integers() | texts, st.lists)).map(
        lambda body: json.dumps(body).encode()
    ),
)


@given(
    method=st.sampled_from(["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "HEAD"]),
    path=paths,
    query=texts,
    headers=st.dictionaries(names, texts, max_size=4),
    body=bodies,
    known=st.booleans(),
)
@settings(
    max_examples=examples(300), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
async def test_any_request_at_all(app, client, *, method, path, query, headers, body, known):
    if known:
        headers = {
            "Content-Type": "application/json",
            **headers,
            "Authorization": f"Bearer {sign_in(app, 'ana', 'organizer')}",
        }

    assert is_sound(
        await client.request(method, f"{path}?{query}" if query else path, headers=headers, body=body)
    )
