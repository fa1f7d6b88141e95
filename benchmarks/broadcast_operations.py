"""What a broadcast to followers' inboxes costs in store operations, accepted to settled, on the embedded store (row 7).

Goal: at most 1.005 writes and 0.005 reads a recipient; a worker that dies again and again adds no document. ``RECIPIENTS`` in the
environment asks for more than 10,000. What is timed is the whole broadcast on the twin, which tells nothing about Firestore.
"""

import asyncio
import os
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from tempfile import mkdtemp

from benchmarks import Case
from shared.clients.errors import StoreUnavailable
from shared.kernel.telemetry import configure_logging, counted
from tests.factories.app import make_app, make_settings
from tests.factories.broadcasts import crowd, in_tier, run, send

RECIPIENTS = int(os.environ.get("RECIPIENTS", "10000"))


def cases() -> Iterator[Case]:
    configure_logging("ERROR")
    plain, troubled = whole(0), whole(7)
    yield Case(
        title=f"{RECIPIENTS} followers: {told(plain)} a recipient; {told(troubled)} where every 7th commit's answer is lost",
        unit="recipient",
        units=RECIPIENTS,
        ways={"accepted to settled": partial(whole, 0), "with lost answers": partial(whole, 7)},
        answers=lambda found: found["delivered"],
    )


def told(found: dict[str, int]) -> str:
    return f"{found['write'] / RECIPIENTS:.4f} writes and {found['read'] / RECIPIENTS:.4f} reads"


def whole(every: int) -> dict[str, int]:
    return asyncio.run(one(every))


async def one(every: int) -> dict[str, int]:
    folder = Path(mkdtemp())
    app = make_app(
        folder=folder, settings=make_settings(cabeceo_data=folder, bulk_writes_per_second=1_000_000_000)
    )
    await crowd(app, RECIPIENTS, shard=490)
    await in_tier(app, "gold")
    inner, commits = app.documents.create_alike, 0

    async def losing(batch, also=()):
        nonlocal commits
        moment, commits = await inner(batch, also), commits + 1
        if every and commits % every == 0:
            raise StoreUnavailable("lost")
        return moment

    app.documents.create_alike = losing  # type: ignore[method-assign]
    with counted() as bill:
        ended = await run(app, (await send(app)).id)
    await app.close()
    return {
        "delivered": ended.progress.delivered["inbox"],
        "write": bill["write"],
        "read": bill["read"],
    }
