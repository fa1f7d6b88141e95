"""The organizers of the demo's city: what they are called, and what they may do."""

from dataclasses import dataclass
from typing import Final

from dev.demo.campaigns import ORGANIZER
from shared.clients.documents.port import Create
from shared.clients.errors import AlreadyExists
from shared.people.access import Principal
from shared.people.organizers import COLLECTION
from shared.premium.credits.schemas import AddCredits
from shared.premium.tiers import TierTable
from shared.wiring import App


@dataclass(frozen=True, slots=True)
class DemoOrganizer:
    """One of them; ``about`` is a line for the page."""

    id: str
    name: str
    about: str


ORGANIZERS: Final = (
    DemoOrganizer(
        ORGANIZER, "La Viruta Boston", "Fridays at the Harbor Loft: class, milonga, one tanda of valses."
    ),
    DemoOrganizer(
        "milonga-la-luciernaga", "Milonga La Luciérnaga", "Saturdays in the Salón Aurora, lit by lamps alone."
    ),
    DemoOrganizer("practica-del-puente", "Práctica del Puente", "Tuesdays: ask anything, try everything."),
)


TIERS: Final = TierTable('{"gold": {"cooldownHours": 0}}')
"""As everywhere, but for one thing: the demo's organizers may send again at once."""
_CREDITS: Final = AddCredits(amount=500, reason="promotion", reference="The demo begins")


async def seed_credits(app: App, author: Principal) -> None:
    """Credits to begin with, for the organizer whom one can be; once."""
    await app.credits.grant(author, ORGANIZER, _CREDITS, seed="demo:credits")


async def seed_organizers(app: App) -> None:
    """Make those who are not there yet."""
    for organizer in ORGANIZERS:
        try:
            await app.documents.commit(
                [Create(f"{COLLECTION}/{organizer.id}", {"name": organizer.name, "tier": "gold"})]
            )
        except AlreadyExists:
            continue
