"""What MongoDB's answers mean to the port."""

from typing import Final

import pymongo.errors
from bson.errors import BSONError
from pymongo.errors import BulkWriteError, DuplicateKeyError, OperationFailure

from shared.clients.errors import AlreadyExists, Contended, Refused, StoreError, StoreUnavailable

DUPLICATE: Final = 11000
CONFLICT: Final = 112
UPSERT_RACE: Final = 2
"""Tries of an upsert that a unique key refused: the second meets the document that another has made."""
_NEVER: Final = frozenset((2, 9, 14, 28, 40, 52, 54, 56, 57, 66, 10334, 17280, 17419))
"""Codes of what the server would never do: bad value or type, path through a value, conflicting paths, change of an _id, too large."""


def translated(error: Exception) -> StoreError:
    """The port's error. The server's text is not passed on: it quotes documents."""
    match error:
        case BulkWriteError():
            return _of_codes({part["code"] for part in error.details["writeErrors"]})
        case DuplicateKeyError():
            return AlreadyExists("a unique key is taken")
        case OperationFailure():
            return _of_codes({error.code or 0})
        case BSONError() | pymongo.errors.DocumentTooLarge() | OverflowError():
            return Refused("not a document")
        case TypeError() | ValueError() | pymongo.errors.InvalidOperation():
            return Refused("not a request")
    return StoreUnavailable(type(error).__name__)


def clashes_of(error: BulkWriteError) -> list[int]:
    """Which parts of a bulk a unique key refused. Raises the error itself when anything else was wrong."""
    told = error.details
    if told["writeConcernErrors"] or {part["code"] for part in told["writeErrors"]} != {DUPLICATE}:
        raise error
    return [part["index"] for part in told["writeErrors"]]


def _of_codes(codes: set[int]) -> StoreError:
    if CONFLICT in codes:
        return Contended("another write is in the way")
    if codes & _NEVER:
        return Refused("the server would not do that")
    if codes == {DUPLICATE}:
        return AlreadyExists("a unique key is taken")
    return StoreUnavailable("the server did not do it")
