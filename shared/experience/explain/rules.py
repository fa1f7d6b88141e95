"""From verdicts to the rows of a trace, and what each reader may see of them: pure."""

from collections.abc import Iterable, Iterator
from typing import Final

from shared.experience.decide.checks import Step
from shared.experience.decide.rules import SHOWN, Verdict
from shared.experience.explain.schemas import CheckRow, ComparisonRow, TraceRow
from shared.messaging.campaigns.rules import may_see
from shared.people.access import Principal

_OF_THE_CAMPAIGN: Final = frozenset({"status", "window", "type"})
"""Checks that compare nothing of the person's."""


def trace(
    verdicts: Iterable[Verdict], principal: Principal, *, anonymous: bool = False
) -> Iterator[TraceRow]:
    """What the caller may know of explained verdicts: an admin all, an organizer those on their own campaigns.

    ``anonymous`` leaves out whatever was found out about the person: for organizers who read another's decision.
    """
    for verdict in verdicts:
        if may_see(principal, verdict.candidate.campaign):
            yield row_of(verdict, anonymous=anonymous)


def row_of(verdict: Verdict, *, anonymous: bool = False) -> TraceRow:
    """One explained verdict."""
    campaign = verdict.candidate.campaign
    checks = [
        _check(step, anonymous=anonymous and step.check not in _OF_THE_CAMPAIGN) for step in verdict.steps
    ]
    hidden = anonymous and verdict.check not in _OF_THE_CAMPAIGN
    return TraceRow(
        campaign_id=campaign.id,
        campaign_version=campaign.version,
        shown=verdict.code == SHOWN,
        channel=verdict.channel,
        check=verdict.check,
        reason=verdict.code,
        until=None if hidden else verdict.turns_at,
        checks=checks,
    )


def _check(step: Step, *, anonymous: bool) -> CheckRow:
    compared = step.compared
    return CheckRow(
        check=step.check,
        passed=step.passed,
        reason=step.code,
        until=None if anonymous else step.until,
        wanted=dict(compared.wanted),
        actual={} if anonymous else dict(compared.actual),
        comparisons=[
            ComparisonRow(
                pointer=each.pointer,
                attribute=each.attribute,
                op=each.op,
                wanted=each.wanted,
                actual=None if anonymous else each.actual,
                holds=each.holds,
                reason=each.reason,
            )
            for each in compared.comparisons
        ],
    )
