from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from shared.kernel.clock import from_millis, to_millis
from shared.people.profiles.models import MAX_RELEASES, MAX_VISITS, Profile, ReleaseState, Visits
from shared.people.profiles.rules import Seen, acknowledge_release, record, record_visits

NOW = to_millis(datetime(2025, 11, 3, 20, 0, tzinfo=UTC))
MINUTE = 60_000
HOUR = 60 * MINUTE

# within 15 hours there are never more than MAX_VISITS visits
moments = st.lists(st.integers(NOW, NOW + 15 * HOUR), max_size=60)
many_moments = st.lists(st.integers(NOW, NOW + 24 * 30 * HOUR), max_size=120)
events = st.lists(
    st.builds(Seen, st.integers(NOW, NOW + 15 * HOUR), st.sampled_from(["r1", "r2", "r3"])), max_size=30
)
EMPTY = Profile("v_0", "ip")


def test_two_requests_less_than_30_minutes_apart_are_one_visit():
    visits = record_visits(Visits(), [NOW, NOW + 30 * MINUTE - 1])

    assert visits.recent == ((NOW, NOW + 30 * MINUTE - 1),)


def test_a_pause_of_30_minutes_begins_another_visit():
    assert record_visits(Visits(), [NOW, NOW + 30 * MINUTE]).total == 2


def test_a_late_event_joins_two_visits():
    apart = record_visits(Visits(), [NOW, NOW + 40 * MINUTE])

    assert record_visits(apart, [NOW + 20 * MINUTE]).recent == ((NOW, NOW + 40 * MINUTE),)


@given(moments, st.randoms(), st.integers(1, 7))
def test_order_repetition_and_batches_make_no_difference(instants, random, size):
    """Whatever the queue does with the events of a person, the visits are the same."""
    shuffled = [*instants, *instants[::2]]
    random.shuffle(shuffled)
    visits = Visits()
    for start in range(0, len(shuffled), size):
        visits = record_visits(visits, shuffled[start : start + size])

    assert visits == record_visits(Visits(), instants)


@given(many_moments, many_moments)
def test_a_batch_that_comes_again_changes_nothing_even_beyond_the_bound(first, second):
    visits = record_visits(record_visits(Visits(), first), second)

    assert record_visits(visits, second) == visits
    assert record_visits(record_visits(visits, first), second) == visits


@given(many_moments)
def test_pruned_visits_are_still_counted(instants):
    visits = record_visits(Visits(), instants)
    ordered = sorted(instants)
    expected = sum(1 for i, at in enumerate(ordered) if i == 0 or at - ordered[i - 1] >= 30 * MINUTE)

    assert visits.total == expected
    assert len(visits.recent) <= MAX_VISITS


def test_an_event_before_everything_kept_is_ignored_once_visits_were_pruned():
    visits = record_visits(Visits(), [NOW + hour * HOUR for hour in range(MAX_VISITS + 3)])

    assert (visits.total, visits.earlier) == (MAX_VISITS + 3, 3)
    assert record_visits(visits, [NOW]) == visits


@given(events, st.randoms(), st.integers(1, 5))
def test_a_profile_is_the_same_whatever_order_its_events_come_in(seen, random, size):
    shuffled = [*seen, *seen]
    random.shuffle(shuffled)
    profile = EMPTY
    for start in range(0, len(shuffled), size):
        profile = record(profile, shuffled[start : start + size])

    assert profile == record(EMPTY, seen)
    if seen:
        assert profile.last_seen_at == from_millis(max(seen).at)
        assert profile.first_seen_at == from_millis(min(seen).at)
        assert profile.release_state.last_seen_release_id == max(seen).release_id


def test_an_older_event_does_not_bring_back_an_older_release():
    profile = record(record(EMPTY, [Seen(NOW, "r2")]), [Seen(NOW - HOUR, "r1")])

    assert profile.release_state.last_seen_release_id == "r2"
    assert profile.first_seen_at == from_millis(NOW - HOUR)


def test_acknowledged_releases_are_bounded_and_the_latest_are_kept():
    state = ReleaseState()
    for number in range(MAX_RELEASES + 5):
        state = acknowledge_release(state, f"r{number}")

    assert len(state.acknowledged_releases) == MAX_RELEASES
    assert state.acknowledged_releases[-1] == f"r{MAX_RELEASES + 4}"
    assert acknowledge_release(state, "r20") == replace(state)
