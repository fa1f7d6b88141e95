"""Document ids (design/wire.md, Ids): prefixed lower-case ULIDs, or hashes where a repeat must be harmless."""

import base64
import hashlib
import os
import re
from collections.abc import Callable
from typing import Final, Protocol

from shared.kernel.clock import Clock

Entropy = Callable[[int], bytes]
"""Gives that many random bytes."""
_CROCKFORD: Final = "0123456789abcdefghjkmnpqrstvwxyz"
_PAIRS: Final = [high + low for high in _CROCKFORD for low in _CROCKFORD]
_SHIFTS: Final = range(120, -1, -10)
_PLAIN: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")


class IdSource(Protocol):
    """Makes new ids; injected, so that tests can foresee them."""

    def new(self, prefix: str) -> str:
        """A fresh id such as ``c_01jd…``: the prefix, an underscore and a lower-case ULID."""
        ...

    def random(self) -> str:
        """80 bits of chance as 16 lower-case base32 characters: it tells nothing, not even its age."""
        ...


class UlidSource:
    """ULIDs from the injected clock and the machine's randomness."""

    def __init__(self, clock: Clock, entropy: Entropy = os.urandom) -> None:
        self._clock = clock
        self._entropy = entropy

    def new(self, prefix: str) -> str:
        """A fresh id: the prefix, an underscore and a lower-case ULID."""
        value = int(self._clock.now().timestamp() * 1000) << 80 | int.from_bytes(self._entropy(10), "big")
        return f"{prefix}_{''.join([_PAIRS[value >> shift & 1023] for shift in _SHIFTS])}"

    def random(self) -> str:
        """80 bits of chance as 16 lower-case base32 characters."""
        return base64.b32encode(self._entropy(10)).decode().lower()


def hashed_id(prefix: str, *parts: str) -> str:
    """An id that is a function of its parts: 26 base32 characters of SHA-256 behind the prefix.

    Parts are joined with a unit separator, which no id contains, so that ``("ab", "c")`` and ``("a", "bc")`` differ.
    """
    digest = hashlib.sha256("\x1f".join(parts).encode()).digest()
    return f"{prefix}_{base64.b32encode(digest).decode().lower()[:26]}"


def is_plain(ident: str) -> bool:
    """Whether a text from outside may stand in a document's path: 1-128 of ``A-Za-z0-9._-``, not led by a mark."""
    return _PLAIN.fullmatch(ident) is not None
