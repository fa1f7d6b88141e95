"""When the clock alone will make a condition hold: never too late, never too soon, and silent where it cannot know."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.kernel.clock import to_millis
from shared.messaging.targeting.conditions import holds, parse
from shared.messaging.targeting.facts import Facts
from shared.messaging.targeting.turning import turns_at
from shared.people.profiles.models import Attendance, Attended, Profile, Visits
from tests.factories.examples import examples

NOW = datetime(2026, 3, 6, 20, 15, tzinfo=UTC)
DAY = timedelta(days=1)
ANA = Profile("ana", "user", first_seen_at=NOW - 10 * DAY, timezone="America/New_York")


def turning(condition, profile=ANA, now=NOW):
    return turns_at(parse(condition), Facts(profile, now, timezone=profile.timezone))


def leaf(attribute, op, value):
    return {"attribute": attribute, "op": op, "value": value}


def during(start, end, **more):
    return leaf("person.localTime", "during", {"from": start, "to": end} | more)


class TestSingle:
    def test_a_length_of_time_runs_out(self):
        assert turning(leaf("person.daysSinceFirstSeen", "gte", 14)) == NOW + 4 * DAY
        assert turning(leaf("person.firstSeenAt", "before", {"daysAgo": 14})) == NOW + 4 * DAY
        assert turning(leaf("person.firstSeenAt", "before", {"hoursAgo": 241})) == NOW + timedelta(hours=1)

    def test_an_event_is_too_long_ago_to_count(self):
        came = replace(ANA, attendance=Attendance((Attended("e_1", None, to_millis(NOW - 89 * DAY)),)))

        assert turning(leaf("attendance.last90Days", "lt", 1), came) == NOW + DAY
        assert turning(leaf("attendance.lastAt", "before", {"daysAgo": 89.5}), came) == NOW + DAY / 2

    def test_hours_of_the_day_begin(self):
        assert turning(during("18:00", "22:00")) == datetime(2026, 3, 6, 23, 0, tzinfo=UTC)
        assert turning(during("18:00", "22:00", days=["mon"])) == datetime(2026, 3, 9, 22, 0, tzinfo=UTC)
        assert turning(during("08:00", "12:00", zone="Europe/Rome")) == datetime(2026, 3, 7, 7, 0, tzinfo=UTC)

    @pytest.mark.parametrize(
        "condition",
        [
            leaf("person.daysSinceFirstSeen", "lt", 3),
            leaf("person.home.country", "eq", "AR"),
            leaf("person.firstSeenAt", "after", {"daysAgo": 3}),
            leaf("person.firstSeenAt", "before", "2020-01-01T00:00:00Z"),
            leaf("person.daysSinceRoleChange", "gte", 1),
            leaf("person.daysSinceFirstSeen", "gte", 2**53),
        ],
    )
    def test_what_the_clock_never_brings_is_unknown(self, condition):
        assert turning(condition) is None

    def test_what_a_visit_changes_is_unknown(self):
        seen = to_millis(NOW - 3 * DAY)
        visited = replace(ANA, visits=Visits(((seen, seen),)))

        assert turning(leaf("visits.daysSinceLast", "gt", 45), visited) is None

    def test_without_a_zone_no_hour_is_known(self):
        assert turning(during("18:00", "22:00"), replace(ANA, timezone=None)) is None

    def test_what_holds_already_does_not_turn(self):
        assert turning(during("00:00", "00:00")) is None


class TestTogether:
    def test_all_at_the_first_moment_at_which_each_holds(self):
        both = {"all": [during("18:00", "22:00"), leaf("person.daysSinceFirstSeen", "gte", 14)]}

        assert turning(both) == datetime(2026, 3, 10, 22, 0, tzinfo=UTC)

    def test_never_at_once(self):
        too_late = {
            "all": [leaf("person.daysSinceFirstSeen", "lt", 11), leaf("person.daysSinceFirstSeen", "gte", 14)]
        }

        assert turning(too_late) is None

    def test_a_no_ends(self):
        assert turning({"not": [during("08:00", "16:00")]}) == datetime(2026, 3, 6, 21, 0, tzinfo=UTC)


times = st.integers(0, 47).map(lambda half: f"{half // 2:02}:{half % 2 * 30:02}")
windows = st.builds(
    lambda start, end, days, zone: during(start, end, days=days or None, zone=zone),
    times,
    times,
    st.lists(st.sampled_from(["mon", "tue", "wed", "thu", "fri", "sat", "sun"]), unique=True, max_size=3),
    st.sampled_from(["America/New_York", "Australia/Lord_Howe", "Europe/Rome"]),
)
lengths = st.integers(8, 14).map(lambda days: leaf("person.daysSinceFirstSeen", "gte", days))
some = st.recursive(
    windows | lengths,
    lambda inner: st.builds(
        lambda kind, parts: {kind: parts},
        st.sampled_from(["all", "any", "not"]),
        st.lists(inner, min_size=1, max_size=3),
    ),
    max_leaves=4,
)


@settings(max_examples=examples(40))
@given(
    some,
    st.sampled_from([NOW, datetime(2026, 10, 30, 3, 0, tzinfo=UTC), datetime(2026, 4, 2, 9, 30, tzinfo=UTC)]),
)
def test_it_is_the_first_minute_at_which_looking_every_quarter_finds_it(condition, now):
    """Over eight days with skipped and doubled hours, as somebody who looks again and again would find."""
    person = replace(ANA, first_seen_at=now - 10 * DAY)
    facts, tree = Facts(person, now, timezone=person.timezone), parse(condition)
    quarters = [now + number * timedelta(minutes=15) for number in range(7 * 96)]
    first = next((each for each in quarters if holds(tree, replace(facts, now=each))), None)

    found = turns_at(tree, facts)
    if first == now:
        assert found is None
    elif first is not None:
        assert found == first
    else:
        assert found is None or found > quarters[-1]
