"""What lies in the dancer's inbox, and what the dancer and an organizer have written to each other."""

from typing import Final

from dev.demo.campaigns import DJ_ANNOUNCEMENT, ORGANIZER
from dev.demo.organizers import ORGANIZERS
from shared.messaging.campaigns.content import Content
from shared.messaging.campaigns.models import Channel
from shared.messaging.campaigns.schemas import CreateCampaign
from shared.messaging.threads.schemas import Recipient, SendMessage
from shared.people.access import Principal, Role
from shared.wiring import App

_LUCIERNAGA, _PUENTE = (organizer.id for organizer in ORGANIZERS[1:])
FOLLOWED: Final = (ORGANIZER, _LUCIERNAGA)
"""Whom the dancer follows."""
EVENT: Final = "la-viruta-friday"

ORCHESTRA: Final = CreateCampaign(
    type="organizer_broadcast",
    name="Saturday's orchestra",
    organizer_id=_LUCIERNAGA,
    audience={"attribute": "person.favorites", "op": "contains", "value": _LUCIERNAGA},
    content=Content(
        title="Saturday at midnight: Cuarteto Farol",
        body=(
            "Four musicians, two bandoneons and the lamps turned low. They play two sets of forty minutes; DJ Inés Cordal "
            "before, between and after.\n\nTables by the floor can be reserved until Friday noon."
        ),
        cta="Reserve a table",
        link="/events/la-luciernaga-saturday",
        severity="success",
    ),
    delivery_channels=[Channel.INBOX],
    status="active",
)
CLINIC: Final = CreateCampaign(
    type="organizer_broadcast",
    name="The giro clinic",
    organizer_id=_PUENTE,
    audience={"attribute": "person.favorites", "op": "contains", "value": _PUENTE},
    content=Content(
        title="Tuesday is giro night",
        body="An hour on the giro in both directions before the práctica begins. Bring a partner or find one.",
        cta="See the práctica",
        link="/events?when=week",
    ),
    delivery_channels=[Channel.INBOX],
    status="active",
)
NEWS: Final = (CLINIC, ORCHESTRA, DJ_ANNOUNCEMENT)
"""Oldest first."""

_TALK: Final = (
    ("demo-dancer", "How late does it go on Friday, and is there a bus afterwards?"),
    (
        "demo-new-organizer",
        "Until two. The night bus leaves from the corner at twenty past, and somebody always walks there.",
    ),
    ("demo-dancer", "Wonderful. Is the valses tanda early or late?"),
    ("demo-new-organizer", "At midnight sharp, by candlelight. Keep your eyes open for a cabeceo."),
)


async def seed_dancer(app: App, uid: str, author: Principal) -> None:
    """Favourites, inbox and a conversation; repeats change nothing."""
    for organizer in FOLLOWED:
        await app.favorites.add(uid, organizer)
    for news in NEWS:
        campaign = await app.campaigns.create(author, news, seed=f"demo:{news.name}")
        await app.inbox.put(campaign, uid)


async def seed_conversation(app: App, uid: str) -> None:
    """The dancer's questions and the organizer's answers."""
    host = frozenset({Role.ORGANIZER.value})
    for number, (author, words) in enumerate(_TALK):
        asks = author == uid
        body = SendMessage(
            recipient=Recipient(organizer_id=ORGANIZER) if asks else Recipient(person_key=uid),
            event_id=EVENT,
            type="question",
            body=words,
            client_message_id=f"demo-{number}",
        )
        sender = Principal(uid) if asks else Principal(author, host, frozenset({ORGANIZER}))
        await app.sending.send(sender, body)
