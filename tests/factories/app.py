"""A whole worker in memory: embedded stores, a clock that stands still, ids that can be foreseen, our own issuer."""

import atexit
import shutil
import tempfile
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from shared.clients.analytics.embedded import EmbeddedAnalytics
from shared.clients.documents.embedded import EmbeddedDocuments
from shared.clients.local_files import kept
from shared.clients.push.embedded import EmbeddedPush
from shared.clients.queues.embedded import EmbeddedQueues
from shared.kernel.clock import Clock, ManualClock
from shared.kernel.ids import UlidSource
from shared.kernel.settings import Settings
from shared.wiring import App
from tests.factories.identity import PROJECT, key_file

NOW = datetime(2026, 11, 21, 20, 0, tzinfo=UTC)


class CountingEntropy:
    """Bytes that count up, so that each id is new and every run makes the same ones."""

    def __init__(self) -> None:
        self._drawn = 0

    def __call__(self, size: int) -> bytes:
        """The next number, in so many bytes."""
        self._drawn += 1
        return self._drawn.to_bytes(size, "big")


def make_settings(**values: Any) -> Settings:
    """Settings of a test installation; limits are out of the way unless a test sets them."""
    return Settings(
        **{
            "cabeceo_env": "test",
            "documents": "embedded",
            "queues": "embedded",
            "identity": "local",
            "google_cloud_project": PROJECT,
            "hash_secret": "h" * 32,
            "signing_secrets": ["s" * 32],
            "track_linger_ms": 0,
            "rate_per_person": 100_000,
            "rate_per_address": 100_000,
            "rate_per_organizer": 100_000,
            **values,
        }
    )


def make_app(
    *, clock: Clock | None = None, folder: Path | None = None, settings: Settings | None = None, **given: Any
) -> App:
    """A worker. ``given`` are fields of App, such as ``given_documents``; what is not given is in memory.

    Close it with ``await app.close()``, as the ``app`` fixture does.
    """
    clock = clock or ManualClock(NOW)
    folder = folder or _folder()
    kept(folder / "issuer" / "key.pem", key_file)
    return App(
        settings=settings or _usual_settings().model_copy(update={"cabeceo_data": folder}),
        clock=clock,
        **{
            "given_ids": UlidSource(clock, CountingEntropy()),
            "given_documents": EmbeddedDocuments(":memory:", clock),
            "given_analytics": EmbeddedAnalytics(":memory:"),
            "given_queues": EmbeddedQueues(":memory:", clock),
            "given_push": EmbeddedPush(":memory:", clock),
            **given,
        },
    )


def sign_in(app: App, uid: str, *roles: str, organizers: tuple[str, ...] = ()) -> str:
    """An ID token of a person with these roles, who speaks for these organizers."""
    app.issuer.create(uid, claims={"roles": list(roles), "organizerIds": list(organizers)})
    return app.issuer.token(uid)


@cache
def _usual_settings() -> Settings:
    """Reading settings takes as long as a test."""
    return make_settings()


@cache
def _root() -> Path:
    root = Path(tempfile.mkdtemp(prefix="cabeceo-tests-"))
    atexit.register(shutil.rmtree, root, ignore_errors=True)
    return root


def _folder() -> Path:
    return Path(tempfile.mkdtemp(dir=_root()))
