"""A provider checks a receipt and its files in the browser, on a desk and on a phone."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page
from pytest_django.live_server_helper import LiveServer

from procurement.domain.proof import canonical
from procurement.enums import RoundStatus
from procurement.models import Round
from procurement.services.rounds import close_if_due
from tests.e2e.axe import run_axe
from tests.factories.submissions import open_fair, pdf_bytes

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

SHOTS = Path(__file__).resolve().parents[2] / "var" / "screenshots"


@pytest.fixture(params=[1280, 390])
def page(chromium: Browser, request: pytest.FixtureRequest) -> Any:
    context = chromium.new_context(
        locale="nl-NL", viewport={"width": request.param, "height": 900}, reduced_motion="reduce", accept_downloads=True
    )
    yield context.new_page()
    context.close()


def judge(page: Page, name: str) -> None:
    width = page.viewport_size["width"] if page.viewport_size else 0
    if os.environ.get("SCREENSHOTS") == "1":
        SHOTS.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=SHOTS / f"verifieer-{name}-{width}.png", full_page=True)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert run_axe(page) == []


def check(page: Page, *files: Path) -> str:
    page.get_by_label("Het bestand van uw ontvangstbewijs").set_input_files(files[0])
    page.get_by_label("De bestanden die u heeft ingediend").set_input_files(files[1:])
    with page.expect_navigation():
        page.get_by_role("button", name="Controleer het ontvangstbewijs").click()
    return page.get_by_role("main").inner_text()


def test_one_byte_changed_in_a_file_or_receipt_and_it_is_not_right(
    page: Page, live_server: LiveServer, tmp_path: Path
) -> None:
    fair = open_fair()
    receipt = fair.submitted().receipts.get()
    mine, plan = tmp_path / f"{receipt.number}.json", tmp_path / "plan voor afschaling.pdf"
    mine.write_bytes(canonical(receipt.manifest))
    plan.write_bytes(pdf_bytes())
    page.goto(f"{live_server.url}/verifieer/")
    assert "Dit klopt" in check(page, mine, plan)
    judge(page, "goed")

    altered = bytearray(pdf_bytes())
    altered[20] ^= 1
    plan.write_bytes(altered)
    assert "plan voor afschaling.pdf is veranderd" in check(page, mine, plan)
    judge(page, "bestand-anders")

    mine.write_bytes(canonical(receipt.manifest).replace(b'"stage":"selection"', b'"stage":"seleCtion"'))
    assert "Wij kennen dit ontvangstbewijs niet" in check(page, mine)
    judge(page, "bewijs-anders")

    fair.pass_deadline()
    assert close_if_due(round=fair.round)
    Round.objects.filter(pk=fair.round.pk).update(status=RoundStatus.OPENED, opened_at=timezone.now())
    mine.write_bytes(canonical(receipt.manifest))
    plan.write_bytes(pdf_bytes())
    assert "van de sluiting van" in check(page, mine, plan)
    judge(page, "in-het-gezamenlijke-getal")
    with page.expect_download() as download:
        page.get_by_role("button", name="Download het bewijs bij dit ontvangstbewijs").click()
    assert download.value.suggested_filename == "bewijs.json"
