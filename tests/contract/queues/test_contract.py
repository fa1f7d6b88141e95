"""What the real queues and their twin both do; run on Azurite with ``make test-stores``."""

import asyncio
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.clients.errors import Missing, Refused, Stale
from shared.clients.queues.port import MAX_BODY, MAX_TTL_SECONDS, QueueMessage
from shared.kernel.telemetry import counted
from tests.contract.queues.conftest import Service
from tests.factories.examples import examples

LONG = 3600


async def _one(service: Service, **options: int) -> QueueMessage:
    [message] = await service.queues.receive(service.queue, **options)
    return message


class TestSendAndReceive:
    async def test_a_message_comes_back_as_sent(self, service: Service):
        ident = await service.queues.send(service.queue, "hola")

        message = await _one(service)

        assert (message.id, message.body, message.dequeue_count) == (ident, "hola", 1)
        assert message.expires_at - message.inserted_at == timedelta(days=7)
        assert abs(message.inserted_at - service.now()) < timedelta(seconds=5)
        assert abs(message.next_visible_at - service.now() - timedelta(seconds=30)) < timedelta(seconds=5)

    @given(body=st.text(min_size=1))
    @settings(
        max_examples=examples(25), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
    )
    async def test_any_text_survives(self, service: Service, body: str):
        """Base64 both ways: control characters, markup and emoji come back unchanged."""
        await service.queues.send(service.queue, body)
        message = await _one(service)
        await service.queues.delete(service.queue, message)
        assert message.body == body

    async def test_a_full_body_of_48_kib_fits(self, service: Service):
        body = "ñ" * (MAX_BODY // 2)
        await service.queues.send(service.queue, body)
        assert (await _one(service)).body == body

    async def test_a_received_message_is_hidden_from_others(self, service: Service):
        await service.queues.send(service.queue, "a")
        await _one(service, visibility_seconds=LONG)
        assert await service.queues.receive(service.queue) == []

    async def test_no_more_than_the_limit_is_taken(self, service: Service):
        for body in "abc":
            await service.queues.send(service.queue, body)

        first = await service.queues.receive(service.queue, limit=2, visibility_seconds=LONG)
        rest = await service.queues.receive(service.queue, limit=32, visibility_seconds=LONG)

        assert (len(first), len(rest)) == (2, 1)
        assert {m.body for m in first + rest} == set("abc")

    async def test_parallel_receivers_never_share_a_message(self, service: Service):
        for number in range(12):
            await service.queues.send(service.queue, str(number))

        batches = await asyncio.gather(
            *(service.queues.receive(service.queue, limit=3, visibility_seconds=LONG) for _ in range(6))
        )

        taken = [m.body for batch in batches for m in batch]
        assert len(taken) == len(set(taken))

    async def test_queues_do_not_mix(self, service: Service):
        await service.queues.send(service.queue, "a")
        await service.queues.send(f"{service.queue}-poison", "b")
        assert [m.body for m in await service.queues.receive(service.queue)] == ["a"]

    async def test_an_unused_queue_is_empty(self, service: Service):
        assert await service.queues.receive(service.queue) == []
        assert await service.queues.length(service.queue) == 0


class TestTime:
    async def test_a_delayed_message_shows_later(self, service: Service):
        await service.queues.send(service.queue, "later", delay_seconds=1)
        assert await service.queues.receive(service.queue) == []
        await service.until(lambda: service.queues.receive(service.queue))

    async def test_an_abandoned_message_comes_again_with_a_higher_count(self, service: Service):
        await service.queues.send(service.queue, "a")
        first = await _one(service, visibility_seconds=1)
        again: list[QueueMessage] = []

        async def receive() -> bool:
            again.extend(await service.queues.receive(service.queue, visibility_seconds=LONG))
            return bool(again)

        await service.until(receive)

        assert (again[0].id, again[0].dequeue_count) == (first.id, 2)
        assert again[0].receipt != first.receipt

    async def test_an_expired_message_is_not_delivered(self, service: Service):
        await service.queues.send(service.queue, "brief", ttl_seconds=1)
        message = await _one(service, visibility_seconds=1)

        async def expired() -> bool:
            return service.now() > message.expires_at + timedelta(milliseconds=200)

        await service.until(expired)

        assert await service.queues.receive(service.queue) == []


class TestHide:
    async def test_hiding_renews_the_receipt_and_keeps_body_and_count(self, service: Service):
        await service.queues.send(service.queue, "a")
        message = await _one(service, visibility_seconds=5)

        renewed = await service.queues.hide(service.queue, message, visibility_seconds=LONG)

        assert renewed.receipt != message.receipt
        assert renewed.next_visible_at > message.next_visible_at
        with pytest.raises(Stale):
            await service.queues.delete(service.queue, message)
        shown = await service.queues.hide(service.queue, renewed, visibility_seconds=0)
        again = await _one(service)
        assert (again.id, again.body, again.dequeue_count) == (shown.id, "a", 2)

    async def test_a_late_worker_can_neither_hide_nor_delete_what_another_received(self, service: Service):
        await service.queues.send(service.queue, "a")
        late = await _one(service, visibility_seconds=LONG)
        shown = await service.queues.hide(service.queue, late, visibility_seconds=0)
        current = await _one(service, visibility_seconds=LONG)

        for old in (late, shown):
            with pytest.raises(Stale):
                await service.queues.hide(service.queue, old, visibility_seconds=1)
            with pytest.raises(Stale):
                await service.queues.delete(service.queue, old)
        await service.queues.delete(service.queue, current)

    async def test_a_message_shown_but_not_yet_received_is_still_its_holders(self, service: Service):
        await service.queues.send(service.queue, "a")
        message = await _one(service, visibility_seconds=LONG)
        shown = await service.queues.hide(service.queue, message, visibility_seconds=0)
        await service.queues.delete(service.queue, shown)
        assert await service.queues.receive(service.queue) == []

    async def test_a_deleted_message_cannot_be_hidden_or_deleted(self, service: Service):
        await service.queues.send(service.queue, "a")
        message = await _one(service)
        await service.queues.delete(service.queue, message)
        with pytest.raises(Missing):
            await service.queues.hide(service.queue, message, visibility_seconds=1)
        with pytest.raises(Missing):
            await service.queues.delete(service.queue, message)

    async def test_a_message_of_a_queue_that_never_was_is_missing(self, service: Service):
        await service.queues.send(service.queue, "a")
        message = await _one(service)
        other = f"{service.queue}-x"
        with pytest.raises(Missing):
            await service.queues.delete(other, message)
        with pytest.raises(Missing):
            await service.queues.hide(other, message, visibility_seconds=1)


class TestRefusals:
    @pytest.mark.parametrize(
        ("body", "options"),
        [
            ("", {}),
            ("x" * (MAX_BODY + 1), {}),
            ("ñ" * (MAX_BODY // 2) + "x", {}),
            ("\ud800", {}),
            ("x", {"ttl_seconds": 0}),
            ("x", {"ttl_seconds": MAX_TTL_SECONDS + 1}),
            ("x", {"delay_seconds": -1}),
            ("x", {"delay_seconds": MAX_TTL_SECONDS}),
            ("x", {"delay_seconds": 60, "ttl_seconds": 60}),
        ],
        ids=lambda value: str(value)[:40].encode("ascii", "backslashreplace").decode(),
    )
    async def test_send(self, service: Service, body: str, options: dict[str, int]):
        with pytest.raises(Refused):
            await service.queues.send(service.queue, body, **options)

    @pytest.mark.parametrize(
        "options",
        [{"limit": 0}, {"limit": 33}, {"visibility_seconds": 0}, {"visibility_seconds": MAX_TTL_SECONDS + 1}],
        ids=str,
    )
    async def test_receive(self, service: Service, options: dict[str, int]):
        with pytest.raises(Refused):
            await service.queues.receive(service.queue, **options)

    @pytest.mark.parametrize("seconds", [-1, MAX_TTL_SECONDS + 1])
    async def test_hide(self, service: Service, seconds: int):
        await service.queues.send(service.queue, "a")
        with pytest.raises(Refused):
            await service.queues.hide(service.queue, await _one(service), visibility_seconds=seconds)

    @pytest.mark.parametrize(
        "name", ["ab", "a" * 64, "Activity", "a_b", "-ab", "ab-", "a--b", "a/b", "añb", "abc\n", ""]
    )
    async def test_queue_names(self, service: Service, name: str):
        with pytest.raises(Refused):
            await service.queues.send(name, "a")
        with pytest.raises(Refused):
            await service.queues.receive(name)
        with pytest.raises(Refused):
            await service.queues.length(name)


class TestCounting:
    async def test_length_counts_hidden_and_delayed_messages(self, service: Service):
        for delay in (0, 0, LONG):
            await service.queues.send(service.queue, "a", delay_seconds=delay)
        await service.queues.receive(service.queue, limit=1, visibility_seconds=LONG)
        assert await service.queues.length(service.queue) == 3

    async def test_the_front_tells_since_when_it_waits_and_stays(self, service: Service):
        assert await service.queues.oldest(service.queue) is None
        await service.queues.send(service.queue, "later", delay_seconds=LONG)
        assert await service.queues.oldest(service.queue) is None
        await service.queues.send(service.queue, "a")

        front = await service.queues.oldest(service.queue)
        message = await _one(service)

        assert front == message.inserted_at
        assert message.dequeue_count == 1
        assert await service.queues.oldest(service.queue) is None

    async def test_each_call_is_one_queue_operation(self, service: Service):
        """Also the first send, which makes the queue."""
        with counted() as bill:
            await service.queues.send(service.queue, "a")
            message = await _one(service)
            message = await service.queues.hide(service.queue, message, visibility_seconds=LONG)
            await service.queues.delete(service.queue, message)
            await service.queues.length(service.queue)
            await service.queues.ping()
        assert bill == {"queue": 6}

    async def test_parallel_first_sends_make_one_queue(self, service: Service):
        await asyncio.gather(*(service.queues.send(service.queue, str(n)) for n in range(5)))
        assert await service.queues.length(service.queue) == 5
