"""Whether what was taken for machines' doing counts after all, over HTTP (design/decisions.md, Analytics)."""

from typing import Final

import azure.functions as func

from shared.analytics.machines.schemas import PutVerdict, VerdictView
from shared.http.call import Answer, Call
from shared.http.endpoint import endpoint
from shared.kernel.errors import Invalid, Malformed, NotFound, Unavailable
from shared.people.access import Role
from shared.wiring import app

bp = func.Blueprint()

_OPEN: Final = {
    "day": "2026-11-21",
    "reason": "user_agent",
    "counted": True,
    "state": "open",
    "rows": 0,
    "at": "2026-11-21T20:00:00Z",
}


@endpoint(
    bp,
    "PUT",
    "analytics/machines/{day}/{reason}",
    role=Role.OPERATOR,
    summary="Count what was left out of a day as machines' doing, or leave it out again.",
    description=(
        "`day` is a social day of the last 90, `reason` one of `suspected_bots` (`no_user_agent`, `user_agent`, `too_many_views`). Figures of "
        "the day and of the people behind it follow within minutes: `state` is then `done`. Events that come later are judged by the rules: "
        "say it again for them."
    ),
    body=PutVerdict,
    example={"counted": True},
    answers={202: VerdictView},
    errors=[Invalid, Malformed, NotFound, Unavailable],
    event="machines_judged",
    answer_example=_OPEN,
)
async def machines_put(call: Call[PutVerdict]) -> Answer:
    """The verdict, about to be carried out."""
    path, counted = call.path, call.body.counted
    verdict = await app().verdicts.put(call.principal, path["day"], path["reason"], counted=counted)
    return Answer(verdict, status=202)


@endpoint(
    bp,
    "GET",
    "analytics/machines/{day}/{reason}",
    role=Role.OPERATOR,
    summary="Look at what was said of a day's machines.",
    description="404 where nobody said anything: the rules hold.",
    answers={200: VerdictView},
    errors=[NotFound],
    answer_example={**_OPEN, "state": "done", "rows": 14},
)
async def machines_get(call: Call) -> Answer:
    """The verdict."""
    return Answer(await app().verdicts.get(call.path["day"], call.path["reason"]))
