"""The words of a campaign: what a person reads, stored and on the wire alike (messaging-platform.md §4.1)."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from shared.kernel.texts import readable, sendable
from shared.kernel.wire import Wire

Text = Annotated[str, Field(min_length=1, max_length=2000), AfterValidator(sendable)]
Title = Annotated[str, Field(min_length=1, max_length=120), AfterValidator(readable)]
Link = Annotated[str, Field(max_length=500, pattern=r"^(https?://[^\s]+|/[^\s/\\][^\s\\]*|/)$")]
"""An http(s) address or a path of the site; never ``javascript:``, never ``//host``."""
CallToAction = Annotated[str, Field(min_length=1, max_length=40), AfterValidator(readable)]


def _spoken(text: str) -> str:
    return sendable(text) if text else text


Severity = Literal["info", "success", "warning", "critical"]


class Media(Wire):
    """A picture; ``alt`` is read aloud in its place."""

    url: Link
    alt: Annotated[str, Field(max_length=200), AfterValidator(_spoken)] = ""


class Step(Wire):
    """One step of a helper."""

    title: Title
    body: Text
    media: Media | None = None


Steps = Annotated[list[Step], Field(max_length=8)]


class Content(Wire):
    """What the person reads: plain text, never HTML. ``cta`` is the button's label, ``link`` where it leads."""

    title: Title
    body: Text
    cta: CallToAction | None = None
    link: Link | None = None
    severity: Severity = "info"
    media: Media | None = None
    steps: Steps = Field(default_factory=list)
