"""The organizers of the demo's city: what they are called, and what they may do."""

from dataclasses import dataclass
from typing import Final

from dev.demo.campaigns import ORGANIZER
from shared.clients.documents.port import Create
from shared.clients.errors import AlreadyExists
from shared.people.organizers import COLLECTION
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


async def seed_organizers(app: App) -> None:
    """Make those who are not there yet."""
    for organizer in ORGANIZERS:
        try:
            await app.documents.commit(
                [Create(f"{COLLECTION}/{organizer.id}", {"name": organizer.name, "tier": "gold"})]
            )
        except AlreadyExists:
            continue
