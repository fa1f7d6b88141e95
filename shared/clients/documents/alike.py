"""Documents that are alike, as the single creations that they stand for. Pure."""

from collections.abc import Sequence
from typing import Any

from shared.clients.documents.port import MAX_WRITES, Alike, Blank, Create, Data, Write
from shared.clients.documents.writes import Step, steps_of
from shared.clients.errors import Refused


def creation(batch: Alike, row: Sequence[str]) -> Create:
    """The document of one row. Raises Refused for a row with too few texts."""
    try:
        return Create(f"{batch.collection}/{row[0]}", filled(batch.data, row))
    except IndexError:
        raise Refused("a row has fewer texts than there are blanks") from None


def all_steps(batch: Alike, also: Sequence[Write]) -> list[Step]:
    """The whole commit, checked and taken apart. Raises Refused."""
    check_number(batch, also)
    return steps_of([*(creation(batch, row) for row in batch.rows), *also])


def check_number(batch: Alike, also: Sequence[Write]) -> None:
    """Raises Refused unless there are 1 to 500 writes, with a row among them."""
    if not batch.rows or len(batch.rows) + len(also) > MAX_WRITES:
        raise Refused(f"a batch takes 1 to {MAX_WRITES} writes, rows among them")


def filled(data: Any, row: Sequence[str]) -> Data:
    """The data with each blank filled in."""
    return {name: _value(item, row) for name, item in data.items()}


def _value(value: Any, row: Sequence[str]) -> Any:
    match value:
        case Blank(text):
            return row[text]
        case dict():
            return filled(value, row)
        case list():
            return [_value(item, row) for item in value]
    return value
