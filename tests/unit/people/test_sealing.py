"""A blob gives back what was sealed to whoever has the key, and to nobody else; what was tampered with gives nothing."""

import gzip

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.people.archive.sealing import Spoiled, line_of, opened, sealed
from tests.factories.examples import examples

KEYS = {f"k_{n}": bytes([n]) * 32 for n in range(4)}
ROWS = st.dictionaries(
    st.text(max_size=8), st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=20)
)
LINES = st.lists(st.tuples(st.sampled_from(sorted(KEYS)), ROWS), min_size=1, max_size=12).map(
    lambda rows: [line_of(key, f"r{n}", row) for n, (key, row) in enumerate(rows)]
)
BODY = sealed([line_of(f"k_{n % 3}", f"r{n}", {"person": "ana"}) for n in range(9)], KEYS)


@given(LINES, st.sets(st.sampled_from(sorted(KEYS))))
@settings(max_examples=examples(100))
def test_everybodys_lines_open_with_their_keys_alone(lines, known):
    body = sealed(lines, KEYS)
    assert sorted(opened(body, KEYS)) == sorted(lines)
    told = list(opened(body, {name: KEYS[name] for name in known}))
    assert sorted(told) == sorted(line for line in lines if line[0] in known)


def test_the_same_twice_looks_different_and_neither_names_anybody():
    lines = [line_of("k_1", "r1", {"person": "ana"})]
    assert sealed(lines, KEYS) != sealed(lines, KEYS)
    assert b"ana" not in gzip.decompress(BODY)


def test_another_key_under_the_same_name_opens_nothing():
    with pytest.raises(Spoiled):
        list(opened(BODY, KEYS | {"k_1": b"x" * 32}))


def test_a_line_under_anothers_name_opens_nothing():
    first, *rest = gzip.decompress(BODY).split(b"\n")
    swapped = orjson.dumps(orjson.loads(first) | {"key": "k_1"})
    with pytest.raises(Spoiled):
        list(opened(gzip.compress(b"\n".join([swapped, *rest])), KEYS))


@given(st.integers(0, len(BODY) - 1), st.integers(1, 255))
@settings(max_examples=examples(200))
def test_a_changed_byte_is_noticed_or_changes_nothing(place, change):
    broken = bytearray(BODY)
    broken[place] ^= change
    try:
        told = list(opened(bytes(broken), KEYS))
    except Spoiled:
        return
    assert told == list(opened(BODY, KEYS))


@given(st.integers(0, len(BODY) - 1))
def test_a_cut_blob_is_noticed(end):
    with pytest.raises(Spoiled):
        list(opened(BODY[:end], KEYS))
