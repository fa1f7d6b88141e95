"""The profile itself when a person is exported or erased (``people.hooks``). It is merged by ``people.merges``."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Final

from shared.clients.documents.port import Data, Delete, Documents
from shared.people import erasures
from shared.people.hooks import PersonHooks, Subject, delete_expired
from shared.people.profiles.merging import ADDRESS
from shared.people.profiles.models import Profile
from shared.people.profiles.repository import path_of

_HIDDEN: Final = frozenset({"linkedKeys", "alias"})
"""Keys of visitors never leave the server; the alias would tie its person to what outlives them."""


class ProfileHooks(PersonHooks):
    """The person's profile, and those of the visitors they are known to have been.

    Args:
        documents: the store.
        marks: remembers that somebody was erased.
    """

    name = "profile"

    def __init__(self, documents: Documents, marks: erasures.Erasures) -> None:
        self._documents = documents
        self._marks = marks

    async def export(self, subject: Subject) -> AsyncIterator[Data]:
        """The profile."""
        found = await self._documents.get(path_of(subject.key))
        if found is not None:
            yield {name: value for name, value in found.data.items() if name not in _HIDDEN}

    async def erase(self, subject: Subject, at: datetime) -> int:
        """Delete the profiles and mark the person erased, in one commit.

        A visitor who came back since they were merged goes as well: it is this person's browser.
        """
        paths = [path_of(key) for key in (subject.key, *subject.visitor_keys)]
        found = [
            path
            for path, snapshot in zip(paths, await self._documents.get_many(paths), strict=True)
            if snapshot
        ]
        await self._documents.commit([*map(Delete, found), self._marks.mark(subject.key, at)])
        return len(found)

    async def retain(self, now: datetime) -> int:
        """Forget that people were erased, once nothing from before can arrive any more."""
        return await delete_expired(self._documents, erasures.COLLECTION, now)


def subject_of(profile: Profile) -> Subject:
    """The person of a profile, as the hooks know them."""
    visitors = tuple(key for key in profile.linked_keys if key != ADDRESS)
    return Subject(profile.person_key, visitors, profile.alias)
