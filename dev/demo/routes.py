"""Development routes of the demo page: the cast, signing in as one of them, and beginning anew.

They hand out tokens to whoever asks, so they exist on the local host only and need the local issuer.
"""

from datetime import timedelta
from typing import Final

import azure.functions as func
import orjson
from pydantic import ValidationError

from dev.demo.campaigns import RELEASE
from dev.demo.crowd import seed_crowd
from dev.demo.organizers import ORGANIZERS, TIERS
from dev.demo.people import EVERYBODY, PEOPLE, RELEASES, DemoPerson
from dev.demo.seed import forget, seed, seed_campaigns, seed_person
from dev.demo.year.load import Year
from dev.host.http import DevRoutes
from shared.http.addresses import client_address
from shared.kernel.wire import Moment, Wire
from shared.people.access import Role
from shared.people.visitors import VisitorId
from shared.wiring import App

TOKEN_SECONDS: Final = 3600


class _Choice(Wire):
    id: str
    visitor_id: VisitorId | None = None


class _SignedIn(Wire):
    token: str
    expires_at: Moment


class DemoRoutes:
    """The handlers, over one app."""

    def __init__(self, app: App) -> None:
        self._app = app

    async def people(self, _request: func.HttpRequest) -> func.HttpResponse:
        """``GET /dev/people``: ``{people: [{id, label, description, uid, visitorId, roles, organizerIds, explain}],
        organizers: [{id, name, about}], releases, release}``.
        """
        cast = [
            {
                "id": person.id,
                "label": person.label,
                "description": person.description,
                "uid": person.uid,
                "visitorId": person.visitor_id,
                "roles": person.roles,
                "organizerIds": person.organizer_ids,
                "explain": Role.ADMIN in person.roles,
            }
            for person in PEOPLE
        ]
        organizers = [{"id": one.id, "name": one.name, "about": one.about} for one in ORGANIZERS]
        return _json({"people": cast, "organizers": organizers, "releases": RELEASES, "release": RELEASE})

    async def sign_in(self, request: func.HttpRequest) -> func.HttpResponse:
        """``POST /dev/sign-in {id}``: ``{token, expiresAt}``; 404 for nobody who can sign in."""
        chosen = _chosen(request)
        if chosen is None or chosen[0].uid is None:
            return _json({"title": "Not found"}, 404)
        token = self._app.issuer.token(chosen[0].uid, valid_for=TOKEN_SECONDS)
        expiry = self._app.clock.now() + timedelta(seconds=TOKEN_SECONDS)
        return _json(_SignedIn(token=token, expires_at=expiry).model_dump(mode="json", by_alias=True))

    async def start_over(self, request: func.HttpRequest) -> func.HttpResponse:
        """``POST /dev/start-over {id, visitorId?}``: forget what the person was shown; 204.

        ``visitorId`` is the browser's own, for the person who has none in the cast; without it, the caller's address.
        """
        chosen = _chosen(request)
        if chosen is None:
            return _json({"title": "Not found"}, 404)
        person, visitor_id = chosen
        app = self._app
        address = client_address(request.headers.get("x-forwarded-for"), app.settings.trusted_proxies)
        who = app.visitors.identify(
            person.uid, visitor_id=person.visitor_id or visitor_id, address=address, now=app.clock.now()
        )
        await forget(app, who)
        await seed_person(app, person)
        return func.HttpResponse(status_code=204)


async def demo(app: App) -> DevRoutes:
    """The stage, and a year of the city's life, which loads beside; what ``make run`` asks for (``--extra dev.demo.routes:demo``)."""
    routes = await stage(app)
    Year(app, await seed_campaigns(app)).begin()
    return routes


async def stage(app: App) -> DevRoutes:
    """Seed people and campaigns, and give the routes."""
    app.tiers = TIERS
    await seed(app)
    await seed_crowd(app)
    routes = DemoRoutes(app)
    return {
        ("GET", "/dev/people"): routes.people,
        ("POST", "/dev/sign-in"): routes.sign_in,
        ("POST", "/dev/start-over"): routes.start_over,
    }


def greeting(base: str) -> str:
    """What ``make run`` prints: where to look, and how to be somebody."""
    ways = {
        person.id: f"""curl -s {base}/dev/sign-in -d '{{"id": "{person.id}"}}'"""
        if person.uid
        else f'send "visitorId": "{person.visitor_id}"'
        if person.visitor_id
        else 'send a "visitorId" of your own making, a UUID'
        for person in EVERYBODY
    }
    width = max(map(len, ways))
    lines = [
        f"  {'the page':{width}}  {base}/",
        f"  {'the studio':{width}}  {base}/studio/",
        f"  {'organizers':{width}}  {base}/organizer/",
        f"  {'insights':{width}}  {base}/insights/ (a year of figures, in about half a minute)",
        f"  {'the API':{width}}  {base}/api/docs",
        "",
        "Sign in, and send the token as Authorization: Bearer …",
        *(f"  {who:{width}}  {way}" for who, way in ways.items()),
    ]
    return "\n".join(lines)


def _chosen(request: func.HttpRequest) -> tuple[DemoPerson, str | None] | None:
    try:
        choice = _Choice.model_validate_json(request.get_body())
    except ValidationError:
        return None
    return next(((person, choice.visitor_id) for person in EVERYBODY if person.id == choice.id), None)


def _json(body: object, status: int = 200) -> func.HttpResponse:
    return func.HttpResponse(orjson.dumps(body), status_code=status, mimetype="application/json")
