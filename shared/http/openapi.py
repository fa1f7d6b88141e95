"""The OpenAPI 3.1 document, made from the declared routes: complete with parameters, examples, errors and headers."""

import re
from collections.abc import Mapping
from functools import lru_cache
from hashlib import sha256
from typing import Any, Final, Literal

import orjson
from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, models_json_schema

from shared.http import openapi_parts as parts
from shared.http.route import ROUTES, Route
from shared.kernel.errors import AppError
from shared.people.access import Role

_HOLE: Final = re.compile(r"\{(\*?)(\w+)(?::([^}?=]*))?(\?|=[^}]*)?\}")
_TYPES: Final = {
    "int": "integer",
    "long": "integer",
    "bool": "boolean",
    "double": "number",
    "float": "number",
}
Mode = Literal["validation", "serialization"]


def openapi_document() -> dict[str, Any]:
    """The whole contract. Paths carry the ``api`` prefix."""
    models, components = _schemas()
    paths: dict[str, dict[str, Any]] = {}
    for route in sorted(ROUTES, key=lambda one: (one.path, one.method)):
        path = "/api/" + _HOLE.sub(r"{\2}", route.path)
        paths.setdefault(path, {})[route.method.lower()] = _operation(route, models)
    return {
        "openapi": "3.1.0",
        "info": parts.INFO,
        "servers": [{"url": "/", "description": "Where this document was read."}],
        "tags": [{"name": tag} for tag in sorted({route.tag for route in ROUTES})],
        "paths": paths,
        "components": {
            "schemas": {**components, "Problem": parts.PROBLEM_SCHEMA},
            "responses": parts.problem_responses(),
            "headers": parts.HEADERS,
            "securitySchemes": parts.SECURITY,
        },
    }


def openapi_json() -> tuple[bytes, str]:
    """The document as bytes, and its version: a hash of them."""
    return _encoded(len(ROUTES))


@lru_cache(maxsize=2)
def _encoded(_routes: int) -> tuple[bytes, str]:
    body = orjson.dumps(openapi_document())
    return body, sha256(body).hexdigest()[:16]


Models = Mapping[tuple[Any, Mode], dict[str, Any]]


class _Schemas(GenerateJsonSchema):
    """As pydantic has it, but for answers: what may be null is left out of them, hence never required."""

    def field_is_required(self, field: Any, total: bool) -> bool:  # noqa: FBT001 - pydantic's
        nullable = self.mode == "serialization" and field["schema"]["type"] == "nullable"
        return not nullable and super().field_is_required(field, total)


def _schemas() -> tuple[Models, dict[str, Any]]:
    """A reference for each model in use, and the schemas they refer to."""
    used: list[tuple[type[BaseModel], Mode]] = []
    for route in ROUTES:
        used += [(model, "validation") for model in (route.body, route.query) if model]
        used += [(model, "serialization") for model in route.answers.values() if model]
    models, schema = models_json_schema(
        list(dict.fromkeys(used)),
        by_alias=True,
        ref_template="#/components/schemas/{model}",
        schema_generator=_Schemas,
    )
    return models, schema.get("$defs", {})


def _operation(route: Route, models: Models) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": route.name,
        "summary": route.summary,
        "tags": [route.tag],
        "parameters": [*_path_parameters(route), *_query_parameters(route), *_header_parameters(route)],
        "responses": {**_answers(route, models), **_errors(route)},
        "security": _security(route),
        "x-role": route.role.value,
    }
    if route.description:
        operation["description"] = route.description
    if route.body:
        content: dict[str, Any] = {"schema": models[route.body, "validation"]}
        if route.example is not None:
            content["example"] = route.example
        operation["requestBody"] = {"required": True, "content": {"application/json": content}}
    return operation


def _security(route: Route) -> list[dict[str, list[str]]]:
    nobody: list[dict[str, list[str]]] = [{}] if route.role is Role.ANONYMOUS else []
    servers = [{"serverKey": [route.scope]}] if route.scope else []
    return [*nobody, {"idToken": []}, *servers]


def _path_parameters(route: Route) -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "in": "path",
            "required": True,
            "schema": {"type": _TYPES.get((constraint or "").split("(")[0], "string")},
            "description": parts.PARAMETERS.get(name, ""),
        }
        for _, name, constraint, _ in _HOLE.findall(route.path)
    ]


def _query_parameters(route: Route) -> list[dict[str, Any]]:
    if route.query is None:
        return []
    schema = route.query.model_json_schema(by_alias=True, ref_template="#/components/schemas/{model}")
    required = schema.get("required", [])
    return [
        {
            "name": name,
            "in": "query",
            "required": name in required,
            "schema": {key: value for key, value in field.items() if key != "description"},
            "description": field.get("description") or parts.PARAMETERS.get(name, ""),
        }
        for name, field in schema.get("properties", {}).items()
    ]


def _header_parameters(route: Route) -> list[dict[str, Any]]:
    wanted = ["X-Correlation-Id"]
    if route.idempotency != "none":
        wanted.append("Idempotency-Key")
    if route.if_match:
        wanted.append("If-Match")
    if route.method == "GET":
        wanted.append("If-None-Match")
    required = {"Idempotency-Key": route.idempotency == "required"}
    return [
        {"name": name, "in": "header", "required": required.get(name, False), **parts.REQUEST_HEADERS[name]}
        for name in wanted
    ]


def _answers(route: Route, models: Models) -> dict[str, Any]:
    answers: dict[str, Any] = {}
    for index, (status, model) in enumerate(route.answers.items()):
        names = [*parts.ALWAYS]
        names += ["ETag"] if route.if_match or route.method == "GET" else []
        names += ["Location"] if status in parts.LOCATED else []
        names += ["Idempotent-Replayed"] if route.idempotency != "none" else []
        answer: dict[str, Any] = {"description": parts.phrase(status), "headers": parts.headers(names)}
        if model:
            content: dict[str, Any] = {"schema": models[model, "serialization"]}
            if index == 0 and route.answer_example is not None:
                content["example"] = route.answer_example
            answer["content"] = {route.media_type: content}
        elif status != parts.NO_CONTENT and not model:
            answer["content"] = {route.media_type: {}}
        answers[str(status)] = answer
    if route.method == "GET":
        answers["304"] = {"description": parts.phrase(304), "headers": parts.headers([*parts.ALWAYS, "ETag"])}
    return answers


def _errors(route: Route) -> dict[str, Any]:
    statuses = {400, 401, 413, 422, 429, 500, 503, *(error.status for error in route.errors)}
    statuses |= {415} if route.body else set()
    statuses |= {403} if route.role not in (Role.ANONYMOUS, Role.USER) else set()
    statuses |= {404} if _HOLE.search(route.path) else set()
    statuses |= {409} if route.idempotency != "none" else set()
    statuses |= {428} if route.idempotency == "required" else set()
    statuses |= {412} if route.if_match else set()
    known = {error.status for error in AppError.__subclasses__()} | {500}
    return {
        str(status): {"$ref": f"#/components/responses/Problem{status}"}
        for status in sorted(statuses & known)
    }
