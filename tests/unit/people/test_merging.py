from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from shared.kernel.clock import to_millis
from shared.people.profiles.caps import WEEK, Limits, campaign_hold
from shared.people.profiles.merging import ADDRESS, CROWD_VISITS, asks_for, is_crowd, linked, merged
from shared.people.profiles.models import (
    MAX_CAMPAIGNS,
    MAX_LINKED,
    MAX_RELEASES,
    MAX_SHOWN,
    CampaignMemory,
    Home,
    Profile,
    ReleaseState,
    Reservation,
    Shown,
    Visits,
)
from shared.people.profiles.pressure import Pressure
from shared.people.profiles.rules import Seen, record
from shared.people.visitors import Person

NOW = datetime(2026, 11, 21, 20, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
ANA = Profile("uid-ana", "user")
MOMENTS = st.integers(0, 200).map(lambda hours: NOW - hours * HOUR)
CAMPAIGNS = ["c_1", "c_2", "c_3"]

memories = st.builds(
    CampaignMemory,
    caps_version=st.integers(1, 2),
    occurrences=st.integers(0, 5),
    shown=st.integers(0, 5),
    last_at=st.none() | MOMENTS,
    acknowledged=st.booleans(),
    dismissed=st.booleans(),
)
reservations = st.builds(
    Reservation,
    campaign_id=st.sampled_from(CAMPAIGNS),
    channel=st.sampled_from(["modal", "toast"]),
    until=st.integers(-5, 10).map(lambda minutes: NOW + timedelta(minutes=minutes)),
    decision_id=st.just("dec_1"),
)


@st.composite
def visitors(draw):
    """A visitor as decisions, reports and visits leave one."""
    key = f"v_{draw(st.integers(0, 2**32)):032x}"
    held = draw(st.lists(reservations, max_size=3))
    profile = Profile(
        key,
        "ip",
        release_state=ReleaseState(
            acknowledged_releases=tuple(draw(st.lists(st.sampled_from("abcdef"), unique=True)))
        ),
        campaigns=draw(st.dictionaries(st.sampled_from(CAMPAIGNS), memories)),
        reservations={f"d_{key}_{number}": each for number, each in enumerate(held)},
        shown=tuple(
            sorted(
                draw(st.lists(st.builds(Shown, st.sampled_from(["modal", "toast"]), MOMENTS), max_size=6)),
                key=lambda each: each.at,
            )
        ),
        update_time=1,
    )
    seen = draw(st.lists(st.builds(Seen, MOMENTS.map(to_millis), st.sampled_from(["r1", "r2"])), max_size=8))
    return record(profile, seen)


def comparable(profile):
    state = profile.release_state
    return replace(
        profile,
        release_state=replace(state, acknowledged_releases=tuple(sorted(state.acknowledged_releases))),
    )


@given(st.lists(visitors(), max_size=4, unique_by=lambda each: each.person_key), st.randoms())
def test_in_whatever_order_visitors_are_merged_the_person_is_the_same(several, random):
    shuffled = random.sample(several, len(several))
    one = other = ANA
    for first, second in zip(several, shuffled, strict=True):
        one, other = merged(one, first), merged(other, second)

    assert comparable(one) == comparable(other)


@given(visitors(), visitors(), st.integers(1, 4), st.booleans())
def test_what_either_is_not_shown_is_not_shown_to_both_in_one(person, visitor, most, cools):
    """A merge never frees a cap, a cooldown or the pressure budget."""
    assume(person.person_key != visitor.person_key)
    both = merged(person, visitor)
    limits = Limits(caps_version=2, max_deliveries=most, cooldown=24 * HOUR if cools else None)
    budget = {"modals_per_day": 1, "interruptions_per_week": most}

    for one in (person, visitor):
        for campaign in CAMPAIGNS:
            if campaign_hold(one, campaign, limits, NOW):
                assert campaign_hold(both, campaign, limits, NOW)
        for channel in ("modal", "toast"):
            if Pressure(one, NOW, **budget).hold(channel):
                assert Pressure(both, NOW, **budget).hold(channel)


@given(visitors(), visitors(), st.lists(st.builds(Seen, MOMENTS.map(to_millis), st.just("r1")), max_size=6))
def test_news_count_the_same_before_and_after_the_merge(person, visitor, news):
    assert merged(record(person, news), visitor).visits == record(merged(person, visitor), news).visits
    assert merged(person, record(visitor, news)).visits == record(merged(person, visitor), news).visits


def test_counts_add_moments_extend_and_sets_unite():
    person = Profile(
        "uid-ana",
        "user",
        first_seen_at=NOW - 9 * HOUR,
        last_seen_at=NOW - 2 * HOUR,
        visits=Visits(((0, 10), (9_000_000, 9_000_010))),
        release_state=ReleaseState("r1", ("a", "b")),
        campaigns={"c": CampaignMemory(1, 3, 1, NOW - 5 * HOUR, acknowledged=True)},
        update_time=1,
    )
    visitor = Profile(
        "v_1",
        "ip",
        first_seen_at=NOW - 7 * HOUR,
        last_seen_at=NOW - HOUR,
        visits=Visits(((5, 20), (50_000_000, 50_000_001))),
        release_state=ReleaseState("r2", ("b", "c")),
        campaigns={"c": CampaignMemory(1, 2, 2, NOW - HOUR, dismissed=True), "d": CampaignMemory(shown=1)},
        shown=(Shown("toast", NOW),),
    )
    both = merged(person, visitor)

    assert (both.first_seen_at, both.last_seen_at) == (NOW - 9 * HOUR, NOW - HOUR)
    assert both.visits.recent == ((0, 20), (9_000_000, 9_000_010), (50_000_000, 50_000_001))
    assert both.release_state.last_seen_release_id == "r2"
    assert set(both.release_state.acknowledged_releases) == {"a", "b", "c"}
    assert both.campaigns["c"] == CampaignMemory(1, 3, 3, NOW - HOUR, acknowledged=True, dismissed=True)
    assert both.campaigns["d"].shown == 1
    assert both.shown == (Shown("toast", NOW),)


def test_what_belongs_to_an_account_stays_the_persons():
    person = replace(ANA, favorites=("org_1",), segments=("s",), home=Home("Roma"), roles=("organizer",))
    visitor = Profile("v_1", "ip", favorites=("org_2",), segments=("t",), home=Home("Lima"), roles=("admin",))

    assert merged(person, visitor) == person


def test_under_two_versions_of_its_caps_a_campaign_counts_by_the_newer():
    old, new = CampaignMemory(1, 9, 5, NOW, acknowledged=True), CampaignMemory(2, 1, 1)
    for mine, theirs in ((old, new), (new, old)):
        both = merged(replace(ANA, campaigns={"c": mine}), Profile("v", "ip", campaigns={"c": theirs}))

        assert both.campaigns["c"] == CampaignMemory(2, 9, 1)


def test_everything_stays_within_its_bound():
    def full(letter):
        return Profile(
            letter,
            "ip",
            release_state=ReleaseState(
                acknowledged_releases=tuple(f"{letter}{n}" for n in range(MAX_RELEASES))
            ),
            campaigns={f"{letter}{n}": CampaignMemory(last_at=NOW) for n in range(MAX_CAMPAIGNS)},
            shown=tuple(Shown("toast", NOW - WEEK / 2) for _ in range(MAX_SHOWN)),
        )

    both = merged(full("a"), full("b"))

    assert len(both.campaigns) == MAX_CAMPAIGNS
    assert len(both.shown) == MAX_SHOWN
    assert len(both.release_state.acknowledged_releases) == MAX_RELEASES


class TestLinked:
    def test_a_visitor_is_known_from_then_on(self):
        visitor = Person("v_1", "ip")

        assert asks_for(ANA, visitor)
        assert not asks_for(linked(ANA, visitor), visitor)
        assert linked(linked(ANA, visitor), visitor) == linked(ANA, visitor)

    def test_the_key_of_the_next_epoch_takes_the_place_of_the_last(self):
        before = linked(linked(ANA, Person("v_1", "ip")), Person("v_other", "ip"))
        after = linked(before, Person("v_2", "ip", previous_key="v_1"))

        assert after.linked_keys == ("v_other", "v_2")

    def test_an_address_is_asked_for_only_by_who_has_taken_in_nobody(self):
        address = Person("v_1", "ip", shared=True)

        assert asks_for(ANA, address)
        for known in (linked(ANA, address), linked(ANA, Person("v_2", "ip"))):
            assert not asks_for(known, address)

    def test_the_hash_of_an_address_is_not_kept(self):
        assert linked(ANA, Person("v_1", "ip", shared=True)).linked_keys == (ADDRESS,)

    def test_the_latest_are_kept(self):
        person = ANA
        for number in range(MAX_LINKED + 3):
            person = linked(person, Person(f"v_{number}", "ip"))

        assert len(person.linked_keys) == MAX_LINKED
        assert person.linked_keys[-1] == f"v_{MAX_LINKED + 2}"


class TestCrowd:
    @pytest.mark.parametrize(
        ("visits", "crowd"), [(0, False), (1, False), (12, False), (13, True), (20, True)]
    )
    def test_by_visits_in_a_day(self, visits, crowd):
        events = [Seen(to_millis(NOW + n * HOUR), "r") for n in range(visits)]

        assert is_crowd(record(Profile("v", "ip"), events)) is crowd
        assert CROWD_VISITS == 12

    def test_an_old_friend_is_no_crowd(self):
        events = [Seen(to_millis(NOW + n * 9 * HOUR), "r") for n in range(30)]

        assert not is_crowd(record(Profile("v", "ip"), events))

    def test_a_visit_without_an_end_is_many(self):
        events = [Seen(to_millis(NOW + n * HOUR / 3), "r") for n in range(20)]

        assert is_crowd(record(Profile("v", "ip"), events))
