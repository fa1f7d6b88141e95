"""The campaigns of one instance at one moment, under a name that says exactly which versions they were."""

from collections.abc import Iterable, Mapping
from functools import cached_property

from shared.experience.decide.models import Candidate
from shared.kernel.ids import hashed_id
from shared.messaging.campaigns.models import Campaign


class Edition:
    """An immutable set of campaigns made ready; what follows from it is worked out when somebody asks."""

    def __init__(self, candidates: Iterable[Candidate] = ()) -> None:
        self._candidates = tuple(candidates)

    @cached_property
    def candidates(self) -> tuple[Candidate, ...]:
        """The campaigns in their order of urgency, those that no page can show included."""
        return tuple(sorted(self._candidates, key=lambda each: each.order))

    @cached_property
    def experiments(self) -> tuple[Campaign, ...]:
        """The campaigns that have an experiment."""
        return tuple(each.campaign for each in self._candidates if each.campaign.experiment is not None)

    @cached_property
    def versions(self) -> Mapping[str, int]:
        """The version of each campaign, by its id."""
        return {each.campaign.id: each.campaign.version for each in self._candidates}

    @cached_property
    def revision(self) -> str:
        """The same text for the same versions, on every instance."""
        return hashed_id("ed", *(f"{ident}:{version}" for ident, version in sorted(self.versions.items())))
