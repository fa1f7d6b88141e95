"""The base of every body on the wire: camelCase, nothing unknown, no coercion (design/wire.md; decisions.md, One product)."""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict
from pydantic.alias_generators import to_camel


class Wire(BaseModel):
    """A body in camelCase. Unknown fields are refused; parsed from JSON in strict mode; frozen.

    How it is read and written is worked out when it first is: a worker starts without the bodies that nobody sends it.
    """

    model_config = ConfigDict(
        alias_generator=to_camel,
        populate_by_name=True,
        extra="forbid",
        frozen=True,
        allow_inf_nan=False,
        str_max_length=20_000,
        defer_build=True,
    )


class Snake(Wire):
    """A body in snake_case, as the analytics, community and SMS documents write theirs."""

    model_config = ConfigDict(alias_generator=None)


def _in_utc(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("outside the years 1 to 9999 in UTC") from error


Moment = Annotated[AwareDatetime, AfterValidator(_in_utc)]
"""A moment as RFC 3339; any offset is taken, UTC is kept and given."""
