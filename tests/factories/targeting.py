"""Conditions and facts at random, made from the attribute table itself."""

from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from shared.kernel.clock import to_millis
from shared.messaging.targeting.attributes import ATTRIBUTES
from shared.messaging.targeting.facts import Facts, Geo
from shared.messaging.targeting.kinds import OPERATORS, Kind
from shared.people.profiles.models import Attendance, Attended, Home, Point, Profile, ReleaseState, Visits

NOW = datetime(2026, 11, 21, 20, 30, tzinfo=UTC)
WORDS = ["a", "ab", "abc", "b", "es", "org_1", "org_2", "2026.11"]
LANGUAGES = ["es", "es-AR", "ES-ar", "en", "en-GB", "pt-BR"]
ZONES = ["America/Argentina/Buenos_Aires", "Europe/Rome", "Asia/Kolkata"]
POINTS = [
    Point(0.0, 0.0),
    Point(-34.6, -58.38),
    Point(42.36, -71.06),
    Point(0.0, 179.99),
    Point(0.0, -179.99),
]
NUMBERS = [-1, 0, 0.5, 1, 2, 3, 7, 44.9, 45, 60]


def spans(greatest):
    return st.integers(0, greatest) | st.floats(0, greatest)


def times_of_day():
    return st.builds("{:02}:{:02}".format, st.integers(0, 23), st.sampled_from([0, 29, 30, 31, 59]))


SHAPES = {
    Kind.MOMENT: st.fixed_dictionaries({"daysAgo": spans(110)})
    | st.fixed_dictionaries({"hoursAgo": spans(50)})
    | st.integers(0, 110).map(lambda days: (NOW - timedelta(days=days)).isoformat()),
    Kind.POINT: st.builds(
        lambda point, km: point._asdict() | {"km": km},
        st.sampled_from(POINTS),
        st.sampled_from([0.001, 3, 9000, 20_000]),
    ),
    Kind.CLOCK: st.fixed_dictionaries(
        {"from": times_of_day(), "to": times_of_day()},
        optional={
            "days": st.lists(st.sampled_from(["thu", "fri", "sat", "sun"]), min_size=1, max_size=3),
            "zone": st.sampled_from(ZONES),
        },
    ),
}


def wanted(attribute, op):
    """A value that a comparison of the attribute may ask for."""
    if op == "exists":
        return st.booleans()
    if OPERATORS[op].takes == "shape":
        return SHAPES[attribute.kind]
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


@st.composite
def attendances(draw):
    times = sorted(draw(st.lists(st.integers(0, 200), max_size=4)), reverse=True)
    recent = [
        Attended(draw(st.sampled_from(WORDS)), draw(some(WORDS)), to_millis(NOW - timedelta(days=days)))
        for days in times
    ]
    return Attendance(tuple(recent), draw(st.integers(0, 3)))


texts = st.lists(st.sampled_from(WORDS), unique=True).map(tuple)
profiles = st.builds(
    Profile,
    person_key=st.just("u1"),
    type=st.sampled_from(["ip", "user"]),
    first_seen_at=moments(),
    role_changed_at=moments(),
    visits=visits(),
    roles=st.lists(st.sampled_from(["organizer", "operator", "admin"]), unique=True).map(tuple),
    segments=texts,
    favorites=texts,
    organizer_ids=texts,
    flags=texts,
    rsvp_events=texts,
    attendance=attendances(),
    location=some(POINTS),
    timezone=some(ZONES),
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
    timezone=some(ZONES),
    geo=st.builds(Geo, some(WORDS), some(WORDS), some(["AR", "ab"]), some(POINTS)),
    experiments=texts.map(lambda dealt: lambda: dealt),
    page=some(["/", "/events", "/events/42"]),
)
