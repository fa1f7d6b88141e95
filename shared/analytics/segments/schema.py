"""Filters on the wire: their JSON Schema, made from the behaviour table."""

from collections import defaultdict
from typing import Annotated, Any

from pydantic import WithJsonSchema
from typing_extensions import TypeAliasType

from shared.analytics.segments.attributes import ATTRIBUTES
from shared.analytics.segments.kinds import (
    MAX_DEPTH,
    MAX_LEAVES,
    MAX_VALUES,
    OPERATORS,
    SHAPES,
    VALUES,
    Attribute,
    Takes,
)

Schema = dict[str, Any]


def json_schema(ref: str = "#") -> Schema:
    """The schema of filters (JSON Schema 2020-12); ``ref`` is where it stands, for the groups to point back at."""
    parts = {"type": "array", "minItems": 1, "items": {"$ref": ref}}
    return {
        "title": "Filters",
        "description": f"Who is in a segment. Groups nest at most {MAX_DEPTH} deep, with {MAX_LEAVES} comparisons in all.",
        "examples": [{"all": [_example("class.primary_level"), _example("travel.unique_cities")]}],
        "anyOf": [_object({kind: parts}) for kind in ("all", "any", "not")] + _comparisons(),
        "x-attributes": {
            name: {"description": row.description, "example": _example(name)}
            for name, row in ATTRIBUTES.items()
        },
        "x-operators": {op: operator.meaning for op, operator in OPERATORS.items()},
    }


def _comparisons() -> list[Schema]:
    """One schema for all attributes that take the same operators and values."""
    alike: dict[tuple[str, tuple[str, ...]], list[str]] = defaultdict(list)
    values: dict[tuple[str, tuple[str, ...]], Schema] = {}
    for attribute in ATTRIBUTES.values():
        for takes in ("one", "many", "shape", "flag"):
            ops = tuple(op for op in attribute.operators if OPERATORS[op].takes == takes)
            if ops:
                schema = _value(attribute, takes)
                alike[(repr(schema), ops)].append(attribute.name)
                values[(repr(schema), ops)] = schema
    return [
        _object({"attribute": {"enum": names}, "op": {"enum": list(key[1])}, "value": values[key]})
        for key, names in alike.items()
    ]


def _value(attribute: Attribute, takes: Takes) -> Schema:
    if takes == "flag":
        return {"type": "boolean"}
    if takes == "shape":
        return SHAPES[attribute.kind]
    one = {"enum": list(attribute.choices)} if attribute.choices else VALUES[attribute.kind]
    return one if takes == "one" else {"type": "array", "minItems": 1, "maxItems": MAX_VALUES, "items": one}


def _object(properties: Schema) -> Schema:
    required = list(properties)
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


def _example(name: str) -> Schema:
    op, value = ATTRIBUTES[name].example
    return {"attribute": name, "op": op, "value": value}


Filters = TypeAliasType(
    "Filters", Annotated[dict[str, Any], WithJsonSchema(json_schema("#/components/schemas/Filters"))]
)
"""Filters in a body: a plain dict for the code, which ``filters.parse`` judges; the grammar in the OpenAPI document."""
