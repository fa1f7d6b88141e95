"""Why am I seeing this? One sentence for the reader of a message, from what let it pass. Pure.

It says what the reader knows of themselves and the one thing that made the campaign theirs, never another comparison,
another person, or a name that the site gave to a group of people.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, NamedTuple

from shared.experience.decide.models import Candidate
from shared.messaging.targeting.conditions import Condition, Leaf, holds
from shared.messaging.targeting.facts import Facts
from shared.messaging.targeting.shapes import Past

ENGLISH: Final[Mapping[str, str]] = {
    "follow": "Because you follow {organizer}",
    "follow_unnamed": "Because you follow its organizer",
    "dormant": "Because you have not visited for {days} days",
    "became_organizer": "Because your account became an organizer",
    "organizer": "Because you are an organizer",
    "role": "Because of your role on this site",
    "tier": "Because of your {tier} membership",
    "attended": "Because of an event you came to",
    "rsvp": "Because of an event you said you would come to",
    "new_here": "Because you are new here",
    "returning": "Because you have visited {visits} times",
    "release": "Because the site has changed since your last visit",
    "nearby": "Because of where you are",
    "language": "Because of your language",
    "time": "Because of the time of day",
    "page": "Because of the page you are on",
    "trial": "Because you take part in a trial",
    "activity": "Because of how you use this site",
    "opted_in": "Because you asked for news of this kind",
    "visitor": "Because you are not signed in",
    "signed_in": "Because you have an account",
    "everyone": "Because it is for everyone",
}
"""The sentences by reason code, without their full stop."""
TEXTS: Final[dict[str, Mapping[str, str]]] = {"en": ENGLISH}
"""Sentences by language; a language may lack some, English lacks none."""


class Because(NamedTuple):
    """A reason code with the values that its sentence names."""

    code: str
    values: Mapping[str, Any]

    def text(self, locale: str | None) -> str:
        """The sentence in the reader's language (BCP 47), or the nearest there is: es-AR, then es, then English."""
        tag = (locale or "").lower()
        while tag:
            if self.code in TEXTS.get(tag, {}):
                return TEXTS[tag][self.code].format(**self.values)
            tag = tag.rpartition("-")[0]
        return ENGLISH[self.code].format(**self.values)


Reading = Callable[[Leaf, Facts], Because | None]


def because(candidate: Candidate, facts: Facts, organizer: str | None = None) -> Because:
    """Why a campaign that passed is for this person; ``organizer`` is the name of its organizer, if known.

    Consent comes first, because it is the reader's own doing; then the most telling comparison that holds.
    """
    follow = Because("follow", {"organizer": organizer}) if organizer else Because("follow_unnamed", {})
    if candidate.consent == "favorite":
        return follow
    found = [made for leaf in _told(candidate.target, facts) if (made := _of(leaf, facts, candidate, follow))]
    if candidate.consent == "marketing":
        found.append(Because("opted_in", {}))
    return min(found, key=lambda made: _RANK[made.code], default=Because("everyone", {}))


def _of(leaf: Leaf, facts: Facts, candidate: Candidate, follow: Because) -> Because | None:
    name = leaf.attribute.name
    if name == "person.favorites":
        asked = leaf.value if isinstance(leaf.value, tuple) else (leaf.value,)
        return follow if candidate.campaign.organizer_id in asked else Because("follow_unnamed", {})
    reading = _READINGS.get(name)
    return reading(leaf, facts) if reading and leaf.op != "exists" else None


def _told(condition: Condition, facts: Facts) -> Iterator[Leaf]:
    """The comparisons for which a condition holds: what a «not» keeps out says nothing of the person."""
    if isinstance(condition, Leaf):
        yield condition
    elif condition.kind != "not":
        for part in condition.parts:
            if condition.kind == "all" or holds(part, facts):
                yield from _told(part, facts)


def _says(code: str) -> Reading:
    return lambda _leaf, _facts: Because(code, {})


def _dormant(leaf: Leaf, facts: Facts) -> Because | None:
    """Only a pause, not a recent visit: «less than three days ago» is no reason to be told of."""
    if leaf.op not in ("gt", "gte", "before"):
        return None
    value = leaf.attribute.value(facts)
    days = (facts.now - value.at).days if isinstance(value, Past) else int(value)
    return Because("dormant", {"days": days}) if days >= _TELLING_DAYS else None


def _new(leaf: Leaf, _facts: Facts) -> Because | None:
    return Because("new_here", {}) if leaf.op in ("lt", "lte", "after") else None


def _visits(leaf: Leaf, facts: Facts) -> Because | None:
    visits = facts.profile.visits.total
    return Because("returning", {"visits": visits}) if leaf.op in ("gt", "gte") and visits > 1 else None


def _attended(leaf: Leaf, _facts: Facts) -> Because | None:
    return Because("attended", {}) if leaf.op in ("gt", "gte", "after") else None


def _release(leaf: Leaf, _facts: Facts) -> Because | None:
    unmet = {"release.firstVisit": True, "release.acknowledged": False}
    return Because("release", {}) if leaf.value == unmet.get(leaf.attribute.name, leaf.value) else None


def _role(leaf: Leaf, facts: Facts) -> Because:
    wanted = leaf.value if isinstance(leaf.value, tuple) else (leaf.value,)
    return Because(
        "organizer" if "organizer" in wanted and "organizer" in facts.profile.roles else "role", {}
    )


def _role_change(leaf: Leaf, facts: Facts) -> Because | None:
    if leaf.op not in ("lt", "lte", "after"):
        return None
    return Because("became_organizer" if "organizer" in facts.profile.roles else "role", {})


def _type(_leaf: Leaf, facts: Facts) -> Because:
    return Because("visitor" if facts.profile.type == "ip" else "signed_in", {})


def _tier(_leaf: Leaf, facts: Facts) -> Because | None:
    return Because("tier", {"tier": facts.profile.tier}) if facts.profile.tier else None


_TELLING_DAYS: Final = 7
_READINGS: Final[Mapping[str, Reading]] = {
    "visits.daysSinceLast": _dormant,
    "visits.lastAt": _dormant,
    "visits.total": _visits,
    "visits.last7Days": _says("activity"),
    "person.type": _type,
    "person.roles": _role,
    "person.organizerIds": _says("organizer"),
    "person.daysSinceRoleChange": _role_change,
    "person.roleChangedAt": _role_change,
    "person.tier": _tier,
    "person.segments": _says("activity"),
    "person.flags": _says("trial"),
    "person.experiments": _says("trial"),
    "person.attendedEvents": _says("attended"),
    "person.attendedOrganizers": _says("attended"),
    "person.rsvpEvents": _says("rsvp"),
    "person.home.country": _says("nearby"),
    "person.home.region": _says("nearby"),
    "person.home.city": _says("nearby"),
    "person.location": _says("nearby"),
    "person.localTime": _says("time"),
    "time.local": _says("time"),
    "attendance.total": _attended,
    "attendance.last90Days": _attended,
    "attendance.lastAt": _attended,
    "release.id": _release,
    "release.firstVisit": _release,
    "release.acknowledged": _release,
    "person.daysSinceFirstSeen": _new,
    "person.firstSeenAt": _new,
    "request.locale": _says("language"),
    "request.page": _says("page"),
    "request.featureFlags": _says("trial"),
    "request.timezone": _says("nearby"),
    "request.geo.country": _says("nearby"),
    "request.geo.region": _says("nearby"),
    "request.geo.city": _says("nearby"),
    "request.geo.location": _says("nearby"),
}
_RANK: Final[Mapping[str, int]] = {code: place for place, code in enumerate(ENGLISH)}
"""The more telling first."""
