"""Use cases of campaigns: list, create, get, change, archive, versions."""

from collections.abc import Callable, Collection, Mapping
from typing import Final

from shared.clients.documents.port import MAX_IN, Documents
from shared.clients.errors import AlreadyExists, Stale
from shared.kernel.clock import Clock
from shared.kernel.errors import (
    AppError,
    Conflict,
    Fault,
    Invalid,
    NotFound,
    PreconditionFailed,
    PreconditionRequired,
)
from shared.kernel.ids import IdSource, hashed_id
from shared.kernel.pagination import Cursors
from shared.messaging.campaigns import rules
from shared.messaging.campaigns.models import Campaign
from shared.messaging.campaigns.repository import CampaignRepository
from shared.messaging.campaigns.schemas import (
    CampaignList,
    CampaignsQuery,
    ChangeCampaign,
    CreateCampaign,
    VersionsQuery,
)
from shared.messaging.experiments.rules import exclusive
from shared.messaging.inbox.withdrawals import withdrawal_of
from shared.people.access import Principal

ARCHIVE_ATTEMPTS: Final = 3
"""How often an archiving that meets another's change is tried in all."""


class Campaigns:
    """Campaigns for their admins and organizers; another organizer's campaign does not exist for the caller.

    Args:
        documents: the store.
        clock: tells when something was made or changed.
        ids: new ids.
        cursors: signs positions in lists.
        on_change: hears of every campaign that was stored here, so that this instance decides with it at once.
    """

    def __init__(
        self,
        documents: Documents,
        clock: Clock,
        ids: IdSource,
        cursors: Cursors,
        on_change: Callable[[Campaign], None] = lambda _: None,
    ) -> None:
        self._store = CampaignRepository(documents)
        self._clock = clock
        self._ids = ids
        self._cursors = cursors
        self._on_change = on_change

    async def active(self) -> list[Campaign]:
        """Every active campaign, in one query: what decisions are made of."""
        return await self._store.active()

    async def at_versions(self, versions: Mapping[str, int]) -> list[Campaign]:
        """Campaigns as they stood at these versions, by their ids (1 read each): what past decisions were made of."""
        return await self._store.at_versions(versions) if versions else []

    async def page(self, principal: Principal, query: CampaignsQuery) -> CampaignList:
        """A page of the campaigns the caller may see, newest first. Raises NotFound, Malformed for a bad cursor."""
        organizers = _organizers(principal, query.organizer_id)
        if organizers is not None and not organizers:
            return CampaignList(items=[])
        text = f"campaigns|{query.status}|{query.type}|{query.organizer_id}|{principal.uid}"
        page = await self._store.page(
            limit=query.limit,
            after=self._cursors.decode(query.cursor, query=text),
            status=query.status,
            kind=query.type,
            organizers=organizers,
        )
        return CampaignList(items=page.items, next_cursor=self._cursors.encode(page.position, query=text))

    async def create(
        self, principal: Principal, body: CreateCampaign, *, seed: str | None = None
    ) -> Campaign:
        """Store a new campaign (2 writes); with a seed a repeat finds the campaign of the first time.

        Raises Forbidden, NotFound for another's organizer, Invalid, Conflict for a part of a namespace that is taken.
        """
        rules.authorise_create(principal, body)
        ident = self._ids.new("c") if seed is None else hashed_id("c", seed)
        campaign = rules.first_version(body, ident=ident, author=principal.uid or "", now=self._clock.now())
        await self._ensure_exclusive(campaign)
        try:
            await self._store.create(campaign)
        except AlreadyExists:
            # a repeat of the caller's, or the store's own after a lost answer
            campaign = await self.get(principal, ident)
        self._on_change(campaign)
        return campaign

    async def get(self, principal: Principal, ident: str) -> Campaign:
        """One campaign (1 read). Raises NotFound."""
        return (await self._read(principal, ident))[0]

    async def change(
        self, principal: Principal, ident: str, change: ChangeCampaign, *, if_match: str | None
    ) -> Campaign:
        """Replace some fields over the version named by ``if_match`` (1 read, 2 writes; nothing new: no write; an active
        campaign in a namespace: a query).

        Raises NotFound, PreconditionRequired without ``if_match``, PreconditionFailed when another version is the
        present one, Conflict for a state that cannot follow or a part of a namespace that is taken, Invalid.
        """
        if if_match is None:
            raise PreconditionRequired("Say in If-Match which version you change.")
        stored, update_time = await self._read(principal, ident)
        if if_match != str(stored.version):
            if await self._made_already(stored, change, if_match):
                return stored
            raise PreconditionFailed("The campaign was changed in the meantime.")
        changed = rules.next_version(stored, change, now=self._clock.now())
        if changed is stored:
            return stored
        await self._ensure_exclusive(changed)
        if not await self._replace(changed, update_time):
            raise PreconditionFailed("The campaign was changed in the meantime.")
        return changed

    async def archive(self, principal: Principal, ident: str) -> None:
        """End a campaign for good; one that has ended stays as it is. Raises NotFound, Conflict under contention."""
        for _ in range(ARCHIVE_ATTEMPTS):
            stored, update_time = await self._read(principal, ident)
            ended = rules.next_version(stored, ChangeCampaign(status="archived"), now=self._clock.now())
            if ended is stored or await self._replace(ended, update_time):
                return
        raise Conflict("The campaign is being changed.", code="campaign_contended", retry_after=1)

    async def versions(self, principal: Principal, ident: str, query: VersionsQuery) -> CampaignList:
        """A page of the campaign's versions, newest first. Raises NotFound, Malformed for a bad cursor."""
        await self._read(principal, ident)
        text = f"campaign_versions|{ident}|{principal.uid}"
        after = self._cursors.decode(query.cursor, query=text)
        page = await self._store.versions(ident, limit=query.limit, after=after)
        return CampaignList(items=page.items, next_cursor=self._cursors.encode(page.position, query=text))

    async def _read(self, principal: Principal, ident: str) -> tuple[Campaign, int]:
        found = await self._store.get(ident)
        if found is None or not rules.may_see(principal, found[0]):
            raise NotFound("No such campaign.")
        return found

    async def _ensure_exclusive(self, campaign: Campaign) -> None:
        """Raises Conflict when another active campaign of the same owner could share people of its namespace.

        An editor's guard, not a lock: two campaigns activated at the same moment may both pass.
        """
        experiment = campaign.experiment
        if campaign.status != "active" or experiment is None or experiment.namespace is None:
            return
        for other in await self._store.in_namespace(experiment.namespace.id):
            same_owner = other.organizer_id == campaign.organizer_id and other.id != campaign.id
            if same_owner and other.experiment and not exclusive(experiment, other.experiment):
                fault = Fault("/experiment/namespace", "overlaps", f"It overlaps that of {other.id}.")
                raise Conflict("The part of the namespace is taken.", code="namespace_taken", faults=[fault])

    async def _made_already(self, stored: Campaign, change: ChangeCampaign, if_match: str) -> bool:
        """Whether this very change made the present version: the repeat of a call whose answer was lost (RFC 9110, §13.1.1)."""
        if if_match != str(stored.version - 1):
            return False
        before = await self._store.version(stored.id, stored.version - 1)
        try:
            return before is not None and rules.next_version(before, change, now=stored.updated_at) == stored
        except AppError:
            return False

    async def _replace(self, campaign: Campaign, update_time: int) -> bool:
        """Whether the campaign is now stored; False when another change came first."""
        try:
            await self._store.replace(campaign, update_time, withdrawal_of(campaign))
        except (Stale, AlreadyExists):
            # the store repeats a commit whose answer was lost, and then meets its own first try
            present = await self._store.get(campaign.id)
            if present is None or present[0] != campaign:
                return False
        self._on_change(campaign)
        return True


def _organizers(principal: Principal, wanted: str | None) -> Collection[str] | None:
    """Whose campaigns to list; None for everybody's. Raises NotFound for another's."""
    if wanted is not None:
        if not principal.speaks_for(wanted):
            raise NotFound("No such organizer.", code="organizer_not_found")
        return [wanted]
    if principal.is_admin:
        return None
    if len(principal.organizer_ids) > MAX_IN:
        fault = Fault("?organizerId", "required", f"With more than {MAX_IN} organizers, name one.")
        raise Invalid(faults=[fault])
    return principal.organizer_ids
