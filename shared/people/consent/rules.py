"""What a person has agreed to: pure (docs/consent.md; design/decisions.md, Consent and preferences).

Grants and withdrawals may arrive late, doubled and in any order: the state is the same. The last one by the person's own
time holds; of two of the same moment the withdrawal does (reliability.md, Part 2: opt-outs and an opt-in race). A
confirmation counts for its own grant only.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Literal, NamedTuple

from shared.people.consent.models import FOLLOWED, Channel, Consent, Entry, Programme, Scope
from shared.people.preferences.rules import Refusal, refusal
from shared.people.profiles.models import Home, Profile

Reason = Literal["no_consent", "withdrawn", "muted", "not_confirmed"] | Refusal
"""Why something may not be sent: for want of consent, or by the person's preferences."""
Consents = Mapping[str, Consent]


class Verdict(NamedTuple):
    """Whether something may be sent: the id of the entry that allows it, which the delivery then names, or the reason."""

    consent_id: str | None
    reason: Reason | None = None


def applied(consents: Consents, entries: Iterable[Entry]) -> dict[str, Consent]:
    """The states after some entries, in whatever order they come; a confirmation comes after its grant."""
    states = dict(consents)
    for entry in entries:
        key = entry.scope.key
        state = _after(states.get(key), entry)
        if state is not None:
            states[key] = state
    return states


def carrying(profile: Profile, consents: Mapping[str, Consent]) -> Profile:
    """The profile with these states; ``marketing_opt_in``, which decisions ask for, follows from them."""
    if consents == profile.consents:
        return profile
    marketing = consents.get(Scope("marketing", "inbox").key)
    return replace(
        profile, consents=dict(consents), marketing_opt_in=marketing is not None and marketing.granted
    )


def allowed(
    profile: Profile,
    programme: Programme,
    channel: Channel,
    *,
    organizer_id: str | None = None,
    place: Home | None = None,
) -> Verdict:
    """Whether something may be sent to a person now.

    Args:
        profile: the person, as read when sending.
        programme: what it is part of.
        channel: where it would arrive.
        organizer_id: the sender, None for the site itself.
        place: of the event that an opt-in campaign invites to; away from the person's home the opt-in must be a confirmed one.
    """
    if organizer_id is not None and organizer_id in profile.muted:
        return Verdict(None, "muted")
    unwanted = refusal(profile, programme, channel, organizer_id)
    if unwanted is not None:
        return Verdict(None, unwanted)
    scope = Scope(programme, channel, organizer_id)
    state, reason = effective(profile.consents, scope)
    if state is None:
        return Verdict(None, reason)
    if place is not None and not scope.follows and crosses(profile.home, place) and not state.confirmed_at:
        return Verdict(None, "not_confirmed")
    return Verdict(state.id)


def effective(consents: Consents, scope: Scope) -> tuple[Consent | None, Reason | None]:
    """The grant that counts, or why none does. A sender's own withdrawal stands until that sender is allowed again; a
    general one ends the grants before it.
    """
    general = consents.get(scope.general.key)
    own = consents.get(scope.key) if scope.organizer_id else None
    if own is not None:
        ended = general is not None and not general.granted and general.at >= own.at
        return (own, None) if own.granted and not ended else (None, "withdrawn")
    if general is None or scope.follows:
        # nobody is followed who is not a favourite, whatever was agreed in general
        return None, "withdrawn" if general is not None and not general.granted else "no_consent"
    return (general, None) if general.granted else (None, "withdrawn")


def crosses(home: Home, place: Home) -> bool:
    """Whether a place lies outside the person's home region; who has not told where home is, is away everywhere."""
    if not home.country or not place.country or home.country != place.country:
        return True
    return _same(home.region) != _same(place.region)


def silent(profile: Profile, organizer_id: str) -> bool:
    """Whether an organizer's inbox messages do not reach a follower for now: what their shard calls ``muted``."""
    return allowed(profile, *FOLLOWED[:2], organizer_id=organizer_id).consent_id is None


def _after(state: Consent | None, entry: Entry) -> Consent | None:
    if entry.act == "confirmed":
        if state is None or not state.granted or state.id != entry.grant_id:
            return state
        return replace(state, confirmed_at=_earlier(state.confirmed_at, entry.at))
    told = Consent(entry.id, entry.act == "granted", entry.at, entry.wording_version)
    return told if state is None or _rank(told) > _rank(state) else state


def _rank(state: Consent) -> tuple[datetime, bool, str]:
    return state.at, not state.granted, state.id


def _same(name: str | None) -> str:
    return (name or "").casefold()


def _earlier(one: datetime | None, other: datetime) -> datetime:
    return other if one is None else min(one, other)
