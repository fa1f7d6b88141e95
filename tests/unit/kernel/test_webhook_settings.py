"""Where webhooks may go is a setting, and held to be safe."""

import pytest
from pydantic import ValidationError

from tests.factories.app import make_settings


@pytest.mark.parametrize("url", ["", "https://books.example/hook", "http://localhost:9000/hook"])
def test_addresses_that_nobody_overhears(url):
    assert make_settings(webhook_url=url).webhook_url == url


@pytest.mark.parametrize(
    "url", ["http://books.example/hook", "ftp://x", "javascript:alert(1)", "http://localhost.evil.example/"]
)
def test_others_stop_the_start(url):
    with pytest.raises(ValidationError):
        make_settings(webhook_url=url)
