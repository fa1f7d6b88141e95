"""Consent as it is stored: ``consents/{id}``, written once, and its present state in the profile (docs/consent.md).

Entries name the person by the alias of their profile alone: erasing the profile takes the names out of the ledger
(design/decisions.md, Consent and preferences; Time limits and retention).
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal, NamedTuple, cast, get_args

Programme = Literal["organizers", "events", "marketing"]
"""What somebody agrees to hear of."""
Channel = Literal["inbox", "push", "sms", "email"]
"""Where; ``inbox`` stands for everything inside the site."""
Act = Literal["granted", "confirmed", "withdrawn"]

PROGRAMMES: Final[tuple[Programme, ...]] = get_args(Programme)
CHANNELS: Final[tuple[Channel, ...]] = get_args(Channel)


class Scope(NamedTuple):
    """What one consent is about; ``organizer_id`` None: every sender of the programme."""

    programme: Programme
    channel: Channel
    organizer_id: str | None = None

    @property
    def key(self) -> str:
        """Its name in the profile, such as ``organizers:push`` or ``organizers:inbox:org_la_viruta``."""
        return ":".join(part for part in self if part)

    @property
    def general(self) -> "Scope":
        """The same for every sender."""
        return Scope(self.programme, self.channel)

    @property
    def follows(self) -> bool:
        """Whether it is the consent that favouriting an organizer gives."""
        return self.organizer_id is not None and (self.programme, self.channel) == ("organizers", "inbox")

    @classmethod
    def of(cls, key: str) -> "Scope":
        """The scope of a name."""
        programme, channel, *organizer = key.split(":", 2)
        return cls(cast("Programme", programme), cast("Channel", channel), *organizer)


FOLLOWED: Final = Scope("organizers", "inbox")
"""Inbox messages of all favourite organizers at once."""


@dataclass(frozen=True, slots=True)
class Consent:
    """The present state of one scope: the entry that made it so, and when the person said it.

    ``confirmed_at`` is when a grant was confirmed through a link sent to the person (double opt-in).
    """

    id: str
    granted: bool
    at: datetime
    wording_version: str
    confirmed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the ledger.

    ``at`` is when the person said it, ``recorded_at`` when we heard it: a carrier may be late. ``grant_id`` of a
    confirmation is the entry that it confirms.
    """

    id: str
    alias: str
    scope: Scope
    act: Act
    wording_version: str
    source: str
    at: datetime
    recorded_at: datetime
    grant_id: str | None = None

    def to_data(self) -> dict[str, Any]:
        """The document."""
        data: dict[str, Any] = {
            "alias": self.alias,
            "programme": self.scope.programme,
            "channel": self.scope.channel,
            "act": self.act,
            "wordingVersion": self.wording_version,
            "source": self.source,
            "at": self.at,
            "recordedAt": self.recorded_at,
        }
        if self.scope.organizer_id:
            data["organizerId"] = self.scope.organizer_id
        if self.grant_id:
            data["grantId"] = self.grant_id
        return data

    @classmethod
    def from_data(cls, ident: str, data: dict[str, Any]) -> "Entry":
        """A stored entry."""
        return cls(
            ident,
            data["alias"],
            Scope(data["programme"], data["channel"], data.get("organizerId")),
            data["act"],
            data["wordingVersion"],
            data["source"],
            data["at"],
            data["recordedAt"],
            data.get("grantId"),
        )
