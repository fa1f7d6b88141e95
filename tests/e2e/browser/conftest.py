"""A headless Chromium on the demo page. CHROMIUM names another one; where there is none, the tests are in error.

Playwright's own event loop must not outlive a module: tests of other kinds start loops in the same process.
"""

import asyncio
import os
import re
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from dev.demo.routes import stage
from shared.wiring import App
from tests.e2e.browser.axe import SCREENS
from tests.e2e.browser.stub import Stub

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
ROOT = Path(__file__).parents[3]
Visit = Callable[..., Page]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@contextmanager
def serving(data: Path) -> Iterator[str]:
    """Where the local host serves app, pages and demo data on a folder."""
    arguments = [
        "--port",
        "0",
        "--data",
        str(data),
        "--static",
        "console",
        "--extra",
        "dev.demo.routes:stage",
    ]
    environ = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG"}}
    # a suite asks faster than any person
    for limit in ("RATE_PER_PERSON", "RATE_PER_ADDRESS", "RATE_PER_ORGANIZER", "SIMULATIONS_PER_MINUTE"):
        environ[limit] = "1000"
    with subprocess.Popen(
        [sys.executable, "-m", "dev.run", *arguments],
        cwd=ROOT,
        env=environ,
        stdout=subprocess.PIPE,
        text=True,
    ) as host:
        line = host.stdout.readline() if host.stdout else ""
        found = re.search(r"http://localhost:\d+", line)
        assert found, line
        yield found[0]
        host.terminate()
        assert host.wait(20) == 0


def prepare(data: Path, live: Callable[[App], Awaitable[None]]) -> None:
    """Have something happen in a folder before a host serves it."""

    async def begin() -> None:
        app = App()
        await stage(app)
        await live(app)
        await app.close()

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CABECEO_DATA", str(data))
        for store in ("DOCUMENTS", "QUEUES", "ANALYTICS"):
            patch.setenv(store, "embedded")
        with ThreadPoolExecutor(1) as beside:  # Playwright's loop runs on this thread
            beside.submit(lambda: asyncio.run(begin())).result()


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A host of the module's own, on a fresh folder."""
    with serving(tmp_path_factory.mktemp("data")) as address:
        yield address


@pytest.fixture
def stub() -> Iterator[Stub]:
    stub = Stub()
    yield stub
    stub.close()


@pytest.fixture
def open_page(browser: Browser) -> Iterator[Visit]:
    """Opens an address in a browser of its own; what the page throws or its policy forbids fails the test."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def complain(kind: str, text: str) -> None:
        if not text.startswith("Failed to load resource"):  # refusals are some tests' subject
            complaints.append(f"{kind}: {text}")

    def open_page(url: str, *, before: Callable[[Page], Any] | None = None, **options: Any) -> Page:
        context = browser.new_context(**{"viewport": {"width": 1280, "height": 860}} | options)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(5_000)
        page.on("pageerror", lambda error: complain("threw", str(error)))
        page.on("console", lambda entry: entry.type == "error" and complain("logged", entry.text))
        if before:
            before(page)
        page.goto(url)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture
def visit(open_page: Visit, stub: Stub) -> Visit:
    """Opens the page on the stub as one of its people, by default one who needs no consent question."""

    def visit(person: str = "visitor", **options: Any) -> Page:
        return open_page(f"{stub.url}/?{urlencode({'as': person})}", **options)

    return visit


@pytest.fixture(params=SCREENS.values(), ids=SCREENS.keys())
def screen(request: pytest.FixtureRequest) -> dict[str, Any]:
    """Axe needs script rights that the page's policy denies to everybody."""
    return request.param | {"bypass_csp": True, "reduced_motion": "reduce"}


@pytest.fixture(scope="module")
def admin(address: str) -> Iterator[httpx.Client]:
    """Calls the API as the admin of the demo."""
    with httpx.Client(base_url=address) as client:
        token = client.post("/dev/sign-in", json={"id": "admin"}).json()["token"]
        client.headers["Authorization"] = f"Bearer {token}"
        yield client


@pytest.fixture
def studio(open_page: Visit, address: str) -> Visit:
    """Opens the studio, at the list or at one campaign."""

    def studio(place: str = "", person: str = "admin", **options: Any) -> Page:
        page = open_page(f"{address}/studio/?as={person}#/{place}", **options)
        expect(page.locator("#place > *").first).not_to_have_text("One moment …")
        return page

    return studio


def reported(page: Page, action: str, outcome: str | None = None, count: int = 1) -> None:
    """Wait until the page's log says that the server took a report (or what else became of it)."""
    lines = page.locator(f"#acks [data-action={action}][data-outcome={outcome or action}]")
    expect(lines).to_have_count(count)


def answered(page: Page, decision: int) -> None:
    """Wait until the page has shown the answer of that many decisions."""
    expect(page.locator("#cost")).to_contain_text(f"dec_{decision}")
