"""What a campaign asks of a person, as one condition: consent, requirements, audience, release. Pure.

The same questions that ``rules`` puts one after the other for an explanation, in the form that can be indexed.
"""

from collections.abc import Mapping
from typing import Final

from shared.experience.decide.models import Candidate
from shared.messaging.campaigns.rules import Consent
from shared.messaging.targeting.attributes import ATTRIBUTES
from shared.messaging.targeting.conditions import Condition, Group, Leaf
from shared.messaging.targeting.kinds import Attribute, Kind
from shared.people.consent.models import Programme
from shared.people.preferences.rules import asks, refused

FAVORITES: Final = ATTRIBUTES["person.favorites"]
MARKETING: Final = Attribute(
    "person.marketingOptIn",
    Kind.FLAG,
    lambda facts: facts.profile.marketing_opt_in,
    "profile `marketingOptIn`",
    "Whether the person opted in to marketing: asked by the consent gate, not for targeting.",
    ("eq", True),
)
REFUSED: Final = Attribute(
    "person.refused",
    Kind.TEXTS,
    lambda facts: refused(facts.profile, "inbox"),
    "profile `preferences`, `muted`",
    "What the person does not want inside the site: asked by the consent gate, not for targeting.",
    ("contains", "programme:marketing"),
)
PROGRAMME: Final[Mapping[Consent, Programme]] = {"favorite": "organizers", "marketing": "marketing"}
"""What a campaign that needs a consent is part of."""
RELEASES: Final = Attribute(
    "release.acknowledgedReleases",
    Kind.TEXTS,
    lambda facts: facts.profile.release_state.acknowledged_releases,
    "profile `releaseState.acknowledgedReleases`",
    "Every release the person acknowledged: asked by the release check, not for targeting.",
    ("contains", "2026.11"),
)


def eligibility(candidate: Candidate) -> Condition:
    """The condition under which a campaign may be considered for a person, its own caps aside."""
    asked: list[Condition] = []
    if candidate.consent == "favorite":
        asked.append(Leaf(FAVORITES, "contains", candidate.campaign.organizer_id, ""))
    elif candidate.consent == "marketing":
        asked.append(Leaf(MARKETING, "eq", True, ""))  # noqa: FBT003 - the value asked for
    if candidate.consent in PROGRAMME:
        words = asks(PROGRAMME[candidate.consent], candidate.campaign.organizer_id)
        asked.append(Group("not", (Leaf(REFUSED, "containsAny", words, ""),)))
    if candidate.release_id is not None:
        asked.append(Group("not", (Leaf(RELEASES, "contains", candidate.release_id, ""),)))
    target = candidate.target
    asked.extend(target.parts if isinstance(target, Group) and target.kind == "all" else (target,))
    return Group("all", tuple(asked))
