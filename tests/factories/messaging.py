"""Builders for campaigns, deliveries and the facts of a decision: sensible unless told otherwise."""

from datetime import UTC, datetime, timedelta
from typing import Any

from shared.messaging.campaigns.content import Content
from shared.messaging.campaigns.models import Campaign, Channel
from shared.messaging.deliveries.models import Delivery
from shared.messaging.deliveries.rules import delivery_id, payload_hash
from shared.messaging.targeting.facts import Facts
from shared.people.profiles.models import Profile

NOW = datetime(2025, 11, 3, 20, 0, tzinfo=UTC)
CONTENT = Content(title="Milonga tonight", body="Doors at nine.")


def campaign(**changes: Any) -> Campaign:
    """An active system campaign for everyone, shown as a banner."""
    fields: dict[str, Any] = {
        "id": "c_test",
        "type": "system",
        "name": "A campaign",
        "content": CONTENT,
        "delivery_channels": [Channel.BANNER],
        "status": "active",
        "created_at": NOW,
        "updated_at": NOW,
        "created_by": "admin",
    }
    return Campaign(**fields | changes)


def campaign_body(**changes: Any) -> dict[str, Any]:
    """The body that creates a system campaign, in the wire's names."""
    return {
        "type": "system",
        "name": "A campaign",
        "content": {"title": "Milonga tonight", "body": "Doors at nine."},
        "deliveryChannels": ["banner"],
    } | changes


def delivery(channel: str = "banner", **changes: Any) -> Delivery:
    """A pending delivery of ``campaign()`` to a signed-in person."""
    fields: dict[str, Any] = {
        "id": delivery_id("c_test", "uid-ana", channel, 1),
        "campaign_id": "c_test",
        "campaign_version": 1,
        "recipient_type": "user",
        "recipient_id": "uid-ana",
        "channel": channel,
        "status": "pending",
        "timestamps": {"createdAt": NOW, "expiresAt": NOW + timedelta(minutes=10)},
        "payload_hash": payload_hash(CONTENT),
    }
    return Delivery(**fields | changes)


def facts(profile: Profile | None = None, **request: Any) -> Facts:
    """What a decision knows of a first-time visitor, or of the given profile, at NOW."""
    return Facts(profile or Profile("v_0", "ip"), **{"now": NOW} | request)
