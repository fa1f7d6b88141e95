"""What organizers wrote to many in the year, what became of it, and who came back after it: pure, by the same seed."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from typing import Final

from dev.demo.year.city import LUCIERNAGA, PUENTE, VIRUTA
from dev.demo.year.deeds import BOSTON, Deed, dice_of, habit_of
from dev.demo.year.messages import received
from shared.analytics.intake.metadata import REACHED
from shared.kernel.ids import hashed_id
from shared.messaging.broadcasts.models import Audience, Broadcast, Frozen, Progress, Terms
from shared.messaging.campaigns.content import Content
from shared.messaging.deliveries.models import Delivery
from shared.people.profiles.models import Profile

_DORMANT, _WRITTEN_TO, _BACK, _BACK_ANYWAY, _AGAIN = "dormant", 0.6, 0.5, 0.12, 3
_HOUR: Final = 18


@dataclass(frozen=True, slots=True)
class Letter:
    """Something that an organizer wrote, so many days before the last one: to followers, or to those who stayed away."""

    organizer_id: str
    days_ago: int
    content: Content
    to_dormant: bool = False
    weights: tuple[float, ...] = (3, 3, 1, 1, 1)
    """How it was received: left, seen, clicked, dismissed, acknowledged."""


LETTERS: Final = (
    Letter(
        VIRUTA,
        28,
        Content(
            title="We kept your place",
            body="The floor is new, the Friday class begins anew, and the first night is on us.",
            link="/events/la-viruta-friday",
        ),
        to_dormant=True,
        weights=(6, 2, 2, 1, 1),
    ),
    Letter(
        LUCIERNAGA,
        24,
        Content(title="A new orchestra", body="Sexteto Aurora plays on Saturday.", link="/events/aurora"),
    ),
    Letter(
        PUENTE, 19, Content(title="The práctica begins at eight", body="From Tuesday on, an hour earlier."),
        weights=(2, 4, 0.3, 1, 2),
    ),
    Letter(
        VIRUTA,
        52,
        Content(title="Tango Weekend: the last tickets", body="Twelve are left.", link="/events/weekend"),
        weights=(2, 2, 4, 1, 1),
    ),
    Letter(
        LUCIERNAGA, 8, Content(title="The New Year milonga", body="On sale now.", link="/events/new-year-milonga")
    ),
)  # fmt: skip


@dataclass(frozen=True)
class Sent:
    """A letter as a broadcast, with its deliveries."""

    letter: Letter
    broadcast: Broadcast
    deliveries: Sequence[Delivery] = field(repr=False)


def broadcasts(
    people: Sequence[Profile], follows: Mapping[str, Sequence[str]], now: datetime, seed: int
) -> list[Sent]:
    """Every letter, sent and settled."""
    return [_sent(letter, people, follows, now, seed) for letter in LETTERS]


def deeds(sent: Sequence[Sent], people: Sequence[Profile], now: datetime, seed: int) -> Iterator[Deed]:
    """Whom the letters reached, and the logins of those who had stayed away and came back."""
    written_to: set[str] = set()
    for each in sent:
        for delivery in each.deliveries:
            told = {
                "campaignId": each.broadcast.id,
                "organizerId": each.broadcast.organizer_id,
                "channel": delivery.channel,
            }
            at = delivery.timestamps["createdAt"]
            yield Deed(at, delivery.recipient_id, "user", REACHED, told, by_server=True)
        if each.letter.to_dormant:
            written_to |= {delivery.recipient_id for delivery in each.deliveries}
    begin = next(each.broadcast.start_at for each in sent if each.letter.to_dormant)
    for person in people:
        if _dormant(person, seed):
            dice = dice_of(seed, person.person_key, "back")
            back = dice.random() < (_BACK if person.person_key in written_to else _BACK_ANYWAY)
            for _ in range(_AGAIN if back else 0):
                at = begin + timedelta(hours=dice.uniform(2, 12 * 24))
                told = {"cityId": "boston", "timezone": person.timezone or BOSTON.key}
                if at < now:
                    yield Deed(at, person.person_key, "user", "login", told, by_server=True)


def _sent(
    letter: Letter, people: Sequence[Profile], follows: Mapping[str, Sequence[str]], now: datetime, seed: int
) -> Sent:
    dice = dice_of(seed, letter.organizer_id, letter.days_ago)
    day = now.astimezone(BOSTON).date() - timedelta(days=letter.days_ago)
    begun = datetime.combine(day, time(_HOUR), BOSTON).astimezone(UTC)
    if letter.to_dormant:
        chosen = [each for each in people if _dormant(each, seed) and dice.random() < _WRITTEN_TO]
    else:
        chosen = [each for each in people if letter.organizer_id in follows.get(each.person_key, ())]
    number = len(chosen)
    broadcast = Broadcast(
        id=hashed_id("b", f"demo:{letter.organizer_id}:{letter.days_ago}"),
        organizer_id=letter.organizer_id,
        actor="demo-new-organizer",
        content=letter.content,
        content_hash="",
        audience=Audience("segment", segment_id="dormant_regulars")
        if letter.to_dormant
        else Audience("favorites"),
        channels=("inbox",),
        terms=Terms("gold", {"inbox": 0}, number, 0),
        start_at=begun,
        created_at=begun - timedelta(hours=3),
        updated_at=begun,
        state="settled",
        frozen=Frozen(1, number, None, complete=True),
        progress=Progress(1, number, {"inbox": number}),
        began_at=begun,
        ended_at=begun + timedelta(minutes=1),
        credits=0,
        open=False,
    )
    campaign = broadcast.campaign()
    return Sent(
        letter,
        broadcast,
        [received(campaign, person, begun, weights=letter.weights, dice=dice) for person in chosen],
    )


def _dormant(person: Profile, seed: int) -> bool:
    return person.type == "user" and habit_of(person, seed).name == _DORMANT
