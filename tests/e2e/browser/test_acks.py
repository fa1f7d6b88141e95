"""What became of a message is reported in the end, whatever the network does (messaging-platform.md §8, offline handling)."""

import pytest
from playwright.sync_api import expect

from tests.e2e.browser.conftest import Visit, answered, reported
from tests.e2e.browser.stub import Stub, message

pytestmark = pytest.mark.browser

REFUSAL = (503, {"title": "Temporarily unavailable"})


def test_a_message_closed_offline_is_reported_when_the_network_is_back(visit: Visit, stub: Stub):
    stub.messages = [message("snackbar")]
    page = visit()
    reported(page, "seen")
    page.context.set_offline(True)
    page.get_by_role("button", name="Close: A snackbar").click()
    expect(page.locator(".snackbar")).to_have_count(0)
    reported(page, "dismissed", "waiting")
    page.context.set_offline(False)
    reported(page, "dismissed")
    assert stub.actions("d_snackbar1") == ["seen", "dismissed"]


def test_reports_survive_the_page_and_the_message_does_not_return(visit: Visit, stub: Stub):
    stub.messages = [message("banner")]
    page = visit()
    reported(page, "seen")
    stub.failure = REFUSAL
    with page.expect_response(lambda response: response.status == 503):
        page.get_by_role("button", name="Close: A banner").click()
    reported(page, "dismissed", "waiting")
    stub.failure = None
    page.reload()
    answered(page, 2)
    reported(page, "dismissed")
    expect(page.locator(".banner")).to_have_count(0)
    assert stub.actions("d_banner1") == ["seen", "dismissed"]


def test_reports_are_tried_again_after_a_pause_and_keep_their_order(visit: Visit, stub: Stub):
    stub.messages = [message("toast", cta="Look", link="/events")]
    page = visit(before=lambda page: page.clock.install())
    answered(page, 1)
    stub.failure = REFUSAL
    with page.expect_response(lambda response: response.status == 503):
        page.clock.run_for(1_000)
    page.get_by_role("link", name="Look").click()
    reported(page, "acknowledged", "waiting")
    stub.failure = None
    page.clock.run_for(10_000)
    reported(page, "acknowledged")
    assert stub.actions("d_toast1") == ["seen", "clicked", "acknowledged"]


def test_a_report_that_the_server_refuses_is_given_up(visit: Visit, stub: Stub):
    stub.messages = [message("toast") | {"ackToken": "forged"}, message("banner")]
    page = visit()
    reported(page, "seen", "refused")
    reported(page, "seen")
    assert page.evaluate("localStorage.getItem('cabeceo.acks')") == "[]"


def test_a_spoiled_queue_does_no_harm_and_stays_small(visit: Visit, stub: Stub):
    page = visit()
    answered(page, 1)
    page.evaluate("localStorage.setItem('cabeceo.acks', '{\"not\": \"a list\"}')")
    stub.messages = [message("banner")]
    page.reload()
    reported(page, "seen")
    page.evaluate("localStorage.setItem('cabeceo.acks', JSON.stringify([null, {}, 7]))")
    page.reload()
    answered(page, 3)
    stub.failure = REFUSAL
    stored = page.evaluate(
        """async () => {
          const { Acks } = await import('/demo/acks.js');
          const acks = new Acks(() => {});
          for (let i = 0; i < 200; i++) acks.add({deliveryId: `d_${i}`, ackToken: 't'}, 'seen');
          return JSON.parse(localStorage.getItem('cabeceo.acks')).map((ack) => ack.deliveryId);
        }"""
    )
    assert stored == [f"d_{number}" for number in range(150, 200)]


def test_the_page_works_where_the_browser_forbids_storage(visit: Visit, stub: Stub):
    stub.messages = [message("banner")]
    forbid = "Object.defineProperty(window, 'localStorage', {get() { throw new DOMException('no', 'SecurityError') }})"
    page = visit("new-visitor", before=lambda page: page.add_init_script(forbid))
    page.get_by_role("button", name="Yes, remember me").click()
    page.get_by_role("button", name="Close: A banner").click()
    reported(page, "dismissed")
    page.get_by_role("button", name="Deploy next").click()
    answered(page, 3)
    assert stub.decides[2]["visitorId"]
