"""What the stores would bill for a broadcast (docs/broadcasts.md, What it costs). Pure."""

from math import ceil
from typing import Final

from shared.kernel.cohorts import at_most
from shared.messaging.broadcasts.delivering import SLICE
from shared.messaging.broadcasts.estimating import Estimate
from shared.messaging.broadcasts.models import Broadcast
from shared.messaging.broadcasts.schemas import Operations

A_SHARD: Final = 500
"""Followers of a shard, on the average."""
PUSH_READS: Final = 3
PUSH_WRITES: Final = 4
CHANNELS: Final = 2
"""Messages that somebody may have had of an earlier broadcast: one a channel."""


def operations_of(draft: Broadcast, estimate: Estimate) -> Operations:
    """Reads and writes of Firestore at the most: finding the audience, leaving people out, judging and writing to the others."""
    most, people = estimate.most, estimate.most_people
    pushes = most.get("push", 0)
    writes = most.get("inbox", 0) + people / SLICE + PUSH_WRITES * pushes
    reads = _finding(draft, estimate) + _leaving_out(draft, people) + PUSH_READS * pushes
    reads += people / A_SHARD if "inbox" in draft.channels and draft.audience.kind == "favorites" else 0
    reads += 0 if _by_shards_alone(draft) else people
    return Operations(reads=ceil(reads), writes=ceil(writes))


def _finding(draft: Broadcast, estimate: Estimate) -> float:
    """Members of a segment are found in MongoDB."""
    found = {"favorites": estimate.most_people / A_SHARD, "criteria": at_most(estimate.population)}
    return found.get(draft.audience.kind, 0)


def _leaving_out(draft: Broadcast, people: int) -> int:
    """Criteria have read the profile before."""
    exclude = draft.audience.exclude
    profiles = people if exclude.by_profile and draft.audience.kind != "criteria" else 0
    return profiles + CHANNELS * len(exclude.received) * people


def _by_shards_alone(draft: Broadcast) -> bool:
    return draft.audience.kind == "favorites" and draft.channels == ("inbox",)
