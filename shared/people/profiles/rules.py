"""Visits and release state: pure, and the same whatever the order and however often an event arrives.

A visit is an interval; two requests less than 30 minutes apart belong to one (docs/decisions/0007). Merging intervals
is a union of sets, so a batch that comes twice, late, reordered or half-applied changes nothing extra.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from shared.kernel.clock import from_millis, to_millis
from shared.people.profiles.models import MAX_RELEASES, MAX_VISITS, Profile, ReleaseState, Visits

GAP: Final = timedelta(minutes=30)
"""A pause this long ends a visit."""
_GAP_MS: Final = int(GAP.total_seconds() * 1000)


@dataclass(frozen=True, slots=True, order=True)
class Seen:
    """Somebody was there: at which moment (milliseconds since 1970), on which release of the site."""

    at: int
    release_id: str


def record_visits(visits: Visits, instants: Iterable[int]) -> Visits:
    """The visits with more moments of presence, given in milliseconds since 1970.

    Kept exactly are the latest MAX_VISITS; the ones before are only counted, and a moment before all kept ones is
    then ignored: it may have been counted already.
    """
    horizon = visits.recent[0][0] if visits.earlier else None
    moments = [(at, at) for at in instants if horizon is None or at >= horizon]
    return _united([*visits.recent, *moments], visits.earlier)


def joined_visits(one: Visits, other: Visits) -> Visits:
    """The visits of two who turned out to be one: kept ones are united, those that are only counted add up."""
    return _united([*one.recent, *other.recent], one.earlier + other.earlier)


def _united(intervals: Iterable[tuple[int, int]], earlier: int) -> Visits:
    united: list[tuple[int, int]] = []
    for start, end in sorted(intervals):
        if united and start - united[-1][1] < _GAP_MS:
            united[-1] = (united[-1][0], max(united[-1][1], end))
        else:
            united.append((start, end))
    pruned = max(0, len(united) - MAX_VISITS)
    return Visits(tuple(united[pruned:]), earlier + pruned)


def record(profile: Profile, events: Iterable[Seen]) -> Profile:
    """The profile after its person was seen at those moments; the very same when they are known already.

    ``last_seen_at`` and ``last_seen_release_id`` only move forward: they are those of the latest event, the larger
    release id deciding between two of the same millisecond.
    """
    seen = sorted(events)
    if not seen:
        return profile
    first, latest = from_millis(seen[0].at), seen[-1]
    last = profile.last_seen_at
    known = Seen(to_millis(last), profile.release_state.last_seen_release_id or "") if last else None
    state = profile.release_state
    if known is None or latest > known:
        last, state = from_millis(latest.at), replace(state, last_seen_release_id=latest.release_id)
    return replace(
        profile,
        first_seen_at=min(profile.first_seen_at or first, first),
        last_seen_at=last,
        visits=record_visits(profile.visits, (event.at for event in seen)),
        release_state=state,
    )


def acknowledge_release(state: ReleaseState, release_id: str) -> ReleaseState:
    """The release state with one more acknowledged release; the latest MAX_RELEASES are kept."""
    if release_id in state.acknowledged_releases:
        return state
    return replace(state, acknowledged_releases=(*state.acknowledged_releases, release_id)[-MAX_RELEASES:])
