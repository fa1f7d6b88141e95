"""Puts the demo's people and campaigns into the stores, through the services the app itself uses; repeats change nothing."""

from typing import Final

from dev.demo.campaigns import DJ_ANNOUNCEMENT, SYSTEM_CASES
from dev.demo.correspondence import seed_conversation, seed_dancer
from dev.demo.organizers import seed_credits, seed_organizers
from dev.demo.people import EVERYBODY, NEXT_RELEASE, DemoPerson
from shared.clients.documents.port import MAX_WRITES, Delete, Query, Where
from shared.http.addresses import UNKNOWN
from shared.messaging.campaigns.content import Content
from shared.messaging.campaigns.models import Campaign, Channel, Metadata, Scheduling
from shared.messaging.campaigns.schemas import CreateCampaign
from shared.people.access import Principal, Role
from shared.people.profiles.models import Profile
from shared.people.profiles.repository import path_of
from shared.people.visitors import Person
from shared.wiring import App

WINTER: Final = CreateCampaign(
    type="upgrade",
    name="Winter release",
    audience={"attribute": "release.id", "op": "eq", "value": NEXT_RELEASE},
    content=Content(
        title="The winter floor is open",
        body="Holiday marathons have their own calendar now, and you can save a night for later.",
        cta="See the marathons",
        link="/events?when=holidays",
        severity="success",
    ),
    delivery_channels=[Channel.SNACKBAR],
    priority=180,
    scheduling=Scheduling(max_deliveries_per_user=2),
    metadata=Metadata(release_id=NEXT_RELEASE),
    status="active",
)
"""Everyone: what «Deploy next» on the page brings."""
_AUTHOR: Final = Principal("demo-admin", frozenset({Role.ADMIN.value}))


async def seed(app: App) -> None:
    """Make organizers, campaigns, accounts and profiles that are not there yet."""
    await seed_organizers(app)
    await seed_campaigns(app)
    for person in EVERYBODY:
        await seed_person(app, person)
        if person.uid and person.correspondent:
            await seed_conversation(app, person.uid)
    await seed_credits(app, _AUTHOR)


async def seed_campaigns(app: App) -> list[Campaign]:
    """The demo's campaigns, made unless they are there."""
    return [
        await app.campaigns.create(_AUTHOR, campaign, seed=_seed_of(campaign))
        for campaign in (*SYSTEM_CASES, WINTER, DJ_ANNOUNCEMENT)
    ]


def _seed_of(campaign: CreateCampaign) -> str:
    return f"demo:{campaign.name}"


async def seed_person(app: App, person: DemoPerson) -> None:
    """Make the person's account and profile, unless there is a profile already; who corresponds finds news in the inbox."""
    if person.uid:
        app.issuer.create(person.uid, claims=person.claims)
    if person.visits:
        now = app.clock.now()
        who = app.visitors.identify(person.uid, visitor_id=person.visitor_id, address=UNKNOWN, now=now)

        def rule(profile: Profile) -> Profile:
            return person.remembered(who.key, who.type, now) if profile.update_time is None else profile

        await app.profile_repository.change(who, rule)
    if person.uid and person.correspondent:
        await seed_dancer(app, person.uid, _AUTHOR)


async def forget(app: App, who: Person) -> None:
    """Delete what is remembered of somebody, and the deliveries made to them: the demo begins anew."""
    mine = Query(app.deliveries.collection, (Where("recipient.id", "==", who.key),), limit=MAX_WRITES - 2)
    deliveries = await app.documents.query(mine)
    profiles = [path_of(key) for key in (who.key, who.previous_key) if key]
    await app.documents.commit([Delete(path) for path in (*profiles, *(d.path for d in deliveries))])
