"""The decision: profile, rules, one atomic commit only when something is shown (design/architecture.md, How work flows).

Store operations: 1 read and nothing else when nothing is shown; 1 read more for a visitor unknown this epoch and for a
person's first visit; N messages cost N + 1 writes in one commit, and a delete when the profile moves on from the previous
epoch, or from the visitor that the person was until now.
"""

from collections.abc import Callable
from functools import partial
from math import ceil

from shared.clients.documents.port import Documents
from shared.clients.errors import AlreadyExists, StoreUnavailable
from shared.experience.decide.catalog import Catalog
from shared.experience.decide.edition import Edition
from shared.experience.decide.planning import Plan, Question, Shown, plan
from shared.experience.decide.rules import Decision, Situation, decide
from shared.experience.decide.schemas import DecideAnswer, DecideRequest, Message
from shared.experience.explain.because import because
from shared.experience.explain.rules import trace
from shared.experience.explain.schemas import Because
from shared.experience.history.log import DecisionLog
from shared.experience.history.rules import record_of
from shared.experience.visits.buffer import ActivityBuffer
from shared.experience.visits.models import Visit
from shared.experience.visits.rules import to_tell
from shared.kernel.clock import Clock, to_millis
from shared.kernel.errors import Forbidden, Unauthenticated, Unavailable
from shared.kernel.ids import IdSource
from shared.kernel.settings import Settings
from shared.messaging.deliveries.repository import DeliveryRepository
from shared.messaging.deliveries.tokens import AckTokens
from shared.messaging.targeting.facts import Facts
from shared.people.access import Principal, Role
from shared.people.contention import ATTEMPTS, LOST, pause
from shared.people.organizers import OrganizerNames
from shared.people.profiles.models import Profile
from shared.people.profiles.repository import ProfileRepository
from shared.people.profiles.rules import Seen
from shared.people.visitors import Visitors

Choice = Callable[[Situation], Decision]
"""How a decision is made: the engine's way, or one that explains itself."""


class Decisions:
    """Decides what a person is shown."""

    def __init__(
        self,
        *,
        documents: Documents,
        profiles: ProfileRepository,
        deliveries: DeliveryRepository,
        catalog: Catalog,
        visitors: Visitors,
        tokens: AckTokens,
        activity: ActivityBuffer,
        log: DecisionLog,
        names: OrganizerNames,
        settings: Settings,
        clock: Clock,
        ids: IdSource,
    ) -> None:
        self._documents = documents
        self._profiles = profiles
        self._deliveries = deliveries
        self._catalog = catalog
        self._visitors = visitors
        self._tokens = tokens
        self._activity = activity
        self._log = log
        self._names = names
        self._settings = settings
        self._clock = clock
        self._ids = ids

    async def decide(
        self, request: DecideRequest, principal: Principal, *, address: str, explain: bool = False
    ) -> DecideAnswer:
        """What to show now. The visit is noted whatever becomes of the decision.

        Raises Unavailable ``contended`` after five lost races for the profile; Unauthenticated or Forbidden when the
        caller may not have it explained.
        """
        if explain and not principal.holds(Role.ORGANIZER):
            raise Unauthenticated if principal.uid is None else Forbidden
        now = self._clock.now()
        person = self._visitors.identify(
            principal.uid, visitor_id=request.visitor_id, address=address, now=now
        )
        visit = Visit(
            person,
            Seen(to_millis(now), request.release_id),
            request.timezone,
            to_millis(principal.signed_in_at) if principal.signed_in_at else None,
        )
        question = Question(self._ids.new("dec"), request, principal, visit, now)
        try:
            engine, edition = await self._catalog.current(), self._catalog.edition
            choice: Choice = engine.decide
            if explain:
                choice = partial(decide, candidates=edition.candidates, explain=True)
            decided = await self._decided(question, choice, edition)
            visit = to_tell(visit, decided.profile, principal.signed_in_at, now)
        finally:
            self._activity.add(visit)
        self._keep(question, decided, edition, explained=explain)
        facts = decided.situation.facts
        return DecideAnswer(
            decision_id=question.decision_id,
            person_type=person.type,
            messages=[self._message(each, facts) for each in decided.shown],
            next_check_in_seconds=ceil(decided.decision.next_check.total_seconds()),
            trace=list(trace(decided.decision.verdicts, principal)) if explain else None,
        )

    def _keep(self, question: Question, decided: Plan, edition: Edition, *, explained: bool) -> None:
        """Have the decision kept, off the answer's path, when somebody may ask about it."""
        ident = question.decision_id
        why = self._log.why(ident, shown=bool(decided.shown), explained=explained)
        if why is not None:
            self._log.add((record_of(ident, decided, why), edition))

    async def _decided(self, question: Question, choice: Choice, edition: Edition) -> Plan:
        """A plan that shows nothing, or one that was committed.

        A lost answer is not a lost commit: after any failure the profile is read again and tells whether a plan of
        this decision happened; then that plan is the answer, and nothing is shown twice.
        """
        running = edition.experiments
        tried: list[Plan] = []
        first_occurrence = 0
        profile = await self._profiles.read(question.visit.person)
        for attempt in range(ATTEMPTS):
            planned = plan(
                question, choice, profile, self._settings, first_occurrence=first_occurrence, running=running
            )
            if not planned.shown:
                return planned
            tried.append(planned)
            failure = await self._commit(profile, planned)
            if failure is None:
                return planned
            await pause(attempt)
            before, profile = profile, await self._profiles.read(question.visit.person)
            for each in tried:
                if each.happened(profile, question.decision_id):
                    return each
            if isinstance(failure, StoreUnavailable):
                raise failure
            if isinstance(failure, AlreadyExists) and profile.update_time == before.update_time:
                # no race: a delivery of that number stands there which the profile has forgotten; number past it
                first_occurrence = max(first_occurrence + 1, int(question.now.timestamp()))
        raise Unavailable(code="contended")

    async def _commit(self, profile: Profile, planned: Plan) -> Exception | None:
        """Make the plan so: all of it, or give what the store said instead."""
        writes = [self._deliveries.create(each.delivery) for each in planned.shown]
        try:
            await self._documents.commit([*writes, *self._profiles.writes(profile, planned.profile)])
        except (*LOST, StoreUnavailable) as error:
            return error
        return None

    def _message(self, shown: Shown, facts: Facts) -> Message:
        campaign, delivery = shown.verdict.candidate.campaign, shown.delivery
        expiry = delivery.timestamps["expiresAt"]
        reason = because(shown.verdict.candidate, facts, self._names.known(campaign.organizer_id))
        return Message(
            delivery_id=delivery.id,
            ack_token=self._tokens.issue(delivery.id, expiry),
            campaign_id=campaign.id,
            campaign_version=campaign.version,
            type=campaign.type,
            channel=delivery.channel,
            priority=campaign.priority,
            content=shown.content,
            variant=shown.variant.key if shown.variant else None,
            reason=Because(code=reason.code, text=reason.text(facts.locale)),
            expires_at=expiry,
        )
