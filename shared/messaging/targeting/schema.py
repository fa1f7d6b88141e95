"""A condition on the wire: its JSON Schema, made from the attribute table (design/wire.md, Experience).

What editors tell people of attributes and operators rides along as ``x-attributes`` and ``x-operators``.
"""

from collections import defaultdict
from typing import Annotated, Any

from pydantic import WithJsonSchema
from typing_extensions import TypeAliasType

from shared.messaging.targeting.attributes import ATTRIBUTES
from shared.messaging.targeting.kinds import (
    MAX_DEPTH,
    MAX_LEAVES,
    MAX_VALUES,
    OPERATORS,
    SCHEMA_OF,
    Attribute,
    Kind,
    Op,
)

Schema = dict[str, Any]


def json_schema(ref: str = "#") -> Schema:
    """The schema of a condition (JSON Schema 2020-12).

    Args:
        ref: where the schema stands in its document, for the groups to point back at.
    """
    parts = {"type": "array", "minItems": 1, "items": {"$ref": ref}}
    groups = [_object({kind: parts}) for kind in ("all", "any", "not")]
    return {
        "title": "Condition",
        "description": f"Whom a campaign is for. Groups nest at most {MAX_DEPTH} deep, with {MAX_LEAVES} comparisons in all.",
        "examples": [
            _example("release.firstVisit"),
            {"all": [_example("person.type"), _example("visits.total")]},
        ],
        "anyOf": groups + _comparisons(),
        "x-attributes": {name: _told(attribute) for name, attribute in ATTRIBUTES.items()},
        "x-operators": {op: operator.meaning for op, operator in OPERATORS.items()},
    }


def _comparisons() -> list[Schema]:
    """One schema for all attributes that take the same operators and values."""
    alike: dict[tuple[str, tuple[Op, ...]], list[str]] = defaultdict(list)
    values: dict[tuple[str, tuple[Op, ...]], Schema] = {}
    for attribute in ATTRIBUTES.values():
        for takes in ("one", "many", "shape", "flag"):
            ops = tuple(op for op in attribute.operators if OPERATORS[op].takes == takes)
            if ops:
                schema = _value(attribute, takes)
                key = (repr(schema), ops)
                alike[key].append(attribute.name)
                values[key] = schema
    return [
        _object({"attribute": {"enum": names}, "op": {"enum": list(key[1])}, "value": values[key]})
        for key, names in alike.items()
    ]


def _told(attribute: Attribute) -> Schema:
    """What a person choosing the attribute should know; ``example`` is a whole comparison."""
    told = {"description": attribute.description, "example": _example(attribute.name)}
    return told | {"displayOnly": True} if attribute.display_only else told


def _value(attribute: Attribute, takes: str) -> Schema:
    if takes == "flag":
        return dict(SCHEMA_OF[Kind.FLAG])
    one = {"enum": list(attribute.choices)} if attribute.choices else dict(SCHEMA_OF[attribute.kind])
    return one if takes != "many" else {"type": "array", "minItems": 1, "maxItems": MAX_VALUES, "items": one}


def _object(properties: Schema) -> Schema:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _example(name: str) -> Schema:
    op, value = ATTRIBUTES[name].example
    return {"attribute": name, "op": op, "value": value}


Audience = TypeAliasType(
    "Audience", Annotated[dict[str, Any], WithJsonSchema(json_schema("#/components/schemas/Audience"))]
)
"""A condition in a body: a plain dict for the code, which ``conditions.parse`` judges; the grammar in the OpenAPI document."""
