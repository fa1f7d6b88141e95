"""The demo as a newcomer meets it: the real app on the local host, seeded, in a real browser."""

import re
from collections.abc import Callable
from urllib.parse import urlencode

import httpx
import pytest
from playwright.sync_api import Page, expect

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


def test_an_admin_is_told_why(play: Play):
    page = play("admin")
    expect(page.locator("#answer")).to_contain_text('"trace"')
    expect(page.locator("#answer")).to_contain_text('"reason": "audience"')


def test_the_page_and_its_answers_are_small(play: Play):
    """Fast on a phone: the whole page, script and picture included, within 100 KB before compression."""
    page = play("dancer")
    reported(page, "seen", count=2)
    bytes_ = page.evaluate(
        "performance.getEntriesByType('resource').concat(performance.getEntriesByType('navigation'))"
        ".filter((e) => !e.name.includes('/api/')).reduce((sum, e) => sum + e.decodedBodySize, 0)"
    )
    assert 0 < bytes_ < 100_000
