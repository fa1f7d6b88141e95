"""Who is asking: roles and the caller of a request (design/wire.md, Rules for every route)."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Role(StrEnum):
    """What a route may demand. The messaging document's RO, RA and SA are organizer, operator and admin; servers have keys."""

    ANONYMOUS = "anonymous"
    USER = "user"
    ORGANIZER = "organizer"
    OPERATOR = "operator"
    ADMIN = "admin"
    STAFF = "staff"
    """Nobody's own role: a route for organizers and operators."""


@dataclass(frozen=True, slots=True)
class Principal:
    """The caller: a signed-in person, or nobody in particular (``uid`` None).

    ``signed_in_at`` is when they gave their credentials, as their token says; it outlives many tokens. ``server`` names one of
    our own servers instead, which may do what its ``scopes`` say and nothing else.
    """

    uid: str | None = None
    roles: frozenset[str] = frozenset()
    organizer_ids: frozenset[str] = frozenset()
    signed_in_at: datetime | None = field(default=None, compare=False)
    server: str | None = None
    scopes: frozenset[str] = frozenset()

    def holds(self, role: Role) -> bool:
        """Whether the caller may pass where the role is demanded; an admin passes everywhere, an operator as user."""
        if role is Role.ANONYMOUS:
            return True
        if self.uid is None:
            return False
        if role is Role.STAFF:
            return self.holds(Role.ORGANIZER) or self.holds(Role.OPERATOR)
        return role is Role.USER or role in self.roles or Role.ADMIN in self.roles

    @property
    def name(self) -> str | None:
        """Who it is wherever they call from: ``person:<uid>`` or ``server:<name>``; None for nobody in particular."""
        if self.server is not None:
            return f"server:{self.server}"
        return None if self.uid is None else f"person:{self.uid}"

    @property
    def is_admin(self) -> bool:
        """Whether the caller is an admin."""
        return self.holds(Role.ADMIN)

    def speaks_for(self, organizer_id: str | None) -> bool:
        """Whether something of that organizer is the caller's own; an admin speaks for all."""
        return self.is_admin or (self.holds(Role.ORGANIZER) and organizer_id in self.organizer_ids)


NOBODY = Principal()
"""A caller without a token."""
