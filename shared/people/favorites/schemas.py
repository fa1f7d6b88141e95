"""Favourites on the wire (design/wire.md, People and operations)."""

from typing import Annotated, Final

from pydantic import Field, TypeAdapter, ValidationError

from shared.kernel.errors import NotFound
from shared.kernel.pagination import DEFAULT_LIMIT, MAX_LIMIT
from shared.kernel.wire import Moment, Wire
from shared.people.profiles.schemas import OrganizerId

_ORGANIZER: Final[TypeAdapter[str]] = TypeAdapter(OrganizerId)


class Mute(Wire):
    """Whether messages of the organizer are not wanted for now."""

    muted: bool


class FavoritesQuery(Wire):
    """Which page."""

    limit: Annotated[int, Field(ge=1, le=MAX_LIMIT)] = DEFAULT_LIMIT
    cursor: str | None = None


class Favorite(Wire):
    """A favourite organizer; ``consentId`` is the ledger entry that favouriting made, absent once it was withdrawn."""

    organizer_id: str
    muted: bool
    consent_id: str | None = None
    since: Moment | None = None


class FavoriteList(Wire):
    """One page of favourites, by organizer."""

    items: list[Favorite]
    next_cursor: str | None = None


def organizer_named(ident: str) -> str:
    """An organizer's id in a path. Raises NotFound for what cannot be one."""
    try:
        return _ORGANIZER.validate_python(ident)
    except ValidationError:
        raise NotFound from None
