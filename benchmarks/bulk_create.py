"""Deliveries of a broadcast as the store's client writes them: encoding alone, and on a Firestore emulator where the environment
names one (FIRESTORE_EMULATOR_HOST).

One delivery is the inbox item that a broadcast makes: 20 leaves with a content of ordinary length; what differs is its id, its
recipient and the consent that allowed it. Hashing the id is part of the work in every way. Left out: the network, TLS and
production's own throughput; client CPU carries over.

Goal (row 6): at least 30 times less CPU a document and 3.5 times the documents a second of WriteBatch(500), at most 6 µs.
"""

import asyncio
import itertools
import os
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from importlib.metadata import version

from google.auth.credentials import AnonymousCredentials
from google.cloud import firestore
from google.cloud.firestore_v1.types.firestore import CommitRequest

from benchmarks import Case
from shared.clients.documents.alike import creation
from shared.clients.documents.firestore import FirestoreDocuments
from shared.clients.documents.firestore_template import commit_bytes
from shared.clients.documents.firestore_wire import Wire
from shared.clients.documents.port import Alike, Blank, Query
from shared.clients.documents.writes import steps_of
from shared.kernel.ids import hashed_id
from shared.kernel.settings import Settings

HOST = os.environ.get("FIRESTORE_EMULATOR_HOST", "")
SDK = f"google-cloud-firestore {version('google-cloud-firestore')}"
A_COMMIT, DOCUMENTS = 500, 4000
AT = datetime(2026, 11, 21, 20, 0, tzinfo=UTC)
PROJECT = "demo-cabeceo"
PEOPLE = [f"uid{number:025d}" for number in range(DOCUMENTS)]
DATA = {
    "campaignId": "b_f3k5m8p2q4r6s8t0v2w4x6y8z0",
    "campaignVersion": 1,
    "organizerId": "org_la_viruta",
    "recipient": {"type": "user", "id": Blank(1)},
    "dispatchContext": {"reason": "broadcast", "consentId": Blank(2)},
    "deliveryStatus": "delivered",
    "deliveryChannel": "inbox",
    "timestamps": {"createdAt": AT, "deliveredAt": AT, "expiresAt": AT},
    "payloadHash": "5" * 64,
    "content": {"title": "A night with the orchestra", "body": "Doors at nine. " * 12, "severity": "info"},
    "inbox": {"arrivedAt": AT, "readAt": None, "revision": 0, "state": "unread", "visibleFrom": AT},
}
_NUMBERS = itertools.count()


def cases() -> Iterator[Case]:
    """Encoding of one commit, then whole writes."""
    yield Case(
        title="one commit of 500 as bytes",
        unit="doc",
        units=A_COMMIT,
        ways={
            "wire template": lambda: by_template(rows(PEOPLE[:A_COMMIT])),
            "the port's own encoder (pb2)": lambda: by_port(rows(PEOPLE[:A_COMMIT])),
            f"{SDK} WriteBatch": lambda: by_sdk(sdk(), rows(PEOPLE[:A_COMMIT])),
        },
        answers=lambda raw: [
            write.SerializeToString(deterministic=True) for write in CommitRequest.pb().FromString(raw).writes
        ],
    )
    if HOST:
        yield written()


def written() -> Case:
    """The same documents on an emulator, read back and compared before anything is timed."""
    loop = asyncio.new_event_loop()
    ours = FirestoreDocuments(
        Settings(
            cabeceo_env="test",
            documents="firestore",
            google_cloud_project=PROJECT,
            firestore_emulator_host=HOST,
            store_timeout_seconds=30,
        )
    )

    def read_back(collection: str) -> list[dict[str, object]]:
        found = loop.run_until_complete(ours.query(Query(collection)))
        return [{"id": each.id} | each.data for each in found]

    return Case(
        title=f"{DOCUMENTS} deliveries on the emulator; goal 30 x less CPU, 3.5 x the documents a second",
        unit="doc",
        units=DOCUMENTS,
        ways={
            "create_alike, 4 commits at a time": lambda: loop.run_until_complete(in_lanes(ours, 4)),
            "create_alike, 1 at a time": lambda: loop.run_until_complete(in_lanes(ours, 1)),
            f"{SDK} WriteBatch(500)": write_batches,
        },
        answers=read_back,
        measure=measured,
    )


def measured(work: Callable[[], str]) -> tuple[float, float]:
    """Seconds by the clock and of the processor for one document."""
    began, busy = time.perf_counter(), time.process_time()
    work()
    return (time.perf_counter() - began) / DOCUMENTS, (time.process_time() - busy) / DOCUMENTS


def rows(people: Sequence[str]) -> list[tuple[str, ...]]:
    return [(hashed_id("d", "b_1", person, "inbox"), person, f"cn_{person[-26:]}") for person in people]


def batch(collection: str, people: Sequence[str]) -> Alike:
    return Alike(collection, DATA, rows(people))


def by_template(some: list[tuple[str, ...]]) -> bytes:
    return commit_bytes(Wire(PROJECT, "(default)"), Alike("deliveries", DATA, some))


def by_port(some: list[tuple[str, ...]]) -> bytes:
    wire, alike = Wire(PROJECT, "(default)"), Alike("deliveries", DATA, some)
    writes = [wire.write(step) for step in steps_of([creation(alike, row) for row in some])]
    return CommitRequest.pb()(database=wire.database, writes=writes).SerializeToString()


def by_sdk(client: firestore.Client, some: list[tuple[str, ...]]) -> bytes:
    writes = filled_batch(client, "deliveries", some)._write_pbs  # noqa: SLF001 - what commit() would send
    request = CommitRequest(database=client._database_string, writes=writes)  # noqa: SLF001 - as above
    return CommitRequest.serialize(request)


def filled_batch(client: firestore.Client, collection: str, some: list[tuple[str, ...]]):
    pending = client.batch()
    for row in some:
        made = creation(Alike(collection, DATA, [row]), row)
        pending.create(client.document(made.path), made.data)
    return pending


def sdk() -> firestore.Client:
    return firestore.Client(project=PROJECT, credentials=AnonymousCredentials())


def fresh() -> str:
    return f"bench_{os.getpid()}_{next(_NUMBERS)}"


async def in_lanes(documents: FirestoreDocuments, lanes: int) -> str:
    collection = fresh()
    parts = iter([PEOPLE[start : start + A_COMMIT] for start in range(0, DOCUMENTS, A_COMMIT)])

    async def lane() -> None:
        for part in parts:
            await documents.create_alike(batch(collection, part))

    await asyncio.gather(*(lane() for _ in range(lanes)))
    return collection


def write_batches() -> str:
    client, collection = sdk(), fresh()
    for start in range(0, DOCUMENTS, A_COMMIT):
        filled_batch(client, collection, rows(PEOPLE[start : start + A_COMMIT])).commit()
    return collection
