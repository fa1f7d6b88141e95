"""What hostile or broken callers send: bodies, values, ids, queries and headers.

Wherever there is room for it, MARK stands in it, so that a test can see whether an answer gives back what was sent.
"""

from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import quote

MARK: Final = "zq7x"

VALUES: Final[list[Any]] = [
    None, True, 0, -1, 2**63, 10**400, 1.5, "", MARK * 2000, f"{MARK}\u202e\u0000\ufeff", "\ud83d\ude00" * 50, f"{MARK}'; DROP TABLE",
    f"<script>{MARK}</script>", "{{7*7}}" + MARK, "__proto__", "v_" + "0" * 32, f"../{MARK}", [], [[]], {}, {"$ne": None}, {"$gt": MARK},
    {"$where": MARK}, {"__proto__": {MARK: True}}, [MARK] * 1000, [{"$in": [MARK]}],
]  # fmt: skip
"""JSON values that fit nowhere, or only where any text does."""

RAW_BODIES: Final = [
    b"", b" ", b"\x00", b"\xff\xfe{\x00}\x00", b"nul", b"null", b"true", b"7", b'"text"', b"[]", b"{", b"}", b'{"text":', b'{"text":"\\ud800"}',
    b'{"text":NaN}', b'{"text":-Infinity}', b'{"stars":1e999}', b'{"stars":' + b"9" * 5000 + b"}", b"[" * 100_000,
    b'{"a":' * 5000 + b"1" + b"}" * 5000, b'{"text":"a"}{"text":"b"}', b'{"text":"a","text":{"$ne":1}}', b"a=1&b=2",
    b"<?xml version='1.0'?><a/>", b"--x\r\nContent-Disposition: form-data\r\n\r\n", b"\xef\xbb\xbf{}", b'{"text":"' + b"x" * 300_000 + b'"}',
    b"[" + b"1," * 60_000 + b"1]", b'{"' + b"k" * 100_000 + b'":1}',
]  # fmt: skip
CONTENT_TYPES: Final = [
    "application/json", "application/json, text/plain", "text/plain", "", "application/json; charset=utf-7",
]  # fmt: skip
IDS: Final = [
    "..", "%2e%2e", "a%2Fb", "__all__", "%00", "x" * 300, quote(f"{MARK}\u202e"), "%ff", "%7B%24ne%3A1%7D", "v_" + "0" * 32, f"{MARK}*",
    quote("🕺"), "a%20b", "%E2%80%8B",
]  # fmt: skip
"""What can be no id, as it stands in a path."""
TEXTS: Final = [
    "", " ", MARK * 3000, f"{MARK}\u202e", f"{MARK}\x00", "-1", "0", "1e9", "9" * 40, "NaN", "null", "[]", '{"$ne":1}', f"<{MARK}>", "é" * 300,
]  # fmt: skip
"""For headers and parameters."""
QUERIES: Final = [
    f"{MARK}=1", "limit=1&limit=2", "%ff=1", "a[$ne]=1", "$where=1", "&".join(f"p{number}=1" for number in range(60)), "=", "&&&", "a;b", "%",
]  # fmt: skip


def distorted(example: Any) -> Iterator[Any]:
    """A body with each hostile value in each of its places, and with each added to each of its objects."""
    for value in VALUES:
        yield value
        yield from within(example, value)
    deep: Any = MARK
    for _ in range(100):
        deep = {"not": deep}
    yield from within(example, deep)


def within(tree: Any, value: Any) -> Iterator[Any]:
    """A body with the value in each of its places, and added to each of its objects."""
    if isinstance(tree, dict):
        for name, inner in tree.items():
            yield {**tree, name: value}
            for changed in within(inner, value):
                yield {**tree, name: changed}
        yield {**tree, "$set": value}
    elif isinstance(tree, list):
        for index, inner in enumerate(tree):
            for changed in (value, *within(inner, value)):
                yield [*tree[:index], changed, *tree[index + 1 :]]
