"""What is old enough for the archive, the nightly job that moves it, and what the archive gives back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from shared.analytics.ingest.archive import document_of
from shared.clients.documents.port import Query
from shared.messaging.deliveries.models import Delivery
from shared.ops.jobs.schemas import JobsQuery
from shared.people.archive.models import Row
from shared.wiring import App
from tests.factories.app import make_app
from tests.factories.stores import Trouble

OLD = datetime(2026, 6, 30, 23, tzinfo=UTC)
RECENT = datetime(2026, 8, 25, tzinfo=UTC)
"""On 21 November what expired before July is archived, and the rows of months before August: 90 days ago is the 23rd."""
JUNE = "activity_2026_06"


async def deliver(app: App, number: int, *, person: str = "ana", at: datetime = OLD) -> None:
    """A delivery that expired at a moment."""
    times = {"createdAt": at, "seenAt": at, "expiresAt": at}
    made = Delivery(f"d_{number:02}", "c_1", 1, "user", person, "modal", "seen", times, "hash")
    await app.documents.commit([app.deliveries.create(made)])


def row(number: int, *, person: str = "ana", at: datetime = OLD) -> dict[str, Any]:
    """An event's document."""
    return {
        "_id": bytes([0xD0, number]),
        "type": "view",
        "at": at.replace(microsecond=number * 1000),
        "person": person,
        "personType": "user",
        "day": f"{at:%Y-%m-%d}",
        "hour": 23,
        "source": "browser",
        "batch": "b_1",
        "event": "e1",
        "meta": {"sequence": number, "price": 1.5, "on": True, "page": "/ñ"},
    }


async def happen(app: App, number: int, *, person: str = "ana", at: datetime = OLD) -> None:
    """An event of a moment, as the worker stores it."""
    document = row(number, person=person, at=at)
    await app.analytics.insert(f"activity_{at:%Y_%m}", [document])


@dataclass(frozen=True)
class Deliveries:
    """Old deliveries."""

    folder = "deliveries/2026-q2"
    step = "deliveries"
    put = staticmethod(deliver)

    @staticmethod
    async def live(app: App) -> list[str]:
        """The ids of those in the live store."""
        return sorted(found.id for found in await app.documents.query(Query(app.deliveries.collection)))

    @staticmethod
    def ident(number: int) -> str:
        """The id of one."""
        return f"d_{number:02}"


@dataclass(frozen=True)
class Events:
    """Old rows."""

    folder = "events/2026-06"
    step = "events"
    put = staticmethod(happen)

    @staticmethod
    async def live(app: App) -> list[str]:
        """The ids of those in the live store."""
        return sorted(
            [
                found["_id"].hex()
                for month in await app.analytics.collections("activity_")
                for found in await app.analytics.find(month, {})
            ]
        )

    @staticmethod
    def ident(number: int) -> str:
        """The id of one."""
        return bytes([0xD0, number]).hex()


def in_trouble(app: App, trouble: Trouble) -> App:
    """Another worker over the same stores, which get into trouble."""
    return make_app(
        clock=app.clock,
        given_documents=trouble.around(app.documents),
        given_analytics=trouble.around(app.analytics),
        given_blobs=trouble.around(app.blobs),
    )


async def archive(app: App) -> dict[str, Any]:
    """The night's job, opened and run once; gives it as operators see it."""
    await app.jobs.open("archive")
    await app.job_runner.run_due()
    return await shown(app)


async def shown(app: App) -> dict[str, Any]:
    """The job as operators see it, its progress by step."""
    [view] = [each for each in (await app.jobs.page(JobsQuery())).items if each.kind == "archive"]
    return view.model_dump() | {"progress": {each.step: each.documents for each in view.progress}}


async def archived(app: App, folder: str) -> list[Row]:
    """The rows of a folder that can be read, by id."""
    return sorted([each async for each in app.archive.folder(folder)], key=lambda each: each["id"])


async def idents(app: App, folder: str) -> list[str]:
    """Their ids."""
    return [each["id"] for each in await archived(app, folder)]


def documents_of(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """Events as they were in MongoDB."""
    return list(map(document_of, rows))
