"""Bodies of ``POST /messages/ack`` (design/wire.md, Experience)."""

from typing import Annotated

from pydantic import Field

from shared.kernel.wire import Moment, Wire
from shared.messaging.deliveries.models import DeliveryStatus
from shared.messaging.deliveries.rules import Action


class AckRequest(Wire):
    """What the reader did. Visitors send the ``ackToken`` that came with the message; its signed-in owner need not."""

    delivery_id: Annotated[str, Field(max_length=128)]
    action: Action
    ack_token: Annotated[str, Field(max_length=256)] | None = None


class Timestamps(Wire):
    """When each report was made: of one kind the earliest counts."""

    created_at: Moment
    delivered_at: Moment | None = None
    seen_at: Moment | None = None
    clicked_at: Moment | None = None
    dismissed_at: Moment | None = None
    ack_at: Moment | None = None
    expires_at: Moment | None = None


class AckAnswer(Wire):
    """The delivery as it now stands; a repeat is answered the same."""

    delivery_id: str
    delivery_status: DeliveryStatus
    timestamps: Timestamps
