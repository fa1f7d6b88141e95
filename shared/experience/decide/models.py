"""A campaign made ready for deciding: parsed, ordered and priced once, judged many times."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from shared.messaging.campaigns.models import ON_PAGE, Campaign, Channel
from shared.messaging.campaigns.rules import CONSENT, Consent, target
from shared.messaging.deliveries.rules import payload_hash
from shared.messaging.targeting.conditions import Condition
from shared.people.profiles.caps import Limits

_ALWAYS: Final = datetime.min.replace(tzinfo=UTC)
_SITES_OWN: Final = frozenset({"system", "upgrade"})


@dataclass(frozen=True, slots=True)
class Candidate:
    """A campaign with everything that does not depend on the person.

    ``channels`` are those on the page, in the campaign's order. ``exempt``: shown whatever the pressure budget says, because
    an outage cannot wait, and neither can the answer to what the reader has just done or been granted.
    ``release_id`` is the release whose acknowledgement ends the campaign, and which acknowledging it acknowledges.
    ``split``: a rollout or an experiment leaves out some of those it fits.
    """

    campaign: Campaign
    target: Condition
    consent: Consent
    channels: tuple[Channel, ...]
    limits: Limits
    exempt: bool
    release_id: str | None
    payload_hash: str
    split: bool

    @property
    def can_appear(self) -> bool:
        """Whether it can be shown on any page to anybody."""
        campaign = self.campaign
        return campaign.status == "active" and campaign.type != "user_to_user" and bool(self.channels)

    @property
    def order(self) -> tuple[int, float, str]:
        """Sorts the more urgent first: higher priority, then the later start, then the smaller id."""
        start = self.campaign.scheduling.start_at or _ALWAYS
        return (-self.campaign.priority, -(start - _ALWAYS).total_seconds(), self.campaign.id)


def candidate(campaign: Campaign) -> Candidate:
    """Make a campaign ready. Raises Invalid for an audience that no longer fits the attribute table."""
    scheduling = campaign.scheduling
    own = campaign.type in _SITES_OWN
    return Candidate(
        campaign=campaign,
        target=target(campaign),
        consent=CONSENT[campaign.type],
        channels=tuple(channel for channel in campaign.delivery_channels if channel in ON_PAGE),
        limits=Limits(
            caps_version=campaign.caps_version,
            cooldown=timedelta(hours=scheduling.cooldown_hours) if scheduling.cooldown_hours else None,
            max_deliveries=scheduling.max_deliveries_per_user,
        ),
        exempt=own and (campaign.transactional or campaign.content.severity == "critical"),
        release_id=campaign.metadata.release_id if own else None,
        payload_hash=payload_hash(campaign.content),
        split=campaign.rollout is not None or campaign.experiment is not None,
    )
