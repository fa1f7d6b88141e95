"""What must stand in the stores before an operation can succeed, and what its request is then about."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import blueprints  # noqa: F401 - declares every route
from shared.analytics.funnels.models import Step
from shared.analytics.funnels.schemas import CreateFunnel
from shared.analytics.intake.models import Event
from shared.analytics.segments.schemas import CreateSegment
from shared.clients.queues.port import POISON_SUFFIX, SIGNALS
from shared.experience.decide.schemas import Message
from shared.kernel.clock import to_millis
from shared.kernel.envelope import envelope
from shared.messaging.broadcasts.announcing import Announcements
from shared.messaging.campaigns.models import Campaign, Channel
from shared.messaging.reports.schemas import SendReport
from shared.people.access import Principal
from shared.people.consent.links import ONE_CLICK
from shared.people.profiles.news import PROFILE_CHANGED
from shared.premium.trail import SentBroadcast
from shared.wiring import App
from tests.factories import broadcasts, threads
from tests.factories.app import NOW
from tests.factories.broadcasts import NoReceiver
from tests.factories.consent import grant
from tests.factories.crowds import counted, dancer
from tests.factories.experience import ask, publish
from tests.factories.inbox import put
from tests.factories.messaging import campaign
from tests.factories.premium import ORG

UID: Final = "uid-ana"
ANA: Final = Principal(UID)
FORM: Final = {"Content-Type": "application/x-www-form-urlencoded"}


@dataclass(frozen=True)
class Request:
    """What a request that succeeds needs beside the contract's example: what it is about in this world."""

    ids: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    json: Any = None
    raw: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


async def _a_report(app: App) -> Request:
    shown = (await ask(app)).messages[0]
    return Request(json=_about(shown) | {"action": "acknowledged"})


async def _a_wish_for_less(app: App) -> Request:
    await grant(app, UID, "marketing", "inbox")
    app.catalog.apply(of_the_organizer())
    (shown,) = (await ask(app, ANA)).messages
    return Request(json=_about(shown))


def _about(shown: Message) -> dict[str, Any]:
    return {"deliveryId": shown.delivery_id, "ackToken": shown.ack_token}


async def _a_decision(app: App) -> Request:
    app.catalog.apply(of_the_organizer())
    return Request(ids={"decisionId": (await ask(app)).decision_id})


def of_the_organizer() -> Campaign:
    """A campaign of the organizer's."""
    return campaign(
        id="c_org", type="organizer_targeted", organizer_id=ORG, delivery_channels=[Channel.TOAST]
    )


async def _an_organizers_campaign(app: App) -> Request:
    await publish(app, of_the_organizer())
    return Request(ids={"id": "c_org"})


async def _an_organization(app: App) -> Request:
    return Request(ids={"id": ORG})


async def _an_item(app: App) -> Request:
    (ident,) = await put(app, "c_news", uid=UID)
    return Request(ids={"deliveryId": ident})


async def _a_thread(app: App) -> Request:
    await app.favorites.add(UID, "org_1")
    await threads.send(app, threads.LUCIA, "Cheap shoes")
    return Request(ids={"threadId": threads.THREAD})


async def _a_message_to_read(app: App) -> Request:
    thread = await _a_thread(app)
    return Request(ids=thread.ids, json={"lastReadMessageId": threads.sent_id("Cheap-shoes", threads.LUCIA)})


async def _a_message_to_report(app: App) -> Request:
    thread = await _a_thread(app)
    messages = [threads.sent_id("Cheap-shoes", threads.LUCIA)]
    return Request(ids=thread.ids, json={"messageIds": messages, "reason": "spam"})


async def _a_reported_message(app: App) -> Request:
    request = await _a_message_to_report(app)
    report = await app.reports.send(ANA, threads.THREAD, SendReport.model_validate(request.json))
    return Request(ids={"reportId": report.report_id})


async def _a_crowd(app: App) -> Request:
    await counted(app, [dancer(1000)])  # a number that nobody in this world is given
    return Request()


async def _a_segment(app: App) -> Request:
    await _a_crowd(app)
    filters = {"attribute": "visits.total", "op": "gte", "value": 1}
    body = CreateSegment(organization_id=ORG, segment_name="All", filters=filters)
    segment = await app.segments.create(Principal(UID, frozenset({"operator"})), body, None)
    return Request(ids={"id": segment.id})


async def _two_versions(app: App) -> Request:
    return Request(ids=(await _a_segment(app)).ids, query={"from": "1"})


async def _a_verdict(app: App) -> Request:
    await app.verdicts.put(ANA, IDS["day"], IDS["reason"], counted=True)
    return Request()


async def _a_viewed_event(app: App) -> Request:
    view = Event(
        "0" * 32,
        "view",
        to_millis(app.clock.now()),
        UID,
        "user",
        "browser",
        {"eventId": "e1", "organizerId": ORG},
    )
    await app.ingest.apply("b_view", [view])
    return Request(ids={"eventId": "e1"})


async def _a_broadcast(app: App) -> Request:
    await broadcasts.crowd(app, 30)
    return Request(ids={"id": (await broadcasts.send(app)).id})


async def _a_paused_broadcast(app: App) -> Request:
    request = await _a_broadcast(app)
    await app.broadcasting.service.pause(broadcasts.LUCIA, request.ids["id"])
    return request


async def _an_ended_broadcast(app: App) -> Request:
    request = await _a_broadcast(app)
    ended = await broadcasts.run(app, request.ids["id"])
    sent = SentBroadcast(ended.id, ended.organizer_id, "", "", "basic", {}, 0, {})
    await app.documents.commit(
        Announcements(app.documents, NoReceiver(), app.clock).creation(ended, sent, app.clock.now())
    )
    return request


async def _a_funnel(app: App) -> Request:
    body = CreateFunnel(
        organization_id=ORG, name="F", steps=[Step(event_type="view"), Step(event_type="purchase")]
    )
    funnel = await app.funnels.create(Principal(UID, frozenset({"operator"})), body, None)
    return Request(ids={"id": funnel.id})


async def _a_step(app: App) -> Request:
    return Request(ids=(await _a_funnel(app)).ids, query={"step": "1"})


async def _a_job(app: App) -> Request:
    return Request(ids={"id": (await app.jobs.open("export", UID)).id})


async def _a_failed_signal(app: App) -> Request:
    signal = envelope(PROFILE_CHANGED, "sig_1", UID, app.clock.now(), {})
    await app.queues.send(SIGNALS + POISON_SUFFIX, signal.encode())
    return Request()


async def _a_favorite(app: App) -> Request:
    await app.favorites.add(UID, IDS["organizerId"])
    return Request()


async def _a_grant_to_confirm(app: App) -> Request:
    consent = await grant(app, UID)
    token = app.consent_links.confirmation(consent.id, app.clock.now())
    return Request(ids={"id": consent.id}, json={"token": token})


async def _a_page_to_leave(app: App) -> Request:
    consent = await grant(app, UID)
    return Request(query={"token": app.consent_links.unsubscribe_token(consent.id)})


async def _a_click_to_leave(app: App) -> Request:
    page = await _a_page_to_leave(app)
    return Request(query=page.query, raw=ONE_CLICK.encode(), headers=FORM)


IDS: Final[Mapping[str, str]] = {
    "id": "c_test",
    "personKey": UID,
    "asset": "errors",
    "organizerId": ORG,
    "programme": "events",
    "channel": "push",
    "queue": SIGNALS,
    "day": f"{NOW:%Y-%m-%d}",
    "reason": "user_agent",
}
"""What stands in the place of a path parameter, unless the request says otherwise."""

NEEDS: Final[Mapping[str, Callable[[App], Awaitable[Request]]]] = {
    "messages_ack": _a_report,
    "people_me_less_of_this": _a_wish_for_less,
    "experience_decision": _a_decision,
    **dict.fromkeys(
        (
            "campaigns_get",
            "campaigns_change",
            "campaigns_archive",
            "campaigns_versions",
            "campaigns_report",
        ),
        _an_organizers_campaign,
    ),
    "analytics_organization_live": _an_organization,
    "inbox_change": _an_item,
    "inbox_read_all": _an_item,
    **dict.fromkeys(
        (
            "threads_get",
            "threads_change",
            "threads_leave",
            "threads_messages",
            "thread_mute_put",
            "thread_mute_delete",
            "thread_block_put",
            "thread_block_delete",
        ),
        _a_thread,
    ),
    "thread_receipt_put": _a_message_to_read,
    "reports_send": _a_message_to_report,
    "reports_get": _a_reported_message,
    "reports_decide": _a_reported_message,
    "cohorts_estimate": _a_crowd,
    "segments_create": _a_crowd,
    "analytics_reactivation": _a_crowd,
    **dict.fromkeys(("segments_get", "segments_change", "segments_versions"), _a_segment),
    "segments_diff": _two_versions,
    **dict.fromkeys(("analytics_event_metrics", "analytics_event_live"), _a_viewed_event),
    **dict.fromkeys(
        ("broadcasts_get", "broadcasts_report", "broadcasts_cancel", "broadcasts_pause"), _a_broadcast
    ),
    "machines_get": _a_verdict,
    "broadcasts_resume": _a_paused_broadcast,
    "broadcasts_webhook": _an_ended_broadcast,
    "funnels_results": _a_funnel,
    "funnels_people": _a_step,
    "jobs_read": _a_job,
    "ops_queues_replay": _a_failed_signal,
    "people_me_favorites_mute": _a_favorite,
    "people_me_favorites_remove": _a_favorite,
    "consents_confirm": _a_grant_to_confirm,
    "unsubscribe_ask": _a_page_to_leave,
    "unsubscribe_now": _a_click_to_leave,
}
"""Operations whose request is about something that must be there first."""
