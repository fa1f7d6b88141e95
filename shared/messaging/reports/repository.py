"""``messageReports/{id}``: what was reported, frozen, and what was decided."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from shared.clients.documents.port import Create, Data, Documents, Order, Query, Set, Snapshot, Where
from shared.kernel.ids import is_plain
from shared.kernel.pagination import Page
from shared.messaging.reports.schemas import Outcome, Reason, Status
from shared.messaging.threads.models import Meeting, Message, Seat, SenderRole
from shared.messaging.threads.stored import host_of

COLLECTION: Final = "messageReports"
SHOWN: Final = ("threadId", "reportedBy", "reason", "status", "createdAt")
"""What an export tells of a report."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """A message as it was when it was reported."""

    message_id: str
    role: SenderRole
    body: str
    sent_at: datetime


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an operator, known here by an alias, decided."""

    outcome: Outcome
    note: str | None
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Report:
    """A report as stored; it goes at ``expires_at``, decided or not."""

    id: str
    thread_id: str
    meeting: Meeting
    seat: Seat
    reason: Reason
    comment: str | None
    evidence: tuple[Evidence, ...]
    created_at: datetime
    expires_at: datetime
    verdict: Verdict | None = None
    update_time: int | None = None

    @property
    def status(self) -> Status:
        """Whether it was decided."""
        return "open" if self.verdict is None else "decided"


class ReportRepository:
    """Reads reports and says how to write them."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents

    async def get(self, ident: str) -> Report | None:
        """One report (1 read), or None."""
        snapshot = await self._documents.get(f"{COLLECTION}/{ident}") if is_plain(ident) else None
        return None if snapshot is None else _report(snapshot)

    async def page(self, *, status: Status | None, limit: int, after: list[Any] | None) -> Page[Report]:
        """Reports, newest first (1 read each, and one more)."""
        where = () if status is None else (Where("status", "==", status),)
        start = (datetime.fromisoformat(after[0]), after[1]) if after else None
        order = (Order("createdAt", descending=True),)
        found = await self._documents.query(Query(COLLECTION, where, order, limit + 1, start))
        reports = [_report(snapshot) for snapshot in found[:limit]]
        last = reports[-1] if len(found) > limit else None
        return Page(reports, None if last is None else [last.created_at.isoformat(), last.id])

    def create(self, report: Report) -> Create:
        """Write a new report; AlreadyExists means that the same messages were reported before."""
        return Create(f"{COLLECTION}/{report.id}", _data(report))

    def decide(self, report: Report) -> Set:
        """Write a verdict over the version that was read, else Stale."""
        return Set(f"{COLLECTION}/{report.id}", _data(report), if_updated_at=report.update_time)


def frozen(message: Message) -> Evidence:
    """A copy of a message."""
    return Evidence(message.id, message.role, message.body, message.sent_at)


def _data(report: Report) -> Data:
    verdict = report.verdict
    data: Data = {
        "threadId": report.thread_id,
        "personKey": report.meeting.person,
        "host": report.meeting.host.key,
        "eventId": report.meeting.event_id,
        "reportedBy": report.seat,
        "reason": report.reason,
        "comment": report.comment,
        "evidence": [
            {"messageId": one.message_id, "senderRole": one.role, "body": one.body, "sentAt": one.sent_at}
            for one in report.evidence
        ],
        "status": report.status,
        "createdAt": report.created_at,
        "expiresAt": report.expires_at,
    }
    if verdict is not None:
        data["verdict"] = {
            "outcome": verdict.outcome,
            "note": verdict.note,
            "by": verdict.by,
            "at": verdict.at,
        }
    return data


def _report(snapshot: Snapshot) -> Report:
    data: dict[str, Any] = snapshot.data
    verdict = data.get("verdict")
    return Report(
        id=snapshot.id,
        thread_id=data["threadId"],
        meeting=Meeting(data["personKey"], host_of(data["host"]), data["eventId"]),
        seat=data["reportedBy"],
        reason=data["reason"],
        comment=data["comment"],
        evidence=tuple(
            Evidence(one["messageId"], one["senderRole"], one["body"], one["sentAt"])
            for one in data["evidence"]
        ),
        created_at=data["createdAt"],
        expires_at=data["expiresAt"],
        verdict=verdict and Verdict(verdict["outcome"], verdict["note"], verdict["by"], verdict["at"]),
        update_time=snapshot.update_time,
    )
