"""The credit ledger explored by a state machine: a model of three numbers, a store that loses answers, calls that come twice."""

import asyncio
from dataclasses import dataclass, field

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, rule

from shared.clients.errors import StoreUnavailable
from shared.kernel.errors import Conflict, Invalid, PaymentRequired, Unavailable
from tests.factories.app import make_app
from tests.factories.documents import After, Before, FaultyDocuments
from tests.factories.examples import examples
from tests.factories.premium import ORG, added_up, balances, fund

TROUBLE = st.sampled_from([(), (After(),), (Before(),), (After(), Before()), (Before(), After(), After())])
AMOUNT = st.integers(0, 60)


@dataclass
class Model:
    """What there should be."""

    available: int = 0
    spent: int = 0
    open: dict[str, int] = field(default_factory=dict)


class CreditsMachine(RuleBasedStateMachine):
    """One organizer. Each call may meet trouble and is repeated, as its caller would, until it has an answer."""

    reservations = Bundle("reservations")
    costs = Bundle("costs")

    @initialize()
    def start(self):
        self.runner = asyncio.Runner()
        self.app = make_app()
        self.faulty = FaultyDocuments(self.app.documents)
        self.worker = make_app(given_documents=self.faulty, clock=self.app.clock)
        self.model, self.keys = Model(), 0

    def teardown(self):
        if hasattr(self, "runner"):
            self.runner.run(self.app.close())
            self.runner.close()

    def key(self):
        self.keys += 1
        return f"k-{self.keys}"

    def do(self, make, trouble):
        """The answer, which is the same when the call comes again."""

        async def patiently():
            self.faulty.then("commit", *trouble)
            while True:
                try:
                    first = await make()
                    self.faulty.heal()
                    assert await make() == first
                except (StoreUnavailable, Unavailable):
                    continue
                else:
                    return first
                finally:
                    self.faulty.heal()

        return self.runner.run(patiently())

    @rule(amount=st.integers(1, 100), trouble=TROUBLE)
    def add(self, amount, trouble):
        key = self.key()
        self.do(lambda: fund(self.worker, amount, key=key), trouble)
        self.model.available += amount

    @rule(target=reservations, amount=AMOUNT, trouble=TROUBLE)
    def reserve(self, amount, trouble):
        key = self.key()
        if amount > self.model.available:
            with pytest.raises(PaymentRequired):
                self.do(lambda: self.worker.credits.reserve(ORG, amount, key=key), trouble)
            return None
        held = self.do(lambda: self.worker.credits.reserve(ORG, amount, key=key), trouble)
        self.model.available -= amount
        self.model.open[held.id] = amount
        return held.id

    @rule(target=costs, held=reservations, amount=AMOUNT, trouble=TROUBLE)
    def capture(self, held, amount, trouble):
        return self._spend(held, amount, trouble, end=False)

    @rule(target=costs, held=reservations, amount=AMOUNT, trouble=TROUBLE)
    def settle(self, held, amount, trouble):
        return self._spend(held, amount, trouble, end=True)

    def _spend(self, held, amount, trouble, *, end):
        key, credits_ = self.key(), self.worker.credits
        act = credits_.settle if end else credits_.capture
        if amount > self.model.open.get(held, -1):
            with pytest.raises(Conflict, match="closed"):
                self.do(lambda: act(ORG, held or "none", amount, key=key), trouble)
            return None
        done = self.do(lambda: act(ORG, held, amount, key=key), trouble)
        self.model.spent += amount
        self.model.open[held] -= amount
        if end:
            self.model.available += self.model.open.pop(held)
        return (done.id, amount) if amount else None

    @rule(cost=consumes(costs), part=st.floats(0.01, 1), trouble=TROUBLE)
    def refund(self, cost, part, trouble):
        if cost is None:
            return
        ident, amount = cost
        back = max(1, int(amount * part))
        self.do(lambda: self.worker.credits.refund(ORG, ident, back, reason="outage", actor="al_1"), trouble)
        self.model.available += back
        self.model.spent -= back

    @rule(amount=st.integers(1, 100))
    def the_same_key_with_another_order(self, amount):
        key = self.key()
        self.do(lambda: fund(self.worker, amount, key=key), ())
        self.model.available += amount
        with pytest.raises(Invalid, match="another order"):
            self.runner.run(fund(self.app, amount + 1, key=key))

    @invariant()
    def document_ledger_and_model_say_the_same(self):
        reserved = sum(self.model.open.values())
        expected = (self.model.available, reserved, self.model.spent)
        assert self.runner.run(balances(self.app)) == expected
        sums = self.runner.run(added_up(self.app))
        assert (sums["available"], sums["reserved"], sums["spent"]) == expected
        assert -sums["issued"] == sum(expected)
        assert self.runner.run(self.app.credits.holdings(ORG)).open == self.model.open

    @invariant()
    def the_proof_holds(self):
        assert self.runner.run(self.app.credit_proof.run()).faults == {}


TestCreditsMachine = CreditsMachine.TestCase
TestCreditsMachine.settings = settings(max_examples=examples(12), stateful_step_count=15, deadline=None)
