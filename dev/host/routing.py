"""Route templates as ASP.NET Core reads them, and the host's order: the first match by function name wins.

Source: platform-facts.md §1, Routing.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final, NamedTuple

_INTEGER: Final = re.compile("[+-]?[0-9]+")
_REAL: Final = r"[+-]?[0-9,]*\.?[0-9]+(?:e[+-]?[0-9]+)?"
_PATTERNS: Final = {
    "alpha": "[a-z]*",
    "bool": "true|false",
    "decimal": r"[+-]?[0-9,]*\.?[0-9]+",
    "double": _REAL,
    "float": _REAL,
    "guid": "[({]?[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}[)}]?",
    "required": "(?s:.+)",
}
_PIECE: Final = re.compile(r"\{((?!\{)(?:[^{}]|\{\{|\}\})+)\}(?!\})|(/)|((?:[^{}/]|\{\{|\}\})+)|(.)")
_PARAMETER: Final = re.compile(
    r"(\*{0,2})([^{}/:=?*]+)((?::\w+(?:\(.*?\)(?=[:=?]|$))?)*)(?:=(?P<default>.*?))?(\?)?"
)
_CONSTRAINT: Final = re.compile(r":(\w+)(?:\((.*?)\)(?=:|$))?")
_METHODS: Final = ("GET", "POST", "DELETE", "HEAD", "PATCH", "PUT", "OPTIONS")
Check = Callable[[str], bool]


def constraint(name: str, argument: str) -> Check:
    """The check of one inline constraint such as ``min(1)``. Raises ValueError for one that the host does not know."""
    if name == "regex" or name in _PATTERNS:
        try:
            found = re.compile(argument if name == "regex" else f"(?:{_PATTERNS[name]})\\Z", re.IGNORECASE)
        except re.error as error:
            raise ValueError(f"the regular expression {argument!r} cannot be read") from error
        return lambda value: bool(found.search(value) if name == "regex" else found.match(value))
    if name == "datetime":
        return _is_datetime
    if name in ("int", "long"):
        bound = 2 ** (31 if name == "int" else 63)
        return lambda value: bool(_INTEGER.fullmatch(value)) and -bound <= int(value) < bound
    if name in ("min", "max", "range", "length", "minlength", "maxlength"):
        bounds = [int(bound) for bound in argument.split(",")]
        low = float("-inf") if name.startswith("max") else bounds[0]
        high = float("inf") if name.startswith("min") else bounds[-1]
        if "length" in name:
            return lambda value: low <= len(value) <= high
        return lambda value: bool(_INTEGER.fullmatch(value)) and low <= int(value) <= high
    raise ValueError(f"the constraint {name!r} is unknown")


def _is_datetime(value: str) -> bool:
    try:
        return bool(datetime.fromisoformat(value))
    except ValueError:
        return False


class _Parameter(NamedTuple):
    name: str
    checks: tuple[Check, ...]
    default: str | None


class Template:
    """One route, such as ``users/{id:int}/{*rest}``.

    Raises ValueError for what the host would not start with, and for optional parameters in the middle of a route.
    """

    def __init__(self, text: str) -> None:
        self._parameters: list[_Parameter] = []
        self._open = True  # until an optional parameter: then only optional ones may follow
        pattern = ""
        for match in _PIECE.finditer(text.strip("/")):
            parameter, slash, literal, stray = (part and _unescaped(part) for part in match.groups())
            if stray or (literal and not self._open):
                raise ValueError(f"the route {text!r} cannot be read at {stray or literal!r}")
            pattern = (
                self._extended(pattern, parameter) if parameter else pattern + re.escape(slash or literal)
            )
        names = [parameter.name.lower() for parameter in self._parameters]
        if len(names) != len(set(names)):
            raise ValueError("a route parameter occurs twice")
        self._regex = re.compile(pattern + "/?", re.IGNORECASE)

    def _extended(self, pattern: str, text: str) -> str:
        match = _PARAMETER.fullmatch(text)
        if match is None:
            raise ValueError(f"the route parameter {text!r} cannot be read")
        stars, name, constraints, default, optional = match.groups()
        checks = tuple(constraint(*found) for found in _CONSTRAINT.findall(constraints))
        self._parameters.append(_Parameter(name, checks, default))
        group = f"(?P<p{len(self._parameters)}>{'.*' if stars else '[^/]+'})"
        skippable = stars or optional or default is not None
        if (skippable and pattern and pattern[-1] != "/") or not (skippable or self._open):
            raise ValueError(f"the optional route parameters before or at {name!r} do not end the route")
        if not skippable:
            return pattern + group
        self._open = False
        return f"{pattern.removesuffix('/')}(?:/{group})?" if pattern else f"(?:{group})?"

    def match(self, path: str) -> dict[str, str] | None:
        """Route values of a path without its leading slash, or None; what is left out without a default is absent."""
        found = self._regex.fullmatch(path)
        if found is None:
            return None
        values = {}
        for parameter, given in zip(self._parameters, found.groups(), strict=True):
            value = given or parameter.default
            if value and not all(check(value) for check in parameter.checks):
                return None
            if value:
                values[parameter.name] = value
        return values


def _unescaped(text: str) -> str:
    return text.replace("{{", "{").replace("}}", "}")


Routes = Mapping[str, tuple[Sequence[str], str]]
"""Methods (none mean all) and route template of each function, by its name."""


class Router:
    """Finds the function of a request, under the prefix of host.json."""

    def __init__(self, prefix: str, routes: Routes) -> None:
        self._routes = [
            (name, frozenset(methods), Template(f"{prefix}/{route}"))
            for name, (methods, route) in sorted(routes.items(), key=lambda item: item[0].lower())
        ]

    def match(self, method: str, path: str) -> tuple[str, dict[str, str]] | None:
        """The function's name and its route values; a method that is not listed is no match, hence 404."""
        for name, methods, template in self._routes:
            if not methods or method in methods:
                values = template.match(path)
                if values is not None:
                    return name, values
        return None


def clashes(routes: Routes) -> Iterator[str]:
    """What the host refuses of routes, beside their templates: its own words, and the same text and method twice."""
    taken: dict[tuple[str, str], str] = {}
    for name, (methods, route) in routes.items():
        text = route.strip("/").lower()
        if text.startswith(("admin", "runtime")):
            yield f"{name}: its route begins with admin or runtime, which the host keeps for itself"
        others = {taken.setdefault((text, method), name) for method in methods or _METHODS}
        for other in sorted(others - {name}):
            yield f"{name}: {other} has the same route and a method in common"
