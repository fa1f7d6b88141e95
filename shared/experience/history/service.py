"""Kept decisions: why it was so, and what would be otherwise today (design/anchors-messaging.md §4, 1 to 3).

Store operations: 1 read for the decision, 1 for the list of its campaigns, 1 for each of those that is not in memory at that
version any more; a comparison with today reads the person's profile as well.
"""

from collections.abc import Iterable
from dataclasses import replace
from math import ceil

from shared.experience.decide.catalog import Catalog
from shared.experience.decide.models import Candidate, candidate
from shared.experience.decide.rules import Decision, Verdict
from shared.experience.explain.rules import row_of, trace
from shared.experience.history.answers import asked_of, changed_row, sent_of
from shared.experience.history.models import KEPT, Record
from shared.experience.history.repository import DecisionRepository
from shared.experience.history.rules import differences, is_exact, replay
from shared.experience.history.schemas import ChangedRow, Difference, KeptDecision
from shared.kernel.clock import Clock
from shared.kernel.errors import AppError, NotFound
from shared.kernel.settings import Settings
from shared.messaging.campaigns.rules import may_see
from shared.messaging.campaigns.service import Campaigns
from shared.messaging.targeting.facts import Facts
from shared.people.access import Principal
from shared.people.profiles.repository import ProfileRepository
from shared.people.visitors import Person


class History:
    """Tells of kept decisions: admins all, organizers what became of their own campaigns."""

    def __init__(
        self,
        *,
        decisions: DecisionRepository,
        campaigns: Campaigns,
        catalog: Catalog,
        profiles: ProfileRepository,
        settings: Settings,
        clock: Clock,
    ) -> None:
        self._decisions = decisions
        self._campaigns = campaigns
        self._catalog = catalog
        self._profiles = profiles
        self._settings = settings
        self._clock = clock

    async def get(self, principal: Principal, decision_id: str, *, with_today: bool = False) -> KeptDecision:
        """A decision with its trace; ``with_today`` adds what would be otherwise now.

        Raises NotFound for a decision that was not kept, is older than 7 days, or judged no campaign of the caller's.
        """
        stored = await self._decisions.get(decision_id, self._clock.now())
        if stored is None:
            raise NotFound
        record = stored.record
        await self._catalog.current()
        candidates, missing = await self._judged(stored.revision)
        own = {each.campaign.id for each in candidates if may_see(principal, each.campaign)}
        if not (principal.is_admin or own):
            raise NotFound
        again = replay(record, candidates)
        anonymous = not principal.is_admin and principal.uid != record.facts.profile.person_key
        return KeptDecision(
            decision_id=decision_id,
            at=record.at,
            expires_at=record.at + KEPT,
            why=record.why,
            person_type=record.facts.profile.type,
            asked=asked_of(record) if principal.is_admin else None,
            messages=[
                sent_of(each, for_admins=principal.is_admin)
                for each in record.sent
                if principal.is_admin or each.campaign_id in own
            ],
            next_check_in_seconds=ceil(record.next_check.total_seconds()),
            exact=is_exact(record, again),
            missing=sorted(missing) if principal.is_admin else [],
            trace=list(trace(again.verdicts, principal, anonymous=anonymous)),
            difference=await self._difference(principal, record, again, anonymous=anonymous)
            if with_today
            else None,
        )

    async def _judged(self, revision: str) -> tuple[list[Candidate], set[str]]:
        """The campaigns of an edition, ready to be judged, and the ids of those that cannot be."""
        versions = await self._decisions.versions(revision)
        known = {
            each.campaign.id: each
            for each in self._catalog.candidates
            if versions.get(each.campaign.id) == each.campaign.version
        }
        others = {ident: version for ident, version in versions.items() if ident not in known}
        for campaign in await self._campaigns.at_versions(others):
            try:
                known[campaign.id] = candidate(campaign)
            except AppError:
                continue  # an audience that no longer fits the attribute table
        return list(known.values()), versions.keys() - known.keys()

    async def _difference(
        self, principal: Principal, record: Record, then: Decision, *, anonymous: bool
    ) -> Difference:
        present = self._catalog.candidates

        def changed(now: Decision) -> list[ChangedRow]:
            return list(_rows(principal, then.verdicts, now.verdicts, anonymous=anonymous))

        facts = await self._facts_now(record)
        person = None
        if facts is not None:
            settings = self._settings
            today = replace(
                record,
                modals_per_day=settings.modals_per_day,
                interruptions_per_week=settings.interruptions_per_week,
            )
            person = changed(replay(today, present, facts))
        return Difference(at=self._clock.now(), campaigns=changed(replay(record, present)), person=person)

    async def _facts_now(self, record: Record) -> Facts | None:
        """The person as they are now, on the page as it was (1 read); None when they are not found."""
        then = record.facts.profile
        profile = await self._profiles.read(Person(then.person_key, then.type))
        if profile.update_time is None:
            return None
        if not profile.role_changed_at:
            # as the decision had it: the token's word
            profile = replace(profile, roles=then.roles, organizer_ids=then.organizer_ids)
        return replace(record.facts, profile=profile, now=self._clock.now())


def _rows(
    principal: Principal, then: Iterable[Verdict], now: Iterable[Verdict], *, anonymous: bool
) -> Iterable[ChangedRow]:
    for ident, before, after in differences(list(then), list(now)):
        seen = [verdict for verdict in (before, after) if verdict is not None]
        if any(may_see(principal, verdict.candidate.campaign) for verdict in seen):
            rows = [None if each is None else row_of(each, anonymous=anonymous) for each in (before, after)]
            yield changed_row(ident, *rows)
