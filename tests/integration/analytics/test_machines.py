"""Who did nothing but what machines do is nobody to invite; a verdict can be taken back."""

import itertools
from datetime import timedelta

from shared.analytics.ingest import rebuild
from shared.analytics.intake.models import Event
from shared.analytics.intake.rules import event_key
from shared.kernel.clock import to_millis
from tests.factories.app import NOW, make_app
from tests.factories.crowds import counted

CRAWLER, ANA = f"v_{'c' * 32}", "uid-ana"


def event(n, person=CRAWLER, bot="user_agent", type_="view", ago=1):
    told = {"eventId": "e1"} if type_ == "view" else {}
    kind = "user" if person == ANA else "ip"
    at = to_millis(NOW - timedelta(hours=ago))
    return Event(event_key("t", str(n)), type_, at, person, kind, "browser", told, bot)


async def everybody(app):
    """Whom segments know."""
    await app.facet_refresh.run()
    manifest = await app.snapshots.latest(fresh=True)
    numbers = (await app.snapshots.facets(manifest, ["*"])).get("*")
    return set((await app.people_reader.keys(sorted(numbers))).values())


async def verdicts(app):
    found = await app.analytics.find("userBehaviorAnalytics", {}, order=[("_id", 1)])
    return {each["_id"]: each["bot"] for each in found}


async def test_a_machine_is_in_no_segment_until_somebody_acts_under_its_name(app):
    await counted(app, [])
    await app.ingest.apply("b_1", [event(1), event(2, ANA, bot=None), event(3, ANA)])
    assert await verdicts(app) == {ANA: None, CRAWLER: "user_agent"}
    assert await everybody(app) == {ANA}

    await app.ingest.apply("b_2", [event(4, bot=None)])
    assert await verdicts(app) == {ANA: None, CRAWLER: None}
    assert await everybody(app) == {ANA, CRAWLER}


async def test_the_verdict_is_the_same_whatever_the_order():
    events = [event(1, bot="user_agent"), event(2, bot="no_user_agent"), event(3, bot=None, type_="login")]
    for mixed in itertools.permutations(events[:2]):
        for human in (0, 1, 2, None):
            told = list(mixed)
            if human is not None:
                told.insert(human, events[2])
            app = make_app()
            for n, each in enumerate(told):
                await app.ingest.apply(f"b_{n}", [each])
            expected = None if human is not None else "no_user_agent"
            assert await verdicts(app) == {CRAWLER: expected}
            await app.close()


async def test_a_machine_that_signs_in_is_what_it_was(app):
    await app.ingest.apply("b_1", [event(1)])
    await app.figure_hooks.merge(ANA, [CRAWLER])
    assert await verdicts(app) == {ANA: "user_agent"}
    await app.ingest.apply("b_2", [event(2, ANA, bot=None, type_="login")])
    assert await verdicts(app) == {ANA: None}


async def test_who_views_too_much_is_a_machine_by_the_next_morning_and_a_person_again_when_it_was_not_so(
    app, monkeypatch
):
    monkeypatch.setattr(rebuild, "MANY_VIEWS", 5)
    events = [event(n, bot=None, ago=1 + n / 100) for n in range(8)]
    await app.ingest.apply("b_1", events)
    assert await verdicts(app) == {CRAWLER: None}
    await app.figures_rebuild.run()
    assert await verdicts(app) == {CRAWLER: rebuild.TOO_MANY}

    monkeypatch.setattr(rebuild, "MANY_VIEWS", 50)
    await app.figures_rebuild.run()
    assert await verdicts(app) == {CRAWLER: None}
