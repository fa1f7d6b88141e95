"""Figures for operators on the wire (design/wire.md, People and operations)."""

from shared.kernel.budget import Work
from shared.kernel.wire import Moment, Wire
from shared.ops.metrics.rules import Name, State


class Metric(Wire):
    """One figure. ``of`` names its queue; ``value`` is absent while it cannot be read; beyond a threshold it is in that state."""

    name: Name
    of: str | None = None
    value: float | None = None
    warning: float | None = None
    critical: float | None = None
    state: State


class BudgetView(Wire):
    """The guard on Firestore operations: ``perDay`` 0 guards nothing; ``shed`` is what is left out now."""

    per_day: int
    spent: int
    shed: list[Work]
    resets_at: Moment


class OpsMetrics(Wire):
    """How the installation fares; ``state`` is the worst of all, ``asOf`` when it was looked at."""

    as_of: Moment
    state: State
    metrics: list[Metric]
    budget: BudgetView
