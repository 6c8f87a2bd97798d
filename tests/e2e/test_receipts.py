"""The papers in the browser, on a desk and on a phone: receipt, withdrawal, progress of an opening, and its record."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from procurement.models import Segment, VaultOpening
from procurement.services import vault as vault_service
from procurement.services.submissions import replace_submission, submit_submission, withdraw_submission
from procurement.tasks.vault import finish_opening, finish_openings
from tests.e2e.axe import run_axe
from tests.factories.submissions import Fair, open_fair

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

SHOTS = Path(__file__).resolve().parents[2] / "var" / "screenshots"


@pytest.fixture
def fair() -> Fair:
    fair = open_fair()
    names = ("Integrale Ambulante Jeugdhulp", "Hoog Complex Weinig Voorkomend Met Verblijf")
    for segment, name in zip(fair.segments, names, strict=True):
        Segment.objects.filter(pk=segment.pk).update(name=name)
    return fair


@pytest.fixture(params=[1280, 390])
def page(chromium: Browser, request: pytest.FixtureRequest) -> Any:
    context = chromium.new_context(
        locale="nl-NL", viewport={"width": request.param, "height": 900}, reduced_motion="reduce", accept_downloads=True
    )
    yield context.new_page()
    context.close()


def log_in(page: Page, server: LiveServer, user: Any) -> None:
    client = Client()
    client.force_login(user)
    value = client.cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": value, "url": server.url}])


def judge(page: Page, name: str) -> None:
    width = page.viewport_size["width"] if page.viewport_size else 0
    if os.environ.get("SCREENSHOTS") == "1":
        SHOTS.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=SHOTS / f"bewijs-{name}-{width}.png", full_page=True)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert run_axe(page) == []


def test_a_receipt_that_counts_is_replaced_and_is_withdrawn(page: Page, live_server: LiveServer, fair: Fair) -> None:
    submission = fair.submitted()
    by = submission.created_by
    log_in(page, live_server, by)
    first = submission.receipts.get()
    address = live_server.url + reverse("procurement:receipt", args=[submission.pk, first.number])
    page.goto(address)
    expect(page.get_by_text("Dit is wat telt")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="Ontvangstbewijs om te lezen (PDF)").click()
    assert download.value.suggested_filename == f"ontvangstbewijs-{first.number}.pdf"
    assert download.value.path().read_bytes().startswith(b"%PDF-1.7")
    judge(page, "telt")
    replace_submission(submission=submission, by=by)
    second = submit_submission(submission=submission, by=by)
    page.goto(address)
    expect(page.get_by_text("Dit ontvangstbewijs geldt niet meer")).to_be_visible()
    page.get_by_role("link", name=f"Bekijk ontvangstbewijs {second.number}").click()
    expect(page.get_by_text("Dit is wat telt")).to_be_visible()
    third = withdraw_submission(submission=submission, by=by)
    page.goto(live_server.url + reverse("procurement:receipt", args=[submission.pk, third.number]))
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Bewijs van intrekking {third.number}")
    judge(page, "intrekking")


def test_an_opener_watches_the_comparing_and_comes_to_the_record(
    page: Page, live_server: LiveServer, fair: Fair, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vault_service, "OPEN_AT_ONCE_BYTES", -1)
    fair.submitted()
    opening = fair.open_vault()
    log_in(page, live_server, opening.openers.earliest("pk"))
    page.goto(live_server.url + reverse("procurement:vault_round", args=[fair.round.pk]))
    expect(page.get_by_role("progressbar", name="Vergeleken")).to_be_visible()
    judge(page, "vergelijken")
    finish_opening(fair.round.pk)
    # By itself: the bar asks on, and finds that the vault is open.
    expect(page.get_by_role("heading", level=1)).to_have_text("Proces-verbaal van opening")
    finish_openings()
    page.reload()
    with page.expect_download() as download:
        page.get_by_role("link", name="Proces-verbaal van opening (PDF)").click()
    assert download.value.path().read_bytes().startswith(b"%PDF-1.7")


def test_a_record_of_many_submissions_of_which_some_do_not_match(
    page: Page, live_server: LiveServer, fair: Fair
) -> None:
    fair.submitted()
    opening = fair.open_vault()
    fair.fix(fair.segments[0])
    (line,) = opening.submissions
    name = "Stichting Zorg aan de Oude IJssel en Berkelstroom"
    lines = [{**line, "number": f"V-K7QX-{n:04}", "organisation": f"{name} {n}"} for n in range(300)]
    lines[3] |= {"matches": False, "computed": "", "problems": ["seal_broken"]}
    lines[7] |= {"matches": False, "problems": ["file_differs:abcdef123456"]}
    VaultOpening.objects.filter(pk=opening.pk).update(submissions=lines)
    finish_openings()
    log_in(page, live_server, opening.openers.earliest("pk"))
    page.goto(live_server.url + reverse("procurement:vault_round", args=[fair.round.pk]))
    expect(page.get_by_text("2 inzendingen kloppen niet").first).to_be_visible()
    judge(page, "proces-verbaal")
    page.get_by_role("link", name="Volgende").first.click()
    expect(page.get_by_text("V-K7QX-0050").first).to_be_visible()
    connection.close()
