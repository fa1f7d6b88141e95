"""The engine chooses what judging every campaign in turn would choose, and asks again at the same time."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from shared.experience.decide.engine import MAX_CHANGED, Engine
from shared.experience.decide.models import candidate
from shared.experience.decide.rules import SOONEST, Situation, decide
from shared.experience.explain.reasons import REASONS
from shared.messaging.campaigns.content import Content, Step
from shared.messaging.campaigns.models import (
    ON_PAGE,
    Campaign,
    Channel,
    Metadata,
    Scheduling,
)
from shared.messaging.experiments.models import Rollout
from shared.messaging.targeting.facts import Facts
from shared.people.profiles.models import CampaignMemory, Profile, Reservation, Shown
from shared.people.profiles.pressure import Pressure
from tests.factories.examples import examples
from tests.factories.targeting import NOW, conditions, facts
from tests.unit.messaging.experiments.strategies import experiments

HOUR = timedelta(hours=1)
INSTANT = timedelta(milliseconds=1)
IDS = [f"c_{number}" for number in range(8)]
organizers = st.sampled_from([None, "org_1", "org_2"])
hours = st.none() | st.integers(-5, 5).map(lambda n: NOW + n * HOUR)


@st.composite
def campaigns(draw, ident=None):
    kind = draw(
        st.sampled_from(["system", "upgrade", "organizer_broadcast", "organizer_targeted", "user_to_user"])
    )
    own = kind in ("system", "upgrade")
    return Campaign(
        id=ident or draw(st.sampled_from(IDS)),
        type=kind,
        name="any",
        organizer_id=None if own else draw(st.sampled_from(["org_1", "org_2"])),
        audience=draw(st.none() | conditions(max_leaves=3)),
        content=Content(
            title="t",
            body="b",
            severity=draw(st.sampled_from(["info", "critical"])),
            steps=[Step(title="s", body="b")],
        ),
        delivery_channels=draw(
            st.lists(st.sampled_from([*ON_PAGE, Channel.INBOX]), min_size=1, max_size=3, unique=True)
        ),
        priority=draw(st.sampled_from([0, 1, 100])),
        transactional=own and draw(st.booleans()),
        scheduling=Scheduling(
            start_at=draw(hours),
            end_at=draw(hours),
            cooldown_hours=draw(st.sampled_from([None, 1, 30])),
            max_deliveries_per_user=draw(st.sampled_from([None, 1, 2])),
        ),
        metadata=Metadata(
            release_id=draw(st.sampled_from([None, "a", "2026.11"])),
            role_requirement=draw(st.sampled_from([None, None, "organizer"])),
            paid_tier_requirement=draw(st.sampled_from([None, None, "silver"])),
        ),
        rollout=draw(st.none() | st.builds(Rollout, share=st.sampled_from([0, 0.5, 1]))),
        experiment=draw(st.none() | experiments()),
        status=draw(st.sampled_from(["active", "active", "active", "paused"])),
        created_at=NOW,
        updated_at=NOW,
        created_by="a",
    )


def preferences(less):
    """As they are stored, each left out at its default."""
    opt_outs = st.fixed_dictionaries(
        {"programme": st.sampled_from(["organizers", "events", "marketing"])},
        optional={"channel": st.sampled_from(["inbox", "push"])},
    )
    return st.fixed_dictionaries(
        {"lessOf": less},
        optional={
            "organizerMessages": st.just("off"),
            "mutedOrganizers": st.lists(st.sampled_from(["org_1", "org_2"]), unique=True),
            "optOuts": st.lists(opt_outs, max_size=2),
        },
    )


@st.composite
def people(draw):
    """Facts whose profile remembers campaigns, holds reservations and has been interrupted before."""
    seen = draw(facts)
    at = st.integers(1, 200).map(lambda n: NOW - n * HOUR)
    memories = st.builds(
        CampaignMemory,
        occurrences=st.just(1),
        shown=st.integers(0, 2),
        last_at=st.none() | at,
        acknowledged=st.booleans(),
        dismissed=st.booleans(),
    )
    held = st.builds(
        Reservation,
        campaign_id=st.sampled_from(IDS),
        channel=st.sampled_from(list(ON_PAGE)).map(str),
        until=st.integers(-9, 9).map(lambda n: NOW + timedelta(minutes=n)),
        decision_id=st.just("dec_1"),
        organizer_id=organizers,
    )
    shown = st.builds(Shown, channel=st.sampled_from(list(ON_PAGE)).map(str), at=at, organizer_id=organizers)
    less = st.dictionaries(st.sampled_from(["org_1", "org_2"]), st.sampled_from([0, 0.25, 0.5, 1]))
    profile: Profile = replace(
        seen.profile,
        bucket_id=draw(st.text("abcdef", min_size=1, max_size=3)),
        campaigns=draw(st.dictionaries(st.sampled_from(IDS), memories, max_size=4)),
        reservations=draw(st.dictionaries(st.sampled_from(["d_1", "d_2"]), held, max_size=2)),
        shown=tuple(draw(st.lists(shown, max_size=5))),
        preferences=draw(st.just({}) | preferences(less)),
        favorites=(*seen.profile.favorites, "org_1"),
    )
    return replace(seen, profile=profile)


def situation(seen: Facts, channels=frozenset(ON_PAGE)):
    pressure = Pressure(seen.profile, seen.now, modals_per_day=1, interruptions_per_week=4)
    return Situation(seen, pressure, timedelta(minutes=10), channels)


def outcome(decision):
    return [(each.candidate.campaign.id, each.channel) for each in decision.shown], decision.next_check


def judged(made, seen, channels):
    ordered = sorted((candidate(each) for each in made), key=lambda each: each.order)
    return outcome(decide(situation(seen, channels), ordered))


page = st.frozensets(st.sampled_from(list(ON_PAGE)), min_size=1)


@settings(max_examples=examples(150))
@given(st.lists(campaigns(), max_size=8, unique_by=lambda each: each.id), people(), page)
def test_the_engine_agrees_with_judging_in_turn(made, seen, channels):
    engine = Engine.of([candidate(each) for each in made])

    assert outcome(engine.decide(situation(seen, channels))) == judged(made, seen, channels)


@settings(max_examples=examples(100))
@given(
    st.lists(campaigns(), min_size=1, max_size=8, unique_by=lambda each: each.id),
    people(),
    st.floats(0, 1, exclude_max=True),
)
def test_nothing_would_be_shown_before_the_next_check(made, seen, part):
    """Whatever the campaigns wait for: while nobody does anything, a page that sleeps till then misses nothing."""
    made = [
        each for each in made if "visits.daysSinceLast" not in repr(each.audience)
    ]  # who asks is visiting
    engine = Engine.of([candidate(each) for each in made])
    decided = engine.decide(situation(seen))
    if decided.shown or decided.next_check == SOONEST:
        return

    sooner = replace(seen, now=seen.now + part * decided.next_check)
    assert not engine.decide(situation(sooner)).shown


@settings(max_examples=examples(100))
@given(st.lists(campaigns(), max_size=8, unique_by=lambda each: each.id), people(), page)
def test_an_explained_decision_is_the_same_with_every_check_beside_it(made, seen, channels):
    ordered = sorted((candidate(each) for each in made), key=lambda each: each.order)
    plain = decide(situation(seen, channels), ordered)
    explained = decide(situation(seen, channels), ordered, explain=True)

    assert outcome(explained) == outcome(plain)
    assert [each._replace(steps=(), turns_at=None) for each in explained.verdicts] == list(plain.verdicts)
    for verdict in explained.verdicts:
        asked = [each.check for each in verdict.steps]
        assert asked == (list(REASONS) if "slot" in asked else list(REASONS)[:-2])
        first = next((each for each in verdict.steps if not each.passed), None)
        assert (verdict.check, verdict.code) == (("channel", "shown") if first is None else first[0::2][:2])
        for each in verdict.steps:
            known = {reason.code: reason.passes for reason in REASONS[each.check]}
            assert known[each.code] is each.passed
            assert each.until is None or not each.passed


@settings(max_examples=examples(60))
@given(campaigns(ident="c_0"), people())
def test_a_no_turns_when_it_says_unless_something_else_happens(made, seen):
    """At the moment named, with nobody having done anything, the campaign is shown; just before it is not."""
    (verdict,) = decide(situation(seen), [candidate(made)], explain=True).verdicts
    if verdict.code == "shown" or verdict.turns_at is None:
        return
    at = verdict.turns_at

    then = decide(situation(replace(seen, now=at + INSTANT)), [candidate(made)]).verdicts[0]
    before = decide(situation(replace(seen, now=max(seen.now, at - INSTANT))), [candidate(made)]).verdicts[0]
    assert before.code != "shown"
    assert then.code == "shown"


@settings(max_examples=examples(100))
@given(
    st.lists(campaigns(), max_size=6, unique_by=lambda each: each.id),
    st.lists(st.tuples(campaigns(), st.booleans()), max_size=4),
    people(),
)
def test_changed_campaigns_count_at_once(made, changes, seen):
    """Replaced, added or taken out one by one, the engine decides as if built from the result."""
    engine = Engine.of([candidate(each) for each in made])
    present = {each.id: each for each in made}
    for campaign, kept in changes:
        engine = engine.changed(campaign.id, candidate(campaign) if kept else None)
        present.pop(campaign.id, None)
        if kept:
            present[campaign.id] = campaign

    shown, next_check = judged(present.values(), seen, frozenset(ON_PAGE))
    decided = outcome(engine.decide(situation(seen)))
    assert decided[0] == shown
    # a window that was replaced may make the page ask again sooner than it must
    assert decided[1] <= next_check


def test_many_changes_call_for_a_new_index():
    engine = Engine.of([])
    for number in range(MAX_CHANGED):
        engine = engine.changed(f"c_{number}", None)

    assert not engine.crowded
    assert engine.changed("c_more", None).crowded
