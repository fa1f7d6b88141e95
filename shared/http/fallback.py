"""What the host cannot say by itself: CORS preflights, 405 with Allow, and 404 as problem+json.

The host answers a known path with a wrong method by an empty 404 (platform-facts.md §1), so one function, last in the
host's order of names, takes whatever no route took.
"""

import re
from functools import lru_cache
from typing import Final

from shared.http import security
from shared.http.exchange import Exchange
from shared.http.limits import charge
from shared.http.rendering import Rendered, problem
from shared.http.route import ROUTES
from shared.kernel.errors import MethodNotAllowed, NotFound

_HOLE: Final = re.compile(r"\\\{(\\\*)?[^{}]*\\\}")


async def answer_unrouted(exchange: Exchange) -> Rendered:
    """204 to a preflight, 405 with Allow where another method would do, else 404."""
    methods = allowed_methods(exchange.req.route_params.get("path", ""))
    allow = ", ".join([*methods, "OPTIONS"])
    if methods and exchange.req.method == "OPTIONS":
        exchange.headers |= security.preflight(
            exchange.header("origin"), exchange.app.settings.cors_origins, allow
        )
        return Rendered(204, headers={"Allow": allow})
    charge(exchange)
    if methods and exchange.req.method not in methods:
        return problem(MethodNotAllowed(), exchange, allow=allow)
    return problem(NotFound(), exchange)


def allowed_methods(path: str) -> list[str]:
    """The methods of the routes that a path without its prefix belongs to; case and one last slash do not matter."""
    plain = path.removesuffix("/")
    return sorted({route.method for route in ROUTES if _pattern(route.path).fullmatch(plain)})


@lru_cache(maxsize=1024)
def _pattern(template: str) -> re.Pattern[str]:
    text = _HOLE.sub(lambda hole: ".*" if hole[1] else "[^/]+", re.escape(template))
    return re.compile(text, re.IGNORECASE)
