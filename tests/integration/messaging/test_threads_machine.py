"""Any course of events between dancers and an organizer against a simple model, while the store refuses and loses answers."""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from shared.clients.documents.embedded import EmbeddedDocuments
from shared.clients.errors import StoreUnavailable
from shared.kernel.clock import ManualClock
from shared.kernel.errors import Conflict, Invalid, NotFound
from shared.messaging.threads.models import OTHER, Host, Meeting
from shared.messaging.threads.rules import thread_id
from shared.messaging.threads.schemas import ThreadChange, Until
from shared.people.access import Principal
from tests.factories.app import NOW, make_app
from tests.factories.documents import After, Before, FaultyDocuments
from tests.factories.examples import examples
from tests.factories.threads import LUCIA, favourite, read_up_to, seen, send, threads_of

PEOPLE = ("uid-ana", "uid-bruno")
EVENTS = ("ev_1", "ev_2")
HOST = Host("organizer", "org_1")

# most of it happens in one thread
people = st.sampled_from([*PEOPLE, PEOPLE[0], PEOPLE[0]])
events = st.sampled_from([*EVENTS, EVENTS[0], EVENTS[0]])
seats = st.sampled_from(["person", "host"])
minutes = st.integers(1, 90).map(lambda number: timedelta(minutes=number))
trouble = st.sampled_from([None, None, Before(), After()])


@dataclass
class Said:
    """One message as the model knows it."""

    id: str
    text: str
    seat: str
    reached: set[str]


@dataclass
class Known:
    """One thread: what was said, and for each seat how far it has read (a number of messages), what it hid, whether it left."""

    said: list[Said] = field(default_factory=list)
    read: dict[str, int] = field(default_factory=lambda: {"person": 0, "host": 0})
    hidden: dict[str, int] = field(default_factory=lambda: {"person": 0, "host": 0})
    left: set[str] = field(default_factory=set)
    listed: set[str] = field(default_factory=set)

    def seen_by(self, seat: str) -> list[Said]:
        return [each for each in self.said[self.hidden[seat] :] if seat in each.reached]

    def unread(self, seat: str) -> int:
        begin = max(self.read[seat], self.hidden[seat])
        return sum(each.seat != seat and seat in each.reached for each in self.said[begin:])


class Conversations(RuleBasedStateMachine):
    """Each step is tried until the store has answered; nothing is lost, nothing is there twice."""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.clock = ManualClock(NOW)
        self.store = FaultyDocuments(EmbeddedDocuments(":memory:", self.clock))
        self.app = make_app(clock=self.clock, given_documents=self.store)
        self.known: dict[str, Known] = {}
        self.blocks: dict[tuple[str, str], datetime | None] = {}
        self.sent = 0

    def run(self, make, fault=None):
        if fault:
            self.store.then("commit", fault)

        async def patiently():
            while True:
                try:
                    return await make()
                except StoreUnavailable:
                    continue

        try:
            return self.runner.run(patiently())
        finally:
            self.store.heal()
            self.clock.advance(timedelta(milliseconds=1))

    @initialize()
    def favourites(self):
        for person in PEOPLE:
            self.run(lambda person=person: favourite(self.app, person))

    def blocked(self, person, seat) -> bool:
        """Whether that seat of the two blocks the other now."""
        until = self.blocks.get((person, seat), self.clock.now())
        return until is None or until > self.clock.now()

    @rule(person=people, event=events, seat=seats, again=st.booleans(), fault=trouble)
    def write(self, person, event, seat, again, fault):
        who, ident, text = caller(person, seat), at(person, event), f"m{self.sent}"
        self.sent += 1
        to = {"personKey": person} if seat == "host" else {"organizerId": "org_1"}

        def make():
            return send(self.app, who, text, recipient=to, eventId=event, type="question")

        if self.blocked(person, seat):
            try:
                self.run(make, fault)
            except Conflict:
                return
            raise AssertionError("who blocks cannot write")
        answer = self.run(make, fault)
        if again:
            assert self.run(make) == answer
        known, other = self.known.setdefault(ident, Known()), OTHER[seat]
        reached = {seat} if self.blocked(person, other) or other in known.left else {"person", "host"}
        known.said.append(Said(answer.message_id, text, seat, reached))
        known.left.discard(seat)
        known.listed |= reached

    @rule(person=people, event=events, seat=seats, number=st.integers(0, 8), fault=trouble)
    def read(self, person, event, seat, number, fault):
        ident, who = at(person, event), caller(person, seat)
        known = self.known.get(ident)
        if known is None:
            return
        number %= len(known.said)
        message = known.said[number]
        try:
            left = self.run(lambda: read_up_to(self.app, who, message.id, ident), fault)
        except NotFound:
            assert seat not in known.listed
        except Invalid:
            assert message not in known.seen_by(seat)
        else:
            assert message in known.seen_by(seat)
            known.read[seat] = max(known.read[seat], number + 1)
            assert left == known.unread(seat)

    @rule(person=people, event=events, seat=seats, fault=trouble)
    def leave(self, person, event, seat, fault):
        ident = at(person, event)
        try:
            self.run(lambda: self.app.threads.leave(caller(person, seat), ident), fault)
        except NotFound:
            known = self.known.get(ident)
            assert known is None or seat not in known.listed | known.left
            return
        known = self.known[ident]
        if seat not in known.left:
            known.hidden[seat] = len(known.said)
        known.left.add(seat)
        known.listed.discard(seat)

    @rule(
        person=people, event=events, seat=seats, life=st.none() | minutes, lift=st.booleans(), fault=trouble
    )
    def block(self, *, person, event, seat, life, lift, fault):
        until = None if life is None else self.clock.now() + life
        ident, body = at(person, event), None if lift else Until(until=until)
        try:
            self.run(lambda: self.app.threads.block(caller(person, seat), ident, body), fault)
        except NotFound:
            assert ident not in self.known or seat not in self.known[ident].listed
            return
        if lift:
            self.blocks.pop((person, seat), None)
        else:
            self.blocks[person, seat] = until

    @rule(person=people, event=events, seat=seats, archived=st.booleans(), fault=trouble)
    def archive(self, person, event, seat, archived, fault):
        """It changes where a thread is listed, and nothing else."""
        ident, change = at(person, event), ThreadChange(archived=archived)
        try:
            view = self.run(lambda: self.app.threads.change(caller(person, seat), ident, change), fault)
        except NotFound:
            assert ident not in self.known or seat not in self.known[ident].listed
        else:
            assert view.archived is archived

    @rule(step=minutes)
    def wait(self, step):
        self.clock.advance(step)

    @invariant()
    def everybody_has_what_reached_them(self):
        for person in PEOPLE:
            for event in EVENTS:
                ident = at(person, event)
                known = self.known.get(ident, Known())
                for seat in known.listed:
                    who = caller(person, seat)
                    messages = self.run(lambda who=who, ident=ident: seen(self.app, who, ident, limit=100))
                    assert [message.body for message in messages] == [
                        each.text for each in known.seen_by(seat)
                    ]

    @invariant()
    def lists_hold_what_is_theirs_with_the_right_number_unread(self):
        for who, seat, mine in [
            *((Principal(person), "person", [person]) for person in PEOPLE),
            (LUCIA, "host", list(PEOPLE)),
        ]:
            found = {}
            for archived in (False, True):
                threads = self.run(
                    lambda who=who, archived=archived: threads_of(self.app, who, archived=archived)
                )
                found |= {thread.thread_id: thread.unread for thread in threads}
            expected = {at(person, event) for person in mine for event in EVENTS} & set(self.known)
            assert found == {
                ident: self.known[ident].unread(seat)
                for ident in expected
                if seat in self.known[ident].listed
            }

    def teardown(self):
        self.runner.run(self.app.close())
        self.runner.close()


def caller(person: str, seat: str) -> Principal:
    return LUCIA if seat == "host" else Principal(person)


def at(person: str, event: str) -> str:
    return thread_id(Meeting(person, HOST, event))


TestConversations = Conversations.TestCase
TestConversations.settings = settings(
    max_examples=examples(30), stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
)
