"""``machineVerdicts/{day}.{reason}``: whether what was left out of a social day's figures for a reason counts after all
(design/decisions.md, Analytics: «a verdict can be reversed and the days restated»).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal, get_args

from shared.clients.documents.port import Data

COLLECTION: Final = "machineVerdicts"
Reason = Literal["no_user_agent", "user_agent", "too_many_views"]
"""Why events are taken for a machine's: the first two by what the browser calls itself, the last by how much it did in a day."""
REASONS: Final[tuple[Reason, ...]] = get_args(Reason)


@dataclass(frozen=True, slots=True)
class Verdict:
    """An operator's word on the events of a social day that are left out for a reason.

    ``counted``: they are people's. ``state`` is ``open`` until the figures follow; then ``rows`` events have changed sides since it was
    given. ``position`` is how far the people behind them are made anew: collection and id of the last row looked at.
    """

    day: str
    reason: Reason
    counted: bool
    at: datetime
    state: Literal["open", "done"] = "open"
    rows: int = 0
    position: str | None = None
    update_time: int | None = None

    @property
    def path(self) -> str:
        """Its document."""
        return path_of(self.day, self.reason)

    @property
    def mark(self) -> str:
        """The field of a row that names the reason once the verdict is carried out."""
        return "pardoned" if self.counted else "bot"


def path_of(day: str, reason: str) -> str:
    """Where the word on a day and a reason stands."""
    return f"{COLLECTION}/{day}.{reason}"


def to_data(verdict: Verdict) -> Data:
    """As it is stored."""
    return {
        "day": verdict.day,
        "reason": verdict.reason,
        "counted": verdict.counted,
        "at": verdict.at,
        "state": verdict.state,
        "rows": verdict.rows,
        "position": verdict.position,
    }


def from_data(data: Mapping[str, Any], update_time: int) -> Verdict:
    """The verdict in a document."""
    return Verdict(**data, update_time=update_time)
