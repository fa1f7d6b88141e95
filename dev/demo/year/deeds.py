"""What one person did in a year: pure, and the same for the same seed, person and last day."""

import hashlib
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from dev.demo.year.city import ELSEWHERE, FESTIVALS, HOME_CITIES, SALE, WEEK, Festival, Weekly, season
from dev.demo.year.habits import EAGER, HABITS, VISITOR, Habit
from shared.people.profiles.models import PersonType, Profile

WEEKS: Final = 52
_OFFERED: Final = [sum(each.pull for each in WEEK if each.weekday == weekday) for weekday in range(7)]
_PULL: Final = [7 * offered / sum(_OFFERED) for offered in _OFFERED]
BOSTON: Final = ZoneInfo("America/New_York")
_RSVP, _VIEW, _CLICK, _SEE = 0.3, 0.35, 0.22, 0.7


@dataclass(frozen=True, slots=True)
class Deed:
    """Something that somebody did; ``by_server`` when a server would report it."""

    at: datetime
    person_key: str
    person_type: PersonType
    type: str
    metadata: Mapping[str, Any] = field(default_factory=dict)
    by_server: bool = False

    @property
    def ident(self) -> str:
        """The same for the same deed."""
        about = self.metadata.get("eventId", self.metadata.get("organizerId", ""))
        return f"{self.person_key}/{self.type}/{about}/{self.at:%Y%m%dT%H%M%S}"


def habit_of(person: Profile, seed: int) -> Habit:
    """How the person lives with tango."""
    if person.type == "ip":
        return VISITOR
    dice = dice_of(seed, person.person_key, "habit")
    return dice.choices(HABITS, [habit.share for habit in HABITS])[0]


class Life:
    """One person's year up to ``now``; ``follows`` are the organizers they favourited, ``news`` each one's campaign."""

    def __init__(
        self, person: Profile, now: datetime, seed: int, follows: list[str], news: Mapping[str, str]
    ) -> None:
        self._person, self._now, self._follows, self._news = person, now, follows, news
        self._dice = dice_of(seed, person.person_key, "year")
        self._habit = habit_of(person, seed)
        self._zone = ZoneInfo(person.timezone) if person.timezone else BOSTON
        self._city = HOME_CITIES.get(person.home.city or "", "boston")
        last = now.astimezone(BOSTON).date()
        joined, gone = (
            self._dice.randint(*span) if span else None for span in (self._habit.joined, self._habit.gone)
        )
        self._first = last - timedelta(weeks=WEEKS if joined is None else joined)
        self._last = last - timedelta(weeks=gone or 0)
        self._today = last

    def deeds(self) -> Iterator[Deed]:
        """Everything up to now, in no order."""
        for deed in self._all():
            if deed.at <= self._now:
                yield deed

    def _all(self) -> Iterator[Deed]:
        for organizer in self._follows:
            yield self._deed("favorite", self._moment(self._day(), 18), organizerId=organizer, on=True)
        away = self._trips()
        day = self._first
        while day <= self._last:
            lively = season(day)
            for _ in range(self._times(self._habit.looks / 7 * lively * EAGER[day.weekday()])):
                yield from self._look(day)
            if day in away:
                yield self._came(
                    day, 22, f"{away[day]}-milonga", "milonga", (away[day], ELSEWHERE[away[day]])
                )
            elif self._times(self._habit.outings / 7 * lively * _pull(day)):
                yield from self._outing(day)
            day += timedelta(days=1)
        for festival in FESTIVALS:
            if self._dice.random() < self._habit.buys:
                yield from self._tickets(festival)
        yield from self._read()

    def _look(self, day: date) -> Iterator[Deed]:
        hours = self._habit.hours
        moment = self._moment(day, self._dice.choices(list(hours), list(hours.values()))[0])
        kind = "login" if self._person.type == "user" else "visit"
        organizer = (
            self._dice.choice(self._follows) if self._follows and self._dice.random() < _VIEW else None
        )
        yield self._deed(kind, moment, by_server=True, cityId=self._city, organizerId=organizer)
        if self._dice.random() < _VIEW:
            seen = self._dice.choices(WEEK, [each.pull for each in WEEK])[0]
            moment += timedelta(seconds=self._dice.randint(5, 240))
            yield self._deed(
                "view", moment, eventId=seen.event_id, organizerId=seen.organizer_id, cityId="boston"
            )

    def _outing(self, day: date) -> Iterator[Deed]:
        tastes = self._habit.tastes
        on = [each for each in WEEK if each.weekday == day.weekday() and tastes.get(each.occasion)]
        if not on:
            return
        night = self._dice.choices(on, [each.pull * tastes[each.occasion] for each in on])[0]
        if self._city != "boston":
            yield self._came(
                day, night.begins, f"{self._city}-{night.occasion}", night.occasion, (self._city, None)
            )
            return
        if self._dice.random() < _RSVP:
            told = self._moment(day - timedelta(days=self._dice.randint(0, 3)), 12)
            yield self._deed("rsvp", told, eventId=night.event_id, organizerId=night.organizer_id, on=True)
        yield self._arrived(day, night)

    def _arrived(self, day: date, night: Weekly) -> Deed:
        came = self._came(day, night.begins, night.event_id, night.occasion, ("boston", BOSTON.key))
        return Deed(
            came.at,
            came.person_key,
            came.person_type,
            came.type,
            {**came.metadata, "organizerId": night.organizer_id, "venueId": night.venue_id},
        )

    def _came(self, day: date, hour: int, event: str, occasion: str, place: tuple[str, str | None]) -> Deed:
        """``place`` is a city and its zone, None for the person's own."""
        city, zone = place
        there = ZoneInfo(zone) if zone else self._zone
        moment = datetime.combine(day, time(hour), there) + timedelta(minutes=self._dice.randint(0, 110))
        return self._deed(
            "checkin", moment, eventId=event, eventType=occasion, cityId=city, timezone=there.key
        )

    def _trips(self) -> dict[date, str]:
        """Days away from home, three in a row."""
        goals = self._habit.cities or tuple(ELSEWHERE)
        away: dict[date, str] = {}
        for _ in range(self._times(self._habit.trips)):
            start, city = self._day(), self._dice.choice(goals)
            away |= {start + timedelta(days=more): city for more in range(3)}
        return away

    def _tickets(self, festival: Festival) -> Iterator[Deed]:
        """View, cart, checkout, purchase: at each step some are lost."""
        dice, day = self._dice, festival.day(self._today)
        start = day - timedelta(days=int(dice.triangular(1, SALE.days, SALE.days)))
        if not self._first <= start <= self._last:
            return
        told: dict[str, Any] = {
            "eventId": festival.event_id,
            "organizerId": festival.organizer_id,
            "cityId": "boston",
        }
        moment = self._moment(start, dice.choice((12, 18, 20, 22)))
        for _ in range(dice.randint(1, 3)):
            yield self._deed("view", moment, **told)
            moment += timedelta(minutes=dice.expovariate(1 / 900))
        for kind, stays, minutes in (("cart_add", 0.55, 4.0), ("checkout_start", 0.72, 3.0)):
            if dice.random() > stays:
                return
            moment += timedelta(minutes=dice.expovariate(1 / minutes))
            yield self._deed(kind, moment, **told)
        if dice.random() < 0.78:  # noqa: PLR2004 - the share that pays
            seats = 2 if dice.random() < 0.2 else 1  # noqa: PLR2004 - couples
            sale: dict[str, Any] = {"quantity": seats, "amount": festival.price * seats, "currency": "USD"}
            yield self._deed(
                "purchase", moment + timedelta(minutes=dice.uniform(1, 7)), by_server=True, **told, **sale
            )

    def _read(self) -> Iterator[Deed]:
        """News of followed organizers, monthly."""
        for organizer in self._follows:
            for month in range(12):
                day = self._today - timedelta(days=30 * month + 2)
                if (
                    organizer not in self._news
                    or not self._first <= day <= self._last
                    or self._dice.random() > _SEE
                ):
                    continue
                told: dict[str, Any] = {
                    "campaignId": self._news[organizer],
                    "organizerId": organizer,
                    "channel": "inbox",
                }
                moment = self._moment(day, 18)
                yield self._deed("message_seen", moment, **told)
                if self._dice.random() < _CLICK:
                    yield self._deed(
                        "message_clicked", moment + timedelta(seconds=self._dice.randint(4, 90)), **told
                    )

    def _deed(self, kind: str, moment: datetime, *, by_server: bool = False, **told: Any) -> Deed:
        person = self._person
        metadata = {"timezone": self._zone.key} | {
            name: value for name, value in told.items() if value is not None
        }
        return Deed(moment.astimezone(UTC), person.person_key, person.type, kind, metadata, by_server)

    def _moment(self, day: date, hour: int) -> datetime:
        """Some time in that hour of the person's social day, which goes on past midnight."""
        day = day + timedelta(days=1) if hour < 6 else day  # noqa: PLR2004 - a social day ends at 06:00
        minutes = timedelta(seconds=self._dice.randint(0, 3599))
        return datetime.combine(day, time(hour), self._zone) + minutes

    def _day(self) -> date:
        return self._first + timedelta(days=self._dice.randint(0, max((self._last - self._first).days, 0)))

    def _times(self, rate: float) -> int:
        """How often something with that mean happens: whole times for sure, once more by chance."""
        return int(rate) + (self._dice.random() < rate % 1)


def _pull(day: date) -> float:
    """Outings gather where the week offers most; the mean over a week is 1."""
    return _PULL[day.weekday()]


def dice_of(*of: object) -> random.Random:
    """A generator of its own for each of what is named."""
    words = "/".join(map(str, of)).encode()
    return random.Random(hashlib.sha256(words).digest())  # noqa: S311 - demo people
