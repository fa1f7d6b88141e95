"""Who is calling: a Bearer token, or the key of one of our servers, becomes a Principal, which must hold the route's role or scope."""

from typing import Final

from shared.clients.errors import StoreUnavailable
from shared.clients.identity.port import BadToken
from shared.http.exchange import Exchange
from shared.http.route import Route
from shared.kernel import telemetry
from shared.kernel.clock import from_millis
from shared.kernel.errors import Forbidden, Unauthenticated, Unavailable
from shared.people.access import NOBODY, Principal, Role
from shared.people.server_keys import PREFIX

MAX_TOKEN: Final = 8 * 1024
"""Longest Authorization header looked at, in characters; Firebase's tokens stay under 2,000."""


async def authenticate(exchange: Exchange, route: Route) -> Principal:
    """The caller; NOBODY without an Authorization header.

    Writes that need a role also ask whether the token was revoked (reliability.md, Part 2). A token that does not
    hold is refused on every route, without a word on what is wrong with it. Raises Unauthenticated, Unavailable.
    """
    header = exchange.header("authorization")
    if header is None:
        return NOBODY
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "bearer" or not token.strip() or len(header) > MAX_TOKEN:
        raise Unauthenticated
    if token.strip().startswith(PREFIX):
        server = exchange.app.server_keys.server(token.strip())
        if server is None:
            raise Unauthenticated
        return server
    guarded = route.method != "GET" and route.role is not Role.ANONYMOUS
    try:
        identity = await exchange.app.verifier.verify(token.strip(), check_revoked=guarded)
    except BadToken as error:
        telemetry.log().info("token_refused", reason=type(error).__name__)
        raise Unauthenticated from None
    except StoreUnavailable:
        raise Unavailable from None
    signed_in_at = from_millis(identity.authenticated_at * 1000)
    return Principal(identity.uid, frozenset(identity.roles), frozenset(identity.organizer_ids), signed_in_at)


def authorise(principal: Principal, route: Route) -> None:
    """Let the caller pass, or raise Unauthenticated (nobody) or Forbidden (somebody without the role or scope)."""
    if not (principal.holds(route.role) or route.scope in principal.scopes):
        raise Unauthenticated if principal.name is None else Forbidden
