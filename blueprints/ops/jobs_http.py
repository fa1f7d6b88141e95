"""What is held about a person: told, or erased; and the jobs that do it (design/wire.md, People and operations)."""

from typing import Final

import azure.functions as func

from shared.http.call import Answer, Call
from shared.http.endpoint import endpoint
from shared.kernel.errors import Conflict, Invalid, Malformed, NotFound, Unavailable
from shared.ops.jobs.schemas import JobList, JobsQuery, JobView, OwnJob, OwnJobQuery
from shared.people.access import Role
from shared.wiring import app

bp = func.Blueprint()

_QUEUED: Final = {
    "id": "j_7h3k2mq5w4x6y2n4p6r3t5v7z2",
    "kind": "export",
    "state": "queued",
    "createdAt": "2025-11-03T10:00:00Z",
    "attempts": 0,
    "progress": [{"step": "profile", "done": False, "documents": 0}],
}
_DONE: Final = {
    **_QUEUED,
    "state": "done",
    "startedAt": "2025-11-03T10:01:00Z",
    "finishedAt": "2025-11-03T10:01:01Z",
    "expiresAt": "2025-11-10T10:01:01Z",
    "attempts": 1,
    "progress": [{"step": "profile", "done": True, "documents": 1}],
}


@endpoint(
    bp,
    "POST",
    "people/me/export",
    role=Role.USER,
    summary="Ask for all that is held about oneself.",
    description=(
        "Answers with a job, to be looked at where `Location` says; it begins within a minute. While one is under way, "
        "that one is answered. Its result is kept for 7 days; a new export takes the place of the last."
    ),
    answers={202: JobView},
    errors=[Conflict, Invalid, Malformed, Unavailable],
    idempotency="optional",
    event="person_export",
    answer_example=_QUEUED,
)
async def people_me_export(call: Call) -> Answer:
    """The export, under way."""
    return _accepted(await app().jobs.open("export", call.principal.uid or ""))


@endpoint(
    bp,
    "POST",
    "people/me/erasure",
    role=Role.USER,
    summary="Have all that is held about oneself erased.",
    description=(
        "Answers with a job, to be looked at where `Location` says; it begins within a minute and takes less than another. "
        "What stays is a proof that names nobody. The account itself is Firebase's: who signs in again begins anew."
    ),
    answers={202: JobView},
    errors=[Conflict, Invalid, Malformed, Unavailable],
    idempotency="optional",
    event="person_erasure",
    answer_example={**_QUEUED, "kind": "erasure"},
)
async def people_me_erasure(call: Call) -> Answer:
    """The erasure, under way."""
    return _accepted(await app().jobs.open("erasure", call.principal.uid or ""))


@endpoint(
    bp,
    "GET",
    "jobs/{id}",
    role=Role.USER,
    summary="Look at one's own job.",
    description=(
        "A finished export carries its `result`, section by section; a large one goes on behind `nextCursor`. Poll with "
        "`If-None-Match`. Another's job is 404."
    ),
    query=OwnJobQuery,
    answers={200: OwnJob},
    errors=[Invalid, Malformed, NotFound],
    answer_example={**_DONE, "result": [{"area": "profile", "records": [{"displayName": "Ana"}]}]},
)
async def jobs_read(call: Call[None, OwnJobQuery]) -> Answer:
    """The job."""
    job, version = await app().jobs.own(call.path["id"], call.principal.uid or "", call.query.cursor)
    return Answer(job, etag=version)


@endpoint(
    bp,
    "GET",
    "ops/jobs",
    role=Role.OPERATOR,
    summary="List jobs, newest first.",
    description="Whose they are is not told.",
    query=JobsQuery,
    answers={200: JobList},
    errors=[Invalid, Malformed],
    answer_example={"items": [_DONE]},
)
async def ops_jobs_list(call: Call[None, JobsQuery]) -> Answer:
    """One page of jobs."""
    return Answer(await app().jobs.page(call.query))


def _accepted(job: JobView) -> Answer:
    return Answer(job, status=202, headers={"Location": f"/api/jobs/{job.id}"})
