"""``/people/me/preferences`` on the wire, and as it is stored in ``experienceProfiles.preferences``."""

from typing import Annotated, Final, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from shared.kernel.wire import Wire
from shared.people.consent.models import Channel, Programme
from shared.people.profiles.pressure import MAX_LESS
from shared.people.profiles.schemas import OrganizerId

MAX_MUTED: Final = 200
"""Organizers that can be muted."""
QUIET_FROM: Final = "21:00"
QUIET_TO: Final = "08:00"
"""Quiet hours of everybody, local time (design/decisions.md, Time): preferences can only widen them."""

TimeOfDay = Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]


class OptOut(Wire):
    """No messages of a programme in a channel; without one, in none."""

    programme: Programme
    channel: Channel | None = None


class QuietHours(Wire):
    """From an evening to the next morning, local time: at least 21:00 to 08:00."""

    start: TimeOfDay = QUIET_FROM
    end: TimeOfDay = QUIET_TO

    @model_validator(mode="after")
    def _wider(self) -> Self:
        if not QUIET_TO <= self.end < self.start <= QUIET_FROM:
            raise ValueError(f"quiet hours contain {QUIET_FROM} to {QUIET_TO}, and leave some of the day")
        return self


def _sorted(organizers: list[str]) -> list[str]:
    return sorted(set(organizers))


def _fewest(opt_outs: list[OptOut]) -> list[OptOut]:
    """Each once, and none that a wider one covers."""
    wide = {each.programme for each in opt_outs if each.channel is None}
    kept = {
        (each.programme, each.channel) for each in opt_outs if not each.channel or each.programme not in wide
    }
    return [
        OptOut(programme=p, channel=c) for p, c in sorted(kept, key=lambda each: (each[0], each[1] or ""))
    ]


def _less(weights: dict[str, float]) -> dict[str, float]:
    """Without those that are as much as of anybody."""
    return {organizer: weight for organizer, weight in sorted(weights.items()) if weight < 1}


class Preferences(Wire):
    """The whole document. All of it narrows what consents allow; nothing in it grants."""

    organizer_messages: Literal["on", "off"] = "on"
    muted_organizers: Annotated[list[OrganizerId], Field(max_length=MAX_MUTED), AfterValidator(_sorted)] = (
        Field(default_factory=list)
    )
    opt_outs: Annotated[list[OptOut], Field(max_length=15), AfterValidator(_fewest)] = Field(
        default_factory=list
    )
    less_of: Annotated[
        dict[OrganizerId, Annotated[float, Field(ge=0, le=1)]],
        Field(max_length=MAX_LESS),
        AfterValidator(_less),
    ] = Field(default_factory=dict)
    quiet_hours: QuietHours = QuietHours()
