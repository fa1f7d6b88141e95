"""Broadcasts as their readers may know them: exact numbers for admins, coarse ones for organizers. Pure."""

from collections.abc import Callable, Mapping

from shared.kernel.cohorts import Count, coarse, exact
from shared.messaging.broadcasts.estimating import ToldDrift
from shared.messaging.broadcasts.models import Broadcast
from shared.messaging.broadcasts.rules import summed
from shared.messaging.broadcasts.schemas import (
    BroadcastError,
    BroadcastProgress,
    BroadcastView,
    Loss,
    Schedule,
    SegmentDrift,
)
from shared.people.access import Principal

Counter = Callable[[float], Count]


def counter(principal: Principal) -> Counter:
    """How numbers of people are told to the caller."""
    return exact if principal.is_admin else coarse


def losses(lost: Mapping[str, float], told: Counter) -> list[Loss]:
    """Losses, the most frequent first."""
    ranked = sorted(lost.items(), key=lambda item: (-item[1], item[0]))
    return [Loss(reason=reason, people=told(number)) for reason, number in ranked]


def drift_view(drift: ToldDrift | None, told: Counter) -> SegmentDrift | None:
    """How a segment has changed."""
    if drift is None:
        return None
    return SegmentDrift(
        then=told(drift.then),
        now=told(drift.now),
        joined=told(drift.joined),
        left=told(drift.left),
        alarming=drift.alarming,
    )


def broadcast_view(broadcast: Broadcast, told: Counter) -> BroadcastView:
    """A broadcast on the wire.

    Of a segment that was not written to yet an organizer is told nothing: a broadcast that is cancelled in time costs nothing, and
    would be a question that nobody counts.
    """
    progress, frozen = broadcast.progress, broadcast.frozen
    lost = summed(frozen.lost, progress.lost)
    if told is not exact and broadcast.audience.kind == "segment" and not progress.delivered:
        told, lost = _untold, {}
    schedule = None
    if broadcast.local_time is not None and broadcast.timezone is not None:
        schedule = Schedule(local_time=broadcast.local_time, timezone=broadcast.timezone)
    return BroadcastView(
        id=broadcast.id,
        organizer_id=broadcast.organizer_id,
        state=broadcast.state,
        content=broadcast.content,
        audience_type=broadcast.audience.kind,
        segment_id=broadcast.audience.segment_id,
        segment_version=broadcast.audience.segment_version,
        channels=list(broadcast.channels),
        schedule=schedule,
        starts_at=broadcast.start_at,
        began_at=broadcast.began_at,
        ended_at=broadcast.ended_at,
        created_at=broadcast.created_at,
        tier=broadcast.terms.tier,
        credits=broadcast.terms.credits if broadcast.credits is None else broadcast.credits,
        failure=broadcast.failure,
        progress=BroadcastProgress(
            people=told(frozen.people),
            done=told(progress.people),
            delivered={channel: told(progress.delivered.get(channel, 0)) for channel in broadcast.channels},
            losses=losses(lost, told),
        ),
        errors=[BroadcastError(page=each.page, code=each.code, at=each.at) for each in broadcast.errors],
    )


def _untold(_: float) -> Count:
    return Count(value=None, text="not told yet")
