"""Jobs in the document store: ``jobs/{id}``, and the parts of an export beside it in ``parts/{step}-{n}``."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

import orjson

from shared.clients.documents.port import (
    Create,
    Data,
    Delete,
    Documents,
    Order,
    Query,
    Set,
    Snapshot,
    Where,
    Write,
)
from shared.clients.errors import StoreUnavailable
from shared.kernel.ids import is_plain
from shared.kernel.pagination import Page
from shared.ops.jobs.models import KEPT, Job, JobState
from shared.people.hooks import PAGE, Subject

COLLECTION: Final = "jobs"
_PLAIN: Final = (
    ("kind", "kind"),
    ("state", "state"),
    ("createdAt", "created_at"),
    ("dueAt", "due_at"),
    ("holder", "holder"),
    ("startedAt", "started_at"),
    ("finishedAt", "finished_at"),
    ("expiresAt", "expires_at"),
    ("attempts", "attempts"),
    ("writes", "writes"),
    ("errorCode", "error_code"),
    ("steps", "steps"),
    ("parts", "parts"),
    ("underWay", "under_way"),
)
Records = list[dict[str, Any]]


class JobRepository:
    """Reads and writes jobs; every write is over the very version that was read, so that a late worker's is refused."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents

    async def get(self, ident: str) -> Job | None:
        """A job (1 read); an id that cannot be one costs nothing."""
        found = await self._documents.get(_path(ident)) if is_plain(ident) else None
        return None if found is None else _from(found)

    async def save(self, job: Job, *also: Write) -> Job:
        """Write a job over the version it was read as, or anew; gives it as it is now. Raises what a lost race does.

        An answer that was lost is looked for: what stands there as it was written has been written.
        """
        # a write that changes nothing would keep the document's version
        job = replace(job, writes=job.writes + 1)
        data = _to_data(job)
        write: Write = Create(_path(job.id), data)
        if job.update_time is not None:
            write = Set(_path(job.id), data, if_updated_at=job.update_time)
        try:
            return replace(job, update_time=await self._documents.commit([write, *also]))
        except StoreUnavailable:
            found = await self.get(job.id)
            if found is None or found != replace(job, update_time=found.update_time):
                raise
            return found

    async def due(self, now: datetime, limit: int) -> list[Job]:
        """Jobs that a worker may take, the longest due first."""
        where = (Where("dueAt", "<=", now),)
        found = await self._documents.query(Query(COLLECTION, where, limit=limit))
        return [_from(snapshot) for snapshot in found]

    async def page(self, *, limit: int, after: list[Any] | None, state: JobState | None) -> Page[Job]:
        """One page, newest first."""
        found = await self._documents.query(
            Query(
                COLLECTION,
                (Where("state", "==", state),) if state else (),
                (Order("createdAt", descending=True),),
                limit + 1,
                (datetime.fromisoformat(after[0]), after[1]) if after else None,
            )
        )
        items = [_from(snapshot) for snapshot in found[:limit]]
        last = items[-1] if len(found) > limit else None
        return Page(items, None if last is None else [last.created_at.isoformat(), last.id])

    def part(self, job: Job, step: str, number: int, records: Records, now: datetime) -> Set:
        """One part of an export; the same one again when the step is done again."""
        body = orjson.dumps(records, option=orjson.OPT_UTC_Z)
        return Set(_part(job.id, step, number), {"body": body, "expiresAt": now + KEPT[job.kind]})

    async def parts(self, job: Job, wanted: Sequence[tuple[str, int]]) -> list[tuple[str, Records]]:
        """These parts, by step and number; those that were removed are left out."""
        found = await self._documents.get_many([_part(job.id, step, number) for step, number in wanted])
        return [
            (step, orjson.loads(snapshot.data["body"]))
            for (step, _), snapshot in zip(wanted, found, strict=True)
            if snapshot is not None
        ]

    async def remove(self, ident: str) -> int:
        """Delete a job, first of all, and then its parts: a worker on it is refused from then on. Gives how many."""
        gone = 0 if await self.get(ident) is None else 1
        await self._documents.commit([Delete(_path(ident))])
        while page := await self._documents.query(Query(f"{_path(ident)}/parts", limit=PAGE)):
            await self._documents.commit([Delete(found.path) for found in page])
            gone += len(page)
        return gone

    async def expired(self, now: datetime) -> Iterable[str]:
        """Ids of jobs whose result is kept no longer."""
        query = Query(COLLECTION, (Where("expiresAt", "<=", now),), limit=PAGE)
        return [found.id for found in await self._documents.query(query)]


def _path(ident: str) -> str:
    return f"{COLLECTION}/{ident}"


def _part(ident: str, step: str, number: int) -> str:
    return f"{_path(ident)}/parts/{step}-{number:05}"


def _to_data(job: Job) -> Data:
    data = {name: getattr(job, attribute) for name, attribute in _PLAIN}
    if job.subject is not None:
        data["subject"] = {
            "key": job.subject.key,
            "visitorKeys": list(job.subject.visitor_keys),
            "alias": job.subject.alias,
        }
    return {name: value for name, value in data.items() if value is not None}


def _from(snapshot: Snapshot) -> Job:
    data, subject = snapshot.data, snapshot.data.get("subject")
    return Job(
        snapshot.id,
        subject=subject and Subject(subject["key"], tuple(subject["visitorKeys"]), subject["alias"]),
        update_time=snapshot.update_time,
        **{attribute: data[name] for name, attribute in _PLAIN if name in data},
    )
