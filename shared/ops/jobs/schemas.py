"""Jobs on the wire (design/wire.md, People and operations)."""

from typing import Annotated, Any

from pydantic import Field

from shared.kernel.pagination import DEFAULT_LIMIT, MAX_LIMIT
from shared.kernel.wire import Moment, Wire
from shared.ops.jobs.models import JobKind, JobState


class Progress(Wire):
    """One part of the work: whether it is done, and how many documents it came to."""

    step: str
    done: bool
    documents: int = 0


class JobView(Wire):
    """A job as operators see it: of nobody in particular."""

    id: str
    kind: JobKind
    state: JobState
    created_at: Moment
    started_at: Moment | None = None
    finished_at: Moment | None = None
    expires_at: Moment | None = None
    attempts: int = 0
    error_code: str | None = None
    progress: list[Progress] = Field(default_factory=list)


class Section(Wire):
    """What one area holds about the person; a large one comes in several sections."""

    area: str
    records: list[dict[str, Any]]


class OwnJob(JobView):
    """One's own job; a finished export carries its ``result``, and ``nextCursor`` while there is more."""

    result: list[Section] | None = None
    next_cursor: str | None = None


class OwnJobQuery(Wire):
    """Where the result goes on."""

    cursor: Annotated[str, Field(max_length=2000)] | None = None


class JobsQuery(Wire):
    """Which jobs to list, newest first."""

    state: JobState | None = None
    limit: Annotated[int, Field(ge=1, le=MAX_LIMIT)] = DEFAULT_LIMIT
    cursor: Annotated[str, Field(max_length=2000)] | None = None


class JobList(Wire):
    """One page of jobs."""

    items: list[JobView]
    next_cursor: str | None = None
