"""How the twin writes documents into its file: JSON, so that they can be read with any SQLite tool.

What JSON lacks is a map with the empty key, which no document may have: ``{"": ["time", microseconds]}``,
``{"": ["bytes", base64]}`` and ``{"": ["float", "nan"]}``.
"""

import base64
import math
from datetime import datetime
from typing import Any

import orjson

from shared.clients.documents.port import Data
from shared.clients.documents.values import microseconds, moment_of


def encode(data: Data) -> bytes:
    """A document's plain values as JSON."""
    return orjson.dumps(_packed(data))


def decode(raw: bytes) -> Data:
    """The values that were encoded, each of its type."""
    data: Data = orjson.loads(raw)
    return _unpacked(data) if b'{"":' in raw else data


def _packed(value: Any) -> Any:
    match value:
        case dict():
            return {name: _packed(item) for name, item in value.items()}
        case list():
            return [_packed(item) for item in value]
        case datetime():
            return {"": ["time", microseconds(value)]}
        case bytes():
            return {"": ["bytes", base64.b64encode(value).decode()]}
        case float() if not math.isfinite(value):
            return {"": ["float", repr(value)]}
    return value


def _unpacked(value: Any) -> Any:
    if isinstance(value, list):
        return [_unpacked(item) for item in value]
    if not isinstance(value, dict):
        return value
    if "" not in value:
        return {name: _unpacked(item) for name, item in value.items()}
    kind, raw = value[""]
    if kind == "time":
        return moment_of(raw)
    return base64.b64decode(raw) if kind == "bytes" else float(raw)
