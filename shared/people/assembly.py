"""Who people are to this worker, built on first use; every area's assembly stands on it."""

from functools import cached_property
from typing import TYPE_CHECKING

from shared.clients.analytics.port import Analytics
from shared.clients.assembly import Clients
from shared.kernel.pagination import Cursors
from shared.people.archive.keys import ArchiveKeys
from shared.people.erasures import Erasures
from shared.people.profiles.news import ProfileNews
from shared.people.profiles.repository import ProfileRepository
from shared.people.purge import VisitorPurge
from shared.people.server_keys import ServerKeys
from shared.people.sync.rules import LOGINS, VISITS
from shared.people.sync.service import ProfileSync
from shared.people.visitors import Visitors

if TYPE_CHECKING:
    from shared.people.archive.service import Archive


class People(Clients):
    """Profiles, keys and cursors."""

    @cached_property
    def cursors(self) -> Cursors:
        """Signed list cursors."""
        return Cursors(self.signing_secrets)

    @cached_property
    def profile_repository(self) -> ProfileRepository:
        """Profiles as documents."""
        return ProfileRepository(self.documents, self.ids)

    @cached_property
    def profile_news(self) -> ProfileNews:
        """Tells areas above of profiles that change."""
        return ProfileNews(self.queues, self.clock, self.ids)

    @cached_property
    def erasures(self) -> Erasures:
        """Who was erased lately."""
        return Erasures(self.documents, self.hash_secret)

    @cached_property
    def archive_keys(self) -> ArchiveKeys:
        """People's keys to what is archived of them."""
        return ArchiveKeys(self.documents, self.hash_secret)

    @cached_property
    def archive(self) -> "Archive":
        """What left the live stores."""
        from shared.people.archive.service import Archive  # noqa: PLC0415 - cold start: few jobs need it

        return Archive(self.documents, self.blobs, self.archive_keys, self.clock)

    @cached_property
    def visitors(self) -> Visitors:
        """Keys of callers."""
        return Visitors(self.hash_secret, self.settings.epoch)

    @cached_property
    def visitor_purge(self) -> VisitorPurge:
        """The end of visitors who stayed away."""
        return VisitorPurge(self.documents, self.clock)

    @cached_property
    def server_keys(self) -> ServerKeys:
        """Keys of our own servers."""
        return ServerKeys(self.settings.server_keys)

    @cached_property
    def profile_syncs(self) -> tuple[ProfileSync, ...]:
        """The former site's visitors into profiles; none where there is no former site."""
        legacy = self.legacy
        if legacy is None:
            return ()
        steps = (("visits", VISITS), ("logins", LOGINS))
        return tuple(self._profile_sync(name, collection, legacy) for name, collection in steps)

    def _profile_sync(self, name: str, collection: str, legacy: Analytics) -> ProfileSync:
        return ProfileSync(
            name,
            collection,
            legacy=legacy,
            documents=self.documents,
            profiles=self.profile_repository,
            erasures=self.erasures,
            visitors=self.visitors,
            clock=self.clock,
        )
