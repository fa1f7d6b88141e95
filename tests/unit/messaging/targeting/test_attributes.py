from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from shared.kernel.clock import to_millis
from shared.messaging.targeting.attributes import ATTRIBUTES, render_reference
from shared.messaging.targeting.conditions import holds, parse, validate
from shared.people.profiles.models import Profile, ReleaseState, Visits
from tests.factories.messaging import NOW, facts

DANCER = Profile("uid-ana", "user")


def read(name, profile=DANCER, **request):
    return ATTRIBUTES[name].value(facts(profile, **request))


def visits(*spans):
    """Visits given as (days before now when it ended, minutes it lasted), oldest first."""
    ends = [(to_millis(NOW - timedelta(days=days)), minutes * 60_000) for days, minutes in spans]
    return replace(DANCER, visits=Visits(tuple((end - length, end) for end, length in ends)))


@pytest.mark.parametrize("row", ATTRIBUTES.values(), ids=lambda row: row.name)
def test_every_row_explains_itself_with_an_example_that_is_a_valid_condition(row):
    op, value = row.example

    assert validate({"attribute": row.name, "op": op, "value": value}) == ()
    assert row.description.endswith(".")
    assert row.source


@pytest.mark.parametrize("row", ATTRIBUTES.values(), ids=lambda row: row.name)
def test_every_row_can_be_read_of_somebody_we_know_nothing_about(row):
    row.value(facts())


def test_the_committed_reference_page_agrees_with_the_table():
    page = Path(__file__).parents[4] / "docs/reference/attributes.md"

    assert page.read_text(encoding="utf-8").endswith(render_reference())


def test_person_type_tells_visitors_dancers_and_organizers_apart():
    assert read("person.type", Profile("v_0", "ip")) == "ip"
    assert read("person.type") == "user"
    assert read("person.type", replace(DANCER, roles=("organizer",))) == "organizer"


def test_tiers_are_ordered_and_a_tier_that_is_none_is_unknown():
    at_least_silver = parse({"attribute": "person.tier", "op": "gte", "value": "silver"})

    def judge(tier):
        return holds(at_least_silver, facts(replace(DANCER, tier=tier)))

    assert [judge(tier) for tier in ("basic", "bronze", "silver", "gold")] == [False, False, True, True]
    assert not judge(None)
    assert not judge("platinum")


def test_days_are_counted_with_their_fraction_and_never_negative():
    assert read("person.daysSinceFirstSeen") is None
    assert read("person.daysSinceFirstSeen", replace(DANCER, first_seen_at=NOW - timedelta(hours=36))) == 1.5
    assert read("person.daysSinceRoleChange", replace(DANCER, role_changed_at=NOW + timedelta(days=1))) == 0


def test_release_attributes_compare_the_request_with_what_the_profile_remembers():
    profile = replace(DANCER, release_state=ReleaseState("r1", ("r1",)))

    assert read("release.firstVisit", profile, release_id="r1") is False
    assert read("release.firstVisit", profile, release_id="r2") is True
    assert read("release.firstVisit", release_id="r1") is True
    assert read("release.acknowledged", profile, release_id="r1") is True
    assert read("release.acknowledged", profile, release_id="r2") is False


def test_release_attributes_are_unknown_when_the_request_names_no_release():
    assert [read("release.id"), read("release.firstVisit"), read("release.acknowledged")] == [None] * 3


def test_days_since_last_visit_are_unknown_on_a_first_visit():
    assert read("visits.daysSinceLast") is None
    assert read("visits.daysSinceLast", visits((0, 5))) is None


def test_days_since_last_visit_stay_the_same_during_the_returning_visit():
    """«Long time no see» must not vanish once the returning visit itself is recorded."""
    before = visits((60, 10))
    ten_minutes = 10 / (24 * 60)

    assert read("visits.daysSinceLast", before) == 60
    assert read("visits.daysSinceLast", visits((60, 10), (0, 10))) == pytest.approx(60 - ten_minutes)
    assert read("visits.daysSinceLast", visits((60, 10), (29 / 1440, 0))) == pytest.approx(60 - 29 / 1440)


def test_a_visit_that_ended_half_an_hour_ago_is_over():
    assert read("visits.daysSinceLast", visits((60, 10), (30 / 1440, 0))) == pytest.approx(30 / 1440)


def test_visits_are_counted_in_all_and_over_the_last_seven_days():
    profile = visits((30, 1), (7, 0), (6.9, 0), (1, 5))
    profile = replace(profile, visits=replace(profile.visits, earlier=100))

    assert read("visits.total", profile) == 104
    assert read("visits.last7Days", profile) == 2


@pytest.mark.parametrize(
    ("wanted", "locale", "matches"),
    [
        ("es", "es-AR", True),
        ("es", "ES-ar", True),
        ("es-AR", "es-ar", True),
        ("es-AR", "es", False),
        ("es", "est", False),
        ("zh-Hant", "zh-Hant-TW", True),
        ("es", None, False),
    ],
)
def test_a_language_covers_its_regional_forms(wanted, locale, matches):
    here = facts(locale=locale)

    assert holds(parse({"attribute": "request.locale", "op": "eq", "value": wanted}), here) is matches
    assert holds(parse({"attribute": "request.locale", "op": "in", "value": ["de", wanted]}), here) is matches
