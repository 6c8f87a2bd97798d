"""Every kind of page in the demo, on a desk and on a phone: axe finds nothing, nothing runs off the screen or is held
back by the content policy. With SCREENSHOTS=1 it also keeps what they look like, under var/screenshots/.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page
from pytest_django.live_server_helper import LiveServer

from achterhoek.accounts.models import User
from tests.e2e.chain.actors import REFUSAL
from tests.e2e.looking import KEEP, WIDTHS, judge, log_in
from tests.e2e.rooms import visits
from tests.e2e.visiting import VISITOR, Visit

pytestmark = [
    pytest.mark.e2e, pytest.mark.long, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("demo"),
]  # fmt: skip

ROOT = Path(__file__).resolve().parents[2]
FRONT_PAGE = ROOT / "docs" / "images" / "front-page.png"
WORSE = ("error", "warning")


def test_every_page_of_the_demo(chromium: Browser, live_server: LiveServer, subtests: pytest.Subtests) -> None:
    found = visits()
    for who in dict.fromkeys(visit.who for visit in found):
        page = _page_of(chromium, live_server, who)
        complaints: list[str] = []
        page.on("console", lambda message, kept=complaints: message.type in WORSE and kept.append(message.text))
        page.on("pageerror", lambda error, kept=complaints: kept.append(str(error)))
        for visit in (visit for visit in found if visit.who == who):
            with subtests.test(who=who or "visitor", page=visit.name):
                complaints.clear()
                _look(page, live_server.url, visit)
                assert [text for text in complaints if not REFUSAL.search(text)] == []
        page.context.close()


def _page_of(chromium: Browser, live_server: LiveServer, who: str) -> Page:
    """A browser in which this account is logged in."""
    context = chromium.new_context(locale="nl-NL", timezone_id="Europe/Amsterdam", reduced_motion="reduce")
    context.set_default_timeout(30_000)
    if who != VISITOR:
        log_in(context, live_server.url, User.objects.get(email=who))
    return context.new_page()


def _look(page: Page, base: str, visit: Visit) -> None:
    """The page as it opens on a desk and as it is on a phone; there its form is sent in, and seen at both widths."""
    desk, phone = WIDTHS
    _resize(page, desk)
    response = page.goto(f"{base}{visit.path}")
    assert response is not None
    assert response.status < 500
    assert response.status < 400 or visit.name == "niet-gevonden" or "verkeerd" in visit.name, response.status
    for width in (desk, phone):
        _resize(page, width)
        judge(page, visit.name)
        if visit.name == "voorpagina":
            _keep_front_page(page, width)
    if visit.spoil is not None:
        visit.spoil(page)
        assert page.title().startswith("Fout: "), "the refused form does not say so in its title"
        for width in (phone, desk):
            _resize(page, width)
            judge(page, f"{visit.name}-fout")


def _resize(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})


def _keep_front_page(page: Page, width: int) -> None:
    """The picture in the README is made anew with the others."""
    if KEEP and width == WIDTHS[0]:
        FRONT_PAGE.parent.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=FRONT_PAGE)
        assert FRONT_PAGE.stat().st_size < 400_000
