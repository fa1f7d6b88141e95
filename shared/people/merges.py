"""Who turned out to be somebody we knew by a lesser name: a visitor who signed in, an address with a visitor id.

A visitor's profile goes into the person's and is deleted in the same commit, over the versions of both that were read:
it happens once, whatever is killed, repeated or done at the same time. An address's is copied, because others may stand
behind it, and only by who has taken in nobody before. The bounds and their reasons: docs/people.md.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

from shared.clients.documents.port import Documents, Write
from shared.kernel.errors import Unavailable
from shared.people.contention import ATTEMPTS, LOST, pause
from shared.people.hooks import PersonHooks
from shared.people.profiles.merging import asks_for, is_crowd, linked, merged
from shared.people.profiles.models import Profile
from shared.people.profiles.repository import ProfileRepository
from shared.people.visitors import Person


class Merges:
    """Takes in who somebody was.

    Args:
        documents: commits.
        repository: profiles.
        hooks: the areas; each makes what is the visitor's the person's before the visitor's profile goes.
    """

    def __init__(
        self, documents: Documents, repository: ProfileRepository, hooks: Sequence[PersonHooks]
    ) -> None:
        self._documents = documents
        self._repository = repository
        self._hooks = hooks

    async def take_in(
        self, person: Person, formerly: Person, rule: Callable[[Profile], Profile] = lambda profile: profile
    ) -> Profile:
        """Merge who they were into the person, apply the rule, commit both; gives the profile as it now is.

        2 to 4 reads, one query for each area and key, 1 write and 1 delete; a visitor who left nothing costs the reads,
        and once the write that remembers having looked. Raises Unavailable ``contended`` after five lost races.
        """
        for attempt in range(ATTEMPTS):
            try:
                return await self._once(person, formerly, rule)
            except LOST:
                await pause(attempt)
        raise Unavailable(code="contended")

    async def _once(self, person: Person, formerly: Person, rule: Callable[[Profile], Profile]) -> Profile:
        before, past = await self._repository.read_many([person, formerly])
        moves = before.stored_key is not None and before.stored_key == formerly.key
        if not formerly.shared and (past.update_time is not None or asks_for(before, formerly)):
            # before the commit: whoever dies in between leaves the visitor's profile, and all of this comes again
            for hook in self._hooks:
                await hook.merge(person.key, _keys(formerly))
        writes, after = self._writes(before, None if moves else past, formerly, rule)
        if not writes:
            return before
        await self._documents.commit(writes)
        return after

    def _writes(
        self, before: Profile, past: Profile | None, formerly: Person, rule: Callable[[Profile], Profile]
    ) -> tuple[list[Write], Profile]:
        """What makes it so; ``past`` None when the person's profile is the visitor's on the move."""
        known, gone = before, list[Write]()
        if past is not None and past.update_time is not None:
            if not formerly.shared:
                known, gone = merged(before, past), [self._repository.removal(past)]
            elif asks_for(before, formerly) and not is_crowd(past):
                # others behind the address have its places, too, and wishes of their own
                known = replace(
                    merged(before, past), bucket_id=before.bucket_id, preferences=before.preferences
                )
        after = linked(rule(known), formerly)
        return [*self._repository.writes(before, after), *gone], after


def _keys(visitor: Person) -> list[str]:
    return [key for key in (visitor.key, visitor.previous_key) if key]
