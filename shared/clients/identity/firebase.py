"""Firebase's directory of accounts, through firebase-admin.

The SDK blocks, so it runs on threads of its own: a directory that does not answer can hold these few, and nothing else.
"""

import asyncio
import os
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, Final, TypeVar
from uuid import uuid4

from shared.clients.bounded import bounded
from shared.clients.errors import Missing, Refused, StoreUnavailable
from shared.clients.identity.port import Account
from shared.kernel.settings import Settings

_THREADS: Final = 4
_EMULATOR: Final = "FIREBASE_AUTH_EMULATOR_HOST"

AnswerT = TypeVar("AnswerT")


class FirebaseDirectory:
    """Accounts of the project ``GOOGLE_CLOUD_PROJECT``, or of the Auth emulator when its address is set.

    One try of a call lasts at most ``store_timeout_seconds``, and there are at most ``store_attempts``; all calls may be
    repeated without harm. The SDK's own retries are off: they would go on for seconds after the caller has its answer.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="firebase")
        self._lock = threading.Lock()
        self._made: tuple[Any, Any] | None = None

    async def account(self, uid: str) -> Account | None:
        """An account, or None. Raises Refused for what cannot be a uid."""
        try:
            return await self._call(lambda client: _account(client.get_user(uid)))
        except Missing:
            return None

    async def set_claims(self, uid: str, claims: Mapping[str, Any]) -> None:
        """Replace the custom claims of an account. Raises Missing, and Refused for reserved names or over 1,000 characters."""
        await self._call(lambda client: client.set_custom_user_claims(uid, dict(claims)))

    async def revoke(self, uid: str, *, at: int) -> None:
        """Revoke all tokens issued before ``at`` (seconds since 1970). Raises Missing."""
        await self._call(lambda client: client.update_user(uid, valid_since=at))

    async def close(self) -> None:
        """Give back the threads; a request under way ends by its own timeout."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        if self._made:
            import firebase_admin

            firebase_admin.delete_app(self._made[0])
            self._made = None

    async def _call(self, work: Callable[[Any], AnswerT]) -> AnswerT:
        async def once(_: int) -> AnswerT:
            return await asyncio.get_running_loop().run_in_executor(self._threads, self._try, work)

        return await bounded(
            once, seconds=self._settings.store_timeout_seconds, attempts=self._settings.store_attempts
        )

    def _try(self, work: Callable[[Any], AnswerT]) -> AnswerT:
        from firebase_admin import auth, exceptions
        from google.auth.exceptions import GoogleAuthError

        try:
            return work(self._client())
        except auth.UserNotFoundError as error:
            raise Missing("no such account") from error
        except (exceptions.InvalidArgumentError, ValueError) as error:
            raise Refused("not a uid, or not fit for claims") from error
        except (exceptions.FirebaseError, GoogleAuthError) as error:
            raise StoreUnavailable(type(error).__name__) from error
        except (AttributeError, LookupError, TypeError) as error:
            # what the SDK stumbles with when an answer is JSON of another shape
            raise StoreUnavailable("an answer that cannot be read") from error

    def _client(self) -> Any:
        import firebase_admin
        from firebase_admin import auth
        from requests.adapters import HTTPAdapter

        with self._lock:
            if self._made is None:
                options = {
                    "projectId": self._settings.google_cloud_project,
                    "httpTimeout": self._settings.store_timeout_seconds,
                }
                app = firebase_admin.initialize_app(options=options, name=f"cabeceo-{uuid4().hex}")
                with _emulator(self._settings.firebase_auth_emulator_host):
                    client = auth.Client(app)
                # the SDK has no setting for it; a contract test counts the requests
                session = client._user_manager.http_client.session  # noqa: SLF001
                for scheme in ("http://", "https://"):
                    session.mount(scheme, HTTPAdapter(max_retries=0))
                self._made = app, client
            return self._made[1]


@contextmanager
def _emulator(host: str) -> Iterator[None]:
    """Let the SDK see the emulator's address, or none: it reads the environment, once, when a client is made."""
    before = os.environ.pop(_EMULATOR, None)
    if host:
        os.environ[_EMULATOR] = host
    try:
        yield
    finally:
        os.environ.pop(_EMULATOR, None)
        if before is not None:
            os.environ[_EMULATOR] = before


def _account(user: Any) -> Account:
    return Account(
        uid=user.uid,
        disabled=user.disabled,
        tokens_valid_after=(user.tokens_valid_after_timestamp or 0) // 1000,
        claims=user.custom_claims or {},
    )
