"""A place between 0 and 1 for each person under each seed: GrowthBook's hash, version 2.

The same seed and value give the same number on every machine and in every GrowthBook SDK (growthbook.io, Build your
own SDK, ``hash``; checked against the Python SDK 4.0.0). Nothing here is secret or hard to invert.
"""

import struct
from collections.abc import Iterable
from functools import lru_cache
from typing import Final, Literal

HashVersion = Literal[1, 2]
BUCKETS: Final = 10_000
"""Version 2 tells this many places apart: the finest share is 0.01 %."""

_OFFSET: Final = 0x811C9DC5
_PRIME: Final = 0x01000193
_MASK: Final = 0xFFFFFFFF


def fnv1a32(text: str, state: int = _OFFSET) -> int:
    """FNV-1a, 32 bits, over the UTF-16 code units of the text, as JavaScript's ``charCodeAt`` sees them.

    Args:
        text: what to hash; any string, lone surrogates included.
        state: the hash of what stands before the text, so that ``fnv1a32(b, fnv1a32(a)) == fnv1a32(a + b)``.

    Returns:
        A number from 0 to 2**32 - 1.
    """
    for unit in _units(text):
        state = ((state ^ unit) * _PRIME) & _MASK
    return state


def hash_v2(seed: str, value: str) -> float:
    """The place of a value under a seed: k/10,000 with k from 0 to 9,999, evenly spread."""
    first = fnv1a32(value, _state_after(seed))
    second = _OFFSET
    # At most ten digits: cutting back to 32 bits once is quicker than at every step, and the low bits are the same.
    for digit in b"%d" % first:
        second = (second ^ digit) * _PRIME
    return (second & _MASK) % BUCKETS / BUCKETS


def hash_v1(seed: str, value: str) -> float:
    """The older hash, k/1,000: only GrowthBook's ``namespace`` triples still use it, whatever the experiment uses."""
    return fnv1a32(seed, fnv1a32(value)) % 1000 / 1000


def hash_place(seed: str, value: str, version: HashVersion) -> float:
    """The place by ``hash_v1`` or ``hash_v2``, as ``version`` says."""
    return hash_v1(seed, value) if version == 1 else hash_v2(seed, value)


@lru_cache(maxsize=65_536)
def _state_after(seed: str) -> int:
    """A seed's part of the hash, which is the same for every person."""
    return fnv1a32(seed)


def _units(text: str) -> Iterable[int]:
    if text.isascii():
        return text.encode()
    data = text.encode("utf-16-le", "surrogatepass")
    return struct.unpack(f"<{len(data) // 2}H", data)
