"""Whose each operation's object is, for the matrix of who may do what with whose things (tests/integration/routes/test_owners.py).

Every operation of the OpenAPI document that names a thing or its owner, in its path, query or body, has a row here.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Final

from tests.factories.operations import Operation, operations
from tests.factories.premium import ORG

NAMES: Final = frozenset(
    {"organizerId", "organizationId", "organization_id", "personKey", "deliveryId", "threadId", "campaignId"}
    | {"eventId", "event_id", "recipient", "messageIds", "visitorId", "scope"}
)
"""Parameters and fields that say whose something is."""


class Caller(Enum):
    """Who calls: name, roles and organizers. Ana and Lucia's organizer own everything."""

    NOBODY = None
    ANA = ("uid-ana", (), ())
    EVA = ("uid-eva", (), ())
    LUCIA = ("uid-lucia", ("organizer",), (ORG,))
    MAX = ("uid-max", ("organizer",), ("org_2",))
    OPERATOR = ("uid-rita", ("operator",), ())
    ADMIN = ("uid-ada", ("admin",), ())


_SIGNED_IN: Final = frozenset(Caller) - {Caller.NOBODY}
HOLDERS: Final[Mapping[str, frozenset[Caller]]] = {
    "anonymous": frozenset(Caller),
    "user": _SIGNED_IN,
    "organizer": frozenset({Caller.LUCIA, Caller.MAX, Caller.ADMIN}),
    "staff": frozenset({Caller.LUCIA, Caller.MAX, Caller.OPERATOR, Caller.ADMIN}),
    "operator": frozenset({Caller.OPERATOR, Caller.ADMIN}),
    "admin": frozenset({Caller.ADMIN}),
}
"""Who holds the role that a route demands."""


class Owner(Enum):
    """Whose a thing is: those of the callers for whom it exists."""

    PERSON = frozenset({Caller.ANA})
    MEETING = frozenset({Caller.ANA, Caller.LUCIA})
    ORGANIZER = frozenset({Caller.LUCIA, Caller.OPERATOR, Caller.ADMIN})
    HOST = frozenset({Caller.LUCIA})
    """An organizer's conversations: nobody else reads along."""
    CALLER = _SIGNED_IN
    """Everybody's own, whatever is named: nothing of Ana's is touched by others."""
    SITE = frozenset(Caller)
    """Nobody's: whoever holds the role, or the signed token that is sent."""


@dataclass(frozen=True)
class Row:
    """One operation: whose its object is, and how its request names it where the world's own request does not."""

    owner: Owner
    ids: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    fields: Mapping[str, Any] = field(default_factory=dict)


_PERSON, _MEETING, _ORGANIZER, _CALLER, _SITE = (
    Row(owner) for owner in (Owner.PERSON, Owner.MEETING, Owner.ORGANIZER, Owner.CALLER, Owner.SITE)
)
_OF_ORG: Final = Row(Owner.ORGANIZER, query={"organization_id": ORG})
_FOR_ORG: Final = Row(Owner.ORGANIZER, fields={"organization_id": ORG})

ROWS: Final[Mapping[str, Row]] = {
    **dict.fromkeys(("jobs_read", "inbox_change"), _PERSON),
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
            "thread_receipt_put",
            "reports_send",
        ),
        _MEETING,
    ),
    **dict.fromkeys(
        (
            "analytics_event_live",
            "analytics_event_metrics",
            "analytics_organization_live",
            "broadcasts_cancel",
            "broadcasts_get",
            "broadcasts_pause",
            "broadcasts_report",
            "broadcasts_resume",
            "broadcasts_send",
            "campaigns_archive",
            "campaigns_change",
            "campaigns_get",
            "campaigns_report",
            "campaigns_versions",
            "experience_decision",
            "funnels_results",
            "premium_credits_get",
            "premium_statement",
            "segments_change",
            "segments_diff",
            "segments_get",
            "segments_versions",
        ),
        _ORGANIZER,
    ),
    "analytics_heatmaps": Row(Owner.ORGANIZER, query={"scope": f"org:{ORG}"}),
    "analytics_reactivation": Row(Owner.ORGANIZER, query={"organizationId": ORG}),
    "broadcasts_list": Row(Owner.ORGANIZER, query={"organizerId": ORG}),
    "campaigns_list": Row(Owner.ORGANIZER, query={"organizerId": ORG}),
    "campaigns_create": Row(
        Owner.ORGANIZER, fields={"organizerId": ORG, "type": "organizer_broadcast", "metadata": {}}
    ),
    "campaigns_simulate": Row(Owner.ORGANIZER, ids={"id": "c_org"}),
    "cohorts_estimate": Row(Owner.ORGANIZER, fields={"organizationId": ORG}),
    **dict.fromkeys(("funnels_list", "segments_list"), _OF_ORG),
    **dict.fromkeys(("funnels_create", "segments_create"), _FOR_ORG),
    "threads_list": Row(Owner.HOST, query={"organizerId": ORG}),
    **dict.fromkeys(
        (
            "inbox_list",
            "inbox_read_all",
            "people_me_consents_grant",
            "people_me_consents_withdraw",
            "people_me_devices_remove",
            "people_me_favorites_add",
            "people_me_favorites_mute",
            "people_me_favorites_remove",
            "threads_send",
        ),
        _CALLER,
    ),
    **dict.fromkeys(
        (
            "broadcasts_webhook",
            "consents_confirm",
            "docs_asset",
            "experience_decide",
            "ops_queues_replay",
            "machines_put",
            "machines_get",
            "funnels_people",
            "messages_ack",
            "people_flags_set",
            "people_me_less_of_this",
            "people_roles_set",
            "people_view",
            "premium_credits_add",
            "premium_tier_set",
            "reports_decide",
            "reports_get",
            "track",
        ),
        _SITE,
    ),
}


def names_a_thing(operation: Operation) -> bool:
    """Whether an operation is about a thing that may be another's."""
    return bool(operation.holes) or not NAMES.isdisjoint({*operation.parameters, *operation.fields})


def in_the_matrix() -> dict[str, Operation]:
    """The operations of the document that need a row."""
    return {name: operation for name, operation in operations().items() if names_a_thing(operation)}
