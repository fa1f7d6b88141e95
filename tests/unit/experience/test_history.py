"""A kept decision is the decision: packed, unpacked and made again it comes out as it did."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from shared.experience.decide.dealing import dealt
from shared.experience.decide.edition import Edition
from shared.experience.decide.engine import Engine
from shared.experience.decide.models import candidate
from shared.experience.decide.rules import Situation, decide
from shared.experience.history.models import Record, Sent, edition_data, from_data, to_data, versions_of
from shared.experience.history.rules import differences, is_exact, replay
from shared.kernel.clock import from_millis
from shared.messaging.campaigns.models import ON_PAGE, Scheduling
from shared.people.profiles.models import Attendance, Attended, Point, Profile
from shared.people.profiles.pressure import Pressure
from tests.factories.examples import examples
from tests.factories.messaging import campaign, facts
from tests.factories.targeting import NOW
from tests.unit.experience.test_decide_engine import campaigns, page, people

BUDGET = {"modals_per_day": 1, "interruptions_per_week": 4}
HOLD = timedelta(minutes=10)

PAGE = frozenset(ON_PAGE)
EMPTY = facts(now=NOW)


def record(seen, channels, decision):
    sent = [Sent("d_1", each.candidate.campaign.id, 1, str(each.channel)) for each in decision.shown]
    return Record("dec_1", "shown", seen, channels, *BUDGET.values(), HOLD, tuple(sent), decision.next_check)


def known(seen, made):
    return replace(seen, experiments=lambda: dealt(seen.profile, made))


def situation(seen, channels=PAGE):
    return Situation(seen, Pressure(seen.profile, seen.now, **BUDGET), HOLD, channels)


NOTHING = decide(situation(EMPTY), [])


@settings(max_examples=examples(120))
@given(st.lists(campaigns(), max_size=8, unique_by=lambda each: each.id), people(), page)
def test_it_is_made_again_with_the_same_verdicts(made, seen, channels):
    """Whatever the campaigns and the person: the engine's choice, kept as a document, comes out of it again."""
    candidates = [candidate(each) for each in made]
    seen = known(seen, [each for each in made if each.experiment])
    chosen = Engine.of(candidates).decide(situation(seen, channels))
    ordered = sorted(candidates, key=lambda each: each.order)
    then = decide(situation(seen, channels), ordered, explain=True)

    stored = from_data("dec_1", to_data(record(seen, channels, chosen), "ed_1"))
    again = replay(stored.record, candidates)

    assert stored.revision == "ed_1"
    assert again == then
    assert is_exact(stored.record, again)
    assert differences(then.verdicts, again.verdicts) == []


def test_nothing_that_a_check_compares_is_lost():
    profile = Profile(
        "uid",
        "user",
        bucket_id="b",
        location=Point(1.25, -2.5),
        attendance=Attendance((Attended("e", None, 5),), 2),
        first_seen_at=from_millis(1_700_000_000_123),
        preferences={"lessOf": {"org_1": 0.5}},
    )
    seen = replace(EMPTY, profile=profile, feature_flags=frozenset({"a"}), page="/x")

    assert from_data("dec_1", to_data(record(seen, PAGE, NOTHING), "ed_1")).record.facts == seen


def test_who_somebody_is_besides_is_not_kept():
    profile = Profile("uid", "user", display_name="Ana María", alias="al_1", linked_keys=("v_other",))
    seen = replace(EMPTY, profile=profile)

    kept = from_data("d", to_data(record(seen, PAGE, NOTHING), "ed_1")).record.facts
    assert kept.profile == Profile("uid", "user")


def test_an_edition_is_named_by_its_versions():
    one, two = candidate(campaign(id="c_1")), candidate(campaign(id="c_2", version=7))
    edition = Edition([one, two])

    assert edition.revision == Edition([two, one]).revision
    assert edition.revision != Edition([one, candidate(campaign(id="c_2", version=8))]).revision
    assert versions_of(edition_data(edition.versions, NOW)) == {"c_1": 1, "c_2": 7}


def test_the_difference_names_what_comes_out_otherwise():
    stays = campaign(id="c_stays")
    then = replay(record(EMPTY, PAGE, NOTHING), map(candidate, [stays, campaign(id="c_gone")]))
    ended = campaign(id="c_new", scheduling=Scheduling(end_at=NOW - HOLD))
    now = replay(record(EMPTY, PAGE, NOTHING), map(candidate, [stays, ended]))

    found = differences(then.verdicts, now.verdicts)
    assert [(ident, before and before.code, after and after.code) for ident, before, after in found] == [
        ("c_gone", "shown", None),
        ("c_new", None, "ended"),
        ("c_stays", "slot_taken", "shown"),
    ]
