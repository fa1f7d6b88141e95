"""Bodies and queries of the report routes (design/wire.md, Messaging)."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from shared.kernel.pagination import DEFAULT_LIMIT
from shared.kernel.texts import sendable
from shared.kernel.wire import Moment, Wire
from shared.messaging.threads.models import SenderRole
from shared.messaging.threads.schemas import Id, Limit

Reason = Literal["spam", "harassment", "inappropriate", "scam", "other"]
Outcome = Literal["dismissed", "removed"]
Status = Literal["open", "decided"]
Note = Annotated[str, Field(min_length=1, max_length=1_000), AfterValidator(sendable)]


class SendReport(Wire):
    """Messages of the other that break the rules; they are kept as they are now."""

    message_ids: Annotated[list[Id], Field(min_length=1, max_length=10)]
    reason: Reason
    comment: Note | None = None


class ReportSent(Wire):
    """The report is with the operators."""

    report_id: str
    status: Status


class Evidence(Wire):
    """A message as it was when it was reported."""

    message_id: str
    sender_role: SenderRole
    body: str
    sent_at: Moment


class Decision(Wire):
    """What an operator decided, and why."""

    outcome: Outcome
    note: str | None = None
    decided_at: Moment


class ReportView(Wire):
    """A report in the eyes of an operator."""

    report_id: str
    thread_id: str
    status: Status
    reported_by: SenderRole
    person_key: str
    organizer_id: str | None = None
    reason: Reason
    comment: str | None = None
    messages: list[Evidence]
    created_at: Moment
    decision: Decision | None = None


class ReportsQuery(Wire):
    """Which reports, newest first."""

    status: Status | None = None
    limit: Limit = DEFAULT_LIMIT
    cursor: str | None = None


class ReportList(Wire):
    """One page of reports, newest first."""

    items: list[ReportView]
    next_cursor: str | None = None


class Decide(Wire):
    """``removed`` takes the text of the reported messages out of the thread; the report keeps them."""

    outcome: Outcome
    note: Note | None = None
