"""A whole decide request on the Firestore emulator: request, profile, decision, commit, response. Ours against the usual way.

The work: the same campaigns and people, each asked once in a repetition, one after the other; who is shown what is compared.
Time is the median of the requests, client CPU the mean over all, the process's threads, the handing over of visits to the queue
(embedded; about 10 µs more on Azure) and the keeping of what was shown, with its reasons, included. Left out: the Functions host, the network, the emulator's own CPU. The usual way writes
the visit to the profile with each request, ours packs it into a queue message. Everybody is a visitor: no token is verified.

Goals (design/performance.md §6, row 4): at 1,000 campaigns 10 times less CPU and 5 times lower p50, at 5,000 40 and 20 times; 700 µs.
"""

import asyncio
import gc
import os
import time
import urllib.request
import uuid
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, replace
from statistics import median
from typing import Any

import azure.functions as func
import orjson
from google.cloud import firestore

from benchmarks import Case
from benchmarks.deciding import _candidate
from benchmarks.peers.usual_way import UsualWay
from benchmarks.world import NOW, Rule, Someone, people, rules
from blueprints.experience import decide_http
from shared import wiring
from shared.clients.documents.firestore import FirestoreDocuments
from shared.clients.documents.port import Create
from shared.clients.queues.embedded import EmbeddedQueues
from shared.kernel import telemetry
from shared.kernel.clock import ManualClock
from shared.kernel.settings import Settings
from shared.messaging.campaigns import repository as campaigns
from shared.people.profiles import repository as profiles
from shared.people.profiles.models import Profile
from shared.people.profiles.stored import to_data

PEOPLE = 60
SECRET = "benchmark" * 4
ADDRESS = "203.0.113.7"
Answer = Callable[[func.HttpRequest], Awaitable[func.HttpResponse]]


@dataclass
class Way:
    """One way to answer. ``keys`` turns a visitor id into the path of the profile; ``settle`` ends a repetition."""

    loop: asyncio.AbstractEventLoop
    documents: FirestoreDocuments
    asked: list[Someone]
    path: Callable[[str], str]
    answer: Answer
    settle: Callable[[], Awaitable[None]]

    def __call__(self) -> list[list[str]]:
        """Who is shown what."""
        responses = self.loop.run_until_complete(self._all(self._fresh(), []))
        assert all(response.status_code == 200 for response in responses), responses[0].get_body()
        found = [orjson.loads(response.get_body())["messages"] for response in responses]
        return [[message["campaignId"] for message in messages] for messages in found]

    def measure(self) -> tuple[float, float]:
        """The median time of a request, and its CPU."""
        requests, times = self._fresh(), list[float]()
        gc.collect()
        busy = time.process_time()
        self.loop.run_until_complete(self._all(requests, times))
        return median(times), (time.process_time() - busy) / len(requests)

    async def _all(self, requests: list[func.HttpRequest], times: list[float]) -> list[func.HttpResponse]:
        responses = []
        for request in requests:
            began = time.perf_counter()
            responses.append(await self.answer(request))
            times.append(time.perf_counter() - began)
        await self.settle()
        return responses

    def _fresh(self) -> list[func.HttpRequest]:
        """The same people again, whom nobody has shown anything yet: under new ids."""
        visitors = [str(uuid.uuid4()) for _ in self.asked]
        writes = [
            Create(self.path(visitor), to_data(_stored(visitor, someone)))
            for visitor, someone in zip(visitors, self.asked, strict=True)
        ]
        self.loop.run_until_complete(self.documents.commit(writes))
        return [_request(visitor, someone) for visitor, someone in zip(visitors, self.asked, strict=True)]


def _stored(visitor: str, someone: Someone) -> Profile:
    """Whatever the visitor's id, the place in rollouts is the person's."""
    return replace(someone.profile, person_key=visitor, type="ip", bucket_id=someone.profile.person_key)


def _request(visitor: str, someone: Someone) -> func.HttpRequest:
    body = {
        "releaseId": "2026.11",
        "visitorId": visitor,
        "featureFlags": sorted(someone.flags),
        "locale": someone.locale,
        "channels": ["banner", "snackbar", "toast"],
    }
    headers = {
        "content-type": "application/json",
        "x-forwarded-for": f"{ADDRESS}:50000",
        "user-agent": "Mozilla/5.0",
        "origin": "https://tangotiempo.com",
    }
    url = "https://api.tangotiempo.com/api/experience/decide"
    return func.HttpRequest("POST", url, headers=headers, params={}, route_params={}, body=orjson.dumps(body))


def cases() -> Iterator[Case]:
    """1,000 and 5,000 campaigns; narrow ones, as organizers make them, then wide ones."""
    host = os.environ.get("FIRESTORE_EMULATOR_HOST")
    if not host:
        print("\ndecide_request: left out, FIRESTORE_EMULATOR_HOST names no emulator")
        return
    for narrow in (True, False):
        for number in (1000, 5000):
            loop = asyncio.new_event_loop()
            project = f"demo-benchmark-{uuid.uuid4().hex[:8]}"
            ways, close = loop.run_until_complete(_ways(loop, host, project, rules(number, narrow=narrow)))
            try:
                yield Case(
                    title=f"{number:,} campaigns, {'narrow' if narrow else 'wide'}",
                    unit="request",
                    units=PEOPLE,
                    ways=ways,
                    measure=Way.measure,
                )
            finally:
                loop.run_until_complete(close())
                loop.close()
                _forget(host, project)


async def _ways(
    loop: asyncio.AbstractEventLoop, host: str, project: str, known: list[Rule]
) -> tuple[dict[str, Way], Callable[[], Awaitable[None]]]:
    clock = ManualClock(NOW)
    telemetry.configure_logging()
    settings = Settings(
        cabeceo_env="test",
        documents="firestore",
        firestore_emulator_host=host,
        google_cloud_project=project,
        hash_secret=SECRET,
        signing_secrets=[SECRET],
        rate_per_address=1_000_000_000,
    )
    app = wiring.App(settings=settings, clock=clock, given_queues=EmbeddedQueues(":memory:", clock))
    wiring.use(app)
    made = [_candidate(rule, len(known) - place).campaign for place, rule in enumerate(known)]
    for first in range(0, len(made), 500):
        await app.documents.commit(
            [
                Create(f"{campaigns.COLLECTION}/{c.id}", campaigns.to_data(c))
                for c in made[first : first + 500]
            ]
        )
    await app.catalog.current()  # the first load of thousands is not the request's
    client = firestore.AsyncClient(project=project)
    content = made[0].content.model_dump(mode="json", exclude_none=True)
    usual = UsualWay(client, known, content, SECRET.encode(), NOW)
    asked = people(PEOPLE, known)

    def key(visitor: str) -> str:
        return app.visitors.identify(None, visitor_id=visitor, address=ADDRESS, now=NOW).key

    async def hand_over() -> None:
        await app.activity.drain()
        await app.decision_log.drain()

    async def nothing() -> None:
        return

    async def close() -> None:
        await app.close()
        await client._firestore_api.transport.close()  # noqa: SLF001 - the SDK's AsyncClient offers no other way

    documents: Any = app.documents
    ours = Way(loop, documents, asked, lambda v: profiles.path_of(key(v)), _function(), hand_over)
    theirs = Way(loop, documents, asked, lambda v: f"profiles/{usual.key(v)}", usual.decide, nothing)
    return {"ours": ours, f"pydantic, Firestore SDK {firestore.__version__}, GrowthBook": theirs}, close


def _function() -> Answer:
    """The function as the host finds it."""
    app = func.FunctionApp()
    app.register_functions(decide_http.bp)
    [function] = app.get_functions()
    answer: Answer = function.get_user_function()
    return answer


def _forget(host: str, project: str) -> None:
    url = f"http://{host}/emulator/v1/projects/{project}/databases/(default)/documents"
    urllib.request.urlopen(urllib.request.Request(url, method="DELETE"), timeout=30).close()
