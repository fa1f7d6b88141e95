"""Keys of our own servers: ``Authorization: Bearer sk_…`` (design/wire.md, Rules for every route).

Settings hold each key's SHA-256 only; a key has at least 32 characters of chance, so nothing slower is needed.
"""

import hashlib
import hmac
from collections.abc import Sequence
from typing import Final

from shared.people.access import Principal

PREFIX: Final = "sk_"
MIN_KEY: Final = 35
"""Fewest characters of a key, the prefix among them."""


class ServerKeys:
    """Finds the server of a key.

    Args:
        entries: ``name:scope+scope:sha256`` of each key (``Settings.server_keys``); two keys of one name may stand side by
            side while one replaces the other. Raises ValueError for anything else.
    """

    def __init__(self, entries: Sequence[str]) -> None:
        self._servers: list[tuple[bytes, Principal]] = []
        for entry in entries:
            parts = entry.split(":")
            if len(parts) != 3 or not all(parts) or len(parts[2]) != 64:  # noqa: PLR2004 - three parts, 64 digits
                raise ValueError("SERVER_KEYS holds name:scopes:sha256")
            name, scopes, digest = parts
            server = Principal(server=name, scopes=frozenset(scopes.split("+")))
            self._servers.append((bytes.fromhex(digest), server))

    def server(self, key: str) -> Principal | None:
        """Whose key it is; None for nobody's."""
        if len(key) < MIN_KEY:
            return None
        digest = hashlib.sha256(key.encode()).digest()
        found = [server for known, server in self._servers if hmac.compare_digest(known, digest)]
        return found[0] if found else None
