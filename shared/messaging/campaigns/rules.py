"""What a campaign may be, who may touch it and how it changes: pure.

Sources: messaging-platform.md §4.1 and §4.2, decisions.md (Consent and preferences), design/wire.md (Experience).
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Final, Literal

from shared.kernel.errors import Conflict, Fault, Forbidden, Invalid, NotFound
from shared.messaging.campaigns.models import Campaign, CampaignType, Channel, Status
from shared.messaging.campaigns.schemas import ChangeCampaign, CreateCampaign
from shared.messaging.campaigns.splitting import Words, redealt, split_faults, wordings
from shared.messaging.targeting.attributes import ATTRIBUTES
from shared.messaging.targeting.conditions import EVERYONE, Condition, Group, Leaf, leaves, parse, validate
from shared.people.access import Principal

BY_ORGANIZERS: Final[frozenset[CampaignType]] = frozenset({"organizer_broadcast", "organizer_targeted"})
"""Types that belong to an organizer; the others are the site's own and an admin's business."""
TRANSITIONS: Final[Mapping[Status, frozenset[Status]]] = {
    "draft": frozenset({"active", "archived"}),
    "active": frozenset({"paused", "archived"}),
    "paused": frozenset({"active", "archived"}),
    "archived": frozenset(),
}
"""draft → active ⇄ paused, and archived from everywhere, for good."""

Consent = Literal["none", "favorite", "marketing"]
CONSENT: Final[Mapping[CampaignType, Consent]] = {
    "system": "none",
    "upgrade": "none",
    "organizer_broadcast": "favorite",
    "organizer_targeted": "marketing",
    "user_to_user": "none",
}
"""What a person must have agreed to before a campaign of the type may reach them: nothing, having favourited the
organizer, or the marketing opt-in (decisions.md, Consent and preferences)."""
_OFF_PAGE: Final = frozenset({Channel.INBOX, Channel.PUSH, Channel.SMS, Channel.EMAIL})
CHANNELS: Final[Mapping[CampaignType, frozenset[Channel]]] = {
    "system": frozenset(Channel),
    "upgrade": frozenset(Channel),
    "organizer_broadcast": _OFF_PAGE,
    "organizer_targeted": frozenset(Channel),
    "user_to_user": frozenset({Channel.INBOX, Channel.PUSH}),
}
"""Where a type may appear. Favouriting is consent to the inbox, an opt-in to push, SMS and e-mail: to no modal."""

ORGANIZER_PRIORITY: Final = 100
"""Highest priority of an organizer's campaign: the site's own notices can always come first."""


def may_see(principal: Principal, campaign: Campaign) -> bool:
    """Whether the caller may know of the campaign: an admin of all, an organizer of their own."""
    return principal.is_admin or (
        campaign.type in BY_ORGANIZERS and principal.speaks_for(campaign.organizer_id)
    )


def authorise_create(principal: Principal, body: CreateCampaign) -> None:
    """Raises Forbidden for a type that is not an organizer's, NotFound for an organizer that is not the caller's."""
    if principal.is_admin:
        return
    if body.type not in BY_ORGANIZERS:
        raise Forbidden("Only an admin makes campaigns of this type.", code="campaign_type_not_allowed")
    if body.organizer_id is not None and not principal.speaks_for(body.organizer_id):
        raise NotFound("No such organizer.", code="organizer_not_found")


def first_version(body: CreateCampaign, *, ident: str, author: str, now: datetime) -> Campaign:
    """The campaign that a body makes. Raises Invalid."""
    fields = {name: getattr(body, name) for name in CreateCampaign.model_fields}
    return _checked(Campaign(id=ident, created_at=now, updated_at=now, created_by=author, **fields))


def next_version(campaign: Campaign, change: ChangeCampaign, *, now: datetime) -> Campaign:
    """The campaign after a change; the very same one when the change says nothing new.

    Only ``resetCaps`` gives the caps a new version. Raises Invalid, and Conflict for a state that cannot follow.
    """
    fields = {name: getattr(change, name) for name in change.model_fields_set - {"reset_caps"}}
    changed = campaign.model_copy(update=fields)
    if changed == campaign and not change.reset_caps:
        return campaign
    if campaign.status == "archived":
        raise Conflict("An archived campaign does not change.", code="campaign_archived")
    if changed.status != campaign.status and changed.status not in TRANSITIONS[campaign.status]:
        raise Conflict(
            f"A campaign cannot go from {campaign.status} to {changed.status}.", code="status_not_allowed"
        )
    moved = tuple(redealt(campaign, changed)) if campaign.status == "active" else ()
    if moved:
        raise Conflict(
            "Pause the campaign first: this deals its people anew.", code="places_fixed", faults=moved
        )
    return _checked(
        changed.model_copy(
            update={
                "version": campaign.version + 1,
                "caps_version": campaign.caps_version + change.reset_caps,
                "updated_at": now,
            }
        )
    )


def target(campaign: Campaign) -> Condition:
    """Whom the campaign is for, ready to be judged: audience, role and tier requirement, all of them.

    Raises Invalid for an audience that no longer fits the attribute table.
    """
    required = campaign.metadata
    parts = [parse(campaign.audience, "/audience")]
    if required.role_requirement is not None:
        role = required.role_requirement
        parts.append(Leaf(ATTRIBUTES["person.roles"], "contains", role, "/metadata/roleRequirement"))
    if required.paid_tier_requirement is not None:
        tier = required.paid_tier_requirement
        parts.append(Leaf(ATTRIBUTES["person.tier"], "gte", tier, "/metadata/paidTierRequirement"))
    parts = [part for part in parts if part is not EVERYONE]
    return parts[0] if len(parts) == 1 else Group("all", tuple(parts))


def faults_of(campaign: Campaign) -> tuple[Fault, ...]:
    """What is wrong with a campaign beyond its shape, with pointers into its body."""
    return tuple(_faults(campaign))


def _checked(campaign: Campaign) -> Campaign:
    faults = faults_of(campaign)
    if faults:
        raise Invalid(faults=faults)
    return campaign


def _faults(campaign: Campaign) -> Iterator[Fault]:
    yield from _audience_faults(campaign)
    yield from _owner_faults(campaign)
    yield from _channel_faults(campaign)
    yield from split_faults(campaign)
    start, end = campaign.scheduling.start_at, campaign.scheduling.end_at
    if start is not None and end is not None and start >= end:
        yield Fault("/scheduling/endAt", "not_after_start", "A campaign ends after it starts.")
    for pointer, words in wordings(campaign):
        # a variant that names no steps has the campaign's own
        if Channel.HELPER in campaign.delivery_channels and words.steps is not None and not words.steps:
            yield Fault(f"{pointer}/steps", "steps_required", "A helper has at least one step.")


def _audience_faults(campaign: Campaign) -> Iterator[Fault]:
    faults = validate(campaign.audience, "/audience")
    yield from faults
    if CONSENT[campaign.type] == "marketing" and not faults:
        for leaf in leaves(parse(campaign.audience, "/audience")):
            if leaf.attribute.display_only:
                told = "Paid campaigns go by what the profile knows, not by what a page says of its reader."
                yield Fault(f"{leaf.pointer}/attribute", "display_only", told)


def _owner_faults(campaign: Campaign) -> Iterator[Fault]:
    if campaign.type not in BY_ORGANIZERS:
        if campaign.organizer_id is not None:
            yield Fault("/organizerId", "not_allowed", "A campaign of this type has no organizer.")
        return
    if campaign.organizer_id is None:
        yield Fault("/organizerId", "required", "A campaign of this type belongs to an organizer.")
    if campaign.content.severity == "critical":
        yield Fault("/content/severity", "not_allowed", "Critical is for the site's own notices.")
    if campaign.transactional:
        yield Fault("/transactional", "not_allowed", "Transactional is for the site's own answers.")
    if campaign.priority > ORGANIZER_PRIORITY:
        yield Fault("/priority", "less_than_equal", f"An organizer's is {ORGANIZER_PRIORITY} at most.")
    for pointer, words in wordings(campaign):
        for where, link in _links(pointer, words):
            if link is not None and link.startswith("http:"):
                yield Fault(where, "not_https", "Organizers link to https addresses or to pages of the site.")


def _links(pointer: str, words: Words) -> Iterator[tuple[str, str | None]]:
    yield f"{pointer}/link", words.link
    media = [(pointer, words.media)]
    media += [(f"{pointer}/steps/{number}", step.media) for number, step in enumerate(words.steps or ())]
    for where, picture in media:
        if picture is not None:
            yield f"{where}/media/url", picture.url


def _channel_faults(campaign: Campaign) -> Iterator[Fault]:
    for number, channel in enumerate(campaign.delivery_channels):
        pointer = f"/deliveryChannels/{number}"
        if channel in campaign.delivery_channels[:number]:
            yield Fault(pointer, "duplicate", "Each channel once.")
        if channel not in CHANNELS[campaign.type]:
            yield Fault(pointer, "channel_not_allowed", "This type of campaign does not appear there.")
