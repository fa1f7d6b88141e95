"""GrowthBook's Python SDK, given the same rollout or experiment, puts the same person into the same place."""

from typing import Any

from growthbook import Experiment as PeerExperiment
from growthbook import GrowthBook
from hypothesis import given, settings

from shared.messaging.experiments.models import Experiment, Rollout
from shared.messaging.experiments.rules import assign
from tests.factories.examples import examples
from tests.unit.messaging.experiments.strategies import (
    CAMPAIGN,
    experiment_rule,
    experiments,
    rollout_rule,
    rollouts,
    values,
)


def peer(value: str, rule: dict[str, Any] | None = None) -> GrowthBook:
    features = {"campaign": {"defaultValue": None, "rules": [rule]}} if rule else {}
    return GrowthBook(attributes={"person": value}, features=features)


@settings(max_examples=examples(300), deadline=None)
@given(experiment=experiments(), value=values)
def test_run_gives_the_same_inclusion_variant_and_place(experiment: Experiment, value: str) -> None:
    ours = assign(CAMPAIGN, None, experiment, value)
    theirs = peer(value).run(PeerExperiment(**experiment_rule(experiment)))
    assert ours.included == theirs.inExperiment
    assert (ours.variant.key if ours.variant else None) == (theirs.value if theirs.inExperiment else None)
    if theirs.inExperiment:
        assert ours.checks[-1].operands["n"] == theirs.bucket


@settings(max_examples=examples(300), deadline=None)
@given(experiment=experiments(), value=values)
def test_an_experiment_as_a_feature_rule_gives_the_same_variant(experiment: Experiment, value: str) -> None:
    ours = assign(CAMPAIGN, None, experiment, value)
    theirs = peer(value, experiment_rule(experiment)).eval_feature("campaign")
    assert (ours.variant.key if ours.variant else None) == theirs.value


@settings(max_examples=examples(300), deadline=None)
@given(rollout=rollouts, value=values)
def test_a_rollout_as_a_feature_rule_lets_the_same_people_in(rollout: Rollout, value: str) -> None:
    ours = assign(CAMPAIGN, rollout, None, value)
    rule = rollout_rule(rollout, CAMPAIGN)
    by_coverage = {**rule, "coverage": rule.pop("range")[1]}
    by_range = rollout_rule(rollout, CAMPAIGN)
    assert ours.included == bool(peer(value, by_range).eval_feature("campaign").value)
    assert ours.included == bool(peer(value, by_coverage).eval_feature("campaign").value)


@settings(max_examples=examples(200), deadline=None)
@given(rollout=rollouts, experiment=experiments(), value=values)
def test_a_rollout_before_an_experiment_is_both_of_the_peers_answers(
    rollout: Rollout, experiment: Experiment, value: str
) -> None:
    ours = assign(CAMPAIGN, rollout, experiment, value)
    let_in = peer(value, rollout_rule(rollout, CAMPAIGN)).eval_feature("campaign").value
    dealt = peer(value, experiment_rule(experiment)).eval_feature("campaign").value
    assert (ours.variant.key if ours.variant else None) == (dealt if let_in else None)
