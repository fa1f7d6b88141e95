"""The demo's cast and campaigns, on a worker in memory: each person is who the page says they are."""

import json
import threading
from collections.abc import AsyncIterator
from typing import Any

import azure.functions as func
import pytest

from dev.demo.correspondence import NEWS
from dev.demo.people import NEXT_RELEASE, PEOPLE, RELEASES
from dev.demo.routes import stage
from dev.demo.seed import seed, seed_campaigns
from dev.demo.year.load import Year
from dev.host.http import DevRoutes
from shared.experience.decide.schemas import DecideAnswer, DecideRequest
from shared.messaging.campaigns.models import ON_PAGE
from shared.messaging.inbox.schemas import InboxQuery
from shared.people.access import Principal
from shared.people.visitors import Person
from shared.wiring import App
from tests.factories.app import make_app

ADDRESS = "203.0.113.9"
CAST = {person.id: person for person in PEOPLE}


@pytest.fixture
async def app() -> AsyncIterator[App]:
    app = make_app()
    yield app
    await app.close()


@pytest.fixture
async def routes(app: App) -> DevRoutes:
    return await stage(app)


async def shown(app: App, person: str, release: str = RELEASES[1]) -> DecideAnswer:
    """What the person is shown on opening the page."""
    cast = CAST[person]
    request = DecideRequest(release_id=release, visitor_id=cast.visitor_id, page="/", channels=list(ON_PAGE))
    return await app.decisions.decide(request, Principal(cast.uid, frozenset(cast.roles)), address=ADDRESS)


def channels(answer: DecideAnswer) -> list[str]:
    return [message.channel for message in answer.messages]


async def post(routes: DevRoutes, path: str, body: Any) -> tuple[int, Any]:
    request = func.HttpRequest(
        "POST", path, headers={"x-forwarded-for": f"{ADDRESS}:4711"}, body=json.dumps(body).encode()
    )
    answer = await routes["POST", path](request)
    return answer.status_code, json.loads(answer.get_body() or b"null")


@pytest.mark.parametrize(
    ("person", "first", "title"),
    [
        ("new-visitor", "modal", "The floor has been polished"),
        ("visitor", "modal", "The floor has been polished"),
        ("dancer", "banner", "We wrote our privacy notice anew"),
        ("dormant-dancer", "modal", "We missed your embrace"),
        ("new-organizer", "helper", "Welcome to the other side of the dance floor"),
        ("admin", "banner", "We wrote our privacy notice anew"),
    ],
)
async def test_each_of_the_cast_is_shown_their_own_case_first(
    app: App, routes: DevRoutes, person: str, first: str, title: str
):
    """The system cases of messaging-platform.md §3, one for each persona."""
    message = (await shown(app, person)).messages[0]
    assert (message.channel, message.content.title) == (first, title)


async def test_a_returning_visitor_is_asked_to_join(app: App, routes: DevRoutes):
    await shown(app, "visitor")
    assert channels(await shown(app, "visitor")) == ["snackbar"]


async def test_the_next_release_is_told_to_everybody(app: App, routes: DevRoutes):
    for person in CAST:
        titles = [message.content.title for message in (await shown(app, person, NEXT_RELEASE)).messages]
        assert "The winter floor is open" in titles


async def test_seeding_again_changes_nothing(app: App, routes: DevRoutes):
    before = await shown(app, "dormant-dancer")
    await seed(app)
    assert before.messages
    assert (await shown(app, "dormant-dancer")).messages == []


async def test_the_page_is_told_who_there_is(routes: DevRoutes):
    answer = await routes["GET", "/dev/people"](func.HttpRequest("GET", "/dev/people", body=b""))
    told = json.loads(answer.get_body())
    assert [person["id"] for person in told["people"]] == list(CAST)
    assert told["release"] in told["releases"]
    assert all(person["label"] and person["description"] for person in told["people"])


async def test_signing_in_gives_a_token_with_the_roles_of_the_account(app: App, routes: DevRoutes):
    status, signed_in = await post(routes, "/dev/sign-in", {"id": "new-organizer"})
    identity = await app.verifier.verify(signed_in["token"])
    assert status == 200
    assert identity.uid == "demo-new-organizer"
    assert identity.roles == ("organizer",)
    assert identity.organizer_ids == CAST["new-organizer"].organizer_ids
    assert signed_in["expiresAt"] == "2026-11-21T21:00:00Z"


@pytest.mark.parametrize("body", [{"id": "visitor"}, {"id": "nobody"}, {"id": 7}, {}, [], "x", None])
async def test_nobody_else_can_sign_in(routes: DevRoutes, body: Any):
    assert (await post(routes, "/dev/sign-in", body))[0] == 404


@pytest.mark.parametrize("person", CAST)
async def test_starting_over_brings_the_first_answer_back_at_the_first_price(
    app: App, routes: DevRoutes, person: str
):
    first = await shown(app, person)
    assert (await post(routes, "/dev/start-over", {"id": person}))[0] == 204
    again = await shown(app, person)
    assert channels(again) == channels(first)
    assert [message.delivery_id for message in again.messages] == [m.delivery_id for m in first.messages]


async def test_starting_over_forgets_the_browsers_own_id(app: App, routes: DevRoutes):
    own = "0b6f6e0e-6a43-4a4e-9a51-0d8c2f2f6f10"
    request = DecideRequest(release_id=RELEASES[1], visitor_id=own, page="/")
    who = app.visitors.identify(None, visitor_id=own, address=ADDRESS, now=app.clock.now())
    await app.decisions.decide(request, Principal(), address=ADDRESS)
    assert (await profile_exists(app, who)) is True
    await post(routes, "/dev/start-over", {"id": "new-visitor", "visitorId": own})
    assert (await profile_exists(app, who)) is False


async def profile_exists(app: App, who: Person) -> bool:
    return (await app.profile_repository.read(who)).update_time is not None


async def test_followers_find_the_announcement_in_their_inbox_again_and_again(app: App, routes: DevRoutes):
    """Organizer → favorited dancers: a new DJ (messaging-platform.md §3)."""
    for _ in range(2):
        await seed(app)
        assert (await post(routes, "/dev/start-over", {"id": "dancer"}))[0] == 204
        news = (await app.inbox.page("demo-dancer", InboxQuery())).body
        assert news is not None
        titles = {item.content.title for item in news.items}
        assert "Friday: DJ Lucía Ferrer from Rosario" in titles
        assert len(news.items) == len(titles) == len(NEWS)
    others = (await app.inbox.page("demo-dormant-dancer", InboxQuery())).body
    assert others is not None
    assert others.items == []


async def test_a_year_that_is_loading_stops_with_the_app_and_says_nothing(tmp_path, capsys):
    app = make_app(folder=tmp_path)
    year = Year(app, await seed_campaigns(app), 8)
    year.begin()
    await app.close()
    assert not [thread for thread in threading.enumerate() if thread.name == "demo-year"]
    assert "demo_year" not in capsys.readouterr().out
