"""Funnels: steps that people take, or do not (analytics-domain.md §1; design/decisions.md, Analytics)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Annotated, Final, Literal

from pydantic import Field, model_validator

from shared.kernel.wire import Moment, Snake

Order = Literal["sequential", "strict", "any"]
Detail = Literal["event_id", "organizer_id", "city_id", "venue_id", "class_level", "campaign_id", "source"]
"""What a step can ask of an event, and what results can be broken down by."""

MAX_STEPS: Final = 8
WINDOW: Final = timedelta(days=7)
MAX_WINDOW: Final = timedelta(days=90)
EventType = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_.]{0,63}$")]
DetailText = Annotated[str, Field(min_length=1, max_length=128)]


@dataclass(frozen=True, slots=True)
class Row:
    """One event of one person, at ``at`` milliseconds since 1970; ``details`` are those of Detail that it carries."""

    at: int
    sequence: int
    id: str
    type: str
    details: Mapping[str, str] = field(default_factory=dict)

    @property
    def place(self) -> tuple[int, int, str]:
        """What rows are ordered by: no two have the same."""
        return self.at, self.sequence, self.id


class Step(Snake):
    """An event of a type; ``where`` narrows it to those with these details."""

    event_type: EventType
    name: Annotated[str, Field(min_length=1, max_length=80)] | None = None
    where: Annotated[dict[Detail, DetailText], Field(max_length=5)] = Field(default_factory=dict)

    def takes(self, row: Row) -> bool:
        """Whether the row is such an event."""
        return row.type == self.event_type and all(
            row.details.get(name) == value for name, value in self.where.items()
        )


class Exclusion(Snake):
    """An event that removes a person when it comes between two steps, counted from 1.

    When the later step is not reached, until the window ends.
    """

    event_type: EventType
    from_step: Annotated[int, Field(ge=1, le=MAX_STEPS)] = 1
    to_step: Annotated[int, Field(ge=2, le=MAX_STEPS)] | None = Field(
        default=None, description="None: the last."
    )


class FunnelShape(Snake):
    """What a funnel measures. An event counts for one step only, also where two steps ask for the same."""

    steps: Annotated[list[Step], Field(min_length=2, max_length=MAX_STEPS)]
    order: Order = Field(
        default="sequential",
        description="`sequential`: other events may come between; `strict`: none may; `any`: the steps in any order.",
    )
    window_seconds: Annotated[int, Field(ge=1, le=int(MAX_WINDOW.total_seconds()))] = Field(
        default=int(WINDOW.total_seconds()), description="Longest time from the first step to the last."
    )
    exclusions: Annotated[list[Exclusion], Field(max_length=5)] = Field(default_factory=list)
    breakdown: Detail | None = Field(
        default=None, description="Results also by this detail of each person's first step."
    )

    @model_validator(mode="after")
    def _fitting(self) -> "FunnelShape":
        last = len(self.steps)
        kinds = {step.event_type for step in self.steps}
        for each in self.exclusions:
            if each.event_type in kinds:
                raise ValueError("an exclusion is not an event of a step")
            if not each.from_step < (each.to_step or last) <= last:
                raise ValueError("an exclusion lies between two steps of the funnel, the earlier first")
            if self.order == "any" and (each.from_step, each.to_step or last) != (1, last):
                raise ValueError("steps in any order have exclusions over all of them only")
        return self

    @property
    def window_ms(self) -> int:
        """The window in milliseconds."""
        return self.window_seconds * 1000


class Funnel(FunnelShape):
    """A funnel as stored: it never changes; ``organization_id`` None: the site's own."""

    id: str
    organization_id: str | None = None
    name: Annotated[str, Field(min_length=1, max_length=120)]
    created_at: Moment
