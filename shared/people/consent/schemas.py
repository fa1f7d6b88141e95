"""Consents on the wire (design/wire.md, People and operations)."""

from typing import Annotated

from pydantic import Field

from shared.kernel.errors import NotFound
from shared.kernel.pagination import DEFAULT_LIMIT, MAX_LIMIT
from shared.kernel.wire import Moment, Wire
from shared.people.consent.models import CHANNELS, PROGRAMMES, Act, Channel, Entry, Programme
from shared.people.profiles.schemas import OrganizerId

Label = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
"""A short name of ours, such as a version of a text or a page of the site."""


class GrantConsent(Wire):
    """What the person agrees to, the version of the text they agreed to, and where they read it.

    ``organizerId`` narrows programme ``organizers`` to one favourite; its ``inbox`` is agreed to by favouriting.
    """

    programme: Programme
    channel: Channel
    organizer_id: OrganizerId | None = None
    wording_version: Label
    source: Label = "settings"


class ConfirmConsent(Wire):
    """The token of the link that was sent to the person."""

    token: Annotated[str, Field(max_length=500)]


class ConsentView(Wire):
    """A consent as it stands, or one entry of its history.

    ``at`` is when the person said it. ``confirmedAt`` stands on a consent that was confirmed through a link;
    ``grantId`` on the entry that confirmed it.
    """

    id: str
    programme: Programme
    channel: Channel
    organizer_id: str | None = None
    state: Act
    wording_version: str
    at: Moment
    confirmed_at: Moment | None = None
    source: str | None = None
    grant_id: str | None = None


class ConsentsQuery(Wire):
    """Which consents."""

    history: bool = Field(
        default=False, description="Lists every entry ever made, latest first, instead of what stands now."
    )
    limit: Annotated[int, Field(ge=1, le=MAX_LIMIT)] = DEFAULT_LIMIT
    cursor: str | None = None


class WithdrawQuery(Wire):
    """Whose messages to leave."""

    organizer_id: OrganizerId | None = Field(None, description="The sender; without it every one.")


class ConsentList(Wire):
    """One page of consents."""

    items: list[ConsentView]
    next_cursor: str | None = None


class UnsubscribeQuery(Wire):
    """The token of the link in a message."""

    token: Annotated[str, Field(max_length=500)]


def view_of_entry(entry: Entry) -> ConsentView:
    """A ledger entry."""
    return ConsentView(
        id=entry.id,
        programme=entry.scope.programme,
        channel=entry.scope.channel,
        organizer_id=entry.scope.organizer_id,
        state=entry.act,
        wording_version=entry.wording_version,
        at=entry.at,
        source=entry.source,
        grant_id=entry.grant_id,
    )


def scope_named(programme: str, channel: str) -> tuple[Programme, Channel]:
    """Names in a path. Raises NotFound for others than ours."""
    found = [(one, other) for one in PROGRAMMES for other in CHANNELS if (one, other) == (programme, channel)]
    if not found:
        raise NotFound
    return found[0]
