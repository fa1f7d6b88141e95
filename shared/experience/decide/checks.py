"""The checks that every campaign passes, in their order: what each compares, what it found, when a «no» may turn. Pure.

A finding carries the values it compared as something that can be asked for, so that only an explanation pays for them.
``wanted`` is the campaign's side, ``actual`` the person's and the moment's. Codes and their meaning: ``reasons``.

Sources: messaging-platform.md §5.2; design/decisions.md, Messages; design/wire.md, Experience.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from shared.experience.decide.dealing import experiment_of, rollout_of
from shared.experience.decide.eligibility import PROGRAMME
from shared.experience.decide.models import Candidate
from shared.experience.decide.situation import MAX_MESSAGES, Situation
from shared.messaging.campaigns.models import Channel
from shared.messaging.experiments.rules import Assignment
from shared.messaging.targeting.conditions import EVERYONE, holds, trace
from shared.messaging.targeting.conditions import Check as Comparison
from shared.messaging.targeting.turning import turns_at
from shared.people.preferences.rules import refusal
from shared.people.profiles.caps import Hold, campaign_hold, memory_of
from shared.people.profiles.pressure import Budget, both

Values = Mapping[str, Any]


class Compared(NamedTuple):
    """The values of one check: the campaign's, the person's, and for an audience each comparison.

    ``until`` is when a «no» may turn, where that takes some working out.
    """

    wanted: Values
    actual: Values
    comparisons: Sequence[Comparison] = ()
    until: datetime | None = None


class Finding(NamedTuple):
    """What a check found: whether the campaign passes, a stable code, and the soonest moment at which a «no» may turn.

    ``until`` None: unknown, or never of itself.
    """

    passed: bool
    code: str
    compared: Callable[[], Compared]
    until: datetime | None = None


class Step(NamedTuple):
    """A finding under its check's name, with the values compared."""

    check: str
    passed: bool
    code: str
    until: datetime | None
    compared: Compared


Check = Callable[[Situation, Candidate], Finding]


def step(check: str, finding: Finding) -> Step:
    """A finding with its values worked out."""
    compared = finding.compared()
    return Step(check, finding.passed, finding.code, finding.until or compared.until, compared)


def found(hold: Hold | None, otherwise: str, compared: Callable[[], Compared]) -> Finding:
    """What a hold says, or the code of having passed."""
    if hold is None:
        return Finding(passed=True, code=otherwise, compared=compared)
    return Finding(passed=False, code=hold.code, compared=compared, until=hold.until)


def _status(_situation: Situation, candidate: Candidate) -> Finding:
    status = candidate.campaign.status
    hold = None if status == "active" else Hold("not_active")
    return found(hold, "active", lambda: Compared({"status": status}, {}))


def _window(situation: Situation, candidate: Candidate) -> Finding:
    start, end = candidate.campaign.scheduling.start_at, candidate.campaign.scheduling.end_at
    hold = None
    if start is not None and situation.now < start:
        hold = Hold("not_started", start)
    elif end is not None and situation.now >= end:
        hold = Hold("ended")
    return found(hold, "open", lambda: Compared({"startAt": start, "endAt": end}, {"now": situation.now}))


def _type(_situation: Situation, candidate: Candidate) -> Finding:
    kind = candidate.campaign.type
    hold = Hold("not_for_pages") if kind == "user_to_user" else None
    return found(hold, "for_pages", lambda: Compared({"type": kind}, {}))


def _consent(situation: Situation, candidate: Candidate) -> Finding:
    profile, organizer = situation.facts.profile, candidate.campaign.organizer_id
    programme = PROGRAMME.get(candidate.consent)
    no = None if programme is None else refusal(profile, programme, "inbox", organizer)
    if no is not None:
        return found(
            Hold(no),
            "",
            lambda: Compared({"programme": programme, "organizerId": organizer}, {"preference": no}),
        )
    if candidate.consent == "favorite":
        follows = organizer in profile.favorites
        return found(
            None if follows else Hold("not_following"),
            "following",
            lambda: Compared({"consent": "favorite", "organizerId": organizer}, {"following": follows}),
        )
    if candidate.consent == "marketing":
        opted_in = profile.marketing_opt_in
        return found(
            None if opted_in else Hold("no_marketing_consent"),
            "opted_in",
            lambda: Compared({"consent": "marketing"}, {"marketingOptIn": opted_in}),
        )
    return found(None, "not_needed", lambda: Compared({"consent": "none"}, {}))


def _audience(situation: Situation, candidate: Candidate) -> Finding:
    target, facts = candidate.target, situation.facts
    hold = None if holds(target, facts) else Hold("audience")
    return found(
        hold,
        "everyone" if target is EVERYONE else "matched",
        lambda: Compared(
            {"audience": candidate.campaign.audience},
            {},
            trace(target, facts),
            None if hold is None else turns_at(target, facts),
        ),
    )


def _release(situation: Situation, candidate: Candidate) -> Finding:
    release, state = candidate.release_id, situation.facts.profile.release_state
    known = release in state.acknowledged_releases
    return found(
        Hold("release_acknowledged") if known else None,
        "no_release" if release is None else "release_new",
        lambda: Compared({"releaseId": release}, {} if release is None else {"acknowledged": known}),
    )


def _caps(situation: Situation, candidate: Candidate) -> Finding:
    return found(caps_hold(situation, candidate), "within_caps", lambda: _caps_compared(situation, candidate))


def _caps_compared(situation: Situation, candidate: Candidate) -> Compared:
    profile, campaign, limits = situation.facts.profile, candidate.campaign, candidate.limits
    memory = memory_of(profile, campaign.id, limits.caps_version)
    held = [each.until for each in profile.reservations.values() if each.campaign_id == campaign.id]
    return Compared(
        {
            "maxDeliveriesPerUser": limits.max_deliveries,
            "cooldownHours": campaign.scheduling.cooldown_hours,
            "capsVersion": limits.caps_version,
        },
        {
            "shown": memory.shown,
            "lastAt": memory.last_at,
            "acknowledged": memory.acknowledged,
            "dismissed": memory.dismissed,
            "reservedUntil": max((until for until in held if until > situation.now), default=None),
        },
    )


def caps_hold(situation: Situation, candidate: Candidate) -> Hold | None:
    """Why the campaign's own caps hold it back, if they do."""
    return campaign_hold(situation.facts.profile, candidate.campaign.id, candidate.limits, situation.now)


def _rollout(situation: Situation, candidate: Candidate) -> Finding:
    return _dealt(rollout_of(situation.facts.profile, candidate.campaign), "no_rollout")


def _experiment(situation: Situation, candidate: Candidate) -> Finding:
    return _dealt(experiment_of(situation.facts.profile, candidate.campaign), "no_experiment")


def _dealt(made: Assignment | None, without: str) -> Finding:
    """The last question put to the person's place: the one that failed, or the experiment itself."""
    if made is None:
        return found(None, without, lambda: Compared({}, {}))
    asked = made.checks[-1]

    def compared() -> Compared:
        operands = asked.operands
        actual = {"n": operands.pop("n")} | ({"variant": asked.variant.key} if asked.variant else {})
        return Compared(operands, actual)

    return found(None if made.included else Hold(made.reason), made.reason, compared)


CHECKS: Final[tuple[tuple[str, Check], ...]] = (
    ("status", _status),
    ("window", _window),
    ("type", _type),
    ("consent", _consent),
    ("audience", _audience),
    ("release", _release),
    ("caps", _caps),
    ("rollout", _rollout),
    ("experiment", _experiment),
)
"""Every check before the choice of a channel, in order."""
PLACING: Final = ("channel", "slot", "pressure")
"""The checks that choose a channel, in order."""


class Option(NamedTuple):
    """A channel in which a campaign could appear, and what stands in its way."""

    channel: Channel
    slot: Hold | None
    pressure: Hold | None


def options(situation: Situation, candidate: Candidate) -> list[Option]:
    """The campaign's channels that the page can render, in its order."""
    return [
        Option(channel, situation.slot(channel), pressure_hold(situation, candidate, channel))
        for channel in candidate.channels
        if channel in situation.channels
    ]


def pressure_hold(situation: Situation, candidate: Candidate, channel: Channel) -> Hold | None:
    """Why the pressure budget, or the organizer's share of it, holds the campaign back in the channel, if it does."""
    if candidate.exempt:
        return None
    pressure = situation.pressure
    return both(pressure.hold(channel), pressure.share_hold(candidate.campaign.organizer_id, channel))


def placing(situation: Situation, candidate: Candidate) -> list[tuple[str, Finding]]:
    """What the checks of the choice find, in order; without a channel that can be rendered there is only the first."""
    ways = options(situation, candidate)
    wanted = {"channels": [str(channel) for channel in candidate.channels]}
    hold = None if ways else Hold("no_channel")
    found_channel = found(
        hold, "renderable", lambda: Compared(wanted, {"channels": sorted(map(str, situation.channels))})
    )
    if not ways:
        return [("channel", found_channel)]
    taken = sorted(map(str, situation.taken))
    free = [way for way in ways if way.slot is None]
    slot = found(
        None if free else Hold(_code(ways[0].slot), _soonest([way.slot for way in ways])),
        "slot_free",
        lambda: Compared(wanted, {"taken": taken, "places": MAX_MESSAGES - len(taken)}),
    )
    return [
        ("channel", found_channel),
        ("slot", slot),
        ("pressure", _pressure(situation, candidate, free or ways)),
    ]


def _pressure(situation: Situation, candidate: Candidate, ways: Sequence[Option]) -> Finding:
    holds_back = [way.pressure for way in ways]
    hold = None if None in holds_back else Hold(_code(holds_back[0]), _soonest(holds_back))
    pressure, organizer = situation.pressure, candidate.campaign.organizer_id
    whole = _used(pressure)
    share = pressure.shares.get(organizer) if organizer is not None else None
    used = whole if share is None else whole | {"ofOrganizer": _used(share)}
    return found(
        hold,
        "exempt" if candidate.exempt else "within_budget",
        lambda: Compared({"channels": [str(way.channel) for way in ways], "exempt": candidate.exempt}, used),
    )


def _used(budget: Budget) -> dict[str, Any]:
    return {
        "modals": {"used": len(budget.modals), "limit": budget.modals_per_day},
        "interruptions": {"used": len(budget.interruptions), "limit": budget.interruptions_per_week},
    }


def _code(hold: Hold | None) -> str:
    return "" if hold is None else hold.code


def _soonest(holds_back: Iterable[Hold | None]) -> datetime | None:
    return min(
        (hold.until for hold in holds_back if hold is not None and hold.until is not None), default=None
    )
