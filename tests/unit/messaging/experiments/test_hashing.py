"""The same seed and person give the same place here, in GrowthBook's SDK, and in every version to come."""

import json
from pathlib import Path

import pytest
from growthbook.core import fnv1a32 as peer_fnv1a32
from growthbook.core import gbhash
from hypothesis import example, given
from hypothesis import strategies as st

from shared.messaging.experiments.hashing import BUCKETS, fnv1a32, hash_place, hash_v1, hash_v2

ANY_TEXT = st.text(alphabet=st.characters(), max_size=60)
"""Any string that Python can hold, lone surrogates included."""
FROZEN = json.loads((Path(__file__).parent / "vectors.json").read_text(encoding="utf-8"))


@given(text=ANY_TEXT)
@example(text="")
@example(text="💃 en la milonga")
@example(text="\ud83d")
def test_fnv_agrees_with_the_peer_on_every_text(text: str) -> None:
    assert fnv1a32(text) == peer_fnv1a32(text)


@given(seed=ANY_TEXT, value=ANY_TEXT)
@example(seed="\ud83d", value="\udc83")
def test_both_hash_versions_agree_with_the_peer(seed: str, value: str) -> None:
    assert hash_v2(seed, value) == hash_place(seed, value, 2) == gbhash(seed, value, 2)
    assert hash_v1(seed, value) == hash_place(seed, value, 1) == gbhash(seed, value, 1)


@given(seed=ANY_TEXT, value=ANY_TEXT)
def test_a_hash_can_be_continued(seed: str, value: str) -> None:
    assert fnv1a32(value, fnv1a32(seed)) == fnv1a32(seed + value)


@given(seed=ANY_TEXT, value=ANY_TEXT)
def test_a_place_is_one_of_ten_thousand(seed: str, value: str) -> None:
    place = hash_v2(seed, value)
    assert 0 <= place < 1
    assert place == round(place * BUCKETS) / BUCKETS


@pytest.mark.parametrize("row", FROZEN["places"], ids=lambda row: f"{row['seed']}-{row['value']}")
def test_places_are_frozen(row: dict) -> None:
    """A change here would deal every running experiment anew."""
    assert hash_v1(row["seed"], row["value"]) == row["v1"]
    assert hash_v2(row["seed"], row["value"]) == row["v2"]
