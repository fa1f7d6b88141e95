"""Conditions and facts at random, made from the attribute table itself."""

from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from shared.kernel.clock import to_millis
from shared.messaging.targeting.attributes import ATTRIBUTES
from shared.messaging.targeting.facts import Facts
from shared.messaging.targeting.kinds import OPERATORS, Kind
from shared.people.profiles.models import Home, Profile, ReleaseState, Visits

NOW = datetime(2026, 11, 21, 20, 30, tzinfo=UTC)
WORDS = ["a", "ab", "abc", "b", "es", "org_1", "org_2", "2026.11"]
LANGUAGES = ["es", "es-AR", "ES-ar", "en", "en-GB", "pt-BR"]
NUMBERS = [-1, 0, 0.5, 1, 2, 3, 7, 44.9, 45, 60]


def wanted(attribute, op):
    """A value that a comparison of the attribute may ask for."""
    if op == "exists":
        return st.booleans()
    values = {
        Kind.FLAG: st.booleans(),
        Kind.NUMBER: st.sampled_from(NUMBERS),
        Kind.LANGUAGE: st.sampled_from(LANGUAGES),
    }.get(attribute.kind, st.sampled_from(attribute.choices or WORDS))
    return st.lists(values, min_size=1, max_size=4) if OPERATORS[op].takes == "many" else values


@st.composite
def leaves(draw):
    attribute = draw(st.sampled_from(list(ATTRIBUTES.values())))
    op = draw(st.sampled_from(attribute.operators))
    return {"attribute": attribute.name, "op": op, "value": draw(wanted(attribute, op))}


def conditions(max_leaves=8):
    """Raw conditions of the grammar, valid by making."""
    return st.recursive(
        leaves(),
        lambda inner: st.builds(
            lambda kind, parts: {kind: parts},
            st.sampled_from(["all", "any", "not"]),
            st.lists(inner, min_size=1, max_size=4),
        ),
        max_leaves=max_leaves,
    )


def some(values):
    return st.none() | st.sampled_from(values)


def moments():
    return st.none() | st.integers(0, 100).map(lambda days: NOW - timedelta(days=days))


@st.composite
def visits(draw):
    gaps = draw(st.lists(st.integers(1, 60 * 24 * 40), max_size=4))
    end, found = to_millis(NOW) - draw(st.integers(0, 60)) * 60_000, []
    for gap in gaps:
        found.append((end - 60_000, end))
        end -= (gap + 31) * 60_000
    return Visits(recent=tuple(reversed(found)), earlier=draw(st.integers(0, 3)))


profiles = st.builds(
    Profile,
    person_key=st.just("u1"),
    type=st.sampled_from(["ip", "user"]),
    first_seen_at=moments(),
    role_changed_at=moments(),
    visits=visits(),
    roles=st.lists(st.sampled_from(["organizer", "operator", "admin"]), unique=True).map(tuple),
    segments=st.lists(st.sampled_from(WORDS), unique=True).map(tuple),
    favorites=st.lists(st.sampled_from(WORDS), unique=True).map(tuple),
    tier=some(["basic", "bronze", "silver", "gold", "unheard-of"]),
    home=st.builds(Home, city=some(WORDS), region=some(WORDS), country=some(["AR", "ab"])),
    release_state=st.builds(
        ReleaseState,
        last_seen_release_id=some(WORDS),
        acknowledged_releases=st.lists(st.sampled_from(WORDS), unique=True).map(tuple),
    ),
    marketing_opt_in=st.booleans(),
)
facts = st.builds(
    Facts,
    profile=profiles,
    now=st.just(NOW),
    release_id=some(WORDS),
    feature_flags=st.frozensets(st.sampled_from(WORDS)),
    locale=some(LANGUAGES),
    timezone=some(["America/Argentina/Buenos_Aires", "Europe/Rome"]),
    page=some(["/", "/events", "/events/42"]),
)
