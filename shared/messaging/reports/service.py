"""Use cases of reports: a participant reports messages, an operator decides (docs/threads.md)."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Final

from shared.clients.documents.port import Documents, Write
from shared.clients.errors import AlreadyExists
from shared.kernel.clock import Clock
from shared.kernel.errors import Conflict, Fault, Invalid, NotFound, Unavailable
from shared.kernel.ids import IdSource, hashed_id
from shared.kernel.pagination import Cursors
from shared.messaging.reports.repository import Report, ReportRepository, Verdict, frozen
from shared.messaging.reports.schemas import (
    Decide,
    Decision,
    Evidence,
    ReportList,
    ReportSent,
    ReportsQuery,
    ReportView,
    SendReport,
)
from shared.messaging.threads import rules
from shared.messaging.threads.models import OTHER, Message
from shared.messaging.threads.repository import ThreadRepository
from shared.messaging.threads.service import Threads
from shared.people import audit
from shared.people.access import Principal
from shared.people.aliases import alias_of
from shared.people.contention import ATTEMPTS, LOST, pause
from shared.people.profiles.repository import ProfileRepository

DECIDED: Final = "report.decided"


class Reports:
    """Reports of participants, and operators' decisions.

    Args:
        documents: commits.
        reports: reports as documents.
        threads: threads for their participants.
        messages: threads and messages as documents.
        profiles: aliases of people in the audit trail.
        clock: when it was.
        ids: new aliases.
        cursors: signs positions in lists.
        kept: how long a report is kept.
    """

    def __init__(
        self,
        *,
        documents: Documents,
        reports: ReportRepository,
        threads: Threads,
        messages: ThreadRepository,
        profiles: ProfileRepository,
        clock: Clock,
        ids: IdSource,
        cursors: Cursors,
        kept: timedelta,
    ) -> None:
        self._documents = documents
        self._reports = reports
        self._threads = threads
        self._messages = messages
        self._profiles = profiles
        self._clock = clock
        self._ids = ids
        self._cursors = cursors
        self._kept = kept

    async def send(self, principal: Principal, thread_id: str, body: SendReport) -> ReportSent:
        """Report messages of the other (1 read and one each, 1 write); the same ones again are the same report.

        Raises NotFound, Invalid for a message that the caller does not have, or wrote.
        """
        thread, seat = await self._threads.seated(principal, thread_id)
        idents = sorted(set(body.message_ids))
        report_id = hashed_id("r", thread_id, seat, *idents)
        found = {message.id: message for message in await self._messages.messages(thread_id, idents)}
        faults = [
            Fault(f"/messageIds/{place}", "not_found", "No such message of the other here.")
            for place, ident in enumerate(body.message_ids)
            if not _reportable(found.get(ident), OTHER[seat], thread.seats[seat].since)
        ]
        if faults:
            raise Invalid(faults=faults)
        now = self._clock.now()
        report = Report(
            id=report_id,
            thread_id=thread_id,
            meeting=thread.meeting,
            seat=seat,
            reason=body.reason,
            comment=body.comment,
            evidence=tuple(
                frozen(message) for message in sorted(found.values(), key=lambda message: message.seq)
            ),
            created_at=now,
            expires_at=now + self._kept,
        )
        try:
            await self._documents.commit([self._reports.create(report)])
        except AlreadyExists:
            report = await self._reports.get(report_id) or report
        return ReportSent(report_id=report.id, status=report.status)

    async def page(self, principal: Principal, query: ReportsQuery) -> ReportList:
        """A page of reports, newest first (1 read each, and one more). Raises Malformed for a bad cursor."""
        text = f"reports|{query.status}|{principal.uid}"
        after = self._cursors.decode(query.cursor, query=text)
        page = await self._reports.page(status=query.status, limit=query.limit, after=after)
        return ReportList(
            items=[_view(report) for report in page.items],
            next_cursor=self._cursors.encode(page.position, query=text),
        )

    async def get(self, ident: str) -> ReportView:
        """One report (1 read). Raises NotFound."""
        report = await self._reports.get(ident)
        if report is None:
            raise NotFound
        return _view(report)

    async def decide(self, principal: Principal, ident: str, body: Decide) -> ReportView:
        """Decide a report, once, together with its entry in the audit trail; ``removed`` takes the texts out in the same commit.

        The same decision again changes nothing. Raises NotFound, Conflict when it was decided otherwise, Unavailable.
        """
        for attempt in range(ATTEMPTS):
            report = await self._reports.get(ident)
            if report is None:
                raise NotFound
            if report.verdict is not None:
                if (report.verdict.outcome, report.verdict.note) != (body.outcome, body.note):
                    raise Conflict("The report was decided otherwise.", code="report_decided")
                return _view(report)
            by = await alias_of(self._profiles, self._ids, principal.uid or "") or ""
            now = self._clock.now()
            decided = replace(report, verdict=Verdict(body.outcome, body.note, by, now))
            removal = await self._removal(report) if body.outcome == "removed" else ()
            try:
                await self._documents.commit(
                    [self._reports.decide(decided), await self._told(decided, by), *removal]
                )
            except LOST:
                await pause(attempt)
            else:
                return _view(decided)
        raise Unavailable(code="contended")

    async def _removal(self, report: Report) -> Sequence[Write]:
        """What takes the reported texts out; nothing where the thread is gone."""
        idents = [one.message_id for one in report.evidence]
        thread = await self._messages.get(report.thread_id)
        if thread is None:
            return ()
        kept = await self._messages.messages(report.thread_id, idents)
        now = self._clock.now()
        return [
            self._messages.write(rules.redacted(thread, set(idents))),
            *(self._messages.redaction(message, now) for message in kept),
        ]

    async def _told(self, report: Report, by: str) -> Write:
        """The entry in the audit trail: about the person's alias, or the host, who is reported."""
        accused = report.meeting.host.key
        if report.seat == "host":
            person = report.meeting.person
            accused = await alias_of(self._profiles, self._ids, person, make=False) or "unknown"
        verdict = report.verdict
        detail = {
            "reportId": report.id,
            "threadId": report.thread_id,
            "outcome": verdict and verdict.outcome,
            "reason": report.reason,
            "messages": [one.message_id for one in report.evidence],
        }
        at = verdict.at if verdict else self._clock.now()
        return audit.entry(DECIDED, at=at, actor=by, subject=accused, detail=detail)


def _reportable(message: Message | None, sender: str, since: int) -> bool:
    return (
        message is not None
        and message.seat == sender
        and OTHER[message.seat] in message.visible_to
        and message.seq > since
    )


def _view(report: Report) -> ReportView:
    host, verdict = report.meeting.host, report.verdict
    return ReportView(
        report_id=report.id,
        thread_id=report.thread_id,
        status=report.status,
        reported_by="user" if report.seat == "person" else host.role,
        person_key=report.meeting.person,
        organizer_id=host.id if host.role == "organizer" else None,
        reason=report.reason,
        comment=report.comment,
        messages=[
            Evidence(message_id=one.message_id, sender_role=one.role, body=one.body, sent_at=one.sent_at)
            for one in report.evidence
        ],
        created_at=report.created_at,
        decision=verdict and Decision(outcome=verdict.outcome, note=verdict.note, decided_at=verdict.at),
    )
