"""Asking for jobs and looking at them (design/wire.md, People and operations)."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Final, get_args

from shared.clients.errors import StoreUnavailable
from shared.kernel import telemetry
from shared.kernel.clock import Clock
from shared.kernel.errors import NotFound, Unavailable
from shared.kernel.pagination import Cursors
from shared.ops.jobs import rules
from shared.ops.jobs.models import Job, JobKind, JobState
from shared.ops.jobs.repository import JobRepository
from shared.ops.jobs.schemas import JobList, JobsQuery, JobView, OwnJob, Progress, Section
from shared.people.contention import ATTEMPTS, LOST, pause

PARTS_A_PAGE: Final = 8
"""Parts of an export in one answer: about 2 MB at most."""


class Jobs:
    """Opens jobs, and shows them to their owners and to operators.

    Args:
        jobs: where they are.
        steps: names of the parts, in order.
        secret: HASH_SECRET, from which ids are made: a job's id is a function of its person and kind.
        cursors: signs positions.
        clock: the time.
        errands: names of the parts of jobs that have others.
    """

    def __init__(
        self,
        jobs: JobRepository,
        steps: Sequence[str],
        secret: str,
        cursors: Cursors,
        clock: Clock,
        *,
        errands: Mapping[JobKind, Sequence[str]] = MappingProxyType({}),
    ) -> None:
        self._jobs = jobs
        self._steps = steps
        self._errands = errands
        self._secret = secret
        self._cursors = cursors
        self._clock = clock

    async def open(self, kind: JobKind, key: str = "") -> JobView:
        """The person's job of that kind: the one under way, else a new one, due at once (1 read, 1 write).

        Raises Unavailable ``contended``.
        """
        ident = rules.job_id(self._secret, kind, key)
        for attempt in range(ATTEMPTS):
            found = await self._jobs.get(ident)
            if found is not None and not found.ended:
                return self._view(found)
            version = None if found is None else found.update_time
            new = replace(rules.opened(ident, kind, key, self._clock.now()), update_time=version)
            try:
                return self._view(await self._jobs.save(new))
            except LOST:
                await pause(attempt)
        raise Unavailable(code="contended")

    async def note(self, kind: JobKind, state: JobState, steps: Mapping[str, int]) -> None:
        """Tell of work that is done elsewhere, an orchestration's (1 read, 1 write). Where that cannot be written down, the work goes on."""
        ident = rules.job_id(self._secret, kind, "")
        for attempt in range(ATTEMPTS):
            try:
                found = await self._jobs.get(ident)
                now = self._clock.now()
                await self._jobs.save(rules.noted(ident, kind, state, steps, before=found, now=now))
            except LOST:
                await pause(attempt)
            except StoreUnavailable as error:
                telemetry.log().warning("job_not_noted", kind=kind, state=state, exc_info=error)
                return
            else:
                return

    async def own(self, ident: str, key: str, cursor: str | None) -> tuple[OwnJob, str]:
        """One's own job and its version. Raises NotFound for another's, Malformed for a cursor of another list."""
        mine = {rules.job_id(self._secret, kind, key) for kind in get_args(JobKind)}
        job = await self._jobs.get(ident) if ident in mine else None
        if job is None:
            raise NotFound
        shown, version = self._view(job).model_dump(), str(job.update_time)
        query = f"job:{ident}:{version}"
        after = self._cursors.decode(cursor, query=query)
        if job.kind != "export" or job.state != "done":
            return OwnJob(**shown), version
        sections, position = await self._result(job, after)
        return OwnJob(
            **shown, result=sections, next_cursor=self._cursors.encode(position, query=query)
        ), version

    async def page(self, asked: JobsQuery) -> JobList:
        """One page of all jobs, newest first."""
        query = f"jobs:{asked.state}"
        found = await self._jobs.page(
            limit=asked.limit, after=self._cursors.decode(asked.cursor, query=query), state=asked.state
        )
        return JobList(
            items=[self._view(job) for job in found.items],
            next_cursor=self._cursors.encode(found.position, query=query),
        )

    async def _result(self, job: Job, after: list[int] | None) -> tuple[list[Section], list[int] | None]:
        wanted = [(step, number) for step in self._steps for number in range(job.parts.get(step, 0))]
        start = after[0] if after else 0
        end = start + PARTS_A_PAGE
        parts = await self._jobs.parts(job, wanted[start:end])
        sections = [Section(area=step, records=records) for step, records in parts]
        return sections, [end] if end < len(wanted) else None

    def _view(self, job: Job) -> JobView:
        return JobView(
            id=job.id,
            kind=job.kind,
            state=job.state,
            created_at=job.created_at,
            started_at=job.started_at,
            finished_at=job.finished_at,
            expires_at=job.expires_at,
            attempts=job.attempts,
            error_code=job.error_code,
            progress=[
                Progress(
                    step=step,
                    done=step in job.steps,
                    documents=job.steps.get(step, job.under_way.get(step, 0)),
                )
                for step in self._errands.get(job.kind, self._steps)
            ],
        )
