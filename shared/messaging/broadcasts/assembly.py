"""What broadcasts are made of, built on first use from what the wiring gives."""

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import Protocol

from shared.analytics.intake.service import Tracking
from shared.analytics.segments.members import SegmentMembers
from shared.clients.documents.port import Documents
from shared.clients.queues.port import Queues
from shared.clients.webhooks.port import Webhooks
from shared.kernel.clock import Clock
from shared.kernel.ids import IdSource
from shared.kernel.pagination import Cursors
from shared.kernel.rates import Meter
from shared.kernel.settings import Settings
from shared.kernel.signing import Seal
from shared.messaging.broadcasts.accepting import Accepting
from shared.messaging.broadcasts.announcing import Announcements
from shared.messaging.broadcasts.audience import Audiences
from shared.messaging.broadcasts.cooldown import Cooldowns
from shared.messaging.broadcasts.delivering import Delivering
from shared.messaging.broadcasts.estimating import Estimating
from shared.messaging.broadcasts.pipe import Pipe, Sleep
from shared.messaging.broadcasts.pushing import Pushes
from shared.messaging.broadcasts.recipients import Recipients
from shared.messaging.broadcasts.repository import BroadcastRepository
from shared.messaging.broadcasts.running import Running
from shared.messaging.broadcasts.segment_estimating import SegmentEstimating
from shared.messaging.broadcasts.segments import SegmentAudiences
from shared.messaging.broadcasts.service import Broadcasts
from shared.messaging.broadcasts.settling import Settling
from shared.messaging.broadcasts.waking import Waking
from shared.messaging.deliveries.repository import DeliveryRepository
from shared.messaging.inbox.repository import InboxRepository
from shared.people.devices.service import Devices
from shared.people.favorites.service import Favorites
from shared.people.profiles.repository import ProfileRepository
from shared.premium.credits.service import Credits
from shared.premium.tiers import TierTable


class Worker(Protocol):
    """What broadcasts need of their worker (``shared.wiring.App``)."""

    @property
    def settings(self) -> Settings:
        """The settings."""
        ...

    @property
    def clock(self) -> Clock:
        """The time."""
        ...

    @property
    def ids(self) -> IdSource:
        """New ids."""
        ...

    @property
    def documents(self) -> Documents:
        """The document store."""
        ...

    @property
    def queues(self) -> Queues:
        """Queues."""
        ...

    @property
    def webhooks(self) -> Webhooks | None:
        """Where ends are told to, if anywhere."""
        ...

    @property
    def signing_secrets(self) -> list[str]:
        """Keys of digests."""
        ...

    @property
    def cursors(self) -> Cursors:
        """Signed positions."""
        ...

    @property
    def meter(self) -> Meter:
        """Rate limits."""
        ...

    @property
    def profile_repository(self) -> ProfileRepository:
        """Profiles."""
        ...

    @property
    def deliveries(self) -> DeliveryRepository:
        """Deliveries."""
        ...

    @property
    def inbox_items(self) -> InboxRepository:
        """Inbox items."""
        ...

    @property
    def favorites(self) -> Favorites:
        """Who follows."""
        ...

    @property
    def devices(self) -> Devices:
        """Where notifications go."""
        ...

    @property
    def tracking(self) -> Tracking:
        """What figures are told."""
        ...

    @property
    def credits(self) -> Credits:
        """Credits."""
        ...

    @property
    def segment_members(self) -> SegmentMembers:
        """People of segments."""
        ...

    @property
    def tiers(self) -> TierTable:
        """What tiers may do."""
        ...


@dataclass
class Broadcasting:
    """Broadcasts of one worker."""

    worker: Worker
    sleep: Sleep = asyncio.sleep

    @cached_property
    def repository(self) -> BroadcastRepository:
        """Broadcasts as documents."""
        return BroadcastRepository(self.worker.documents)

    @cached_property
    def waking(self) -> Waking:
        """Wake-ups of orchestrations."""
        return Waking(self.worker.queues, self.repository, self.worker.clock)

    @cached_property
    def accepting(self) -> Accepting:
        """Dry runs and new broadcasts."""
        looked_at = self.worker.settings.simulation_profiles
        return Accepting(
            documents=self.worker.documents,
            repository=self.repository,
            audiences=self._audiences,
            estimating=Estimating(self._audiences, self._recipients, self.worker.clock, looked_at),
            segment_estimating=SegmentEstimating(
                self._audiences, self._recipients, self.worker.clock, looked_at
            ),
            ledger=self.worker.credits,
            tiers=self.worker.tiers,
            cooldowns=self._cooldowns,
            waking=self.waking,
            profiles=self.worker.profile_repository,
            meter=self.worker.meter,
            seal=Seal(self.worker.signing_secrets, "broadcast"),
            settings=self.worker.settings,
            clock=self.worker.clock,
            ids=self.worker.ids,
        )

    @cached_property
    def service(self) -> Broadcasts:
        """Broadcasts for their organizers."""
        return Broadcasts(
            documents=self.worker.documents,
            repository=self.repository,
            deliveries=self.worker.deliveries,
            waking=self.waking,
            announcements=self._announcements,
            clock=self.worker.clock,
            cursors=self.worker.cursors,
        )

    @cached_property
    def running(self) -> Running:
        """Steps of broadcasts."""
        return Running(
            documents=self.worker.documents,
            repository=self.repository,
            audiences=self._audiences,
            delivering=Delivering(
                documents=self.worker.documents,
                items=self.worker.inbox_items,
                recipients=self._recipients,
                pushes=self._pushes,
                tracking=self.worker.tracking,
                clock=self.worker.clock,
                kept=timedelta(days=self.worker.settings.inbox_days),
            ),
            pushes=self._pushes,
            settling=Settling(
                repository=self.repository,
                ledger=self.worker.credits,
                cooldowns=self._cooldowns,
                announcements=self._announcements,
                clock=self.worker.clock,
            ),
            pipe=Pipe(self.worker.documents, self.worker.clock, self.worker.settings.bulk_writes_per_second),
            clock=self.worker.clock,
            sleep=self.sleep,
        )

    @cached_property
    def _audiences(self) -> Audiences:
        return Audiences(
            documents=self.worker.documents,
            favorites=self.worker.favorites,
            profiles=self.worker.profile_repository,
            deliveries=self.worker.deliveries,
            segments=SegmentAudiences(self.worker.segment_members),
        )

    @cached_property
    def _recipients(self) -> Recipients:
        return Recipients(
            self.worker.favorites, self.worker.profile_repository, self.worker.settings, self.worker.clock
        )

    @cached_property
    def _pushes(self) -> Pushes:
        return Pushes(
            documents=self.worker.documents,
            deliveries=self.worker.deliveries,
            profiles=self.worker.profile_repository,
            recipients=self._recipients,
            devices=self.worker.devices,
            tracking=self.worker.tracking,
            clock=self.worker.clock,
        )

    @cached_property
    def _cooldowns(self) -> Cooldowns:
        return Cooldowns(self.worker.documents)

    @cached_property
    def _announcements(self) -> Announcements:
        return Announcements(self.worker.documents, self.worker.webhooks, self.worker.clock)
