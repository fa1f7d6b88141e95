"""Whom a campaign's rollout and experiment let in, and the variant they are dealt: pure.

Asked last, because hashing costs more than every other check. What is hashed is the profile's bucket id, which outlives
keys (docs/decisions/0010); it is never shown or stored elsewhere.
"""

from collections.abc import Iterable
from typing import Any

from shared.messaging.campaigns.models import Campaign
from shared.messaging.experiments.models import Variant
from shared.messaging.experiments.rules import Assignment, assign, checks, hash_value, variant_of
from shared.people.profiles.models import Profile


def rollout_of(profile: Profile, campaign: Campaign) -> Assignment | None:
    """Where the person stands in the campaign's rollout; None when it has none."""
    if campaign.rollout is None:
        return None
    return assign(campaign.id, campaign.rollout, None, bucket_id(profile))


def experiment_of(profile: Profile, campaign: Campaign) -> Assignment | None:
    """Where the person stands in the campaign's experiment and its namespace; None when it has none."""
    if campaign.experiment is None:
        return None
    return assign(campaign.id, None, campaign.experiment, bucket_id(profile))


def left_out(profile: Profile, campaign: Campaign) -> bool:
    """Whether the rollout or the experiment is without the person: so it stays until the campaign is changed."""
    if campaign.rollout is None and campaign.experiment is None:
        return False
    asked = checks(campaign.id, campaign.rollout, campaign.experiment, bucket_id(profile))
    return any(not check.passed for check in asked)


def variant_for(profile: Profile, campaign: Campaign) -> Variant | None:
    """The variant that somebody who takes part is dealt; None without an experiment."""
    return variant_of(campaign.experiment, bucket_id(profile)) if campaign.experiment else None


def dispatched(profile: Profile, campaign: Campaign) -> dict[str, Any]:
    """What let somebody in who takes part: the places (``n``, 0..1) and the variant, for ``dispatchContext``."""
    found: dict[str, Any] = {}
    rollout, experiment = rollout_of(profile, campaign), experiment_of(profile, campaign)
    if rollout is not None:
        compared = rollout.checks[-1].operands
        found["rollout"] = {"n": compared["n"], "share": compared["share"]}
    if experiment is not None and campaign.experiment is not None and experiment.variant is not None:
        n = experiment.checks[-1].operands["n"]
        found["experiment"] = {"key": campaign.experiment.key, "variant": experiment.variant.key, "n": n}
    return found


def dealt(profile: Profile, campaigns: Iterable[Campaign]) -> frozenset[str]:
    """``key:variant`` of each experiment of these campaigns that deals the person a variant."""
    value = bucket_id(profile)
    placed = ((each.experiment, assign(each.id, each.rollout, each.experiment, value)) for each in campaigns)
    return frozenset(
        f"{experiment.key}:{made.variant.key}" for experiment, made in placed if experiment and made.variant
    )


def bucket_id(profile: Profile) -> str:
    """What stands for the person in every hash."""
    return hash_value(profile.person_key, profile.bucket_id)
