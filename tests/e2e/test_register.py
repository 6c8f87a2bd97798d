"""Somebody who looks for help, and somebody who wants to know what changed: the register on a desk and on a phone."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.e2e.looking import WIDTHS, go, judge

pytestmark = [
    pytest.mark.e2e, pytest.mark.long, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("demo"),
]  # fmt: skip


def test_the_register_as_those_who_need_it_use_it(chromium: Browser, live_server: LiveServer) -> None:
    """One test, as the demo is there for one."""
    for width in WIDTHS:
        context = chromium.new_context(
            locale="nl-NL", viewport={"width": width, "height": 900}, reduced_motion="reduce", accept_downloads=True
        )
        page = context.new_page()
        _who_may_help_in_winterswijk(page, live_server)
        _what_changed_between_two_versions(page, live_server)
        _the_api_is_explained(page, live_server)
        context.close()


def _who_may_help_in_winterswijk(page: Page, live_server: LiveServer) -> None:
    """From the list to the question, a mistake, and an answer with somebody to call."""
    page.goto(f"{live_server.url}/register/")
    go(page.get_by_role("link", name="Wie mag waarmee helpen, en waar?"))
    judge(page, "wie-helpt")
    go(page.get_by_role("button", name="Toon wie mag helpen"))
    expect(page.get_by_role("link", name="Kies uw gemeente.")).to_be_visible()
    judge(page, "wie-helpt-fout")
    page.get_by_label("Waar woont u?").select_option(label="Winterswijk")
    page.get_by_label("Waarmee hebt u hulp nodig?").select_option(index=1)
    go(page.get_by_role("button", name="Toon wie mag helpen"))
    expect(page.get_by_role("heading", name=re.compile("in Winterswijk$"))).to_be_visible()
    judge(page, "wie-helpt-antwoord")


def _what_changed_between_two_versions(page: Page, live_server: LiveServer) -> None:
    """From the list on a day to its versions, what differs between two of them, and a version as it was kept."""
    page.goto(f"{live_server.url}/register/?op=2024-06-27")
    expect(page.get_by_text("Versie 2")).not_to_have_count(0)
    judge(page, "register-dag")
    page.goto(f"{live_server.url}/register/versies/")
    judge(page, "versies")
    days = page.get_by_label("Van de versie van").locator("option")
    page.get_by_label("Van de versie van").select_option(index=days.count() - 1)
    page.get_by_label("Tot de versie van").select_option(index=2)
    go(page.get_by_role("button", name="Vergelijk"))
    expect(page.get_by_role("heading", name="Verschil tussen twee versies")).to_be_visible()
    judge(page, "verschil")
    go(page.get_by_role("main").get_by_role("link", name=re.compile(r"^Versie \d")).last)
    expect(page.get_by_text("Zij verandert niet meer.")).to_be_visible()
    judge(page, "versie")
    address = page.url
    with page.expect_download() as found:
        page.get_by_role("link", name="Excel (XLSX)").click()
    assert found.value.suggested_filename.endswith(".xlsx")
    assert page.url == address


def _the_api_is_explained(page: Page, live_server: LiveServer) -> None:
    page.goto(f"{live_server.url}/api/v1/docs")
    expect(page.get_by_role("heading", name="Contracts on a day")).to_be_visible()
    judge(page, "api")
