"""Campaigns as features of GrowthBook's SDK, as its documentation advises."""

from typing import Any

from benchmarks.world import TIERS, Rule


def feature(rule: Rule) -> dict[str, Any]:
    """On for whom the conditions and the rollout let in."""
    condition: dict[str, Any] = {}
    for kind, value in rule.conditions:
        if kind in ("country", "language", "segments"):
            condition[kind] = {"$in": list(value)}
        elif kind in ("tier", "visits", "away"):
            condition[kind] = {"$gte": TIERS.index(value) if kind == "tier" else value}
        else:
            condition[kind] = {"$in": [value]}
    if rule.release:
        condition["acknowledged"] = {"$nin": [rule.release]}
    forced: dict[str, Any] = {"condition": condition, "force": True}
    if rule.share is not None:
        forced |= {"coverage": rule.share, "hashAttribute": "person", "hashVersion": 2, "seed": seed(rule)}
    return {"defaultValue": False, "rules": [forced]}


def seed(rule: Rule) -> str:
    """What a campaign's rollout is hashed with."""
    return f"{rule.id}:rollout"
