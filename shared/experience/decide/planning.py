"""From a question and a profile to a plan: the verdicts, and the documents that would make them so. Pure."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache

from shared.experience.decide import rules
from shared.experience.decide.checks import CHECKS, PLACING
from shared.experience.decide.dealing import dealt, dispatched, variant_for
from shared.experience.decide.schemas import DecideRequest
from shared.experience.visits.models import Visit
from shared.kernel.settings import Settings
from shared.messaging.campaigns.content import Content
from shared.messaging.campaigns.models import ON_PAGE, Campaign
from shared.messaging.deliveries.models import Delivery
from shared.messaging.deliveries.rules import delivery_id, expires_at, payload_hash
from shared.messaging.experiments.models import Variant
from shared.messaging.experiments.rules import content_for
from shared.messaging.targeting.facts import Facts, Geo
from shared.people.access import Principal
from shared.people.places import zone
from shared.people.profiles.caps import Reserved, memory_of, reserve
from shared.people.profiles.models import Point, Profile
from shared.people.profiles.pressure import Pressure
from shared.people.profiles.rules import record


@dataclass(frozen=True, slots=True)
class Question:
    """One call of ``decide``."""

    decision_id: str
    request: DecideRequest
    principal: Principal
    visit: Visit
    now: datetime


@dataclass(frozen=True, slots=True)
class Shown:
    """A verdict to show, with its delivery; ``variant`` None: the campaign has no experiment."""

    verdict: rules.Verdict
    delivery: Delivery
    content: Content
    variant: Variant | None


@dataclass(frozen=True, slots=True)
class Plan:
    """A decision with its deliveries, and the profile once they are reserved (and the visit noted) in it.

    A plan that shows nothing has the profile as it was: there is nothing to commit.
    """

    decision: rules.Decision
    shown: tuple[Shown, ...]
    profile: Profile
    situation: rules.Situation

    def happened(self, profile: Profile, decision_id: str) -> bool:
        """Whether the profile shows that this very plan was committed."""
        held = {ident for ident, each in profile.reservations.items() if each.decision_id == decision_id}
        return bool(held) and held == {each.delivery.id for each in self.shown}


def plan(
    question: Question,
    choice: Callable[[rules.Situation], rules.Decision],
    profile: Profile,
    settings: Settings,
    *,
    first_occurrence: int = 0,
    running: Sequence[Campaign] = (),
) -> Plan:
    """Decide for the profile as it was read; ``choice`` is the engine's, or one that explains itself. Deliveries are numbered from ``first_occurrence`` at least."""
    request, now = question.request, question.now
    situation = rules.Situation(
        facts=_facts(question, profile, running),
        pressure=Pressure(
            profile,
            now,
            modals_per_day=settings.modals_per_day,
            interruptions_per_week=settings.interruptions_per_week,
        ),
        hold_for=timedelta(seconds=settings.reservation_seconds),
        channels=frozenset(ON_PAGE if request.channels is None else request.channels),
    )
    decision = choice(situation)
    made = [_shown(question, verdict, profile, situation, first_occurrence) for verdict in decision.shown]
    if not made:
        return Plan(decision, (), profile, situation)
    reserved = reserve(
        profile,
        [picked for _, picked in made],
        decision_id=question.decision_id,
        until=situation.until,
        now=now,
    )
    return Plan(decision, tuple(each for each, _ in made), record(reserved, [question.visit.seen]), situation)


def _facts(question: Question, profile: Profile, running: Sequence[Campaign]) -> Facts:
    request = question.request
    # until a grant of ours has settled a person's roles, the token is all there is to go by
    token = question.principal
    roles, organizers = tuple(sorted(token.roles)), tuple(sorted(token.organizer_ids))
    if not profile.role_changed_at and (roles, organizers) != (profile.roles, profile.organizer_ids):
        profile = replace(profile, roles=roles, organizer_ids=organizers)
    asked = zone(request.timezone)
    return Facts(
        profile=profile,
        now=question.now,
        release_id=request.release_id,
        feature_flags=frozenset(request.feature_flags),
        locale=request.locale or profile.locale,
        timezone=asked.key if asked else profile.timezone,
        page=request.page,
        geo=_geo(request),
        experiments=_experiments(profile, running) if running else tuple,
    )


def _experiments(profile: Profile, running: Sequence[Campaign]) -> Callable[[], Collection[str]]:
    @cache
    def asked() -> Collection[str]:
        return dealt(profile, running)

    return asked


def _geo(request: DecideRequest) -> Geo:
    said = request.geo
    if said is None:
        return Geo()
    point = said.location
    return Geo(said.city, said.region, said.country, Point(point.lat, point.lon) if point else None)


def _shown(
    question: Question,
    verdict: rules.Verdict,
    profile: Profile,
    situation: rules.Situation,
    first_occurrence: int,
) -> tuple[Shown, Reserved]:
    campaign, limits, channel = verdict.candidate.campaign, verdict.candidate.limits, str(verdict.channel)
    variant = variant_for(profile, campaign)
    content = content_for(campaign.content, variant)
    memory = memory_of(profile, campaign.id, limits.caps_version)
    occurrence = max(memory.occurrences, first_occurrence)
    delivery = Delivery(
        id=delivery_id(campaign.id, profile.person_key, channel, occurrence),
        campaign_id=campaign.id,
        campaign_version=campaign.version,
        recipient_type=profile.type,
        recipient_id=profile.person_key,
        channel=channel,
        status="pending",
        timestamps={
            "createdAt": question.now,
            "expiresAt": expires_at(question.now, situation.hold_for, campaign.scheduling.end_at),
        },
        payload_hash=verdict.candidate.payload_hash if content is campaign.content else payload_hash(content),
        organizer_id=campaign.organizer_id,
        dispatch_context={
            "decisionId": question.decision_id,
            "campaignType": campaign.type,
            "capsVersion": limits.caps_version,
            "occurrence": occurrence,
            "releaseId": verdict.candidate.release_id,
            "requestReleaseId": question.request.release_id,
            "checks": [*(name for name, _ in CHECKS), *PLACING],
            "shownBefore": memory.shown,
            "visits": profile.visits.total,
            **dispatched(profile, campaign),
        },
    )
    return Shown(verdict, delivery, content, variant), Reserved(
        delivery.id, campaign.id, limits.caps_version, channel, occurrence, campaign.organizer_id
    )
