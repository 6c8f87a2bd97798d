"""The components and the login pages in a real browser: axe finds nothing, nothing runs off a phone's screen."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from achterhoek.accounts.enums import Role
from achterhoek.accounts.models import RoleAssignment
from tests.e2e.axe import run_axe
from tests.e2e.looking import go, here
from tests.factories.accounts import user_with

pytestmark = [pytest.mark.e2e, pytest.mark.urls("tests.unit.nlds.samples"), pytest.mark.django_db(transaction=True)]

PAGES = ["/onderdelen/", "/voorpagina/", "/accounts/login/", "/accounts/signup/", "/accounts/password/reset/"]
WIDTHS = [1280, 390, 320]


def open_page(chromium: Browser, width: int) -> Page:
    return chromium.new_context(viewport={"width": width, "height": 900}, locale="nl-NL").new_page()


@pytest.mark.parametrize("width", WIDTHS)
def test_no_page_has_a_violation_or_runs_off_the_screen(chromium: Browser, live_server: LiveServer, width: int) -> None:
    page = open_page(chromium, width)
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    for path in PAGES:
        page.goto(f"{live_server.url}{path}")
        assert run_axe(page) == [], path
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
    assert complaints == []


def test_a_refused_form_can_be_mended_by_keyboard(chromium: Browser, live_server: LiveServer) -> None:
    page = open_page(chromium, 1280)
    page.goto(f"{live_server.url}/onderdelen/")
    go(page.get_by_role("button", name="Verstuur uw verzoek"))
    assert page.title().startswith("Fout: ")
    assert page.evaluate("document.activeElement.id") == "error-summary"
    assert run_axe(page) == []
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "id_name"
    here(page.get_by_role("link", name="Hoe schrijft u in?"))
    assert page.evaluate("document.activeElement.id") == "id_role_0"


def test_the_first_tab_skips_to_the_content(chromium: Browser, live_server: LiveServer) -> None:
    page = open_page(chromium, 1280)
    page.goto(f"{live_server.url}/onderdelen/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent.trim()") == "Naar de inhoud"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


def test_the_counter_counts_and_never_cuts(chromium: Browser, live_server: LiveServer) -> None:
    page = open_page(chromium, 1280)
    page.goto(f"{live_server.url}/onderdelen/")
    page.get_by_label("Uw visie").fill("x" * 45)
    assert page.locator("#id_vision_count").inner_text() == "U gebruikt 5 tekens te veel."
    assert page.get_by_label("Uw visie").input_value() == "x" * 45


def test_a_form_saves_itself_and_says_whether_it_did(chromium: Browser, live_server: LiveServer) -> None:
    page = open_page(chromium, 1280)
    page.goto(f"{live_server.url}/scores/")
    page.get_by_label("Score").fill("8")
    status = page.locator("[data-autosave-status]")
    expect(status).to_have_text("Opgeslagen")
    page.get_by_label("Score").fill("11")
    expect(status).to_have_text("Niet opgeslagen. Gebruik de knop om op te slaan.")
    assert run_axe(page) == []


@pytest.mark.parametrize("width", WIDTHS)
def test_a_person_finds_the_doors_of_its_roles(chromium: Browser, live_server: LiveServer, width: int) -> None:
    user = user_with(Role.LEAD, name="Lotte de Inkoper", email="lead@demo.example")
    RoleAssignment.objects.create(user=user, role=Role.CLM)
    page = open_page(chromium, width)
    page.goto(f"{live_server.url}/accounts/login/?next=/onderdelen/")
    page.get_by_label("E-mailadres").fill("lead@demo.example")
    page.get_by_label("Wachtwoord").fill("Achterhoek-2022-demo")
    go(page.get_by_role("main").get_by_role("button", name="Inloggen"))
    assert page.url.endswith("/onderdelen/")
    menu = page.get_by_role("navigation", name="Hoofdmenu")
    assert menu.get_by_role("link", name="Contractbeheer").is_visible()
    assert menu.get_by_role("link", name="Beoordelen").count() == 0
    here(page.get_by_text("Lotte de Inkoper").first)
    assert page.get_by_role("button", name="Uitloggen").is_visible()
    assert run_axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.keyboard.press("Escape")
    assert not page.get_by_role("button", name="Uitloggen").is_visible()


def test_pages_work_without_javascript(chromium: Browser, live_server: LiveServer) -> None:
    page = chromium.new_context(java_script_enabled=False, locale="nl-NL").new_page()
    page.goto(f"{live_server.url}/onderdelen/")
    go(page.get_by_role("button", name="Verstuur uw verzoek"))
    assert page.title().startswith("Fout: ")
    go(page.get_by_role("button", name="English"))
    assert page.locator("html").get_attribute("lang") == "en"
