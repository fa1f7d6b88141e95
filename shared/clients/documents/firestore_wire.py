"""Between the port's values and Firestore's API messages (google/firestore/v1/*.proto).

The SDK's generated messages are used without the SDK's wrappers around them: those cost 40 times the CPU and retry by
themselves (design/performance.md §2; design/reliability.md, trial runs).
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

from google.cloud.firestore_v1.types import document, query, write

from shared.clients.documents.paths import Segments, on_the_wire
from shared.clients.documents.port import ArrayRemove, ArrayUnion, Data, Increment, Snapshot, Where
from shared.clients.documents.queries import LISTS, Plan
from shared.clients.documents.values import microseconds, moment_of
from shared.clients.documents.writes import Step, Transform

Value: Final = document.Value.pb()
Write: Final = write.Write.pb()
FieldTransform: Final = write.DocumentTransform.FieldTransform.pb()
StructuredQuery: Final = query.StructuredQuery.pb()
Filter: Final = query.StructuredQuery.Filter.pb()

_OPERATORS: Final = {
    "==": "EQUAL",
    "<": "LESS_THAN",
    "<=": "LESS_THAN_OR_EQUAL",
    ">": "GREATER_THAN",
    ">=": "GREATER_THAN_OR_EQUAL",
    "in": "IN",
    "array_contains": "ARRAY_CONTAINS",
    "array_contains_any": "ARRAY_CONTAINS_ANY",
}
_DIRECTIONS: Final = {False: "ASCENDING", True: "DESCENDING"}


class Wire:
    """Reads and writes API messages of one database."""

    def __init__(self, project: str, database: str) -> None:
        self.database = f"projects/{project}/databases/{database}"
        self.documents = f"{self.database}/documents"

    def name(self, path: str) -> str:
        """A document's full name."""
        return f"{self.documents}/{path}"

    def path(self, name: str) -> str:
        """The port's path of a full name."""
        return name[len(self.documents) + 1 :]

    def snapshot(self, found: Any) -> Snapshot:
        """A document as the port shows it."""
        data = _from_map(found.fields)
        created, updated = found.create_time.ToNanoseconds(), found.update_time.ToNanoseconds()
        return Snapshot(self.path(found.name), data, created, updated)

    def write(self, step: Step) -> Any:
        """One write of a commit."""
        message = Write()
        if step.exists is not None:
            message.current_document.exists = step.exists
        if step.updated is not None:
            message.current_document.update_time.FromNanoseconds(step.updated)
        if step.kind == "delete":
            message.delete = self.name(step.path)
            return message
        message.update.name = self.name(step.path)
        for path, value in step.fields.items():
            fields = message.update.fields
            for name in path[:-1]:
                fields = fields[name].map_value.fields
            to_value(fields[path[-1]], value)
        if step.kind == "patch":
            message.update_mask.field_paths.extend(map(on_the_wire, (*step.fields, *step.removed)))
            message.update_mask.SetInParent()
        message.update_transforms.extend(_transform(path, change) for path, change in step.transforms)
        return message

    def query(self, plan: Plan) -> tuple[str, Any]:
        """A query's parent and message."""
        head, _, group = plan.collection.rpartition("/")
        message = StructuredQuery(from_=[{"collection_id": group}])
        filters = [_filter(condition) for condition in plan.where]
        if len(filters) == 1:
            message.where.CopyFrom(filters[0])
        elif filters:
            message.where.composite_filter.op = message.where.composite_filter.AND
            message.where.composite_filter.filters.extend(filters)
        for order in plan.orders:
            message.order_by.add(field={"field_path": order.field}, direction=_DIRECTIONS[order.descending])
        message.order_by.add(field={"field_path": "__name__"}, direction=_DIRECTIONS[plan.descending])
        if plan.limit is not None:
            message.limit.value = plan.limit
        for value in plan.after or ():
            to_value(message.start_at.values.add(), value)
        if plan.after_id is not None:
            message.start_at.values.add(reference_value=self.name(f"{plan.collection}/{plan.after_id}"))
        return (f"{self.documents}/{head}" if head else self.documents), message


def to_value(message: Any, value: Any) -> None:  # noqa: C901 - one case for each type
    """Put a plain value into a message."""
    match value:
        case str():
            message.string_value = value
        case bool():
            message.boolean_value = value
        case int():
            message.integer_value = value
        case dict():
            message.map_value.SetInParent()
            fields = message.map_value.fields
            for name, item in value.items():
                to_value(fields[name], item)
        case list():
            message.array_value.SetInParent()
            add = message.array_value.values.add
            for item in value:
                to_value(add(), item)
        case datetime():
            stamp = message.timestamp_value
            stamp.seconds, micros = divmod(microseconds(value), 1_000_000)
            stamp.nanos = micros * 1000
        case None:
            message.null_value = 0
        case float():
            message.double_value = value
        case bytes():
            message.bytes_value = value


def from_value(message: Any) -> Any:
    """The plain value of a message; nanoseconds below a microsecond are cut off, as the store does."""
    kind = message.WhichOneof("value_type")
    read = _READ.get(kind)
    return getattr(message, kind) if read is None else read(message)


def _from_map(fields: Any) -> Data:
    # a message map's own items() is written in Python, and slower
    return {name: from_value(fields[name]) for name in fields}


def _from_stamp(stamp: Any) -> datetime:
    return moment_of(stamp.seconds * 1_000_000 + stamp.nanos // 1000)


_READ: Final[dict[str, Callable[[Any], Any]]] = {
    "null_value": lambda _: None,
    "timestamp_value": lambda message: _from_stamp(message.timestamp_value),
    "array_value": lambda message: [from_value(item) for item in message.array_value.values],
    "map_value": lambda message: _from_map(message.map_value.fields),
}
"""The kinds of values that a message does not hold as they are."""


def _transform(path: Segments, change: Transform) -> Any:
    message = FieldTransform(field_path=on_the_wire(path))
    match change:
        case Increment(by):
            to_value(message.increment, by)
        case ArrayUnion(values):
            message.append_missing_elements.SetInParent()
            for value in values:
                to_value(message.append_missing_elements.values.add(), value)
        case ArrayRemove(values):
            message.remove_all_from_array.SetInParent()
            for value in values:
                to_value(message.remove_all_from_array.values.add(), value)
        case _:
            message.set_to_server_value = FieldTransform.REQUEST_TIME
    return message


def _filter(condition: Where) -> Any:
    """One condition; null and NaN have operators of their own."""
    value = condition.value
    special = "IS_NULL" if value is None else "IS_NAN" if value != value else ""  # noqa: PLR0124 - NaN alone is so
    if special:
        return Filter(unary_filter={"field": {"field_path": condition.field}, "op": special})
    message = Filter(field_filter={"field": {"field_path": condition.field}, "op": _OPERATORS[condition.op]})
    if condition.op in LISTS:
        for item in value:
            to_value(message.field_filter.value.array_value.values.add(), item)
    else:
        to_value(message.field_filter.value, value)
    return message
