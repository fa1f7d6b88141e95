"""Heat maps on the wire (design/wire.md, Analytics)."""

from datetime import date
from typing import Annotated

from pydantic import Field

from shared.analytics.heatmaps.models import Granularity
from shared.kernel.wire import Moment, Wire

Day = Annotated[date, Field(strict=False)]


class HeatmapQuery(Wire):
    """``scope``: ``all``, ``city:<id>`` or ``org:<id>``; social days, both included, the last 30 unless told otherwise."""

    scope: str = Field(
        "all",
        pattern=r"^(all|(city|org):[A-Za-z0-9][A-Za-z0-9._:-]{0,127})$",
        description="`all`, `city:<id>` or `org:<id>`.",
    )
    granularity: Granularity = Field("weekly", description="What one total of the series stands for.")
    from_: Day | None = Field(None, alias="from", description="The first social day.")
    to: Day | None = Field(None, description="The last social day.")


class Cell(Wire):
    """An hour of a weekday (0 is Monday). ``mean`` is logins for each time that this hour of this weekday occurred."""

    weekday: int
    hour: int
    logins: int
    occurrences: int
    mean: float


class Total(Wire):
    """Logins of a day, a week (its Monday) or a month (its first)."""

    start: str
    logins: int


class Heatmap(Wire):
    """168 cells, and how logins went over time. Counts are exact; hours are those of whoever logged in."""

    scope: str
    granularity: Granularity
    first_day: str
    last_day: str
    cells: list[Cell]
    series: list[Total]
    exact: bool = True
    as_of: Moment
    lag_seconds: int
