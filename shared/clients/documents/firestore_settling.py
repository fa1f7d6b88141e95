"""What to do when Firestore's answer to a commit is lost. Pure.

Reads are tried again after StoreUnavailable. A commit whose answer was lost may have happened, so it is tried again only
where that cannot do harm, and what the repeat says is then read with care:

1. **May it be repeated?** Yes when it creates a document that it does not touch otherwise (the repeat meets it), or when
   each of its steps is repeatable: no bare increment (``Step.repeatable``). Any other commit gets one try.
2. **The repeat goes through**: done.
3. **The repeat fails on a precondition** (AlreadyExists, Missing, Stale), perhaps because the first try went through. If
   the commit creates documents, they are read: all there, of one moment and with our content means that it was ours,
   and done; else the error stands, for a commit is all or nothing. If it creates none there is nothing to tell by:
   StoreUnavailable, and the caller reads again.

Two callers that create the very same documents with the same content cannot be told apart by rule 3; the commit
happened once, and both are told that it is done. Operation documents mean just that.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from shared.clients.documents.port import Snapshot
from shared.clients.documents.values import moment_of, order_key
from shared.clients.documents.writes import Step, apply
from shared.clients.errors import StoreUnavailable

_ANY_TIME: Final = moment_of(0)


def may_repeat(steps: Sequence[Step]) -> bool:
    """Rule 1: whether a commit may be sent again though it may have happened."""
    return bool(created(steps)) or all(step.repeatable for step in steps)


def created(steps: Sequence[Step]) -> dict[str, Step]:
    """The documents that a commit creates and writes once: by them it can be known again."""
    times = Counter(step.path for step in steps)
    return {
        step.path: step
        for step in steps
        if step.kind == "put" and step.exists is False and times[step.path] == 1
    }


def verdict(created: Mapping[str, Step], found: Mapping[str, Snapshot]) -> int | None:
    """Rule 3: the commit's time if it went through, None if it did not; else StoreUnavailable.

    Args:
        created: what the commit creates.
        found: those of its documents that are there now.
    """
    times = {snapshot.create_time for snapshot in found.values()}
    if created and (len(found) < len(created) or len(times) > 1):
        return None
    if created and all(_is_ours(created[path], snapshot) for path, snapshot in found.items()):
        return times.pop()
    if created and all(snapshot.update_time == snapshot.create_time for snapshot in found.values()):
        return None
    raise StoreUnavailable("an earlier try may have gone through")


def _is_ours(step: Step, snapshot: Snapshot) -> bool:
    """Whether a document holds what the step would have written; fields that the store computes are not compared."""
    computed = tuple(path for path, _ in step.transforms)
    written = apply(replace(step, transforms=()), None, _ANY_TIME)
    stored = apply(Step("patch", step.path, {}, removed=computed), snapshot.data, _ANY_TIME)
    return order_key(written) == order_key(stored)
