"""Jobs when a person is erased, and when their results are kept no longer (``people.hooks``)."""

from datetime import datetime

from shared.ops.jobs.repository import JobRepository
from shared.ops.jobs.rules import job_id
from shared.people.hooks import PersonHooks, Subject


class JobHooks(PersonHooks):
    """What exports have put together.

    Args:
        jobs: where they are.
        secret: HASH_SECRET.
    """

    name = "exports"

    def __init__(self, jobs: JobRepository, secret: str) -> None:
        self._jobs = jobs
        self._secret = secret

    async def erase(self, subject: Subject, at: datetime) -> int:
        """Remove the person's export, also one that is under way."""
        return await self._jobs.remove(job_id(self._secret, "export", subject.key))

    async def retain(self, now: datetime) -> int:
        """Remove jobs that ended long ago."""
        return sum([await self._jobs.remove(ident) for ident in await self._jobs.expired(now)])
