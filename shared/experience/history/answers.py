"""Kept decisions on the wire: pure."""

from shared.experience.explain.schemas import CheckRow, TraceRow
from shared.experience.history.models import Record, Sent
from shared.experience.history.schemas import Asked, ChangedCheck, ChangedRow, Outcome, Place, SentMessage
from shared.messaging.campaigns.models import Channel


def asked_of(record: Record) -> Asked:
    """What the page had said."""
    facts = record.facts
    return Asked(
        release_id=facts.release_id,
        feature_flags=sorted(facts.feature_flags),
        locale=facts.locale,
        timezone=facts.timezone,
        page=facts.page,
        geo=Place(city=facts.geo.city, region=facts.geo.region, country=facts.geo.country),
        channels=sorted(record.channels),
    )


def sent_of(message: Sent, *, for_admins: bool) -> SentMessage:
    """One message."""
    return SentMessage(
        delivery_id=message.delivery_id if for_admins else None,
        campaign_id=message.campaign_id,
        campaign_version=message.campaign_version,
        channel=Channel(message.channel),
    )


def changed_row(campaign_id: str, then: TraceRow | None, now: TraceRow | None) -> ChangedRow:
    """A campaign that comes out otherwise, with the checks that differ."""
    before, after = _checks(then), _checks(now)
    names = dict.fromkeys([*before, *after])
    return ChangedRow(
        campaign_id=campaign_id,
        then=_outcome(then),
        now=_outcome(now),
        checks=[
            ChangedCheck(check=name, then=before.get(name), now=after.get(name))
            for name in names
            if _says(before.get(name)) != _says(after.get(name))
        ],
    )


def _checks(row: TraceRow | None) -> dict[str, CheckRow]:
    return {} if row is None else {each.check: each for each in row.checks}


def _says(row: CheckRow | None) -> tuple[bool, str] | None:
    return None if row is None else (row.passed, row.reason)


def _outcome(row: TraceRow | None) -> Outcome | None:
    if row is None:
        return None
    return Outcome(
        campaign_version=row.campaign_version,
        shown=row.shown,
        channel=row.channel,
        check=row.check,
        reason=row.reason,
    )
