"""The studio for everybody: no violation of WCAG 2.2 A and AA that axe can find, and no scrolling sideways on a phone."""

from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.e2e.browser.axe import violations
from tests.e2e.browser.conftest import Visit
from tests.e2e.browser.test_studio import made

pytestmark = pytest.mark.browser

EVERYTHING = {
    "content": {
        "title": "Hello",
        "body": "Words.",
        "severity": "critical",
        "steps": [{"title": "First", "body": "One."}],
        "media": {"url": "/art/cabeceo.svg", "alt": "Two dancers"},
    },
    "deliveryChannels": ["helper", "modal"],
    "audience": {
        "all": [
            {"attribute": "person.type", "op": "in", "value": ["user"]},
            {
                "any": [
                    {"attribute": "person.favorites", "op": "containsAny", "value": ["one", "two"]},
                    {
                        "attribute": "person.location",
                        "op": "within",
                        "value": {"lat": 42.4, "lon": -71.1, "km": 40},
                    },
                ]
            },
            {
                "not": [
                    {
                        "attribute": "person.localTime",
                        "op": "during",
                        "value": {"from": "22:00", "to": "02:00", "days": ["fri"]},
                    },
                    {"attribute": "visits.lastAt", "op": "before", "value": {"daysAgo": 45}},
                    {"attribute": "person.tier", "op": "exists", "value": True},
                ]
            },
        ]
    },
    "scheduling": {"startAt": "2026-11-01T00:00:00Z", "cooldownHours": 24, "maxDeliveriesPerUser": 3},
    "rollout": {"share": 0.25},
    "experiment": {
        "key": "greeting",
        "variants": [{"key": "a", "weight": 0.5}, {"key": "b", "weight": 0.5, "content": {"title": "Hi"}}],
        "namespace": {"id": "greetings", "start": 0, "end": 0.5},
    },
}


def sideways(page: Page) -> int:
    return page.evaluate("document.documentElement.scrollWidth - innerWidth")


def test_the_list(studio: Visit, screen: dict[str, Any]):
    page = studio(**screen)
    expect(page.get_by_role("table")).to_be_visible()
    assert violations(page) == []
    assert sideways(page) <= 0


def test_the_editor_with_everything_in_it(studio: Visit, admin: httpx.Client, screen: dict[str, Any]):
    page = studio(made(admin, **EVERYTHING)["id"], **screen)
    page.get_by_text("As JSON", exact=True).click()
    expect(page.frame_locator("iframe").get_by_text("Step 1 of 1")).to_be_visible()
    assert violations(page) == []
    assert sideways(page) <= 0


def test_a_refusal_and_a_question(studio: Visit, admin: httpx.Client, screen: dict[str, Any]):
    page = studio(made(admin)["id"], **screen)
    page.get_by_label("Title", exact=True).fill("")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_contain_text("Please fill this in.")
    assert violations(page) == []
    page.get_by_role("button", name="Activate").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    assert violations(page) == []
    assert sideways(page) <= 0


def test_the_explanation_in_the_drawer(open_page: Visit, address: str, screen: dict[str, Any]):
    page = open_page(f"{address}/?as=admin", **screen)
    page.evaluate("document.getElementById('drawer-toggle').click()")
    page.locator("#why summary").first.click()
    expect(page.locator("#why .checks").first).to_be_visible()
    assert violations(page, "#drawer") == []
    assert sideways(page) <= 0
