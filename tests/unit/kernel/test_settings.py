"""The settings object: words, bounds, and what production refuses."""

import pytest
from pydantic import ValidationError

from shared.kernel.settings import Settings

SECRET = "s" * 32
FIT = {
    "CABECEO_ENV": "production",
    "DOCUMENTS": "firestore",
    "QUEUES": "azure",
    "BLOBS": "azure",
    "ANALYTICS": "mongo",
    "MONGODB_URI": "mongodb://db.example",
    "IDENTITY": "firebase",
    "PUSH": "fcm",
    "HASH_SECRET": SECRET,
    "SIGNING_SECRETS": SECRET,
    "AzureWebJobsStorage__queueServiceUri": "https://cabeceo.queue.core.windows.net",
    "AzureWebJobsStorage__blobServiceUri": "https://cabeceo.blob.core.windows.net",
}


@pytest.fixture
def environment(monkeypatch):
    """Sets variables; those of the machine that runs the tests are out of the way."""
    for name in [*Settings.model_fields, *FIT]:
        monkeypatch.delenv(name.upper(), raising=False)

    def put(**values):
        for name, value in values.items():
            monkeypatch.setenv(name, value)

    return put


def test_a_list_is_written_as_words(environment):
    environment(
        CORS_ORIGINS="https://a.example https://b.example,https://c.example", SIGNING_SECRETS="new old"
    )

    settings = Settings()

    assert settings.cors_origins == ["https://a.example", "https://b.example", "https://c.example"]
    assert settings.signing_secrets == ["new", "old"]


def test_production_starts_with_real_stores_and_secrets(environment):
    environment(**FIT)

    assert Settings().cabeceo_env == "production"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("FIRESTORE_EMULATOR_HOST", "127.0.0.1:8080"),
        ("FIREBASE_AUTH_EMULATOR_HOST", "127.0.0.1:9099"),
        ("DOCUMENTS", "embedded"),
        ("QUEUES", "embedded"),
        ("BLOBS", "embedded"),
        ("AzureWebJobsStorage__blobServiceUri", ""),
        ("ANALYTICS", "embedded"),
        ("MONGODB_URI", ""),
        ("IDENTITY", "local"),
        ("HASH_SECRET", "short"),
        ("SIGNING_SECRETS", f"{SECRET} short"),
        ("AzureWebJobsStorage", "UseDevelopmentStorage=true"),
    ],
)
def test_production_refuses_emulators_twins_and_weak_secrets(environment, name, value):
    """An emulator address together with the production flag would be a full bypass of sign-in (reliability.md)."""
    environment(**FIT | {name: value})

    with pytest.raises(ValidationError, match=name.upper()):
        Settings()


def test_an_emulator_is_fine_elsewhere(environment):
    environment(CABECEO_ENV="test", FIRESTORE_EMULATOR_HOST="127.0.0.1:8080")

    assert Settings().firestore_emulator_host == "127.0.0.1:8080"


def test_secrets_do_not_show_in_the_settings_text(environment):
    environment(**FIT)

    assert SECRET not in repr(Settings())
