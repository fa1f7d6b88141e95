"""Rate limits of callers, per instance: by verified identity, else by the trusted network address.

Keys never hold anything of the path, so that its case, slashes and encodings cannot split a limit
(reliability.md, Part 2: rate-limit evasion).
"""

from shared.http.addresses import network
from shared.http.exchange import Exchange
from shared.kernel.errors import TooManyRequests
from shared.kernel.rates import Allowance


def charge(exchange: Exchange) -> None:
    """Count a request for its person and the organizers they speak for, or for the address of nobody.

    Adds ``RateLimit-*`` of the limit that is nearest to its end. Raises TooManyRequests.
    """
    meter, settings, principal = exchange.app.meter, exchange.app.settings, exchange.principal
    if principal.uid is None:
        tightest = meter.take(f"a:{network(exchange.address)}", settings.rate_per_address)
    else:
        taken = [meter.take(f"p:{principal.uid}", settings.rate_per_person)]
        taken += [meter.take(f"o:{org}", settings.rate_per_organizer) for org in principal.organizer_ids]
        tightest = min(taken, key=_room)
    exchange.headers |= {
        "RateLimit-Limit": str(tightest.limit),
        "RateLimit-Remaining": str(tightest.remaining),
        "RateLimit-Reset": str(tightest.reset),
        "RateLimit-Policy": f"{tightest.limit};w={meter.period:.0f}",
    }
    if tightest.retry_after is not None:
        raise TooManyRequests(retry_after=tightest.retry_after)


def _room(allowance: Allowance) -> tuple[int, float]:
    return -(allowance.retry_after or 0), allowance.remaining / allowance.limit
