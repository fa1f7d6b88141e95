"""Firebase Cloud Messaging through firebase-admin (firebase.google.com/docs/cloud-messaging/send, «HTTP v1 API»).

The SDK blocks, so it runs on threads of its own. Its own retries are off: whoever sends knows better when.
"""

import asyncio
import re
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final
from uuid import uuid4

from shared.clients.push.port import TOO_LARGE, PushMessage, PushResult, checked
from shared.kernel.settings import Settings

_THREADS: Final = 16
"""Messages under way at once, for each instance."""
_INSTALLATION: Final = re.compile(r"[A-Za-z0-9_-]{22}")
_DEFAULT_PAUSE: Final = 60
"""Seconds, where FCM says to come again and not when (its guide: at least one minute after 429)."""


class FcmPush:
    """Sends through the project ``GOOGLE_CLOUD_PROJECT``, each message within ``store_timeout_seconds``.

    Args:
        settings: the project and the bounds.
        url: where FCM is, None for Google's address (tests name a stub).
        credential: a firebase-admin credential, None for the application's default.
    """

    def __init__(self, settings: Settings, *, url: str | None = None, credential: Any = None) -> None:
        self._settings = settings
        self._url = url
        self._credential = credential
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="fcm")
        self._lock = threading.Lock()
        self._made: tuple[Any, Any] | None = None

    async def send(self, messages: Sequence[PushMessage]) -> list[PushResult]:
        """One try for each message."""
        loop = asyncio.get_running_loop()
        return list(
            await asyncio.gather(
                *(loop.run_in_executor(self._threads, self._try, message) for message in checked(messages))
            )
        )

    async def close(self) -> None:
        """Give back the threads; a request under way ends by its own timeout."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        if self._made:
            import firebase_admin

            app, service = self._made
            service._client.close()  # noqa: SLF001 - the SDK closes an asynchronous client, which we do not use, as well
            firebase_admin.delete_app(app)
            self._made = None

    def _try(self, message: PushMessage) -> PushResult:
        from firebase_admin import exceptions
        from google.auth.exceptions import GoogleAuthError

        if not message.fits:
            return TOO_LARGE
        try:
            return PushResult("accepted", vendor_id=self._service().send(_wire(message)))
        except exceptions.FirebaseError as error:
            return _result(error)
        except GoogleAuthError:
            return PushResult("later", cause="credentials", retry_after=_DEFAULT_PAUSE)
        except (ValueError, UnicodeError):
            return PushResult("refused", cause="invalid")
        except (AttributeError, LookupError, TypeError):
            # what the SDK stumbles with when an answer is JSON of another shape: the message may have been sent
            return PushResult("later", cause="unreadable", retry_after=_DEFAULT_PAUSE)

    def _service(self) -> Any:
        import firebase_admin
        from firebase_admin import messaging
        from requests.adapters import HTTPAdapter

        with self._lock:
            if self._made is None:
                options = {
                    "projectId": self._settings.google_cloud_project,
                    "httpTimeout": self._settings.store_timeout_seconds,
                }
                name = f"cabeceo-push-{uuid4().hex}"
                app = firebase_admin.initialize_app(self._credential, options=options, name=name)
                # the SDK has no setting for either; contract tests count the requests
                service = messaging._MessagingService(app)  # noqa: SLF001
                if self._url is not None:
                    service._fcm_url = f"{self._url}/v1/projects/{app.project_id}/messages:send"  # noqa: SLF001
                session = service._client.session  # noqa: SLF001
                session.adapters.clear()
                for scheme in ("http://", "https://"):
                    session.mount(scheme, HTTPAdapter(pool_maxsize=_THREADS, max_retries=0))
                self._made = app, service
            return self._made[1]


def _wire(message: PushMessage) -> Any:
    """FCM's message: shown by every system itself, replaced by a later one of the same id."""
    from firebase_admin import messaging

    data = {"id": message.id} | ({"link": message.link} if message.link else {})
    web = messaging.WebpushConfig(
        headers={"TTL": str(message.ttl_seconds)}, notification=messaging.WebpushNotification(tag=message.id)
    )
    wire = messaging.Message(
        notification=messaging.Notification(title=message.title, body=message.body),
        data=data,
        android=messaging.AndroidConfig(
            ttl=message.ttl_seconds, notification=messaging.AndroidNotification(tag=message.id)
        ),
        apns=messaging.APNSConfig(
            headers={"apns-collapse-id": message.id[:64]},
            payload=messaging.APNSPayload(messaging.Aps(thread_id=message.id)),
        ),
        webpush=web,
    )
    # devices come by installation ids (22 characters) or by the older tokens, whose constructor argument only warns
    setattr(wire, "fid" if _INSTALLATION.fullmatch(message.token) else "token", message.token)
    return wire


def _result(error: Any) -> PushResult:
    """FCM's refusals by kind (firebase.google.com/docs/reference/fcm/rest/v1/ErrorCode)."""
    from firebase_admin import exceptions, messaging

    if isinstance(error, messaging.UnregisteredError):
        return PushResult("unregistered", cause="unregistered")
    if isinstance(error, messaging.SenderIdMismatchError):
        return PushResult("refused", cause="sender_mismatch")
    if isinstance(error, messaging.ThirdPartyAuthError):
        return PushResult("refused", cause="third_party_auth")
    if isinstance(error, exceptions.InvalidArgumentError):
        return PushResult("refused", cause="invalid")
    cause = "quota" if isinstance(error, messaging.QuotaExceededError) else "unavailable"
    if isinstance(error, exceptions.UnauthenticatedError | exceptions.PermissionDeniedError):
        cause = "credentials"
    return PushResult("later", cause=cause, retry_after=_pause(error.http_response))


def _pause(response: Any) -> int:
    said = response.headers.get("Retry-After", "") if response is not None else ""
    return int(said) if said.isdecimal() else _DEFAULT_PAUSE
