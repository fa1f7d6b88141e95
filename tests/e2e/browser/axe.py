"""Accessibility as far as axe can judge it, and the screens on which it is judged."""

from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

RULES = {
    "runOnly": {
        "type": "tag",
        "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    }
}
SCREENS = {
    "desktop, light": {"color_scheme": "light"},
    "desktop, dark": {"color_scheme": "dark"},
    "phone, light": {"color_scheme": "light", "viewport": {"width": 360, "height": 740}},
    "phone, dark": {"color_scheme": "dark", "viewport": {"width": 360, "height": 740}},
}


def violations(page: Page, within: str | None = None) -> list[str]:
    """What axe finds on the page, or in the part of it that a selector names."""
    found: Any = Axe().run(page, within, options=RULES).response["violations"]
    return [f"{v['id']}: {node['target']} {node['failureSummary']}" for v in found for node in v["nodes"]]
