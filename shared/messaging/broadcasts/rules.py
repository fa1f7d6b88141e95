"""What a broadcast may be, when it may be sent and how it moves on: pure (docs/broadcasts.md)."""

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple, Protocol
from zoneinfo import ZoneInfo

import orjson

from shared.kernel.errors import Conflict, Fault, Invalid
from shared.messaging.broadcasts.models import (
    MAX_ERRORS,
    Audience,
    Broadcast,
    Exclusions,
    Frozen,
    Page,
    Progress,
    State,
    Tally,
    Terms,
    Trouble,
    plain,
)
from shared.messaging.broadcasts.schemas import Schedule, SendBroadcast, ToCriteria, ToSegment
from shared.messaging.campaigns.rules import faults_of
from shared.messaging.deliveries.rules import payload_hash
from shared.messaging.targeting.conditions import leaves, parse, validate
from shared.people.profiles.models import Home
from shared.premium.tiers import SendChannel

MAX_AHEAD: Final = timedelta(days=90)
"""How far ahead a broadcast can be scheduled."""
PUSH_PAUSE: Final = timedelta(seconds=60)
"""Before pushes that the vendor did not take are tried again; twice as long before each further round."""
RUNNING: Final[frozenset[State]] = frozenset({"scheduled", "freezing", "sending"})


class Start(NamedTuple):
    """A broadcast of an organizer and when it starts or did."""

    broadcast_id: str
    at: datetime


class Outcome(NamedTuple):
    """What became of some people: messages by channel, pushes that may still arrive, people lost by reason."""

    people: int
    delivered: Tally
    pending: int
    lost: Tally


class Tried(Protocol):
    """What came of trying pushes again (``pushing.Again``)."""

    @property
    def after(self) -> str | None: ...  # noqa: D102
    @property
    def later_at(self) -> datetime | None: ...  # noqa: D102
    @property
    def quiet_until(self) -> datetime | None: ...  # noqa: D102


def drafted(body: SendBroadcast, *, ident: str, actor: str, terms: Terms, now: datetime) -> Broadcast:
    """The broadcast that a body makes. Raises Invalid."""
    draft = Broadcast(
        id=ident,
        organizer_id=body.organizer_id,
        actor=actor,
        content=body.content,
        content_hash=payload_hash(body.content),
        audience=audience_of(body),
        channels=tuple(body.channels),
        terms=terms,
        start_at=starts_at(body.schedule, now),
        created_at=now,
        updated_at=now,
        local_time=body.schedule.local_time if body.schedule else None,
        timezone=body.schedule.timezone if body.schedule else None,
    )
    faults = [*faults_of(draft.campaign()), *_audience_faults(body), *_time_faults(draft, now)]
    if faults:
        raise Invalid(faults=faults)
    return draft


def audience_of(body: SendBroadcast) -> Audience:
    """Whom a body is for."""
    asked, left_out = body.audience, body.audience.exclude
    exclude = Exclusions(tuple(left_out.followers_of), tuple(left_out.received), left_out.condition)
    place = None
    if isinstance(asked, ToCriteria | ToSegment) and asked.place is not None:
        place = Home(region=asked.place.region, country=asked.place.country)
    if isinstance(asked, ToCriteria):
        return Audience("criteria", condition=asked.criteria, place=place, exclude=exclude)
    if isinstance(asked, ToSegment):
        return Audience(
            "segment",
            segment_id=asked.segment_id,
            segment_version=asked.version,
            place=place,
            exclude=exclude,
        )
    return Audience("favorites", exclude=exclude)


def starts_at(schedule: Schedule | None, now: datetime) -> datetime:
    """The moment that a local time means, by instant (RFC 5545, §3.3.5: skipped times move on, of doubled ones the first)."""
    if schedule is None:
        return now
    try:
        local = datetime.fromisoformat(schedule.local_time)
        return local.replace(tzinfo=ZoneInfo(schedule.timezone)).astimezone(UTC)
    except (ValueError, OverflowError):
        fault = Fault("/schedule/localTime", "no_such_time", "There is no such day or time.")
        raise Invalid(faults=[fault]) from None


def terms_hash(draft: Broadcast) -> str:
    """What a dry run was about: equal for the same message to the same audience on the same terms."""
    told = {
        "organizer": draft.organizer_id,
        "content": draft.content_hash,
        "audience": plain(draft.audience),
        "channels": sorted(draft.channels),
        "at": [draft.local_time, draft.timezone],
        "tier": draft.terms.tier,
        "prices": dict(draft.terms.prices),
    }
    return hashlib.sha256(orjson.dumps(told, option=orjson.OPT_SORT_KEYS)).hexdigest()


def clash(starts: Sequence[Start], at: datetime, cooldown: timedelta) -> datetime | None:
    """When a broadcast may start at the earliest if not at that moment: two of one organizer keep apart."""
    near = [start.at for start in starts if abs(start.at - at) < cooldown]
    return max(near) + cooldown if near else None


def cancelled(broadcast: Broadcast, now: datetime) -> Broadcast:
    """Stop for good: what was sent is settled. Again changes nothing. Raises Conflict for what has ended."""
    if broadcast.state in ("cancelling", "cancelled"):
        return broadcast
    if broadcast.ended:
        raise _conflict(broadcast)
    return replace(broadcast, state="cancelling", resume_to=None, updated_at=now)


def paused(broadcast: Broadcast, now: datetime) -> Broadcast:
    """Stop for now. Again changes nothing. Raises Conflict for what does not run."""
    if broadcast.state == "paused":
        return broadcast
    if broadcast.state not in RUNNING:
        raise _conflict(broadcast)
    return replace(broadcast, state="paused", resume_to=broadcast.state, updated_at=now)


def resumed(broadcast: Broadcast, now: datetime) -> Broadcast:
    """Go on where it stopped. Again changes nothing. Raises Conflict for what was not paused."""
    if broadcast.state in RUNNING:
        return broadcast
    if broadcast.state != "paused":
        raise _conflict(broadcast)
    return replace(broadcast, state=broadcast.resume_to or "freezing", resume_to=None, updated_at=now)


def reopened(broadcast: Broadcast, now: datetime) -> Broadcast:
    """An ended broadcast with something to do again: its webhook."""
    return replace(broadcast, open=True, updated_at=now)


def with_page(
    broadcast: Broadcast, page: Page, position: str | None, lost: Tally, now: datetime
) -> Broadcast:
    """After a page was frozen; ``position`` None: it was the last one. An empty page is not kept."""
    frozen = broadcast.frozen
    chained = hashlib.sha256(orjson.dumps([frozen.digest, *page.people])).hexdigest()
    after = Frozen(
        pages=frozen.pages + bool(page.people),
        people=frozen.people + len(page.people),
        position=position,
        complete=position is None,
        digest=chained if page.people else frozen.digest,
        lost=summed(frozen.lost, lost),
    )
    state: State = "sending" if after.complete else broadcast.state
    return replace(broadcast, frozen=after, state=state, failures=0, updated_at=now)


def with_outcome(broadcast: Broadcast, outcome: Outcome, now: datetime) -> Broadcast:
    """After the next page was done."""
    before = broadcast.progress
    after = Progress(
        pages=before.pages + 1,
        people=before.people + outcome.people,
        delivered=summed(before.delivered, outcome.delivered),
        pending=before.pending + outcome.pending,
        lost=summed(before.lost, outcome.lost),
    )
    return replace(broadcast, progress=after, failures=0, updated_at=now)


def with_round(broadcast: Broadcast, tried: Tried, now: datetime) -> Broadcast:
    """After a part of a round in which pending pushes were tried again."""
    begun = broadcast.push_after is not None
    later = [at for at in (broadcast.push_at if begun else None, tried.later_at) if at]
    quiet = [at for at in (broadcast.push_quiet if begun else None, tried.quiet_until) if at]
    return replace(
        broadcast,
        push_after=tried.after,
        push_at=max(later, default=None),
        push_quiet=min(quiet, default=None),
        updated_at=now,
    )


def after_round(broadcast: Broadcast, tally: Tally, *, last: bool, now: datetime) -> Broadcast:
    """After a round: the next one comes later and later for the vendor's sake, and not before the first quiet hours end for theirs alone."""
    later, quiet = broadcast.push_at, broadcast.push_quiet
    if quiet is not None and later is None:
        broadcast = replace(broadcast, push_tries=0, push_at=quiet)
    else:
        tries = broadcast.push_tries + 1
        pause = now + PUSH_PAUSE * 2**tries
        broadcast = replace(broadcast, push_tries=tries, push_at=max(later or pause, pause))
    return with_pushes(broadcast, tally, last=last and quiet is None)


def with_pushes(broadcast: Broadcast, tally: Tally, *, last: bool) -> Broadcast:
    """After pending pushes were tried again: ``tally`` says how many of all were delivered and how many are pending by now.

    Numbers of all, not of the try: however often a try was begun, each push counts once. Whom an inbox reached as well is not lost.
    """
    before = broadcast.progress
    arrived = max(0, tally["delivered"] - before.delivered.get("push", 0))
    pending = 0 if last else min(tally["pending"], before.pending)
    # who arrived beyond those that were pending had been given up
    failed = max(before.pending - arrived - pending, -before.lost.get("failed", 0))
    after = replace(
        before,
        delivered=summed(before.delivered, {"push": arrived}),
        pending=pending,
        lost=summed(before.lost, {"failed": failed if broadcast.channels == ("push",) else 0}),
    )
    return replace(broadcast, progress=after)


def with_trouble(broadcast: Broadcast, code: str, now: datetime) -> Broadcast:
    """After something went wrong with the next page."""
    trouble = Trouble(broadcast.progress.pages, code, now)
    errors = (*broadcast.errors, trouble)[-MAX_ERRORS:]
    return replace(broadcast, errors=errors, failures=broadcast.failures + 1, updated_at=now)


def total(outcomes: Sequence[Outcome]) -> Outcome:
    """Several outcomes as one."""
    return Outcome(
        sum(each.people for each in outcomes),
        summed(*(each.delivered for each in outcomes)),
        sum(each.pending for each in outcomes),
        summed(*(each.lost for each in outcomes)),
    )


def summed(*tallies: Tally) -> dict[str, int]:
    """Tallies added up, without zeros."""
    sums: Counter[str] = Counter()
    for tally in tallies:
        sums.update(tally)
    return {name: number for name, number in sorted(sums.items()) if number}


def cost(prices: Mapping[SendChannel, int], delivered: Tally) -> int:
    """What so many delivered messages cost."""
    return sum(prices.get(channel, 0) * number for channel, number in delivered.items())  # type: ignore[call-overload]


def _conflict(broadcast: Broadcast) -> Conflict:
    return Conflict(f"The broadcast is {broadcast.state}.", code="status_not_allowed")


def _audience_faults(body: SendBroadcast) -> Iterator[Fault]:
    asked = body.audience
    if len(set(body.channels)) < len(body.channels):
        yield Fault("/channels", "duplicate", "Each channel once.")
    conditions = [("/audience/exclude/condition", asked.exclude.condition)]
    if isinstance(asked, ToCriteria):
        conditions.append(("/audience/criteria", asked.criteria))
    for pointer, condition in conditions:
        faults = validate(condition, pointer)
        yield from faults
        for leaf in () if faults else leaves(parse(condition, pointer)):
            if leaf.attribute.display_only:
                told = "Broadcasts go by what the profile knows, not by what a page says of its reader."
                yield Fault(f"{leaf.pointer}/attribute", "display_only", told)


def _time_faults(draft: Broadcast, now: datetime) -> Iterator[Fault]:
    if not now <= draft.start_at <= now + MAX_AHEAD:
        yield Fault(
            "/schedule/localTime", "out_of_range", f"Within the next {MAX_AHEAD.days} days, not before now."
        )
