"""What a commit asks for, checked and taken apart once, for Firestore and for its twin alike. Pure.

Limits: firebase.google.com/docs/firestore/quotas, «Writes and transactions».
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any, Final, Literal

import orjson

from shared.clients.documents.paths import Segments, name_bytes, path_size, segments, split
from shared.clients.documents.port import (
    DELETE_FIELD,
    MAX_WRITES,
    SERVER_TIME,
    ArrayRemove,
    ArrayUnion,
    Create,
    Data,
    Delete,
    Increment,
    Set,
    Update,
    Write,
)
from shared.clients.documents.values import (
    MAX_VALUE_BYTES,
    added,
    check_document,
    plain,
    size,
    union,
    without,
)
from shared.clients.errors import Refused
from shared.kernel.telemetry import count

MAX_TRANSFORMS: Final = 500
"""Field transforms of one document in one commit."""
MAX_COMMIT_BYTES: Final = 10 * 1024 * 1024
_PER_DOCUMENT: Final = 64
"""More than a document and its name count beside what can be read of them."""

Transform = Increment | ArrayUnion | ArrayRemove | Literal["now"]
"""How a field's new value follows from the old one; ``"now"`` is SERVER_TIME."""
_MARKS: Final = (Increment, ArrayUnion, ArrayRemove, type(SERVER_TIME))


@dataclass(frozen=True, slots=True)
class Step:
    """One write in the store's terms: replace (``put``), change some fields (``patch``) or ``delete`` a document.

    ``transforms`` are applied after ``fields`` and ``removed``, in order. ``exists`` and ``updated`` are preconditions:
    the first is judged after the steps before it, the second against what was stored before the commit.
    """

    kind: Literal["put", "patch", "delete"]
    path: str
    fields: Mapping[Segments, Any]
    removed: tuple[Segments, ...] = ()
    transforms: tuple[tuple[Segments, Transform], ...] = ()
    exists: bool | None = None
    updated: int | None = None

    @property
    def repeatable(self) -> bool:
        """Whether doing it again changes nothing more.

        An increment does change more, unless its write starts from nothing or from one very version: it moves the
        version itself, so that the repeat finds another.
        """
        bare = self.kind == "patch" and self.updated is None
        return not (bare and any(isinstance(change, Increment) for _, change in self.transforms))


def steps_of(writes: Sequence[Write]) -> list[Step]:
    """Check a commit and take it apart. Raises Refused."""
    if not 1 <= len(writes) <= MAX_WRITES:
        raise Refused(f"a commit takes 1 to {MAX_WRITES} writes, not {len(writes)}")
    steps = [_step(write) for write in writes]
    transforms: Counter[str] = Counter()
    for step in steps:
        transforms[step.path] += len(step.transforms)
    if max(transforms.values()) > MAX_TRANSFORMS:
        raise Refused(f"more than {MAX_TRANSFORMS} field transforms of one document")
    total = 0 if _is_small(steps) else sum(map(_bytes, steps))
    if total > MAX_COMMIT_BYTES:
        raise Refused(f"a commit of {total} bytes; the limit is {MAX_COMMIT_BYTES}")
    return steps


def apply(step: Step, current: Data | None, now: datetime) -> Data | None:
    """The document after a step, None when it is gone. ``current`` is not changed; ``now`` is the commit's time."""
    if step.kind == "delete":
        return None
    data = dict(current or {}) if step.kind == "patch" else {}
    for path, value in step.fields.items():
        _parent(data, path)[path[-1]] = value
    for path in step.removed:
        if _holder(data, path) is not None:
            del _parent(data, path)[path[-1]]
    for path, change in step.transforms:
        holder = _holder(data, path)
        before = None if holder is None else holder[path[-1]]
        _parent(data, path)[path[-1]] = _transformed(before, change, now)
    return data


def bill(steps: Sequence[Step]) -> None:
    """Count what a commit that went through costs: a write or a delete for each step."""
    deletes = sum(step.kind == "delete" for step in steps)
    if deletes < len(steps):
        count("write", len(steps) - deletes)
    if deletes:
        count("delete", deletes)


def _is_small(steps: Sequence[Step]) -> bool:
    """Whether not even all fields together could be too large for one, by the length of their JSON: so it is nearly always.

    No value counts more than four times the bytes that it takes in JSON, where a number may be two with its comma.
    """
    told = orjson.dumps([(step.path, *step.fields.items()) for step in steps], default=bytes.hex)
    return 4 * len(told) + _PER_DOCUMENT * len(steps) <= MAX_VALUE_BYTES


def _bytes(step: Step) -> int:
    """What a step sends, roughly. Raises Refused for a whole document that is too large."""
    if step.kind == "put":
        return check_document(path_size(step.path), {path[0]: value for path, value in step.fields.items()})
    return path_size(step.path) + sum(map(size, step.fields.values()))


def _step(write: Write) -> Step:
    split(write.path)
    if isinstance(write, Delete):
        return Step("delete", write.path, {}, updated=write.if_updated_at)
    transforms: list[tuple[Segments, Transform]] = []
    if isinstance(write, Update):
        named = {segments(field): value for field, value in write.fields.items()}
        _check_disjoint(named, len(write.fields))
        removed = tuple(path for path, value in named.items() if value is DELETE_FIELD)
        kept = {path: value for path, value in named.items() if value is not DELETE_FIELD}
        fields = dict(_lifted(kept, transforms))
        exists = True if write.if_updated_at is None else None
        return Step("patch", write.path, fields, removed, tuple(transforms), exists, write.if_updated_at)
    for name in write.data:
        name_bytes(name)
    fields = dict(_lifted({(name,): value for name, value in write.data.items()}, transforms))
    exists = False if isinstance(write, Create) else None
    updated = write.if_updated_at if isinstance(write, Set) else None
    return Step("put", write.path, fields, (), tuple(transforms), exists, updated)


def _check_disjoint(named: Mapping[Segments, Any], given: int) -> None:
    paths = sorted(named)
    if len(paths) < given or any(two[: len(one)] == one for one, two in pairwise(paths)):
        raise Refused("an update names a field twice, or a field and one inside it")


def _lifted(
    fields: Mapping[Segments, Any], transforms: list[tuple[Segments, Transform]]
) -> Iterator[tuple[Segments, Any]]:
    """The fields with plain values; transforms, also those inside maps, are moved to the list."""
    for path, value in fields.items():
        if isinstance(value, _MARKS):
            transforms.append((path, _transform(value)))
            continue
        try:
            kept = plain(value, len(path))
        except (
            Refused
        ):  # a map with a transform in it, hardly ever; or what cannot be stored, and is refused again
            if not isinstance(value, dict):
                raise
            kept = plain(_without_transforms(value, path, transforms), len(path))
        yield path, kept


def _without_transforms(data: Data, at: Segments, transforms: list[tuple[Segments, Transform]]) -> Data:
    kept = {}
    for name, value in data.items():
        if isinstance(value, _MARKS):
            name_bytes(name)
            transforms.append(((*at, name), _transform(value)))
        elif isinstance(value, dict):
            kept[name] = _without_transforms(value, (*at, name), transforms)
        else:
            kept[name] = value
    return kept


def _transform(mark: Any) -> Transform:
    match mark:
        case Increment(by):
            if isinstance(by, bool) or not isinstance(by, int | float):
                raise Refused("an increment is by a number")
            return Increment(plain(by))
        case ArrayUnion(values):
            return ArrayUnion(tuple(plain(list(values))))
        case ArrayRemove(values):
            return ArrayRemove(tuple(plain(list(values))))
    if mark is SERVER_TIME:
        return "now"
    raise Refused(f"{mark} does not belong here")


def _transformed(before: Any, change: Transform, now: datetime) -> Any:
    match change:
        case Increment(by):
            return added(before, by)
        case ArrayUnion(values):
            return union(before, values)
        case ArrayRemove(values):
            return without(before, values)
    return now


def _parent(data: Data, path: Segments) -> Data:
    """The map that holds a field, made where there is none; maps on the way are copied."""
    for name in path[:-1]:
        inner = data.get(name)
        data[name] = data = dict(inner) if isinstance(inner, dict) else {}
    return data


def _holder(data: Any, path: Segments) -> Data | None:
    """The map that holds a field, or None when the field is absent."""
    for name in path[:-1]:
        data = data.get(name) if isinstance(data, dict) else None
    return data if isinstance(data, dict) and path[-1] in data else None
