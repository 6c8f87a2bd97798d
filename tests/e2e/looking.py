"""A page as somebody sees it: logged in, on a desk and on a phone, kept as a picture where that is asked."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

from django.conf import settings
from django.test import Client
from playwright.sync_api import BrowserContext, Locator, Page

from tests.e2e.axe import run_axe

SHOTS = Path(__file__).resolve().parents[2] / "var" / "screenshots"
# SCREENSHOTS=1 keeps a picture of each page that is judged.
KEEP = os.environ.get("SCREENSHOTS") == "1"
WIDTHS = (1280, 390)


def log_in(context: BrowserContext, base: str, user: Any) -> None:
    """Make this browser that of this user, without the page on which one logs in."""
    client = Client()
    client.force_login(user)
    name = settings.SESSION_COOKIE_NAME
    context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": base}])


def go(link_or_button: Locator) -> None:
    """Press what leads to a page: that page stands there when this returns, never still the one before it."""
    with link_or_button.page.expect_navigation():
        link_or_button.click()


def key(page_or_part: Page | Locator, name: str) -> None:
    """Press a key that leads to a page, and be there."""
    page = page_or_part if isinstance(page_or_part, Page) else page_or_part.page
    with page.expect_navigation():
        (page.keyboard if page_or_part is page else page_or_part).press(name)


def here(part: Locator) -> None:
    """Press what leads nowhere: it opens, jumps or works within the page."""
    part.click()


def judge(page: Page, name: str) -> None:
    """Fits on the screen as wide as it is now, and axe finds nothing."""
    width = page.viewport_size["width"] if page.viewport_size else 0
    keep(page, f"{name}-{width}")
    assert page.evaluate("document.documentElement.scrollWidth") <= width, f"{name} is wider than the screen"
    assert run_axe(page) == [], name


def judge_at_all_widths(page: Page, name: str) -> None:
    """On a desk and on a phone."""
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        judge(page, name)


def keep(page: Page, name: str) -> None:
    """A picture of the whole page, where pictures are asked for."""
    if KEEP:
        SHOTS.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=SHOTS / f"{re.sub(r'[^a-z0-9-]', '-', name)}.png", full_page=True)
