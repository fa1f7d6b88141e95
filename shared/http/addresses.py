"""The caller's network address (design/decisions.md, Visitors): counted through trusted proxies from the right.

Whatever stands further left in ``X-Forwarded-For`` was written by the caller and is never believed.
"""

from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Final

UNKNOWN: Final = "0.0.0.0"  # noqa: S104 - the unspecified address, not one to listen on
"""Stands for an address that nobody trustworthy told; all such callers share it."""


def client_address(forwarded: str | None, trusted_proxies: int) -> str:
    """The address of the caller, or UNKNOWN.

    Args:
        forwarded: the ``X-Forwarded-For`` header; several are joined with commas by the host. Entries may be
            ``1.2.3.4``, ``1.2.3.4:5678``, ``2001:db8::1`` or ``[2001:db8::1]:5678``.
        trusted_proxies: how many proxies in front append an entry each; 0 trusts none.
    """
    if trusted_proxies < 1 or not forwarded:
        return UNKNOWN
    entries = forwarded.split(",")
    return _plain(entries[-min(trusted_proxies, len(entries))].strip())


@lru_cache(maxsize=1024)
def network(address: str) -> str:
    """What one subscriber holds: an IPv4 address, or the /64 of an IPv6 one."""
    found = _parse(address)
    if isinstance(found, IPv6Address):
        return str(ip_network((found, 64), strict=False))
    return address


@lru_cache(maxsize=1024)
def _plain(text: str) -> str:
    found = _parse(text)
    return str(found) if found else UNKNOWN


def _parse(text: str) -> IPv4Address | IPv6Address | None:
    text = text.strip('"')
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        found = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return found.ipv4_mapped or found if isinstance(found, IPv6Address) else found
