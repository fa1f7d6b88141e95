"""Campaigns over HTTP: an admin's all, an organizer's own (design/wire.md, Experience)."""

from typing import Final

import azure.functions as func

from shared.http.call import Answer, Call
from shared.http.endpoint import endpoint
from shared.kernel.errors import (
    Conflict,
    Forbidden,
    Invalid,
    Malformed,
    NotFound,
    PreconditionFailed,
    PreconditionRequired,
)
from shared.messaging.campaigns.models import Campaign
from shared.messaging.campaigns.reports import CampaignReport
from shared.messaging.campaigns.schemas import (
    CampaignList,
    CampaignsQuery,
    ChangeCampaign,
    CreateCampaign,
    VersionsQuery,
)
from shared.people.access import Role
from shared.wiring import app

bp = func.Blueprint()

_BODY: Final = {
    "type": "upgrade",
    "name": "Autumn release, first visit",
    "audience": {"attribute": "release.firstVisit", "op": "eq", "value": True},
    "content": {
        "title": "The floor has been polished",
        "body": "Find a milonga on the map, wherever you are tonight.",
        "cta": "Show me",
        "link": "/map",
    },
    "deliveryChannels": ["modal"],
    "priority": 200,
    "scheduling": {"maxDeliveriesPerUser": 1},
    "metadata": {"releaseId": "2025.11.0"},
    "status": "active",
}
_CAMPAIGN: Final = {
    **_BODY,
    "id": "c_01jd3k8m5v7q9x2r4t6w8y0z1a",
    "version": 1,
    "capsVersion": 1,
    "createdAt": "2025-11-03T09:00:00Z",
    "updatedAt": "2025-11-03T09:00:00Z",
    "createdBy": "uid-of-the-author",
}
_LIST: Final = {"items": [_CAMPAIGN]}
_COUNTS: Final = {
    "delivered": 0,
    "seen": 320,
    "clicked": 45,
    "dismissed": 130,
    "acknowledged": 610,
    "shown": 1105,
}
_REPORT: Final = {
    "campaignId": _CAMPAIGN["id"],
    "at": "2025-11-04T09:00:00Z",
    **{name: {"value": count, "text": str(count)} for name, count in _COUNTS.items()},
}


@endpoint(
    bp,
    "GET",
    "messages/campaigns",
    role=Role.ORGANIZER,
    summary="List campaigns, newest first.",
    description="An admin gets every campaign, an organizer the campaigns of their own organizers.",
    query=CampaignsQuery,
    answers={200: CampaignList},
    errors=[Invalid, Malformed, NotFound],
    answer_example=_LIST,
)
async def campaigns_list(call: Call[None, CampaignsQuery]) -> Answer:
    """A page of campaigns."""
    return Answer(await app().campaigns.page(call.principal, call.query))


@endpoint(
    bp,
    "POST",
    "messages/campaigns",
    role=Role.ORGANIZER,
    summary="Create a campaign.",
    description=(
        "Organizers make `organizer_broadcast` and `organizer_targeted` campaigns under their own `organizerId`, with a "
        "priority of 100 at most; the other types are an admin's. `audience` is a condition over the attribute table; "
        "none means everyone. `rollout` lets a share of them in and `experiment` deals them variants of the content, by "
        "GrowthBook's hash over the person; active experiments in one namespace must not overlap."
    ),
    body=CreateCampaign,
    answers={201: Campaign},
    errors=[Invalid, Forbidden, NotFound, Conflict],
    idempotency="optional",
    example=_BODY,
    answer_example=_CAMPAIGN,
)
async def campaigns_create(call: Call[CreateCampaign]) -> Answer:
    """The new campaign, and where it is."""
    campaign = await app().campaigns.create(call.principal, call.body, seed=call.seed)
    location = {"Location": f"/api/messages/campaigns/{campaign.id}"}
    return Answer(campaign, status=201, headers=location, etag=str(campaign.version))


@endpoint(
    bp,
    "GET",
    "messages/campaigns/{id}",
    role=Role.ORGANIZER,
    summary="Read a campaign.",
    answers={200: Campaign},
    errors=[NotFound],
    answer_example=_CAMPAIGN,
)
async def campaigns_get(call: Call) -> Answer:
    """The campaign; its version is the ETag."""
    campaign = await app().campaigns.get(call.principal, call.path["id"])
    return Answer(campaign, etag=str(campaign.version))


@endpoint(
    bp,
    "PATCH",
    "messages/campaigns/{id}",
    role=Role.ORGANIZER,
    summary="Change a campaign.",
    description=(
        "Fields that are left out stay as they are; each field given is replaced as a whole. `If-Match` names the "
        "version that the change builds on. A change makes a new version; caps and acknowledgements of people stay "
        "theirs unless `resetCaps` is true. States go draft → active ⇄ paused, and to archived from everywhere."
    ),
    body=ChangeCampaign,
    answers={200: Campaign},
    errors=[Invalid, NotFound, Conflict, PreconditionFailed, PreconditionRequired],
    idempotency="optional",
    if_match=True,
    example={"status": "paused"},
    answer_example={**_CAMPAIGN, "status": "paused", "version": 2},
)
async def campaigns_change(call: Call[ChangeCampaign]) -> Answer:
    """The campaign as it is now."""
    campaign = await app().campaigns.change(
        call.principal, call.path["id"], call.body, if_match=call.if_match
    )
    return Answer(campaign, etag=str(campaign.version))


@endpoint(
    bp,
    "DELETE",
    "messages/campaigns/{id}",
    role=Role.ORGANIZER,
    summary="Archive a campaign.",
    description="It is shown to nobody any more and stays readable. Archiving again changes nothing.",
    answers={204: None},
    errors=[NotFound, Conflict],
)
async def campaigns_archive(call: Call) -> Answer:
    """Nothing to say."""
    await app().campaigns.archive(call.principal, call.path["id"])
    return Answer(status=204)


@endpoint(
    bp,
    "GET",
    "messages/campaigns/{id}/versions",
    role=Role.ORGANIZER,
    summary="List a campaign's versions, newest first.",
    query=VersionsQuery,
    answers={200: CampaignList},
    errors=[Invalid, Malformed, NotFound],
    answer_example=_LIST,
)
async def campaigns_versions(call: Call[None, VersionsQuery]) -> Answer:
    """A page of versions."""
    return Answer(await app().campaigns.versions(call.principal, call.path["id"], call.query))


@endpoint(
    bp,
    "GET",
    "messages/campaigns/{id}/report",
    role=Role.ORGANIZER,
    summary="Count how far a campaign's messages got.",
    description=(
        "Each message counts once, in the state it got to; `shown` are all that were seen, whatever came of it. Admins get "
        "exact figures, organizers figures rounded to 5 and below 20 only «under 20»."
    ),
    answers={200: CampaignReport},
    errors=[NotFound],
    answer_example=_REPORT,
)
async def campaigns_report(call: Call) -> Answer:
    """The figures."""
    return Answer(await app().campaign_reports.report(call.principal, call.path["id"]))
