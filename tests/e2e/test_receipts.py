"""The papers in the browser, on a desk and on a phone: receipt, withdrawal, progress of an opening, and its record."""

from __future__ import annotations

import pytest
from django.db import connection
from django.urls import reverse
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from procurement.models import Segment, VaultOpening
from procurement.services import vault as vault_service
from procurement.services.submissions import replace_submission, submit_submission, withdraw_submission
from procurement.tasks.vault import finish_opening, finish_openings
from tests.e2e.looking import go, judge, log_in
from tests.factories.submissions import Fair, open_fair

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def fair() -> Fair:
    fair = open_fair()
    names = ("Integrale Ambulante Jeugdhulp", "Hoog Complex Weinig Voorkomend Met Verblijf")
    for segment, name in zip(fair.segments, names, strict=True):
        Segment.objects.filter(pk=segment.pk).update(name=name)
    return fair


def test_a_receipt_that_counts_is_replaced_and_is_withdrawn(page: Page, live_server: LiveServer, fair: Fair) -> None:
    submission = fair.submitted()
    by = submission.created_by
    log_in(page.context, live_server.url, by)
    first = submission.receipts.get()
    address = live_server.url + reverse("procurement:receipt", args=[submission.pk, first.number])
    page.goto(address)
    expect(page.get_by_text("Dit is wat telt")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="Ontvangstbewijs om te lezen (PDF)").click()
    assert download.value.suggested_filename == f"ontvangstbewijs-{first.number}.pdf"
    assert download.value.path().read_bytes().startswith(b"%PDF-1.7")
    judge(page, "bewijs-telt")
    replace_submission(submission=submission, by=by)
    second = submit_submission(submission=submission, by=by)
    page.goto(address)
    expect(page.get_by_text("Dit ontvangstbewijs geldt niet meer")).to_be_visible()
    go(page.get_by_role("link", name=f"Bekijk ontvangstbewijs {second.number}"))
    expect(page.get_by_text("Dit is wat telt")).to_be_visible()
    third = withdraw_submission(submission=submission, by=by)
    page.goto(live_server.url + reverse("procurement:receipt", args=[submission.pk, third.number]))
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Bewijs van intrekking {third.number}")
    judge(page, "bewijs-intrekking")


def test_an_opener_watches_the_comparing_and_comes_to_the_record(
    page: Page, live_server: LiveServer, fair: Fair, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vault_service, "OPEN_AT_ONCE_BYTES", -1)
    fair.submitted()
    opening = fair.open_vault()
    log_in(page.context, live_server.url, opening.openers.earliest("pk"))
    page.goto(live_server.url + reverse("procurement:vault_round", args=[fair.round.pk]))
    expect(page.get_by_role("progressbar", name="Vergeleken")).to_be_visible()
    judge(page, "bewijs-vergelijken")
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
    log_in(page.context, live_server.url, opening.openers.earliest("pk"))
    page.goto(live_server.url + reverse("procurement:vault_round", args=[fair.round.pk]))
    expect(page.get_by_text("2 inzendingen kloppen niet").first).to_be_visible()
    judge(page, "bewijs-proces-verbaal")
    go(page.get_by_role("link", name="Volgende").first)
    expect(page.get_by_text("V-K7QX-0050").first).to_be_visible()
    connection.close()
