"""Does a campaign's rollout and experiment let a person in, which variant do they read, and why (wire.md, Experience)."""

from collections.abc import Iterator
from typing import Any, Literal, NamedTuple

from shared.messaging.campaigns.content import Content
from shared.messaging.experiments.bucketing import choose_variation, in_filter, in_rollout
from shared.messaging.experiments.hashing import hash_place, hash_v2
from shared.messaging.experiments.models import Experiment, Gate, Rollout, Variant

Reason = Literal[
    "in_rollout",
    "outside_rollout",
    "in_namespace",
    "outside_namespace",
    "in_experiment",
    "outside_coverage",
    "not_split",
    "no_hash_value",
]
"""Stable codes: shown in explanations, kept with decisions."""


class Check(NamedTuple):
    """One question put to a person's place; the values it compared are worked out only when someone asks why."""

    rule: Rollout | Gate | Experiment
    seed: str
    value: str
    passed: bool
    reason: Reason
    variant: Variant | None = None

    @property
    def operands(self) -> dict[str, Any]:
        """The values compared, ready for JSON: the seed, the person's place (``n``, 0..1) and the rule's bounds.

        The person's hash value itself is left out: it may be a key that does not leave the server.
        """
        match self.rule:
            case Rollout(share=share):
                compared: dict[str, Any] = {"n": hash_v2(self.seed, self.value), "share": share}
            case Gate(hash_version=version, ranges=bounds):
                n = hash_place(self.seed, self.value, version)
                compared = {"n": n, "ranges": [list(pair) for pair in bounds], "hashVersion": version}
            case Experiment(coverage=coverage, variants=variants, ranges=ranges):
                named = {variant.key: list(pair) for variant, pair in zip(variants, ranges, strict=True)}
                compared = {"n": hash_v2(self.seed, self.value), "coverage": coverage, "ranges": named}
        return {"seed": self.seed, **compared}


class Assignment(NamedTuple):
    """Where a person stands: ``included`` False means that the campaign is not for them.

    ``variant`` None means that the campaign has no experiment. ``reason`` is that of the last check; ``checks`` are
    those made, in order, the first that fails being the last.
    """

    included: bool
    variant: Variant | None
    reason: Reason
    checks: tuple[Check, ...]


def hash_value(person_key: str, bucket_id: str | None) -> str:
    """What stands for a person in every rollout and experiment, and GrowthBook's attribute ``person``.

    ``bucket_id`` is made once with a profile and outlives epochs and sign-in; a profile without one is known by its key.
    """
    return bucket_id or person_key


def checks(
    campaign_id: str, rollout: Rollout | None, experiment: Experiment | None, value: str
) -> Iterator[Check]:
    """Every check, in order and one by one: the rollout, the namespace or filters, the experiment.

    An explanation takes them all; a decision stops at the first that fails. ``value`` is not empty.
    """
    if rollout is not None:
        seed = rollout.seed_for(campaign_id)
        passed = in_rollout(seed, value, rollout.share)
        yield Check(rollout, seed, value, passed, "in_rollout" if passed else "outside_rollout")
    if experiment is None:
        return
    for gate in experiment.gates:
        passed = in_filter(gate.seed, value, gate.ranges, gate.hash_version)
        yield Check(gate, gate.seed, value, passed, "in_namespace" if passed else "outside_namespace")
    variant = variant_of(experiment, value)
    reason: Reason = "outside_coverage" if variant is None else "in_experiment"
    yield Check(experiment, experiment.hash_seed, value, variant is not None, reason, variant)


def assign(
    campaign_id: str, rollout: Rollout | None, experiment: Experiment | None, value: str
) -> Assignment:
    """Where the person with this hash value stands; the same answer for every version that keeps seeds and bounds."""
    if not value:
        return Assignment(included=False, variant=None, reason="no_hash_value", checks=())
    made = []
    for check in checks(campaign_id, rollout, experiment, value):
        made.append(check)
        if not check.passed:
            return Assignment(included=False, variant=None, reason=check.reason, checks=tuple(made))
    if not made:
        return Assignment(included=True, variant=None, reason="not_split", checks=())
    return Assignment(included=True, variant=made[-1].variant, reason=made[-1].reason, checks=tuple(made))


def variant_of(experiment: Experiment, value: str) -> Variant | None:
    """The variant by the hash alone, None outside the coverage; namespaces and filters are not asked."""
    index = choose_variation(hash_v2(experiment.hash_seed, value), experiment.ranges)
    return experiment.variants[index] if index >= 0 else None


def exclusive(one: Experiment, other: Experiment) -> bool:
    """True when no person can be in both: they have disjoint parts of one namespace."""
    return any(
        mine.seed == theirs.seed
        and mine.hash_version == theirs.hash_version
        and all(a[1] <= b[0] or b[1] <= a[0] for a in mine.ranges for b in theirs.ranges)
        for mine in one.gates
        for theirs in other.gates
    )


def content_for(content: Content, variant: Variant | None) -> Content:
    """The words of a campaign as a variant says them."""
    if variant is None or variant.content is None:
        return content
    override = variant.content
    changed = {
        name: value for name in type(override).model_fields if (value := getattr(override, name)) is not None
    }
    return content.model_copy(update=changed)
