"""What people write: any script and any emoji stands, what shows as something else or as nothing does not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.kernel.texts import readable, sendable

UNSEEN = ["", "  ", "\n\t", "\u200b", "\u200d\u200d \ufe0f", "\u2800", "\u3164", "\u00ad", "\ufeff"]
CONTROLS = ["a\x00b", "\x1b[31m", "\x85", "a\ufffe", "\ufdd0", "\U0001ffff"]


@pytest.mark.parametrize("text", [*UNSEEN, *CONTROLS, "\u202eevil", "a\u202db"])
@pytest.mark.parametrize("rule", [readable, sendable])
def test_what_shows_as_nothing_or_as_something_else_is_refused(rule, text):
    with pytest.raises(ValueError, match=r".+"):
        rule(text)


@pytest.mark.parametrize("text", ["a\nb", "a\ue000", "\u2067abc\u2069", "a\u2028b", "\u200eabc"])
def test_lines_private_signs_and_turns_of_direction_stand_in_letters_and_not_in_names(text):
    assert sendable(text) == text
    with pytest.raises(ValueError, match="not allowed"):
        readable(text)


@pytest.mark.parametrize(
    "text",
    [
        "José",
        "ליל טנגו",
        "探戈之夜",
        "👩‍👩‍👧",
        "\U0001fae8 new in 2022",
        "\U0001fae9 in 2024",
        "\U0001faf2\U0001f3fd",
    ],
)
@pytest.mark.parametrize("rule", [readable, sendable])
def test_every_script_and_every_emoji_stands_also_those_that_python_does_not_know_yet(rule, text):
    assert rule(text) == text


@given(st.text(max_size=40))
def test_what_is_taken_is_taken_as_it_is(text):
    for rule in (readable, sendable):
        try:
            assert rule(text) == text
        except ValueError:
            assert text not in ("Ana", "a")
