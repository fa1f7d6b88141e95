"""The studio as an admin works in it: the real app on the local host, in a real browser, mostly without a mouse."""

import itertools
from typing import Any

import httpx
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.browser.conftest import Visit

pytestmark = pytest.mark.browser

PATH = "/api/messages/campaigns"
NAMES = (f"Brunch {number}" for number in itertools.count(1))


def made(admin: httpx.Client, **fields: Any) -> dict[str, Any]:
    """A campaign that was made before, a draft unless the fields say else."""
    body = {
        "type": "system",
        "name": next(NAMES),
        "content": {"title": "Brunch with tangos", "body": "Eggs, coffee and a tanda."},
        "deliveryChannels": ["banner"],
    }
    answer = admin.post(PATH, json=body | fields)
    answer.raise_for_status()
    return answer.json()


def stored(admin: httpx.Client, ident: str) -> dict[str, Any]:
    return admin.get(f"{PATH}/{ident}").json()


def preview(page: Page) -> Locator:
    """The message as it stands in the preview."""
    return page.frame_locator("iframe[title='Preview of the message']").locator(".message")


def tab_to(page: Page, name: str) -> None:
    """Press Tab until the control of that name has the focus."""
    told = """() => {
      const at = document.activeElement;
      return (at.getAttribute('aria-label') || at.labels?.[0]?.textContent || at.textContent || '').trim();
    }"""
    for _ in range(80):
        if page.evaluate(told) == name:
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab does not lead to {name}")


def write(page: Page, name: str, text: str) -> None:
    tab_to(page, name)
    page.keyboard.type(text)


def press(page: Page, name: str, key: str = "Enter") -> None:
    tab_to(page, name)
    page.keyboard.press(key)


def test_a_campaign_made_by_keyboard_alone_reaches_a_dancer(studio: Visit, address: str, admin: httpx.Client):
    page = studio()
    press(page, "New campaign")
    expect(page.get_by_role("heading", name="New campaign")).to_be_focused()
    write(page, "Name", "Sunday brunch")
    write(page, "Text", "Eggs, coffee and a tanda.")
    write(page, "Leads to", "javascript:alert(1)")
    press(page, "banner", "Space")
    press(page, "snackbar", "Space")
    write(page, "Priority", "900")
    press(page, "Add a condition")
    write(page, "Attribute", "Visits total")
    press(page, "Save as a draft")
    refusal = page.get_by_role("alert")
    expect(refusal.get_by_role("heading")).to_be_focused()
    expect(refusal.get_by_role("listitem")).to_have_count(2)
    press(page, "Title")
    title = page.get_by_label("Title", exact=True)
    expect(title).to_be_focused()
    expect(title).to_have_attribute("aria-invalid", "true")
    expect(title).to_have_accessible_description("Please fill this in.")
    page.keyboard.type("Brunch with tangos")
    expect(title).not_to_have_attribute("aria-invalid", "true")
    expect(preview(page)).to_contain_text("Brunch with tangos")
    tab_to(page, "Leads to")
    page.keyboard.press("Control+A")
    page.keyboard.type("/brunch")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Sunday brunch")).to_be_focused()
    expect(page.locator(".sentence")).to_have_text("For visits total is at least 3.")
    press(page, "Activate")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("heading")).to_be_focused()
    press(page, "Activate")
    expect(page.locator(".editor-state .state")).to_have_text("● active")

    httpx.post(f"{address}/dev/start-over", json={"id": "dancer"}).raise_for_status()
    page.goto(f"{address}/?as=dancer")
    snackbar = page.locator(".snackbar")
    expect(snackbar).to_contain_text("Brunch with tangos")
    snackbar.get_by_text("Why this?").click()
    expect(snackbar).to_contain_text("Because you have visited 9 times.")
    ident = admin.get(PATH).json()["items"][0]["id"]
    assert admin.delete(f"{PATH}/{ident}").status_code == 204


@pytest.mark.parametrize("overlap", [True, False])
def test_two_who_edit_at_once_are_told_and_choose(studio: Visit, admin: httpx.Client, *, overlap: bool):
    campaign = made(admin)
    page = studio(campaign["id"])
    page.get_by_label("Priority").fill("70")
    theirs = {"priority": 55} if overlap else {"name": "Renamed by a colleague"}
    changed = admin.patch(f"{PATH}/{campaign['id']}", json=theirs, headers={"If-Match": '"1"'})
    assert changed.status_code == 200
    page.get_by_role("button", name="Save").click()
    conflict = page.get_by_role("alert")
    expect(conflict.get_by_role("heading")).to_have_text("Somebody saved version 2 while you were editing.")
    expect(conflict).to_contain_text(
        "Both of you changed priority" if overlap else "they changed name; you changed priority"
    )
    if overlap:
        conflict.get_by_role("button", name="Take theirs, drop mine").click()
        expect(page.get_by_label("Priority")).to_have_value("55")
        return
    conflict.get_by_role("button", name="Save mine as well").click()
    expect(page.locator(".facts")).to_contain_text("version 3")
    now = stored(admin, campaign["id"])
    assert (now["name"], now["priority"]) == ("Renamed by a colleague", 70)


def test_a_campaign_is_paused_resumed_and_archived_after_a_question(studio: Visit, admin: httpx.Client):
    campaign = made(
        admin, status="active", audience={"attribute": "release.id", "op": "eq", "value": "never"}
    )
    page = studio(campaign["id"])
    state = page.locator(".editor-state .state")
    page.get_by_role("button", name="Pause").click()
    page.get_by_role("dialog").get_by_role("button", name="Not now").click()
    expect(state).to_have_text("● active")
    for button, left in (("Pause", "◐ paused"), ("Resume", "● active"), ("Archive", "▪ archived")):
        page.get_by_role("button", name=button, exact=True).click()
        page.get_by_role("dialog").get_by_role("button", name=button).click()
        expect(state).to_have_text(left)
    expect(page.get_by_role("button", name="Save")).to_have_count(0)


def test_leaving_with_unsaved_changes_is_asked_about(studio: Visit, admin: httpx.Client):
    campaign = made(admin)
    page = studio(campaign["id"])
    page.get_by_label("Name").fill("Half a thought")
    page.get_by_role("link", name="Campaigns", exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name="Not now").click()
    expect(page.get_by_label("Name")).to_have_value("Half a thought")
    page.get_by_role("link", name="Campaigns", exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name="Leave").click()
    expect(page.get_by_role("table")).to_contain_text(campaign["name"])


def test_an_organizer_sees_and_makes_only_their_own(studio: Visit, admin: httpx.Client):
    foreign = made(admin)
    page = studio(person="new-organizer")
    expect(page.get_by_role("row")).to_have_count(2)
    expect(page.get_by_role("table")).to_contain_text("Friday's DJ")
    page.goto(f"{page.url.partition('#')[0]}#/{foreign['id']}")
    expect(page.get_by_text("There is no such campaign, or it is")).to_be_visible()
    page.goto(f"{page.url.partition('#')[0]}#/new")
    expect(page.get_by_label("Organizer")).to_have_value("la-viruta-boston")
    page.get_by_label("Type").select_option("system")
    page.get_by_label("Name").fill("x")
    page.get_by_label("Title", exact=True).fill("x")
    page.get_by_label("Text", exact=True).fill("x")
    page.get_by_role("button", name="Save as a draft").click()
    expect(page.get_by_role("alert")).to_contain_text("Only an admin makes campaigns of this type.")


def test_the_list_is_narrowed_by_state_and_shows_names_as_plain_text(studio: Visit, admin: httpx.Client):
    name = "<img src=x onerror=alert(1)>"
    campaign = made(admin, name=name)
    page = studio()
    page.get_by_role("radio", name="Draft").check()
    expect(page.get_by_role("link", name=name)).to_be_visible()
    page.get_by_role("radio", name="Active").check()
    expect(page.get_by_role("link", name=name)).to_have_count(0)
    assert admin.delete(f"{PATH}/{campaign['id']}").status_code == 204
