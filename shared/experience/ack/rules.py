"""What a report means for the profile: pure, from the delivery alone, so that no campaign is read."""

from shared.messaging.campaigns.models import Channel
from shared.messaging.deliveries.models import Delivery
from shared.messaging.deliveries.rules import Action
from shared.people.profiles.caps import Report


def report_of(delivery: Delivery, action: Action) -> Report | None:
    """The report on a delivery as it stood before; None when it changes nothing in the profile.

    The first report settles the reservation, whatever it says: nobody answers what they have not seen.
    """
    # a push was counted when the vendor took it: it interrupts whether it is opened or not
    first = "seenAt" not in delivery.timestamps and delivery.channel != Channel.PUSH
    if not first and action not in ("acknowledged", "dismissed"):
        return None
    context = delivery.dispatch_context
    return Report(
        delivery_id=delivery.id,
        campaign_id=delivery.campaign_id,
        caps_version=context.get("capsVersion", 1),
        channel=delivery.channel,
        first=first,
        acknowledged=action == "acknowledged",
        dismissed=action == "dismissed",
        release_id=context.get("releaseId"),
        organizer_id=delivery.organizer_id,
    )
