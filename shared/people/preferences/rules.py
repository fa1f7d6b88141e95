"""What preferences hold back: pure, and quick for the many who have none."""

from collections.abc import Iterable, Iterator
from typing import Final, Literal

from shared.people.consent.models import Channel, Programme
from shared.people.profiles.models import Profile

Refusal = Literal["organizer_messages_off", "organizer_muted", "opted_out"]
"""Stable codes."""
ALL: Final = "*"
"""Stands for every organizer."""


def refusal(
    profile: Profile, programme: Programme, channel: Channel, organizer_id: str | None
) -> Refusal | None:
    """Why the person does not want this, if they said so. Messages of the site itself have no organizer."""
    said = refused(profile, channel)
    if not said:
        return None
    if organizer_id is not None and ALL in said:
        return "organizer_messages_off"
    if organizer_id in said:
        return "organizer_muted"
    return "opted_out" if _programme(programme) in said else None


def refused(profile: Profile, channel: Channel) -> tuple[str, ...]:
    """Everything that the person does not want in a channel, in the words of ``asks``: muted favourites as well."""
    return (*profile.muted, *_said(profile, channel)) if profile.preferences else profile.muted


def asks(programme: Programme, organizer_id: str | None) -> tuple[str, ...]:
    """What a message would have to be allowed: a person who refused any of it does not want the message."""
    words = [_programme(programme)]
    return tuple(words if organizer_id is None else [*words, organizer_id, ALL])


def _said(profile: Profile, channel: Channel) -> Iterator[str]:
    preferences = profile.preferences
    if preferences.get("organizerMessages") == "off":
        yield ALL
    muted: Iterable[str] = preferences.get("mutedOrganizers", ())
    yield from muted
    for each in preferences.get("optOuts", ()):
        if each.get("channel") in (None, channel):
            yield _programme(each["programme"])


def _programme(programme: Programme) -> str:
    """No organizer's id has a colon."""
    return f"programme:{programme}"
