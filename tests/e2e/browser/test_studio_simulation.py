"""A draft tried on everybody, and how far campaigns got: the studio's figures, in a real browser."""

from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.e2e.browser.axe import violations
from tests.e2e.browser.conftest import Visit
from tests.e2e.browser.test_studio import made, press, stored
from tests.e2e.browser.test_studio_accessibility import sideways

pytestmark = pytest.mark.browser

DANCERS = {"attribute": "person.type", "op": "in", "value": ["user", "organizer"]}


def row(page: Page, check: str) -> list[str]:
    """Lost and left of a check, as the table tells them."""
    return page.locator(f".waterfall tr[data-check='{check}'] td:not([aria-hidden])").all_inner_texts()


def test_what_is_tried_is_what_stands_in_the_form(studio: Visit, admin: httpx.Client):
    campaign = made(admin, audience=DANCERS, priority=900)
    page = studio(campaign["id"])
    page.get_by_label("Show it to a share of the audience").check()
    page.get_by_label("Share (%)").fill("25")
    press(page, "Simulate")
    expect(page.get_by_role("heading", name="Who would see it")).to_be_focused()
    said = page.locator(".said")
    expect(said).to_contain_text("would see it")
    everybody, for_dancers = 485, 304
    assert row(page, "status") == ["0", str(everybody)]
    assert row(page, "audience") == [f"\N{MINUS SIGN} {everybody - for_dancers}", str(for_dancers)]
    assert 0.15 < int(row(page, "rollout")[1]) / for_dancers < 0.35
    expect(page.locator(".waterfall tr[data-check='rollout'] th")).to_contain_text("Rollout")
    expect(page.locator(".examples code").first).to_be_visible()
    expect(page.locator(".figures")).to_contain_text("reads")
    assert stored(admin, campaign["id"])["version"] == 1
    page.get_by_label("Share (%)").fill("50")
    expect(said).to_have_text("The campaign was changed since: try it again.")
    page.get_by_label("Share (%)").fill("500")
    page.get_by_role("button", name="Try it").click()
    expect(said).to_contain_text("Not tried: please look at")
    said.get_by_role("button", name="Share (%)").click()
    expect(page.get_by_label("Share (%)")).to_be_focused()


def test_a_sample_has_bounds_and_everybody_can_read_it(
    studio: Visit, admin: httpx.Client, screen: dict[str, Any]
):
    page = studio(made(admin, audience=DANCERS, priority=900)["id"], **screen)
    page.get_by_text("Suppose …").click()
    page.get_by_label("Profiles are").select_option("100")
    page.get_by_role("button", name="Try it").click()
    expect(page.locator(".figures div").first).to_contain_text("(95 %)")
    expect(page.locator(".basis")).to_contain_text("100 of 485 profiles were read")
    assert violations(page, ".simulation") == []
    assert sideways(page) <= 0


def test_an_organizer_is_told_no_small_number(studio: Visit):
    page = studio(person="new-organizer")
    expect(page.locator(".reached")).to_contain_text("under 20")
    page.get_by_role("link", name="Friday's DJ").click()
    page.get_by_role("button", name="Simulate").click()
    expect(page.locator(".figures div").first).to_contain_text("under 20")
    expect(page.locator(".examples")).to_have_count(0)


def test_a_new_campaign_is_saved_before_it_is_tried(studio: Visit):
    page = studio("new")
    expect(page.locator(".simulation")).to_contain_text("Save it as a draft first")
    expect(page.get_by_role("button", name="Simulate")).to_have_count(0)
