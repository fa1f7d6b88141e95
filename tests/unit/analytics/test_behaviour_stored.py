"""Behaviour as a document: nothing is lost, and the messaging document's names are kept."""

from datetime import UTC, datetime

import pytest

from shared.analytics.behaviour import figures
from shared.analytics.behaviour.models import Behaviour, CheckIn, Follow, Purchases
from shared.analytics.behaviour.stored import from_document, to_fields
from shared.kernel.clock import to_millis
from shared.people.profiles.models import Visits

NOW = datetime(2026, 11, 21, 20, 0, tzinfo=UTC)
AT = to_millis(NOW)
DAY = 86_400_000

SOMEBODY = Behaviour(
    person_key="ana",
    person_type="user",
    n=7,
    checkins=(CheckIn(AT, "e1", "advanced", "v1", "ba"), CheckIn(AT - DAY, "e2", "milonga")),
    cities={"ba": AT, "nyc": AT - 10 * DAY, "rome": AT - 400 * DAY},
    occasions={"advanced": 3, "beginner": 3, "milonga": 9},
    rsvps=4,
    hours=(0,) * 22 + (5, 2),
    weekdays=(0, 0, 0, 0, 4, 3, 0),
    visits=Visits(((AT - DAY, AT),), 12),
    weeks={figures.week_of(AT): 3, figures.week_of(AT) - 1: 6, figures.week_of(AT) - 12: 6},
    first_seen_at=AT - 300 * DAY,
    last_seen_at=AT,
    follows={"org": Follow(AT, on=True), "gone": Follow(AT, on=False)},
    purchases=Purchases(2, 1, AT, {"EUR": 1200}),
    messages_seen=5,
    messages_clicked=1,
    city="Buenos Aires",
    country="AR",
    timezone="America/Argentina/Buenos_Aires",
    tier="gold",
    bot=None,
    pending=("b1",),
    revision=3,
)


@pytest.mark.parametrize("behaviour", [SOMEBODY, Behaviour("v_1", "ip", 1)])
def test_a_behaviour_comes_back_as_it_was_stored(behaviour):
    assert from_document(to_fields(behaviour, NOW)) == behaviour


def test_what_is_computed_follows_the_decisions():
    stored = to_fields(SOMEBODY, NOW)
    travel, engagement = stored["travelPattern"], stored["engagement"]
    assert (travel["uniqueCities"], travel["multiCityScore"], travel["lastCities"]) == (
        2,
        3,
        ["ba", "nyc", "rome"],
    )
    assert to_millis(travel["decaysAt"]) == AT + 355 * DAY
    assert stored["classPreferences"]["primaryLevel"] == "advanced"
    assert stored["sessionTiming"]["peakLoginHour"] == 22
    assert (engagement["visitFrequency"], engagement["priorFrequency"]) == (0.75, 1.0)
    assert stored["following"] == ["org"]


@pytest.mark.parametrize(("cities", "score"), [(0, 0), (1, 0), (2, 3), (3, 5), (4, 8), (5, 10), (32, 10)])
def test_scores_of_cities(cities, score):
    assert figures.multi_city_score(cities) == score
