"""The page without a mouse: focus goes into dialogs, stays there, and comes back."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.browser.conftest import Visit, answered, reported
from tests.e2e.browser.stub import Stub, message
from tests.e2e.browser.test_messages import STEPS

pytestmark = pytest.mark.browser


def focused(page: Page) -> str:
    return page.evaluate(
        "document.activeElement.textContent || document.activeElement.getAttribute('aria-label')"
    )


def focus_by_tab(page: Page, name: str) -> None:
    """Press Tab until the control of that name has the focus."""
    for _ in range(40):
        page.keyboard.press("Tab")
        if (focused(page) or "").strip() == name:
            return
    raise AssertionError(f"Tab does not lead to {name}")


def deploy_by_keyboard(page: Page, stub: Stub, *messages: dict[str, Any]) -> None:
    answered(page, 1)
    stub.messages = list(messages)
    focus_by_tab(page, "Deploy next")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_be_visible()


@pytest.mark.parametrize("kind", ["modal", "helper"])
def test_focus_enters_a_dialog_stays_inside_and_returns_after_escape(visit: Visit, stub: Stub, kind: str):
    page = visit()
    deploy_by_keyboard(page, stub, message(kind, title="Dear dancer", cta="Go", link="/events", steps=STEPS))
    assert focused(page) == "Dear dancer"
    for key in ["Tab"] * 7 + ["Shift+Tab"] * 9:
        page.keyboard.press(key)
        assert page.evaluate("document.activeElement.closest('dialog') !== null")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert focused(page) == "Deploy next"
    reported(page, "dismissed")


def test_a_helper_is_walked_with_enter_alone(visit: Visit, stub: Stub):
    page = visit()
    deploy_by_keyboard(page, stub, message("helper", steps=STEPS))
    focus_by_tab(page, "Next")
    for step in (2, 3):
        page.keyboard.press("Enter")
        expect(page.get_by_role("dialog")).to_contain_text(f"Step {step} of 3")
    assert focused(page) == "Done"
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert focused(page) == "Deploy next"
    reported(page, "acknowledged")


def test_the_first_tab_offers_to_skip_to_the_calendar(visit: Visit, stub: Stub):
    page = visit()
    answered(page, 1)
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the calendar")).to_be_in_viewport()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


def test_closing_a_snackbar_by_keyboard_leaves_the_focus_on_the_page(visit: Visit, stub: Stub):
    stub.messages = [message("snackbar", title="A seat for you")]
    page = visit()
    answered(page, 1)
    focus_by_tab(page, "Close: A seat for you")
    page.keyboard.press("Enter")
    reported(page, "dismissed")
    assert page.evaluate("document.activeElement.id") == "main"


def test_the_drawer_opens_and_closes_by_keyboard_and_gives_the_focus_back(visit: Visit, stub: Stub):
    page = visit()
    answered(page, 1)
    focus_by_tab(page, "Behind the scenes")
    page.keyboard.press("Enter")
    expect(page.get_by_role("complementary", name="Behind the scenes")).to_be_visible()
    page.keyboard.press("Tab")
    page.keyboard.press("Escape")
    expect(page.locator("#drawer")).to_be_hidden()
    assert focused(page) == "Behind the scenes"


def test_every_control_shows_its_focus(visit: Visit, stub: Stub):
    stub.messages = [message(kind) for kind in ("banner", "snackbar", "toast")]
    page = visit()
    answered(page, 1)
    for _ in range(24):
        page.keyboard.press("Tab")
        ring = page.evaluate(
            """() => {
              const at = document.activeElement, drawn = at.matches('input[type=radio]') ? at.nextElementSibling : at;
              return at === document.body || parseFloat(getComputedStyle(drawn).outlineWidth) >= 2;
            }"""
        )
        assert ring, focused(page)
