"""What an ETag of the inbox says, so that a poll can be answered without reading the inbox again (docs/inbox.md).

It names the caller and the query, when the answer was made, until when time alone changes nothing in it, and what it said.
"""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Generic, TypeVar

from shared.kernel.clock import from_millis, to_millis
from shared.kernel.wire import Wire

BodyT = TypeVar("BodyT", bound=Wire)

MARGIN: Final = timedelta(seconds=10)
"""A change may bear a time a little before the moment at which it can be read, and clocks differ a little: what was written in
this much time before an answer is taken as written after it."""
LONGEST: Final = timedelta(hours=1)
"""After this time an answer is made anew in any case."""
_TEXT: Final = re.compile(r"([0-9a-f]{16})\.([0-9]{1,14})\.([0-9]{1,14})\.([0-9a-f]{16})")


@dataclass(frozen=True, slots=True)
class Stamp:
    """The version of an answer."""

    query: str
    issued: datetime
    until: datetime
    said: str

    @property
    def etag(self) -> str:
        """The stamp as text, without quotes."""
        return f"{self.query}.{to_millis(self.issued)}.{to_millis(self.until)}.{self.said}"

    @property
    def known_by(self) -> datetime:
        """The moment up to which the answer is sure to hold every change."""
        return self.issued - MARGIN


@dataclass(frozen=True, slots=True)
class Polled(Generic[BodyT]):
    """What a poll gives: an answer with its version, or no body when the caller's version still stands."""

    etag: str
    body: BodyT | None


def answer(body: BodyT, query: str, now: datetime, *turns: datetime | None) -> Polled[BodyT]:
    """An answer made now, of which the clock changes something at the first of ``turns``."""
    until = min(turn for turn in (now + LONGEST, *turns) if turn is not None)
    return Polled(Stamp(_digest(query), now, until, _digest(body.model_dump_json())).etag, body)


def known(versions: Iterable[str], query: str, now: datetime) -> Stamp | None:
    """The caller's stamp of that query, if they have one that time has not ended. Anybody may make one up: they see less."""
    for version in versions:
        found = _TEXT.fullmatch(version)
        if found and found[1] == _digest(query):
            stamp = Stamp(found[1], from_millis(int(found[2])), from_millis(int(found[3])), found[4])
            if stamp.issued <= now < stamp.until:
                return stamp
    return None


def _digest(query: str) -> str:
    return hashlib.sha256(query.encode()).hexdigest()[:16]
