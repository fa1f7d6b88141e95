"""WCAG 2.2 A and AA as far as axe can judge it: no violation, in light and dark, on desktop and phone."""

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.e2e.browser.axe import violations
from tests.e2e.browser.conftest import Visit, answered, reported
from tests.e2e.browser.stub import Stub, message
from tests.e2e.browser.test_messages import STEPS

pytestmark = pytest.mark.browser


def test_the_page_with_consent_banner_snackbar_and_toast(visit: Visit, stub: Stub, screen: dict[str, Any]):
    kinds, severities = ("banner", "snackbar", "toast"), ("info", "success", "warning", "critical")
    stub.messages = [
        message(kind, number, severity=severity, cta="Go on", link="/events")
        for kind in kinds
        for number, severity in enumerate(severities)
    ]
    page = visit("new-visitor", **screen)
    answered(page, 1)
    expect(page.locator(".message")).to_have_count(12)
    assert violations(page) == []


@pytest.mark.parametrize("kind", ["modal", "helper"])
@pytest.mark.parametrize("severity", ["info", "critical"])
def test_a_dialog(visit: Visit, stub: Stub, screen: dict[str, Any], kind: str, severity: str):
    stub.messages = [message(kind, severity=severity, cta="Go on", link="/events", steps=STEPS)]
    page = visit(**screen)
    expect(page.get_by_role("dialog")).to_be_visible()
    assert violations(page) == []


def test_the_drawer_and_a_notice(visit: Visit, stub: Stub, screen: dict[str, Any]):
    stub.messages = [message("banner")]
    page = visit(**screen)
    reported(page, "seen")
    page.evaluate("document.getElementById('drawer-toggle').click()")
    stub.failure = (503, {"title": "Temporarily unavailable", "requestId": "req-1"})
    page.evaluate("document.getElementById('deploy').click()")
    expect(page.locator(".notice")).to_be_visible()
    assert violations(page) == []


def test_no_animation_runs_for_those_who_asked_for_none(visit: Visit, stub: Stub):
    stub.messages = [message("modal"), message("banner")]
    page = visit(reduced_motion="reduce")
    expect(page.get_by_role("dialog")).to_be_visible()
    assert page.evaluate("document.getAnimations().length") == 0
