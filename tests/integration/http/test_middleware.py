"""What every route has without doing anything for it."""

import asyncio
from datetime import timedelta

import pytest

from shared.clients.errors import AlreadyExists, Contended, Missing, Refused, Stale, StoreUnavailable
from shared.kernel.errors import Conflict
from tests.factories.app import make_settings, sign_in

PROBLEM = "application/problem+json"


def settings(app, **values):
    app.settings = make_settings(cabeceo_data=app.settings.cabeceo_data, **values)


class TestAnswers:
    async def test_json_in_camel_case_without_nulls(self, client):
        reply = await client.get("/api/notes")

        assert (reply.status, reply.json) == (200, {"noteId": "n_1", "text": "hello"})
        assert reply.headers["Content-Type"] == "application/json"

    async def test_created_has_its_location(self, client):
        reply = await client.post("/api/notes", json={"text": "hi"})

        assert reply.status == 201
        assert reply.headers["Location"] == f"/api/notes/{reply.json['noteId']}"

    async def test_no_content_has_no_body(self, app, client):
        reply = await client.patch("/api/notes/n_1", json={"text": "x"}, token=sign_in(app, "o", "organizer"))

        assert (reply.status, reply.body) == (204, b"")

    async def test_a_known_version_is_not_sent_again(self, client):
        first = await client.get("/api/notes")
        second = await client.get("/api/notes", headers={"If-None-Match": first.headers["ETag"]})
        third = await client.get("/api/notes", headers={"If-None-Match": '"6"'})

        assert (first.headers["ETag"], second.status, second.body, third.status) == ('"7"', 304, b"", 200)
        assert second.headers["ETag"] == '"7"'

    async def test_security_headers_stand_on_answers_and_refusals(self, client):
        for reply in (await client.get("/api/notes"), await client.get("/api/nowhere")):
            assert reply.headers["X-Content-Type-Options"] == "nosniff"
            assert reply.headers["Content-Security-Policy"].startswith("default-src 'none'")
            assert reply.headers["Cache-Control"] == "no-store"
            assert reply.headers["X-Frame-Options"] == "DENY"
            assert "max-age" in reply.headers["Strict-Transport-Security"]

    async def test_the_cost_of_an_answer_is_told(self, app, client, sample):
        async def slow(call):
            app.clock.advance(timedelta(milliseconds=3.1))

        sample.gate = type("Gate", (), {"wait": lambda self: slow(None)})()
        reply = await client.get("/api/notes")

        assert reply.headers["Server-Timing"] == 'total;dur=3.1, reads;desc="2"'

    async def test_ids_are_made_and_the_callers_correlation_id_is_kept(self, client):
        first = await client.get("/api/notes", headers={"X-Correlation-Id": "visit-2026-11"})
        second = await client.get("/api/notes", headers={"X-Correlation-Id": "a\r\nb <script>"})

        assert first.headers["X-Correlation-Id"] == "visit-2026-11"
        assert first.headers["X-Request-Id"] != second.headers["X-Request-Id"]
        assert second.headers["X-Correlation-Id"] == second.headers["X-Request-Id"]

    async def test_handlers_get_everything_parsed(self, app, client, sample):
        token = sign_in(app, "ana", "organizer", organizers=("o_1",))
        await client.patch(
            "/api/notes/n_1", json={"text": "x", "stars": 3}, token=token, headers={"If-Match": '"7"'}
        )
        await client.get("/api/notes?limit=5")

        change, listing = sample.calls
        assert (change.body.stars, change.path["id"], change.if_match) == (3, "n_1", "7")
        assert (change.principal.uid, change.principal.organizer_ids) == ("ana", {"o_1"})
        assert (listing.query.limit, listing.address, listing.principal.uid) == (5, "203.0.113.7", None)


class TestRefusals:
    @pytest.mark.parametrize(
        ("request_", "status", "code"),
        [
            ({"body": b"{", "headers": {"Content-Type": "application/json"}}, 400, "not_json"),
            ({"body": b"", "headers": {"Content-Type": "application/json"}}, 400, "not_json"),
            ({"body": b"{}", "headers": {"Content-Type": "text/plain"}}, 415, "unsupported_media_type"),
            ({"body": b"{}", "headers": {}}, 415, "unsupported_media_type"),
            ({"body": b" " * 300_000, "headers": {"Content-Type": "application/json"}}, 413, "too_large"),
            ({"json": []}, 400, "not_an_object"),
            ({"json": {"text": {"$ne": None}}}, 422, "invalid"),
        ],
    )
    async def test_a_body_that_does_not_fit(self, client, sample, request_, status, code):
        reply = await client.post("/api/notes", **request_)

        assert (reply.status, reply.code, reply.headers["Content-Type"]) == (status, code, PROBLEM)
        assert sample.calls == []

    async def test_a_problem_has_all_its_members(self, client):
        reply = await client.post("/api/notes?secret=1", json={"stars": 9})

        assert reply.json == {
            "type": "/api/docs/errors#invalid",
            "title": "Not valid",
            "status": 422,
            "code": "invalid",
            "instance": "/api/notes",
            "requestId": reply.headers["X-Request-Id"],
            "errors": [
                {"pointer": "?", "code": "extra_forbidden", "detail": "There are no parameters here."}
            ],
        }

    async def test_a_huge_body_is_refused_even_where_none_is_read(self, client):
        assert (await client.get("/api/notes", body=b"x" * 300_000)).status == 413

    async def test_an_id_that_cannot_be_one_is_not_found(self, app, client, sample):
        token = sign_in(app, "ana")

        assert (await client.get("/api/notes/%00", token=token)).code == "not_found"
        assert (await client.get("/api/notes/__all__", token=token)).code == "not_found"
        assert sample.calls == []

    @pytest.mark.parametrize(
        ("error", "status", "code"),
        [
            (Conflict("no", code="changed_meanwhile"), 409, "changed_meanwhile"),
            (StoreUnavailable("host 10.0.0.1"), 503, "unavailable"),
            (Contended("x"), 503, "contended"),
            (Stale("x"), 409, "changed_meanwhile"),
            (AlreadyExists("x"), 409, "changed_meanwhile"),
            (Missing("x"), 404, "not_found"),
            (Refused("secret"), 500, "internal"),
            (ValueError("+15550100 is secret"), 500, "internal"),
            (RecursionError("secret"), 500, "internal"),
            (TimeoutError("secret"), 503, "out_of_time"),
        ],
    )
    async def test_any_error_is_a_problem_without_its_text(
        self, client, sample, caplog, *, error, status, code
    ):
        sample.fail = error
        reply = await client.get("/api/notes")

        assert (reply.status, reply.code) == (status, code)
        assert (status == 503) == ("Retry-After" in reply.headers)
        assert not any(
            word in reply.body.decode() + caplog.text for word in ("secret", "5550100", "10.0.0.1")
        )

    async def test_a_request_that_takes_too_long_is_answered(self, app, client, sample):
        """A dark store must not hold a caller; real seconds, because it is the event loop's timer that ends it."""
        settings(app, request_budget_seconds=0.02)
        sample.gate = asyncio.Event()

        reply = await client.get("/api/notes")

        assert (reply.status, reply.code) == (503, "out_of_time")


class TestUnrouted:
    async def test_a_wrong_method_is_405_with_the_right_ones(self, client):
        reply = await client.delete("/api/notes/n_1")

        assert (reply.status, reply.code, reply.headers["Allow"]) == (
            405,
            "method_not_allowed",
            "GET, PATCH, OPTIONS",
        )

    @pytest.mark.parametrize("path", ["/api/nowhere", "/api/notes/a/b", "/api/", "/api/notesx"])
    async def test_an_unknown_path_is_404(self, client, path):
        reply = await client.get(path)

        assert (reply.status, reply.code, reply.headers["Content-Type"]) == (404, "not_found", PROBLEM)

    async def test_case_and_one_last_slash_do_not_matter(self, client):
        assert (await client.get("/api/Notes/")).status == 200
        assert (await client.delete("/api/NOTES/")).status == 405


class TestCors:
    FRONT_END = "https://tangotiempo.com"

    async def test_a_front_end_may_read_the_answer(self, client):
        reply = await client.get("/api/notes", headers={"Origin": self.FRONT_END})

        assert reply.headers["Access-Control-Allow-Origin"] == self.FRONT_END
        exposed = reply.headers["Access-Control-Expose-Headers"]
        assert all(
            name in exposed
            for name in ("ETag", "Location", "X-Request-Id", "RateLimit-Limit", "Server-Timing")
        )
        assert reply.headers["Vary"] == "Origin"

    @pytest.mark.parametrize(
        "origin",
        [
            "https://evil.example",
            "https://tangotiempo.com.evil.example",
            "null",
            "http://tangotiempo.com",
            "*",
        ],
    )
    async def test_no_other_origin_may(self, client, origin):
        for reply in (
            await client.get("/api/notes", headers={"Origin": origin}),
            await client.request(
                "OPTIONS", "/api/notes", headers={"Origin": origin, "Access-Control-Request-Method": "POST"}
            ),
        ):
            assert not [
                name for name in list(reply.headers.keys()) if name.lower().startswith("access-control")
            ]
            assert reply.headers["Vary"] == "Origin"

    async def test_a_preflight_names_methods_and_headers(self, client):
        reply = await client.request(
            "OPTIONS",
            "/api/notes",
            headers={"Origin": self.FRONT_END, "Access-Control-Request-Method": "POST"},
        )

        assert (reply.status, reply.body) == (204, b"")
        assert reply.headers["Access-Control-Allow-Methods"] == "GET, POST, OPTIONS"
        assert "Idempotency-Key" in reply.headers["Access-Control-Allow-Headers"]
        assert reply.headers["Access-Control-Allow-Origin"] == self.FRONT_END

    async def test_a_refusal_can_be_read_as_well(self, client):
        reply = await client.post("/api/notes", json={}, headers={"Origin": self.FRONT_END})

        assert (reply.status, reply.headers["Access-Control-Allow-Origin"]) == (422, self.FRONT_END)

    async def test_a_preflight_of_nothing_is_404(self, client):
        reply = await client.request("OPTIONS", "/api/nowhere", headers={"Origin": self.FRONT_END})

        assert reply.status == 404


class TestLimits:
    async def test_an_address_has_its_limit(self, app, client):
        settings(app, rate_per_address=2)

        first, second, third = [await client.get("/api/notes") for _ in range(3)]

        assert [one.status for one in (first, second, third)] == [200, 200, 429]
        assert (first.headers["RateLimit-Limit"], first.headers["RateLimit-Remaining"]) == ("2", "1")
        assert first.headers["RateLimit-Policy"] == "2;w=60"
        assert (third.code, third.headers["Retry-After"], third.headers["RateLimit-Remaining"]) == (
            "rate_limited",
            "30",
            "0",
        )
        app.clock.advance(timedelta(seconds=30))
        assert (await client.get("/api/notes")).status == 200

    @pytest.mark.parametrize(
        "disguise",
        [
            {"headers": {"X-Forwarded-For": "9.9.9.9"}},
            {"headers": {"X-Forwarded-For": "9.9.9.9, 8.8.8.8:80, garbage"}},
            {"headers": {"Forwarded": "for=9.9.9.9", "X-Real-Ip": "9.9.9.9", "X-Client-Ip": "9.9.9.9"}},
            {"target": "/API/NOTES"},
            {"target": "/api/notes/"},
            {"target": "/api/nowhere"},
            {"target": "/api/%6eotes"},
            {"method": "DELETE"},
            {"token": "x.y.z"},
        ],
    )
    async def test_no_disguise_gets_a_second_limit(self, app, client, disguise):
        settings(app, rate_per_address=1)
        await client.get("/api/notes")

        assert (await client.request(**{"method": "GET", "target": "/api/notes", **disguise})).status == 429

    async def test_an_ipv6_subscriber_is_one_caller(self, app, client):
        settings(app, rate_per_address=1)
        await client.get("/api/notes", address="[2001:db8::1]")

        assert (await client.get("/api/notes", address="[2001:db8::ffff]")).status == 429
        assert (await client.get("/api/notes", address="[2001:db8:0:1::1]")).status == 200

    async def test_people_behind_one_address_do_not_share(self, app, client):
        settings(app, rate_per_address=1, rate_per_person=1)
        ana, ben = sign_in(app, "ana"), sign_in(app, "ben")

        assert [(await client.get("/api/notes", token=token)).status for token in (ana, ben, ana)] == [
            200,
            200,
            429,
        ]
        assert (await client.get("/api/notes", token=ana, address="198.51.100.9")).status == 429

    async def test_the_people_of_an_organizer_share_its_limit(self, app, client):
        settings(app, rate_per_organizer=1)
        ana = sign_in(app, "ana", "organizer", organizers=("o_1",))
        ben = sign_in(app, "ben", "organizer", organizers=("o_1", "o_2"))

        assert [(await client.get("/api/notes", token=token)).status for token in (ana, ben)] == [200, 429]

    async def test_preflights_are_free(self, app, client):
        settings(app, rate_per_address=1)
        for _ in range(5):
            assert (await client.request("OPTIONS", "/api/notes")).status == 204
        assert (await client.get("/api/notes")).status == 200
