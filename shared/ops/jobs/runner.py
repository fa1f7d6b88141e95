"""The worker of jobs: takes what is due, does its steps in order, and can be killed between any two of them.

A lease keeps two workers from one job. Should one be overtaken all the same, its next write is refused, because every
write names the version that it follows; and what it did until then, the other may do again.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType
from typing import Final

import orjson

from shared.clients.documents.port import Write
from shared.clients.errors import StoreUnavailable
from shared.kernel import telemetry
from shared.kernel.clock import Clock
from shared.kernel.ids import IdSource
from shared.ops.jobs import rules
from shared.ops.jobs.models import Job, JobKind
from shared.ops.jobs.repository import JobRepository, Records
from shared.people import audit
from shared.people.contention import LOST
from shared.people.hooks import Errand, PersonHooks, Subject
from shared.people.profiles.hooks import subject_of
from shared.people.profiles.repository import ProfileRepository
from shared.people.visitors import Person

ERASED: Final = "person.erased"
MAX_DUE: Final = 50
"""Jobs that one run takes."""
SLICE: Final = timedelta(seconds=20)
"""After how long an errand is put down until the next run: others go by the same timer."""
_AT_ONCE: Final = 4
_PART_RECORDS: Final = 100
_PART_BYTES: Final = 256 * 1024


class _Overtaken(Exception):
    """Another worker has the job, or it was removed."""


@dataclass
class _Run:
    """One worker's hold on one job."""

    jobs: JobRepository
    job: Job

    async def save(self, job: Job, *also: Write) -> None:
        try:
            self.job = await self.jobs.save(job, *also)
        except LOST:
            raise _Overtaken from None


class JobRunner:
    """Runs jobs.

    Args:
        jobs: where they are.
        hooks: the areas' parts, in the order in which they are done.
        profiles: tells whom a person is known to have been.
        clock: the time.
        ids: names runs, and draws the alias under which an erasure is proven.
        errands: the steps of jobs that are about nobody and have steps of their own.
    """

    def __init__(
        self,
        jobs: JobRepository,
        hooks: Sequence[PersonHooks],
        profiles: ProfileRepository,
        clock: Clock,
        ids: IdSource,
        *,
        errands: Mapping[JobKind, Sequence[Errand]] = MappingProxyType({}),
    ) -> None:
        self._jobs = jobs
        self._hooks = hooks
        self._errands = errands
        self._profiles = profiles
        self._clock = clock
        self._ids = ids

    async def run_due(self, *, errands: bool | None = None) -> int:
        """Do what is due, at most MAX_DUE jobs; gives how many were taken. Raises StoreUnavailable.

        ``errands`` True: only jobs that are errands, False: only the others, so that nobody's erasure waits for them.
        """
        due = [
            job
            for job in await self._jobs.due(self._clock.now(), MAX_DUE)
            if errands in (None, job.kind in self._errands)
        ]
        gate = asyncio.Semaphore(_AT_ONCE)

        async def take(job: Job) -> None:
            async with gate:
                await self._take(job)

        await asyncio.gather(*map(take, due))
        return len(due)

    async def _take(self, job: Job) -> None:
        run = _Run(self._jobs, job)
        try:
            await self._work(run)
        except _Overtaken:
            telemetry.log().info("job_overtaken", job=job.id)
        except Exception as error:  # noqa: BLE001 - one job's mistake is not the others'
            telemetry.log().error("job_step_failed", job=job.id, kind=job.kind, exc_info=error)
            if run.job is not job:  # else it was never taken, and is as due as before
                await self._postpone(run, store_away=isinstance(error, StoreUnavailable))

    async def _work(self, run: _Run) -> None:
        holder, subject = self._ids.new("run"), await self._subject(run.job)
        await run.save(rules.claimed(run.job, holder, subject, self._clock.now()))
        if run.job.ended:
            telemetry.log().error("job_failed", job=run.job.id, kind=run.job.kind)
            return
        steps: Sequence[PersonHooks | Errand] = self._errands.get(run.job.kind, self._hooks)
        for step in steps:
            if step.name not in run.job.steps:
                done = await self._step(run, step)
                if done is None:
                    await run.save(rules.put_down(run.job, self._clock.now()))
                    return
                await run.save(rules.stepped(run.job, step.name, *done, self._clock.now()))
        await run.save(rules.finished(run.job, self._clock.now()), *self._proof(run.job))

    async def _step(self, run: _Run, hook: PersonHooks | Errand) -> tuple[int, int] | None:
        """One area's part; how many documents and parts of an export it came to, None while there is more to do."""
        job = run.job
        if not isinstance(hook, PersonHooks):
            return await self._went(run, hook)
        if job.subject is None:
            return await hook.retain(self._clock.now()), 0
        if job.kind == "erasure":
            return await hook.erase(job.subject, job.started_at or self._clock.now()), 0
        documents = parts = 0
        async for records in _in_parts(hook, job.subject):
            now = self._clock.now()
            part = self._jobs.part(run.job, hook.name, parts, records, now)
            await run.save(rules.beating(run.job, now), part)
            documents, parts = documents + len(records), parts + 1
        return documents, parts

    async def _went(self, run: _Run, errand: Errand) -> tuple[int, int] | None:
        """An errand, piece by piece, for a slice of time; how many documents it came to, None while there is more to do."""
        until = self._clock.now() + SLICE
        async with aclosing(errand.run()) as pieces:
            async for number, kept in pieces:
                await run.save(rules.advanced(run.job, errand.name, number, self._clock.now()), *kept)
                if self._clock.now() >= until:
                    return None
        return run.job.under_way.get(errand.name, 0), 0

    async def _subject(self, job: Job) -> Subject | None:
        """The person with all that is known of them; what an earlier try has found stays, the profile may be gone."""
        if job.subject is None:
            return None
        found = subject_of(await self._profiles.read(Person(job.subject.key, "user")))
        keys = dict.fromkeys([*job.subject.visitor_keys, *found.visitor_keys])
        return Subject(job.subject.key, tuple(keys), job.subject.alias or found.alias)

    def _proof(self, job: Job) -> list[Write]:
        """That somebody was erased, when, and how much of each part: no word on who."""
        if job.kind != "erasure":
            return []
        someone, at = self._ids.new("al"), self._clock.now()
        return [audit.entry(ERASED, at=at, actor="jobs", subject=someone, detail={"documents": job.steps})]

    async def _postpone(self, run: _Run, *, store_away: bool) -> None:
        try:
            await run.save(rules.postponed(run.job, self._clock.now(), store_away=store_away))
        except (_Overtaken, StoreUnavailable):
            telemetry.log().info("job_left_to_its_lease", job=run.job.id)


async def _in_parts(hook: PersonHooks, subject: Subject) -> AsyncIterator[Records]:
    """What a hook exports, in parts that fit a document."""
    part: Records = []
    size = 0
    async for record in hook.export(subject):
        part.append(record)
        size += len(orjson.dumps(record))
        if len(part) >= _PART_RECORDS or size >= _PART_BYTES:
            yield part
            part, size = [], 0
    if part:
        yield part
