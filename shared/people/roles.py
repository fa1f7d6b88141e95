"""Granting roles (design/wire.md, Rules for every route): the directory's claims, the profile, the audit, the signal.

Four places cannot change at once. A ``role.check`` is queued before the first of them, to be heard a minute later: it
makes the profile carry what the directory says, so that a grant that died half-way is finished without its caller. The
same PUT again finishes what is missing and changes nothing else.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from shared.clients.documents.port import Write
from shared.clients.errors import Missing, Refused
from shared.clients.identity.port import Account, Directory
from shared.clients.queues.port import SIGNALS, Queues
from shared.kernel.clock import Clock
from shared.kernel.envelope import Envelope, envelope
from shared.kernel.errors import Fault, Invalid, NotFound
from shared.kernel.ids import IdSource, hashed_id
from shared.people import audit
from shared.people.aliases import alias_of
from shared.people.erasures import Erasures
from shared.people.profiles.models import Profile
from shared.people.profiles.repository import ProfileRepository
from shared.people.profiles.schemas import Roles, RolesPut, roles_of
from shared.people.visitors import Person, checked_key, is_visitor_key

ROLE_CHANGED: Final = "role.changed"
ROLE_CHECK: Final = "role.check"
CHECK_AFTER_SECONDS: Final = 60
"""When an unfinished grant is finished by the worker; far longer than a grant takes."""


@dataclass(frozen=True, slots=True)
class _Grant:
    """Roles and organizers, sorted: as claims, as profile and as message."""

    roles: tuple[str, ...]
    organizer_ids: tuple[str, ...]

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> "_Grant":
        return cls(*(tuple(sorted(set(data.get(name) or ()))) for name in ("roles", "organizerIds")))

    def claims(self) -> dict[str, list[str]]:
        return {"roles": list(self.roles), "organizerIds": list(self.organizer_ids)}

    def lacks(self, other: "_Grant") -> bool:
        """Whether something of the other grant is taken away by this one."""
        return bool({*other.roles} - {*self.roles} or {*other.organizer_ids} - {*self.organizer_ids})


class RoleGrants:
    """Sets roles, and finishes what was begun."""

    def __init__(
        self,
        *,
        repository: ProfileRepository,
        erasures: Erasures,
        directory: Directory,
        queues: Queues,
        clock: Clock,
        ids: IdSource,
    ) -> None:
        self._repository = repository
        self._erasures = erasures
        self._directory = directory
        self._queues = queues
        self._clock = clock
        self._ids = ids

    async def grant(self, actor_uid: str, key: str, body: RolesPut) -> Roles:
        """Give an account exactly these roles. Taking one away ends the sessions that still carry it.

        Raises NotFound when the directory does not know the account, Invalid when the roles do not fit in a token
        (1,000 characters), StoreUnavailable when a step got no answer:
        then the same call again, or the worker within a minute, finishes it.
        """
        wanted = _Grant.of(body.model_dump(by_alias=True))
        person = Person(checked_key(key), "user")
        account = None if is_visitor_key(key) else await self._directory.account(key)
        if account is None:
            raise NotFound
        profile = await self._repository.read(person)
        actor = await alias_of(self._repository, self._ids, actor_uid) or ""
        if _Grant.of(account.claims) != wanted or _grant_of(profile) != wanted:
            await self._begin(account, profile, wanted, actor)
        profile = await self._carry(person, wanted, actor)
        return roles_of(await self._announce(person, profile))

    async def hear(self, signal: Envelope) -> None:
        """Make the profile carry the roles of the directory, and tell the other areas if nobody has yet.

        A signal from before its person's erasure is forgotten: it would bring the profile back.
        """
        person = Person(signal.key, "user")
        account = await self._directory.account(signal.key)
        if account is None:
            return
        erased_at = (await self._erasures.of([signal.key])).get(signal.key)
        if erased_at is not None and signal.at <= erased_at:
            return
        if signal.kind == ROLE_CHANGED:
            await self._mark(person, signal.at)
        present = _Grant.of(account.claims)
        # the grant that the message tells of has an author; anything else was done in the directory itself
        actor = signal.data.get("actor") if _Grant.of(signal.data) == present else None
        await self._announce(person, await self._carry(person, present, actor or "directory"))

    async def _begin(self, account: Account, profile: Profile, wanted: _Grant, actor: str) -> None:
        now, earlier = self._clock.now(), _Grant.of(account.claims)
        check = envelope(
            ROLE_CHECK, self._ids.new("sig"), account.uid, now, wanted.claims() | {"actor": actor}
        )
        await self._queues.send(SIGNALS, check.encode(), delay_seconds=CHECK_AFTER_SECONDS)
        try:
            if earlier != wanted:
                await self._directory.set_claims(account.uid, {**account.claims, **wanted.claims()})
            if wanted.lacks(earlier) or wanted.lacks(_grant_of(profile)):
                await self._directory.revoke(account.uid, at=int(now.timestamp()))
        except Missing:
            raise NotFound from None
        except Refused:
            fault = Fault("/organizerIds", "too_long", "They do not fit in a token.")
            raise Invalid(faults=[fault]) from None

    async def _carry(self, person: Person, wanted: _Grant, actor: str) -> Profile:
        def rule(profile: Profile) -> Profile:
            if _grant_of(profile) == wanted:
                return profile
            return replace(
                profile,
                roles=wanted.roles,
                organizer_ids=wanted.organizer_ids,
                role_changed_at=self._clock.now(),
                alias=profile.alias or self._ids.new("al"),
            )

        def recorded(before: Profile, after: Profile) -> list[Write]:
            detail = {"before": _grant_of(before).claims(), "after": wanted.claims()}
            at, subject = after.role_changed_at or self._clock.now(), after.alias or ""
            return [audit.entry(ROLE_CHANGED, at=at, actor=actor, subject=subject, detail=detail)]

        return await self._repository.change(person, rule, also=recorded)

    async def _announce(self, person: Person, profile: Profile) -> Profile:
        """Send ``role.changed`` unless it is known to be sent; a repeat carries the same id."""
        changed_at = profile.role_changed_at
        if changed_at is None or profile.role_signalled_at == changed_at:
            return profile
        ident = hashed_id("sig", ROLE_CHANGED, person.key, changed_at.isoformat())
        signal = envelope(ROLE_CHANGED, ident, person.key, changed_at, _grant_of(profile).claims())
        await self._queues.send(SIGNALS, signal.encode())
        return await self._mark(person, changed_at)

    async def _mark(self, person: Person, changed_at: datetime) -> Profile:
        def rule(profile: Profile) -> Profile:
            if profile.role_changed_at != changed_at:
                return profile
            return replace(profile, role_signalled_at=changed_at)

        return await self._repository.change(person, rule)


def _grant_of(profile: Profile) -> _Grant:
    return _Grant(tuple(sorted(profile.roles)), tuple(sorted(profile.organizer_ids)))
