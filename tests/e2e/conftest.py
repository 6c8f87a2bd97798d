"""What the browser tests share: one Chromium for all of them."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from django.core.servers.basehttp import WSGIRequestHandler
from playwright.sync_api import Browser, Page, expect

from tests.e2e.axe import browser
from tests.e2e.looking import WIDTHS

# Playwright's driver keeps an event loop in this thread; Django's guard takes all that runs there for async code.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
# Django writes head and body of an answer apart; the second would wait for the browser's word on the first, 40 ms long.
WSGIRequestHandler.disable_nagle_algorithm = True
# A machine that is busy with other work is slow, not wrong.
expect.set_options(timeout=15_000)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with browser() as found:
        yield found


@pytest.fixture(params=WIDTHS)
def page(chromium: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A page of a visitor who is not logged in; the test runs once on a desk and once on a phone."""
    context = chromium.new_context(
        locale="nl-NL", viewport={"width": request.param, "height": 900}, reduced_motion="reduce", accept_downloads=True
    )
    yield context.new_page()
    context.close()
