"""What the suite says of indexes that nobody needs (tests/index_use.py)."""

from shared.clients.documents.indexes import Asked, Indexes
from tests.index_use import unneeded

BY_OWNER = (("owner", "ASCENDING"), ("at", "DESCENDING"))
BY_STATE = (("state", "ASCENDING"), ("at", "DESCENDING"))


def test_an_index_is_needed_by_a_query_that_only_it_answers():
    indexes = Indexes({"things": (BY_OWNER, BY_STATE)}, {})
    asked = {Asked("things", frozenset({("owner", "ASCENDING")}), (("at", "DESCENDING"),))}

    assert unneeded(indexes, asked) == [("things", BY_STATE)]


def test_indexes_that_are_merged_for_one_query_are_both_needed():
    indexes = Indexes({"things": (BY_OWNER, BY_STATE)}, {})
    both = frozenset({("owner", "ASCENDING"), ("state", "ASCENDING")})

    assert unneeded(indexes, {Asked("things", both, (("at", "DESCENDING"),))}) == []


def test_deliveries_of_other_installations_have_the_indexes_of_the_suites_own():
    kept = Indexes.load().composite
    own = set(kept["messageDeliveries_test"])

    assert all(set(kept[f"messageDeliveries_{name}"]) == own for name in ("local", "staging", "production"))
