"""Tiers of organizers: what each may do and what it costs, in one table (design/decisions.md, Messages: Tiers).

The defaults stand here; the setting ``TIERS`` replaces parts of them, as JSON: ``{"gold": {"maxRecipients": 50000}}``.
"""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Final, Literal, get_args

import orjson
from pydantic import Field, TypeAdapter

from shared.kernel.errors import Forbidden, Invalid
from shared.kernel.wire import Wire

Tier = Literal["basic", "bronze", "silver", "gold"]
AudienceKind = Literal["favorites", "criteria", "segment"]
"""Followers; people with the marketing opt-in by criteria; a stored segment of them."""
SendChannel = Literal["inbox", "push"]

TIERS: Final[tuple[Tier, ...]] = get_args(Tier)
"""Lowest first."""
Credits = Annotated[int, Field(ge=0, le=1_000_000)]


class TierRights(Wire):
    """One tier.

    ``prices`` are credits for each delivered message, by audience and channel; an audience or a channel that is not
    named is not allowed. ``cooldownHours`` lie between two broadcasts; ``maxRecipients`` is for one of them.
    ``monthlyFee`` is what a month costs, in cents of ``currency``; who bills it is not this service.
    """

    tier: Tier
    monthly_fee: Annotated[int, Field(ge=0)]
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")] = "USD"
    max_recipients: Annotated[int, Field(ge=1, le=10_000_000)]
    cooldown_hours: Annotated[float, Field(ge=0, le=24 * 365)]
    prices: dict[AudienceKind, dict[SendChannel, Credits]]


class TierList(Wire):
    """Every tier, lowest first."""

    items: list[TierRights]


class Quote(Wire):
    """What a send costs at most: ``credits`` if every message is delivered, at ``prices`` for each."""

    tier: Tier
    audience: AudienceKind
    recipients: dict[SendChannel, int]
    prices: dict[SendChannel, int]
    credits: int


_DEFAULTS: Final[Mapping[Tier, Mapping[str, Any]]] = {
    "basic": {
        "monthlyFee": 0,
        "maxRecipients": 1_000,
        "cooldownHours": 72,
        "prices": {"favorites": {"inbox": 0}},
    },
    "bronze": {
        "monthlyFee": 900,
        "maxRecipients": 5_000,
        "cooldownHours": 24,
        "prices": {"favorites": {"inbox": 0, "push": 1}},
    },
    "silver": {
        "monthlyFee": 2_900,
        "maxRecipients": 25_000,
        "cooldownHours": 12,
        "prices": {"favorites": {"inbox": 0, "push": 1}, "criteria": {"inbox": 2, "push": 4}},
    },
    "gold": {
        "monthlyFee": 7_900,
        "maxRecipients": 1_000_000,
        "cooldownHours": 4,
        "prices": {
            "favorites": {"inbox": 0, "push": 1},
            "criteria": {"inbox": 2, "push": 3},
            "segment": {"inbox": 2, "push": 3},
        },
    },
}
_RIGHTS: Final = TypeAdapter(TierRights)


class TierTable:
    """The table in force."""

    def __init__(self, replaced: str = "") -> None:
        """Read the setting. Raises ValueError for what is not JSON, names no tier, or does not fit."""
        parts = orjson.loads(replaced) if replaced else {}
        if not isinstance(parts, dict) or not parts.keys() <= set(TIERS):
            raise ValueError(f"TIERS is a JSON object of {', '.join(TIERS)}")
        self._rights = {
            tier: _RIGHTS.validate_python({"tier": tier, **_DEFAULTS[tier], **parts.get(tier, {})})
            for tier in TIERS
        }

    def __iter__(self) -> Iterator[TierRights]:
        return iter(self._rights.values())

    def of(self, tier: Tier) -> TierRights:
        """What a tier may do."""
        return self._rights[tier]

    def quote(self, tier: Tier, audience: AudienceKind, recipients: Mapping[SendChannel, int]) -> Quote:
        """What a send would cost at most, by the number of recipients in each channel.

        Raises Forbidden ``tier_too_low`` for an audience or channel that the tier does not have, Invalid
        ``too_many_recipients``.
        """
        rights = self._rights[tier]
        prices = rights.prices.get(audience, {})
        if not recipients.keys() <= prices.keys():
            raise Forbidden("Your tier does not have this audience or channel.", code="tier_too_low")
        if max(recipients.values(), default=0) > rights.max_recipients:
            limit = rights.max_recipients
            raise Invalid(f"Your tier writes to {limit} people at most.", code="too_many_recipients")
        return Quote(
            tier=tier,
            audience=audience,
            recipients=dict(recipients),
            prices={channel: prices[channel] for channel in recipients},
            credits=sum(prices[channel] * number for channel, number in recipients.items()),
        )


def reaches(tier: Tier, required: Tier) -> bool:
    """Whether a tier is the required one or a higher one."""
    return TIERS.index(tier) >= TIERS.index(required)
