"""Rollouts and experiments of every shape that the models allow, and the same thing said to GrowthBook."""

from typing import Any

from hypothesis import strategies as st

from shared.messaging.experiments.models import Experiment, Filter, Interval, Namespace, Rollout, Variant

CAMPAIGN = "c_01jd8xk3q9c7v5n2m4t6w8y0z1"
values = st.text(min_size=1, max_size=40)
seeds = st.text(min_size=1, max_size=40)
shares = st.floats(0, 1) | st.integers(0, 10_000).map(lambda part: part / 10_000)
rollouts = st.builds(Rollout, share=shares, seed=st.none() | seeds)


@st.composite
def intervals(draw: st.DrawFn) -> Interval:
    start, end = sorted(draw(st.lists(st.integers(0, 1000), min_size=2, max_size=2, unique=True)))
    return Interval(start=start / 1000, end=end / 1000)


namespaces = st.builds(
    lambda part, name: Namespace(id=name, start=part.start, end=part.end), intervals(), seeds
)
filters = st.builds(
    Filter,
    seed=seeds.map(lambda seed: f"filter {seed}"[:60]),
    ranges=st.lists(intervals(), min_size=1, max_size=3),
    hash_version=st.sampled_from([1, 2]),
)


@st.composite
def experiments(draw: st.DrawFn) -> Experiment:
    parts = draw(st.lists(st.integers(0, 100), min_size=2, max_size=8).filter(any))
    weighed = draw(st.booleans())
    gate = draw(st.sampled_from(["none", "namespace", "filters"]))
    return Experiment(
        key=draw(seeds),
        seed=draw(st.none() | seeds),
        variants=[
            Variant(key=f"v{index}", weight=part / sum(parts) if weighed else None)
            for index, part in enumerate(parts)
        ],
        coverage=draw(st.just(1.0) | shares),
        namespace=draw(namespaces) if gate == "namespace" else None,
        filters=draw(st.lists(filters, min_size=1, max_size=2)) if gate == "filters" else [],
    )


def rollout_rule(rollout: Rollout, campaign_id: str) -> dict[str, Any]:
    """The feature rule that makes GrowthBook's SDK let the same people in."""
    seed = rollout.seed_for(campaign_id)
    return {
        "force": True,
        "range": [0, rollout.share],
        "seed": seed,
        "hashAttribute": "person",
        "hashVersion": 2,
    }


def experiment_rule(experiment: Experiment) -> dict[str, Any]:
    """The feature rule, and the arguments of ``Experiment``, that make GrowthBook's SDK deal the same variants."""
    rule: dict[str, Any] = {
        "key": experiment.key,
        "variations": [variant.key for variant in experiment.variants],
        "coverage": experiment.coverage,
        "hashAttribute": experiment.hash_attribute,
        "hashVersion": 2,
    }
    if experiment.seed is not None:
        rule["seed"] = experiment.seed
    if experiment.variants[0].weight is not None:
        rule["weights"] = [variant.weight for variant in experiment.variants]
    if experiment.namespace is not None:
        rule["namespace"] = (experiment.namespace.id, experiment.namespace.start, experiment.namespace.end)
    if experiment.filters:
        rule["filters"] = [
            {
                "seed": gate.seed,
                "ranges": [(part.start, part.end) for part in gate.ranges],
                "hashVersion": gate.hash_version,
                "attribute": "person",
            }
            for gate in experiment.filters
        ]
    return rule
