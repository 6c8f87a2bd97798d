"""The proof-read list in the browser: letters that wait are read, ticked off and let go, on a desk and on a phone."""

from __future__ import annotations

import pytest
from django.urls import reverse
from playwright.sync_api import Browser, expect
from pytest_django.live_server_helper import LiveServer

from procurement.models import Letter
from procurement.services.letter_batches import request_sending
from procurement.tasks.letters import send_letters
from tests.e2e.looking import go, judge_at_all_widths, log_in
from tests.factories.decisions import adopted, batch_of

pytestmark = [pytest.mark.e2e, pytest.mark.long, pytest.mark.django_db(transaction=True)]


def test_the_lead_reads_the_letters_ticks_them_off_and_lets_them_go(chromium: Browser, live_server: LiveServer) -> None:
    ranked, decision = adopted()
    job = request_sending(decision=decision, by=ranked.lead, held=True)
    batch = batch_of(decision)
    context = chromium.new_context(locale="nl-NL", reduced_motion="reduce")
    log_in(context, live_server.url, ranked.lead)
    page = context.new_page()
    page.goto(live_server.url + reverse("procurement:proofread", args=[batch.pk]))
    expect(page.get_by_text("Nog niet gemaakt")).to_have_count(3)
    judge_at_all_widths(page, "leeslijst-nog-niet-gemaakt")

    send_letters(batch.pk, ranked.lead.pk, str(job.pk))
    page.goto(live_server.url + reverse("procurement:decision", args=[decision.pk]))
    judge_at_all_widths(page, "besluit-brieven-wachten")
    go(page.get_by_role("link", name="Leeslijst"))
    judge_at_all_widths(page, "leeslijst")

    go(page.get_by_role("button", name="Bewaar wat ik heb bekeken"))
    expect(page.get_by_text("Vink de brieven aan")).to_be_visible()
    judge_at_all_widths(page, "leeslijst-fout")

    page.get_by_role("checkbox", name="Zorg Aan De Slinge").check()
    go(page.get_by_role("button", name="Bewaar wat ik heb bekeken"))
    expect(page.get_by_role("checkbox")).to_have_count(2)
    go(page.get_by_role("link", name="Toon alleen wat nog niemand heeft bekeken"))
    expect(page.get_by_role("rowheader", name="Zorg Aan De Slinge")).to_have_count(0)
    judge_at_all_widths(page, "leeslijst-ongelezen")
    for box in page.get_by_role("checkbox").all():
        box.check()
    go(page.get_by_role("button", name="Bewaar wat ik heb bekeken"))
    judge_at_all_widths(page, "leeslijst-alles-bekeken")
    assert Letter.objects.filter(proofread_by=ranked.lead).count() == 3

    go(page.get_by_role("button", name="Verstuur alle brieven nu"))
    send_letters(batch.pk, ranked.lead.pk, str(job.pk))
    page.goto(live_server.url + reverse("procurement:proofread", args=[batch.pk]))
    expect(page.get_by_text("opnieuw gemaakt")).to_have_count(0)
    judge_at_all_widths(page, "leeslijst-verstuurd")
