"""What a row of the former site's tells of whom, and what that adds to their profile: pure.

``VisitorTrackingHistory`` has a row for each visitor and day, ``UserLoginHistory`` one for each sign-in. Of a row is read who it was,
when, and on which release (if it says so); an address is hashed here and stored nowhere.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from ipaddress import ip_address
from typing import Any, Final

from shared.kernel.clock import to_millis
from shared.kernel.errors import NotFound
from shared.people.profiles.models import Profile
from shared.people.profiles.rules import Seen, record
from shared.people.visitors import Person, Visitors, checked_key, is_visitor_id

VISITS: Final = "VisitorTrackingHistory"
"""``{visitor_id?, ip, timestamp, releaseId?}``: a visitor's id, else their address."""
LOGINS: Final = "UserLoginHistory"
"""``{firebaseUserId, timestamp, releaseId?}``."""
FIELDS: Final = ("visitor_id", "ip", "firebaseUserId", "timestamp", "releaseId")


@dataclass(frozen=True, slots=True)
class Sighting:
    """Somebody was on the former site."""

    person: Person
    seen: Seen


def sighting(row: Mapping[str, Any], visitors: Visitors, now: datetime) -> Sighting | None:
    """Who a row is about, under the key of ``now``. None for whom nobody can be: no usable name, or a visitor of an epoch before
    the previous one, who is to be linked by nothing (design/decisions.md, Rotating salt and long memory).
    """
    at, uid, release = row["timestamp"], row.get("firebaseUserId"), row.get("releaseId")
    seen = Seen(to_millis(at), release if isinstance(release, str) else "")
    if uid is not None:
        return None if _unfit(uid) else Sighting(Person(uid, "user"), seen)
    visitor_id, address = row.get("visitor_id"), row.get("ip")
    if not isinstance(visitor_id, str) or not is_visitor_id(visitor_id):
        visitor_id = None
        if not _tells_a_place(address):
            return None
    if not visitors.links(at, now):
        return None
    person = visitors.identify(None, visitor_id=visitor_id, address=str(address), now=now)
    # the address of somebody with a better name is not looked at: others were behind it
    return Sighting(replace(person, formerly=None), seen)


def recorded(profile: Profile, seen: Iterable[Seen]) -> Profile:
    """The profile with those visits; the very same when all of them are known. A row that names no release leaves alone which one
    was seen last.
    """
    moments = list(seen)
    named = record(profile, (each for each in moments if each.release_id))
    return replace(record(named, moments), release_state=named.release_state)


def _unfit(uid: object) -> bool:
    try:
        return not isinstance(uid, str) or checked_key(uid) != uid
    except NotFound:
        return True


def _tells_a_place(address: object) -> bool:
    """Not for what the former site wrote when it did not know, nor for what it cut an IPv6 address to."""
    try:
        parsed = ip_address(str(address))
    except ValueError:
        return False
    return not (parsed.is_loopback or parsed.is_unspecified)
