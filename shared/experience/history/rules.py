"""Making a kept decision again, and how it would come out otherwise: pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from shared.experience.decide.dealing import dealt
from shared.experience.decide.models import Candidate
from shared.experience.decide.planning import Plan
from shared.experience.decide.rules import SHOWN, Decision, Situation, Verdict, decide
from shared.experience.history.models import Record, Sent, Why
from shared.messaging.targeting.facts import Facts
from shared.people.profiles.pressure import Pressure


def record_of(decision_id: str, made: Plan, why: Why) -> Record:
    """What is kept of a decision that was made."""
    situation = made.situation
    return Record(
        decision_id=decision_id,
        why=why,
        facts=situation.facts,
        channels=situation.channels,
        modals_per_day=situation.pressure.modals_per_day,
        interruptions_per_week=situation.pressure.interruptions_per_week,
        hold_for=situation.hold_for,
        sent=tuple(
            Sent(
                each.delivery.id,
                each.delivery.campaign_id,
                each.delivery.campaign_version,
                each.delivery.channel,
            )
            for each in made.shown
        ),
        next_check=made.decision.next_check,
    )


def replay(record: Record, candidates: Iterable[Candidate], facts: Facts | None = None) -> Decision:
    """The decision made again, explained, with these campaigns; with other facts when they are given.

    With the campaigns of that moment the verdicts are those of that moment.
    """
    ordered = sorted(candidates, key=lambda each: each.order)
    running = [each.campaign for each in ordered if each.campaign.experiment is not None]
    known = facts or record.facts
    profile = known.profile
    situation = Situation(
        facts=replace(known, experiments=lambda: dealt(profile, running)),
        pressure=Pressure(
            profile,
            known.now,
            modals_per_day=record.modals_per_day,
            interruptions_per_week=record.interruptions_per_week,
        ),
        hold_for=record.hold_for,
        channels=record.channels,
    )
    return decide(situation, ordered, explain=True)


def is_exact(record: Record, again: Decision) -> bool:
    """Whether the decision came out as it did: the same messages in the same channels, and no sooner a next check.

    The instance may have asked the page back a little sooner, for a campaign that had just been taken out (``engine``).
    """
    shown = [(each.candidate.campaign.id, str(each.channel)) for each in again.shown]
    return shown == [(each.campaign_id, each.channel) for each in record.sent] and (
        again.next_check >= record.next_check
    )


def differences(
    then: Sequence[Verdict], now: Sequence[Verdict]
) -> list[tuple[str, Verdict | None, Verdict | None]]:
    """The campaigns that came out otherwise, by id: their verdicts then and now, None where there was no such campaign."""
    before, after = _by_campaign(then), _by_campaign(now)
    return [
        (ident, before.get(ident), after.get(ident))
        for ident in sorted(before.keys() | after.keys())
        if _outcome(before.get(ident)) != _outcome(after.get(ident))
    ]


def _by_campaign(verdicts: Sequence[Verdict]) -> Mapping[str, Verdict]:
    return {verdict.candidate.campaign.id: verdict for verdict in verdicts}


def _outcome(verdict: Verdict | None) -> tuple[str, str, str] | None:
    if verdict is None:
        return None
    return verdict.check, verdict.code, str(verdict.channel) if verdict.code == SHOWN else ""
