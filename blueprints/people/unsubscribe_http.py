"""Leaving by one click from a message: no sign-in, no script (RFC 8058; design/wire.md, People and operations)."""

import html
from typing import Final

import azure.functions as func

from shared.http.call import Answer, Call
from shared.http.endpoint import endpoint
from shared.kernel.errors import Invalid, Malformed, NotFound, Unavailable
from shared.people.access import Role
from shared.people.consent.links import ONE_CLICK
from shared.people.consent.models import Scope
from shared.people.consent.schemas import UnsubscribeQuery
from shared.people.consent.texts import Texts, texts_in
from shared.wiring import app

bp = func.Blueprint()

_HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Robots-Tag": "noindex",
}
_PAGE: Final = """<!doctype html>
<html lang="{language}">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
:root {{ color-scheme: light dark; font: 1.125rem/1.6 system-ui, sans-serif; }}
main {{ max-width: 32rem; margin: 12vh auto; padding: 0 1.25rem; }}
button {{ font: inherit; padding: .6rem 1.4rem; border-radius: .5rem; border: 2px solid; cursor: pointer; }}
</style>
<main>
<h1>{title}</h1>
<p{role}>{text}</p>
{form}</main>
"""
_FORM: Final = """<form method="post">
<input type="hidden" name="List-Unsubscribe" value="One-Click">
<button>{button}</button>
</form>
"""


@endpoint(
    bp,
    "GET",
    "unsubscribe",
    role=Role.ANONYMOUS,
    summary="The page behind an unsubscribe link; changes nothing.",
    description="Mail scanners open links: only the button, or a mail program's own POST, unsubscribes.",
    query=UnsubscribeQuery,
    answers={200: None},
    errors=[Invalid, NotFound, Unavailable],
    media_type="text/html",
)
async def unsubscribe_ask(call: Call[None, UnsubscribeQuery]) -> Answer:
    """The page with the button."""
    scope, locale = await app().consents.leaving(call.query.token)
    texts = texts_in(locale)
    form = _FORM.format(button=html.escape(texts.button))
    return _page(texts, texts.question, _about(texts, scope), form=form)


@endpoint(
    bp,
    "POST",
    "unsubscribe",
    role=Role.ANONYMOUS,
    summary="Unsubscribe by one click (RFC 8058).",
    description=(
        "The body is `List-Unsubscribe=One-Click`, as a form of either kind. Repeats change nothing; the link holds for ever."
    ),
    query=UnsubscribeQuery,
    answers={200: None},
    errors=[Invalid, Malformed, NotFound, Unavailable],
    media_type="text/html",
)
async def unsubscribe_now(call: Call[None, UnsubscribeQuery]) -> Answer:
    """The page that says so."""
    if not _one_click(call.raw):
        raise Malformed("The body must say List-Unsubscribe=One-Click.")
    scope, locale = await app().consents.leave(call.query.token)
    texts = texts_in(locale)
    return _page(texts, texts.done, _about(texts, scope), role=' role="status"')


def _one_click(body: bytes) -> bool:
    """Whether a form says so: URL-encoded, or in parts with the name and the value on lines of their own."""
    name, value = ONE_CLICK.encode().split(b"=")
    return body.strip() == ONE_CLICK.encode() or (b'name="%s"' % name in body and value in body)


def _about(texts: Texts, scope: Scope) -> str:
    return f"{texts.programmes[scope.programme]} · {texts.channels[scope.channel]}"


def _page(texts: Texts, title: str, text: str, *, form: str = "", role: str = "") -> Answer:
    page = _PAGE.format(
        language=texts.language, title=html.escape(title), text=html.escape(text), form=form, role=role
    )
    return Answer(raw=page.encode(), media_type="text/html", headers=_HEADERS)
