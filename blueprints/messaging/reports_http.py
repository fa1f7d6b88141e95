"""Reports of messages, and operators' decisions (design/wire.md, Messaging; docs/threads.md)."""

from typing import Final

import azure.functions as func

from shared.http.call import Answer, Call
from shared.http.endpoint import endpoint
from shared.kernel.errors import Conflict, Invalid, Malformed, NotFound, Unavailable
from shared.messaging.reports.schemas import (
    Decide,
    ReportList,
    ReportSent,
    ReportsQuery,
    ReportView,
    SendReport,
)
from shared.people.access import Role
from shared.wiring import app

bp = func.Blueprint()

_SEND: Final = {"messageIds": ["m_6r3x8y4l7n5p9q2s3u4w5z6a7b"], "reason": "spam"}
_REPORT: Final = {
    "reportId": "r_7s4y9z5m8o6q2r3t4v5x6a7b8c",
    "threadId": "t_5q2w7x3k6m4n8p9r1t2v3y4z5a",
    "status": "open",
    "reportedBy": "user",
    "personKey": "uid-of-the-dancer",
    "organizerId": "la-viruta-boston",
    "reason": "spam",
    "messages": [
        {
            "messageId": "m_6r3x8y4l7n5p9q2s3u4w5z6a7b",
            "senderRole": "organizer",
            "body": "Cheap shoes! Cheap shoes!",
            "sentAt": "2025-11-03T20:00:00Z",
        }
    ],
    "createdAt": "2025-11-03T20:10:00Z",
}
_DECISION: Final = {"outcome": "removed", "note": "Advertising."}


@endpoint(
    bp,
    "POST",
    "messages/threads/{threadId}/reports",
    role=Role.USER,
    summary="Report messages of the other participant.",
    description="They are kept as they are now, for the operators. The same messages again are the same report.",
    body=SendReport,
    answers={201: ReportSent},
    errors=[Invalid, Malformed, NotFound],
    example=_SEND,
    answer_example={"reportId": _REPORT["reportId"], "status": "open"},
)
async def reports_send(call: Call[SendReport]) -> Answer:
    """The report."""
    sent = await app().reports.send(call.principal, call.path["threadId"], call.body)
    return Answer(sent, status=201, headers={"Location": f"/api/messages/reports/{sent.report_id}"})


@endpoint(
    bp,
    "GET",
    "messages/reports",
    role=Role.OPERATOR,
    summary="List reports, newest first.",
    query=ReportsQuery,
    answers={200: ReportList},
    errors=[Invalid, Malformed],
    answer_example={"items": [_REPORT]},
)
async def reports_list(call: Call[None, ReportsQuery]) -> Answer:
    """A page of reports."""
    return Answer(await app().reports.page(call.principal, call.query))


@endpoint(
    bp,
    "GET",
    "messages/reports/{reportId}",
    role=Role.OPERATOR,
    summary="Read a report.",
    answers={200: ReportView},
    errors=[NotFound],
    answer_example=_REPORT,
)
async def reports_get(call: Call) -> Answer:
    """The report."""
    return Answer(await app().reports.get(call.path["reportId"]))


@endpoint(
    bp,
    "POST",
    "messages/reports/{reportId}/decision",
    role=Role.OPERATOR,
    summary="Decide a report.",
    description=(
        "Once, and written into the audit trail in the same commit. `removed` takes the texts out of the thread for both; the report "
        "keeps them. The same decision again changes nothing; another one is a conflict."
    ),
    body=Decide,
    answers={200: ReportView},
    errors=[Invalid, Malformed, NotFound, Conflict, Unavailable],
    example=_DECISION,
    answer_example={
        **_REPORT,
        "status": "decided",
        "decision": {**_DECISION, "decidedAt": "2025-11-03T21:00:00Z"},
    },
)
async def reports_decide(call: Call[Decide]) -> Answer:
    """The report with its decision."""
    return Answer(await app().reports.decide(call.principal, call.path["reportId"], call.body))
