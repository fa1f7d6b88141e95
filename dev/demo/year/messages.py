"""What became of the demo's campaigns among the crowd: deliveries, each in the state it got to."""

import random
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final

from dev.demo.year.deeds import dice_of
from shared.messaging.campaigns.models import Campaign
from shared.messaging.deliveries.models import Delivery, DeliveryStatus
from shared.messaging.deliveries.rules import delivery_id, payload_hash
from shared.people.profiles.models import Profile

_REACHED: Final[dict[DeliveryStatus, tuple[str, ...]]] = {
    "delivered": (),
    "seen": ("seenAt",),
    "clicked": ("seenAt", "clickedAt"),
    "dismissed": ("seenAt", "dismissedAt"),
    "acknowledged": ("seenAt", "ackAt"),
}
_KEPT: Final = timedelta(days=90)
_BUSIEST: Final = 0.8


def deliveries(
    campaigns: Sequence[Campaign], people: Sequence[Profile], now: datetime, seed: int
) -> Iterator[Delivery]:
    """Each campaign reaches a part of the crowd, and is received in its own way."""
    for campaign in campaigns:
        dice = dice_of(seed, campaign.name)
        reach = dice.uniform(0.15, _BUSIEST)
        weights = [dice.uniform(0.5, 3), dice.uniform(2, 5), *(dice.uniform(0.3, 3) for _ in range(3))]
        for person in people:
            if dice.random() > reach:
                continue
            created = now - timedelta(minutes=dice.randint(60, 20 * 24 * 60))
            yield received(campaign, person, created, weights=weights, dice=dice)


def received(
    campaign: Campaign,
    person: Profile,
    created: datetime,
    *,
    weights: Sequence[float],
    dice: random.Random,
) -> Delivery:
    """One delivery and how it was received; ``weights`` are those of the states it can get to."""
    channel = campaign.delivery_channels[0]
    status = dice.choices(list(_REACHED), weights)[0]
    told = {"createdAt": created, "deliveredAt": created, "expiresAt": created + _KEPT}
    seen = {name: created + timedelta(seconds=30 + 20 * at) for at, name in enumerate(_REACHED[status])}
    return Delivery(
        delivery_id(campaign.id, person.person_key, channel),
        campaign.id,
        campaign.version,
        person.type,
        person.person_key,
        channel,
        status,
        told | seen,
        payload_hash(campaign.content),
        campaign.organizer_id,
    )
