"""Which tags campaigns ask for: those of other areas are computed only while somebody does."""

from collections.abc import Iterable

from shared.messaging.campaigns.models import Campaign
from shared.messaging.targeting.conditions import leaves, parse

ATTRIBUTE = "person.segments"


def asked_tags(campaigns: Iterable[Campaign]) -> set[str]:
    """Every tag that an audience compares with."""
    found: set[str] = set()
    for campaign in campaigns:
        for leaf in leaves(parse(campaign.audience)):
            if leaf.attribute.name == ATTRIBUTE:
                found.update(leaf.value if isinstance(leaf.value, tuple) else (leaf.value,))
    return found
