"""Who a request is from, as a key (design/decisions.md, People): the uid, or a keyed hash that rotates.

A visitor's hash is HMAC-SHA256 under a secret that lives outside the stores, made anew each epoch: after two epochs
without a visit nothing links a visitor to what is stored. Hashes never leave the server and are never logged.
"""

import hmac
import re
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Annotated, Final

from pydantic import Field

from shared.kernel.errors import NotFound
from shared.kernel.settings import MIN_SECRET
from shared.people.profiles.models import PersonType

_VISITOR_ID: Final = (
    r"^(?:[0-9A-HJKMNP-TV-Za-hjkmnp-tv-z]{26}|[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})$"
)
VisitorId = Annotated[str, Field(pattern=_VISITOR_ID)]
"""The first-party id that the front end keeps after consent: a ULID or a UUID, letters in either case."""

_VISITOR_KEY: Final = re.compile(r"v_[0-9a-f]{32}")
_NOWHERE: Final = frozenset({"0.0.0.0", "::/64"})  # noqa: S104 - what stands for an address that nobody told
_KEY: Final = re.compile(r"(?!\.{1,2}$|__.*__$)[^/\x00-\x1f\x7f]{1,128}")


@dataclass(frozen=True, slots=True)
class Person:
    """Under which keys a caller's profile may stand: this epoch's, and for visitors the previous epoch's.

    ``next_key`` is where a visitor's profile will stand in the next epoch: for news that arrives late. ``formerly`` is
    who the caller may have been until now: the visitor behind a signed-in person, the address behind a visitor.
    ``shared`` marks an address: others may stand behind it as well.
    """

    key: str = field(repr=False)
    type: PersonType
    previous_key: str | None = field(default=None, repr=False)
    next_key: str | None = field(default=None, repr=False, compare=False)
    formerly: "Person | None" = field(default=None, repr=False, compare=False)
    shared: bool = field(default=False, compare=False)

    @property
    def earlier_key(self) -> str | None:
        """Where a profile is looked for that does not stand under ``key``: nothing of others may stand there."""
        if self.previous_key is None and self.formerly is not None and not self.formerly.shared:
            return self.formerly.key
        return self.previous_key


class Visitors:
    """Turns callers into keys.

    Args:
        secret: HASH_SECRET, at least 32 characters.
        epoch: how long one hash lives (``Settings.epoch``).
    """

    def __init__(self, secret: str, epoch: timedelta) -> None:
        if len(secret) < MIN_SECRET:
            raise ValueError(f"HASH_SECRET needs at least {MIN_SECRET} characters")
        self._secret = secret.encode()
        self._epoch = epoch.total_seconds()

    def identify(self, uid: str | None, *, visitor_id: str | None, address: str, now: datetime) -> Person:
        """The person behind a request: the uid when signed in, else the visitor id when sent, else the address.

        Who comes with a better name than before carries the lesser one as ``formerly``. Raises NotFound for a uid that
        can name no document.
        """
        named = None if visitor_id is None else self._visitor(f"id:{visitor_id.lower()}", now)
        if uid is not None:
            return Person(checked_key(uid), "user", formerly=named or self._somewhere(address, now))
        if named is not None:
            return replace(named, formerly=self._somewhere(address, now))
        return self._at(network_of(address), now)

    def present(self, person: Person, then: datetime, now: datetime) -> Person:
        """The person identified at ``then``, under the keys of ``now``: a new epoch may have begun in between."""
        if self._number(then) == self._number(now):
            return person
        moved = person
        if person.next_key is not None:
            moved = replace(person, key=person.next_key, previous_key=person.key, next_key=None)
        return replace(moved, formerly=person.formerly and self.present(person.formerly, then, now))

    def links(self, then: datetime, now: datetime) -> bool:
        """Whether who was a visitor ``then`` may still be linked ``now``: in the same epoch and in the next one."""
        return self._number(now) - self._number(then) <= 1

    def _somewhere(self, address: str, now: datetime) -> Person | None:
        """Who is known by the address alone; None when nobody told it, for then all the world would stand behind it."""
        network = network_of(address)
        return None if network in _NOWHERE else self._at(network, now)

    def _at(self, network: str, now: datetime) -> Person:
        return replace(self._visitor(f"address:{network}", now), shared=True)

    def _visitor(self, source: str, now: datetime) -> Person:
        epoch = self._number(now)
        previous, current, following = (self._hash(epoch + step, source) for step in (-1, 0, 1))
        return Person(current, "ip", previous, following)

    def _number(self, moment: datetime) -> int:
        return int(moment.timestamp() // self._epoch)

    def _hash(self, epoch: int, source: str) -> str:
        digest = hmac.digest(self._secret, f"{epoch}\x1f{source}".encode(), "sha256")
        return f"v_{digest[:16].hex()}"


def is_visitor_key(key: str) -> bool:
    """Whether a key is a visitor's hash."""
    return _VISITOR_KEY.fullmatch(key) is not None


def is_visitor_id(text: str) -> bool:
    """Whether a text is a visitor id."""
    return re.fullmatch(_VISITOR_ID, text) is not None


def checked_key(key: str) -> str:
    """The key itself. Raises NotFound when no document can have it as its id (Firestore's rules for ids)."""
    if not _KEY.fullmatch(key):
        raise NotFound
    return key


@lru_cache(maxsize=1024)
def network_of(address: str) -> str:
    """What of an address is hashed: IPv4 whole (also when mapped into IPv6), IPv6 cut to its /64, else as it is."""
    try:
        parsed: IPv4Address | IPv6Address = ip_address(address.strip())
    except ValueError:
        return address.strip().lower()
    if isinstance(parsed, IPv4Address):
        return str(parsed)
    if parsed.ipv4_mapped:
        return str(parsed.ipv4_mapped)
    return str(IPv6Network((int(parsed), 64), strict=False))
