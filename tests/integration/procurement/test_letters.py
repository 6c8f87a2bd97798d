"""Letters: each once, all or nothing, however often and however many workers run."""

from __future__ import annotations

import threading
from datetime import timedelta
from io import BytesIO

import pytest
from django.db import connection
from django.utils import timezone
from pypdf import PdfReader

from achterhoek.audit.models import AuditEvent
from achterhoek.clock import database_today
from achterhoek.documents.gate import may_read
from achterhoek.documents.models import StoredFile
from achterhoek.errors import NotAllowed, RuleViolation
from achterhoek.jobs.models import Job, JobStatus
from achterhoek.mail.models import OutboxMessage
from procurement.calendar_data import legal_calendar
from procurement.domain.periods import standstill_end
from procurement.enums import DecisionStatus, LetterStatus, SegmentRoundStatus, Stage
from procurement.models import Award, Letter
from procurement.selectors.letters import batch_source
from procurement.services import letter_work as letter_services
from procurement.services.decisions import request_sending, retry_letter, withdraw_decision
from procurement.services.letter_sending import mark_read
from procurement.services.letter_work import make_next_letter
from procurement.tasks.letters import send_letters
from tests.factories import member_of
from tests.factories.decisions import BIDS, adopted, batch_of, make_ranking, proposed


def mails():
    """The mails that bring letters."""
    return OutboxMessage.objects.filter(key__startswith="letter:")


def send(decision, lead) -> Job:
    """Ask for sending and let a worker do it."""
    job = request_sending(decision=decision, by=lead)
    send_letters(batch_of(decision).pk, lead.pk, str(job.pk))
    job.refresh_from_db()
    return job


@pytest.mark.django_db
def test_an_award_is_sent_with_all_letters_at_once():
    ranked, decision = adopted(Stage.AWARD)
    job = send(decision, ranked.lead)
    decision.refresh_from_db()
    ranked.segment_round.refresh_from_db()
    assert job.status == JobStatus.DONE
    assert (job.done, job.total) == (3, 3)
    assert decision.status == DecisionStatus.SENT
    assert decision.standstill_until == standstill_end(database_today(), calendar=legal_calendar())
    assert decision.objection_cutoff == database_today() + timedelta(days=20)
    assert ranked.segment_round.status == SegmentRoundStatus.DECIDED
    kinds = dict(Letter.objects.values_list("entry__submission__organisation__name", "kind"))
    assert kinds == {
        "Zorg Aan De Slinge": "awarded",
        "Coöperatie Buurtkracht": "awarded",
        "Stichting De Berkelhof": "not_awarded",
    }
    assert set(Letter.objects.values_list("status", flat=True)) == {LetterStatus.SENT}
    assert [award.entry for award in Award.objects.order_by("pk")] == ranked.entries[:2]
    assert set(Award.objects.values_list("status", flat=True)) == {"pending"}


@pytest.mark.django_db
def test_each_bidder_gets_one_mail_with_its_own_letter():
    ranked, decision = adopted(Stage.AWARD)
    send(decision, ranked.lead)
    for entry in ranked.entries:
        mail = mails().get(to=entry.submission.organisation.email)
        (attachment,) = mail.attachments.all()
        assert attachment.letter.entry == entry
    assert mails().count() == 3


@pytest.mark.django_db
def test_a_selection_has_no_standstill_and_makes_no_awards():
    ranked, decision = adopted(Stage.SELECTION)
    send(decision, ranked.lead)
    decision.refresh_from_db()
    assert decision.status == DecisionStatus.SENT
    assert decision.standstill_until is None
    assert decision.objection_cutoff is not None
    assert not Award.objects.exists()
    assert sorted(Letter.objects.values_list("kind", flat=True)) == ["not_selected", "selected", "selected"]


@pytest.mark.django_db
def test_the_tender_may_set_its_own_cut_off():
    ranked, decision = adopted(Stage.SELECTION)
    tender = ranked.segment_round.round.tender
    tender.content = {"objection_days": 15}
    tender.save()
    send(decision, ranked.lead)
    decision.refresh_from_db()
    assert decision.objection_cutoff == database_today() + timedelta(days=15)


@pytest.mark.django_db
def test_only_an_adopted_decision_is_sent_and_only_once():
    ranked, decision = proposed(Stage.AWARD)
    with pytest.raises(RuleViolation):
        request_sending(decision=decision, by=ranked.lead)
    ranked, decision = adopted(Stage.SELECTION)
    with pytest.raises(NotAllowed):
        request_sending(decision=decision, by=ranked.member())
    send(decision, ranked.lead)
    with pytest.raises(RuleViolation):
        request_sending(decision=decision, by=ranked.lead)


@pytest.mark.django_db
def test_a_task_that_comes_again_after_sending_does_nothing():
    ranked, decision = adopted(Stage.AWARD)
    job = send(decision, ranked.lead)
    sent_at = type(decision).objects.get(pk=decision.pk).sent_at
    assert send_letters(batch_of(decision).pk, ranked.lead.pk, str(job.pk)) == "sent"
    decision.refresh_from_db()
    assert decision.sent_at == sent_at
    assert (Letter.objects.count(), mails().count(), Award.objects.count()) == (3, 3, 2)
    job.refresh_from_db()
    assert job.status == JobStatus.DONE


@pytest.mark.django_db
def test_all_gaps_are_named_and_nothing_is_made():
    ranked, decision = adopted(Stage.AWARD)
    ranked.entries[2].consensus_scores.filter(criterion__code="S2").delete()
    ranked.entries[1].consensus_scores.filter(criterion__code="S1").update(reason=" ")
    organisation = ranked.entries[0].submission.organisation
    organisation.street = ""
    organisation.save()
    with pytest.raises(RuleViolation) as refused:
        request_sending(decision=decision, by=ranked.lead)
    for name in ("Zorg Aan De Slinge", "Coöperatie Buurtkracht", "Stichting De Berkelhof"):
        assert name in refused.value.message
    assert not Letter.objects.exists()


@pytest.mark.django_db
def test_a_run_that_died_half_way_is_taken_up_where_it_stopped():
    ranked, decision = adopted(Stage.AWARD)
    job = request_sending(decision=decision, by=ranked.lead)
    source = batch_source(batch_of(decision).pk)
    first = make_next_letter(source, batch_of(decision).pk)
    assert first is not None
    file_id = first.file_id
    assert not mails().exists()
    send_letters(batch_of(decision).pk, ranked.lead.pk, str(job.pk))
    first.refresh_from_db()
    assert first.file_id == file_id
    assert StoredFile.objects.filter(kind="letter").count() == 3
    assert mails().count() == 3


@pytest.mark.django_db
def test_a_letter_that_fails_shows_its_cause_and_is_retried_alone(monkeypatch):
    ranked, decision = adopted(Stage.AWARD)
    broken = ranked.entries[1].submission.number
    whole = letter_services.render_pdf

    def render(content):
        if content.submission_number == broken:
            raise OSError("disk full")
        return whole(content)

    monkeypatch.setattr(letter_services, "render_pdf", render)
    job = send(decision, ranked.lead)
    decision.refresh_from_db()
    assert job.status == JobStatus.FAILED
    assert decision.status == DecisionStatus.ADOPTED
    assert not mails().exists()
    failed = Letter.objects.get(status=LetterStatus.FAILED)
    assert failed.entry == ranked.entries[1]
    assert "disk full" in failed.error
    others = set(Letter.objects.filter(status=LetterStatus.RENDERED).values_list("pk", "file_id"))
    assert len(others) == 2

    monkeypatch.setattr(letter_services, "render_pdf", whole)
    job = retry_letter(letter=failed, by=ranked.lead)
    send_letters(batch_of(decision).pk, ranked.lead.pk, str(job.pk))
    assert others <= set(Letter.objects.values_list("pk", "file_id"))
    assert set(Letter.objects.values_list("status", flat=True)) == {LetterStatus.SENT}
    assert mails().count() == 3


@pytest.mark.django_db
def test_work_that_breaks_off_is_told_to_the_lead_who_can_ask_again(monkeypatch):
    """A job that still seems to run would keep the lead waiting for ever."""
    ranked, decision = adopted(Stage.AWARD)
    job = request_sending(decision=decision, by=ranked.lead)

    def broken(**_kwargs):
        raise OSError("the storage is gone")

    with monkeypatch.context() as patched:
        patched.setattr("procurement.tasks.letters.send_batch", broken)
        with pytest.raises(OSError, match="storage"):
            send_letters(batch_of(decision).pk, ranked.lead.pk, str(job.pk))
    job.refresh_from_db()
    assert job.status == JobStatus.FAILED
    assert job.error
    assert send(decision, ranked.lead).status == JobStatus.DONE


@pytest.mark.django_db
def test_letters_of_yesterday_are_made_anew_before_they_are_sent():
    ranked, decision = adopted(Stage.AWARD)
    job = request_sending(decision=decision, by=ranked.lead)
    made = make_next_letter(batch_source(batch_of(decision).pk), batch_of(decision).pk)
    assert made is not None
    old_file = made.file_id
    Letter.objects.filter(pk=made.pk).update(rendered_at=timezone.now() - timedelta(days=1))
    send_letters(batch_of(decision).pk, ranked.lead.pk, str(job.pk))
    made.refresh_from_db()
    assert made.status == LetterStatus.SENT
    assert made.file_id != old_file
    assert not StoredFile.objects.filter(pk=old_file).exists()
    assert AuditEvent.objects.filter(action="procurement.letter.remake").count() == 1


@pytest.mark.django_db
def test_a_withdrawn_decision_is_not_sent_by_a_late_worker():
    ranked, decision = adopted(Stage.AWARD)
    job = request_sending(decision=decision, by=ranked.lead)
    withdraw_decision(decision=decision, reason="Fout in de ranglijst.", by=ranked.lead)
    assert send_letters(batch_of(decision).pk, ranked.lead.pk, str(job.pk)) == "stopped"
    job.refresh_from_db()
    assert job.status == JobStatus.FAILED
    assert not mails().exists()
    assert set(Letter.objects.values_list("status", flat=True)) == {LetterStatus.STOPPED}


@pytest.mark.django_db
def test_a_ranking_made_while_the_letters_are_printed_stops_the_sending():
    ranked, decision = adopted(Stage.AWARD)
    job = request_sending(decision=decision, by=ranked.lead)
    make_ranking(ranked.segment_round, ranked.entries, ranked.criteria, BIDS)
    send_letters(batch_of(decision).pk, ranked.lead.pk, str(job.pk))
    job.refresh_from_db()
    decision.refresh_from_db()
    assert job.status == JobStatus.FAILED
    assert decision.status == DecisionStatus.ADOPTED


@pytest.mark.django_db
def test_a_letter_is_read_by_its_own_bidder_after_sending_only():
    ranked, decision = adopted(Stage.AWARD)
    own, rival = ranked.member(0), ranked.member(1)
    job = request_sending(decision=decision, by=ranked.lead)
    made = make_next_letter(batch_source(batch_of(decision).pk), batch_of(decision).pk)
    assert made is not None
    assert made.entry == ranked.entries[0]
    assert not may_read(own, made.file)
    assert may_read(ranked.lead, made.file)
    send_letters(batch_of(decision).pk, ranked.lead.pk, str(job.pk))
    made.refresh_from_db()
    assert may_read(own, made.file)
    assert not may_read(rival, made.file)
    assert not may_read(ranked.secretary(0), made.file)


@pytest.mark.django_db
def test_first_reading_is_noted_once_and_only_of_the_bidder():
    ranked, decision = adopted(Stage.AWARD)
    send(decision, ranked.lead)
    letter = Letter.objects.get(entry=ranked.entries[0])
    mark_read(letter=letter, by=ranked.lead)
    letter.refresh_from_db()
    assert letter.first_read_at is None
    member = member_of(letter.entry.submission.organisation)
    mark_read(letter=letter, by=member)
    letter.refresh_from_db()
    first = letter.first_read_at
    assert first is not None
    mark_read(letter=letter, by=member)
    letter.refresh_from_db()
    assert letter.first_read_at == first
    assert AuditEvent.objects.filter(action="procurement.letter.read").count() == 1


def text_of(letter: Letter) -> str:
    with letter.file.file.open("rb") as content:
        pages = PdfReader(BytesIO(content.read())).pages
        return " ".join(" ".join(page.extract_text() for page in pages).split())


@pytest.mark.django_db
def test_the_rejected_bidder_reads_the_reasons_and_the_dates():
    ranked, decision = adopted(Stage.AWARD)
    send(decision, ranked.lead)
    decision.refresh_from_db()
    text = text_of(Letter.objects.get(entry=ranked.entries[2]))
    for part in (
        "Stichting De Berkelhof",
        "Zorgstraat 1",
        "geen contract te gunnen",
        "plaats 3 van 3",
        "een totaal van 68 punten",
        "De commissie leest een concreet plan voor Samenwerking",
        "Zorg Aan De Slinge, score 10.",
        "Coöperatie Buurtkracht, score 8.",
        "Aalten en Berkelland",
        "pagina 1 van",
    ):
        assert part in text, part
    # No advantage is told where the awarded bid scored no higher.
    assert "voor Afschaling, met namen en data (Zorg Aan De Slinge)" not in text
    day = decision.standstill_until
    assert f"tot en met {day.day} " in text
    assert str(day.year) in text


@pytest.mark.django_db
def test_the_awarded_bidder_does_not_read_the_motivation_of_others():
    ranked, decision = adopted(Stage.AWARD)
    send(decision, ranked.lead)
    text = text_of(Letter.objects.get(entry=ranked.entries[0]))
    assert "voorlopig een contract te gunnen" in text
    assert "Coöperatie Buurtkracht" in text
    assert "(Coöperatie Buurtkracht)" not in text
    assert "Stichting De Berkelhof" not in text


@pytest.mark.django_db
def test_an_excluded_bidder_reads_the_reason_and_no_scores():
    bids = (*BIDS[:2], ("Thuiszorg Voorbeeld", ("0", "0"), "excluded"))
    ranked, decision = adopted(Stage.AWARD, bids=bids)
    send(decision, ranked.lead)
    text = text_of(Letter.objects.get(entry=ranked.entries[2]))
    assert "Niet volledig." in text
    assert "Zorg Aan De Slinge" in text
    assert "Uw scores" not in text


@pytest.mark.django_db(transaction=True)
def test_two_workers_on_one_batch_make_each_letter_once_and_one_mail_each():
    bids = tuple((f"Zorg Voorbeeld {i}", ("8", "8"), "selected" if i < 2 else "reserve") for i in range(8))
    ranked, decision = adopted(Stage.AWARD, bids=bids)
    job = request_sending(decision=decision, by=ranked.lead)
    barrier, states, errors = threading.Barrier(2), [], []

    def work() -> None:
        try:
            barrier.wait()
            states.append(send_letters(batch_of(decision).pk, ranked.lead.pk, str(job.pk)))
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert "sent" in states
    assert Letter.objects.filter(status=LetterStatus.SENT).count() == 8
    assert StoredFile.objects.filter(kind="letter").count() == 8
    assert mails().count() == 8
    assert AuditEvent.objects.filter(action="procurement.letter.render").count() == 8
    assert AuditEvent.objects.filter(action="procurement.decision.send").count() == 1
    job.refresh_from_db()
    assert job.status == JobStatus.DONE


@pytest.mark.django_db(transaction=True)
def test_asking_to_send_twice_at_once_makes_one_set_of_letters():
    ranked, decision = adopted(Stage.SELECTION)
    barrier, jobs, errors = threading.Barrier(2), [], []

    def ask() -> None:
        try:
            barrier.wait()
            jobs.append(request_sending(decision=decision, by=ranked.lead))
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=ask) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert len({job.pk for job in jobs}) == 1
    assert Letter.objects.count() == 3
