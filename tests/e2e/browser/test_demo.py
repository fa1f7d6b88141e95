"""The demo as a newcomer meets it: the real app on the local host, seeded, in a real browser."""

import re
from collections.abc import Callable
from urllib.parse import urlencode

import httpx
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.browser.conftest import Visit, reported

pytestmark = pytest.mark.browser

Play = Callable[..., Page]


@pytest.fixture
def play(open_page: Visit, address: str) -> Play:
    """Opens the page as one of the cast, for whom the demo has just begun."""

    def play(person: str) -> Page:
        httpx.post(f"{address}/dev/start-over", json={"id": person}).raise_for_status()
        return open_page(f"{address}/?{urlencode({'as': person})}")

    return play


@pytest.mark.parametrize(
    ("person", "kind", "title"),
    [
        ("visitor", "modal", "The floor has been polished"),
        ("dancer", "banner", "We wrote our privacy notice anew"),
        ("dormant-dancer", "modal", "We missed your embrace"),
        ("new-organizer", "helper", "Welcome to the other side of the dance floor"),
        ("admin", "toast", "A short cortina on Monday morning"),
    ],
)
def test_a_message_is_shown_once_and_remembered(play: Play, person: str, kind: str, title: str):
    page = play(person)
    shown = page.locator(f".{kind}", has_text=title)
    expect(shown).to_be_visible()
    reported(page, "seen", count=1 if kind in {"modal", "helper"} else 2)
    shown.get_by_role("button", name="Close").click()
    reported(page, "dismissed")
    page.reload()
    expect(page.locator("#cost")).to_contain_text("dec_")
    expect(page.locator(f".{kind}", has_text=title)).to_have_count(0)


def test_a_new_visitor_is_welcomed_once_also_after_a_yes_and_told_of_the_next_release(play: Play):
    page = play("new-visitor")
    expect(page.get_by_role("dialog")).to_contain_text("The floor has been polished")
    reported(page, "seen")
    page.keyboard.press("Escape")
    reported(page, "seen", count=3)
    reported(page, "dismissed")
    with page.expect_response("**/decide"):
        page.get_by_role("button", name="Yes, remember me").click()
    page.wait_for_timeout(
        1_000
    )  # the server takes over what it knows of the address when it counts the visit
    page.reload()
    expect(page.locator("#cost")).to_contain_text("dec_")
    expect(page.locator(".message")).to_have_count(0)
    page.get_by_role("button", name="Deploy next").click()
    expect(page.locator(".snackbar")).to_contain_text("The winter floor is open")


def test_the_drawer_shows_what_the_decision_cost(play: Play):
    page = play("dancer")
    reported(page, "seen", count=2)
    page.get_by_role("button", name="Behind the scenes", exact=True).click()
    facts = page.locator("#cost div")
    expect(facts.filter(has_text="reads")).to_have_text("reads1")
    expect(facts.filter(has_text="writes")).to_have_text("writes3")
    expect(facts.filter(has_text="server")).to_have_text(re.compile(r"server[\d.]+ ms"))
    page.reload()
    page.get_by_role("button", name="Behind the scenes", exact=True).click()
    expect(facts.filter(has_text="reads")).to_have_text("reads1")
    expect(facts.filter(has_text="writes")).to_have_count(0)
    expect(page.locator("#shown")).to_contain_text("nothing was due")


def why(page: Page, campaign: str) -> Locator:
    """A campaign's explanation in the drawer."""
    return page.locator("#why > ol > li").filter(has=page.locator("summary b", has_text=campaign))


def open_drawer(page: Page) -> None:
    page.get_by_role("button", name="Behind the scenes", exact=True).click()


def test_an_admin_is_told_of_each_campaign_why_with_the_values_compared(play: Play):
    page = play("admin")
    open_drawer(page)
    winter = why(page, "Winter release")
    expect(winter).to_contain_text("Only if release id is 2025.12.0; it is 2025.11.0.")
    winter.locator("summary").click()
    checks = winter.locator(".checks > li")
    expect(checks.filter(has_text="Audience")).to_have_attribute("data-passed", "false")
    expect(checks.filter(has_text="State")).to_have_text(re.compile("Yes: State It is active."))
    expect(why(page, "Planned maintenance")).to_contain_text("Shown as a toast.")
    expect(page.locator("#answer")).to_contain_text('"trace"')


def test_a_no_says_when_it_could_become_a_yes(play: Play):
    page = play("admin")
    reported(page, "seen", count=2)
    page.reload()
    open_drawer(page)
    toast = why(page, "Planned maintenance")
    expect(toast).to_contain_text(re.compile(r"Seen 1 of at most 2 times, last \d\d:\d\d, rests 24 hours\."))
    expect(toast.locator("summary")).to_contain_text(re.compile(r"Could show on \w{3} \d\d:\d\d"))


def test_for_others_an_admin_is_asked_or_it_is_said_who_may_know(play: Play):
    page = play("dancer")
    reported(page, "seen", count=2)
    open_drawer(page)
    expect(page.locator("#why")).to_contain_text("reasons are for admins")
    page.get_by_role("button", name="Ask as the admin").click()
    expect(why(page, "Long time no see")).to_contain_text(
        "Only if visits days since last is more than 45; it is 1"
    )
    page.reload()
    open_drawer(page)
    page.get_by_role("button", name="Ask as the admin").click()
    expect(page.locator("#why")).to_contain_text("This decision was not kept.")


def test_an_organizer_is_told_of_their_own_campaigns(play: Play):
    page = play("new-organizer")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    open_drawer(page)
    expect(page.locator("#why > ol > li")).to_have_count(1)
    expect(why(page, "Friday's DJ")).to_contain_text("not one of them")


def test_a_message_tells_its_reader_why(play: Play):
    dialog = play("dormant-dancer").get_by_role("dialog")
    dialog.get_by_text("Why this?").click()
    expect(dialog).to_contain_text("Because you have not visited for 60 days.")


def test_the_page_and_its_answers_are_small(play: Play):
    """Fast on a phone: the whole page, script and picture included, within 100 KB before compression."""
    page = play("dancer")
    reported(page, "seen", count=2)
    bytes_ = page.evaluate(
        "performance.getEntriesByType('resource').concat(performance.getEntriesByType('navigation'))"
        ".filter((e) => !e.name.includes('/api/')).reduce((sum, e) => sum + e.decodedBodySize, 0)"
    )
    assert 0 < bytes_ < 100_000


def test_the_list_of_error_codes_is_read_on_a_phone(open_page: Visit, address: str):
    page = open_page(
        f"{address}/api/docs/errors#idempotency_key_required", viewport={"width": 360, "height": 740}
    )
    expect(page.locator(":target")).to_be_in_viewport()
    assert page.evaluate("document.documentElement.scrollWidth") == 360
