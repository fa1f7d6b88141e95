"""What a campaign's rollout and experiment may be, and what of them stays while it is active: pure."""

from collections.abc import Iterator
from typing import Final

from shared.kernel.errors import Fault
from shared.messaging.campaigns.content import Content
from shared.messaging.campaigns.models import Campaign
from shared.messaging.experiments.models import ContentOverride

Words = Content | ContentOverride
_SEED_CLASH: Final = "Under the experiment's own seed the share would cut whole variants off."


def wordings(campaign: Campaign) -> Iterator[tuple[str, Words]]:
    """All that somebody may read of the campaign: its own words, and what its variants say differently."""
    yield "/content", campaign.content
    for number, variant in enumerate(campaign.experiment.variants if campaign.experiment else ()):
        if variant.content is not None:
            yield f"/experiment/variants/{number}/content", variant.content


def split_faults(campaign: Campaign) -> Iterator[Fault]:
    """What is wrong with the rollout and the experiment beyond their shapes."""
    rollout, experiment = campaign.rollout, campaign.experiment
    if rollout and experiment and rollout.seed_for(campaign.id) == experiment.hash_seed:
        yield Fault("/rollout/seed", "seed_clash", _SEED_CLASH)
    critical = campaign.content.severity == "critical"
    for pointer, words in wordings(campaign):
        if words.severity is not None and (words.severity == "critical") is not critical:
            # critical messages pass the pressure budget: no variant may be easier to see than another
            yield Fault(f"{pointer}/severity", "not_allowed", "All variants are critical, or none is.")


def redealt(before: Campaign, after: Campaign) -> Iterator[Fault]:
    """What of a change would give people another place, or the place of another variant."""
    if before.rollout and after.rollout and before.rollout.seed != after.rollout.seed:
        yield Fault("/rollout/seed", "fixed", "The seed stays while the campaign is active.")
    one, other = before.experiment, after.experiment
    if one is None or other is None:
        return
    if one.key != other.key:
        yield Fault("/experiment/key", "fixed", "The key stays while the campaign is active.")
    if one.hash_seed != other.hash_seed:
        yield Fault("/experiment/seed", "fixed", "The seed stays while the campaign is active.")
    keys = [variant.key for variant in one.variants]
    if [variant.key for variant in other.variants[: len(keys)]] != keys:
        told = "While the campaign is active, variants are appended: none is moved, renamed or taken out."
        yield Fault("/experiment/variants", "fixed", told)
