"""Orchestrators and activities that show each action; what the activities did stands in ``DONE``."""

import asyncio
from datetime import datetime, timedelta
from itertools import count

import azure.durable_functions as df
import azure.functions as func

bp = df.Blueprint()
DONE: list = []
FAILURES: dict[str, int] = {}
"""How many of the next runs of ``shaky`` fail, by input."""
RETRIES = df.RetryOptions(first_retry_interval_in_milliseconds=5_000, max_number_of_attempts=3)


@bp.activity_trigger(input_name="item")
async def double(item: int) -> int:
    DONE.append(item)
    return item * 2


@bp.activity_trigger(input_name="item")
def shaky(item: str) -> str:
    DONE.append(item)
    if FAILURES.get(item, 0) > 0:
        FAILURES[item] -= 1
        raise ValueError(f"no {item}")
    return item.upper()


@bp.orchestration_trigger(context_name="context")
def sequence(context: df.DurableOrchestrationContext):
    total = 0
    for number in context.get_input()["numbers"]:
        total += yield context.call_activity("double", number)
        context.set_custom_status({"total": total})
    return {"total": total, "at": context.current_utc_datetime.isoformat(), "id": context.new_uuid()}


@bp.orchestration_trigger(context_name="context")
def fan(context: df.DurableOrchestrationContext):
    results = yield context.task_all([context.call_activity("double", n) for n in range(5)])
    return sum(results)


@bp.orchestration_trigger(context_name="context")
def failing(context: df.DurableOrchestrationContext):
    try:
        yield context.call_activity("shaky", "first")
    except Exception as error:  # noqa: BLE001 - the SDK raises no other
        return str(error)


@bp.orchestration_trigger(context_name="context")
def broken(context: df.DurableOrchestrationContext):
    yield context.call_activity("double", 1)
    raise ValueError("not today")


@bp.orchestration_trigger(context_name="context")
def patient(context: df.DurableOrchestrationContext):
    result = yield context.call_activity_with_retry("shaky", RETRIES, "again")
    after = yield context.call_activity("double", 4)
    return [result, after, context.current_utc_datetime.isoformat()]


@bp.orchestration_trigger(context_name="context")
def parent(context: df.DurableOrchestrationContext):
    child = yield context.call_sub_orchestrator(
        "sequence", {"numbers": [1, 2]}, context.instance_id + "-child"
    )
    other = yield context.call_sub_orchestrator_with_retry("patient", RETRIES)
    try:
        yield context.call_sub_orchestrator("broken")
    except Exception as error:  # noqa: BLE001 - the SDK raises no other
        return [child["total"], other[0], "not today" in str(error)]


@bp.orchestration_trigger(context_name="context")
def rounds(context: df.DurableOrchestrationContext):
    left = context.get_input()
    yield context.call_activity("double", left)
    if left > 1:
        context.continue_as_new(left - 1)
        return None
    return "done"


@bp.orchestration_trigger(context_name="context")
def sleeper(context: df.DurableOrchestrationContext):
    until = datetime.fromisoformat(context.get_input())
    yield context.create_timer(until)
    return context.current_utc_datetime >= until


@bp.orchestration_trigger(context_name="context")
def approval(context: df.DurableOrchestrationContext):
    timeout = context.create_timer(context.current_utc_datetime + timedelta(hours=1))
    answer = context.wait_for_external_event("answer")
    winner = yield context.task_any([answer, timeout])
    if winner == timeout:
        return "too late"
    timeout.cancel()
    return answer.result


@bp.orchestration_trigger(context_name="context")
def forgetful(context: df.DurableOrchestrationContext):
    timeout = context.create_timer(context.current_utc_datetime + timedelta(hours=1))
    answer = context.wait_for_external_event("answer")
    yield context.task_any([answer, timeout])
    return "the timer was not cancelled"


@bp.orchestration_trigger(context_name="context")
def http(context: df.DurableOrchestrationContext):
    yield context.call_http("GET", "http://localhost")


@bp.orchestration_trigger(context_name="context")
def stranger(context: df.DurableOrchestrationContext):
    yield context.call_activity("nobody", 1)


@bp.orchestration_trigger(context_name="context")
def entity(context: df.DurableOrchestrationContext):
    yield context.call_entity(df.EntityId("counter", "a"), "add", 1)


CODE: dict[str, str] = {"is": "old"}
"""Which code ``changing`` has: a deployment in the middle of an instance's life."""


@bp.orchestration_trigger(context_name="context")
def changing(context: df.DurableOrchestrationContext):
    code = CODE["is"]
    if code == "one more":
        yield context.call_activity("shaky", "more")
    if code == "random":
        yield context.call_activity("double", next(COUNTER))
    if code == "timer":
        yield context.create_timer(context.current_utc_datetime)
    elif code != "fewer":
        yield context.call_activity("double", 7 if code == "another input" else 1)
    yield context.wait_for_external_event("go")
    return (yield context.call_activity("shaky", "end"))


COUNTER = count()


@bp.orchestration_trigger(context_name="context")
def racing(context: df.DurableOrchestrationContext):
    timeout = context.create_timer(context.current_utc_datetime + timedelta(hours=1))
    yield context.task_any([timeout, context.wait_for_external_event("first")])
    yield context.task_any([timeout, context.wait_for_external_event("second")])
    return "over"


@bp.route("begin/{name}", methods=["POST"])
@bp.durable_client_input(client_name="client")
async def begin(req: func.HttpRequest, client: df.DurableOrchestrationClient) -> func.HttpResponse:
    ident = await client.start_new(req.route_params["name"], None, req.get_json())
    return client.create_check_status_response(req, ident)


@bp.orchestration_trigger(context_name="context")
def program(context: df.DurableOrchestrationContext):
    """Runs what its input lists; see test_programs.py."""
    results = []
    for kind, *values in context.get_input():
        if kind == "call":
            results.append((yield context.call_activity("double", values[0])))
        elif kind == "all":
            results.append((yield context.task_all([context.call_activity("double", n) for n in values])))
        elif kind == "stubborn":
            tries = [context.call_activity_with_retry("shaky", RETRIES, name) for name in values]
            results.append((yield context.task_all([*tries, context.call_activity("double", 1)])))
        elif kind == "race":
            timeout = context.create_timer(context.current_utc_datetime + timedelta(hours=1))
            winner = yield context.task_any([timeout, context.call_activity("double", values[0])])
            timeout.cancel()
            results.append(winner.result)
        elif kind == "sleep":
            yield context.create_timer(context.current_utc_datetime + timedelta(days=values[0]))
        else:
            results.append((yield context.call_sub_orchestrator("program", values)))
    return results


@bp.orchestration_trigger(context_name="context")
def restless(context: df.DurableOrchestrationContext):
    """Begins anew at each event, its timer of a day left behind; the third ends it."""
    seen = context.get_input()
    if seen == 2:
        return seen
    context.create_timer(context.current_utc_datetime + timedelta(days=1))
    event = context.wait_for_external_event("again")
    yield context.task_any([event, context.create_timer(context.current_utc_datetime + timedelta(days=1))])
    context.continue_as_new(seen + 1)
    return None


@bp.orchestration_trigger(context_name="context")
def guardian(context: df.DurableOrchestrationContext):
    try:
        yield context.call_sub_orchestrator("approval", None, "ward")
    except Exception as error:  # noqa: BLE001 - the SDK raises no other
        return str(error).split(" \n")[0]


AT_ONCE = {"now": 0, "most": 0}


@bp.activity_trigger(input_name="item")
async def slow(item: int) -> None:
    AT_ONCE["now"] += 1
    AT_ONCE["most"] = max(AT_ONCE.values())
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    AT_ONCE["now"] -= 1


@bp.orchestration_trigger(context_name="context")
def crowd(context: df.DurableOrchestrationContext):
    yield context.task_all([context.call_activity("slow", n) for n in range(9)])


@bp.orchestration_trigger(context_name="context")
def talkative(context: df.DurableOrchestrationContext):
    for number in range(3):
        if not context.is_replaying:
            DONE.append(f"before {number}")
        yield context.call_activity("double", number)
