"""What a person has agreed to, whatever the order in which it was heard."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.people.consent.models import CHANNELS, PROGRAMMES, Consent, Entry, Scope
from shared.people.consent.rules import allowed, applied, carrying, crosses, silent
from shared.people.profiles.models import Home, Profile

NOW = datetime(2026, 11, 21, 20, 0, tzinfo=UTC)
ROSARIO = Home("Rosario", "Santa Fe", "AR")
PUSH = Scope("organizers", "push")
MINE = Scope("organizers", "push", "org_1")
FOLLOW = Scope("organizers", "inbox", "org_1")
EVERYBODYS = Scope("organizers", "inbox")


def entry(scope, act="granted", minutes=0, ident="cn_1", grant_id=None):
    at = NOW + timedelta(minutes=minutes)
    return Entry(ident, "al_1", scope, act, "w-1", "settings", at, at, grant_id)


def person(*entries, **fields):
    return carrying(Profile("uid-ana", "user", home=ROSARIO, **fields), applied({}, entries))


entries = st.builds(
    entry,
    st.sampled_from([PUSH, MINE, EVERYBODYS]),
    st.sampled_from(["granted", "withdrawn"]),
    st.integers(0, 3),
    st.sampled_from(["cn_1", "cn_2", "cn_3"]),
)


class TestOrder:
    @given(st.lists(entries, max_size=8), st.randoms())
    def test_late_doubled_and_shuffled_entries_give_the_same_state(self, told, random):
        again = [*told, *told]
        random.shuffle(again)

        assert applied({}, again) == applied({}, told)

    @given(st.lists(entries, max_size=8))
    def test_the_last_one_holds_and_of_a_tie_the_withdrawal(self, told):
        for key, state in applied({}, told).items():
            last = max(one.at for one in told if one.scope.key == key)
            acts = {one.act for one in told if one.scope.key == key and one.at == last}
            assert state.granted is (acts == {"granted"})

    def test_a_confirmation_counts_for_its_own_grant_only(self):
        confirmed = entry(PUSH, "confirmed", 5, "cn_9", "cn_1")

        assert person(entry(PUSH), confirmed).consents[PUSH.key].confirmed_at == confirmed.at
        assert person(entry(PUSH, ident="cn_2"), confirmed).consents[PUSH.key].confirmed_at is None
        assert not person(entry(PUSH), entry(PUSH, "withdrawn", 1), confirmed).consents[PUSH.key].granted

    @given(st.sampled_from(PROGRAMMES), st.sampled_from(CHANNELS), st.none() | st.just("org:1.x"))
    def test_a_scope_is_read_back_from_its_name(self, programme, channel, organizer):
        assert Scope.of(Scope(programme, channel, organizer).key) == Scope(programme, channel, organizer)


class TestAllowed:
    def test_nothing_is_allowed_that_nobody_agreed_to(self):
        for programme in PROGRAMMES:
            for channel in CHANNELS:
                assert allowed(person(), programme, channel) == (None, "no_consent")

    def test_the_delivery_gets_the_entry_that_allows_it(self):
        assert allowed(person(entry(PUSH)), "organizers", "push") == ("cn_1", None)

    @pytest.mark.parametrize(
        ("told", "verdict"),
        [
            ([entry(PUSH)], ("cn_1", None)),
            ([entry(PUSH), entry(MINE, ident="cn_2")], ("cn_2", None)),
            ([entry(PUSH), entry(MINE, "withdrawn", 1)], (None, "withdrawn")),
            ([entry(MINE, "withdrawn"), entry(PUSH, minutes=1)], (None, "withdrawn")),
            ([entry(MINE), entry(PUSH, "withdrawn", 1)], (None, "withdrawn")),
            ([entry(MINE), entry(PUSH, "withdrawn")], (None, "withdrawn")),
            ([entry(PUSH, "withdrawn"), entry(MINE, minutes=1)], ("cn_1", None)),
        ],
    )
    def test_one_sender_and_all_of_them(self, told, verdict):
        """One sender's no stands until that sender has a yes; a no to all ends every yes before it."""
        assert allowed(person(*told), "organizers", "push", organizer_id="org_1") == verdict

    def test_following_is_never_implied(self):
        assert allowed(person(entry(EVERYBODYS)), "organizers", "inbox", organizer_id="org_1") == (
            None,
            "no_consent",
        )
        assert allowed(person(entry(FOLLOW)), "organizers", "inbox", organizer_id="org_1").consent_id
        assert allowed(person(entry(FOLLOW)), "organizers", "push", organizer_id="org_1").reason
        assert not silent(person(entry(FOLLOW)), "org_1")
        assert silent(person(entry(FOLLOW), entry(EVERYBODYS, "withdrawn")), "org_1")

    def test_a_muted_organizer_is_muted_everywhere(self):
        muted = person(entry(PUSH), muted=("org_1",))

        assert allowed(muted, "organizers", "push", organizer_id="org_1") == (None, "muted")
        assert allowed(muted, "organizers", "push", organizer_id="org_2").consent_id == "cn_1"


class TestAway:
    MARKETING = Scope("marketing", "inbox")

    @pytest.mark.parametrize(
        ("place", "away"),
        [
            (ROSARIO, False),
            (Home("Santa Fe", "santa fe", "AR"), False),
            (Home("Córdoba", "Córdoba", "AR"), True),
            (Home("Roma", "Lazio", "IT"), True),
            (Home(), True),
        ],
    )
    def test_an_opt_in_must_be_confirmed_away_from_home(self, place, away):
        granted = person(entry(self.MARKETING))
        confirmed = person(entry(self.MARKETING), entry(self.MARKETING, "confirmed", 1, "cn_2", "cn_1"))

        assert crosses(ROSARIO, place) is away
        assert allowed(granted, "marketing", "inbox", place=place).reason == (
            "not_confirmed" if away else None
        )
        assert allowed(confirmed, "marketing", "inbox", place=place) == ("cn_1", None)

    def test_who_never_said_where_home_is_is_away_everywhere(self):
        assert crosses(Home(), ROSARIO)
        assert crosses(Home(), Home())

    def test_favourites_are_no_opt_in(self):
        assert allowed(
            person(entry(FOLLOW)), "organizers", "inbox", organizer_id="org_1", place=Home("Roma", None, "IT")
        ).consent_id


def test_the_marketing_gate_of_decisions_follows_the_inbox():
    inbox, sms = Scope("marketing", "inbox"), Scope("marketing", "sms")

    assert person(entry(inbox)).marketing_opt_in
    assert not person(entry(sms)).marketing_opt_in
    assert not person(entry(inbox), entry(inbox, "withdrawn")).marketing_opt_in


def test_nothing_changes_where_nothing_was_said():
    known = Profile("uid-ana", "user", marketing_opt_in=True)

    assert carrying(known, {}) is known
    assert carrying(known, {PUSH.key: Consent("cn_1", True, NOW, "w-1")}) != known
