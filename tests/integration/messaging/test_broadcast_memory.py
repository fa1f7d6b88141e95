"""A broadcast's memory is that of one page, however many it goes to (docs/broadcasts.md, What it costs)."""

import tracemalloc
from datetime import timedelta

from shared.clients.documents.embedded import EmbeddedDocuments
from shared.messaging.broadcasts import running
from tests.factories.app import make_app, make_settings
from tests.factories.broadcasts import crowd, in_tier, send, stored
from tests.factories.examples import SOAK

PAGE, FEW, MANY = (10_000, 10_000, 100_000) if SOAK else (500, 500, 4_000)
MEGABYTE = 1_000_000
BYTES_A_PERSON, BESIDE = 1_000, 3 * MEGABYTE
"""What a step holds at most: for each person of a page, and beside them."""


async def peak_of(folder, people):
    """The most that one step of a broadcast to so many held at a time, in bytes beyond what there was; its store is a file."""
    app = make_app(folder=folder, settings=make_settings(cabeceo_data=folder, bulk_writes_per_second=1e6))
    app.given_documents = EmbeddedDocuments(folder / "documents.sqlite", app.clock)
    await in_tier(app, "gold")
    await crowd(app, people, shard=PAGE // 20)
    ident, most, left = (await send(app)).id, 0, True
    tracemalloc.start()
    while left:
        tracemalloc.reset_peak()
        before, _ = tracemalloc.get_traced_memory()
        following = await app.broadcasting.running.step(ident)
        most = max(most, tracemalloc.get_traced_memory()[1] - before)
        left = following.at is not None
        app.clock.advance(max((following.at or app.clock.now()) - app.clock.now(), timedelta()))
    tracemalloc.stop()
    assert (await stored(app, ident)).progress.delivered == {"inbox": people}
    await app.close()
    return most


async def test_it_is_the_same_for_eight_times_as_many(tmp_path, monkeypatch):
    monkeypatch.setattr(running, "PAGE", PAGE)
    monkeypatch.setattr(running, "SHARD", PAGE // 20)
    await peak_of(tmp_path / "warm", PAGE // 10)  # what is made once and kept
    few, many = await peak_of(tmp_path / "few", FEW), await peak_of(tmp_path / "many", MANY)

    assert many <= 1.25 * few + MEGABYTE // 4
    assert max(few, many) <= BYTES_A_PERSON * PAGE + BESIDE
