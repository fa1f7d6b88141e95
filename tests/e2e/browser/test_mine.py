"""What is mine on the demo page: inbox with a live badge, conversations, organizers, preferences; on the real app."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.browser.axe import violations
from tests.e2e.browser.conftest import Visit
from tests.e2e.browser.test_studio_accessibility import sideways

pytestmark = pytest.mark.browser

HOST = "/api/messages/thread"


@pytest.fixture
def host(address: str) -> Iterator[httpx.Client]:
    """Calls the API for La Viruta Boston."""
    with httpx.Client(base_url=address) as client:
        token = client.post("/dev/sign-in", json={"id": "new-organizer"}).json()["token"]
        client.headers["Authorization"] = f"Bearer {token}"
        yield client


@pytest.fixture
def sheet(open_page: Visit, address: str) -> Visit:
    """Opens the dancer's sheet at one of its tabs; what the page shows by itself is out of the way."""

    def sheet(tab: str = "Inbox", **options: Any) -> Page:
        httpx.post(f"{address}/dev/start-over", json={"id": "dancer"}).raise_for_status()
        page = open_page(f"{address}/?as=dancer", **options)
        expect(page.locator("#unread")).to_have_text("3")
        page.locator("#mine").click()
        page.get_by_role("tab", name=tab).click()
        return page

    return sheet


def item(page: Page, title: str) -> Locator:
    return page.locator("dialog.mine .item", has_text=title)


def test_the_inbox_is_read_archived_and_snoozed_and_the_badge_follows(sheet: Visit):
    page = sheet()
    badge, said = page.locator("#unread"), page.locator("dialog.mine .said").first
    item(page, "Cuarteto Farol").locator("summary").click()
    expect(item(page, "Cuarteto Farol")).to_contain_text("the lamps turned low")
    expect(badge).to_have_text("2")
    item(page, "Cuarteto Farol").get_by_role("button", name="Archive").click()
    expect(item(page, "Cuarteto Farol")).to_have_count(0)
    item(page, "giro night").locator("summary").press("Enter")
    expect(badge).to_have_text("1")
    item(page, "giro night").get_by_label("Snooze").select_option("for a week")
    expect(said).to_have_text("«Tuesday is giro night» comes back later.")
    expect(page.locator("dialog.mine .item")).to_have_count(1)
    page.get_by_role("radio", name="Archive").check()
    item(page, "Cuarteto Farol").locator("summary").click()
    item(page, "Cuarteto Farol").get_by_role("button", name="Back to the inbox").click()
    expect(page.locator("dialog.mine .empty")).to_have_text("Nothing archived.")
    page.get_by_role("radio", name="Inbox").check()
    expect(item(page, "Cuarteto Farol")).to_be_visible()
    page.get_by_role("button", name="Mark all read").click()
    expect(badge).to_be_hidden()
    page.keyboard.press("Escape")
    expect(page.locator("#mine")).to_be_focused()


def test_a_question_is_asked_answered_live_and_what_annoys_is_reported(
    sheet: Visit, address: str, host: httpx.Client
):
    page = sheet("Organizers")
    page.get_by_role("button", name="Ask La Viruta Boston").click()
    page.get_by_label("Your question").fill("Is there a cloakroom? <b>")
    page.get_by_role("button", name="Send", exact=True).click()
    log = page.get_by_role("log")
    expect(log.locator(".own").last).to_contain_text("Is there a cloakroom? <b>")
    expect(log.locator(".own").last).to_contain_text("sent")
    thread = host.get("/api/messages/threads?organizerId=la-viruta-boston").json()["items"][0]
    answer = {
        "threadId": thread["threadId"],
        "type": "followup",
        "body": "Yes, by the door.",
        "clientMessageId": "a1",
    }
    last = host.post(HOST, json=answer)
    assert last.status_code == 201
    expect(log.locator(".bubble").last).to_contain_text("Yes, by the door.", timeout=9_000)
    asked = thread["lastMessage"]["messageId"]
    host.put(f"/api/messages/threads/{thread['threadId']}/receipt", json={"lastReadMessageId": asked})
    expect(log.locator(".own").last).to_contain_text("read", timeout=9_000)
    log.locator(".bubble").last.get_by_text("Report").click()
    log.get_by_role("button", name="Send to the operators").click()
    expect(log).to_contain_text("The operators have it.")
    page.get_by_role("button", name="Mute for a day").click()
    expect(page.get_by_role("button", name="Hear of it again")).to_be_visible()
    page.get_by_role("button", name="Block").click()
    expect(page.get_by_text("cannot reach you, and is not told.")).to_be_visible()
    page.get_by_role("button", name="Unblock").click()
    expect(page.get_by_role("button", name="Block", exact=True)).to_be_visible()


def test_whom_one_follows_and_what_may_reach_one(sheet: Visit):
    page = sheet("Organizers")
    page.get_by_role("button", name="Follow Práctica del Puente").click()
    star = page.get_by_role("button", name="Following Práctica del Puente")
    expect(star).to_be_focused()
    page.locator(".item", has_text="Luciérnaga").get_by_role("button", name="Mute").click()
    expect(page.locator(".item", has_text="Luciérnaga")).to_contain_text("Muted")
    page.get_by_role("tab", name="Preferences").click()
    push = page.get_by_role("checkbox", name="Events near me: Push")
    push.check()
    expect(page.get_by_role("button", name="Unsubscribe: Events near me, push")).to_be_visible()
    push.uncheck()
    expect(page.get_by_text("Events near me: Push: not for now.")).to_be_visible()
    expect(push).not_to_be_checked()
    page.get_by_role("button", name="Unsubscribe: Práctica del Puente, inbox").click()
    expect(page.get_by_text("Práctica del Puente, inbox: withdrawn.")).to_be_visible()
    page.get_by_role("checkbox", name="Organizers may write to me").uncheck()
    expect(page.get_by_text("Nothing from any organizer.")).to_be_visible()
    page.get_by_role("tab", name="Organizers").click()
    expect(page.get_by_role("button", name="Follow Práctica del Puente")).to_be_visible()


def test_a_visitor_is_told_what_an_account_is_for(open_page: Visit, address: str):
    httpx.post(f"{address}/dev/start-over", json={"id": "dancer"}).raise_for_status()
    page = open_page(f"{address}/?as=visitor")
    page.evaluate("document.getElementById('mine').click()")
    page.get_by_role("button", name="Sign in as the dancer").click()
    expect(page.get_by_role("tab", name="Inbox")).to_have_attribute("aria-selected", "true")


def test_every_tab_is_for_everybody(sheet: Visit, screen: dict[str, Any]):
    page = sheet(**screen)
    item(page, "Cuarteto Farol").locator("summary").click()
    expect(item(page, "Cuarteto Farol").get_by_role("button", name="Mark unread")).to_be_visible()
    for tab, there in (
        ("Inbox", ".item"),
        ("Organizers", ".star"),
        ("Preferences", ".matrix"),
        ("Conversations", ".thread-line"),
    ):
        page.get_by_role("tab", name=tab).click()
        expect(page.locator(f"dialog.mine {there}").first).to_be_visible()
        assert violations(page, "dialog.mine") == [], tab
    page.locator(".thread-line").first.click()
    expect(page.locator(".bubble").first).to_be_visible()
    assert violations(page, "dialog.mine") == []
    assert sideways(page) <= 0
