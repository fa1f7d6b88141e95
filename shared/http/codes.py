"""The catalogue of ``code`` values that refusals carry: what the OpenAPI document and the error page are made from.

A system of names for clients to branch on, so a code is never renamed. A test holds it against every ``code="…"`` in the source.
"""

from dataclasses import dataclass
from typing import Final

from shared.kernel.errors import AppError

_EXACT: Final[dict[int, dict[str, str]]] = {
    400: {
        "bad_cursor": "The cursor was altered, or belongs to another list.",
        "bad_idempotency_key": "The Idempotency-Key is not 1 to 255 visible ASCII characters.",
        "bad_if_match": "If-Match does not name exactly one version.",
        "bad_query": "The query string cannot be decoded, or has more than 50 parameters.",
        "not_an_object": "The body is JSON, but not an object.",
        "not_json": "The body is not JSON: also NaN, infinities and lone surrogates.",
        "number_too_large": "A number is 2^63 or more, either way.",
        "too_deep": "The body nests deeper than 32 levels.",
    },
    402: {
        "not_enough_credit": "The organizer has less credit than this would cost.",
    },
    403: {
        "tier_too_low": "The organizer's tier does not have this audience or channel.",
        "campaign_type_not_allowed": "Campaigns of this type are an admin's; organizers make their own types.",
        "recipient_not_opted_in": "The person does not receive first messages of this organizer, or there is no such person.",
    },
    404: {
        "favorite_not_found": "The organizer is not one of the person's favourites.",
        "organizer_not_found": "There is no such organizer, or it is not one of yours.",
    },
    409: {
        "campaign_archived": "An archived campaign does not change any more.",
        "campaign_contended": "Others keep changing the campaign; come again in a second.",
        "consent_ended": "What the link would confirm was withdrawn, or agreed to anew, since it was sent.",
        "changed_meanwhile": "Another request changed it at the same time; read it again.",
        "digest_changed": "What the dry run showed holds no longer: other terms, or it would cost more.",
        "namespace_taken": "Another active campaign has a part of the namespace that overlaps this one.",
        "places_fixed": "While a campaign is active, what deals people their places and variants stays.",
        "not_of_an_organizer": "The message is the site's own; there is no organizer to want less of.",
        "report_decided": "The report was decided otherwise before.",
        "credits_contended": "The organizer's other sends are being settled; come again in a second.",
        "reservation_closed": "The reservation is settled already, or holds less than is to be spent.",
        "status_not_allowed": "The state of the object cannot follow its present one.",
        "segment_ready_made": "Ready-made segments stay as they are; make one of your own.",
        "too_many_funnels": "An organizer has 100 funnels at most.",
        "too_many_segments": "An organizer has 200 segments at most.",
        "too_many_reservations": "200 sends of the organizer are under way; come again in a minute.",
        "too_many_favorites": "There is no room for another favourite: 400 are kept.",
        "still_running": "The first request with this Idempotency-Key is still at work.",
        "unblock_first": "You block the recipient; unblock them to write to them.",
    },
    422: {
        "client_message_id_reused": "This clientMessageId came with another text before.",
        "segment_unknown": "There is no such segment, or it is not one of the organizer's.",
        "refund_too_large": "The operation did not spend as much as is to be given back.",
        "span_too_wide": "The answer would be worked out of more than 100,000 events.",
        "too_many_recipients": "The organizer's tier writes to fewer people at once.",
        "idempotency_key_reused": "This Idempotency-Key came with another request before.",
    },
    428: {
        "idempotency_key_required": "This route needs an Idempotency-Key.",
    },
    429: {
        "cohort_budget_spent": "The organizer has asked for as many sizes of cohorts as a day has.",
        "cooldown": "Two broadcasts of an organizer keep apart, as its tier says; Retry-After tells when the next may start.",
    },
    503: {
        "budget_spent": "The day's budget of store operations has none left for this; Retry-After tells when the next day begins.",
        "contended": "Others write the same object; come again in a second.",
        "not_ready": "A store does not answer.",
        "out_of_time": "The request took longer than its budget.",
    },
}


@dataclass(frozen=True, slots=True)
class Code:
    """One code: its name, the status it comes with, the title of its class and when it is sent."""

    name: str
    status: int
    title: str
    meaning: str


def _catalogue() -> dict[str, Code]:
    found: dict[str, Code] = {}
    classes: list[type[AppError]] = [AppError, *AppError.__subclasses__()]
    for error in classes:
        meaning = (error.__doc__ or "").split("\n", 1)[0]
        if error is AppError:
            meaning = "A mistake of ours; the request id finds it in the logs."
        found[error.default_code] = Code(error.default_code, error.status, error.title, meaning)
        for name, exact in _EXACT.get(error.status, {}).items():
            found[name] = Code(name, error.status, error.title, exact)
    return found


CODES: Final = _catalogue()
"""Every code by name."""


def codes_of(status: int) -> list[Code]:
    """The codes that come with a status."""
    return [code for code in CODES.values() if code.status == status]
