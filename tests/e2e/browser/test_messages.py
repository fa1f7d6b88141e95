"""Each kind of message is rendered, reported and does not return (messaging-platform.md §6.1, §8)."""

import pytest
from playwright.sync_api import expect

from tests.e2e.browser.conftest import Visit, answered, reported
from tests.e2e.browser.stub import Stub, message

pytestmark = pytest.mark.browser

KINDS = ("banner", "snackbar", "toast", "modal", "helper")
STEPS = [
    {"title": "One", "body": "First."},
    {"title": "Two", "body": "Second."},
    {"title": "Three", "body": "Last."},
]


@pytest.mark.parametrize("kind", KINDS)
def test_a_message_is_shown_reported_seen_dismissed_and_does_not_return(visit: Visit, stub: Stub, kind: str):
    stub.messages = [
        message(kind, title="Hear this", body="A word of it.", steps=STEPS if kind == "helper" else [])
    ]
    page = visit()
    shown = page.locator(f".{kind}")
    expect(shown).to_contain_text("Hear this")
    expect(shown).to_contain_text("First." if kind == "helper" else "A word of it.")
    reported(page, "seen")
    shown.get_by_role("button", name="Close").click()
    expect(shown).to_have_count(0)
    reported(page, "dismissed")
    page.reload()
    answered(page, 2)
    expect(page.locator(".message")).to_have_count(0)
    assert stub.actions(f"d_{kind}1") == ["seen", "dismissed"]


@pytest.mark.parametrize("kind", KINDS)
def test_taking_up_a_message_reports_the_click_and_acknowledges_it(visit: Visit, stub: Stub, kind: str):
    stub.messages = [message(kind, cta="Take me there", link="/events")]
    page = visit()
    reported(page, "seen")
    page.locator(f".{kind}").get_by_role("link", name="Take me there").click()
    expect(page.locator(f".{kind}")).to_have_count(0)
    reported(page, "acknowledged")
    assert stub.actions(f"d_{kind}1") == ["seen", "clicked", "acknowledged"]


def test_a_modal_without_an_action_is_acknowledged_by_got_it(visit: Visit, stub: Stub):
    stub.messages = [message("modal")]
    page = visit()
    page.get_by_role("button", name="Got it").click()
    reported(page, "acknowledged")


def test_a_helper_walks_its_steps_both_ways_and_its_end_acknowledges(visit: Visit, stub: Stub):
    stub.messages = [message("helper", steps=STEPS)]
    page = visit()
    helper = page.get_by_role("dialog")
    expect(helper).to_contain_text("Step 1 of 3")
    page.get_by_role("button", name="Next", exact=True).click()
    expect(helper.get_by_role("heading", name="Two")).to_be_visible()
    page.get_by_role("button", name="Back").click()
    expect(helper.get_by_role("heading", name="One")).to_be_visible()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(helper).to_contain_text("Step 3 of 3")
    page.get_by_role("button", name="Done").click()
    reported(page, "acknowledged")


def test_dialogs_come_one_at_a_time(visit: Visit, stub: Stub):
    stub.messages = [message("modal", title="First"), message("helper", steps=STEPS)]
    page = visit()
    expect(page.get_by_role("dialog")).to_have_count(1)
    expect(page.get_by_role("dialog")).to_contain_text("First")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_contain_text("Step 1 of 3")


def test_what_stands_behind_a_modal_is_not_seen_until_it_closes(visit: Visit, stub: Stub):
    stub.messages = [message("modal"), message("banner")]
    page = visit()
    reported(page, "seen")
    assert stub.actions("d_banner1") == []
    page.keyboard.press("Escape")
    reported(page, "seen", count=2)
    assert stub.actions("d_banner1") == ["seen"]


def test_a_banner_above_the_window_is_seen_only_when_the_visitor_scrolls_to_it(visit: Visit, stub: Stub):
    page = visit()
    answered(page, 1)
    page.evaluate("scrollTo({top: document.body.scrollHeight, behavior: 'instant'})")
    stub.messages = [message("banner"), message("toast")]
    page.evaluate("document.getElementById('deploy').click()")
    reported(page, "seen")
    assert stub.actions("d_toast1") == ["seen"]
    page.evaluate("scrollTo({top: 0, behavior: 'instant'})")
    reported(page, "seen", count=2)


def test_a_message_that_nobody_saw_leaves_when_it_expires(visit: Visit, stub: Stub):
    page = visit()
    answered(page, 1)
    page.evaluate("scrollTo({top: document.body.scrollHeight, behavior: 'instant'})")
    stub.messages = [message("banner") | {"expiresAt": stub.in_seconds(2)}]
    page.evaluate("document.getElementById('deploy').click()")
    expect(page.locator(".banner")).to_have_count(1)
    expect(page.locator(".banner")).to_have_count(0)
    assert stub.acks == []


def test_a_quiet_toast_leaves_by_itself_and_only_seen_is_reported(visit: Visit, stub: Stub):
    stub.messages = [message("toast"), message("toast", 2, title="Urgent", severity="warning")]
    page = visit(before=lambda page: page.clock.install())
    expect(page.locator(".toast")).to_have_count(2)
    page.clock.run_for(1_000)
    reported(page, "seen", count=2)
    page.clock.run_for(30_000)
    expect(page.locator(".toast")).to_have_count(1)
    expect(page.locator(".toast")).to_contain_text("Urgent")
    assert sorted(stub.acks) == [("d_toast1", "seen"), ("d_toast2", "seen")]


HOSTILE = '<img src=x onerror="window.hacked=1"><script>window.hacked=1</script>'


@pytest.mark.parametrize("kind", KINDS)
def test_hostile_content_is_plain_text_and_its_link_is_no_link(visit: Visit, stub: Stub, kind: str):
    link = "javascript:window.hacked=1"
    step = {"title": HOSTILE, "body": HOSTILE, "media": {"url": link}}
    hostile = {"title": HOSTILE, "body": HOSTILE, "cta": HOSTILE, "link": link, "media": {"url": link}}
    stub.messages = [message(kind, **hostile, steps=[step] if kind == "helper" else [])]
    page = visit()
    shown = page.locator(f".{kind}")
    expect(shown).to_contain_text(HOSTILE)
    assert shown.locator("a, img, script").count() == 0
    expect(page.locator("#shown")).to_contain_text(HOSTILE)
    shown.get_by_role("button", name=HOSTILE, exact=True).click()
    reported(page, "acknowledged")
    assert page.evaluate("window.hacked") is None
    assert page.url.startswith(stub.url)


def test_only_web_addresses_and_paths_of_the_site_are_links(visit: Visit):
    good = ["/events?when=week", "https://example.com/a", "HTTP://example.com"]
    bad = [
        "javascript:alert(1)",
        " javascript:alert(1)",
        "java\tscript:alert(1)",
        "data:text/html,<script>1</script>",
        "//evil.example",
        "/\\evil.example",
        "/\t/evil.example",
        "https://",
        "events",
        "",
        None,
        {"href": "/"},
    ]
    taken = visit().evaluate(
        "async (all) => { const { safeLink } = await import('/demo/element.js'); return all.map((a) => !!safeLink(a)); }",
        good + bad,
    )
    assert taken == [True] * len(good) + [False] * len(bad)


def test_an_unknown_channel_or_field_does_no_harm(visit: Visit, stub: Stub):
    stub.messages = [message("banner", colour="red")]
    page = visit()
    expect(page.locator(".banner")).to_be_visible()
    page.evaluate("document.body.dataset.alive = 'yes'")
    stub.messages = [message("banner", 2) | {"channel": "hologram"}, message("toast")]
    stub.speak_any_channel = True
    page.get_by_role("button", name="Deploy next").click()
    expect(page.locator(".toast")).to_be_visible()


@pytest.mark.parametrize("kind", ["banner", "snackbar", "toast", "modal", "helper"])
def test_who_asks_is_told_why_and_may_want_less_of_an_organizer(visit: Visit, stub: Stub, kind: str):
    reason = {"code": "follow", "text": "Because you follow Café Milonga"}
    stub.messages = [message(kind) | {"type": "organizer_targeted", "reason": reason}]
    page = visit()
    shown = page.locator(f".{kind}")
    shown.get_by_text("Why this?").click()
    expect(shown).to_contain_text("Because you follow Café Milonga.")
    shown.get_by_role("button", name="Less of this").click()
    expect(shown).to_contain_text("From now on at most 2 of theirs in a week.")
    assert stub.less_of == [f"d_{kind}1"]


def test_the_sites_own_messages_tell_why_and_offer_no_less(visit: Visit, stub: Stub):
    stub.messages = [
        message("banner") | {"reason": {"code": "everyone", "text": "Because it is for everyone"}}
    ]
    page = visit()
    page.get_by_text("Why this?").click()
    expect(page.locator(".banner")).to_contain_text("Because it is for everyone.")
    expect(page.get_by_role("button", name="Less of this")).to_have_count(0)
