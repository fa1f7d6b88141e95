"""The generated year: the same for the same seed, inside its year, and as varied as a city is."""

from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta

import pytest

from dev.demo.crowd import crowd, followed
from dev.demo.year.city import FESTIVALS
from dev.demo.year.deeds import Deed, Life, habit_of
from dev.demo.year.load import SEED, event_of
from dev.demo.year.messages import deliveries
from dev.demo.year.seats import seats_taken
from shared.analytics.intake.metadata import checked
from tests.factories.messaging import campaign

NOW = datetime(2026, 11, 21, 20, tzinfo=UTC)


def lived(part: int = 6) -> list[Deed]:
    """What every so manieth of the crowd did."""
    follows = followed()
    people = list(crowd(NOW))[::part]
    return [
        deed
        for person in people
        for deed in Life(person, NOW, SEED, follows.get(person.person_key, []), {}).deeds()
    ]


@pytest.fixture(scope="module")
def deeds() -> list[Deed]:
    return lived()


def test_the_same_seed_gives_the_same_year(deeds: list[Deed]):
    again = lived()
    assert [event_of(deed) for deed in again] == [event_of(deed) for deed in deeds]
    assert len({event_of(deed).id for deed in deeds}) == len(deeds)


def test_every_deed_is_an_event_that_the_api_would_take_too(deeds: list[Deed]):
    for deed in deeds:
        assert checked(deed.type, deed.metadata)
        assert NOW - timedelta(days=370) < deed.at <= NOW


def test_money_and_seats_come_from_servers(deeds: list[Deed]):
    sales = [deed for deed in deeds if deed.type == "purchase"]
    told = list(seats_taken(deeds))
    assert len(told) == len(sales) > 0
    assert all(deed.by_server for deed in [*sales, *told])
    for festival in FESTIVALS:
        taken = [deed.metadata["taken"] for deed in told if deed.metadata["eventId"] == festival.event_id]
        assert taken == sorted(taken)
        assert max(taken, default=0) <= festival.capacity


def test_a_funnel_narrows(deeds: list[Deed]):
    about = {festival.event_id for festival in FESTIVALS}
    people = defaultdict(set)
    for deed in deeds:
        if deed.metadata.get("eventId") in about:
            people[deed.type].add(deed.person_key)
    steps = [len(people[step]) for step in ("view", "cart_add", "checkout_start", "purchase")]
    assert steps == sorted(steps, reverse=True)
    assert steps[0] > steps[-1] > 0


def test_habits_show_in_what_people_do():
    did = defaultdict(Counter)
    lately = Counter()
    for person in crowd(NOW):
        habit = habit_of(person, SEED).name
        if habit in ("traveller", "night owl", "dormant"):
            for deed in Life(person, NOW, SEED, [], {}).deeds():
                did[habit][deed.type, deed.metadata.get("cityId")] += 1
                lately[habit] += deed.at > NOW - timedelta(weeks=6)
    away = {
        habit: sum(n for (kind, city), n in did[habit].items() if kind == "checkin" and city != "boston")
        for habit in did
    }
    assert away["traveller"] > away["night owl"]
    assert lately["dormant"] == 0 < lately["night owl"]


def test_a_delivery_has_the_times_of_how_far_it_got():
    people = list(crowd(NOW))[:60]
    made = list(deliveries([campaign()], people, NOW, SEED))
    assert len({each.id for each in made}) == len(made) > 0
    for each in made:
        assert ("seenAt" in each.timestamps) == (each.status != "delivered")
        assert ("ackAt" in each.timestamps) == (each.status == "acknowledged")
