"""Typed bodies, parameters and headers: whatever does not fit is refused with every fault named, and nothing echoed."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeVar
from urllib.parse import parse_qsl

import orjson
from pydantic import BaseModel, RootModel, ValidationError
from pydantic_core import ErrorDetails

from shared.kernel.errors import (
    Fault,
    Invalid,
    Malformed,
    NotFound,
    TooLarge,
    UnsupportedMedia,
)

MAX_BODY: Final = 256 * 1024
"""Largest body, in bytes."""
MAX_DEPTH: Final = 32
"""Most objects and lists within one another."""
MAX_NUMBER: Final = 2**63
"""Numbers must be smaller than this, either way: beyond it stores disagree."""
MAX_FAULTS: Final = 50
MAX_PARAMETERS: Final = 50
_JSON: Final = re.compile(r'application/([\w.+-]+\+)?json\s*(;\s*charset="?utf-8"?\s*)?', re.IGNORECASE)
_SEGMENT: Final = re.compile(r"(?!\.{1,2}$)(?!__)[A-Za-z0-9._~:@+-]{1,256}")
_VERSION: Final = re.compile(r'(?:W/)?"([\x21\x23-\x7e]{1,200})"')

ModelT = TypeVar("ModelT", bound=BaseModel)


def json_body(raw: bytes, content_type: str | None, model: type[ModelT]) -> ModelT:
    """A body as its model, in strict JSON mode and by its wire names only.

    Raises UnsupportedMedia, TooLarge, Malformed (not JSON, not finite, too deep, too large a number, not an object) and Invalid.
    """
    check_size(raw)
    if not _JSON.fullmatch((content_type or "").strip()):
        raise UnsupportedMedia("Send application/json.")
    try:
        value = orjson.loads(raw)
    except orjson.JSONDecodeError:
        raise Malformed("The body is not JSON.", code="not_json") from None
    _bounded(value)
    if not isinstance(value, dict) and not issubclass(model, RootModel):
        raise Malformed("The body must be a JSON object.", code="not_an_object")
    try:
        return model.model_validate_json(raw, strict=True, by_alias=True, by_name=False)
    except ValidationError as error:
        raise Invalid(faults=_faults(error, value, "/")) from None


def check_size(raw: bytes) -> None:
    """Raises TooLarge over 256 KiB."""
    if len(raw) > MAX_BODY:
        raise TooLarge(f"A body has at most {MAX_BODY} bytes.")


def query_parameters(query: str, model: type[ModelT] | None) -> ModelT | None:
    """The query string as its model; without a model there may be no parameters. Raises Malformed, Invalid."""
    if not query and model is None:
        return None
    try:
        pairs = parse_qsl(query, keep_blank_values=True, errors="strict", max_num_fields=MAX_PARAMETERS)
    except ValueError:
        raise Malformed("The query string cannot be read.", code="bad_query") from None
    values = dict(pairs)
    if len(values) != len(pairs):
        raise Invalid(faults=[Fault("?", "repeated", "A parameter may be given once.")])
    if model is None:
        if values:
            raise Invalid(faults=[Fault("?", "extra_forbidden", "There are no parameters here.")])
        return None
    try:
        return model.model_validate_strings(values, by_alias=True, by_name=False)
    except ValidationError as error:
        raise Invalid(faults=_faults(error, values, "?")) from None


def path_parameters(values: Mapping[str, str]) -> Mapping[str, str]:
    """Values of the route's template. What cannot be an id (slashes, dots alone, control characters) is NotFound."""
    if not all(_SEGMENT.fullmatch(value) for value in values.values()):
        raise NotFound
    return values


def if_match(header: str | None) -> str | None:
    """The version that the caller means to change; weak and strong are one. Raises Malformed for anything but one."""
    if header is None or header.strip() == "*":
        return None
    found = _VERSION.fullmatch(header.strip())
    if found is None:
        raise Malformed('If-Match names one version, such as "17".', code="bad_if_match")
    return found[1]


def versions(header: str | None) -> frozenset[str]:
    """Every version in an If-None-Match header; ``*`` stands for any."""
    if not header:
        return frozenset()
    return frozenset({"*"} if header.strip() == "*" else _VERSION.findall(header))


def _bounded(value: Any) -> None:
    """Level by level, because a hostile depth must not meet recursion."""
    level, depth = [value], 0
    while level:
        deeper: list[Any] = []
        nested = False
        for item in level:
            kind = type(item)
            if kind is dict:
                nested = True
                deeper += item.values()
            elif kind is list:
                nested = True
                deeper += item
            elif (kind is int or kind is float) and not -MAX_NUMBER < item < MAX_NUMBER:
                raise Malformed("A number is too large.", code="number_too_large")
        depth += nested
        if depth > MAX_DEPTH:
            raise Malformed(f"The body nests deeper than {MAX_DEPTH}.", code="too_deep")
        level = deeper


def _faults(error: ValidationError, value: Any, root: str) -> list[Fault]:
    found = error.errors(include_url=False)[:MAX_FAULTS]
    return [Fault(_pointer(one, value, root), one["type"], _detail(one)) for one in found]


def _detail(one: ErrorDetails) -> str:
    """Pydantic's sentence, unless it repeats what was sent or is a regular expression."""
    if one["type"] == "string_pattern_mismatch":
        return "It is not of the form that the reference (/api/docs) gives for this field."
    sent = [one["input"], one.get("ctx", {}).get("tag")]
    message = one["msg"].removeprefix("Value error, ").removeprefix("Assertion failed, ")
    echoed = any(isinstance(text, str) and text and text in message for text in sent)
    return "The value does not fit." if echoed else message


def _pointer(one: ErrorDetails, value: Any, root: str) -> str:
    """Where in the caller's own document: pydantic's path without the tags of unions, which the caller never wrote."""
    parts: list[str] = []
    for at, piece in enumerate(one["loc"]):
        if _is_tag(piece, value, one["loc"][at + 1 :]):
            continue
        inside = piece in value if isinstance(value, dict) else _indexes(value, piece)
        if inside:
            value = value[piece]
        if inside or (one["type"] == "missing" and piece == one["loc"][-1]):
            parts.append(str(piece).replace("~", "~0").replace("/", "~1")[:100])
    return root + "/".join(parts) if parts or root == "?" else ""


def _is_tag(piece: int | str, value: Any, rest: Sequence[int | str]) -> bool:
    """Whether it is a union's tag that is called like a field beside it: what follows then lies beside that field, not in it."""
    if not isinstance(value, dict) or not rest or piece not in value.values():
        return False
    inner = value.get(piece)
    return piece not in value or (rest[0] in value and not (isinstance(inner, dict) and rest[0] in inner))


def _indexes(value: Any, piece: int | str) -> bool:
    return isinstance(value, list) and isinstance(piece, int) and piece < len(value)
