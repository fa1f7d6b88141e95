"""Who came back after a message, of those who had stayed away (messaging-platform.md §10, Dormant-user reactivation): pure.

A person is asked about once, at one moment: the first message that reached them in the period while they were dormant, or, when
none did, the period's beginning. Both groups are thus given the same days to come back in.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from shared.people.profiles.models import Visits

DORMANT_MS: Final = timedelta(days=30) // timedelta(milliseconds=1)
"""How long somebody stayed away who counts as dormant, after having been there."""


@dataclass(frozen=True, slots=True)
class Group:
    """So many dormant people, and how many of them came back in time."""

    dormant: int = 0
    returned: int = 0

    def with_one(self, *, returned: bool) -> "Group":
        """The group with one more person."""
        return Group(self.dormant + 1, self.returned + returned)


def dormant(visits: Visits, at: int) -> bool:
    """Whether the last visit before ``at`` (milliseconds since 1970) ended 30 days or longer before it; who was never there is not.

    Of who has come so often since that no visit before ``at`` is remembered, it is not known, and not said.
    """
    before = [min(end, at) for start, end in visits.recent if start < at]
    return bool(before) and at - max(before) >= DORMANT_MS


def returned(visits: Visits, at: int, within: int) -> bool:
    """Whether a visit began at ``at`` or up to ``within`` milliseconds later."""
    return any(at <= start <= at + within for start, _ in visits.recent)


def judged(visits: Visits, reached: Iterable[int], begin: int) -> tuple[bool, int] | None:
    """Whether a message reached the person while dormant, and the moment they are asked about; None: they are in neither group.

    ``reached`` are moments of messages in the period that begins at ``begin``. Whom a message reached only when they
    were back is not «without a message», and belongs to neither.
    """
    moments = sorted(reached)
    for at in moments:
        if dormant(visits, at):
            return True, at
    return (False, begin) if not moments and dormant(visits, begin) else None
