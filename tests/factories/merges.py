"""A visitor who becomes a person: what is stored of the two, and the worker between them."""

from typing import Any

from shared.clients.documents.port import Data, Query
from shared.messaging.campaigns.models import Scheduling
from shared.people.access import Principal
from shared.people.profiles.models import Profile
from shared.wiring import App
from tests.factories.experience import ask, known_as, work_off

ANA = Principal("uid-ana")
UUID = "6f1c2b1e-7b0a-4c39-9c39-2b9f4a1d6e57"
"""Ana's other device."""
OFTEN = Scheduling(max_deliveries_per_user=9)


async def worked(app: App, times: int = 1) -> int:
    """The buffer and the worker have done what they have to."""
    await app.activity.drain()
    return await work_off(app, "activity", times=times)


async def meet(app: App, principal: Principal, **request: Any) -> None:
    """The person has a profile of their own, and no visitor behind them."""
    await ask(app, principal, visitorId=None, address="0.0.0.0", **request)
    await worked(app)


async def stored(app: App, collection: str = "experienceProfiles") -> dict[str, Data]:
    """The documents of a collection by id."""
    return {found.id: found.data for found in await app.documents.query(Query(collection))}


async def ana_of(app: App) -> Profile | None:
    """Ana's own profile, whoever else she may be."""
    return await app.profile_repository.read(known_as(app, "uid-ana", visitor_id=None))
