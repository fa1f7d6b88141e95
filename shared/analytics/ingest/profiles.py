"""What check-ins and answers tell the profile: one write for each person and batch (messaging-platform.md §16.4)."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from shared.analytics.ingest.figures import by_person
from shared.analytics.ingest.rows import Row
from shared.people.profiles.models import MAX_ATTENDED, MAX_RSVPS, Attendance, Attended, Profile
from shared.people.profiles.repository import ProfileRepository
from shared.people.visitors import Person

_AT_ONCE: Final = 16


class Attendances:
    """Tells profiles where their people were."""

    def __init__(self, profiles: ProfileRepository) -> None:
        self._profiles = profiles

    async def tell(self, rows: Sequence[Row]) -> int:
        """Note check-ins and answers of signed-in people: 1 read and at most 1 write each. Gives how many people there were."""
        telling = [
            row
            for row in rows
            if row.type in ("checkin", "rsvp") and row.person_type == "user" and not row.bot
        ]
        gate = asyncio.Semaphore(_AT_ONCE)

        async def one(person: str, rows: Sequence[Row]) -> None:
            async with gate:
                await self._profiles.change(Person(person, "user"), lambda profile: attended(profile, rows))

        people = by_person(telling)
        await asyncio.gather(*(one(person, theirs) for person, theirs in people.items()))
        return len(people)


def attended(profile: Profile, rows: Sequence[Row]) -> Profile:
    """The profile with what was not known of its attendance and answers; the very same when all of it was."""
    told = sorted(rows, key=lambda row: row.order)
    here = [Attended(row.about or "", row.organizer, row.at) for row in told if row.type == "checkin"]
    answers = dict.fromkeys(profile.rsvp_events)
    for row in told:
        if row.type == "rsvp" and row.about is not None:
            answers.pop(row.about, None)
            if row.metadata["on"]:
                answers[row.about] = None
    events = tuple(answers)[-MAX_RSVPS:]
    return replace(profile, attendance=_joined(profile.attendance, here), rsvp_events=events)


def _joined(known: Attendance, more: Sequence[Attended]) -> Attendance:
    """Older ones than all that are kept may have been counted already, and are left out."""
    horizon = known.recent[0].at if known.earlier else None
    kept = {(each.event_id, each.at): each for each in known.recent}
    kept.update({(each.event_id, each.at): each for each in more if horizon is None or each.at >= horizon})
    ranked = sorted(kept.values(), key=lambda each: (each.at, each.event_id))
    pruned = max(0, len(ranked) - MAX_ATTENDED)
    return Attendance(tuple(ranked[pruned:]), known.earlier + pruned)
