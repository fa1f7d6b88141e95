"""Documents and queries as hypothesis draws them."""

from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from shared.clients.documents.port import Order, Query, Where

text = st.text(st.characters(exclude_categories=("Cs",)), max_size=12)
moments = st.datetimes(min_value=datetime(1, 1, 2), max_value=datetime(9999, 12, 30), timezones=st.just(UTC))
names = text.filter(lambda name: name and not (name.startswith("__") and name.endswith("__")))
numbers = st.integers(-(2**63), 2**63 - 1) | st.floats()
scalars = st.none() | st.booleans() | numbers | moments | text | st.binary(max_size=12)


def _nested(values):
    items = st.recursive(
        values,
        lambda inner: st.dictionaries(names, inner | st.lists(values, max_size=3), max_size=3),
        max_leaves=6,
    )
    return items | st.lists(items, max_size=4)


values = _nested(scalars)
documents = st.dictionaries(names, values, max_size=6)

# few values of each type, chosen where types, signs, precision and encodings meet
few = st.sampled_from(
    [
        None, False, True, float("nan"), float("-inf"), -1, -0.0, 0, 1, 1.0, 1.5, 2**53, 2**53 + 1, 2**63 - 1,
        float(2**63), float("inf"),
        datetime(1969, 12, 31, 23, 59, 59, 999999, UTC), datetime(2026, 1, 1, tzinfo=UTC),
        datetime(2026, 1, 1, tzinfo=UTC) + timedelta(microseconds=1),
        "", "a", "a\0", "aa", "b", "é", "\uffff", "\U0001f483", b"", b"a", b"a\0", b"\xff",
    ]
)  # fmt: skip
few_values = (
    few | st.lists(few, max_size=3) | st.dictionaries(st.sampled_from(["x", "y", "é"]), few, max_size=2)
)
IDS = ("1", "2", "10", "3", "a", "B", "é", "\uffff", "\U0001f483", "-", "~", "b")


def pools():
    """The few values that one example's documents and queries share, so that they meet often."""
    return st.lists(few_values, min_size=2, max_size=5)


def stored(pool):
    """Documents over the fields a, b and c with values, or lists of values, of the pool."""
    value = st.sampled_from(pool)
    items = st.lists(value.filter(lambda item: not isinstance(item, list)), max_size=3)
    fields = st.fixed_dictionaries({"a": value}, optional={"b": value | items, "c": value | items})
    return st.lists(
        fields | st.fixed_dictionaries({}, optional={"b": value, "c": items}), min_size=3, max_size=12
    )


@st.composite
def queries(draw, collection: str, pool) -> Query:
    """A query over the fields a, b and c that an index of the suite serves."""
    fields = draw(st.permutations(["a", "b", "c"]))
    value = st.sampled_from(pool)
    solid = value.filter(_is_solid) if any(map(_is_solid, pool)) else st.just(1)
    equal = draw(st.integers(0, 2))
    where = [draw(_equality(field, value, solid)) for field in fields[:equal]]
    if sum(part.op.startswith("array") for part in where) > 1:
        where = where[:1]
    ordered = fields[equal : equal + draw(st.integers(0, 2))]
    order = [Order(field, draw(st.booleans())) for field in ordered]
    for field in ordered[: draw(st.integers(0, 2))]:
        ops = draw(st.sampled_from([("<",), ("<=",), (">",), (">=",), (">", "<="), (">=", "<")]))
        where += [Where(field, op, draw(solid)) for op in ops]
    after = None
    if draw(st.booleans()):
        after = tuple(draw(value) for _ in order)
        if not order or draw(st.booleans()):
            after = (*after, draw(st.sampled_from(["1", "3", "é", "x"])))
    implied = (
        len(order) == 1 and after is None and draw(st.booleans()) and where and where[-1].field == ordered[0]
    )
    return Query(
        collection, tuple(where), () if implied else tuple(order), draw(st.none() | st.integers(1, 5)), after
    )


def _is_solid(value):
    return value is not None and value == value  # noqa: PLR0124 - NaN is not


def _equality(field, value, solid):
    listed = st.lists(solid, min_size=1, max_size=4)
    flat = listed.map(lambda items: tuple(item for item in items if not isinstance(item, list)) or (1,))
    return st.one_of(
        value.map(lambda chosen: Where(field, "==", chosen)),
        listed.map(lambda chosen: Where(field, "in", chosen)),
        flat.map(lambda chosen: Where(field, "array_contains", chosen[0])),
        flat.map(lambda chosen: Where(field, "array_contains_any", chosen)),
    )
