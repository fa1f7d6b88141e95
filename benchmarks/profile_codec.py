"""A profile from Firestore's bytes and back: our wire against the SDK's encoder and decoder.

The work: a profile document of 60 leaves, as a dancer of two years has it. Reading begins with the bytes of the answer and ends with plain
values, writing begins with those and ends with the bytes of a write. The SDK does it as its own ``get`` and ``set`` do. The last case is
our whole way from bytes to a ``Profile``.

Goal (design/performance.md §6, row 14): at most 60 µs for reading, 2.5 times less than the SDK.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from google.auth.credentials import AnonymousCredentials
from google.cloud import firestore
from google.cloud.firestore_v1 import _helpers
from google.cloud.firestore_v1.types import Document, Write

from benchmarks import Case
from shared.clients.documents.firestore_wire import Wire
from shared.clients.documents.port import Set
from shared.clients.documents.writes import steps_of
from shared.people.profiles.stored import from_data

AT = datetime(2026, 11, 21, 20, 0, tzinfo=UTC)
PROJECT = "demo-cabeceo"
PATH = "experienceProfiles/uid-ana"
DATA: dict[str, Any] = {
    "personKey": "uid-ana",
    "type": "user",
    "bucketId": "b_f3k5m8p2q4r6s8t0",
    "tier": "silver",
    "locale": "it",
    "timezone": "Europe/Rome",
    "firstSeenAt": AT - timedelta(days=700),
    "lastSeenAt": AT,
    "home": {"city": "Torino", "region": "TO", "country": "IT"},
    "releaseState": {
        "lastSeenReleaseId": "2026.11",
        "acknowledgedReleases": [f"2026.{month}" for month in range(1, 11)],
    },
    "visitCounts": {"total": 240, "earlier": 238, "recent": [1795291200000, 1795291260000] * 2},
    "segments": ["night-owls", "torino", "returning"],
    "favorites": ["org_la_viruta", "org_cafe_milonga", "org_sur"],
    "campaigns": {
        f"c_01jd000000000000000000000{number}": {
            "capsVersion": 1,
            "occurrences": 2,
            "shown": 2,
            "lastAt": AT,
            "acknowledged": True,
        }
        for number in range(4)
    },
    "shown": [{"channel": "banner", "at": AT, "organizerId": "org_sur"}] * 2,
}


def leaves(value: Any) -> int:
    match value:
        case dict():
            return sum(map(leaves, value.values()))
        case list():
            return sum(map(leaves, value))
    return 1


def cases() -> Iterator[Case]:
    """Reading, writing, and reading a whole profile."""
    wire = Wire(PROJECT, "(default)")
    client = firestore.Client(project=PROJECT, credentials=AnonymousCredentials())
    sdk = f"google-cloud-firestore {firestore.__version__}"
    name = f"projects/{PROJECT}/databases/(default)/documents/{PATH}"
    document = Document(name=name, fields=_helpers.encode_dict(DATA), create_time=AT, update_time=AT)
    stored = Document.serialize(document)
    message = Document.pb(document).__class__

    def read() -> Any:
        return wire.snapshot(message.FromString(stored)).data

    def read_by_sdk() -> Any:
        return _helpers.decode_dict(Document.deserialize(stored).fields, client)

    def write() -> bytes:
        [step] = steps_of([Set(PATH, DATA)])
        return wire.write(step).SerializeToString(deterministic=True)

    def write_by_sdk() -> bytes:
        [made] = _helpers.pbs_for_set_no_merge(name, DATA)
        return Write.pb(made).SerializeToString(deterministic=True)

    def profile() -> Any:
        return from_data(wire.snapshot(message.FromString(stored)), "uid-ana")

    title = f"a profile of {leaves(DATA)} leaves"
    yield Case(f"{title}, read", "profile", 1, {"ours": read, sdk: read_by_sdk})
    yield Case(f"{title}, written", "profile", 1, {"ours": write, sdk: write_by_sdk})
    yield Case(f"{title}, read as a Profile", "profile", 1, {"ours": profile})
