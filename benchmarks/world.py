"""A made-up world for deciding: N campaigns of 3 to 6 conditions, and people; the same for every way to decide.

Conditions are kept as plain (kind, value) pairs, from which each way makes its own form. *Wide*: some 3 % of the campaigns fit a
person. *Narrow*: each campaign is also for the followers of one of 2,000 organizers, so that hardly any fits.
"""

import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from shared.kernel.clock import to_millis
from shared.people.profiles.models import CampaignMemory, Home, Profile, ReleaseState, Visits

NOW = datetime(2026, 11, 21, 20, 30, tzinfo=UTC)
COUNTRIES = ["AR", "US", "IT", "ES", "FR", "DE", "PT", "BR", "UY", "GB"]
LANGUAGES = ["es", "en", "it", "fr", "pt", "de"]
TIERS = ["basic", "bronze", "silver", "gold"]
SEGMENTS = [f"segment_{number}" for number in range(40)]
RELEASES = [f"2026.{number}" for number in range(1, 11)]
FLAGS = [f"flag_{number}" for number in range(12)]
ORGANIZERS = [f"org_{number}" for number in range(2000)]
COOLDOWN = timedelta(hours=20)


@dataclass(frozen=True)
class Rule:
    """One campaign's rules; ``share`` is its rollout, None everyone. Rules come in the order of urgency."""

    id: str
    conditions: tuple[tuple[str, Any], ...]
    release: str | None
    share: float | None
    cooldown: bool
    maximum: int | None


@dataclass(frozen=True)
class Someone:
    """A person, as a profile and as the plain attributes that the peers take."""

    profile: Profile
    flags: frozenset[str]
    locale: str
    attributes: dict[str, Any]


def rules(number: int, *, narrow: bool) -> list[Rule]:
    """So many campaigns, always the same ones."""
    dice = random.Random(number)
    return [_rule(dice, place, narrow=narrow) for place in range(number)]


def _rule(dice: random.Random, place: int, *, narrow: bool) -> Rule:
    makers = {
        "country": lambda: tuple(dice.sample(COUNTRIES, dice.randint(3, 5))),
        "language": lambda: tuple(dice.sample(LANGUAGES, dice.randint(2, 4))),
        "tier": lambda: dice.choice(TIERS[:3]),
        "visits": lambda: dice.choice([1, 2, 3, 5]),
        "away": lambda: dice.choice([1, 7, 30]),
        "segments": lambda: tuple(dice.sample(SEGMENTS, dice.randint(4, 8))),
        "flags": lambda: dice.choice(FLAGS),
    }
    chosen = dice.sample(list(makers), dice.randint(3, 5) if narrow else dice.randint(4, 6))
    conditions = [(kind, makers[kind]()) for kind in chosen]
    if narrow:
        conditions.append(("follows", dice.choice(ORGANIZERS)))
    return Rule(
        id=f"c_{place:06d}",
        conditions=tuple(conditions),
        release=dice.choice(RELEASES) if dice.random() < 0.3 else None,
        share=dice.choice([0.1, 0.5, 0.9]) if dice.random() < 0.2 else None,
        cooldown=dice.random() < 0.5,
        maximum=dice.choice([None, 1, 3]),
    )


def people(number: int, campaigns: list[Rule]) -> list[Someone]:
    """So many people, always the same ones, who remember some of the campaigns."""
    dice = random.Random(7)
    return [_someone(dice, place, campaigns) for place in range(number)]


def _someone(dice: random.Random, place: int, campaigns: list[Rule]) -> Someone:
    away = dice.choice([0.2, 2, 9, 40, 100])
    end = to_millis(NOW - timedelta(days=away))
    followed = tuple(dice.sample(ORGANIZERS, 4))
    profile = Profile(
        person_key=f"u_{place}",
        type="user",
        home=Home(country=dice.choice(COUNTRIES)),
        tier=dice.choice([None, *TIERS]),
        segments=tuple(dice.sample(SEGMENTS, 4)),
        favorites=followed,
        visits=Visits(recent=((end - 60_000, end),), earlier=dice.randint(0, 8)),
        release_state=ReleaseState(acknowledged_releases=tuple(dice.sample(RELEASES, 4))),
        campaigns={
            each.id: CampaignMemory(
                occurrences=1,
                shown=1,
                last_at=NOW - timedelta(hours=dice.choice([1, 30])),
                dismissed=dice.random() < 0.3,
            )
            for each in dice.sample(campaigns, 5)
        },
    )
    flags, locale = frozenset(dice.sample(FLAGS, 4)), dice.choice(LANGUAGES)
    return Someone(profile, flags, locale, _attributes(profile, flags, locale, away))


def _attributes(profile: Profile, flags: frozenset[str], locale: str, away: float) -> dict[str, Any]:
    return {
        "person": profile.person_key,
        "country": profile.home.country,
        "language": locale,
        "tier": TIERS.index(profile.tier) if profile.tier else -1,
        "visits": profile.visits.total,
        "away": away,
        "segments": list(profile.segments),
        "flags": sorted(flags),
        "follows": list(profile.favorites),
        "acknowledged": list(profile.release_state.acknowledged_releases),
    }


def may_show(rule: Rule, someone: Someone) -> bool:
    """What the peers leave to their user: the campaign's caps."""
    memory = someone.profile.campaigns.get(rule.id)
    if memory is None:
        return True
    if memory.dismissed and (rule.maximum or 1) <= 1:
        return False
    if rule.maximum is not None and memory.shown >= rule.maximum:
        return False
    return not (rule.cooldown and memory.last_at and memory.last_at + COOLDOWN > NOW)
