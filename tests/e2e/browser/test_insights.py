"""The figures in a real browser: drawn, told in numbers as well, and for everybody."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from dev.demo.seed import seed_campaigns
from dev.demo.year.broadcasts import LETTERS
from dev.demo.year.load import Year
from shared.wiring import App
from tests.e2e.browser.axe import SCREENS, violations
from tests.e2e.browser.conftest import Visit, prepare, serving
from tests.e2e.browser.test_studio_accessibility import sideways

pytestmark = pytest.mark.browser

EVERY = 8
"""One of so many of the crowd lives through the year: enough to draw."""
PAGES = ("heat", "events/la-viruta-friday", "funnel", "cohort", "campaigns", "reactivation")


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A host on a folder that a small city has lived in for a year."""
    data = tmp_path_factory.mktemp("city")

    async def live(app: App) -> None:
        await Year(app, await seed_campaigns(app), EVERY).load()

    prepare(data, live)
    with serving(data) as address:
        yield address


@pytest.fixture
def insights(open_page: Visit, address: str) -> Visit:
    def insights(place: str, person: str = "admin", **options) -> Page:
        page = open_page(f"{address}/insights/?as={person}#/{place}", **options)
        expect(page.locator("#place > *").first).not_to_have_text("One moment …")
        return page

    return insights


def drawn(page: Page, charts: int) -> None:
    """So many charts are there, each described in words."""
    expect(page.locator(".canvas[data-drawn]:has(canvas)")).to_have_count(charts)
    for chart in page.locator(".canvas").all():
        expect(chart).to_have_attribute("aria-label", re.compile(r"\w{3}"))


def numbers(page: Page, caption: str) -> list[list[str]]:
    """The rows of the table under a chart."""
    rows = page.get_by_role("region", name=caption).locator("tbody tr")
    return [row.locator("th, td").all_inner_texts() for row in rows.all()]


def test_the_hours_of_a_week_are_168_numbers_too(insights: Visit):
    page = insights("heat")
    drawn(page, 2)
    page.locator(".numbers summary").first.press("Enter")
    week = numbers(page, "Logins in an average hour, by weekday")
    assert [len(day) for day in week] == [25] * 7
    assert any(float(cell) > 0 for day in week for cell in day[1:])
    said = page.get_by_role("status")
    before = said.inner_text()
    page.get_by_label("Or in the city").fill("montreal")
    page.get_by_label("Or in the city").press("Enter")
    expect(said).not_to_have_text(before)


def test_an_event_is_told_by_day_and_by_week(insights: Visit):
    page = insights("events/la-viruta-friday")
    drawn(page, 2)
    expect(page.locator(".tiles")).to_contain_text("Views")
    page.locator(".numbers summary").last.press("Enter")
    weeks = numbers(page, "Guests and tickets")
    assert sum(int(week[2]) for week in weeks) > 0
    page.get_by_label("Over").select_option("30")
    expect(page.locator(".chart-words").first).to_contain_text("by day")


def test_a_funnel_names_the_people_behind_its_steps(insights: Visit):
    page = insights("funnel")
    drawn(page, 1)
    steps = numbers(page, "Steps of the funnel")
    people = [int(step[1].replace(",", "")) for step in steps]
    assert len(people) == 4
    assert people == sorted(people, reverse=True)
    page.get_by_label("Step", exact=True).select_option("2")
    expect(page.locator(".people li")).to_have_count(people[1])


def test_a_cohort_is_counted_while_it_is_made_and_saved(insights: Visit):
    page = insights("cohort")
    count = page.locator(".estimate .big")
    expect(count).to_have_text(re.compile(r"^\d+$"))
    everybody = int(count.inner_text())
    page.get_by_role("button", name="Add a condition").click()
    page.get_by_label("Attribute").last.select_option("travel.unique_cities")
    page.get_by_label("Travel unique cities, value").fill("2")
    expect(page.locator(".sentence")).to_contain_text("travel unique cities is at least 2")
    expect(count).not_to_have_text(str(everybody))
    assert int(count.inner_text()) < everybody
    page.get_by_label("Save it as a segment called").fill("Travellers")
    page.get_by_role("button", name="Save the segment").click()
    expect(page.get_by_text("Saved as «Travellers», version 1.").first).to_be_visible()


def test_a_campaign_is_told_by_what_came_of_it(insights: Visit):
    page = insights("campaigns")
    drawn(page, 2)
    for row in numbers(page, "Campaigns and how far their messages got"):
        shown, *states = (int(cell) for cell in row[1:-1])
        assert shown == sum(states[:-1])
    name, shown = numbers(page, "Campaigns and how far their messages got")[0][:2]
    page.get_by_label("Report of").select_option(label=name)
    expect(page.get_by_role("heading", name=name)).to_be_visible()
    drawn(page, 1)
    assert numbers(page, "What became of it")[1][:2] == ["Seen", shown]


def test_broadcasts_stand_side_by_side_and_each_has_its_report(insights: Visit):
    page = insights("campaigns")
    rows = numbers(page, "Broadcasts and what readers did")
    assert len(rows) == len(LETTERS)
    for row in rows:
        delivered, seen, clicked = (int(cell) for cell in row[2:5])
        assert clicked <= seen <= delivered
    page.get_by_label("Report of").select_option(label=rows[0][0])
    drawn(page, 1)
    assert numbers(page, "What became of it")[0][:2] == ["Delivered", rows[0][2]]
    page.get_by_role("link", name="Who came back after it").click()
    expect(page.get_by_role("heading", name="Who came back")).to_be_visible()
    expect(page.get_by_label("Broadcast")).to_have_value(re.compile("^b_"))


def test_who_came_back_is_told_with_what_may_be_chance(insights: Visit):
    page = insights("reactivation")
    drawn(page, 1)
    groups = numbers(page, "Dormant people and how many came back")
    assert [group[0] for group in groups] == ["Written to", "No message"]
    assert int(groups[0][1]) > 0
    assert all(int(returned) <= int(dormant) for _, dormant, returned, *_ in groups)
    said = page.get_by_role("status")
    page.get_by_label("Back within", exact=True).select_option("30")
    expect(said).to_contain_text("within 30 days")


def test_an_organizer_hears_no_small_numbers_and_nobodys_name(insights: Visit):
    page = insights("cohort", person="new-organizer")
    expect(page.locator(".estimate")).to_contain_text(re.compile("rounded|under 20"))
    page.goto(page.url.replace("cohort", "funnel"))
    drawn(page, 1)
    expect(page.get_by_role("heading", name="The people behind it")).to_be_hidden()
    page.goto(page.url.replace("funnel", "reactivation"))
    expect(page.locator(".answer")).to_contain_text("Numbers under 20 are not told")


@pytest.mark.parametrize("screen", ["desktop, light", "phone, dark"])
@pytest.mark.parametrize("place", PAGES)
def test_everybody_can_read_it(insights: Visit, place: str, screen: str):
    page = insights(place, bypass_csp=True, reduced_motion="reduce", **SCREENS[screen])
    assert violations(page) == []
    assert sideways(page) <= 0
