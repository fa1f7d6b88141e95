"""Figures restored from a backup: what came since is told again, what came before counts no second time."""

import shutil

from shared.analytics.ingest.profiles import Attendances
from shared.analytics.ingest.service import Ingest
from shared.clients.analytics.embedded import EmbeddedAnalytics
from tests.factories.activity import batches, life, picture


def ingest_on(app, analytics):
    return Ingest(analytics, Attendances(app.profile_repository), app.standing, app.erasures, app.clock)


async def apply(app, path, some):
    """Apply batches; the file is closed, and whole, afterwards."""
    analytics = EmbeddedAnalytics(path)
    for batch, events in some:
        await ingest_on(app, analytics).apply(batch, events)
    found = await picture(analytics)
    await analytics.close()
    return found


async def test_batches_from_before_and_after_the_backup_may_all_come_again(app, tmp_path):
    """The marks of what was applied lie beside what was made of it, so that they are restored together."""
    live, backup = tmp_path / "figures.db", tmp_path / "backup.db"
    all_of_them = batches(life(300), 50)
    await apply(app, live, all_of_them[:4])
    shutil.copy(live, backup)
    expected = await apply(app, live, all_of_them[4:])

    restored = await apply(
        app, backup, all_of_them[2:]
    )  # the queue and its poison queue, from further back than needed
    assert restored == expected
