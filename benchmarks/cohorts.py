"""How many people do filters find? Bitmaps against DuckDB, SQLite and, where MONGODB_URI names a server, the query they replace.

The work: the count of five cohorts shaped like the messaging document's four queries (§4.4) and one of six comparisons, over one generated
population, sets in memory. PEOPLE says how many people (100,000 by default; 1,000,000 for the goal). Left out: reading the sets from
the store, which happens once a snapshot and instance, and answering HTTP.

Goals (design/performance.md §6, row 12): a million people in at most 1 ms; 300 times faster than indexed SQLite, 8 times than DuckDB; at
most 1 µs for each bit that a change of a person flips.
"""

import csv
import os
import random
import sqlite3
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from importlib.metadata import version
from tempfile import NamedTemporaryFile
from typing import Any

import duckdb
from pymongo import MongoClient

from benchmarks import Case
from shared.analytics.bitmaps.bits import Bits, bits
from shared.analytics.bitmaps.slices import sliced
from shared.analytics.segments.attributes import ATTRIBUTES
from shared.analytics.segments.facets import EVERYONE, Facets, members
from shared.analytics.segments.filters import parse
from shared.kernel.clock import to_millis

PEOPLE = int(os.environ.get("PEOPLE", "100000"))
NOW = datetime(2026, 11, 21, 20, tzinfo=UTC)
HOUR = to_millis(NOW) // 3_600_000
CITIES = [f"city_{number}" for number in range(200)]
LEVELS = ("beginner", "intermediate", "advanced")
COLUMNS = ("n", "kind", "level", "cities", "score", "peak", "city", "visits", "prior", "last", "tier")
SCORES = (0, 0, 3, 5, 8, 10)
Row = tuple[Any, ...]


def _is(attribute: str, op: str, value: Any) -> dict[str, Any]:
    return {"attribute": attribute, "op": op, "value": value}


_USER = _is("person.type", "eq", "user")
QUERIES: dict[str, tuple[dict[str, Any], str, dict[str, Any]]] = {
    "advanced, 3 cities": (
        {"all": [_USER, _is("class.primary_level", "eq", "advanced"), _is("travel.unique_cities", "gte", 3)]},
        "kind = 'user' AND level = 'advanced' AND cities >= 3",
        {"kind": "user", "level": "advanced", "cities": {"$gte": 3}},
    ),
    "night owls of a city": (
        {"all": [
            _USER, _is("login.peak_hour", "during", {"from": 22, "to": 2}), _is("home.city", "eq", "city_3"),
        ]},
        "kind = 'user' AND peak IN (22, 23, 0, 1) AND city = 'city_3'",
        {"kind": "user", "peak": {"$in": [22, 23, 0, 1]}, "city": "city_3"},
    ),
    "away, regular before": (
        {"all": [
            _USER,
            _is("visits.last_at", "before", {"days_ago": 45}),
            _is("visits.prior_frequency", "gte", 2),
        ]},
        f"kind = 'user' AND last < {HOUR - 45 * 24} AND prior >= 2",
        {"kind": "user", "last": {"$lt": HOUR - 45 * 24}, "prior": {"$gte": 2}},
    ),
    "beginners, several cities": (
        {"all": [
            _USER,
            _is("class.primary_level", "eq", "beginner"),
            _is("travel.multi_city_score", "gte", 5),
            _is("visits.total", "gte", 10),
        ]},
        "kind = 'user' AND level = 'beginner' AND score >= 5 AND visits >= 10",
        {"kind": "user", "level": "beginner", "score": {"$gte": 5}, "visits": {"$gte": 10}},
    ),
    "six comparisons": (
        {"all": [
            _USER,
            _is("class.primary_level", "in", ["intermediate", "advanced"]),
            _is("travel.unique_cities", "gte", 2),
            _is("visits.last_at", "after", {"days_ago": 30}),
            _is("visits.total", "gte", 5),
            {"not": [_is("person.tier", "eq", "gold")]},
        ]},
        f"kind = 'user' AND level IN ('intermediate', 'advanced') AND cities >= 2 AND last >= {HOUR - 30 * 24} AND visits >= 5 AND tier <> 'gold'",
        {
            "kind": "user",
            "level": {"$in": ["intermediate", "advanced"]},
            "cities": {"$gte": 2},
            "last": {"$gte": HOUR - 30 * 24},
            "visits": {"$gte": 5},
            "tier": {"$ne": "gold"},
        },
    ),
}  # fmt: skip
INDEXES = (("level", "cities"), ("peak", "city"), ("last", "prior"), ("level", "score", "visits"))


def cases() -> Iterator[Case]:
    """Each cohort, then one person's change."""
    rows = _rows()
    held = _facets(rows)
    asked: dict[str, Callable[[str], int]] = {
        f"DuckDB {version('duckdb')}, in memory": _duck(rows),
        f"SQLite {sqlite3.sqlite_version}, indexed": _sqlite(rows),
    }
    if uri := os.environ.get("MONGODB_URI"):
        asked[f"MongoDB query, indexed (pymongo {version('pymongo')})"] = _mongo(rows, uri)
    for name, (raw, _, _) in QUERIES.items():
        tree = parse(raw)
        ways: dict[str, Callable[[], int]] = {"bitmaps": lambda tree=tree: len(members(tree, held))}
        ways |= {way: lambda count=count, name=name: count(name) for way, count in asked.items()}
        yield Case(f"{name}, {PEOPLE:,} people", "count", 1, ways)
    yield _change(held)


def _change(held: Facets) -> Case:
    """A thousand people leave and come back to each facet: what a refresh does to the sets in memory."""
    some = bits(random.Random(5).sample(range(1, PEOPLE + 1), 1000))
    sets = list(held.sets.values())

    def flip() -> int:
        return sum(len((one - some) | (one & some)) for one in sets)

    return Case(
        f"a refresh of 1,000 people, {len(sets)} facets", "person and facet", 1000 * len(sets), {"ours": flip}
    )


def _rows() -> list[Row]:
    rng = random.Random(11)
    rows = []
    for n in range(1, PEOPLE + 1):
        cities = min(int(rng.expovariate(0.6)) + 1, 30)
        rows.append((
            n, "user" if rng.random() < 0.8 else "ip", rng.choice(LEVELS), cities, SCORES[min(cities, 5)],
            int(rng.gauss(21, 3)) % 24, rng.choice(CITIES), int(rng.expovariate(0.05)),
            rng.randrange(0, 5000) / 1000, HOUR - int(rng.expovariate(1 / 900)), rng.choice(("none", "gold")),
        ))  # fmt: skip
    return rows


def _facets(rows: list[Row]) -> Facets:
    column = {name: {row[0]: row[place] for row in rows} for place, name in enumerate(COLUMNS)}
    sets: dict[str, Bits] = {EVERYONE: bits(column["n"])}
    for attribute, name in (
        ("person.type", "kind"),
        ("class.primary_level", "level"),
        ("login.peak_hour", "peak"),
        ("home.city", "city"),
        ("person.tier", "tier"),
    ):
        held: dict[str, list[int]] = {}
        for number, value in column[name].items():
            held.setdefault(f"{attribute}={value}", []).append(number)
        sets |= {key: bits(numbers) for key, numbers in held.items()}
    for attribute, name in (
        ("travel.unique_cities", "cities"),
        ("travel.multi_city_score", "score"),
        ("visits.total", "visits"),
        ("visits.prior_frequency", "prior"),
        ("visits.last_at", "last"),
    ):
        row = ATTRIBUTES[attribute]
        values = {number: round(value * row.scale) for number, value in column[name].items()}
        known, digits = sliced(values, row.width)
        sets[f"{attribute}?"] = known
        sets |= {f"{attribute}#{place}": digit for place, digit in enumerate(digits)}
    return Facets(sets, NOW)


def _sqlite(rows: list[Row]) -> Callable[[str], int]:
    store = sqlite3.connect(":memory:")
    store.execute(f"CREATE TABLE people ({', '.join(COLUMNS)})")
    store.executemany(f"INSERT INTO people VALUES ({', '.join('?' * len(COLUMNS))})", rows)
    for fields in INDEXES:
        store.execute(f"CREATE INDEX {'_'.join(fields)} ON people ({', '.join(fields)})")
    store.execute("ANALYZE")
    return lambda name: store.execute(f"SELECT count(*) FROM people WHERE {QUERIES[name][1]}").fetchone()[0]


def _duck(rows: list[Row]) -> Callable[[str], int]:
    store = duckdb.connect(":memory:")
    types = (
        "INT",
        "VARCHAR",
        "VARCHAR",
        "INT",
        "INT",
        "INT",
        "VARCHAR",
        "INT",
        "DOUBLE",
        "BIGINT",
        "VARCHAR",
    )
    names = ", ".join(f"{name} {kind}" for name, kind in zip(COLUMNS, types, strict=True))
    store.execute(f"CREATE TABLE people ({names})")
    with NamedTemporaryFile("w", newline="", suffix=".csv") as file:
        csv.writer(file).writerows(rows)
        file.flush()
        store.execute(f"COPY people FROM '{file.name}' (FORMAT csv, HEADER false)")

    def count(name: str) -> int:
        found = store.execute(f"SELECT count(*) FROM people WHERE {QUERIES[name][1]}").fetchone()
        assert found is not None
        return int(found[0])

    return count


def _mongo(rows: list[Row], uri: str) -> Callable[[str], int]:
    """A collection of its own, which the next run replaces."""
    people = MongoClient[dict[str, Any]](uri)["cabeceo_benchmarks"]["people"]
    people.drop()
    for fields in INDEXES:
        people.create_index([(field, 1) for field in fields])
    for start in range(0, len(rows), 10_000):
        part = rows[start : start + 10_000]
        people.insert_many([dict(zip(COLUMNS, row, strict=True)) for row in part], ordered=False)
    return lambda name: people.count_documents(QUERIES[name][2])
