"""Visitors who ask and answer, queues that are worked off, and workers that die at a chosen step."""

from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import azure.functions as func

from blueprints.experience import activity_queue, activity_staging_timer
from blueprints.messaging import broadcasts_durable
from blueprints.people import signals_queue
from shared import wiring
from shared.clients.queues.port import ACTIVITY, BROADCASTS, SIGNALS
from shared.experience.ack.schemas import AckAnswer, AckRequest
from shared.experience.decide.schemas import DecideAnswer, DecideRequest, Message
from shared.kernel import telemetry
from shared.messaging.campaigns.models import Campaign
from shared.messaging.campaigns.repository import CampaignRepository
from shared.people.access import NOBODY, Principal
from shared.people.profiles.models import Profile
from shared.wiring import App
from tests.factories.durable import Engine

ULID = "01JD3K8M5V7Q9X2R4T6W8Y0Z1A"
ADDRESS = "203.0.113.7"
WORKERS = {
    ACTIVITY: (activity_queue.bp, "activity_visits"),
    BROADCASTS: (broadcasts_durable.bp, "broadcasts_wake"),
    SIGNALS: (signals_queue.bp, "signals_heard"),
}


async def publish(app: App, *campaigns: Campaign) -> None:
    """Store campaigns, as another instance would: this one hears of them when it next asks."""
    for campaign in campaigns:
        await CampaignRepository(app.documents).create(campaign)


async def ask(
    app: App, principal: Principal = NOBODY, *, explain: bool = False, address: str = ADDRESS, **body: Any
) -> DecideAnswer:
    """One decision; a visitor with a visitor id on release r1 unless told otherwise."""
    request = DecideRequest.model_validate({"releaseId": "r1", "visitorId": ULID} | body)
    return await app.decisions.decide(request, principal, address=address, explain=explain)


async def answer(
    app: App,
    message: Message,
    action: str = "seen",
    principal: Principal = NOBODY,
    *,
    token: bool = True,
) -> AckAnswer:
    """One report on a message."""
    body = {"deliveryId": message.delivery_id, "action": action}
    return await app.acknowledgements.acknowledge(
        AckRequest.model_validate(body | ({"ackToken": message.ack_token} if token else {})), principal
    )


def known_as(app: App, uid: str | None = None, **more: Any) -> Any:
    """Under which keys a caller's profile stands now."""
    given = {"visitor_id": ULID, "address": ADDRESS} | more
    return app.visitors.identify(uid, now=app.clock.now(), **given)


async def profile_of(app: App, uid: str | None = None, **more: Any) -> Profile:
    """A caller's profile as it is stored now."""
    return await app.profile_repository.read(known_as(app, uid, **more))


async def cost(work: Awaitable[Any]) -> Counter[str]:
    """The store operations of some work."""
    with telemetry.counted() as bill:
        await work
    return Counter({kind: number for kind, number in bill.items() if number})


def function(bp: func.Blueprint, name: str) -> Callable[..., Awaitable[None]]:
    """The function of a blueprint, as the host finds it."""
    app = func.FunctionApp()
    app.register_functions(bp)
    found = {one.get_function_name(): one.get_user_function() for one in app.get_functions()}
    return found[name]


async def work_off(app: App, queue: str, *, times: int = 1, durable: Engine | None = None) -> int:
    """Let the queue's worker take everything that is visible, each message ``times`` times; gives how many there were.

    Orchestrations are started in ``durable``, or in an engine that runs none of them.
    """
    wiring.use(app)
    worker, taken = function(*WORKERS[queue]), 0
    if queue == BROADCASTS:
        worker = partial(worker, client=(durable or Engine(app)).management.binding())
    while messages := await app.queues.receive(queue, limit=32):
        for message in messages:
            for _ in range(times):
                await worker(func.QueueMessage(id=message.id, body=message.body.encode()))
            await app.queues.delete(queue, message)
            taken += 1
    return taken


async def sweep(app: App) -> None:
    """Let the timer of the staging collection fire."""
    wiring.use(app)
    await function(activity_staging_timer.bp, "activity_staging")(timer=None)


class Killed(BaseException):
    """The process is gone: nothing catches this."""


@dataclass
class Life:
    """How many more calls of its stores a worker lives to make."""

    calls: int

    def spend(self) -> None:
        if self.calls <= 0:
            raise Killed
        self.calls -= 1


class Mortal:
    """A client whose worker dies before one call too many."""

    def __init__(self, inner: Any, life: Life) -> None:
        self._inner, self._life = inner, life

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._inner, name)

        async def call(*arguments: Any, **named: Any) -> Any:
            self._life.spend()
            return await method(*arguments, **named)

        return call
