"""An organizer's share of the pressure budget, and how a reader lowers it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from shared.people.profiles.caps import DAY, WEEK, Report, Reserved, reserve, settle
from shared.people.profiles.merging import merged
from shared.people.profiles.models import Profile, Shown
from shared.people.profiles.pressure import MAX_LESS, Pressure, less_of, want_less

NOW = datetime(2025, 11, 3, 20, 0, tzinfo=UTC)
HOLD = timedelta(minutes=10)
ANA = Profile("uid-ana", "user")


def wanting(**weights):
    return replace(ANA, preferences={"lessOf": weights})


def pressure(profile, now=NOW, modals=1, interruptions=4):
    return Pressure(profile, now, modals_per_day=modals, interruptions_per_week=interruptions)


class TestShare:
    def test_without_a_wish_only_the_whole_budget_counts(self):
        busy = replace(ANA, shown=(Shown("toast", NOW, "org_1"),) * 3)

        assert pressure(busy).share_hold("org_1", "toast") is None
        assert pressure(wanting(org_1=1)).share_hold("org_1", "modal") is None

    def test_half_of_four_is_two_and_half_of_one_is_nothing(self):
        share = pressure(wanting(org_1=0.5))
        assert share.share_hold("org_1", "modal") == ("less_of_this", None)
        for _ in range(2):
            assert share.share_hold("org_1", "toast") is None
            share.take("toast", NOW + HOLD, "org_1")

        assert share.share_hold("org_1", "toast") == ("less_of_this", NOW + HOLD)
        assert share.share_hold("org_2", "toast") is None
        assert share.hold("toast") is None

    def test_only_the_organizers_own_messages_use_it(self):
        seen = (
            Shown("toast", NOW - DAY, "org_2"),
            Shown("toast", NOW - DAY),
            Shown("toast", NOW - DAY, "org_1"),
        )
        busy = replace(wanting(org_1=0.25), shown=seen)

        assert pressure(busy).share_hold("org_1", "toast") == ("less_of_this", NOW + 6 * DAY)
        assert pressure(replace(busy, shown=seen[:2])).share_hold("org_1", "toast") is None

    def test_what_is_reserved_uses_it_until_it_is_free_again(self):
        pick = Reserved("d_1", "c_1", 1, "toast", 0, "org_1")
        held = reserve(wanting(org_1=0.25), [pick], decision_id="dec", until=NOW + HOLD, now=NOW)

        assert pressure(held).share_hold("org_1", "toast") == ("less_of_this", NOW + HOLD)
        assert pressure(held, NOW + HOLD).share_hold("org_1", "toast") is None
        seen = settle(held, Report("d_1", "c_1", 1, "toast", first=True, organizer_id="org_1"), NOW)
        assert pressure(seen, NOW + HOLD).share_hold("org_1", "toast") == ("less_of_this", NOW + WEEK)

    def test_the_inbox_is_free(self):
        assert pressure(wanting(org_1=0)).share_hold("org_1", "inbox") is None

    def test_a_third_of_three_is_one(self):
        assert pressure(wanting(org_1=1 / 3), interruptions=3).shares["org_1"].interruptions_per_week == 1

    @given(st.floats(0, 1), st.integers(0, 20))
    def test_never_more_than_the_weight_allows(self, weight, limit):
        share = pressure(wanting(org_1=weight), interruptions=limit)
        taken = 0
        while share.hold("toast") is None and share.share_hold("org_1", "toast") is None:
            share.take("toast", NOW + HOLD, "org_1")
            taken += 1

        assert taken == (limit if weight == 1 else int(weight * limit + 1e-9))


class TestWish:
    def test_each_halves_and_the_third_is_nothing(self):
        profile, weights = ANA, []
        for _ in range(4):
            profile = want_less(profile, "org_1")
            weights.append(less_of(profile)["org_1"])

        assert weights == [0.5, 0.25, 0, 0]

    def test_other_preferences_stay(self):
        changed = want_less(replace(ANA, preferences={"muted": ["org_2"], "lessOf": {"org_3": 0.5}}), "org_1")

        assert changed.preferences == {"muted": ["org_2"], "lessOf": {"org_1": 0.5, "org_3": 0.5}}

    def test_they_are_bounded_and_the_latest_is_never_forgotten(self):
        profile = wanting(**{f"org_{number:03}": 0.0 for number in range(MAX_LESS)})
        changed = want_less(profile, "org_new")

        assert len(less_of(changed)) == MAX_LESS
        assert less_of(changed)["org_new"] == 0.5

    def test_what_a_visitor_wanted_less_of_holds_after_signing_in(self):
        visitor = replace(Profile("v_1", "ip"), preferences={"lessOf": {"org_1": 0.25, "org_2": 0.5}})

        assert less_of(merged(wanting(org_1=0.5, org_3=0), visitor)) == {
            "org_1": 0.25,
            "org_2": 0.5,
            "org_3": 0,
        }
        assert merged(ANA, Profile("v_1", "ip")).preferences == {}
