"""Bodies of ``POST /people/me/less-of-this`` (docs/explain.md, Less of this)."""

from typing import Annotated

from pydantic import Field

from shared.kernel.wire import Wire


class LessRequest(Wire):
    """The message that the reader wants less of. Visitors send the ``ackToken`` that came with it; its owner need not."""

    delivery_id: Annotated[str, Field(max_length=128)]
    ack_token: Annotated[str, Field(max_length=256)] | None = None


class LessAnswer(Wire):
    """What the organizer may use from now on: ``weight`` of the pressure budget, 0 to 1, rounded down to whole messages."""

    organizer_id: str
    weight: float
    interruptions_per_week: int
    modals_per_day: int
