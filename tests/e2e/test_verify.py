"""A provider checks a receipt and its files in the browser, on a desk and on a phone."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import Page
from pytest_django.live_server_helper import LiveServer

from procurement.domain.proof import canonical
from procurement.enums import RoundStatus
from procurement.models import Round
from procurement.services.rounds import close_if_due
from tests.e2e.looking import go, judge
from tests.factories.submissions import open_fair, pdf_bytes

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


def check(page: Page, *files: Path) -> str:
    page.get_by_label("Het bestand van uw ontvangstbewijs").set_input_files(files[0])
    page.get_by_label("De bestanden die u hebt ingediend").set_input_files(files[1:])
    go(page.get_by_role("button", name="Controleer het ontvangstbewijs"))
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
    judge(page, "verifieer-goed")

    altered = bytearray(pdf_bytes())
    altered[20] ^= 1
    plan.write_bytes(altered)
    assert "plan voor afschaling.pdf is veranderd" in check(page, mine, plan)
    judge(page, "verifieer-bestand-anders")

    mine.write_bytes(canonical(receipt.manifest).replace(b'"stage":"selection"', b'"stage":"seleCtion"'))
    assert "Wij kennen dit ontvangstbewijs niet" in check(page, mine)
    judge(page, "verifieer-bewijs-anders")

    fair.pass_deadline()
    assert close_if_due(round=fair.round)
    Round.objects.filter(pk=fair.round.pk).update(status=RoundStatus.OPENED, opened_at=timezone.now())
    mine.write_bytes(canonical(receipt.manifest))
    plan.write_bytes(pdf_bytes())
    assert "van de sluitingstijd van" in check(page, mine, plan)
    judge(page, "verifieer-in-het-gezamenlijke-getal")
    with page.expect_download() as download:
        page.get_by_role("button", name="Download het bewijs bij dit ontvangstbewijs").click()
    assert download.value.suggested_filename == "bewijs.json"
