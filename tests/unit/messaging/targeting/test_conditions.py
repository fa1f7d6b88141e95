from datetime import datetime, time, timedelta
from math import acos, cos, radians, sin
from zoneinfo import ZoneInfo

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from shared.kernel.errors import Invalid
from shared.messaging.targeting.attributes import ATTRIBUTES
from shared.messaging.targeting.conditions import EVERYONE, holds, parse, trace, validate
from shared.messaging.targeting.kinds import OPERATORS, Kind
from shared.messaging.targeting.schema import json_schema
from shared.people.profiles.models import Profile
from tests.factories.messaging import facts
from tests.factories.targeting import NOW, conditions
from tests.factories.targeting import facts as known_facts

SCHEMA = Draft202012Validator(json_schema())


def leaf(attribute, op, value):
    return {"attribute": attribute, "op": op, "value": value}


def naive_moment(wanted):
    if isinstance(wanted, str):
        return datetime.fromisoformat(wanted)
    return NOW - timedelta(hours=wanted.get("hoursAgo", 0) + 24 * wanted.get("daysAgo", 0))


def naive_distance(one, other):
    """By the angle between two arrows from the centre of the Earth."""
    arrows = [
        (cos(radians(lat)) * cos(radians(lon)), cos(radians(lat)) * sin(radians(lon)), sin(radians(lat)))
        for lat, lon in (one, other)
    ]
    return 6371.0088 * acos(max(-1, min(1, sum(a * b for a, b in zip(*arrows, strict=True)))))


def naive_during(clock, wanted):
    """Whether the clock on the wall is past the beginning, and not the end, of some day's hours."""
    name = wanted.get("zone", clock.zone)
    if name is None:
        return False
    wall = clock.now.astimezone(ZoneInfo(name)).replace(tzinfo=None)
    for day in (wall.date() - timedelta(days=1), wall.date()):
        opens, closes = (datetime.combine(day, time.fromisoformat(wanted[at])) for at in ("from", "to"))
        closes += timedelta(days=closes <= opens)
        if opens <= wall < closes and day.strftime("%a").lower() in wanted.get("days", DAYS):
            return True
    return False


DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
NAIVE_SHAPES = {
    "before": lambda actual, wanted: actual.at < naive_moment(wanted),
    "after": lambda actual, wanted: actual.at > naive_moment(wanted),
    "within": lambda actual, wanted: (
        naive_distance(actual, (wanted["lat"], wanted["lon"])) <= wanted["km"] + 1e-3
    ),
    "during": naive_during,
}


def naive(raw, known):  # noqa: PLR0911 - one return for each rule is how it reads
    """The grammar read off its definition, with no regard for speed: what the evaluator must agree with."""
    if "all" in raw:
        return False not in [naive(part, known) for part in raw["all"]]
    if "any" in raw:
        return True in [naive(part, known) for part in raw["any"]]
    if "not" in raw:
        return True not in [naive(part, known) for part in raw["not"]]
    row, op, wanted = ATTRIBUTES[raw["attribute"]], raw["op"], raw["value"]
    actual = row.value(known)
    if op == "exists":
        return (actual is not None) == wanted
    if actual is None:
        return False
    if op in NAIVE_SHAPES:
        return NAIVE_SHAPES[op](actual, wanted)
    if row.kind is Kind.LANGUAGE:
        ranges = wanted if op == "in" else [wanted]
        return any(actual.lower().split("-")[: len(r.split("-"))] == r.lower().split("-") for r in ranges)
    if row.name == "person.tier" and op in ("lt", "lte", "gt", "gte"):
        order = {"basic": 0, "bronze": 1, "silver": 2, "gold": 3}
        actual, wanted = order[actual], order[wanted]
    if op in ("contains", "containsAny"):
        return bool(set(actual) & set(wanted if op == "containsAny" else [wanted]))
    return {
        "eq": lambda: actual == wanted,
        "in": lambda: any(actual == each for each in wanted),
        "lt": lambda: actual < wanted,
        "lte": lambda: not actual > wanted,
        "gt": lambda: actual > wanted,
        "gte": lambda: not actual < wanted,
        "startsWith": lambda: actual[: len(wanted)] == wanted,
    }[op]()


@given(conditions(), known_facts)
def test_the_evaluator_agrees_with_a_naive_reading_of_the_grammar(raw, known):
    assert holds(parse(raw), known) is naive(raw, known)


@given(st.lists(conditions(), min_size=1, max_size=3), known_facts)
def test_de_morgan(parts, known):
    def judge(raw):
        return holds(parse(raw), known)

    assert judge({"not": parts}) == judge({"all": [{"not": [part]} for part in parts]})
    assert judge({"not": [{"all": parts}]}) == judge({"any": [{"not": [part]} for part in parts]})
    assert judge({"not": [{"not": [parts[0]]}]}) == judge(parts[0])


@given(conditions(), known_facts)
def test_a_trace_has_every_comparison_as_json_and_agrees_with_the_verdict(raw, known):
    condition = parse(raw)
    checks = trace(condition, known)

    assert len(checks) == orjson.dumps(raw).count(b'"attribute"')
    assert all((check.reason == "matched") is check.holds for check in checks if check.reason != "unknown")
    assert not any(check.holds for check in checks if check.reason == "unknown")
    assert orjson.loads(orjson.dumps(checks))
    if len(checks) == 1 and "attribute" in raw:
        assert checks[0].holds is holds(condition, known)


@given(conditions())
def test_the_schema_accepts_what_validation_accepts(raw):
    assert validate(raw) == ()
    assert SCHEMA.is_valid(raw)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inside: st.lists(inside, max_size=4) | st.dictionaries(st.text(max_size=3), inside, max_size=4),
    max_leaves=8,
)
NAMES = st.sampled_from([*ATTRIBUTES, *OPERATORS, "es", "gold"]) | JSON
VALUES = JSON | st.dictionaries(
    st.sampled_from(["daysAgo", "hoursAgo", "lat", "lon", "km", "from", "to"]), JSON
)
NEARLY = st.recursive(
    st.fixed_dictionaries({}, optional={"attribute": NAMES, "op": NAMES, "value": VALUES, "also": JSON})
    | JSON,
    lambda inside: st.dictionaries(
        st.sampled_from(["all", "any", "not", "nor"]), st.lists(inside, max_size=3) | inside, max_size=2
    ),
    max_leaves=8,
)


@given(NEARLY, known_facts)
def test_validation_never_fails_and_what_it_passes_can_be_judged(raw, known):
    faults = validate(raw, "/audience")

    assert all(fault.pointer.startswith("/audience") and fault.code and fault.detail for fault in faults)
    if faults:
        with pytest.raises(Invalid):
            parse(raw)
    else:
        assert raw is None or SCHEMA.is_valid(raw)
        holds(parse(raw), known)


NESTED_8 = {"attribute": "request.page", "op": "exists", "value": True}
for _ in range(8):
    NESTED_8 = {"all": [NESTED_8]}
FIRST = leaf("release.firstVisit", "eq", True)
HOURS = {"from": "22:00", "to": "02:00"}


@pytest.mark.parametrize(
    ("raw", "pointer", "code"),
    [
        ([], "", "not_an_object"),
        ("all", "", "not_an_object"),
        ({}, "", "missing_field"),
        ({"attribute": "request.page", "op": "exists"}, "", "missing_field"),
        (FIRST | {"$where": "1"}, "", "unknown_field"),
        ({"all": [FIRST], "any": [FIRST]}, "", "unknown_field"),
        ({"all": FIRST}, "/all", "not_a_list"),
        ({"not": []}, "/not", "empty_group"),
        ({"all": [FIRST, {"any": []}]}, "/all/1/any", "empty_group"),
        ({"any": [{"not": [NESTED_8]}]}, "/any/0/not/0/all/0/all/0/all/0/all/0/all/0/all/0", "too_deep"),
        ({"any": [FIRST] * 101}, "/any/100", "too_many_leaves"),
        (leaf("person.teir", "eq", "gold"), "/attribute", "unknown_attribute"),
        (leaf({"$gt": ""}, "eq", "gold"), "/attribute", "unknown_attribute"),
        (leaf("person.type", "gt", "ip"), "/op", "operator_not_allowed"),
        (leaf("person.type", ["eq"], "ip"), "/op", "operator_not_allowed"),
        (leaf("person.type", "eq", "admin"), "/value", "not_a_choice"),
        (leaf("person.type", "in", ["ip", "users"]), "/value/1", "not_a_choice"),
        (leaf("person.type", "in", "ip"), "/value", "not_a_list"),
        (leaf("person.type", "in", []), "/value", "empty_list"),
        (leaf("person.segments", "containsAny", ["a"] * 101), "/value", "too_many_values"),
        (leaf("visits.total", "gte", "3"), "/value", "wrong_type"),
        (leaf("visits.total", "eq", True), "/value", "wrong_type"),
        (leaf("visits.total", "lt", 10**30), "/value", "wrong_type"),
        (leaf("visits.total", "lt", float("nan")), "/value", "wrong_type"),
        (leaf("release.firstVisit", "eq", 1), "/value", "wrong_type"),
        (leaf("request.page", "exists", "yes"), "/value", "wrong_type"),
        (leaf("request.page", "eq", "x" * 201), "/value", "wrong_type"),
        (leaf("request.page", "eq", "a\x00b"), "/value", "wrong_type"),
        (leaf("request.page", "eq", "\ud800"), "/value", "wrong_type"),
        (leaf("request.locale", "eq", "es_AR"), "/value", "wrong_type"),
        (leaf("person.firstSeenAt", "eq", "2026-01-01T00:00:00Z"), "/op", "operator_not_allowed"),
        (leaf("person.firstSeenAt", "after", 14), "/value", "wrong_type"),
        (leaf("person.firstSeenAt", "after", {}), "/value/daysAgo", "missing"),
        (leaf("person.firstSeenAt", "after", {"daysAgo": -1}), "/value/daysAgo", "greater_than_equal"),
        (leaf("person.firstSeenAt", "after", {"daysAgo": True}), "/value/daysAgo", "float_type"),
        (leaf("person.firstSeenAt", "after", {"daysAgo": 10**400}), "/value/daysAgo", "float_type"),
        (
            leaf("person.firstSeenAt", "after", {"days_ago": 1, "daysAgo": 1}),
            "/value/days_ago",
            "extra_forbidden",
        ),
        (
            leaf("person.firstSeenAt", "after", {"daysAgo": 1, "hoursAgo": 1}),
            "/value/daysAgo",
            "extra_forbidden",
        ),
        (leaf("person.firstSeenAt", "before", "2026-01-01"), "/value", "value_error"),
        (leaf("person.firstSeenAt", "before", "2026-02-30T00:00:00Z"), "/value", "value_error"),
        (leaf("person.firstSeenAt", "before", "0001-01-01T00:00:00+14:00"), "/value", "value_error"),
        (leaf("person.location", "within", [42, -71, 40]), "/value", "wrong_type"),
        (
            leaf("person.location", "within", {"lat": 90.1, "lon": 0, "km": 1}),
            "/value/lat",
            "less_than_equal",
        ),
        (
            leaf("person.location", "within", {"lat": 0, "lon": -181, "km": 1}),
            "/value/lon",
            "greater_than_equal",
        ),
        (leaf("person.location", "within", {"lat": 0, "lon": 0, "km": 0}), "/value/km", "greater_than"),
        (
            leaf("person.location", "within", {"lat": 0, "lon": 0, "km": 20_001}),
            "/value/km",
            "less_than_equal",
        ),
        (leaf("person.location", "within", {"lat": 0, "lon": 0}), "/value/km", "missing"),
        (leaf("time.local", "during", "22:00"), "/value", "wrong_type"),
        (leaf("time.local", "during", {"from": "22:00"}), "/value/to", "missing"),
        (leaf("time.local", "during", HOURS | {"from": "24:00"}), "/value/from", "string_pattern_mismatch"),
        (leaf("time.local", "during", HOURS | {"days": []}), "/value/days", "too_short"),
        (leaf("time.local", "during", HOURS | {"days": ["fri", "friday"]}), "/value/days/1", "literal_error"),
        (leaf("time.local", "during", HOURS | {"zone": "Mars/Base"}), "/value/zone", "value_error"),
        (leaf("time.local", "during", HOURS | {"~/": 1}), "/value/~0~1", "extra_forbidden"),
    ],
)
def test_each_fault_is_named_where_it_is(raw, pointer, code):
    (fault,) = validate(raw, "/audience")

    assert (fault.pointer, fault.code) == (f"/audience{pointer}", code)


def test_a_form_is_told_for_people_and_each_fault_once():
    asked = {"from": "25:00", "to": "02:00", "days": ["friday"]}
    told = [
        (fault.pointer, fault.detail) for fault in validate(leaf("time.local", "during", asked), "/audience")
    ]

    assert told[0] == ("/audience/value/from", "Expected `{from, to, days?, zone?}`, times as HH:MM.")
    assert [pointer for pointer, _ in told[1:]] == ["/audience/value/days/0"]


def test_a_misspelt_attribute_gets_a_suggestion():
    (fault,) = validate(leaf("visits.dayssincelast", "gt", 45))

    assert fault.detail == "Did you mean visits.daysSinceLast?"


def test_eight_groups_in_one_another_and_a_hundred_comparisons_are_fine():
    assert validate(NESTED_8) == ()
    assert validate({"any": [FIRST] * 100}) == ()


def test_hostile_size_and_depth_are_refused_quickly():
    deep: object = FIRST
    for _ in range(100_000):
        deep = {"all": [deep]}

    assert [fault.code for fault in validate(deep)] == ["too_deep"]
    assert len(validate({"all": [{"any": []}] * 50_000})) == 100
    assert len(validate({"all": [{}] * 50_000})) == 100


def test_no_audience_is_everyone():
    assert parse(None) is EVERYONE
    assert holds(EVERYONE, facts())
    assert trace(EVERYONE, facts()) == ()


def test_a_comparison_with_an_unknown_value_is_false_and_its_negation_true():
    unknown = leaf("request.page", "eq", "/")

    assert not holds(parse(unknown), facts())
    assert holds(parse({"not": [unknown]}), facts())
    assert trace(parse(unknown), facts())[0].reason == "unknown"


def test_a_trace_shows_where_what_was_wanted_and_what_was_found():
    raw = {"any": [FIRST, {"not": [leaf("person.segments", "containsAny", ["b", "a"])]}]}
    known = facts(Profile("p", "user", segments=("z", "a")), release_id="r1")

    first, second = trace(parse(raw, "/audience"), known)

    assert (first.pointer, first.attribute, first.wanted, first.actual) == (
        "/audience/any/0",
        "release.firstVisit",
        True,
        True,
    )
    assert (second.pointer, second.wanted, second.actual) == (
        "/audience/any/1/not/0",
        ["b", "a"],
        ["z", "a"],
    )
    assert (second.holds, second.reason) == (True, "matched")


def test_editors_are_told_what_each_attribute_and_operator_means():
    schema = json_schema()
    assert schema["x-attributes"].keys() == ATTRIBUTES.keys()
    assert schema["x-operators"].keys() == OPERATORS.keys()
    assert all(SCHEMA.is_valid(told["example"]) for told in schema["x-attributes"].values())
    assert schema["x-attributes"]["request.geo.city"]["displayOnly"] is True
