"""A person's inbox over HTTP (design/wire.md, Messaging; docs/inbox.md)."""

from typing import Final

import azure.functions as func

from shared.http.call import Answer, Call
from shared.http.endpoint import endpoint
from shared.kernel.errors import Invalid, Malformed, NotFound, Unavailable
from shared.messaging.inbox.schemas import (
    InboxChange,
    InboxCounts,
    InboxItem,
    InboxList,
    InboxQuery,
    ReadAll,
    ReadAllQuery,
)
from shared.people.access import Role
from shared.wiring import app

bp = func.Blueprint()

_ITEM: Final = {
    "deliveryId": "d_5q2w7x3k6m4n8p9r1t2v3y4z5a",
    "campaignId": "c_01jd3k8m5v7q9x2r4t6w8y0z1a",
    "organizerId": "la-viruta-boston",
    "content": {
        "title": "Friday: DJ Lucía Ferrer from Rosario",
        "body": "Golden-age tandas until two. Class at eight, doors at nine.",
        "cta": "See the evening",
        "link": "/events/la-viruta-friday",
        "severity": "info",
        "steps": [],
    },
    "state": "unread",
    "createdAt": "2025-11-03T20:00:00Z",
    "arrivedAt": "2025-11-03T20:00:00Z",
    "expiresAt": "2025-11-07T23:00:00Z",
    "revision": 0,
}
_POLL: Final = (
    "Poll with `If-None-Match`: while nothing has changed the answer is 304 and costs two document reads. An answer made less "
    "than ten seconds after a change is sent once more."
)


@endpoint(
    bp,
    "GET",
    "messages/inbox",
    role=Role.USER,
    summary="Read one's inbox, newest first.",
    description=(
        "Without `state`: what is neither archived nor snoozed. A snoozed item comes back on top, unread, when its time has come; "
        f"expired and withdrawn ones are gone. {_POLL}"
    ),
    query=InboxQuery,
    answers={200: InboxList},
    errors=[Invalid, Malformed],
    event="inbox_fetch",
    answer_example={"items": [_ITEM]},
)
async def inbox_list(call: Call[None, InboxQuery]) -> Answer:
    """A page of items, or nothing new."""
    polled = await app().inbox.page(call.principal.uid or "", call.query, call.versions)
    return Answer(polled.body, etag=polled.etag)


@endpoint(
    bp,
    "GET",
    "messages/inbox/counts",
    role=Role.USER,
    summary="Count what is in one's inbox.",
    description=f"For the badge. Counted from the items at each request, so it cannot drift. {_POLL}",
    answers={200: InboxCounts},
    answer_example={"unread": 2, "total": 7},
)
async def inbox_counts(call: Call) -> Answer:
    """The counts, or nothing new."""
    polled = await app().inbox.counts(call.principal.uid or "", call.versions)
    return Answer(polled.body, etag=polled.etag)


@endpoint(
    bp,
    "PATCH",
    "messages/inbox/{deliveryId}",
    role=Role.USER,
    summary="Mark an item read or unread, archive it, snooze it, or take that back.",
    description=(
        "Safe to repeat; of two changes the later one wins. Reading an item acknowledges its delivery, which marking it unread "
        "does not take back. `snoozedUntil` lies within a year and before `expiresAt`; null ends a snooze early and leaves the item "
        "as it was before. Archiving ends a snooze; a snooze takes an item out of the archive."
    ),
    body=InboxChange,
    answers={200: InboxItem},
    errors=[Invalid, Malformed, NotFound, Unavailable],
    example={"read": True},
    answer_example={**_ITEM, "state": "read", "readAt": "2025-11-03T21:30:00Z", "revision": 1},
)
async def inbox_change(call: Call[InboxChange]) -> Answer:
    """The item as it is now."""
    return Answer(await app().inbox.change(call.principal.uid or "", call.path["deliveryId"], call.body))


@endpoint(
    bp,
    "POST",
    "messages/inbox/read-all",
    role=Role.USER,
    summary="Mark everything in one's inbox as read.",
    description="At most 1,000 items a call; `complete` false asks for another one. What arrives meanwhile stays unread.",
    query=ReadAllQuery,
    answers={200: ReadAll},
    errors=[Invalid, Unavailable],
    answer_example={"updated": 2, "complete": True},
)
async def inbox_read_all(call: Call[None, ReadAllQuery]) -> Answer:
    """How many were marked."""
    return Answer(await app().inbox.read_all(call.principal.uid or "", call.query))
