"""The reference page: Swagger UI from its package (no CDN), and the list of error codes."""

import html
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

import azure.functions as func

from shared.http.call import Answer, Call
from shared.http.codes import CODES
from shared.http.endpoint import endpoint
from shared.http.security import PAGE_POLICY
from shared.kernel.errors import NotFound
from shared.people.access import Role

bp = func.Blueprint()

_TYPES = {".css": "text/css", ".js": "text/javascript", ".png": "image/png", ".html": "text/html"}
_PAGE_HEADERS = {"Content-Security-Policy": PAGE_POLICY, "Cache-Control": "no-cache"}
_ASSET_HEADERS = {"Cache-Control": "public, max-age=86400"}
_SWAGGER = ("swagger-ui.css", "swagger-ui-bundle.js", "favicon-32x32.png")

_PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Cabeceo API</title>
<link rel="icon" href="/api/docs/favicon-32x32.png">
<link rel="stylesheet" href="/api/docs/swagger-ui.css">
<main id="swagger-ui"></main>
<script src="/api/docs/swagger-ui-bundle.js"></script>
<script src="/api/docs/start.js"></script>
"""
_START = """SwaggerUIBundle({
  url: "/api/openapi.json",
  dom_id: "#swagger-ui",
  deepLinking: true,
  persistAuthorization: true,
  validatorUrl: null,
});
"""
_ERRORS_PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Cabeceo: error codes</title>
<link rel="icon" href="/api/docs/favicon-32x32.png">
<style>
:root {{ color-scheme: light dark; }}
body {{ font: 1rem/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }}
table {{ border-collapse: collapse; width: 100%; }}
th, td {{ text-align: left; padding: .4rem .8rem .4rem 0; border-bottom: 1px solid #8888; vertical-align: top; }}
:target {{ outline: 2px solid; }}
@media (max-width: 40rem) {{
  thead {{ display: none; }}
  tr {{ display: flex; flex-wrap: wrap; border-bottom: 1px solid #8888; }}
  td {{ border: 0; }}
  td:last-child {{ flex: 0 0 100%; }}
}}
</style>
<main>
<h1>Error codes</h1>
<p>Every refusal is <code>application/problem+json</code> (RFC 9457); its <code>code</code> is one of these and is never renamed.</p>
<table><thead><tr><th>Status<th>Code<th>When</thead><tbody>
{rows}
</tbody></table>
</main>
"""


@endpoint(
    bp,
    "GET",
    "docs",
    role=Role.ANONYMOUS,
    summary="This reference, as a page to read and try.",
    answers={200: None},
    media_type="text/html",
)
async def docs(_call: Call) -> Answer:
    """Swagger UI over the contract."""
    return Answer(raw=_PAGE.encode(), media_type="text/html", headers=_PAGE_HEADERS)


@endpoint(
    bp,
    "GET",
    "docs/{asset}",
    role=Role.ANONYMOUS,
    summary="The reference page's files, and the list of error codes (`errors`).",
    answers={200: None},
    media_type="*/*",
)
async def docs_asset(call: Call) -> Answer:
    """A file of the page; the names are fixed, so that nothing else of the package can be read."""
    name = call.path["asset"]
    if name == "errors":
        return Answer(raw=_errors_page(), media_type="text/html", headers=_PAGE_HEADERS)
    if name == "start.js":
        return Answer(raw=_START.encode(), media_type=_TYPES[".js"], headers=_ASSET_HEADERS)
    if name not in _SWAGGER:
        raise NotFound
    return Answer(raw=_swagger(name), media_type=_TYPES[Path(name).suffix], headers=_ASSET_HEADERS)


@lru_cache
def _swagger(name: str) -> bytes:
    """A file of the installed package, found without importing it."""
    spec = find_spec("swagger_ui")
    if spec is None or not spec.submodule_search_locations:
        raise NotFound
    return (Path(spec.submodule_search_locations[0]) / "static" / name).read_bytes()


@lru_cache
def _errors_page() -> bytes:
    rows = "\n".join(
        f'<tr id="{code.name}"><td>{code.status}<td><code>{code.name}</code><td>{html.escape(code.meaning.replace(chr(96), ""))}'
        for code in sorted(CODES.values(), key=lambda code: (code.status, code.name))
    )
    return _ERRORS_PAGE.format(rows=rows).encode()
