"""THE attribute table: everything a condition can ask about a person and a request, one row each.

Validation, the JSON Schema of a condition, ``docs/reference/attributes.md`` and the evaluator all read it, so a new
attribute is one row of the two parts (messaging-platform.md §5.1; design/wire.md, Experience).
"""

import json
from collections.abc import Mapping
from typing import Final

from shared.messaging.targeting.attributes_of_people import OF_PEOPLE
from shared.messaging.targeting.attributes_of_requests import OF_REQUESTS
from shared.messaging.targeting.kinds import (
    EXPECTS,
    MAX_DEPTH,
    MAX_LEAVES,
    MAX_VALUES,
    OPERATORS,
    Attribute,
)

ATTRIBUTES: Final[Mapping[str, Attribute]] = {row.name: row for row in (*OF_PEOPLE, *OF_REQUESTS)}
"""Every attribute by its name."""


def render_reference() -> str:
    """The reference page of attributes and operators, in Markdown."""
    lines = [_INTRODUCTION]
    for row in ATTRIBUTES.values():
        op, wanted = row.example
        leaf = json.dumps({"attribute": row.name, "op": op, "value": wanted})
        value = ", ".join(f"`{choice}`" for choice in row.choices) or EXPECTS[row.kind]
        ops = " ".join(f"`{each}`" for each in row.operators)
        description = f"{row.description} *Display only.*" if row.display_only else row.description
        lines.append(f"| `{row.name}` | {description} | {value} | {ops} | {row.source} | `{leaf}` |")
    lines += ["", "| operator | holds when the attribute |", "| --- | --- |"]
    lines += [f"| `{op}` | {operator.meaning} |" for op, operator in OPERATORS.items()]
    return "\n".join(lines) + "\n"


_INTRODUCTION: Final = f"""# Attributes of conditions

A campaign's `audience` is a condition: a comparison `{{attribute, op, value}}`, or a group `{{all: […]}}` (each part holds),
`{{any: […]}}` (at least one does) or `{{not: […]}}` (none does). Groups nest {MAX_DEPTH} deep at most, with {MAX_LEAVES}
comparisons in all and {MAX_VALUES} values in a list. No audience means everyone.

A comparison with a value that is not known is false, so its `not` is true; ask `exists` when the difference matters.

Relative dates are counted back from each decision: `{{"daysAgo": n}}` is n times 24 hours before it, `{{"hoursAgo": n}}` n hours.
Hours of the day include `from` and not `to`; they go past midnight when `to` is not later than `from` (the whole day when
both are the same), and `days` (`mon` to `sun`) are those on which they begin. Hours that a change of the clock skips do
not occur, hours that it repeats count both times. Distances are great circles.

What is marked *display only* is the page's word for its reader; campaigns of type `organizer_targeted` may not ask for it.

| attribute | what it is | value | operators | where it comes from | example |
| --- | --- | --- | --- | --- | --- |"""
