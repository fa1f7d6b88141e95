"""Use cases of consent: what stands, its history, granting, confirming, withdrawing, leaving by one click."""

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from shared.clients.documents.port import Documents
from shared.kernel.clock import Clock
from shared.kernel.errors import Conflict, Fault, Invalid, NotFound
from shared.kernel.pagination import Cursors
from shared.people.consent.ledger import Draft, Ledger, Plan, keyed_id
from shared.people.consent.links import ConsentLinks
from shared.people.consent.models import Consent, Entry, Scope
from shared.people.consent.repository import ConsentRepository
from shared.people.consent.rules import effective
from shared.people.consent.schemas import (
    ConsentList,
    ConsentsQuery,
    ConsentView,
    GrantConsent,
    view_of_entry,
)
from shared.people.profiles.models import Profile
from shared.people.profiles.repository import ProfileRepository
from shared.people.visitors import Person

NO_WORDING: Final = "none"
"""The wording version of a withdrawal that follows no grant."""


class Consents:
    """What people agree to.

    Args:
        documents: the ledger's store.
        profiles: carry the present states.
        ledger: writes.
        links: tokens in messages.
        clock: tells whether a token still holds.
        cursors: signs positions in lists.
    """

    def __init__(
        self,
        *,
        documents: Documents,
        profiles: ProfileRepository,
        ledger: Ledger,
        links: ConsentLinks,
        clock: Clock,
        cursors: Cursors,
    ) -> None:
        self._profiles = profiles
        self._ledger = ledger
        self._links = links
        self._clock = clock
        self._cursors = cursors
        self._entries = ConsentRepository(documents)

    async def page(self, uid: str, query: ConsentsQuery) -> ConsentList:
        """What stands now, by scope (1 read); or the history, latest first (1 read more for each). Raises Malformed."""
        profile = await self._profiles.read(Person(uid, "user"))
        text = f"consents|{query.history}|{uid}"
        after = self._cursors.decode(query.cursor, query=text)
        if query.history:
            page = await self._entries.page(profile.alias or "", limit=query.limit, after=after)
            items, position = [view_of_entry(entry) for entry in page.items], page.position
        else:
            keys = [key for key in sorted(profile.consents) if not after or key > after[0]]
            items = [_view(key, profile.consents[key]) for key in keys[: query.limit]]
            position = [keys[query.limit - 1]] if len(keys) > query.limit else None
        return ConsentList(items=items, next_cursor=self._cursors.encode(position, query=text))

    async def grant(
        self, uid: str, body: GrantConsent, *, seed: str | None = None
    ) -> tuple[ConsentView, bool]:
        """Agree to something (2 writes); gives the consent, and whether this call made it, be it at an earlier try: what
        stands already is not said again. Raises Invalid, and NotFound for an organizer who is no favourite.
        """
        scope = Scope(body.programme, body.channel, body.organizer_id)
        _check(scope)

        def plan(profile: Profile) -> Plan | None:
            if scope.organizer_id is not None and scope.organizer_id not in profile.favorites:
                raise NotFound("The organizer is not one of your favourites.", code="favorite_not_found")
            standing = effective(profile.consents, scope)[0]
            if standing == profile.consents.get(scope.key) and _says(standing, body.wording_version):
                return None
            return Plan([Draft(scope, "granted", body.wording_version, body.source, seed)])

        recorded = await self._ledger.record(uid, plan)
        state = recorded.profile.consents[scope.key]
        mine = seed is not None and state.id == keyed_id(seed, scope, "granted")
        return _view(scope.key, state), mine or bool(recorded.entries)

    async def withdraw(
        self, uid: str, scope: Scope, *, source: str, key: str | None = None, at: datetime | None = None
    ) -> None:
        """Do not agree any more (2 writes); what is withdrawn already stays so, without a word.

        Args:
            uid: the person.
            scope: without an organizer, it ends what was agreed with each organizer as well.
            source: where they said so.
            key: the caller's name for the act, needed with ``at``.
            at: when they said so, None for now: of two acts the later one holds, whatever order they come in.
        """

        def plan(profile: Profile) -> Plan | None:
            state = profile.consents.get(scope.key)
            if at is None and state is not None and not state.granted and not _open(profile, scope):
                return None
            if scope.organizer_id is not None and scope.organizer_id not in profile.favorites:
                return None
            wording = state.wording_version if state else NO_WORDING
            return Plan([Draft(scope, "withdrawn", wording, source, key, at)])

        await self._ledger.record(uid, plan)

    async def confirm(self, ident: str, token: str) -> ConsentView:
        """Confirm a grant through the link that was sent (3 reads, 2 writes); again changes nothing.

        Raises NotFound for a token that does not hold, Conflict when the grant does not stand any more: an old link must
        not bring back what was withdrawn.
        """
        entry = (
            await self._entries.get(ident) if self._links.confirms(token, ident, self._clock.now()) else None
        )
        uid = None if entry is None else await self._entries.person_of(entry.alias)
        if entry is None or uid is None:
            raise NotFound
        key, grant = entry.scope.key, entry

        def plan(profile: Profile) -> Plan | None:
            state = profile.consents.get(key)
            if state is None or not state.granted or state.id != grant.id:
                raise Conflict("It was withdrawn, or agreed to anew.", code="consent_ended")
            if state.confirmed_at:
                return None
            draft = Draft(
                grant.scope, "confirmed", grant.wording_version, "link", grant.id, grant_id=grant.id
            )
            return Plan([draft])

        recorded = await self._ledger.record(uid, plan)
        return _view(key, recorded.profile.consents[key])

    async def leaving(self, token: str) -> tuple[Scope, str | None]:
        """What a link would end, and the person's language; changes nothing (3 reads). Raises NotFound."""
        entry, uid = await self._left(token)
        profile = await self._profiles.read(Person(uid, "user")) if uid else None
        return entry.scope, profile.locale if profile else None

    async def leave(self, token: str) -> tuple[Scope, str | None]:
        """End what the link's entry allowed (3 reads, 2 writes); who was erased is left alone. Raises NotFound."""
        entry, uid = await self._left(token)
        if uid is None:
            return entry.scope, None
        await self.withdraw(uid, entry.scope, source="unsubscribe-link")
        return entry.scope, (await self._profiles.read(Person(uid, "user"))).locale

    async def _left(self, token: str) -> tuple[Entry, str | None]:
        ident = self._links.left(token)
        entry = None if ident is None else await self._entries.get(ident)
        if entry is None:
            raise NotFound
        return entry, await self._entries.person_of(entry.alias)


def _check(scope: Scope) -> None:
    """Raises Invalid for what cannot be agreed to here."""
    faults = list(_faults(scope))
    if faults:
        raise Invalid(faults=faults)


def _faults(scope: Scope) -> Iterator[Fault]:
    if scope.follows:
        yield Fault("/channel", "favorite", "Make the organizer a favourite instead.")
    elif scope.organizer_id is not None and scope.programme != "organizers":
        yield Fault("/organizerId", "not_here", "Only programme organizers names an organizer.")


def _open(profile: Profile, scope: Scope) -> bool:
    """Whether something was agreed to with an organizer since the scope was withdrawn for all of them."""
    others = (Scope.of(key) for key in profile.consents if key != scope.key)
    return any(
        other.general == scope and effective(profile.consents, other)[0] is not None for other in others
    )


def _says(consent: Consent | None, wording_version: str) -> bool:
    return consent is not None and consent.granted and consent.wording_version == wording_version


def _view(key: str, consent: Consent) -> ConsentView:
    scope = Scope.of(key)
    return ConsentView(
        id=consent.id,
        programme=scope.programme,
        channel=scope.channel,
        organizer_id=scope.organizer_id,
        state="withdrawn" if not consent.granted else "confirmed" if consent.confirmed_at else "granted",
        wording_version=consent.wording_version,
        at=consent.at,
        confirmed_at=consent.confirmed_at,
    )
