"""A profile as a document and back, in the messaging document's field names (§4.1). Empty fields are left out."""

from typing import Any, Final

from shared.clients.documents.port import Data, Snapshot
from shared.people.consent.models import Consent
from shared.people.profiles.models import (
    Attendance,
    Attended,
    CampaignMemory,
    Home,
    Point,
    Profile,
    ReleaseState,
    Reservation,
    Shown,
    Visits,
)

_PLAIN: Final = (
    ("bucketId", "bucket_id"),
    ("firstSeenAt", "first_seen_at"),
    ("lastSeenAt", "last_seen_at"),
    ("marketingOptIn", "marketing_opt_in"),
    ("preferences", "preferences"),
    ("roleChangedAt", "role_changed_at"),
    ("roleSignalledAt", "role_signalled_at"),
    ("alias", "alias"),
    ("tier", "tier"),
    ("displayName", "display_name"),
    ("locale", "locale"),
    ("timezone", "timezone"),
)
_LISTS: Final = (
    ("segments", "segments"),
    ("linkedKeys", "linked_keys"),
    ("favorites", "favorites"),
    ("muted", "muted"),
    ("roles", "roles"),
    ("organizerIds", "organizer_ids"),
    ("rsvpEvents", "rsvp_events"),
    ("flags", "flags"),
)


def to_data(profile: Profile) -> Data:
    """The document."""
    data: Data = {"personKey": profile.person_key, "type": profile.type}
    data |= {name: getattr(profile, attribute) for name, attribute in _PLAIN}
    data |= {name: list(getattr(profile, attribute)) for name, attribute in _LISTS}
    state, visits, home = profile.release_state, profile.visits, profile.home
    data["releaseState"] = _full(
        lastSeenReleaseId=state.last_seen_release_id, acknowledgedReleases=list(state.acknowledged_releases)
    )
    data["home"] = _full(city=home.city, region=home.region, country=home.country)
    if visits.total:
        # a list may not hold lists: start, end, start, end …
        flat = [moment for visit in visits.recent for moment in visit]
        data["visitCounts"] = {"total": visits.total, "earlier": visits.earlier, "recent": flat}
    if profile.location:
        data["location"] = profile.location.coarse()._asdict()
    if profile.attendance.total:
        data["attendance"] = _attendance(profile.attendance)
    data["consents"] = {scope: _consent(state) for scope, state in profile.consents.items()}
    data["campaigns"] = {ident: _memory(memory) for ident, memory in profile.campaigns.items()}
    data["reservations"] = {
        ident: {
            "campaignId": held.campaign_id,
            "channel": held.channel,
            "until": held.until,
            "decisionId": held.decision_id,
        }
        | _full(organizerId=held.organizer_id)
        for ident, held in profile.reservations.items()
    }
    data["shown"] = [
        {"channel": shown.channel, "at": shown.at} | _full(organizerId=shown.organizer_id)
        for shown in profile.shown
    ]
    return _full(**data)


def from_data(snapshot: Snapshot, key: str) -> Profile:
    """A stored profile, to be known under ``key`` (another than the document's when found in the previous epoch)."""
    data = snapshot.data
    state, visits, home = data.get("releaseState", {}), data.get("visitCounts"), data.get("home")
    rest: dict[str, Any] = {attribute: data[name] for name, attribute in _PLAIN if name in data}
    # a profile from before there were such ids keeps the places of the key it stands under
    rest.setdefault("bucket_id", snapshot.id)
    rest |= {attribute: tuple(data[name]) for name, attribute in _LISTS if name in data}
    if "location" in data:
        rest["location"] = Point(**data["location"])
    if "attendance" in data:
        rest["attendance"] = _from_attendance(data["attendance"])
    return Profile(
        person_key=key,
        type=data["type"],
        visits=_visits(visits) if visits else Visits(),
        release_state=ReleaseState(
            state.get("lastSeenReleaseId"), tuple(state.get("acknowledgedReleases", ()))
        ),
        home=Home(home.get("city"), home.get("region"), home.get("country")) if home else Home(),
        consents={scope: _from_consent(state) for scope, state in data.get("consents", {}).items()},
        campaigns={ident: _from_memory(memory) for ident, memory in data.get("campaigns", {}).items()},
        reservations={
            ident: Reservation(
                held["campaignId"],
                held["channel"],
                held["until"],
                held["decisionId"],
                held.get("organizerId"),
            )
            for ident, held in data.get("reservations", {}).items()
        },
        shown=tuple(
            Shown(shown["channel"], shown["at"], shown.get("organizerId")) for shown in data.get("shown", ())
        ),
        update_time=snapshot.update_time,
        stored_key=None if snapshot.id == key else snapshot.id,
        **rest,
    )


def _full(**values: Any) -> Data:
    return {name: value for name, value in values.items() if value}


def _visits(data: Data) -> Visits:
    flat = data["recent"]
    return Visits(tuple(zip(flat[::2], flat[1::2], strict=True)), data["earlier"])


def _attendance(attendance: Attendance) -> Data:
    recent = [
        {"eventId": each.event_id, "organizerId": each.organizer_id, "at": each.at}
        for each in attendance.recent
    ]
    return {"earlier": attendance.earlier, "recent": recent}


def _from_attendance(data: Data) -> Attendance:
    recent = tuple(Attended(each["eventId"], each["organizerId"], each["at"]) for each in data["recent"])
    return Attendance(recent, data["earlier"])


def _consent(state: Consent) -> Data:
    data: Data = {"id": state.id, "at": state.at, "wordingVersion": state.wording_version}
    return data | _full(granted=state.granted, confirmedAt=state.confirmed_at)


def _from_consent(data: Data) -> Consent:
    granted = data.get("granted", False)
    return Consent(data["id"], granted, data["at"], data["wordingVersion"], data.get("confirmedAt"))


def _memory(memory: CampaignMemory) -> Data:
    return _full(
        capsVersion=memory.caps_version,
        occurrences=memory.occurrences,
        shown=memory.shown,
        lastAt=memory.last_at,
        acknowledged=memory.acknowledged,
        dismissed=memory.dismissed,
    )


def _from_memory(data: Data) -> CampaignMemory:
    return CampaignMemory(
        data.get("capsVersion", 1),
        data.get("occurrences", 0),
        data.get("shown", 0),
        data.get("lastAt"),
        data.get("acknowledged", False),
        data.get("dismissed", False),
    )
