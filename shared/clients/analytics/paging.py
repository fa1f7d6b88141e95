"""Reading a collection in the order of a moment that many documents share."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from shared.clients.analytics.port import Analytics, Doc

_INSTANT: Final = timedelta(milliseconds=1)


class Span(NamedTuple):
    """Moments from ``since`` on, until ``until`` where it is given; both included."""

    since: datetime
    until: datetime | None = None


async def page_by(
    analytics: Analytics,
    collection: str,
    field: str,
    span: Span,
    *,
    limit: int,
    fields: Sequence[str] | None = None,
) -> tuple[list[Doc], datetime | None]:
    """The next documents by a field that an index begins with, and the moment to go on from; None at the end.

    All documents of one moment come together, so a page has ``limit`` documents at most, or those of one moment (1 find, 2 then).
    """
    bounds: dict[str, Any] = {"$gte": span.since} | ({"$lte": span.until} if span.until else {})
    order: list[tuple[str, Any]] = [(field, 1)]
    found = await analytics.find(collection, {field: bounds}, order=order, limit=limit, fields=fields)
    if len(found) < limit:
        return found, None
    last: datetime = found[-1][field]
    if last == span.since:
        return await analytics.find(collection, {field: last}, fields=fields), last + _INSTANT
    return [each for each in found if each[field] < last], last
