"""Verdicts on the wire, in snake_case."""

from typing import Literal

from pydantic import Field

from shared.analytics.eventdays.schemas import Snake
from shared.analytics.machines.models import Reason
from shared.kernel.wire import Moment


class PutVerdict(Snake):
    """What an operator says of the events of a day that are left out for a reason."""

    counted: bool = Field(description="true: people's, to be counted. false: machines', to be left out.")


class VerdictView(Snake):
    """A verdict. ``state`` is ``done`` once the figures follow it; ``rows`` events have changed sides so far."""

    day: str
    reason: Reason
    counted: bool
    state: Literal["open", "done"]
    rows: int
    at: Moment
