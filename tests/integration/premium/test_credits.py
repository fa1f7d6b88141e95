"""Credits: nothing is spent twice, nothing below zero, whoever races and whatever answers get lost."""

import asyncio
import random

import pytest

from shared.clients.documents.port import Query, Update
from shared.clients.errors import Contended, StoreUnavailable
from shared.kernel.errors import Conflict, Invalid, NotFound, PaymentRequired, Unavailable
from shared.premium.credits.models import MAX_OPEN
from tests.factories.app import make_app
from tests.factories.documents import After, Before, FaultyDocuments
from tests.factories.experience import Killed, Life, Mortal, cost
from tests.factories.premium import ORG, added_up, balances, fund, ledger


class TestMoves:
    async def test_reserve_capture_and_give_the_rest_back(self, app):
        await fund(app, 100)
        held = await app.credits.reserve(ORG, 60, key="b_1", reference="b_1", terms={"push": 3})
        assert await balances(app) == (40, 60, 0)

        await app.credits.capture(ORG, held.id, 25, key="b_1:1")
        assert await balances(app) == (40, 35, 25)

        await app.credits.settle(ORG, held.id, 10, key="b_1:end")
        assert await balances(app) == (65, 0, 35)
        assert (await added_up(app))["issued"] == -100
        assert (await app.credits.holdings(ORG)).open == {}
        assert (await ledger(app))[1]["terms"] == {"push": 3}

    async def test_a_send_that_costs_nothing(self, app):
        held = await app.credits.reserve(ORG, 0, key="b_1")
        await app.credits.settle(ORG, held.id, 0, key="b_1:end")

        assert await balances(app) == (0, 0, 0)
        assert len(await ledger(app)) == 2

    async def test_more_than_there_is(self, app):
        await fund(app, 10)
        with pytest.raises(PaymentRequired) as refused:
            await app.credits.reserve(ORG, 11, key="b_1")
        assert refused.value.code == "not_enough_credit"
        assert len(await ledger(app)) == 1

    async def test_a_reservation_holds_what_it_holds_and_no_longer_than_it_is_open(self, app):
        await fund(app, 100)
        held = await app.credits.reserve(ORG, 60, key="b_1")
        for attempt in (
            app.credits.capture(ORG, held.id, 61, key="too-much"),
            app.credits.capture(ORG, "cl_other", 1, key="no-such"),
        ):
            with pytest.raises(Conflict) as refused:
                await attempt
            assert refused.value.code == "reservation_closed"
        await app.credits.settle(ORG, held.id, 60, key="b_1:end")
        with pytest.raises(Conflict):
            await app.credits.capture(ORG, held.id, 1, key="late")
        with pytest.raises(Conflict):
            await app.credits.capture("org_2", held.id, 0, key="anothers")

    async def test_there_is_an_end_to_open_reservations(self, app, monkeypatch):
        monkeypatch.setattr("shared.premium.credits.rules.MAX_OPEN", 2)
        for number in range(2):
            await app.credits.reserve(ORG, 0, key=f"b_{number}")
        with pytest.raises(Conflict) as refused:
            await app.credits.reserve(ORG, 0, key="b_2")
        assert (refused.value.code, refused.value.retry_after) == ("too_many_reservations", 60)
        assert MAX_OPEN == 200

    async def test_credits_are_whole(self, app):
        with pytest.raises(ValueError):
            await app.credits.reserve(ORG, -1, key="b_1")


class TestRefund:
    @pytest.fixture
    async def spent(self, app):
        await fund(app, 100)
        held = await app.credits.reserve(ORG, 50, key="b_1")
        return await app.credits.settle(ORG, held.id, 40, key="b_1:end")

    async def test_once_at_most_whoever_asks(self, app, spent):
        refunds = [
            await app.credits.refund(ORG, spent.id, amount, reason="outage", actor=actor)
            for amount, actor in [(30, "al_1"), (30, "al_1"), (40, "al_2")]
        ]

        assert len({refund.id for refund in refunds}) == 1
        assert await balances(app) == (90, 0, 10)
        kinds = [entry.data["kind"] for entry in await app.documents.query(Query("auditTrail"))]
        assert sorted(kinds) == ["credits.granted", "credits.refunded"]

    async def test_not_more_than_it_cost_nor_of_what_cost_nothing(self, app, spent):
        for amount in (0, 41):
            with pytest.raises(Invalid) as refused:
                await app.credits.refund(ORG, spent.id, amount, reason="outage", actor="al_1")
            assert refused.value.code == "refund_too_large"
        first = (await app.documents.query(Query("creditLedger")))[0].id
        for organizer, ident in [(ORG, "cl_none"), ("org_2", spent.id), (ORG, "../x")]:
            with pytest.raises(NotFound):
                await app.credits.refund(organizer, ident, 1, reason="outage", actor="al_1")
        assert first


class TestRepeats:
    async def test_the_same_key_is_the_same_operation(self, app):
        await fund(app, 100)
        first = await app.credits.reserve(ORG, 60, key="b_1")
        await app.credits.settle(ORG, first.id, 60, key="b_1:end")

        assert await app.credits.reserve(ORG, 60, key="b_1") == await app.credits.reserve(ORG, 60, key="b_1")
        assert (await app.credits.reserve(ORG, 60, key="b_1")).after == first.after
        assert await balances(app) == (40, 0, 60)

    async def test_a_key_belongs_to_one_order(self, app):
        await fund(app, 100)
        await app.credits.reserve(ORG, 60, key="b_1")
        with pytest.raises(Invalid) as refused:
            await app.credits.reserve(ORG, 61, key="b_1")
        assert refused.value.code == "idempotency_key_reused"

    async def test_organizers_do_not_share_keys(self, app):
        await fund(app, 100)
        await fund(app, 100, "org_2")
        one = await app.credits.reserve(ORG, 60, key="b_1")
        two = await app.credits.reserve("org_2", 60, key="b_1")

        assert one.id != two.id


class TestBudgets:
    async def test_store_operations(self, app):
        await fund(app, 100)
        held = await app.credits.reserve(ORG, 50, key="b_0")

        assert await cost(app.credits.reserve(ORG, 10, key="b_1")) == {"read": 2, "write": 2}
        assert await cost(app.credits.reserve(ORG, 10, key="b_1")) == {"read": 2}
        assert await cost(app.credits.capture(ORG, held.id, 10, key="c_1")) == {"read": 2, "write": 2}
        assert await cost(app.credits.settle(ORG, held.id, 10, key="c_2")) == {"read": 2, "write": 2}
        assert await cost(app.credits.holdings(ORG)) == {"read": 1}
        assert await cost(fund(app, 5, key="again")) == {"read": 3, "write": 3}


class TestParallel:
    async def test_64_spends_on_one_balance_with_answers_lost(self, tmp_path):
        """30 % of the store's replies are lost, 10 % of its calls refused: never negative, sums exact, same key same answer."""
        app = make_app(folder=tmp_path)
        faulty = FaultyDocuments(app.documents)
        worker = make_app(folder=tmp_path, clock=app.clock, given_documents=faulty)
        await fund(app, 1000)
        chances = ((After(), 0.3), (Before(), 0.1))
        faulty.by_chance("commit", *chances, seed=7)
        faulty.by_chance("get_many", *chances, seed=7)
        chance = random.Random(7)
        orders = [(f"b_{number}", 10 + number % 23) for number in range(64)]
        answers: dict[str, set[str]] = {key: set() for key, _ in orders}
        refused = set()

        async def spend(key, amount):
            for _ in range(2):  # a front end that asks once more than it needs
                await asyncio.sleep(chance.random() / 100)
                try:
                    held = await _patiently(lambda: worker.credits.reserve(ORG, amount, key=key))
                except PaymentRequired:
                    refused.add(key)
                    return
                answers[key].add(held.id)
                await _patiently(
                    lambda held=held: worker.credits.settle(ORG, held.id, amount - 3, key=f"{key}:end")
                )

        await asyncio.gather(*(spend(key, amount) for key, amount in orders))
        await asyncio.gather(*(spend(key, amount) for key, amount in orders))

        paid = [(key, amount) for key, amount in orders if answers[key]]
        cost_ = sum(amount - 3 for _, amount in paid)
        assert faulty.fired > 50
        assert all(len(answers[key]) == 1 for key, _ in paid)
        assert await balances(app) == (1000 - cost_, 0, cost_)
        assert await added_up(app) == {
            "issued": -1000,
            "available": 1000 - cost_,
            "reserved": 0,
            "spent": cost_,
        }
        assert len(await ledger(app)) == 1 + 2 * len(paid)
        assert len(paid) > 40
        await app.close()

    async def test_64_at_once_for_credit_that_suffices_for_some(self, app):
        await fund(app, 100)
        results = await asyncio.gather(
            *(_patiently(lambda key=f"b_{n}": app.credits.reserve(ORG, 7, key=key)) for n in range(64)),
            return_exceptions=True,
        )

        assert sum(isinstance(result, PaymentRequired) for result in results) == 64 - 14
        assert await balances(app) == (2, 98, 0)
        await added_up(app)

    async def test_who_loses_every_race_is_told_when_to_come_again(self, tmp_path):
        faulty = FaultyDocuments(make_app(folder=tmp_path).documents)
        app = make_app(folder=tmp_path, given_documents=faulty)
        await fund(app, 100)
        faulty.always("commit", fault=Before(Contended("busy")))
        with pytest.raises(Conflict) as refused:
            await app.credits.reserve(ORG, 7, key="b_1")
        assert (refused.value.code, refused.value.retry_after) == ("credits_contended", 1)
        faulty.heal()
        assert await balances(app) == (100, 0, 0)
        faulty.always("commit")
        with pytest.raises(Unavailable):
            await app.credits.reserve(ORG, 7, key="b_1")
        await app.close()

    @pytest.mark.parametrize("calls", range(12))
    async def test_a_worker_may_die_between_any_two_steps(self, tmp_path, calls):
        app = make_app(folder=tmp_path)
        await fund(app, 100)
        dying = make_app(folder=tmp_path, clock=app.clock, given_documents=Mortal(app.documents, Life(calls)))

        async def send(worker):
            held = await worker.credits.reserve(ORG, 50, key="b_1")
            await worker.credits.capture(ORG, held.id, 10, key="b_1:1")
            await worker.credits.settle(ORG, held.id, 20, key="b_1:end")

        try:
            await send(dying)
        except Killed:
            await added_up(app)
        await send(app)

        assert await balances(app) == (70, 0, 30)
        assert len(await ledger(app)) == 4
        await app.close()


class TestProof:
    async def test_what_adds_up_is_recorded(self, app):
        await fund(app, 100)
        held = await app.credits.reserve(ORG, 50, key="b_1")
        await app.credits.capture(ORG, held.id, 10, key="b_1:1")
        await fund(app, 30, "org_2")
        await app.credits.set_tier(_admin(), "org_3", "gold")
        report = await app.credit_proof.run()

        assert (report.organizers, report.operations, report.faults) == (2, 4, {})
        kept = await app.documents.get("creditProofs/2026-11-21")
        assert (kept.data["organizers"], kept.data["faults"]) == (2, {})

    @pytest.mark.parametrize(
        ("path", "change", "fault"),
        [
            ("organizers/org_1", {"credits.available": 1000}, "the organizer's balances are others"),
            ("organizers/org_1", {"creditSequence": 1}, "1 operations, 2 told"),
            ("organizers/org_1", {"reservations": {}}, "what is open is not what is reserved"),
            ("first", {"postings.available": 1}, "operation 1 does not balance"),
            ("first", {"after.available": 1}, "operation 1 tells other balances"),
            ("first", {"sequence": 7}, "operation 1 is missing"),
        ],
    )
    async def test_what_does_not_add_up_is_loud(self, app, caplog, path, change, fault):
        await fund(app, 100)
        await app.credits.reserve(ORG, 50, key="b_1")
        if path == "first":
            path = next(
                one.path
                for one in await app.documents.query(Query("creditLedger"))
                if one.data["sequence"] == 1
            )
        await app.documents.commit([Update(path, change)])
        report = await app.credit_proof.run()

        assert set(report.faults) == {ORG}
        if "creditSequence" not in change:
            assert fault in report.faults[ORG]
        assert "credits_do_not_add_up" in caplog.text

    async def test_what_happens_meanwhile_is_left_for_the_next_night(self, tmp_path):
        app = make_app(folder=tmp_path)
        await fund(app, 100)

        class Busy(FaultyDocuments):
            async def query(self, query):
                found = await super().query(query)
                if query.collection == "organizers":
                    await app.credits.reserve(ORG, 50, key="meanwhile")
                return found

        worker = make_app(folder=tmp_path, clock=app.clock, given_documents=Busy(app.documents))
        assert (await worker.credit_proof.run()).faults == {}
        await app.close()

    async def test_hundreds_of_operations_are_read_in_pages(self, app):
        for number in range(250):
            await fund(app, 1, key=f"k-{number}")
        report = await app.credit_proof.run()

        assert (report.operations, report.faults) == (250, {})


def _admin():
    from tests.factories.premium import ADMIN

    return ADMIN


async def _patiently(call):
    """Until it is done or refused; who is told to come again, does."""
    while True:
        try:
            return await call()
        except (StoreUnavailable, Unavailable):
            continue
        except Conflict as error:
            if error.code != "credits_contended":
                raise
        await asyncio.sleep(random.random() / 50)


class Torn:
    """Documents read together, of which the last was read before the others: another caller's commit fell between."""

    def __init__(self, inner):
        self._inner, self.between = inner, None

    def __getattr__(self, name):
        return getattr(self._inner, name)

    async def get_many(self, paths):
        early = await self._inner.get_many(paths)
        if self.between is not None:
            between, self.between = self.between, None
            await between()
        late = await self._inner.get_many(paths)
        return [*late[:-1], early[-1]]


async def test_two_callers_of_one_key_get_one_answer_though_the_second_reads_across_the_first(tmp_path, app):
    await fund(app, 7)
    torn = Torn(app.documents)
    second = make_app(folder=tmp_path, clock=app.clock, given_documents=torn)

    torn.between = lambda: app.credits.reserve(ORG, 7, key="b_1")
    held = await second.credits.reserve(ORG, 7, key="b_1")
    torn.between = lambda: app.credits.settle(ORG, held.id, 5, key="b_1:end")
    await second.credits.settle(ORG, held.id, 5, key="b_1:end")

    assert await balances(app) == (2, 0, 5)
