"""The former site's rows when a person is erased: what is still there would bring them back."""

from datetime import datetime

from shared.clients.analytics.port import Analytics
from shared.people.hooks import PersonHooks, Subject
from shared.people.sync.rules import LOGINS


class FormerSiteHooks(PersonHooks):
    """The part of the former site's sign-ins. Its visitors are known by no name that the app has."""

    name = "formerSite"

    def __init__(self, legacy: Analytics) -> None:
        self._legacy = legacy

    async def erase(self, subject: Subject, at: datetime) -> int:
        """Delete the person's sign-ins."""
        return await self._legacy.delete(LOGINS, {"firebaseUserId": subject.key})
