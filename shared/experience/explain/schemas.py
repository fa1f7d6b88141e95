"""The trace of a decision on the wire (design/wire.md, Experience; docs/explain.md)."""

from typing import Any

from pydantic import Field

from shared.kernel.wire import Moment, Wire
from shared.messaging.campaigns.models import Channel


class Because(Wire):
    """Why the reader sees a message: a stable ``code``, and a sentence in their language without its full stop."""

    code: str
    text: str


class ComparisonRow(Wire):
    """One comparison of an audience, with its place in the campaign's body; ``actual`` null: unknown, or not for you."""

    pointer: str
    attribute: str
    op: str
    wanted: Any
    actual: Any = None
    holds: bool
    reason: str


class CheckRow(Wire):
    """One check: what the campaign asks (``wanted``), what was found (``actual``), and when a «no» may turn."""

    check: str
    passed: bool
    reason: str
    until: Moment | None = None
    wanted: dict[str, Any]
    actual: dict[str, Any]
    comparisons: list[ComparisonRow] = Field(default_factory=list)


class TraceRow(Wire):
    """What became of one campaign: the ``check`` that decided and a stable ``reason``; every check in order.

    ``until``: for what is shown when it expires, else the soonest moment at which the «no» could turn; null unknown.
    """

    campaign_id: str
    campaign_version: int
    shown: bool
    channel: Channel | None = None
    check: str
    reason: str
    until: Moment | None = None
    checks: list[CheckRow]
