"""An organizer's page: a message to many is written, tried, sent, watched and paid; on the real app, in a real browser."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from dev.demo.campaigns import ORGANIZER
from dev.demo.crowd import crowd
from shared.analytics.segments.schemas import CreateSegment
from shared.people.access import Principal, Role
from shared.wiring import App
from tests.e2e.browser.axe import violations
from tests.e2e.browser.conftest import Visit, prepare, serving
from tests.e2e.browser.test_studio_accessibility import sideways
from tests.factories.app import NOW
from tests.factories.crowds import counted, dancer

pytestmark = pytest.mark.browser

SETTLED = {"timeout": 20_000}


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A host whose crowd was counted, with a segment of the organizer's."""
    data = tmp_path_factory.mktemp("city")
    filters = {"attribute": "person.tier", "op": "eq", "value": "gold"}
    admin = Principal("demo-admin", frozenset({Role.ADMIN.value}))

    async def live(app: App) -> None:
        gold = [dancer(n, person_key=each.person_key, tier="gold") for n, each in enumerate(crowd(NOW), 1)]
        await counted(app, gold)
        body = CreateSegment(organization_id=ORGANIZER, segment_name="Gold ones", filters=filters)
        await app.segments.create(admin, body, None)

    prepare(data, live)
    with serving(data) as address:
        yield address


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
    expect(page.locator(".figures")).to_contain_text(re.compile(r"Price, at most\d+of \d+ credits"))
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


def test_a_place_and_exclusions_narrow_the_criteria(desk: Visit):
    page = desk("new")
    write(page, "A night in Cambridge")
    page.get_by_role("radio", name="By criteria").check()
    page.get_by_role("button", name="Within a radius").press("Enter")
    expect(page.get_by_label("Person location, value, lat")).to_be_focused()
    page.get_by_role("button", name="In a city").click()
    page.get_by_label("Person home city, value").fill("Cambridge")
    expect(page.locator(".whom .sentence").first).to_contain_text("person home city is Cambridge")
    assert "Request geo city" not in page.get_by_label("Attribute").first.inner_text()
    page.get_by_text("Where the event is").click()
    page.get_by_label("Region").fill("Massachusetts")
    page.get_by_role("button", name="Try it").click()
    page.locator(".said").get_by_role("button", name="Country").click()
    expect(page.get_by_label("Country", exact=True)).to_be_focused()
    page.get_by_label("Country", exact=True).fill("us")
    page.get_by_role("button", name="Try it").click()
    expect(page.locator(".waterfall")).to_be_visible()
    page.get_by_text("Leave people out").press("Enter")
    page.get_by_role("checkbox", name="Milonga La Luciérnaga").check()
    expect(page.locator(".said")).to_have_text("It was changed since: try it again.")
    page.get_by_role("button", name="Try it").click()
    expect(page.locator(".said")).to_contain_text("It would reach")


def segment(page: Page, name: str) -> str:
    """The id of a segment that is offered."""
    option = page.get_by_label("Segment", exact=True).locator("option", has_text=name)
    expect(option).to_have_count(1)
    return option.get_attribute("value") or ""


def test_a_segment_is_tried_with_its_drift_and_sent(desk: Visit):
    page = desk("new")
    write(page, "Whom the floor knows")
    page.get_by_role("radio", name="A segment").check()
    page.get_by_role("button", name="Try it").click()
    page.locator(".said").get_by_role("button", name="Segment").click()
    expect(page.get_by_label("Segment", exact=True)).to_be_focused()
    page.get_by_label("Segment", exact=True).select_option(segment(page, "Gold ones"))
    expect(page.get_by_label("Version").locator("option")).to_have_text("The present one (1)")
    page.get_by_role("button", name="Try it").click()
    expect(page.locator(".drift")).to_contain_text(
        "This segment is much as it was since its version was made"
    )
    expect(page.locator(".basis")).to_contain_text("tell nothing of one person")
    send(page)
    expect(page.get_by_text("To a segment (version 1), by inbox.")).to_be_visible()


def test_it_is_for_everybody(desk: Visit, screen: dict[str, Any]):
    page = desk(**screen)
    expect(page.get_by_role("region", name="Statement")).to_be_visible()
    assert violations(page) == []
    page.get_by_role("link", name="New message").click()
    write(page, "A tanda for everybody")
    page.get_by_role("checkbox", name="push").check()
    page.get_by_role("radio", name="By criteria").check()
    page.get_by_role("button", name="Within a radius").click()
    page.get_by_text("Where the event is").click()
    page.get_by_text("Leave people out").click()
    assert violations(page) == []
    assert sideways(page) <= 0
    page.get_by_role("radio", name="A segment").check()
    expect(page.get_by_label("Segment", exact=True).locator("optgroup")).to_have_count(2)
    assert violations(page) == []
    page.get_by_role("radio", name="My followers").check()
    page.get_by_role("button", name="Try it").click()
    expect(page.locator(".waterfall")).to_be_visible()
    assert violations(page) == []
    assert sideways(page) <= 0
    send(page)
    expect(page.get_by_role("region", name="What readers did")).to_contain_text("Seen")
    assert violations(page) == []
    assert sideways(page) <= 0
