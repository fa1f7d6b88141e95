"""Who is in, which variant they read, and what an explanation says of it."""

import json
from pathlib import Path

import orjson
import pytest
from hypothesis import given

from shared.messaging.campaigns.content import Content
from shared.messaging.experiments.models import (
    ContentOverride,
    Experiment,
    Filter,
    Interval,
    Namespace,
    Rollout,
    Variant,
)
from shared.messaging.experiments.rules import assign, checks, content_for, exclusive, hash_value
from tests.unit.messaging.experiments.strategies import CAMPAIGN, experiments, rollouts, values

FROZEN = json.loads((Path(__file__).parent / "vectors.json").read_text(encoding="utf-8"))
PAIR = [Variant(key="short"), Variant(key="long")]
PEOPLE = [f"person-{number}" for number in range(1000)]


def in_part(start: float, end: float, namespace: str = "spring") -> Experiment:
    return Experiment(key=f"{start}", variants=PAIR, namespace=Namespace(id=namespace, start=start, end=end))


@pytest.mark.parametrize("case", FROZEN["experiments"], ids=lambda case: case["name"])
def test_assignments_are_frozen(case: dict) -> None:
    """A change here would move people between the variants of running campaigns."""
    rollout = Rollout.model_validate(case["rollout"]) if case["rollout"] else None
    experiment = Experiment.model_validate(case["experiment"]) if case["experiment"] else None
    for value, expected in case["people"].items():
        answer = assign(case["campaignId"], rollout, experiment, value)
        assert [answer.reason, answer.variant.key if answer.variant else None] == expected


def test_a_campaign_without_either_lets_everybody_in() -> None:
    assert assign(CAMPAIGN, None, None, "ana") == (True, None, "not_split", ())


def test_nobody_is_in_without_something_to_hash() -> None:
    assert assign(CAMPAIGN, Rollout(share=1), None, "") == (False, None, "no_hash_value", ())


@given(rollout=rollouts, experiment=experiments(), value=values)
def test_an_explanation_goes_on_where_a_decision_stops(
    rollout: Rollout, experiment: Experiment, value: str
) -> None:
    """A decision's checks are the first of the explanation's, up to the first that fails; codes and verdicts agree."""
    whole = tuple(checks(CAMPAIGN, rollout, experiment, value))
    answer = assign(CAMPAIGN, rollout, experiment, value)
    assert len(whole) == 1 + len(experiment.gates) + 1
    assert answer.checks == whole[: len(answer.checks)]
    assert answer.included == all(check.passed for check in whole)
    assert answer.reason == answer.checks[-1].reason
    assert all(check.passed == check.reason.startswith("in_") for check in whole)
    assert (answer.variant is not None) == answer.included


@given(rollout=rollouts, experiment=experiments(), value=values)
def test_operands_can_be_stored_and_prove_the_verdict(
    rollout: Rollout, experiment: Experiment, value: str
) -> None:
    for check in checks(CAMPAIGN, rollout, experiment, value):
        operands = orjson.loads(orjson.dumps(check.operands))
        if "share" in operands:
            held = operands["n"] < operands["share"]
        else:
            ranges = operands["ranges"]
            held = any(
                start <= operands["n"] < end
                for start, end in (ranges.values() if isinstance(ranges, dict) else ranges)
            )
        assert held == check.passed


def test_operands_do_not_carry_the_persons_id() -> None:
    experiment = in_part(0, 1)
    shown = [
        check.operands for check in checks(CAMPAIGN, Rollout(share=0.5), experiment, "v_0123456789abcdef")
    ]
    assert "v_0123456789abcdef" not in str(shown)


def test_campaigns_do_not_roll_out_to_the_same_people() -> None:
    """Each campaign's share is dealt anew, so that no one is everybody's guinea pig."""
    half = Rollout(share=0.5)
    first = {value for value in PEOPLE if assign("c_a", half, None, value).included}
    second = {value for value in PEOPLE if assign("c_b", half, None, value).included}
    assert 200 < len(first & second) < 300


def test_two_parts_of_one_namespace_never_share_a_person() -> None:
    lower, upper = in_part(0, 0.4), in_part(0.4, 1)
    assert exclusive(lower, upper)
    answers = [(assign("a", None, lower, value), assign("b", None, upper, value)) for value in PEOPLE]
    assert all(one.included != other.included for one, other in answers)


@pytest.mark.parametrize(
    "other",
    [
        in_part(0.3, 0.6),
        in_part(0.4, 1, namespace="autumn"),
        Experiment(key="free", variants=PAIR),
        Experiment(
            key="by filter",
            variants=PAIR,
            filters=[Filter(seed="__spring", ranges=[Interval(start=0.5, end=1)])],
        ),
    ],
    ids=["overlapping", "another namespace", "no namespace", "another hash"],
)
def test_experiments_that_may_share_people_are_not_exclusive(other: Experiment) -> None:
    assert not exclusive(in_part(0, 0.4), other)


def test_a_filter_excludes_the_matching_namespace_under_the_same_hash() -> None:
    ranges = [Interval(start=0.4, end=0.5), Interval(start=0.9, end=1)]
    by_filter = Experiment(
        key="f", variants=PAIR, filters=[Filter(seed="__spring", ranges=ranges, hash_version=1)]
    )
    assert exclusive(in_part(0, 0.4), by_filter)


def test_a_variant_changes_only_the_words_it_names() -> None:
    content = Content(title="Milonga", body="Tonight", cta="See", link="/events/1")
    variant = Variant(key="warm", content=ContentOverride(title="Your milonga", severity="success"))
    changed = content_for(content, variant)
    assert changed == Content(
        title="Your milonga", body="Tonight", cta="See", link="/events/1", severity="success"
    )
    assert content_for(content, Variant(key="control")) == content_for(content, None) == content


def test_a_person_is_known_by_their_bucket_id_and_else_by_their_key() -> None:
    assert hash_value("uid-1", "b_2") == "b_2"
    assert hash_value("uid-1", None) == "uid-1"
