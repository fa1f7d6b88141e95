"""How the installation fares, over HTTP (design/wire.md, People and operations; docs/operations.md)."""

from typing import Final

import azure.functions as func

from shared.http.call import Answer, Call
from shared.http.endpoint import endpoint
from shared.ops.metrics.schemas import OpsMetrics
from shared.people.access import Role
from shared.wiring import app

bp = func.Blueprint()

_EXAMPLE: Final = {
    "asOf": "2025-11-03T10:00:00Z",
    "state": "warning",
    "metrics": [
        {
            "name": "queue_waiting",
            "of": "activity",
            "value": 12400.0,
            "warning": 10000.0,
            "critical": 50000.0,
            "state": "warning",
        }
    ],
    "budget": {"perDay": 2000000, "spent": 310422, "shed": [], "resetsAt": "2025-11-04T08:00:00Z"},
}


@endpoint(
    bp,
    "GET",
    "ops/metrics",
    role=Role.OPERATOR,
    summary="Look at queues, stores and the day's budget.",
    description=(
        "Each figure comes with its thresholds and a state: `ok`, `warning` or `critical`. At most 10 seconds old; counts of "
        "store operations are added up once a minute. Poll with `If-None-Match`: while no figure has changed the answer is 304. "
        "A store that does not answer leaves its figures without a value, and critical."
    ),
    answers={200: OpsMetrics},
    answer_example=_EXAMPLE,
)
async def ops_metrics(_call: Call) -> Answer:
    """The figures."""
    shown, version = await app().metrics.read()
    return Answer(shown, etag=version)
