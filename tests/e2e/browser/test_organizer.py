"""An organizer's page: a message to many is written, tried, sent, watched and paid; on the real app, in a real browser."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.browser.axe import violations
from tests.e2e.browser.conftest import Visit
from tests.e2e.browser.test_studio_accessibility import sideways

pytestmark = pytest.mark.browser

SETTLED = {"timeout": 20_000}


@pytest.fixture
def desk(open_page: Visit, address: str) -> Visit:
    """Opens the page of La Viruta Boston."""

    def desk(place: str = "", **options: Any) -> Page:
        page = open_page(f"{address}/organizer/#/{place}", **options)
        expect(page.locator("#place > *").first).not_to_have_text("One moment …")
        return page

    return desk


def write(page: Page, title: str) -> None:
    page.get_by_label("Title", exact=True).fill(title)
    page.get_by_label("Text", exact=True).fill("Doors at nine.\nCome early.")


def send(page: Page) -> None:
    page.get_by_role("button", name="Send it").click()
    page.get_by_role("dialog").get_by_role("button", name="Send").click()
    expect(page.locator("[data-state]")).to_have_attribute("data-state", "settled", **SETTLED)


def test_followers_get_what_was_tried_and_nothing_else(desk: Visit, address: str):
    page = desk("new")
    write(page, "")
    page.get_by_role("button", name="Try it").click()
    said = page.locator(".said")
    expect(said).to_contain_text("Please look at")
    said.get_by_role("button", name="Title").click()
    expect(page.get_by_label("Title", exact=True)).to_be_focused()
    write(page, "Friday: a second orchestra")
    page.get_by_role("button", name="Try it").press("Enter")
    expect(said).to_have_text("It would reach 50 by inbox.")
    expect(page.locator(".looks")).to_contain_text("Friday: a second orchestra")
    page.get_by_label("Button").fill("See the evening")
    expect(page.get_by_role("button", name="Send it")).to_be_hidden()
    expect(said).to_have_text("It was changed since: try it again.")
    page.get_by_label("Leads to").fill("/events")
    page.get_by_role("button", name="Try it").click()
    send(page)
    expect(page.locator(".watch")).to_contain_text("50 of 50 people done")
    expect(page.get_by_role("button", name="Pause")).to_have_count(0)
    expect(page.get_by_role("region", name="What readers did")).to_contain_text("Delivered50")
    page.get_by_role("link", name="All messages").click()
    row = page.get_by_role("row", name=re.compile("a second orchestra"))
    expect(row).to_contain_text("sent")
    page.goto(f"{address}/?as=dancer")
    page.evaluate("document.getElementById('mine').click()")
    expect(page.locator("dialog.mine")).to_contain_text("Friday: a second orchestra")


def test_people_by_criteria_cost_credits_and_a_planned_message_can_be_paused_and_cancelled(desk: Visit):
    page = desk("new")
    write(page, "Valses by candlelight")
    page.get_by_role("radio", name="By criteria").check()
    page.get_by_role("button", name="Add a condition").click()
    page.get_by_label("Attribute").select_option("visits.total")
    page.get_by_label("Visits total, value").fill("1")
    soon = page.evaluate("new Date(Date.now() + 10 * 864e5).toISOString().slice(0, 16)")
    page.get_by_label("At", exact=True).fill(soon)
    page.get_by_role("button", name="Try it").click()
    expect(page.locator(".figures")).to_contain_text(re.compile(r"Price, at most\d+of 500 credits"))
    page.get_by_role("button", name="Send it").click()
    page.get_by_role("dialog").get_by_role("button", name="Send").click()
    state = page.locator("[data-state]")
    expect(state).to_have_attribute("data-state", "scheduled")
    page.get_by_role("button", name="Pause").click()
    expect(state).to_have_attribute("data-state", "paused")
    page.get_by_role("button", name="Resume").click()
    expect(state).to_have_attribute("data-state", "scheduled")
    page.get_by_role("link", name="All messages").click()
    held = page.locator(".purse .figures div", has_text="On hold").locator("b")
    expect(held).not_to_have_text("0")
    page.get_by_role("link", name="Valses by candlelight").click()
    page.get_by_role("button", name="Cancel").click()
    page.get_by_role("dialog").get_by_role("button", name="Cancel it").click()
    expect(state).to_have_attribute("data-state", "cancelled", **SETTLED)
    page.get_by_role("link", name="All messages").click()
    expect(held).to_have_text("0")
    expect(page.get_by_role("region", name="Statement")).to_contain_text("Reserved")


def test_it_is_for_everybody(desk: Visit, screen: dict[str, Any]):
    page = desk(**screen)
    expect(page.get_by_role("region", name="Statement")).to_be_visible()
    assert violations(page) == []
    page.get_by_role("link", name="New message").click()
    write(page, "A tanda for everybody")
    page.get_by_role("checkbox", name="push").check()
    page.get_by_role("button", name="Try it").click()
    expect(page.locator(".waterfall")).to_be_visible()
    assert violations(page) == []
    assert sideways(page) <= 0
    send(page)
    expect(page.get_by_role("region", name="What readers did")).to_contain_text("Seen")
    assert violations(page) == []
    assert sideways(page) <= 0
