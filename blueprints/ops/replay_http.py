"""Putting back what failed, over HTTP (docs/operations.md)."""

import azure.functions as func

from shared.http.call import Answer, Call
from shared.http.endpoint import endpoint
from shared.kernel.errors import Invalid, Malformed, NotFound, Unavailable
from shared.ops.replay import Replayed, ReplayQuery
from shared.people.access import Role
from shared.wiring import app

bp = func.Blueprint()


@endpoint(
    bp,
    "POST",
    "ops/queues/{queue}/replay",
    role=Role.OPERATOR,
    summary="Put back what failed.",
    description=(
        "Messages of the poison queue go back to `activity`, `broadcasts` or `signals`, at most 200 a call; of `activity` the "
        "parked batches as well. Mend the reason first: what fails again comes back here. Repeats are safe: workers stand a "
        "message that comes twice."
    ),
    query=ReplayQuery,
    answers={200: Replayed},
    errors=[Invalid, Malformed, NotFound, Unavailable],
    event="queue_replayed",
    answer_example={"queue": "activity", "replayed": 12, "left": 0},
)
async def ops_queues_replay(call: Call[None, ReplayQuery]) -> Answer:
    """How many went back."""
    return Answer(await app().replays.replay(call.path["queue"], call.query.limit))
