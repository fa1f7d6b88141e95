"""The editor's parts: audience builder, live preview, rollout and variants, and what the API says to them."""

import httpx
import pytest
from playwright.sync_api import expect

from tests.e2e.browser.conftest import Visit
from tests.e2e.browser.test_studio import made, preview, stored

pytestmark = pytest.mark.browser

VARIANTS = [{"key": "warm"}, {"key": "brisk", "content": {"title": "Tango, then eggs"}}]


def test_faults_stand_at_the_comparison_concerned(studio: Visit):
    page = studio("new")
    page.get_by_label("Name").fill("Faulty")
    page.get_by_label("Title", exact=True).fill("x")
    page.get_by_label("Text", exact=True).fill("x")
    page.get_by_role("button", name="Add a group").click()
    page.get_by_label("Attribute").select_option("person.favorites")
    page.get_by_label("Operator").select_option("containsAny")
    page.get_by_role("button", name="Remove la-viruta").or_(page.locator(".chip-button")).first.click()
    page.get_by_role("button", name="Save as a draft").click()
    expect(page.locator(".leaf .fault")).to_have_text("containsAny takes 1 to 100 values.")
    page.get_by_role("alert").get_by_role("button", name="Person favorites").click()
    expect(page.get_by_label("Attribute")).to_be_focused()
    value = page.get_by_label("Person favorites, value: add a value")
    value.fill("la-viruta-boston")
    value.press("Enter")
    expect(page.locator(".leaf .fault")).to_be_empty()
    expect(page.locator(".sentence")).to_have_text("For person favorites includes any of la-viruta-boston.")


def test_an_audience_is_built_in_groups_and_read_as_json_both_ways(studio: Visit, admin: httpx.Client):
    campaign = made(admin)
    page = studio(campaign["id"])
    page.get_by_role("button", name="Add a condition").click()
    expect(page.get_by_label("Attribute")).to_be_focused()
    page.get_by_label("Attribute").select_option("person.localTime")
    page.get_by_label("Person local time, value, from").fill("20:00")
    page.get_by_label("Person local time, value, to").fill("02:00")
    page.get_by_role("checkbox", name="fri").uncheck()
    page.get_by_role("button", name="Add a group").click()
    expect(page.get_by_label("How the conditions are joined").nth(1)).to_be_focused()
    page.get_by_label("How the conditions are joined").nth(1).select_option("not")
    page.get_by_label("Attribute").nth(1).select_option("visits.lastAt")
    page.get_by_label("Visits last at, value, days ago").fill("7")
    page.get_by_text("As JSON", exact=True).click()
    code = page.get_by_label("Audience as JSON")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".facts")).to_contain_text("version 2")
    built = {
        "all": [
            {
                "attribute": "person.localTime",
                "op": "during",
                "value": {"from": "20:00", "to": "02:00", "days": ["sat"]},
            },
            {"not": [{"attribute": "visits.lastAt", "op": "before", "value": {"daysAgo": 7}}]},
        ]
    }
    assert stored(admin, campaign["id"])["audience"] == built
    page.get_by_text("As JSON", exact=True).click()
    code.fill('{"attribute": "person.tier", "op": "gte", "value":')
    expect(code).to_have_attribute("aria-invalid", "true")
    code.fill('{"attribute": "person.tier", "op": "gte", "value": "gold"}')
    expect(page.locator(".sentence")).to_have_text("For person tier is at least gold.")
    expect(page.get_by_label("Person tier, value")).to_have_value("gold")
    page.get_by_role("button", name="Remove the condition on person tier").click()
    expect(page.locator(".sentence")).to_have_text("For everyone.")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".facts")).to_contain_text("version 3")
    assert "audience" not in stored(admin, campaign["id"])


def test_the_preview_shows_every_kind_with_the_sites_own_modules(studio: Visit, admin: httpx.Client):
    steps = [{"title": "First", "body": "One."}, {"title": "Second", "body": "Two."}]
    content = {"title": "Hello <b>you</b>", "body": "Words.", "cta": "Go", "link": "/events", "steps": steps}
    campaign = made(
        admin,
        content=content,
        deliveryChannels=["helper"],
        experiment={"key": "greeting", "variants": VARIANTS},
    )
    page = studio(campaign["id"])
    message = preview(page)
    expect(message).to_contain_text("Step 1 of 2")
    page.get_by_label("Text", exact=True).nth(2).fill("Two, live.")
    expect(message).to_contain_text("Two, live.")
    for kind in ("modal", "banner", "snackbar", "toast"):
        page.locator(".controls").get_by_role("radio", name=kind).check()
        expect(message).to_have_class(f"message {kind} info")
        expect(message).to_contain_text("Hello <b>you</b>")
    page.get_by_role("radio", name="brisk").check()
    expect(message).to_contain_text("Tango, then eggs")
    page.locator(".stand").evaluate("stand => stand.scrollIntoView({block: 'end'})")
    message.get_by_role("link", name="Go").click()
    expect(page.locator(".reported")).to_have_text("That would report clicked and acknowledged.")
    page.get_by_role("radio", name="desktop").check()
    assert page.locator("iframe").get_attribute("width") == "880"


def test_rollout_and_variants_are_saved_as_the_schema_has_them(studio: Visit, admin: httpx.Client):
    campaign = made(admin)
    page = studio(campaign["id"])
    page.get_by_label("Show it to a share of the audience").check()
    page.get_by_label("Share (%)").fill("12.5")
    page.get_by_label("Try variants of the words").check()
    page.get_by_label("s key").fill("greeting")
    page.get_by_label("Weight (%)").nth(0).fill("70")
    page.get_by_label("Title instead").nth(1).fill("Tango, then eggs")
    page.get_by_role("button", name="Save").click()
    fault = page.locator("[data-pointer='/experiment/variants'] > .fault")
    expect(fault).to_have_text("give a weight to every variant, or to none")
    page.get_by_label("Weight (%)").nth(1).fill("30")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".facts")).to_contain_text("version 2")
    now = stored(admin, campaign["id"])
    assert now["rollout"] == {"share": 0.125}
    weights = [(variant["key"], variant["weight"]) for variant in now["experiment"]["variants"]]
    assert weights == [("a", 0.7), ("b", 0.3)]
    page.get_by_label("Show it to a share of the audience").uncheck()
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".facts")).to_contain_text("version 3")
    assert "rollout" not in stored(admin, campaign["id"])


def test_what_answers_its_reader_is_told_of_the_sites_own_campaigns_alone(studio: Visit, admin: httpx.Client):
    campaign = made(admin)
    page = studio(campaign["id"])
    words = "Answers what its reader has just done or been granted"
    for version in (2, 3):
        page.get_by_label(words).set_checked(version == 2)
        page.get_by_role("button", name="Save").click()
        expect(page.locator(".facts")).to_contain_text(f"version {version}")
        assert stored(admin, campaign["id"])["transactional"] is (version == 2)
    page = studio("new")
    expect(page.get_by_label(words)).to_be_visible()
    page.get_by_label("Type").select_option("organizer_targeted")
    expect(page.get_by_label(words)).to_be_hidden()
