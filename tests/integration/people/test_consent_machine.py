"""Consent and favourites explored by a state machine against a model that a reader can hold in mind.

The model is a list of what was said, with times. What stands is the last word, and of two of the same moment the no.
"""

import asyncio
from datetime import timedelta
from typing import NamedTuple

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from shared.clients.errors import StoreUnavailable
from shared.people.consent.models import CHANNELS, FOLLOWED, PROGRAMMES, Scope
from shared.people.consent.rules import allowed, applied
from shared.people.consent.schemas import GrantConsent
from tests.factories.app import make_app
from tests.factories.consent import followers, ledger
from tests.factories.documents import After, FaultyDocuments
from tests.factories.examples import examples
from tests.factories.experience import profile_of

ANA = "uid-ana"
ORGANIZERS = ("org_1", "org_2")
GENERAL = st.sampled_from([Scope(programme, channel) for programme in PROGRAMMES for channel in CHANNELS])


class Said(NamedTuple):
    """One word: sorted by time, and within a moment the no comes last."""

    at: object
    no: bool


class ConsentMachine(RuleBasedStateMachine):
    """One person, a store that loses answers, a clock that stands still between the steps."""

    @initialize()
    def start(self):
        self.runner = asyncio.Runner()
        self.app = make_app()
        self.faulty = FaultyDocuments(self.app.documents)
        self.worker = make_app(given_documents=self.faulty, clock=self.app.clock)
        self.said: dict[Scope, list[Said]] = {}
        self.favorites: dict[str, bool] = {}
        self.keys = 0

    def teardown(self):
        if hasattr(self, "runner"):
            self.runner.run(self.app.close())
            self.runner.close()

    def do(self, make, *, lose=False):
        """A call, again after a lost answer, as a front end does it."""

        async def patiently():
            if lose:
                self.faulty.then("commit", After())
            while True:
                try:
                    return await make()
                except StoreUnavailable:
                    continue
                finally:
                    self.faulty.heal()

        return self.runner.run(patiently())

    def profile(self):
        return self.runner.run(profile_of(self.app, ANA))

    def say(self, scope, *, no, at=None):
        self.said.setdefault(scope, []).append(Said(at or self.app.clock.now(), no))

    def stands(self, scope):
        """None when nothing was said, else whether the last word was a yes."""
        return not max(self.said[scope]).no if self.said.get(scope) else None

    def last(self, scope):
        return max(self.said[scope]).at

    @rule(seconds=st.integers(1, 100))
    def time_passes(self, seconds):
        self.app.clock.advance(timedelta(seconds=seconds))

    @rule(scope=GENERAL, wording=st.sampled_from(["w-1", "w-2"]), lose=st.booleans())
    def agree(self, scope, wording, lose):
        body = GrantConsent(programme=scope.programme, channel=scope.channel, wording_version=wording)
        self.do(lambda: self.worker.consents.grant(ANA, body), lose=lose)
        self.say(scope, no=False)

    @rule(scope=GENERAL, lose=st.booleans())
    def withdraw(self, scope, lose):
        self.do(lambda: self.worker.consents.withdraw(ANA, scope, source="settings"), lose=lose)
        followed = scope == FOLLOWED and any(self.reaches(one, muted=False) for one in self.favorites)
        if self.stands(scope) is not False or followed:  # what is withdrawn is not withdrawn anew
            self.say(scope, no=True)

    @rule(scope=GENERAL, ago=st.integers(0, 200), twice=st.booleans())
    def a_late_stop_arrives(self, scope, ago, twice):
        self.keys += 1
        key, at = f"SM{self.keys}", self.app.clock.now() - timedelta(seconds=ago)
        for _ in range(1 + twice):
            self.do(lambda: self.worker.consents.withdraw(ANA, scope, source="sms-stop", key=key, at=at))
        self.say(scope, no=True, at=at)

    @precondition(lambda self: any(self.stands(scope) for scope in self.said))
    @rule(data=st.data())
    def confirm(self, data):
        standing = sorted((one for one in self.said if self.stands(one)), key=lambda one: one.key)
        scope = data.draw(st.sampled_from(standing))
        state = self.profile().consents[scope.key]
        token = self.app.consent_links.confirmation(state.id, self.app.clock.now())
        self.do(lambda: self.worker.consents.confirm(state.id, token))
        assert self.profile().consents[scope.key].confirmed_at

    @rule(organizer=st.sampled_from(ORGANIZERS), lose=st.booleans())
    def favorite(self, organizer, lose):
        self.do(lambda: self.worker.favorites.add(ANA, organizer), lose=lose)
        scope = Scope("organizers", "inbox", organizer)
        if organizer not in self.favorites or not self.reaches(organizer, muted=False):
            self.say(scope, no=False)
        self.favorites.setdefault(organizer, False)

    @rule(organizer=st.sampled_from(ORGANIZERS), lose=st.booleans())
    def leave(self, organizer, lose):
        self.do(lambda: self.worker.favorites.remove(ANA, organizer), lose=lose)
        self.favorites.pop(organizer, None)
        self.said.pop(Scope("organizers", "inbox", organizer), None)

    @precondition(lambda self: self.favorites)
    @rule(data=st.data(), muted=st.booleans(), lose=st.booleans())
    def mute(self, data, muted, lose):
        organizer = data.draw(st.sampled_from(sorted(self.favorites)))
        self.do(lambda: self.worker.favorites.mute(ANA, organizer, muted=muted), lose=lose)
        self.favorites[organizer] = muted

    def reaches(self, organizer, *, muted=None):
        """Whether an organizer's inbox messages reach the person, by the model."""
        scope = Scope("organizers", "inbox", organizer)
        muted = self.favorites.get(organizer, False) if muted is None else muted
        if organizer not in self.favorites or muted or not self.stands(scope):
            return False
        ended = self.stands(FOLLOWED) is False and self.last(FOLLOWED) >= self.last(scope)
        return not ended

    @invariant()
    def the_profile_says_what_was_said(self):
        profile = self.profile()
        for programme in PROGRAMMES:
            for channel in CHANNELS:
                scope = Scope(programme, channel)
                verdict = allowed(profile, programme, channel)
                assert (verdict.consent_id is not None) == bool(self.stands(scope))
                expected = {None: "no_consent", False: "withdrawn", True: None}[self.stands(scope)]
                assert verdict.reason == expected
        assert profile.marketing_opt_in == bool(self.stands(Scope("marketing", "inbox")))

    @invariant()
    def the_shards_say_who_may_be_written_to(self):
        for organizer in ORGANIZERS:
            told = self.runner.run(followers(self.app, organizer))
            assert (ANA in told) == (organizer in self.favorites)
            if ANA in told:
                assert told[ANA].muted is not self.reaches(organizer)

    @invariant()
    def the_ledger_alone_gives_the_same_states(self):
        told = self.runner.run(ledger(self.app, ANA))
        alone = applied({}, sorted(told, key=lambda entry: entry.act == "confirmed"))
        assert len({entry.id for entry in told}) == len(told)
        for key, state in self.profile().consents.items():
            if Scope.of(key).organizer_id is None:
                assert alone[key] == state


TestConsentMachine = ConsentMachine.TestCase
TestConsentMachine.settings = settings(max_examples=examples(10), stateful_step_count=20, deadline=None)
