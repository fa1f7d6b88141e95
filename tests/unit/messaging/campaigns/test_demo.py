from dataclasses import replace
from datetime import timedelta

import pytest

from dev.demo import campaigns as demo
from shared.kernel.clock import to_millis
from shared.messaging.campaigns.rules import first_version, target
from shared.messaging.targeting.conditions import holds
from shared.people.profiles.models import Profile, ReleaseState, Visits
from tests.factories.messaging import NOW, facts

VISITOR, DANCER = Profile("v_0", "ip"), Profile("uid-ana", "user")


def visited(profile, *days_ago):
    moments = tuple((to_millis(NOW - timedelta(days=days)),) * 2 for days in days_ago)
    return replace(profile, visits=Visits(moments))


def shown(body, profile):
    made = first_version(body, ident="c_demo", author="admin", now=NOW)
    return holds(target(made), facts(profile, release_id=demo.RELEASE))


@pytest.mark.parametrize("body", [*demo.SYSTEM_CASES, demo.DJ_ANNOUNCEMENT], ids=lambda body: body.name)
def test_each_is_a_valid_active_campaign(body):
    made = first_version(body, ident="c_demo", author="admin", now=NOW)

    assert made.status == "active"


def test_the_release_is_announced_to_visitors_until_they_acknowledge_it():
    acknowledged = replace(VISITOR, release_state=ReleaseState(demo.RELEASE, (demo.RELEASE,)))

    assert shown(demo.FIRST_VISIT_AFTER_RELEASE, VISITOR)
    assert not shown(demo.FIRST_VISIT_AFTER_RELEASE, acknowledged)
    assert not shown(demo.FIRST_VISIT_AFTER_RELEASE, DANCER)


def test_a_visitor_is_asked_to_join_from_the_third_visit():
    assert not shown(demo.PROMPT_TO_JOIN, visited(VISITOR, 2, 1))
    assert shown(demo.PROMPT_TO_JOIN, visited(VISITOR, 3, 2, 1))
    assert not shown(demo.PROMPT_TO_JOIN, visited(DANCER, 3, 2, 1))


def test_a_dancer_is_missed_after_45_days_and_all_through_the_visit_that_ends_them():
    assert not shown(demo.LONG_TIME_NO_SEE, visited(DANCER, 44))
    assert shown(demo.LONG_TIME_NO_SEE, visited(DANCER, 46))
    assert shown(demo.LONG_TIME_NO_SEE, visited(DANCER, 46, 0))
    assert not shown(demo.LONG_TIME_NO_SEE, visited(VISITOR, 46))


def test_a_new_organizer_is_helped_for_thirty_days():
    organizer = replace(DANCER, roles=("organizer",), role_changed_at=NOW)

    assert shown(demo.NEW_ORGANIZER, organizer)
    assert not shown(demo.NEW_ORGANIZER, replace(organizer, role_changed_at=NOW - timedelta(days=31)))
    assert not shown(demo.NEW_ORGANIZER, replace(organizer, roles=()))


def test_notices_of_the_site_are_for_everyone():
    assert all(shown(body, who) for body in (demo.DOWNTIME, demo.POLICY_UPDATE) for who in (VISITOR, DANCER))
