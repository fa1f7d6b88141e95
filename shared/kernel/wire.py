"""The base of every body on the wire: camelCase, nothing unknown, no coercion (design/wire.md; decisions.md, One product)."""

from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, PlainSerializer
from pydantic.alias_generators import to_camel


class Wire(BaseModel):
    """A body in camelCase. Unknown fields are refused; parsed from JSON in strict mode; frozen."""

    model_config = ConfigDict(
        alias_generator=to_camel,
        populate_by_name=True,
        extra="forbid",
        frozen=True,
        allow_inf_nan=False,
        str_max_length=20_000,
    )


Moment = Annotated[
    AwareDatetime,
    PlainSerializer(
        lambda moment: moment.isoformat().replace("+00:00", "Z"), return_type=str, when_used="json"
    ),
]
"""A moment as RFC 3339 in UTC."""
