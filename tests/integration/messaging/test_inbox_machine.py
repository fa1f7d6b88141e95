"""Any course of events in two inboxes against a simple model, while the store refuses and loses answers."""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from shared.clients.documents.embedded import EmbeddedDocuments
from shared.clients.errors import StoreUnavailable
from shared.kernel.clock import ManualClock
from shared.kernel.errors import NotFound
from shared.messaging.inbox.schemas import InboxQuery, ReadAllQuery
from shared.messaging.inbox.withdrawals import OPEN_FOR
from shared.people.access import Principal
from tests.factories.app import NOW, make_app
from tests.factories.documents import After, Before, FaultyDocuments
from tests.factories.examples import examples
from tests.factories.experience import publish
from tests.factories.inbox import announcement, campaigns_in, change, counted, item_id, listed

UIDS = ("uid-ana", "uid-bruno")
CAMPAIGNS = ("c_1", "c_2", "c_3", "c_4")
STATES = (None, "unread", "read", "snoozed", "archived")
ADMIN = Principal("admin", frozenset({"admin"}))
FOREVER = timedelta(days=10_000)

uids, idents = st.sampled_from(UIDS), st.sampled_from(CAMPAIGNS)
minutes = st.integers(1, 90).map(lambda number: timedelta(minutes=number))
trouble = st.sampled_from([None, None, Before(), After()])


@dataclass
class Known:
    """What the model knows of one item."""

    arrived: datetime
    expires: datetime
    read: bool = False
    archived: bool = False
    until: datetime | None = None

    def at(self, now: datetime) -> "Known":
        """A snooze that is over is an item that came back, unread."""
        if self.until is not None and self.until <= now:
            self.arrived, self.read, self.until = self.until, False, None
        return self

    @property
    def state(self) -> str:
        if self.until:
            return "snoozed"
        return "archived" if self.archived else "read" if self.read else "unread"


class Inboxes(RuleBasedStateMachine):
    """Each step is tried until the store has answered; nothing is lost, nothing is there twice."""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.clock = ManualClock(NOW)
        self.store = FaultyDocuments(EmbeddedDocuments(":memory:", self.clock))
        self.app = make_app(clock=self.clock, given_documents=self.store)
        self.items: dict[tuple[str, str], Known] = {}
        self.withdrawn: dict[str, datetime] = {}
        self.polls: dict[tuple[str, str | None], tuple[str, list[str]]] = {}

    def run(self, make, fault=None):
        """The result of what ``make`` gives, asked for again after a fault."""
        if fault:
            self.store.then("commit", fault)

        async def patiently():
            while True:
                try:
                    return await make()
                except StoreUnavailable:
                    continue

        result = self.runner.run(patiently())
        self.store.heal()
        self.clock.advance(timedelta(milliseconds=1))
        return result

    @initialize()
    def campaigns(self):
        self.run(lambda: publish(self.app, *(announcement(ident) for ident in CAMPAIGNS)))

    @rule(uid=uids, ident=idents, life=st.none() | minutes, fault=trouble)
    def put(self, uid, ident, life, fault):
        """Senders stop when their campaign is archived; what was on its way then may still arrive."""
        now = self.clock.now()
        if now - self.withdrawn.get(ident, now) >= OPEN_FOR - timedelta(minutes=1):
            return
        end = None if life is None else now + life
        self.run(lambda: self.app.inbox.put(announcement(ident, end_at=end), uid), fault)
        if (uid, ident) not in self.items:
            self.items[uid, ident] = Known(now, min(now + FOREVER, end or now + FOREVER))
        if ident in self.withdrawn:
            self.items[uid, ident].expires = min(self.items[uid, ident].expires, now)

    @rule(
        uid=uids,
        ident=idents,
        fields=st.fixed_dictionaries({}, optional={"read": st.booleans(), "archived": st.booleans()}),
        snooze=st.sampled_from(["no", "end"]) | minutes,
        fault=trouble,
    )
    def change(self, uid, ident, fields, snooze, fault):
        now = self.clock.now()
        known = self.known(uid, ident, now)
        wanted = dict(fields)
        if snooze == "end":
            wanted["snoozedUntil"] = None
        elif snooze != "no" and not fields.get("archived"):
            if known and now + snooze >= known.expires:
                return
            wanted["snoozedUntil"] = now + snooze
        try:
            answer = self.run(lambda: change(self.app, item_id(ident, uid), uid, **wanted), fault)
        except NotFound:
            # one that is withdrawn but was not taken back yet may still be changed: nobody sees it
            assert known is None or ident in self.withdrawn
            return
        assert known is not None
        known.read = wanted.get("read", known.read)
        if "archived" in wanted:
            known.archived = wanted["archived"]
            known.until = None if known.archived else known.until
        if "snoozedUntil" in wanted:
            known.until = wanted["snoozedUntil"]
            known.archived = known.archived and known.until is None
        assert answer.state == known.state

    @rule(uid=uids, fault=trouble)
    def read_all(self, uid, fault):
        self.run(lambda: self.app.inbox.read_all(uid, ReadAllQuery()), fault)
        for known in self.here(uid, "unread").values():
            known.read = True

    @rule(ident=idents, fault=trouble)
    def withdraw(self, ident, fault):
        now = self.clock.now()
        self.run(lambda: self.app.campaigns.archive(ADMIN, ident), fault)
        self.withdrawn.setdefault(ident, now)
        for (_, each), known in self.items.items():
            if each == ident:
                known.expires = min(known.expires, now)

    @rule(fault=trouble)
    def sweep(self, fault):
        self.run(self.app.inbox_withdrawals.sweep, fault)

    @rule(step=minutes)
    def wait(self, step):
        self.clock.advance(step)

    def known(self, uid, ident, now) -> Known | None:
        known = self.items.get((uid, ident))
        return known.at(now) if known and known.expires > now else None

    def here(self, uid, state) -> dict[str, Known]:
        now = self.clock.now()
        found = {ident: self.known(uid, ident, now) for ident in CAMPAIGNS}
        wanted = ("unread", "read") if state is None else (state,)
        return {ident: known for ident, known in found.items() if known and known.state in wanted}

    @invariant()
    def counts_are_those_of_the_model(self):
        for uid in UIDS:
            unread, total = len(self.here(uid, "unread")), len(self.here(uid, None))
            assert self.run(lambda uid=uid: counted(self.app, uid)) == (unread, total)

    @rule(uid=uids, state=st.sampled_from(STATES))
    def look(self, uid, state):
        found = self.run(lambda: campaigns_in(self.app, uid, state=state))
        assert sorted(found) == sorted(self.here(uid, state))

    @rule(uid=uids)
    def leaf_through(self, uid):
        """Newest first, and page for page the same as at once."""
        items = self.run(lambda: listed(self.app, uid))
        known = self.here(uid, None).values()
        assert [item.arrived_at for item in items] == sorted((each.arrived for each in known), reverse=True)
        seen, query = [], InboxQuery(limit=1)
        for _ in items:
            page = self.run(lambda query=query: self.app.inbox.page(uid, query)).body
            seen += page.items
            query = InboxQuery(limit=1, cursor=page.next_cursor)
        assert (seen, query.cursor) == (items, None)

    @invariant()
    def a_version_that_stands_still_says_the_truth(self):
        for uid in UIDS[:1]:
            for state in (None, "snoozed"):
                versions, told = self.polls.get((uid, state), ("", []))
                query = InboxQuery(state=state)
                polled = self.run(
                    lambda uid=uid, query=query, known=versions: self.app.inbox.page(uid, query, [known])
                )
                now_there = sorted(f"{ident}{known}" for ident, known in self.here(uid, state).items())
                if polled.body is None:
                    assert told == now_there
                else:
                    self.polls[uid, state] = (polled.etag, now_there)

    def teardown(self):
        self.runner.run(self.app.close())
        self.runner.close()


TestInboxes = Inboxes.TestCase
TestInboxes.settings = settings(
    max_examples=examples(25), stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck)
)
