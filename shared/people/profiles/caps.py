"""Caps inside the profile (design/decisions.md, Messages; docs/decisions/0008): reserve, settle, expire. Pure.

A decision *reserves*: the message counts towards every cap until the reservation ends. The first report of its reader
*settles* it: counted for good. Otherwise the reservation *expires* and frees what it held.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

from shared.people.profiles.models import (
    MAX_CAMPAIGNS,
    MAX_SHOWN,
    CampaignMemory,
    Profile,
    Reservation,
    Shown,
)
from shared.people.profiles.rules import acknowledge_release

DAY: Final = timedelta(hours=24)
WEEK: Final = timedelta(days=7)
MODALS: Final = frozenset({"modal", "helper"})
"""Channels under the modal budget; a helper is a modal of several steps."""
FREE: Final = frozenset({"inbox"})
"""Channels that interrupt nobody and are under no pressure budget."""
_NEVER: Final = datetime.min.replace(tzinfo=UTC)


class Hold(NamedTuple):
    """Why a message may not be shown: a stable reason code, and from when on it may be otherwise (None: unknown)."""

    code: str
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """A campaign's own caps; None is no limit."""

    caps_version: int = 1
    cooldown: timedelta | None = None
    max_deliveries: int | None = None


@dataclass(frozen=True, slots=True)
class Reserved:
    """One message that a decision shows; ``occurrence`` is the number in its delivery's id."""

    delivery_id: str
    campaign_id: str
    caps_version: int
    channel: str
    occurrence: int
    organizer_id: str | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """What a reader's report changes: ``first`` when nothing of this delivery was reported before.

    ``release_id`` is the release that acknowledging it acknowledges.
    """

    delivery_id: str
    campaign_id: str
    caps_version: int
    channel: str
    first: bool
    acknowledged: bool = False
    dismissed: bool = False
    release_id: str | None = None
    organizer_id: str | None = None


def memory_of(profile: Profile, campaign_id: str, caps_version: int) -> CampaignMemory:
    """What the campaign has used; nothing, but the numbering, when its caps were reset since."""
    memory = profile.campaigns.get(campaign_id)
    if memory is None:
        return CampaignMemory(caps_version)
    if memory.caps_version < caps_version:
        return CampaignMemory(caps_version, memory.occurrences)
    return memory


def campaign_hold(profile: Profile, campaign_id: str, limits: Limits, now: datetime) -> Hold | None:
    """Why the campaign's own caps hold it back, if they do.

    A campaign that the person acknowledged or dismissed is closed until its caps are reset, unless it may be delivered
    more than once by ``max_deliveries``; then cooldown and count decide alone.
    """
    memory = memory_of(profile, campaign_id, limits.caps_version)
    if memory.closed and (limits.max_deliveries or 1) <= 1:
        return Hold("acknowledged" if memory.acknowledged else "dismissed")
    if limits.max_deliveries is not None and memory.shown >= limits.max_deliveries:
        return Hold("max_deliveries")
    if limits.cooldown and memory.last_at and now < memory.last_at + limits.cooldown:
        return Hold("cooldown", memory.last_at + limits.cooldown)
    ends = [held.until for held in _live(profile, now).values() if held.campaign_id == campaign_id]
    return Hold("reserved", max(ends)) if ends else None


def reserve(
    profile: Profile, picks: Iterable[Reserved], *, decision_id: str, until: datetime, now: datetime
) -> Profile:
    """The profile with the picks reserved and what has run out forgotten."""
    reservations, campaigns = dict(_live(profile, now)), dict(profile.campaigns)
    for pick in picks:
        reservations[pick.delivery_id] = Reservation(
            pick.campaign_id, pick.channel, until, decision_id, pick.organizer_id
        )
        memory = memory_of(profile, pick.campaign_id, pick.caps_version)
        campaigns[pick.campaign_id] = replace(memory, occurrences=pick.occurrence + 1)
    return _bounded(profile, campaigns, reservations, profile.shown, now)


def settle(profile: Profile, report: Report, at: datetime) -> Profile:
    """The profile after a reader's report: the first one makes the reservation final, also when it had run out.

    A report on a delivery made before the campaign's caps were reset leaves the new caps alone; the pressure budget
    and the acknowledged release take it all the same.
    """
    reservations = {i: held for i, held in _live(profile, at).items() if i != report.delivery_id}
    campaigns, shown, state = dict(profile.campaigns), profile.shown, profile.release_state
    memory = memory_of(profile, report.campaign_id, report.caps_version)
    if memory.caps_version == report.caps_version:
        campaigns[report.campaign_id] = replace(
            memory,
            shown=memory.shown + report.first,
            last_at=at if report.first else memory.last_at,
            acknowledged=memory.acknowledged or report.acknowledged,
            dismissed=memory.dismissed or report.dismissed,
        )
    if report.first and report.channel not in FREE:
        shown = (*shown, Shown(report.channel, at, report.organizer_id))
    if report.acknowledged and report.release_id:
        state = acknowledge_release(state, report.release_id)
    settled = _bounded(profile, campaigns, reservations, shown, at)
    return replace(settled, release_state=state)


def _live(profile: Profile, now: datetime) -> dict[str, Reservation]:
    """The reservations that still hold; the others have expired."""
    return {ident: held for ident, held in profile.reservations.items() if now < held.until}


def _bounded(
    profile: Profile,
    campaigns: Mapping[str, CampaignMemory],
    reservations: Mapping[str, Reservation],
    shown: Sequence[Shown],
    now: datetime,
) -> Profile:
    """The profile with these parts, cut to the bounds named in ``models``."""
    recent = tuple(item for item in shown if now < item.at + WEEK)[-MAX_SHOWN:]
    kept = latest_campaigns(campaigns, reservations.values())
    return replace(profile, campaigns=kept, reservations=dict(reservations), shown=recent)


def latest_campaigns(
    campaigns: Mapping[str, CampaignMemory], reservations: Iterable[Reservation]
) -> dict[str, CampaignMemory]:
    """At most MAX_CAMPAIGNS memories: the longest unseen go first, reserved ones last."""
    kept = dict(campaigns)
    if len(kept) > MAX_CAMPAIGNS:
        held = {reservation.campaign_id for reservation in reservations}
        oldest_first = sorted(kept, key=lambda ident: (ident in held, kept[ident].last_at or _NEVER, ident))
        for ident in oldest_first[: len(kept) - MAX_CAMPAIGNS]:
            del kept[ident]
    return kept
