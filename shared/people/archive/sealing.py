"""What a blob of the archive holds: compressed JSON lines, one for each person, each sealed under that person's key."""

import gzip
import zlib
from base64 import b64decode, b64encode
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from os import urandom
from typing import Final

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from shared.people.archive.models import Row

Line = tuple[str, bytes]
"""The id of a key, and a row as JSON."""
_NONCE: Final = 12


class Spoiled(ValueError):
    """The bytes are no blob of the archive."""


def line_of(key_id: str, ident: str, row: Row) -> Line:
    """A row with its id, as it is sealed; moments in RFC 3339."""
    return key_id, orjson.dumps({"id": ident} | row, option=orjson.OPT_UTC_Z | orjson.OPT_SORT_KEYS)


def sealed(lines: Sequence[Line], keys: Mapping[str, bytes]) -> bytes:
    """Lines as gzip of ``{"key", "rows", "sealed"}``, one for each key.

    ``sealed`` is base64 of a nonce (96 bits) and AES-256-GCM over zlib of the rows; the key's id is authenticated with it. How
    many rows there are of somebody is all that it tells without the key.
    """
    of_one: defaultdict[str, list[bytes]] = defaultdict(list)
    for key_id, row in lines:
        of_one[key_id].append(row)
    entries = []
    for key_id, rows in sorted(of_one.items()):
        nonce = urandom(_NONCE)
        box = nonce + AESGCM(keys[key_id]).encrypt(nonce, zlib.compress(b"\n".join(rows)), key_id.encode())
        entries.append(orjson.dumps({"key": key_id, "rows": len(rows), "sealed": b64encode(box).decode()}))
    return gzip.compress(b"\n".join(entries), mtime=0)


def opened(body: bytes, keys: Mapping[str, bytes]) -> Iterator[Line]:
    """The lines whose keys are at hand. Raises Spoiled."""
    try:
        for entry in map(orjson.loads, gzip.decompress(body).split(b"\n")):
            if (key := keys.get(entry["key"])) is None:
                continue
            box = b64decode(entry["sealed"], validate=True)
            plain = AESGCM(key).decrypt(box[:_NONCE], box[_NONCE:], entry["key"].encode())
            yield from ((entry["key"], row) for row in zlib.decompress(plain).split(b"\n"))
    except (ValueError, TypeError, KeyError, OSError, EOFError, zlib.error, InvalidTag) as error:
        raise Spoiled("no blob of the archive") from error
