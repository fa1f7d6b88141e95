"""Which three of N campaigns does a person see? The engine against GrowthBook, CEL in Rust and a plain loop.

The work: targeting, acknowledged releases, rollouts by GrowthBook's hash, cooldowns and maxima, the three most urgent. ``first`` walks by urgency and stops at the
third, which is kinder to a peer than asking for ``all`` flags. Peers get their attributes ready-made and their caps from a few
plain lines; ours reads the profile, keeps the pressure budget and says when to ask again as well.

Goals (design/performance.md §6, rows 1 to 3): at 5,000 campaigns at most 10 µs, at least 800 times faster than GrowthBook's all, 60
times its first, 15 times CEL, 80 times the loop when narrow and 4 times when wide; at 20,000 at most 25 µs.
"""

from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from importlib.metadata import version
from typing import Any

import cel
from growthbook import GrowthBook

import benchmarks
from benchmarks import Case
from benchmarks.peers.features import feature, seed
from benchmarks.world import COOLDOWN, NOW, TIERS, Rule, Someone, may_show, people, rules
from shared.experience.decide.engine import Engine
from shared.experience.decide.models import Candidate, candidate
from shared.experience.decide.rules import Situation
from shared.messaging.campaigns.content import Content
from shared.messaging.campaigns.models import Campaign, Channel, Metadata, Scheduling
from shared.messaging.experiments.bucketing import in_rollout
from shared.messaging.experiments.models import Rollout
from shared.messaging.targeting.facts import Facts
from shared.people.profiles.pressure import Pressure

SHOWN = 3
CHANNELS = frozenset({Channel.BANNER, Channel.SNACKBAR, Channel.TOAST})
Decide = Callable[[Someone], list[str]]


def cases() -> Iterator[Case]:
    """Deciding at growing numbers, then making the index and changing one campaign."""
    for narrow in (False, True):
        for number in (100, 1000, 5000, 20_000) if benchmarks.full else (1000, 5000):
            yield _deciding(number, narrow=narrow)
    made = [_candidate(rule, 5000 - place) for place, rule in enumerate(rules(5000, narrow=True))]
    engine = Engine.of(made)
    yield Case(
        "index of 5,000 campaigns (goal 50 ms)", "index", 1, {"Engine.of": lambda: done(Engine.of(made))}
    )
    yield Case(
        "one campaign of 5,000 changed (goal 2 ms)",
        "change",
        1,
        {"Engine.changed": lambda: done(engine.changed(made[7].campaign.id, made[7]))},
    )


def done(_engine: Engine) -> None:
    """Only the making counts."""


def _deciding(number: int, *, narrow: bool) -> Case:
    known = rules(number, narrow=narrow)
    asked = people(10 if number >= 5000 else 40, known)
    ways: dict[str, Decide] = {
        "engine": _engine(known),
        "plain loop, first": partial(_walk, known, _loop(known)),
        f"CEL in Rust {version('common-expression-language')}, first": partial(_walk, known, _cel(known)),
        f"growthbook {version('growthbook')}, first": partial(_walk, known, _growthbook(known)),
        f"growthbook {version('growthbook')}, all": partial(_all, known, _growthbook(known)),
    }
    return Case(
        title=f"{number:,} campaigns, {'narrow' if narrow else 'wide'}",
        unit="decision",
        units=len(asked),
        ways={name: partial(_everyone, decide, asked) for name, decide in ways.items()},
    )


def _everyone(decide: Decide, asked: list[Someone]) -> list[list[str]]:
    return [decide(someone) for someone in asked]


# ours


def _engine(known: list[Rule]) -> Decide:
    engine = Engine.of([_candidate(rule, len(known) - place) for place, rule in enumerate(known)])

    def decide(someone: Someone) -> list[str]:
        profile = someone.profile
        situation = Situation(
            facts=Facts(profile, NOW, feature_flags=someone.flags, locale=someone.locale),
            pressure=Pressure(profile, NOW, modals_per_day=1, interruptions_per_week=4),
            hold_for=timedelta(minutes=10),
            channels=CHANNELS,
        )
        return [verdict.candidate.campaign.id for verdict in engine.decide(situation).shown]

    return decide


def _candidate(rule: Rule, urgency: int) -> Candidate:
    names = {
        "country": ("person.home.country", "in"),
        "language": ("request.locale", "in"),
        "tier": ("person.tier", "gte"),
        "visits": ("visits.total", "gte"),
        "away": ("visits.daysSinceLast", "gte"),
        "segments": ("person.segments", "containsAny"),
        "flags": ("request.featureFlags", "contains"),
        "follows": ("person.favorites", "contains"),
    }
    leaves = [
        {
            "attribute": names[kind][0],
            "op": names[kind][1],
            "value": list(value) if isinstance(value, tuple) else value,
        }
        for kind, value in rule.conditions
    ]
    made = candidate(
        Campaign(
            id=rule.id,
            type="system",
            name=rule.id,
            audience={"all": leaves},
            content=Content(title="Milonga", body="Tonight"),
            delivery_channels=sorted(CHANNELS),
            priority=0,
            scheduling=Scheduling(
                cooldown_hours=COOLDOWN.total_seconds() / 3600 if rule.cooldown else None,
                max_deliveries_per_user=rule.maximum,
            ),
            metadata=Metadata(release_id=rule.release),
            rollout=None if rule.share is None else Rollout(share=rule.share),
            status="active",
            created_at=NOW,
            updated_at=NOW,
            created_by="bench",
        )
    )
    assert urgency >= 0
    return made


# the peers: whether a campaign's conditions hold for a person, one campaign at a time

Holds = Callable[[Someone], Callable[[int], bool]]


def rolled_out(rule: Rule, someone: Someone) -> bool:
    """Whether a rollout lets the person in: for peers that cannot tell, by our hash."""
    return rule.share is None or in_rollout(seed(rule), someone.profile.person_key, rule.share)


def _walk(known: list[Rule], holds: Holds, someone: Someone) -> list[str]:
    """By urgency, until there are enough."""
    holds_for, found = holds(someone), []
    for place, rule in enumerate(known):
        if holds_for(place) and may_show(rule, someone):
            found.append(rule.id)
            if len(found) == SHOWN:
                break
    return found


def _all(known: list[Rule], holds: Holds, someone: Someone) -> list[str]:
    """Every flag, then the choice."""
    holds_for = holds(someone)
    fit = [rule for place, rule in enumerate(known) if holds_for(place)]
    return [rule.id for rule in fit if may_show(rule, someone)][:SHOWN]


def _loop(known: list[Rule]) -> Holds:  # noqa: C901 - a peer without calls, to be fair to it
    forms: list[tuple[list[tuple[str, Any]], str | None]] = []
    for rule in known:
        conditions = [
            (kind, TIERS.index(value) if kind == "tier" else value) for kind, value in rule.conditions
        ]
        forms.append((conditions, rule.release))

    def holds(someone: Someone) -> Callable[[int], bool]:
        attributes = someone.attributes
        lists = {name: set(attributes[name]) for name in ("segments", "flags", "follows", "acknowledged")}

        def one(place: int) -> bool:
            conditions, release = forms[place]
            for kind, value in conditions:
                if kind in ("country", "language"):
                    if attributes[kind] not in value:
                        return False
                elif kind in ("tier", "visits", "away"):
                    if attributes[kind] < value:
                        return False
                elif kind == "segments":
                    if lists[kind].isdisjoint(value):
                        return False
                elif value not in lists[kind]:
                    return False
            return (release is None or release not in lists["acknowledged"]) and rolled_out(
                known[place], someone
            )

        return one

    return holds


def _cel(known: list[Rule]) -> Holds:
    def text(kind: str, value: Any) -> str:
        if kind in ("country", "language"):
            return f"{kind} in {list(value)!r}"
        if kind in ("tier", "visits", "away"):
            return f"{kind} >= {float(TIERS.index(value) if kind == 'tier' else value)}"
        if kind == "segments":
            return f"segments.exists(s, s in {list(value)!r})"
        return f"{value!r} in {kind}"

    programs = []
    for rule in known:
        parts = [text(kind, value) for kind, value in rule.conditions]
        if rule.release:
            parts.append(f"!({rule.release!r} in acknowledged)")
        programs.append(cel.compile(" && ".join(parts)))

    def holds(someone: Someone) -> Callable[[int], bool]:
        context = cel.Context()
        for name, value in someone.attributes.items():
            context.add_variable(name, float(value) if isinstance(value, int | float) else value)
        return lambda place: programs[place].execute(context) and rolled_out(known[place], someone)

    return holds


def _growthbook(known: list[Rule]) -> Holds:
    features = {rule.id: feature(rule) for rule in known}
    sdk = GrowthBook(features=features)
    names = [rule.id for rule in known]

    def holds(someone: Someone) -> Callable[[int], bool]:
        sdk.set_attributes(someone.attributes)
        return lambda place: sdk.is_on(names[place])

    return holds
