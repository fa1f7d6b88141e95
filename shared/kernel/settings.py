"""The one typed settings object, read from the environment once (``docs/reference/settings.md`` is made from it).

Nothing else reads the environment. Names are the environment's; Azure app settings are environment variables.
"""

import re
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import Field, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

GOOGLE_CERTIFICATES: Final = (
    "https://www.googleapis.com/robot/v1/metadata/x509/securetoken@system.gserviceaccount.com"
)


def _words(value: object) -> object:
    return [word for word in value.replace(",", " ").split() if word] if isinstance(value, str) else value


Words = Annotated[list[str], NoDecode]
"""A list written as words, separated by spaces or commas."""


class Settings(BaseSettings):
    """Every setting with its unit, default and bounds."""

    model_config = SettingsConfigDict(extra="ignore", frozen=True, case_sensitive=False)

    cabeceo_env: Literal["local", "test", "staging", "production"] = Field(
        "local", description="Which installation this is; names the deliveries collection."
    )
    cabeceo_data: Path = Field(Path(".local"), description="Folder of the embedded stack's files.")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        "INFO", description="Least severe log line kept."
    )
    applicationinsights_connection_string: str = Field(
        "",
        description="Sends spans, metrics and logs to Application Insights; empty sends nothing.",
        repr=False,
    )

    documents: Literal["embedded", "firestore"] = Field("embedded", description="Where documents live.")
    google_cloud_project: str = Field(
        "demo-cabeceo", description="Firebase project: Firestore's and the tokens' audience."
    )
    firestore_database: str = Field("(default)", description="Firestore database id.")
    firestore_emulator_host: str = Field(
        "", description="host:port of the Firestore emulator; never in production."
    )
    queues: Literal["embedded", "azure"] = Field("embedded", description="Where queues live.")
    azurewebjobsstorage: str = Field(
        "", description="Connection string of the storage account (or use the next one).", repr=False
    )
    azurewebjobsstorage__queueserviceuri: str = Field(
        "", description="Queue service address, reached with the app's managed identity."
    )
    blobs: Literal["embedded", "azure"] = Field("embedded", description="Where the archive lives.")
    azurewebjobsstorage__blobserviceuri: str = Field(
        "", description="Blob service address, reached with the app's managed identity."
    )
    archive_container: str = Field(
        "archive", pattern="^[a-z0-9][a-z0-9-]{2,62}$", description="Blob container of the archive."
    )
    archive_after_days: int = Field(
        90, ge=1, le=3650, description="Days since their expiry after which deliveries' quarter is archived."
    )
    blob_timeout_seconds: float = Field(
        30.0, gt=0, le=300, description="Longest wait for one try of reading or writing a blob, in seconds."
    )
    analytics: Literal["embedded", "mongo"] = Field("embedded", description="Where figures live.")
    mongodb_uri: str = Field("", description="Connection string of MongoDB.", repr=False)
    mongodb_database: str = Field("cabeceo", description="MongoDB database.")
    legacy_database: str = Field(
        "",
        pattern="^[A-Za-z0-9_-]{0,38}$",
        description="The former site's database at the same MongoDB, whose visitors are carried into profiles (docs/people.md); empty carries nobody.",
    )
    store_timeout_seconds: float = Field(
        3.0, gt=0, le=30, description="Longest wait for one try of a store call, in seconds."
    )
    store_attempts: int = Field(
        3, ge=1, le=5, description="Tries of a store call in all, with jittered pauses between."
    )

    identity: Literal["local", "firebase"] = Field("local", description="Who issues ID tokens.")
    firebase_certificates_url: str = Field(
        GOOGLE_CERTIFICATES, description="Where token certificates are fetched."
    )
    firebase_auth_emulator_host: str = Field(
        "", description="host:port of the Auth emulator; never in production."
    )

    push: Literal["embedded", "fcm"] = Field(
        "embedded",
        description="Where push notifications go: FCM, or a file that keeps what would have been sent.",
    )

    web_pubsub_connection_string: str = Field(
        "",
        description="Azure Web PubSub, which tells front ends of live figures (docs/analytics.md); empty: they ask.",
        repr=False,
    )
    web_pubsub_hub: str = Field(
        "cabeceo", pattern="^[A-Za-z][A-Za-z0-9_]{0,127}$", description="Hub of Azure Web PubSub."
    )
    live_every_ms: int = Field(
        2000,
        ge=0,
        le=60_000,
        description="How long a change of an event's figures waits for others before listeners are told, in milliseconds.",
    )

    hash_secret: str = Field(
        "", description="Key of visitor hashes, at least 32 characters; made by itself locally.", repr=False
    )
    signing_secrets: Words = Field(
        default_factory=list,
        description="Keys of ackTokens and cursors, newest first; made by themselves locally.",
        repr=False,
    )
    server_keys: Words = Field(
        default_factory=list,
        description="Our servers' keys as `name:scope+scope:SHA-256 of the key in hex`, separated by spaces; scopes: `track`, `credits`.",
        repr=False,
    )
    epoch_days: int = Field(90, ge=1, le=180, description="Days after which visitors get new hashes.")
    trusted_proxies: int = Field(
        1,
        ge=0,
        le=5,
        description="Proxies in front that append the caller's address, counted from the right.",
    )
    cors_origins: Words = Field(
        default_factory=lambda: ["https://tangotiempo.com", "https://www.tangotiempo.com"],
        description="Front ends that browsers may call from.",
    )
    public_url: str = Field(
        "http://localhost:7071",
        description="Where people reach this installation: links in messages begin with it.",
    )
    request_budget_seconds: float = Field(
        5.0, gt=0, le=60, description="Longest a request may take before it is answered with 503, in seconds."
    )
    rate_per_person: int = Field(
        120, ge=1, description="Requests a minute for one signed-in person, per instance."
    )
    rate_per_address: int = Field(300, ge=1, description="Requests a minute from one address, per instance.")
    rate_per_organizer: int = Field(
        600, ge=1, description="Requests a minute for one organizer, per instance."
    )

    tiers: str = Field(
        "",
        description='JSON that replaces parts of the tiers\' rights and prices: `{"gold": {"maxRecipients": 50000}}`.',
    )
    cohort_questions_per_day: int = Field(
        50, ge=1, le=1000, description="Sizes of cohorts that an organizer may ask for in a day (UTC)."
    )
    campaign_refresh_seconds: int = Field(
        300, ge=1, le=300, description="Greatest age of the campaigns an instance decides with."
    )
    modals_per_day: int = Field(
        1, ge=0, description="Pressure budget: modals per rolling 24 hours and person."
    )
    interruptions_per_week: int = Field(
        4, ge=0, description="Pressure budget: interruptive messages per rolling 7 days and person."
    )
    reservation_seconds: int = Field(
        600, ge=30, description="How long a decided but unseen message counts towards caps."
    )
    firestore_operations_per_day: int = Field(
        0,
        ge=0,
        description="Reads, writes and deletes a day from which on what can wait is left out (docs/operations.md); 0 guards nothing.",
    )
    bulk_writes_per_second: int = Field(
        500,
        ge=1,
        description="Writes a second with which broadcasts begin; half as many again every 5 minutes (Firestore's 500/50/5).",
    )
    webhook_url: str = Field(
        "",
        description="Where ended broadcasts are told to, for invoices; empty tells nobody. Only https, but for this machine itself.",
    )
    webhook_secrets: Words = Field(
        default_factory=list,
        description="Keys that sign webhooks (Standard Webhooks, `whsec_…`), newest first; all of them sign.",
        repr=False,
    )
    inbox_days: int = Field(180, ge=1, le=3650, description="Days that an inbox item is kept at most.")
    thread_retention_days: int = Field(
        548,
        ge=1,
        le=3650,
        description="Days that messages of threads, and reports of them, are kept: 18 months.",
    )
    activity_linger_ms: int = Field(
        100, ge=0, le=5000, description="How long visits wait to share a queue message, in milliseconds."
    )
    track_linger_ms: int = Field(
        50,
        ge=0,
        le=1000,
        description="How long reported events wait to share a queue message, in milliseconds; the answer waits with them.",
    )

    decision_sample_share: float = Field(
        0.01,
        ge=0,
        le=1,
        description="Part of the decisions kept for 7 days although they showed nothing; what was shown or explained is.",
    )
    simulation_profiles: int = Field(
        2000, ge=100, le=20_000, description="Most profiles that one simulation reads; of more, a sample."
    )
    simulations_per_minute: int = Field(
        6,
        ge=1,
        description="Simulations a minute for one person, per instance: each may read all those profiles.",
    )

    @model_validator(mode="before")
    @classmethod
    def _split_words(cls, values: dict[str, object]) -> dict[str, object]:
        for name in ("signing_secrets", "server_keys", "cors_origins", "webhook_secrets"):
            if name in values:
                values[name] = _words(values[name])
        return values

    @field_validator("webhook_url")
    @classmethod
    def _beyond_eavesdropping(cls, url: str) -> str:
        if url and not re.fullmatch(r"https://\S+|http://(localhost|127\.0\.0\.1)(:\d+)?(/\S*)?", url):
            raise ValueError("https, or this machine itself")
        return url

    @model_validator(mode="after")
    def _refuse_a_mixture(self) -> "Settings":
        """Production never runs on emulators, twins or made-up secrets (design/architecture.md, rule 8)."""
        if self.cabeceo_env == "production":
            wrong = [
                name
                for name, bad in {
                    "FIRESTORE_EMULATOR_HOST": bool(self.firestore_emulator_host),
                    "FIREBASE_AUTH_EMULATOR_HOST": bool(self.firebase_auth_emulator_host),
                    "DOCUMENTS": self.documents != "firestore",
                    "QUEUES": self.queues != "azure",
                    "BLOBS": self.blobs != "azure",
                    "AZUREWEBJOBSSTORAGE__BLOBSERVICEURI": not (
                        self.azurewebjobsstorage or self.azurewebjobsstorage__blobserviceuri
                    ),
                    "ANALYTICS": self.analytics != "mongo",
                    "MONGODB_URI": not self.mongodb_uri,
                    "IDENTITY": self.identity != "firebase",
                    "PUSH": self.push != "fcm",
                    "HASH_SECRET": len(self.hash_secret) < MIN_SECRET,
                    "SIGNING_SECRETS": not self.signing_secrets
                    or min(map(len, self.signing_secrets)) < MIN_SECRET,
                    "WEBHOOK_SECRETS": bool(self.webhook_url) and not self.webhook_secrets,
                    "AZUREWEBJOBSSTORAGE": "devstoreaccount1" in self.azurewebjobsstorage.lower()
                    or "usedevelopmentstorage=true" in self.azurewebjobsstorage.lower(),
                }.items()
                if bad
            ]
            if wrong:
                raise ValueError(f"not fit for CABECEO_ENV=production: {', '.join(wrong)}")
        return self

    @property
    def epoch(self) -> timedelta:
        """How long one visitor hash lives."""
        return timedelta(days=self.epoch_days)


MIN_SECRET: Final = 32
"""Fewest characters of a secret."""
