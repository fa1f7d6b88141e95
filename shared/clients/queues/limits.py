"""What a queue service takes: the real client and its twin refuse the same calls before they make them.

The numbers are Azure Storage Queue's (platform-facts.md §4; its REST reference, «Naming queues and metadata»,
«Put Message», «Get Messages» and «Update Message»).
"""

import re
from typing import Final

from shared.clients.errors import Refused
from shared.clients.queues.port import MAX_BODY, MAX_TTL_SECONDS

MAX_RECEIVE: Final = 32
"""Messages of one receive."""
_NAME: Final = re.compile(r"(?=.{3,63}\Z)[a-z0-9]+(-[a-z0-9]+)*")


def check_name(queue: str) -> None:
    """Queue names have 3 to 63 lower-case letters, digits and single inner hyphens. Raises Refused."""
    if not _NAME.fullmatch(queue):
        raise Refused("not a queue name")


def check_send(queue: str, body: str, delay_seconds: int, ttl_seconds: int) -> None:
    """A body is valid Unicode of 1 byte to 48 KiB in UTF-8; a delay is shorter than the time to live. Raises Refused."""
    check_name(queue)
    try:
        size = len(body.encode())
    except UnicodeEncodeError as error:
        raise Refused("the body has lone surrogates") from error
    if not 0 < size <= MAX_BODY:
        raise Refused(f"body of {size} bytes; 1 to {MAX_BODY} are taken")
    if not 0 < ttl_seconds <= MAX_TTL_SECONDS:
        raise Refused(f"time to live of {ttl_seconds} s; 1 to {MAX_TTL_SECONDS} are taken")
    if not 0 <= delay_seconds < ttl_seconds:
        raise Refused(f"delay of {delay_seconds} s; it must be less than the time to live, {ttl_seconds} s")


def check_receive(queue: str, limit: int, visibility_seconds: int) -> None:
    """1 to 32 messages, hidden for 1 second to 7 days. Raises Refused."""
    check_name(queue)
    if not 1 <= limit <= MAX_RECEIVE:
        raise Refused(f"limit of {limit}; 1 to {MAX_RECEIVE} are taken")
    if not 1 <= visibility_seconds <= MAX_TTL_SECONDS:
        raise Refused(f"hidden for {visibility_seconds} s; 1 to {MAX_TTL_SECONDS} are taken")


def check_hide(queue: str, visibility_seconds: int) -> None:
    """A received message is hidden for up to 7 days, or shown at once (0). Raises Refused."""
    check_name(queue)
    if not 0 <= visibility_seconds <= MAX_TTL_SECONDS:
        raise Refused(f"hidden for {visibility_seconds} s; 0 to {MAX_TTL_SECONDS} are taken")
