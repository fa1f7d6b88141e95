"""Write ``docs/reference/``: pages made from the code, so that they cannot disagree with it (a system test checks).

``python -m dev.reference`` rewrites them; ``pages()`` gives them as text.
"""

import inspect
from pathlib import Path

from pydantic_core import PydanticUndefined

import function_app  # noqa: F401 - importing it declares every route
from shared.analytics.segments import attributes as behaviour
from shared.clients.queues import port
from shared.experience.explain import reasons
from shared.http.codes import CODES
from shared.http.endpoint import ROUTES
from shared.kernel.settings import Settings
from shared.messaging.targeting.attributes import render_reference

_BOUNDS = {"gt": ">", "ge": "≥", "lt": "<", "le": "≤"}
FOLDER = Path(__file__).parent.parent / "docs" / "reference"
HEAD = "<!-- Made by `make docs` from the code; edit the code instead. -->\n\n"


def pages() -> dict[str, str]:
    """Every reference page by file name."""
    return {
        "attributes.md": HEAD + render_reference(),
        "behaviour.md": HEAD + behaviour.render_reference(),
        "errors.md": HEAD + _errors(),
        "queues.md": HEAD + _queues(),
        "reasons.md": HEAD + reasons.render_reference(),
        "routes.md": HEAD + _routes(),
        "settings.md": HEAD + _settings(),
    }


def _table(head: list[str], rows: list[list[str]]) -> str:
    lines = [f"| {' | '.join(row)} |" for row in [head, ["---"] * len(head), *rows]]
    return "\n".join(lines) + "\n"


def _settings() -> str:
    rows = []
    for setting, field in Settings.model_fields.items():
        default = field.default if field.default is not PydanticUndefined else None
        if default is None and field.default_factory is not None:
            default = " ".join(field.default_factory())  # type: ignore[call-arg]
        bounds = ", ".join(
            f"{sign} {getattr(rule, name):g}"
            for rule in field.metadata
            for name, sign in _BOUNDS.items()
            if hasattr(rule, name)
        )
        rows.append(
            [
                f"`{setting.upper()}`",
                f"`{default}`" if default not in ("", None) else "",
                bounds,
                field.description or "",
            ]
        )
    return (
        "# Settings\n\nRead from the environment once, into one typed object (`shared/kernel/settings.py`).\n\n"
        + _table(["name", "default", "bounds", "meaning"], rows)
    )


def _routes() -> str:
    rows = [
        [
            f"`{route.method} /api/{route.path}`",
            route.role.value + (f", server with `{route.scope}`" if route.scope else ""),
            ", ".join(map(str, sorted(route.answers))),
            route.summary,
        ]
        for route in sorted(ROUTES, key=lambda route: (route.path, route.method))
    ]
    return (
        "# Routes\n\nThe whole contract, with bodies, errors and examples, is `GET /api/openapi.json` (read it at `/api/docs`).\n\n"
        + _table(["route", "who", "answers", "what it does"], rows)
    )


def _queues() -> str:
    source = inspect.getsource(port)
    rows = []
    for queue in port.ALL_QUEUES:
        after = source.split(f'{queue.upper()}: Final = "{queue}"\n"""', 1)[1]
        rows.append([f"`{queue}`", f"`{queue}{port.POISON_SUFFIX}`", after.split('"""', 1)[0]])
    return (
        "# Queues\n\nEach has exactly one consumer; what fails five times lands in its poison queue with nothing lost; visits and signals that meet a store which is away come again until it is back.\n\n"
        + _table(["queue", "poison queue", "carries"], rows)
    )


def _errors() -> str:
    rows = [
        [str(code.status), f"`{code.name}`", code.title, code.meaning]
        for code in sorted(CODES.values(), key=lambda code: code.status)
    ]
    return (
        "# Errors\n\nEvery refusal is `application/problem+json` (RFC 9457) with a stable `code`; the first of a status is that of "
        "its class, the others are more exact.\n\n" + _table(["status", "code", "title", "when"], rows)
    )


def main() -> None:
    """Rewrite the pages."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, text in pages().items():
        (FOLDER / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
