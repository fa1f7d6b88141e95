"""How a job goes from one state to the next: pure."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from shared.kernel.ids import hashed_id
from shared.ops.jobs.models import KEPT, LEASE, MAX_ATTEMPTS, Job, JobKind, JobState
from shared.people.hooks import Subject

GAVE_UP: Final = "gave_up"
"""Error code of a job that ended its worker or failed five times."""
STORE_AWAY: Final = "store_away"
STEP_FAILED: Final = "step_failed"
_STORE_PAUSE: Final = timedelta(seconds=30)


def job_id(secret: str, kind: JobKind, key: str) -> str:
    """The one job of that kind for a person: nobody else can name it, and it names nobody.

    ``secret`` is HASH_SECRET; ``key`` the person's key, or empty for a job that is about nobody.
    """
    return hashed_id("j", secret, kind, key)


def opened(ident: str, kind: JobKind, key: str, now: datetime) -> Job:
    """A new job, due at once."""
    return Job(ident, kind, "queued", now, now, subject=Subject(key) if key else None)


def noted(
    ident: str, kind: JobKind, state: JobState, steps: Mapping[str, int], *, before: Job | None, now: datetime
) -> Job:
    """A job that is done elsewhere, as its state is told from there: no worker takes it. ``before`` is the one that stands there."""
    job = before or Job(ident, kind, state, now, started_at=now)
    if state == "running":
        began = Job(ident, kind, state, now, started_at=now, attempts=1)
        return replace(began, writes=job.writes, update_time=job.update_time)
    code = GAVE_UP if state == "failed" else None
    ended = replace(job, state=state, steps=dict(steps), error_code=code)
    return replace(ended, finished_at=now, expires_at=now + KEPT[kind])


def claimed(job: Job, holder: str, subject: Subject | None, now: datetime) -> Job:
    """The job in the hands of a worker, for as long as its lease lasts; failed when too many have tried."""
    if job.attempts >= MAX_ATTEMPTS:
        # whom nobody has erased yet must be found until somebody has
        end = None if job.kind == "erasure" else now + KEPT[job.kind]
        return replace(job, state="failed", error_code=GAVE_UP, due_at=None, finished_at=now, expires_at=end)
    return replace(
        job,
        state="running",
        attempts=job.attempts + 1,
        holder=holder,
        subject=subject,
        started_at=job.started_at or now,
        due_at=now + LEASE,
    )


def beating(job: Job, now: datetime) -> Job:
    """The job with its lease renewed."""
    return replace(job, due_at=now + LEASE)


def stepped(job: Job, step: str, documents: int, parts: int, now: datetime) -> Job:
    """The job after one more finished step."""
    made = {**job.parts, step: parts} if parts else job.parts
    return replace(beating(job, now), steps={**job.steps, step: documents}, parts=made)


def advanced(job: Job, step: str, documents: int, now: datetime) -> Job:
    """The job after that many more documents of a step that goes on."""
    known = job.under_way.get(step, 0)
    return replace(beating(job, now), under_way={**job.under_way, step: known + documents})


def put_down(job: Job, now: datetime) -> Job:
    """The job in nobody's hands, due at once: what it has done was no failed try."""
    return replace(job, attempts=job.attempts - 1, error_code=None, due_at=now)


def finished(job: Job, now: datetime) -> Job:
    """The job at its end: without its person, and for as long as its result is kept."""
    return replace(
        job,
        state="done",
        subject=None,
        error_code=None,
        due_at=None,
        finished_at=now,
        expires_at=now + KEPT[job.kind],
    )


def postponed(job: Job, now: datetime, *, store_away: bool) -> Job:
    """The job for its next try: soon and uncounted when the store is away, else after 2, 4, 8, 16 minutes."""
    if store_away:
        return replace(job, attempts=job.attempts - 1, error_code=STORE_AWAY, due_at=now + _STORE_PAUSE)
    pause = timedelta(minutes=2**job.attempts)
    return replace(job, error_code=STEP_FAILED, due_at=now + pause)
