"""The sentence that tells a reader why they see a message: their own doing, and nothing else."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings

from shared.experience.decide.models import candidate
from shared.experience.explain.because import ENGLISH, TEXTS, because
from shared.kernel.clock import to_millis
from shared.messaging.campaigns.models import Metadata
from shared.people.profiles.models import Profile, Visits
from tests.factories.examples import examples
from tests.factories.messaging import NOW, campaign, facts
from tests.unit.experience.test_decide_engine import campaigns, people

DAY = timedelta(days=1)


def said(one, profile=None, name=None, **request):
    seen = facts(profile, **request)
    return because(candidate(one), seen, name).text(seen.locale)


def leaf(attribute, op, value):
    return {"attribute": attribute, "op": op, "value": value}


def seen_last(days):
    at = to_millis(NOW - days * DAY)
    return Profile("u", "user", visits=Visits(((at, at),)))


def test_who_follows_is_told_whom():
    broadcast = campaign(type="organizer_broadcast", organizer_id="org_1")

    assert said(broadcast, name="Café Milonga") == "Because you follow Café Milonga"
    assert said(broadcast) == "Because you follow its organizer"


def test_a_long_pause_is_told_in_days():
    missed = campaign(audience=leaf("visits.daysSinceLast", "gt", 45))

    assert said(missed, seen_last(60)) == "Because you have not visited for 60 days"


def test_a_new_organizer_is_told_so():
    helper = campaign(
        audience=leaf("person.daysSinceRoleChange", "lte", 30),
        metadata=Metadata(role_requirement="organizer"),
    )
    organizer = Profile("u", "user", roles=("organizer",), role_changed_at=NOW - DAY)

    assert said(helper, organizer) == "Because your account became an organizer"


@pytest.mark.parametrize(
    ("audience", "sentence"),
    [
        (None, "Because it is for everyone"),
        (leaf("person.type", "eq", "ip"), "Because you are not signed in"),
        (leaf("release.firstVisit", "eq", True), "Because the site has changed since your last visit"),
        ({"not": [leaf("person.type", "eq", "user")]}, "Because it is for everyone"),
    ],
)
def test_visitors(audience, sentence):
    assert said(campaign(audience=audience), release_id="r1") == sentence


def test_names_of_groups_are_never_told():
    dormant = Profile("u", "user", segments=("dormant_over_30",))
    text = said(campaign(audience=leaf("person.segments", "contains", "dormant_over_30")), dormant)

    assert text == "Because of how you use this site"


def test_a_language_lacks_what_english_does_not(monkeypatch):
    monkeypatch.setitem(TEXTS, "es", {"everyone": "Porque es para todos"})

    assert said(campaign(), locale="es-AR") == "Porque es para todos"
    assert said(campaign(audience=leaf("person.type", "eq", "ip")), locale="es-AR") == ENGLISH["visitor"]
    assert said(campaign(), locale="zz") == ENGLISH["everyone"]


@settings(max_examples=examples(80))
@given(campaigns(ident="c_0"), people())
def test_there_is_always_a_sentence_without_a_hole(made, seen):
    """Whatever the campaign and the person; no key, id or tag of theirs is in it."""
    text = because(candidate(made), seen).text(seen.locale)

    assert text.startswith("Because ")
    assert "{" not in text
    assert "None" not in text
    assert "org_" not in text
    assert replace(seen.profile, person_key="u1").person_key not in text
