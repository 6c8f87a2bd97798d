"""Sending a file in a real browser: cut twice, loaded anew, stopped, refused."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core.files.storage import default_storage
from django.test import Client
from playwright.sync_api import Browser, Page, Route, expect
from pytest_django.live_server_helper import LiveServer

from achterhoek.documents.models import StoredFile, Upload
from achterhoek.documents.tasks import make_thumbnail
from tests.e2e.axe import run_axe
from tests.e2e.looking import here
from tests.factories import UserFactory
from tests.factories.documents import MEGABYTE, Desk, pdf
from tests.worker import running_worker

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.urls("tests.factories.documents"),
    pytest.mark.django_db(transaction=True),
]


@pytest.fixture
def page(chromium: Browser, live_server: LiveServer) -> Iterator[Page]:
    Desk.clear()
    client = Client()
    client.force_login(UserFactory())
    context = chromium.new_context(viewport={"width": 1280, "height": 900}, locale="nl-NL")
    cookie = client.cookies[django_settings.SESSION_COOKIE_NAME]
    context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": live_server.url}])
    found = context.new_page()
    found.complaints = []  # type: ignore[attr-defined]
    found.on("pageerror", lambda error: found.complaints.append(str(error)))  # type: ignore[attr-defined]
    found.goto(f"{live_server.url}/proef/")
    yield found
    context.close()


# What a screen reader is told, in order.
LISTEN = """() => {
  window.said = [];
  const place = document.querySelector("[data-upload-said]");
  new MutationObserver(() => window.said.push(place.textContent)).observe(place, {childList: true});
}"""


def made(tmp_path: Path, content: bytes, name: str = "Ons plan.pdf") -> str:
    place = tmp_path / name
    place.write_bytes(content)
    return str(place)


def result(page: Page) -> Any:
    return page.locator("[data-upload-file]")


def test_a_file_goes_by_itself_and_shows_what_came_in(page: Page, tmp_path: Path) -> None:
    content = pdf(3, size=2 * MEGABYTE)
    page.get_by_label("Plan van aanpak").set_input_files(made(tmp_path, content))
    expect(result(page)).to_contain_text("Ons plan.pdf")
    stored = StoredFile.objects.get()
    expect(result(page)).to_contain_text("3 pagina's")
    expect(result(page)).to_contain_text(stored.sha256)
    expect(page.locator("[data-upload-said]")).to_have_text("Ons plan.pdf is binnen en staat in uw concept")
    assert page.locator("[data-upload-progress]").is_hidden()
    assert make_thumbnail(str(stored.pk))
    picture = page.get_by_role("img", name="De eerste pagina van dit bestand")
    expect(picture).to_be_visible(timeout=30_000)
    assert picture.evaluate("image => image.naturalWidth") > 50
    assert run_axe(page) == []
    assert page.complaints == []  # type: ignore[attr-defined]
    with page.expect_download() as download:
        page.get_by_role("link", name=re.compile("Ons plan.pdf")).click()
    assert download.value.path().read_bytes() == content


def test_300_megabytes_cut_twice_go_on_where_they_were(page: Page, tmp_path: Path, settings: Any) -> None:
    """Pieces are 8 MB; two of them are cut off once. A worker judges the file while the page asks."""
    content = pdf(2, size=300 * MEGABYTE)
    first, second = str(80 * MEGABYTE), str(240 * MEGABYTE)
    cuts: list[str] = []

    def cut(route: Route) -> None:
        offset = route.request.headers.get("upload-offset", "")
        if route.request.method == "PATCH" and offset in (first, second) and offset not in cuts:
            cuts.append(offset)
            route.abort("connectionreset")
        else:
            route.continue_()

    page.route(re.compile("/bestanden/upload/"), cut)
    page.evaluate(LISTEN)
    settings.TEST_FILES = default_storage.location
    with running_worker(include="tests.factories.documents"):
        page.get_by_label("Plan van aanpak").set_input_files(made(tmp_path, content))
        expect(page.locator("[data-upload-text]")).to_contain_text(re.compile(r"%.*van 300.*per seconde"))
        expect(result(page)).to_contain_text("Ons plan.pdf", timeout=240_000)
        expect(page.get_by_role("img", name="De eerste pagina van dit bestand")).to_be_visible(timeout=60_000)
    assert cuts == [first, second]
    assert Upload.objects.count() == 1
    stored = StoredFile.objects.get()
    assert stored.sha256 == hashlib.sha256(content).hexdigest()
    expect(result(page)).to_contain_text(stored.sha256)
    said = page.evaluate("window.said")
    assert [text[:4].strip() for text in said if "van het bestand" in text] == ["25%", "50%", "75%"]
    assert len(said) < 12, "a screen reader is not kept busy"


def test_after_the_page_was_loaded_anew_the_same_file_goes_on(page: Page, tmp_path: Path) -> None:
    content, place = pdf(size=20 * MEGABYTE), ""
    place = made(tmp_path, content)
    page.route(
        re.compile("/bestanden/upload/"),
        lambda route: (
            route.abort("connectionreset")
            if route.request.method == "PATCH" and route.request.headers["upload-offset"] != "0"
            else route.continue_()
        ),
    )
    page.get_by_label("Plan van aanpak").set_input_files(place)
    expect(page.locator("[data-upload-text]")).to_contain_text("De verbinding is weg", timeout=30_000)
    assert run_axe(page) == []
    page.on("dialog", lambda dialog: dialog.accept())
    page.reload()
    page.unroute_all(behavior="ignoreErrors")
    offsets: list[str] = []
    page.on("request", lambda request: request.method == "PATCH" and offsets.append(request.headers["upload-offset"]))
    page.get_by_label("Plan van aanpak").set_input_files(place)
    expect(result(page)).to_contain_text("Ons plan.pdf", timeout=60_000)
    assert offsets[0] == str(8 * MEGABYTE)
    assert Upload.objects.count() == 1
    assert page.evaluate("localStorage.length") == 0


def test_who_stops_can_choose_another_file(page: Page, tmp_path: Path) -> None:
    page.route(
        re.compile("/bestanden/upload/"),
        lambda route: route.abort("connectionreset") if route.request.method == "PATCH" else route.continue_(),
    )
    page.get_by_label("Plan van aanpak").set_input_files(made(tmp_path, pdf(size=9 * MEGABYTE)))
    expect(page.locator("[data-upload-text]")).to_contain_text("De verbinding is weg")
    here(page.get_by_role("button", name="Stop het versturen"))
    expect(page.locator("[data-upload-said]")).to_have_text("Het versturen is gestopt. Het bestand is niet bewaard.")
    assert page.evaluate("document.activeElement.id") == "id_plan"
    page.unroute_all(behavior="ignoreErrors")
    page.get_by_label("Plan van aanpak").set_input_files(made(tmp_path, pdf(), "Ander plan.pdf"))
    expect(result(page)).to_contain_text("Ander plan.pdf")
    assert list(Upload.objects.filter(finished_at=None)) == []


def test_a_refused_file_says_why_beside_its_field(page: Page, tmp_path: Path) -> None:
    field = page.get_by_label("Plan van aanpak")
    field.set_input_files(made(tmp_path, pdf(script=True)))
    error = page.get_by_role("alert")
    expect(error).to_contain_text("In deze pdf zit een script.")
    assert field.get_attribute("aria-invalid") == "true"
    assert run_axe(page) == []
    field.set_input_files(made(tmp_path, b"", "leeg.pdf"))
    expect(error).to_contain_text("Dit bestand is leeg.")
    Desk.closed = "De termijn is gesloten."
    field.set_input_files(made(tmp_path, pdf(), "laat.pdf"))
    expect(error).to_contain_text("De termijn is gesloten.")
    Desk.clear()
    field.set_input_files(made(tmp_path, pdf(), "goed.pdf"))
    expect(result(page)).to_contain_text("goed.pdf")
    expect(error).to_be_hidden()
    assert field.get_attribute("aria-invalid") == "false"


def test_on_a_phone_nothing_runs_off_the_screen(page: Page, tmp_path: Path) -> None:
    page.set_viewport_size({"width": 320, "height": 700})
    page.get_by_label("Plan van aanpak").set_input_files(made(tmp_path, pdf(), f"{'lang' * 30}.pdf"))
    expect(result(page)).to_contain_text("SHA-256")
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    assert run_axe(page) == []
