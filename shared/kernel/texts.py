"""Text that people write for others to read: stored as sent, or refused (reliability.md, Part 2: unicode abuse)."""

import unicodedata
from typing import Final

_OVERRIDES: Final = frozenset("\u202d\u202e")
"""They make a text show as another one."""
_TURNING: Final = _OVERRIDES | frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u2066\u2067\u2068\u2069")
"""Characters that turn the direction of a text around: a name could show as another one."""
_SPACING: Final = frozenset("\t\n\r")
_BLANK: Final = frozenset("\u115f\u1160\u2800\u3164\uffa0") | {chr(code) for code in range(0xFE00, 0xFE10)}
"""Letters without ink, and selectors of a variant of what stands before them."""
_NO_CHARACTERS: Final = frozenset(
    map(
        chr,
        [*range(0xFDD0, 0xFDF0), *(plane << 16 | last for plane in range(17) for last in (0xFFFE, 0xFFFF))],
    )
)
"""What Unicode will never assign. What it has not assigned *yet* may be tomorrow's emoji, and stands."""
_NO_INK: Final = frozenset({"Cc", "Cf", "Zs", "Zl", "Zp"})


def readable(text: str) -> str:
    """A line: a name or a title. Raises ValueError for one with nothing to read, control characters or turns of direction."""
    return _checked(text, _TURNING, frozenset(), ("Cc", "Cs", "Co", "Zl", "Zp"))


def sendable(text: str) -> str:
    """A letter of many lines. Raises ValueError for one with nothing to read, control characters or overrides of direction.

    Marks and isolates, which right-to-left scripts need, may stand.
    """
    return _checked(text, _OVERRIDES, _SPACING, ("Cc", "Cs"))


def _checked(text: str, turning: frozenset[str], spacing: frozenset[str], controls: tuple[str, ...]) -> str:
    if all(letter in _BLANK or unicodedata.category(letter) in _NO_INK for letter in text):
        raise ValueError("nothing to read in it")
    for letter in text:
        hidden = unicodedata.category(letter) in controls and letter not in spacing
        if hidden or letter in turning or letter in _NO_CHARACTERS:
            raise ValueError("control characters and turns of direction are not allowed")
    return text
