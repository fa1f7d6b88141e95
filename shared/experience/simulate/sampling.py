"""Which profiles stand for all: a stratified sample, the same for the same seed, and how far to trust it. Pure.

Visitors and signed-in people are two strata, each with its share of the sample. Within one, ids are random letters (a keyed
hash, Firebase's uids), so that those behind a point chosen by the seed are a simple random sample of it.
"""

import base64
import hashlib
from collections.abc import Mapping
from typing import Final

from shared.people.profiles.models import PersonType

STRATA: Final[tuple[PersonType, ...]] = ("ip", "user")


def shares(sizes: Mapping[PersonType, int], most: int) -> dict[PersonType, int]:
    """How many to read of each stratum, ``most`` in all, in proportion to its size and at least one of each."""
    total = sum(sizes.values())
    if total <= most:
        return dict(sizes)
    found = {kind: max(1, most * size // total) if size else 0 for kind, size in sizes.items()}
    largest = max(sizes, key=lambda kind: sizes[kind])
    found[largest] += most - sum(found.values())
    return found


def start(kind: PersonType, seed: str) -> str:
    """The id behind which a stratum's sample begins."""
    digest = hashlib.sha256(f"{kind}\x1f{seed}".encode()).digest()
    if kind == "ip":
        return f"v_{digest.hex()[:32]}"
    return base64.b64encode(digest, altchars=b"Zz").decode()[:28]
