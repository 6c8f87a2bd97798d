"""The pages of custodian mode: the choice, the papers that are shown once, and the shares at the opening."""

import io
import logging
import sys
from itertools import pairwise

import pytest
from django.contrib.sessions.models import Session
from django.core.signals import got_request_exception
from django.urls import reverse
from django.views.debug import ExceptionReporter
from pypdf import PdfReader

from achterhoek.accounts.enums import Role
from achterhoek.audit.models import AuditEvent
from procurement.enums import Custody, RoundStatus, Stage, TenderStatus
from procurement.models import CustodianShare, Round, Tender, VaultKey, VaultOpening
from procurement.selectors.custody import needs_shares
from procurement.services.custody import hold_ceremony
from procurement.services.vault import confirm_opening
from tests import triggers
from tests.factories import RegionFactory, RoundFactory, TenderFactory, user_with
from tests.factories.submissions import open_fair
from tests.papers import words_in

pytestmark = pytest.mark.django_db
PASSWORD = "Achterhoek-2022-demo"
HOLDERS = ["A. Notaris", "B. Griffiër", "C. Archivaris"]


@pytest.fixture
def tender():
    found = TenderFactory(status=TenderStatus.DRAFT, published_at=None, custody=Custody.CUSTODIANS)
    for stage in Stage:
        RoundFactory(tender=found, stage=stage, status=RoundStatus.PLANNED, opens_at=None, deadline=None)
    return found


@pytest.fixture
def lead(tender, client):
    found = user_with(Role.LEAD, region=tender.region)
    client.force_login(found)
    return found


def address(name, tender, *more):
    return reverse(f"procurement:{name}", args=[tender.slug, *more])


def named(**more):
    return {f"holder_{number}": holder for number, holder in enumerate(HOLDERS, start=1)} | more


def test_the_choice_explains_itself_and_is_saved(tender, lead, client):
    Tender.objects.filter(pk=tender.pk).update(custody=Custody.OPERATOR)
    page = client.get(address("custody", tender))
    assert page.status_code == 200
    assert "eigen kopie" in page.content.decode()
    saved = client.post(address("custody", tender), {"custody": "custodians", "total": "5", "needed": "3"})
    assert saved.status_code == 302
    tender.refresh_from_db()
    assert (tender.custody, tender.custodians_total, tender.custodians_needed) == (Custody.CUSTODIANS, 5, 3)
    assert AuditEvent.objects.filter(action="procurement.tender.choose_custody").count() == 1


def test_papers_are_spoken_of_once_there_are_any(tender, lead, client):
    assert "Papieren die al geprint zijn" not in client.get(address("custody", tender)).content.decode()
    assert client.post(address("custody_ceremony", tender, "award"), named()).status_code == 200
    assert "Papieren die al geprint zijn" in client.get(address("custody", tender)).content.decode()


def test_more_needed_than_there_are_is_refused_beside_the_field(tender, lead, client):
    page = client.post(address("custody", tender), {"custody": "custodians", "total": "2", "needed": "3"})
    assert page.status_code == 422
    assert page.context["form"].errors["needed"]


def test_the_papers_are_shown_once_and_can_be_typed_back(tender, lead, client, caplog):
    caplog.set_level(logging.DEBUG)
    made = client.post(address("custody_ceremony", tender, "selection"), named())
    assert made.status_code == 200
    assert made["Content-Type"] == "application/pdf"
    assert "no-store" in made["Cache-Control"]
    papers = words_in(made.content)
    assert [len(words.split()) for words in papers] == [33, 33, 33]
    reader = PdfReader(io.BytesIO(made.content))
    assert reader.trailer["/Root"]["/MarkInfo"]["/Marked"]
    assert [holder in page.extract_text() for holder, page in zip(HOLDERS, reader.pages, strict=True)] == [True] * 3
    assert "B. Griffiër" not in reader.pages[0].extract_text()
    assert needs_shares(tender.rounds.get(stage=Stage.SELECTION))

    back = address("custody_type_back", tender, "selection")
    wrong = client.post(back, {"words": papers[0].rsplit(" ", 1)[0]})
    assert wrong.status_code == 422
    assert wrong.context["form"].errors["words"]
    assert "no-store" in wrong["Cache-Control"]
    for words in papers[:2]:
        assert client.post(back, {"words": words.upper()}, follow=True).status_code == 200
    assert CustodianShare.objects.exclude(confirmed_at=None).count() == 2
    told = client.get(address("custody", tender)).content.decode()
    logged = caplog.text + told + str([event.detail for event in AuditEvent.objects.all()])
    logged += str([session.get_decoded() for session in Session.objects.all()])
    for words in papers:
        pieces = words.split()
        # Two words in a row stand in plain English too, now and then.
        in_a_row = zip(pieces, pieces[1:], pieces[2:], strict=False)
        assert not [" ".join(three) for three in in_a_row if " ".join(three) in logged]


def test_a_crash_while_printing_tells_no_word(tender, lead, client, settings, monkeypatch, caplog):
    """What an error report would hold of it: neither the words nor the key."""
    settings.DEBUG = False
    made, reports = [], []

    def breaks(round, papers, *, on):
        made.extend(" ".join(paper.words) for paper in papers)
        raise RuntimeError("the printer is on fire")

    def report(sender, request, **kwargs):
        reporter = ExceptionReporter(request, *sys.exc_info())
        reports.extend([reporter.get_traceback_text(), reporter.get_traceback_html()])

    monkeypatch.setattr("procurement.views.custody.papers_pdf", breaks)
    got_request_exception.connect(report)
    client.raise_request_exception = False
    try:
        page = client.post(address("custody_ceremony", tender, "selection"), named())
    finally:
        got_request_exception.disconnect(report)
    assert page.status_code == 500
    assert len(made) == 3
    assert "the printer is on fire" in reports[0]
    told = (page.content.decode() + caplog.text + "".join(reports)).lower()
    for words in made:
        pieces = words.split()
        assert not any(f"{one} {two}" in told or f"{one}&#x27;, &#x27;{two}" in told for one, two in pairwise(pieces))
        assert not any(f"'{one}', '{two}'" in told for one, two in pairwise(pieces))
    assert "age-secret-key" not in told


def test_a_crash_while_opening_tells_no_word_and_no_password(fair, openers, client, settings, monkeypatch, caplog):
    settings.DEBUG = False
    reports = []

    def breaks(**kwargs):
        raise RuntimeError("the vault is on fire")

    def report(sender, request, **kwargs):
        reporter = ExceptionReporter(request, *sys.exc_info())
        reports.extend([reporter.get_traceback_text(), reporter.get_traceback_html()])

    monkeypatch.setattr("procurement.views.vault.confirm_opening", breaks)
    fair.pass_deadline()
    confirm_opening(round=fair.round, by=openers[0])
    client.force_login(openers[1])
    got_request_exception.connect(report)
    client.raise_request_exception = False
    try:
        vault = reverse("procurement:vault_round", args=[fair.round.pk])
        page = client.post(vault, {**typed(fair, 0, 1), "password": PASSWORD})
    finally:
        got_request_exception.disconnect(report)
    assert page.status_code == 500
    assert "the vault is on fire" in reports[0]
    told = page.content.decode() + caplog.text + "".join(reports)
    assert PASSWORD not in told
    for paper in fair.papers[:2]:
        assert not any(f"{one} {two}" in told for one, two in pairwise(paper.words))


def test_sent_in_twice_the_second_prints_nothing(tender, lead, client):
    ceremony = address("custody_ceremony", tender, "award")
    first = client.post(ceremony, named())
    again = client.post(ceremony, named())
    assert (first.status_code, again.status_code) == (200, 422)
    assert again["Content-Type"].startswith("text/html")
    key = VaultKey.objects.get()
    unticked = client.post(ceremony, named(instead_of=str(key.key_id)))
    assert unticked.status_code == 422
    assert unticked.context["form"].errors["anew"]
    anew = client.post(ceremony, named(instead_of=str(key.key_id), anew="on"))
    assert anew["Content-Type"] == "application/pdf"
    assert VaultKey.objects.get().key_id != key.key_id


def test_a_name_left_out_is_told_beside_its_field(tender, lead, client):
    page = client.post(address("custody_ceremony", tender, "selection"), named(holder_2=" "))
    assert page.status_code == 422
    assert page.context["form"].errors["holder_2"]
    assert not VaultKey.objects.exists()


def test_who_is_not_the_lead_there_makes_no_papers(tender, client):
    for who in (user_with(Role.LEAD, region=RegionFactory()), user_with(Role.AUDITOR), user_with(Role.OPENER)):
        client.force_login(who)
        answer = client.post(address("custody_ceremony", tender, "selection"), named())
        assert answer.status_code in (403, 404)
    client.force_login(user_with(Role.AUDITOR))
    assert client.get(address("custody", tender)).status_code == 200
    assert not VaultKey.objects.exists()


def test_pages_of_a_stage_that_has_no_papers(tender, lead, client):
    assert "papieren" in client.get(address("custody_type_back", tender, "selection")).content.decode()
    assert client.get(address("custody_ceremony", tender, "niets")).status_code == 404
    Tender.objects.filter(pk=tender.pk).update(custody=Custody.OPERATOR)
    assert client.get(address("custody_ceremony", tender, "selection")).status_code == 404


def test_the_tender_says_who_keeps_the_key_and_cannot_be_published_without(tender, lead, client):
    page = client.get(address("lead_tender", tender)).content.decode()
    assert address("custody", tender) in page
    assert "papieren" in page


# Opening.


@pytest.fixture
def fair():
    """A round that is open, with its key in shares: its ceremony was held before it opened."""
    found = open_fair()
    Tender.objects.filter(pk=found.tender.pk).update(custody=Custody.CUSTODIANS)
    with triggers.ignored("procurement.Round:round_status"):
        Round.objects.filter(pk=found.round.pk).update(status=RoundStatus.PLANNED)
        before = Round.objects.get(pk=found.round.pk)
        lead = user_with(Role.LEAD, region=found.tender.region)
        found.papers = hold_ceremony(round=before, holders=HOLDERS, instead_of=None, by=lead)
        Round.objects.filter(pk=found.round.pk).update(status=RoundStatus.OPEN)
    found.tender.refresh_from_db()
    found.round.refresh_from_db()
    return found


@pytest.fixture
def openers(fair):
    return [user_with(Role.OPENER, region=fair.tender.region, is_demo=True) for _ in range(2)]


def typed(fair, *numbers):
    return {f"share_{place}": " ".join(fair.papers[number].words) for place, number in enumerate(numbers, start=1)}


def test_with_one_paper_left_it_stays_closed_and_the_page_says_what_is_left(fair, openers, client):
    """Losing too many papers, practised."""
    submission = fair.submitted()
    fair.pass_deadline()
    confirm_opening(round=fair.round, by=openers[0])
    client.force_login(openers[1])
    vault = reverse("procurement:vault_round", args=[fair.round.pk])
    page = client.get(vault).content.decode()
    assert all(holder in page for holder in HOLDERS)
    assert reverse("procurement:verify") in page
    before = list(VaultKey.objects.values_list("key__wrapped", flat=True))
    for shares in (typed(fair, 0), {**typed(fair, 0), "share_2": typed(fair, 0)["share_1"]}):
        refused = client.post(vault, {**shares, "password": PASSWORD})
        assert refused.status_code == 422
        assert refused.context["form"].errors["share_2"]
    fair.round.refresh_from_db()
    submission.refresh_from_db()
    assert fair.round.status == RoundStatus.CLOSED
    assert not VaultOpening.objects.exists()
    assert needs_shares(fair.round)
    assert list(VaultKey.objects.values_list("key__wrapped", flat=True)) == before
    assert fair.round.confirmations.count() == 1


def test_with_two_papers_it_opens(fair, openers, client):
    submission = fair.submitted()
    fair.pass_deadline()
    vault = reverse("procurement:vault_round", args=[fair.round.pk])
    client.force_login(openers[0])
    first = client.get(vault)
    assert first.context["form"].share_fields == []
    assert client.post(vault, {"password": PASSWORD}).status_code == 302
    client.force_login(openers[1])
    page = client.post(vault, {**typed(fair, 2, 0), "password": PASSWORD}, follow=True).content.decode()
    fair.round.refresh_from_db()
    assert fair.round.status == RoundStatus.OPENED
    assert submission.number in page
    assert not needs_shares(fair.round)


def test_a_mistyped_word_is_told_beside_its_paper(fair, openers, client):
    fair.pass_deadline()
    confirm_opening(round=fair.round, by=openers[0])
    client.force_login(openers[1])
    shares = typed(fair, 0, 1)
    shares["share_2"] = shares["share_2"].replace(fair.papers[1].words[8], "zorg", 1)
    page = client.post(reverse("procurement:vault_round", args=[fair.round.pk]), {**shares, "password": PASSWORD})
    assert page.status_code == 422
    assert "9" in page.context["form"].errors["share_2"][0]
    assert "no-store" in page["Cache-Control"]


def test_while_everything_is_compared_nobody_is_asked_anything(fair, openers, client):
    """A vault with many bytes is compared by a worker, after all have confirmed."""
    fair.pass_deadline()
    confirm_opening(round=fair.round, by=openers[0])
    VaultOpening.objects.create(round=fair.round)
    client.force_login(openers[1])
    page = client.get(reverse("procurement:vault_round", args=[fair.round.pk]))
    assert page.status_code == 200
    assert "vergelijkt alles" in page.content.decode()
    assert 'name="password"' not in page.content.decode()
