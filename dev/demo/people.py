"""The people of the demo: who the page can be looked at as, and what we remember of each.

Ages are counted from the moment of seeding, so that the dormant dancer is dormant whenever the demo starts.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from dev.demo.campaigns import ORGANIZER, RELEASE
from shared.kernel.clock import to_millis
from shared.people.access import Role
from shared.people.profiles.merging import ADDRESS
from shared.people.profiles.models import Home, PersonType, Profile, ReleaseState
from shared.people.profiles.rules import Seen, record

EARLIER_RELEASE: Final = "2025.10.2"
NEXT_RELEASE: Final = "2025.12.0"
RELEASES: Final = (EARLIER_RELEASE, RELEASE, NEXT_RELEASE)
"""What the demo page can deploy, oldest first; it opens on RELEASE."""


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """One of the cast. ``visits`` are days ago, on ``release``; somebody without any has no profile yet.

    A ``correspondent`` has favourites, an inbox and a conversation. With a ``uid`` the person signs in; else ``visitor_id`` is what the browser sends, None for its own.
    """

    id: str
    label: str
    description: str
    uid: str | None = None
    visitor_id: str | None = None
    visits: tuple[float, ...] = ()
    release: str = RELEASE
    roles: tuple[str, ...] = ()
    organizer_ids: tuple[str, ...] = ()
    role_changed: timedelta | None = None
    correspondent: bool = False
    profile: dict[str, Any] = field(default_factory=dict)

    @property
    def claims(self) -> dict[str, list[str]]:
        """The custom claims of the account."""
        return {"roles": list(self.roles), "organizerIds": list(self.organizer_ids)}

    def remembered(self, key: str, kind: PersonType, now: datetime) -> Profile:
        """The profile as it is before the demo begins."""
        changed = None if self.role_changed is None else now - self.role_changed
        blank = Profile(
            key,
            kind,
            roles=self.roles,
            organizer_ids=self.organizer_ids,
            role_changed_at=changed,
            role_signalled_at=changed,
            linked_keys=(ADDRESS,),  # all of the cast come from one address: its past is nobody's
            release_state=ReleaseState(acknowledged_releases=(EARLIER_RELEASE,)),
            **self.profile,
        )
        return record(blank, _seen(now, self.visits, self.release))


def _seen(now: datetime, days_ago: Iterable[float], release: str) -> list[Seen]:
    return [Seen(to_millis(now - timedelta(days=days)), release) for days in days_ago]


_BOSTON: Final = {
    "locale": "en-US",
    "timezone": "America/New_York",
    "home": Home(city="Boston", region="Massachusetts", country="US"),
}

PEOPLE: Final = (
    DemoPerson(
        id="new-visitor",
        label="New visitor",
        description="Never here before; known only by this browser, if you allow it.",
    ),
    DemoPerson(
        id="visitor",
        label="Visitor",
        description="No account, back for the fifth time; last here before the release.",
        visitor_id="01k9zc4bq6v5j2w8n3d7r1m0xe",
        visits=(23, 16, 9, 2),
        release=EARLIER_RELEASE,
    ),
    DemoPerson(
        id="dancer",
        label="Dancer",
        description="Signed in, dances twice a week, follows two organizers.",
        uid="demo-dancer",
        correspondent=True,
        visits=(26, 23, 19, 16, 12, 9, 5, 2, 1),
        profile={"display_name": "Alma", **_BOSTON},
    ),
    DemoPerson(
        id="dormant-dancer",
        label="Dormant dancer",
        description="Signed in again after 60 days; used to come every week.",
        uid="demo-dormant-dancer",
        visits=(109, 102, 95, 88, 81, 74, 67, 60),
        release=EARLIER_RELEASE,
        profile={"display_name": "Bruno", **_BOSTON},
    ),
    DemoPerson(
        id="new-organizer",
        label="New organizer",
        description="A dancer approved as organizer one hour ago.",
        uid="demo-new-organizer",
        visits=(21, 14, 7, 3, 1),
        roles=(Role.ORGANIZER.value,),
        organizer_ids=(ORGANIZER,),
        role_changed=timedelta(hours=1),
        profile={"display_name": "Carmen", "tier": "basic", **_BOSTON},
    ),
    DemoPerson(
        id="admin",
        label="Admin",
        description="Runs the site; every answer comes with its reasons.",
        uid="demo-admin",
        visits=(8, 7, 6, 3, 2, 1),
        roles=(Role.ADMIN.value,),
        profile={"display_name": "Dolores", **_BOSTON},
    ),
)
"""The cast, in the order in which the page offers them."""

OPERATOR: Final = DemoPerson(
    id="operator",
    label="Operator",
    description="Looks people up when they ask for help; has no part on the page.",
    uid="demo-operator",
    roles=(Role.OPERATOR.value,),
)
EVERYBODY: Final = (*PEOPLE, OPERATOR)
"""Who can be signed in as."""
