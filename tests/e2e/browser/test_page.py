"""The page around the messages: people, releases, consent, the drawer, the next question, errors, the phone."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.browser.conftest import Visit, answered, reported
from tests.e2e.browser.stub import Stub, message

pytestmark = pytest.mark.browser

PHONE = {"viewport": {"width": 360, "height": 740}, "device_scale_factor": 2, "has_touch": True}
UUID = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"


def test_the_question_to_the_server_carries_what_the_wire_wants(visit: Visit, stub: Stub):
    answered(visit("visitor", locale="es-AR", timezone_id="Europe/Madrid"), 1)
    assert stub.decides[0] == {
        "releaseId": "2025.11.0",
        "featureFlags": ["demo"],
        "visitorId": "often",
        "locale": "es-AR",
        "timezone": "Europe/Madrid",
        "page": "/",
        "channels": ["modal", "helper", "banner", "snackbar", "toast"],
    }


def test_switching_people_signs_in_and_out_and_takes_the_messages_of_the_other_away(visit: Visit, stub: Stub):
    stub.messages = [message("banner")]
    page = visit()
    expect(page.locator(".banner")).to_be_visible()
    stub.messages = []
    page.get_by_label("You are").select_option("Dancer")
    answered(page, 2)
    expect(page.locator(".message")).to_have_count(0)
    expect(page.locator("#person-description")).to_have_text("Has an account.")
    assert stub.tokens == [None, "Bearer t-dancer"]
    assert "visitorId" not in stub.decides[1]
    page.reload()
    answered(page, 3)
    assert stub.tokens[2] == "Bearer t-dancer"
    page.get_by_label("You are").select_option("Visitor")
    answered(page, 4)
    assert stub.tokens[3] is None
    assert [action for _, action in stub.acks if action != "seen"] == []


def test_a_token_that_is_refused_is_renewed_once(visit: Visit, stub: Stub):
    page = visit("dancer")
    answered(page, 1)
    stub.failures = [(401, {"title": "Sign-in needed"})]
    page.get_by_role("button", name="Deploy next").click()
    answered(page, 2)
    assert stub.sign_ins == 2


def test_deploying_a_release_asks_again_under_its_id(visit: Visit, stub: Stub):
    page = visit()
    page.get_by_role("button", name="Deploy next").click()
    answered(page, 2)
    page.get_by_label("Release").select_option("2025.10.2")
    answered(page, 3)
    assert [body["releaseId"] for body in stub.decides] == ["2025.11.0", "2025.12.0", "2025.10.2"]


def test_starting_over_forgets_what_the_person_was_shown(visit: Visit, stub: Stub):
    stub.messages = [message("banner")]
    page = visit()
    page.get_by_role("button", name="Close: A banner").click()
    reported(page, "dismissed")
    page.get_by_role("button", name="Start over").click()
    expect(page.locator(".banner")).to_be_visible()


def test_a_visitor_is_recognised_only_after_saying_yes(visit: Visit, stub: Stub):
    page = visit("new-visitor")
    answered(page, 1)
    with page.expect_response("**/decide"):
        page.get_by_role("button", name="Yes, remember me").click()
    for decision in (3, 4):
        page.reload()
        answered(page, decision)
    expect(page.locator("#consent")).to_be_empty()
    page.get_by_role("button", name="Privacy choices").click()
    page.get_by_role("button", name="No, thanks").click()
    assert page.evaluate("Object.values(localStorage).join()") == '"no"'
    page.reload()
    answered(page, 5)
    before, introduced, first, second, after = (body.get("visitorId") for body in stub.decides)
    assert (before, after) == (None, None)
    assert introduced == first == second
    assert re.fullmatch(UUID, first)
    assert stub.decides[1]["channels"] == []


def test_a_visitor_who_says_no_is_not_asked_again(visit: Visit, stub: Stub):
    page = visit("new-visitor")
    page.get_by_role("button", name="No, thanks").click()
    page.reload()
    answered(page, 2)
    expect(page.locator("#consent")).to_be_empty()
    assert "visitorId" not in stub.decides[1]


def test_the_drawer_shows_the_answer_its_cost_and_what_was_reported(visit: Visit, stub: Stub):
    stub.messages = [message("banner", title="News <b>bold</b>")]
    page = visit()
    reported(page, "seen")
    page.get_by_role("button", name="Behind the scenes", exact=True).click()
    drawer = page.get_by_role("complementary", name="Behind the scenes")
    facts = dict(
        zip(drawer.locator("dt").all_inner_texts(), drawer.locator("dd").all_inner_texts(), strict=True)
    )
    assert facts["server"] == "3.2 ms"
    assert facts["reads"] == "1"
    assert facts["writes"] == "2"
    assert facts["decision"] == "dec_1"
    assert facts["request"] == "req-0123456789"
    assert re.fullmatch(r"\d+ B|\d\.\d KB", facts["body"])
    assert re.fullmatch(r"\d+ ms", facts["round trip"])
    answer = drawer.get_by_role("region", name="The answer")
    expect(answer).to_contain_text('"decisionId": "dec_1"')
    expect(answer).to_contain_text('"title": "News <b>bold</b>"')
    expect(answer).not_to_contain_text("token-of-d_banner1")
    expect(drawer.locator("#acks li")).to_contain_text("News <b>bold</b>")


@pytest.mark.parametrize(
    ("header", "metrics"),
    [
        ('total;dur=3.25, reads;desc="1"', [["total", 3.25, None], ["reads", None, "1"]]),
        (r'a;desc="x, \"y\"; dur=9";dur=1,b', [["a", 1, 'x, "y"; dur=9'], ["b", None, None]]),
        ("a;dur=soon;else=1", [["a", None, None]]),
        ("???", []),
        (None, []),
    ],
)
def test_any_server_timing_is_read(visit: Visit, stub: Stub, header: str | None, metrics: list[list[object]]):
    page = visit()
    found = page.evaluate(
        "async (header) => (await import('/demo/timing.js')).serverTiming(header)"
        ".map((m) => [m.name, m.duration, m.description])",
        header,
    )
    assert found == metrics


def test_the_page_asks_again_when_it_was_told_to(visit: Visit, stub: Stub):
    stub.next_check_in = 120
    page = visit(before=lambda page: page.clock.install())
    answered(page, 1)
    page.clock.run_for(100_000)
    assert len(stub.decides) == 1
    page.clock.run_for(30_000)
    answered(page, 2)
    page.clock.run_for(121_000)
    answered(page, 3)
    assert len(stub.decides) == 3


def hide(page: Page, *, hidden: bool) -> None:
    """Put the tab in the background as far as the page can tell."""
    page.evaluate(
        """(hidden) => {
          Object.defineProperty(document, 'hidden', {configurable: true, get: () => hidden});
          document.dispatchEvent(new Event('visibilitychange'));
        }""",
        hidden,
    )


def test_a_hidden_tab_does_not_ask_and_catches_up_when_it_is_looked_at(visit: Visit, stub: Stub):
    stub.next_check_in = 60
    page = visit(before=lambda page: page.clock.install())
    answered(page, 1)
    hide(page, hidden=True)
    page.clock.run_for(600_000)
    assert len(stub.decides) == 1
    hide(page, hidden=False)
    answered(page, 2)


def test_a_refusal_is_told_kindly_with_its_request_id_and_can_be_tried_again(visit: Visit, stub: Stub):
    stub.failure = (
        503,
        {"title": "Temporarily unavailable", "code": "unavailable", "requestId": "req-of-failure"},
    )
    page = visit()
    notice = page.locator(".notice")
    expect(notice).to_contain_text("The server needs a moment.")
    expect(notice).to_contain_text("req-of-failure")
    expect(page.get_by_role("heading", name="This week")).to_be_visible()
    stub.failure = None
    notice.get_by_role("button", name="Try again").click()
    answered(page, 1)
    expect(notice).to_have_count(0)


def test_after_a_failure_the_page_asks_again_by_itself(visit: Visit, stub: Stub):
    stub.failure = (503, {"title": "Temporarily unavailable"})
    page = visit(before=lambda page: page.clock.install())
    expect(page.locator(".notice")).to_be_visible()
    stub.failure = None
    page.clock.run_for(11_000)
    answered(page, 1)
    expect(page.locator(".notice")).to_have_count(0)


def test_a_link_to_another_page_of_the_site_keeps_the_visitor_here(visit: Visit, stub: Stub):
    stub.messages = [message("banner", cta="Join", link="/signup")]
    page = visit()
    page.get_by_role("link", name="Join").click()
    expect(page.locator(".notice")).to_contain_text("On the real site this opens /signup")
    assert page.url.startswith(f"{stub.url}/?")


def test_a_link_to_another_site_opens_beside_the_page_and_tells_it_nothing(visit: Visit, stub: Stub):
    stub.messages = [message("banner", cta="Read", link="https://example.com/news")]
    link = visit().get_by_role("link", name="Read")
    expect(link).to_have_attribute("target", "_blank")
    expect(link).to_have_attribute("rel", "noopener noreferrer")


@pytest.mark.parametrize("width", [320, 360])
def test_a_phone_never_scrolls_sideways(visit: Visit, stub: Stub, width: int):
    kinds = ("modal", "banner", "snackbar", "toast")
    stub.messages = [
        message(kind, title="W" * 110, body="Long" * 60, cta="M" * 30, link="/x") for kind in kinds
    ]
    page = visit(**PHONE | {"viewport": {"width": width, "height": 740}})

    def sideways() -> int:
        return page.evaluate("document.documentElement.scrollWidth - innerWidth")

    expect(page.get_by_role("dialog")).to_be_visible()
    assert sideways() <= 0
    page.get_by_role("button", name="Not now").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert sideways() <= 0
    page.evaluate("document.getElementById('drawer-toggle').click()")
    assert sideways() <= 0


def test_no_message_moves_the_page(visit: Visit, stub: Stub):
    stub.messages = [message(kind) for kind in ("banner", "snackbar", "toast", "modal")]
    count = "new PerformanceObserver((l) => l.getEntries().forEach((e) => { window.shift = (window.shift ?? 0) + e.value }))"
    page = visit(
        before=lambda page: page.add_init_script(f"{count}.observe({{type: 'layout-shift', buffered: true}})")
    )
    reported(page, "seen")
    page.keyboard.press("Escape")
    reported(page, "seen", count=4)
    assert (page.evaluate("window.shift") or 0) < 0.01


def test_the_week_can_be_narrowed_to_one_kind_of_night(visit: Visit, stub: Stub):
    page = visit()
    page.get_by_role("radio", name="Milongas").check()
    expect(page.locator(".events li:visible")).to_have_count(3)
