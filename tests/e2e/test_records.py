"""The record and the dossier of a tender in the browser, and the page of open data: they fit, and axe finds nothing."""

from __future__ import annotations

import pytest
from django.urls import reverse
from playwright.sync_api import Browser
from pytest_django.live_server_helper import LiveServer

from procurement.models import ProcedureRecord, TenderDossier
from tests.e2e.looking import go, judge_at_all_widths, log_in
from tests.factories.dossiers import made_dossier
from tests.factories.told import told
from tests.integration.procurement.test_procedure_record import made, tender_of

pytestmark = [pytest.mark.e2e, pytest.mark.long, pytest.mark.django_db(transaction=True)]


def test_the_lead_finds_both_with_their_versions(chromium: Browser, live_server: LiveServer) -> None:
    ranked, _decision = told()
    tender = tender_of(ranked)
    context = chromium.new_context(locale="nl-NL", reduced_motion="reduce")
    log_in(context, live_server.url, ranked.lead)
    page = context.new_page()
    page.goto(live_server.url + reverse("procurement:records", args=[tender.slug]))
    judge_at_all_widths(page, "stukken-leeg")
    go(page.get_by_role("button", name="Maak het proces-verbaal"))
    assert page.get_by_role("heading", level=1).inner_text().startswith("Proces-verbaal van ")
    made(tender, ranked.lead)
    made_dossier(tender, ranked.lead)
    page.goto(live_server.url + reverse("procurement:records", args=[tender.slug]))
    judge_at_all_widths(page, "stukken")
    with page.expect_download() as record:
        page.get_by_role("link", name="Proces-verbaal 1").click()
    assert record.value.suggested_filename == ProcedureRecord.objects.get().file.name
    with page.expect_download() as dossier:
        page.get_by_role("link", name="Dossier 1").click()
    assert dossier.value.suggested_filename == f"dossier-{tender.slug}-{TenderDossier.objects.get().sequence}.zip"
    page.goto(live_server.url + reverse("procurement:ocds_index"))
    judge_at_all_widths(page, "open-data")
