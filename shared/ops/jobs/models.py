"""``jobs/{id}``: work that outlives a request, one document for each person and kind (docs/people.md)."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Literal, get_args

from shared.people.hooks import Subject

JobKind = Literal[
    "export", "erasure", "retention", "profile_sync", "archive", "aggregation", "figures", "segments"
]
JobState = Literal["queued", "running", "done", "failed"]

LEASE: Final = timedelta(minutes=2)
"""How long a worker that says nothing is waited for; each step, and each page of one, renews it."""
MAX_ATTEMPTS: Final = 5
"""Tries of one job, counted before the work; a store's bad day counts for none."""
KEPT: Final[dict[JobKind, timedelta]] = {
    kind: timedelta(days=7 if kind == "export" else 30) for kind in get_args(JobKind)
}
"""How long what a job leaves can be read. That somebody was erased is in the audit trail for good."""


@dataclass(frozen=True, slots=True)
class Job:
    """A job as stored.

    ``due_at`` is when a worker may take it: its start, the end of another's lease, or the next try; None when it has
    ended. ``holder`` names the run that has it. ``subject`` is whom it is about, gone when it is done. ``steps`` counts the documents of each finished step;
    ``parts`` how many parts of an export each one made, ``under_way``
    the documents so far of a step that takes several runs. ``writes`` counts the writes of this document: no two are the same.
    """

    id: str
    kind: JobKind
    state: JobState
    created_at: datetime
    due_at: datetime | None = None
    holder: str | None = None
    subject: Subject | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None
    expires_at: datetime | None = None
    attempts: int = 0
    writes: int = 0
    error_code: str | None = None
    steps: dict[str, int] = field(default_factory=dict)
    parts: dict[str, int] = field(default_factory=dict)
    under_way: dict[str, int] = field(default_factory=dict)
    update_time: int | None = None

    @property
    def ended(self) -> bool:
        """Whether nobody works on it any more."""
        return self.state in ("done", "failed")
