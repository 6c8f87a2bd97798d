"""The proces-verbaal of the procedure (Aw 2.132): every point is in it, and nothing that is sealed or undecided."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import ProgrammingError, transaction
from django.test import Client
from django.urls import reverse

from achterhoek.accounts.enums import Role
from achterhoek.audit.services import record
from achterhoek.clock import database_now
from achterhoek.errors import NotAllowed, RuleViolation
from achterhoek.jobs.models import Job, JobStatus
from procurement.enums import Interest, Procedure, Stage
from procurement.models import (
    AwardNotice,
    Clarification,
    ClarificationRequest,
    InterestDeclaration,
    Objection,
    ProcedureRecord,
    Tender,
)
from procurement.selectors.outage import LATE
from procurement.selectors.procedure_record import facts_digest, record_facts
from procurement.services.procedure_record import make_record, record_html, request_record
from procurement.tasks.records import make_procedure_record
from tests.factories import RegionFactory, TenderFactory, user_with
from tests.factories.decisions import adopted
from tests.factories.evaluation import seated
from tests.factories.told import made_final, taken_back, told
from tests.pdf import assert_accessible, text_of

pytestmark = pytest.mark.django_db
POINTS = "abcdefghijklmn"


def tender_of(ranked: Any) -> Tender:
    return Tender.objects.select_related("region__authority").get(pk=ranked.segment_round.round.tender_id)


def made(tender: Tender, by: Any) -> ProcedureRecord:
    job = request_record(tender=tender, by=by)
    make_procedure_record(tender.pk, by.pk, str(job.pk), ProcedureRecord.objects.filter(tender=tender).count() + 1)
    assert Job.objects.get(pk=job.pk).status == JobStatus.DONE
    return ProcedureRecord.objects.select_related("file").filter(tender=tender).order_by("-sequence")[0]


def pdf_of(record: ProcedureRecord) -> bytes:
    with record.file.file.open() as stored:
        return bytes(stored.read())


def said(tender: Tender) -> str:
    facts = record_facts(tender.pk)
    return record_html(tender, facts, digest=facts_digest(facts), number=1, at=database_now())


def test_it_says_every_point_of_the_law_in_the_pdf() -> None:
    ranked, decision = told()
    made_final(decision)
    pdf = pdf_of(made(tender_of(ranked), ranked.lead))
    assert_accessible(pdf)
    text = text_of(pdf)
    for point in POINTS:
        assert f" {point}. " in text
    tender = tender_of(ranked)
    assert tender.region.authority.name in text
    # e: who got it and why; c: who did not, and why.
    award, rejected = text.split(" e. De gegunde")[1].split(" f. Vragen")[0], text.split(" c. De afgewezen")[1]
    assert "Zorg Aan De Slinge" in award
    assert "Stichting De Berkelhof" not in award
    assert "Stichting De Berkelhof" in rejected.split(" d. Abnormaal")[0]
    assert "De commissie leest een concreet plan voor Samenwerking" in award
    assert "Ondertekend door Maud Mandaat" in award
    assert "Besluiten van de colleges" in award
    # What does not apply says so, and why.
    assert text.count("Niet van toepassing:") >= 8


def test_what_is_not_sent_is_not_in_it() -> None:
    ranked, _decision = adopted()
    text = said(tender_of(ranked))
    assert "Zorg Aan De Slinge" not in text
    assert "Maud Mandaat" not in text
    assert "er is nog geen gunningsbesluit verzonden" in text


def test_a_closed_vault_is_not_in_it(fair: Any) -> None:
    fair.submitted()
    fair.pass_deadline()
    text = said(Tender.objects.select_related("region__authority").get(pk=fair.tender.pk))
    assert "Zorg Bidder" not in text
    assert "Aantal inzendingen" not in text
    assert "De kluis is nog gesloten" in text


def test_a_decision_that_was_taken_back_is_told_with_its_reason() -> None:
    ranked, decision = told()
    taken_back(decision, reason="De weging klopte niet.")
    text = said(tender_of(ranked))
    assert "De weging klopte niet." in text
    assert "vervielen 2 gunningen" in text
    assert "er is nog geen gunningsbesluit verzonden" in text


def test_interests_are_told_in_general_words_and_objections_with_their_outcome() -> None:
    ranked, decision = told()
    member = user_with(Role.EVALUATOR, region=tender_of(ranked).region, name="Bea Beoordelaar")
    seat = seated(ranked.segment_round, member)
    InterestDeclaration.objects.filter(seat=seat, entry=ranked.entries[0]).update(superseded_at=database_now())
    InterestDeclaration.objects.create(
        seat=seat, entry=ranked.entries[0], interest=Interest.FAMILY, explanation="Mijn zus werkt daar.", parties=[],
        parties_digest="",
    )  # fmt: skip
    Objection.objects.create(
        decision=decision, organisation=ranked.entries[2].submission.organisation, kind="objection", number="BZ-1",
        grounds="Geheime gronden.", suspends=True, received_at=database_now(), registered_by=ranked.lead,
    )  # fmt: skip
    text = said(tender_of(ranked))
    assert "Bea Beoordelaar" in text
    assert "Mijn zus" not in text
    assert "BZ-1" in text
    assert "Geheime gronden" not in text


def test_what_the_portal_does_not_know_is_named() -> None:
    ranked, _decision = told()
    text = said(tender_of(ranked))
    assert "Een geraamde waarde is niet in het portaal vastgelegd" in text
    for point, words in (
        ("d", "Niet apart in het portaal vastgelegd: of een inschrijving abnormaal laag leek"),
        ("e", "Welk deel van de opdracht in onderaanneming gaat, is niet in het portaal vastgelegd"),
        ("f", "Niet in het portaal vastgelegd: vragen over de aanbesteding"),
        ("k", "is geen verklaring in het portaal vastgelegd"),
    ):
        assert words in text.split(f">{point}. ")[1].split("<h2>")[0]


def test_a_procedure_that_is_not_known_is_not_explained_away() -> None:
    ranked, _decision = told()
    tender = tender_of(ranked)
    Tender.objects.filter(pk=tender.pk).update(procedure=Procedure.UNKNOWN)
    assert "Niet in het portaal vastgelegd: welke procedure het was" in said(tender)


def test_of_a_tender_that_was_held_elsewhere_it_does_not_say_that_nothing_happened() -> None:
    tender = TenderFactory(is_history=True, status="completed", published_at=database_now())
    text = said(tender)
    assert text.count("deze aanbesteding liep niet via dit portaal") == 11
    assert "er is nog geen" not in text
    assert "indienen kon alleen elektronisch" not in text
    assert "Ieder lid van een beoordelingscommissie" not in text


def test_clarifications_late_attempts_and_the_notice_of_the_award_are_in_it() -> None:
    ranked, decision = told()
    made_final(decision)
    entry, day = ranked.entries[0], database_now()
    request = ClarificationRequest.objects.create(
        round=ranked.segment_round.round, point="bijlage", subject="De tweede bijlage", text="Wilt u die nog sturen?",
        due_at=day + timedelta(days=2), sent_by=ranked.lead,
    )  # fmt: skip
    Clarification.objects.create(request=request, submission=entry.submission)
    record(LATE, by=None, target=entry.submission, detail={"at": day.isoformat(), "what": "replace"})
    AwardNotice.objects.create(decision=decision, due_on=day.date())
    text = said(tender_of(ranked))
    assert "De tweede bijlage" in text
    assert "aan 1, beantwoord door 0" in text
    assert "kwam nog één poging om in te dienen" in text
    assert "nog niet gepubliceerd; uiterlijk op" in text
    AwardNotice.objects.update(published_at=day, published_by=ranked.lead, reference="TN-12345")
    assert "nummer TN-12345" in said(tender_of(ranked))


def test_it_is_numbered_kept_and_tells_when_something_changed(client: Client) -> None:
    ranked, decision = told()
    tender = tender_of(ranked)
    first = made(tender, ranked.lead)
    job = Job.objects.get(key=f"procedure_record:{tender.pk}:1")
    assert make_record(tender=tender, by=ranked.lead, job_id=str(job.pk), number=1) == first
    client.force_login(ranked.lead)
    url = reverse("procurement:records", args=[tender.slug])
    assert "Het nieuwste proces-verbaal zegt alles" in client.get(url).content.decode()
    made_final(decision)
    assert "Er is iets veranderd" in client.get(url).content.decode()
    second = made(tender, ranked.lead)
    assert (first.sequence, second.sequence) == (1, 2)
    assert first.digest != second.digest
    for broken in (lambda: first.delete(), lambda: ProcedureRecord.objects.update(digest="sha256:0")):
        with pytest.raises(ProgrammingError), transaction.atomic():
            broken()


def test_the_lead_and_the_auditor_of_the_region_ask_and_read_nobody_else(client: Client) -> None:
    ranked, _decision = told()
    tender = tender_of(ranked)
    file = made(tender, ranked.lead).file_id
    auditor = user_with(Role.AUDITOR, region=tender.region)
    others = [user_with(Role.LEAD, region=RegionFactory()), user_with(Role.PROVIDER), ranked.member()]
    request_record(tender=tender, by=auditor)
    for user, status in ((ranked.lead, 200), (auditor, 200), *((other, 404) for other in others)):
        client.force_login(user)
        assert client.get(reverse("documents:download", args=[file])).status_code == status
    for other in others:
        with pytest.raises(NotAllowed):
            request_record(tender=tender, by=other)
        client.force_login(other)
        assert client.get(reverse("procurement:records", args=[tender.slug])).status_code in (403, 404)


def test_there_is_none_of_a_draft() -> None:
    draft = TenderFactory(status="draft", published_at=None)
    with pytest.raises(RuleViolation):
        request_record(tender=draft, by=user_with(Role.LEAD, region=draft.region))


def test_its_facts_take_a_fixed_number_of_queries(django_assert_num_queries: Any) -> None:
    few, _decision = told(Stage.SELECTION)
    many, _more = told(
        Stage.SELECTION,
        bids=tuple((f"Zorg {n}", ("8", "6"), "selected" if n < 2 else "reserve") for n in range(9)),
        municipalities=4,
    )
    for ranked in (few, many):
        with django_assert_num_queries(QUERIES):
            record_facts(ranked.segment_round.round.tender_id)


QUERIES = 28
