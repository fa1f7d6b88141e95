"""A decide request as it is usually built: pydantic, Google's Firestore SDK, GrowthBook's SDK.

One read of the profile, the campaigns in memory as GrowthBook features in their order of urgency, asked until three may be shown, and
one batch: the deliveries, and the profile with the visit and what the messages use of their caps.
"""

import hashlib
import hmac
import logging
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import azure.functions as func
from google.cloud import firestore
from growthbook import GrowthBook
from pydantic import BaseModel, ConfigDict, ValidationError

from benchmarks.peers.features import feature
from benchmarks.world import COOLDOWN, TIERS, Rule

MESSAGES = 3
HELD = timedelta(minutes=10)
log = logging.getLogger("usual_way")


class Request(BaseModel):
    """What the page sends."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    releaseId: str  # noqa: N815 - the wire's name
    visitorId: str  # noqa: N815
    featureFlags: list[str] = []  # noqa: N815
    locale: str | None = None
    channels: list[Literal["banner", "snackbar", "toast"]] = []


class Message(BaseModel):
    """A message to show."""

    deliveryId: str  # noqa: N815
    ackToken: str  # noqa: N815
    campaignId: str  # noqa: N815
    channel: str
    content: dict[str, Any]
    expiresAt: datetime  # noqa: N815


class Reply(BaseModel):
    """What to show, and when to ask again."""

    messages: list[Message]
    nextCheckInSeconds: int  # noqa: N815


class UsualWay:
    """Decides for visitors.

    Args:
        client: Google's own client.
        rules: the campaigns, most urgent first.
        content: what each shows.
        secret: key of the visitors' hashes and of the tokens.
        now: the present moment; it stands still, so that every way decides the same.
    """

    def __init__(
        self,
        client: firestore.AsyncClient,
        rules: list[Rule],
        content: dict[str, Any],
        secret: bytes,
        now: datetime,
    ) -> None:
        self._client = client
        self._profiles = client.collection("profiles")
        self._deliveries = client.collection("deliveries")
        self._rules = rules
        self._content = content
        self._secret = secret
        self._now = now
        self._features = GrowthBook(features={rule.id: feature(rule) for rule in rules})

    def key(self, visitor: str) -> str:
        """Under which a visitor's profile stands."""
        return self._signed(visitor)[:32]

    async def decide(self, request: func.HttpRequest) -> func.HttpResponse:
        """Answer one request."""
        try:
            body = Request.model_validate_json(request.get_body())
        except ValidationError as error:
            return func.HttpResponse(
                error.json(include_url=False), status_code=422, mimetype="application/json"
            )
        key = self.key(body.visitorId)
        snapshot = await self._profiles.document(key).get()
        profile = snapshot.to_dict() or {}
        self._features.set_attributes(self._attributes(profile, body))
        chosen = self._chosen(profile, body.channels)
        messages = [self._message(key, profile, rule, channel) for rule, channel in chosen]
        await self._commit(key, body, messages)
        log.info("decided", extra={"shown": len(messages)})
        reply = Reply(messages=messages, nextCheckInSeconds=600)
        return func.HttpResponse(reply.model_dump_json(), mimetype="application/json")

    def _attributes(self, profile: dict[str, Any], body: Request) -> dict[str, Any]:
        visits, recent = profile.get("visitCounts", {}), profile.get("visitCounts", {}).get("recent", [])
        last = datetime.fromtimestamp(recent[-1] / 1000, UTC) if recent else None
        return {
            "person": profile.get("bucketId"),
            "country": profile.get("home", {}).get("country"),
            "language": body.locale,
            "tier": TIERS.index(profile["tier"]) if "tier" in profile else -1,
            "visits": visits.get("total", 0),
            "away": (self._now - last) / timedelta(days=1) if last else None,
            "segments": profile.get("segments", []),
            "flags": body.featureFlags,
            "follows": profile.get("favorites", []),
            "acknowledged": profile.get("releaseState", {}).get("acknowledgedReleases", []),
        }

    def _chosen(self, profile: dict[str, Any], channels: list[str]) -> list[tuple[Rule, str]]:
        found: list[tuple[Rule, str]] = []
        free = sorted(channels)
        for rule in self._rules:
            if len(found) == min(MESSAGES, len(free)):
                break
            if self._features.is_on(rule.id) and self._within_caps(profile, rule):
                found.append((rule, free[len(found)]))
        return found

    def _within_caps(self, profile: dict[str, Any], rule: Rule) -> bool:
        used = profile.get("campaigns", {}).get(rule.id)
        if used is None:
            return True
        if used.get("dismissed") and (rule.maximum or 1) <= 1:
            return False
        if rule.maximum is not None and used.get("shown", 0) >= rule.maximum:
            return False
        return not (rule.cooldown and used.get("lastAt") and used["lastAt"] + COOLDOWN > self._now)

    def _message(self, key: str, profile: dict[str, Any], rule: Rule, channel: str) -> Message:
        occurrence = profile.get("campaigns", {}).get(rule.id, {}).get("occurrences", 0)
        ident = hashlib.sha256(f"{rule.id}:{key}:{channel}:{occurrence}".encode()).hexdigest()[:26]
        return Message(
            deliveryId=ident,
            ackToken=self._signed(ident),
            campaignId=rule.id,
            channel=channel,
            content=self._content,
            expiresAt=self._now + HELD,
        )

    async def _commit(self, key: str, body: Request, messages: list[Message]) -> None:
        batch = self._client.batch()
        changes: dict[str, Any] = {
            "lastSeenAt": self._now,
            "releaseState.lastSeenReleaseId": body.releaseId,
            "visitCounts.total": firestore.Increment(1),
        }
        for message in messages:
            batch.create(self._deliveries.document(message.deliveryId), self._delivery(key, body, message))
            changes[f"campaigns.{message.campaignId}.occurrences"] = firestore.Increment(1)
            changes[f"reservations.{message.deliveryId and 'd' + message.deliveryId}"] = {
                "campaignId": message.campaignId,
                "channel": message.channel,
                "until": message.expiresAt,
            }
        batch.update(self._profiles.document(key), changes)
        await batch.commit()

    def _delivery(self, key: str, body: Request, message: Message) -> dict[str, Any]:
        return {
            "campaignId": message.campaignId,
            "campaignVersion": 1,
            "recipient": {"type": "ip", "id": key},
            "dispatchContext": {"releaseId": body.releaseId, "campaignType": "system"},
            "deliveryStatus": "pending",
            "deliveryChannel": message.channel,
            "timestamps": {"createdAt": self._now, "expiresAt": message.expiresAt},
        }

    def _signed(self, text: str) -> str:
        return hmac.new(self._secret, text.encode(), hashlib.sha256).hexdigest()
