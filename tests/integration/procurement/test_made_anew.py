"""A decision taken back and made anew: nothing goes out too early, both stay, and the second goes its whole way."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from achterhoek.accounts.enums import Role
from achterhoek.audit.models import AuditEvent
from achterhoek.errors import NotAllowed, RuleViolation
from achterhoek.jobs.models import JobStatus
from achterhoek.mail.models import OutboxMessage
from procurement.enums import (
    AwardStatus,
    BatchStatus,
    CollegeDecisionStatus,
    DecisionStatus,
    LetterStatus,
    ReevaluationCause,
    SegmentRoundStatus,
    Stage,
)
from procurement.models import Award, Decision, Letter, LetterBatch, Participation
from procurement.selectors.decisions import visible_letters
from procurement.selectors.letters import batch_source
from procurement.services.decisions import (
    decide_as_college,
    finalise_award,
    propose_decision,
    request_sending,
    request_withdrawal,
    sign_decision,
    stop_withdrawal,
    withdraw_decision,
)
from procurement.services.dossier_evaluation import letter_parts
from procurement.services.evaluation import close_scoring, fix_scores, hand_in, record_consensus, save_score
from procurement.services.letter_work import make_next_letter
from procurement.services.ranking import rank_segment
from procurement.services.reevaluation import finish_reevaluation, start_reevaluation
from procurement.tasks.letters import send_letters
from tests.factories import MunicipalityFactory, RegionFactory, user_with
from tests.factories.decisions import BIDS, MANDATE, adopted, approved, batch_of, make_ranking, proposed
from tests.factories.evaluation import Evaluation, evaluation

pytestmark = pytest.mark.django_db
REASON = "De motivering van het eerste onderdeel hield geen stand."


def work(decision, purpose: str, by) -> None:
    """What the worker does."""
    job = request_sending(decision=decision, by=by) if purpose == "decision" else None
    if job is None:
        job = request_withdrawal(decision=decision, reason=REASON, by=by)
    batch = LetterBatch.objects.exclude(status=BatchStatus.STOPPED).get(decision=decision, purpose=purpose)
    send_letters(batch.pk, by.pk, str(job.pk))
    decision.refresh_from_db()


def refused_by_database(write) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        write()


# Nothing too early -------------------------------------------------------------------------------------


def test_the_database_lets_no_award_on_before_its_colleges_agreed():
    ranked, decision = proposed()
    forged = {"adopted_at": timezone.now(), "signed_by": ranked.mandate_holder, "mandate": MANDATE}
    rows = Decision.objects.filter(pk=decision.pk)
    refused_by_database(lambda: rows.update(status="approved"))
    refused_by_database(lambda: rows.update(status="adopted", **forged))
    row = decision.college_decisions.first()
    decide_as_college(
        college_decision=row,
        outcome="rejected",
        reservation="Nee.",
        by=user_with(Role.COLLEGE, municipality=row.municipality),
    )
    refused_by_database(lambda: rows.update(status="adopted", **forged))
    assert CollegeDecisionStatus.REJECTED in decision.college_decisions.values_list("status", flat=True)


def test_the_database_sends_no_decision_that_is_not_signed():
    _ranked, decision = approved()
    rows = Decision.objects.filter(pk=decision.pk)
    with pytest.raises(DatabaseError), transaction.atomic():
        rows.update(status="sent", sent_at=timezone.now())
    _other, ready = adopted()
    refused_by_database(
        lambda: Decision.objects.filter(pk=ready.pk).update(
            status="sent", sent_at=timezone.now(), signed_by=None, mandate=""
        )
    )


def test_the_database_sends_no_letters_before_the_decision_and_no_letter_before_its_batch():
    ranked, decision = adopted(Stage.SELECTION)
    request_sending(decision=decision, by=ranked.lead)
    batch = batch_of(decision)
    refused_by_database(lambda: LetterBatch.objects.filter(pk=batch.pk).update(status="sent", sent_at=timezone.now()))
    job = request_sending(decision=decision, by=ranked.lead)
    Decision.objects.filter(pk=decision.pk).update(status="withdrawn", withdrawn_at=timezone.now())
    send_letters(batch.pk, ranked.lead.pk, str(job.pk))
    batch.refresh_from_db()
    assert batch.status == BatchStatus.PREPARED
    made = Letter.objects.filter(batch=batch, status=LetterStatus.RENDERED)
    assert made.exists()
    refused_by_database(lambda: made.update(status="sent", sent_at=timezone.now()))


@pytest.mark.parametrize("stage", [Stage.SELECTION, Stage.AWARD])
def test_no_letters_before_the_signature(stage):
    ranked, decision = proposed(stage) if stage == Stage.SELECTION else approved(stage)
    with pytest.raises(RuleViolation):
        request_sending(decision=decision, by=ranked.lead)
    assert not LetterBatch.objects.exists()


def test_a_decision_on_an_older_ranking_is_refused_everywhere_in_words():
    ranked, decision = adopted()
    make_ranking(ranked.segment_round, ranked.entries, ranked.criteria, BIDS)
    with pytest.raises(RuleViolation, match=r"nieuwere ranglijst|newer ranking"):
        request_sending(decision=decision, by=ranked.lead)
    other, ready = approved()
    make_ranking(other.segment_round, other.entries, other.criteria, BIDS)
    with pytest.raises(RuleViolation, match=r"nieuwere ranglijst|newer ranking"):
        sign_decision(decision=ready, mandate=MANDATE, by=other.mandate_holder)


# Taken back --------------------------------------------------------------------------------------------


def test_after_sending_the_page_warns_asks_the_reason_and_withdraws_by_letter(client):
    ranked, decision = adopted()
    work(decision, "decision", ranked.lead)
    client.force_login(ranked.lead)
    url = reverse("procurement:decision_withdraw", args=[decision.pk])
    assert "nlds-alert--warning" in client.get(url).content.decode()
    refused = client.post(url, {"reason": REASON})
    assert refused.status_code == 422
    assert refused.context["form"].errors.keys() == {"confirmed"}
    assert REASON in refused.content.decode()
    answer = client.post(url, {"reason": REASON, "confirmed": "on"})
    assert "/taken/" in answer.url
    decision.refresh_from_db()
    assert decision.status == DecisionStatus.SENT, "it holds until the letters are sent"
    page = client.get(reverse("procurement:decision", args=[decision.pk])).content.decode()
    on = reverse("procurement:decision_withdraw_on", args=[decision.pk])
    assert on in page
    assert "/taken/" in client.post(on).url
    assert client.post(url, {"reason": "Toch iets anders.", "confirmed": "on"}).status_code == 422


def test_it_does_not_become_final_while_it_is_being_withdrawn():
    ranked, decision = adopted()
    work(decision, "decision", ranked.lead)
    request_withdrawal(decision=decision, reason=REASON, by=ranked.lead)
    Decision.objects.filter(pk=decision.pk).update(standstill_until=timezone.localdate() - timedelta(days=1))
    with pytest.raises(RuleViolation):
        finalise_award(decision=decision, by=ranked.lead)


def test_a_withdrawal_that_was_not_sent_is_stopped_and_can_be_asked_for_anew(client):
    """The decision stays as it was, no letter of the first withdrawal ever goes, and of the second each goes once."""
    ranked, decision = adopted()
    work(decision, "decision", ranked.lead)
    job = request_withdrawal(decision=decision, reason="Te vroeg.", by=ranked.lead)
    first = batch_of(decision, "withdrawal")
    assert make_next_letter(batch_source(first.pk), first.pk) is not None
    client.force_login(ranked.lead)
    url = reverse("procurement:decision_withdraw_stop", args=[decision.pk])
    assert url in client.get(reverse("procurement:decision", args=[decision.pk])).content.decode()
    assert "Te vroeg." in client.get(url).content.decode()
    refused = client.post(url, {"reason": " "})
    assert (refused.status_code, refused.context["form"].errors.keys()) == (422, {"reason"})
    assert client.post(url, {"reason": "De klacht is ingetrokken."}).url.endswith(f"/{decision.pk}/")
    assert set(first.letters.values_list("status", flat=True)) == {LetterStatus.STOPPED}
    assert send_letters(first.pk, ranked.lead.pk, str(job.pk)) == "stopped"
    job.refresh_from_db()
    assert (job.status, "gestopt" in job.error or "stopped" in job.error) == (JobStatus.FAILED, True)
    decision.refresh_from_db()
    first.refresh_from_db()
    assert (decision.status, first.status) == (DecisionStatus.SENT, BatchStatus.STOPPED)
    assert set(Award.objects.values_list("status", flat=True)) == {AwardStatus.PENDING}
    event = AuditEvent.objects.get(action="procurement.letterbatch.stop", target_id=str(first.pk))
    assert (event.actor, event.detail["reason"]) == (ranked.lead, "De klacht is ingetrokken.")
    assert AuditEvent.objects.filter(action="procurement.letter.stop").count() == 3
    assert client.post(url, {"reason": "Nog eens."}).status_code == 422
    page = client.get(reverse("procurement:decision", args=[decision.pk])).content.decode()
    assert "De klacht is ingetrokken." in page
    assert reverse("procurement:decision_withdraw", args=[decision.pk]) in page

    work(decision, "withdrawal", ranked.lead)
    assert (decision.status, decision.withdrawal_reason) == (DecisionStatus.WITHDRAWN, REASON)
    sent = Letter.objects.filter(decision=decision, kind="decision_withdrawn", status=LetterStatus.SENT)
    assert sorted(sent.values_list("entry_id", flat=True)) == sorted(entry.pk for entry in ranked.entries)
    assert OutboxMessage.objects.filter(key__in=[f"letter:{letter.pk}" for letter in first.letters.all()]).count() == 0
    refused_by_database(lambda: first.letters.update(status="sent", sent_at=timezone.now()))
    assert client.post(url, {"reason": "Te laat."}).status_code == 422
    found = [part.path for part in letter_parts(visible_letters(ranked.lead).filter(decision=decision), "x")]
    assert len(found) == len(set(found)) == 1 + 3 + 1 + 3, "what stands in the file does not write over what was sent"


def test_only_the_lead_of_the_region_stops_a_withdrawal():
    ranked, decision = adopted()
    work(decision, "decision", ranked.lead)
    with pytest.raises(RuleViolation):
        stop_withdrawal(decision=decision, reason="Niets te stoppen.", by=ranked.lead)
    request_withdrawal(decision=decision, reason=REASON, by=ranked.lead)
    for somebody in (user_with(Role.LEAD, region=RegionFactory()), ranked.member(), ranked.mandate_holder):
        with pytest.raises(NotAllowed):
            stop_withdrawal(decision=decision, reason="Nee.", by=somebody)
    assert batch_of(decision, "withdrawal").status == BatchStatus.PREPARED


def test_a_college_that_rejects_stops_it_and_the_lead_makes_it_anew(client):
    ranked, first = proposed()
    row = first.college_decisions.get(municipality=ranked.municipalities[0])
    decide_as_college(college_decision=row, outcome="rejected", reservation="Wij missen keuze.", by=ranked.secretary(0))
    client.force_login(ranked.lead)
    page = client.get(reverse("procurement:decision", args=[first.pk])).content.decode()
    assert "Wij missen keuze." in page
    assert reverse("procurement:decision_withdraw", args=[first.pk]) in page
    withdraw_decision(decision=first, reason="Aalten gaat niet akkoord.", by=ranked.lead)
    tender = reverse("procurement:lead_tender", args=[ranked.segment_round.round.tender.slug])
    assert reverse("procurement:decision", args=[first.pk]) in client.get(tender).content.decode()
    second = propose_decision(segment_round=ranked.segment_round, by=ranked.lead)
    listed = client.get(tender).content.decode()
    assert reverse("procurement:decision", args=[second.pk]) in listed
    assert reverse("procurement:decision", args=[first.pk]) not in listed
    page = client.get(reverse("procurement:decision", args=[second.pk])).content.decode()
    assert "Aalten gaat niet akkoord." in page
    assert reverse("procurement:decision", args=[first.pk]) in page
    client.force_login(ranked.secretary(0))
    kept = client.get(reverse("procurement:college_decision", args=[row.pk])).content.decode()
    assert "Wij missen keuze." in kept
    assert "Aalten gaat niet akkoord." in kept


# The whole way -----------------------------------------------------------------------------------------


def ranked_award() -> tuple[Evaluation, list[object]]:
    made = evaluation(entries=2, stage=Stage.AWARD, places=1)
    region = made.region
    towns = [MunicipalityFactory(region=region) for _ in range(2)]
    for town in towns:
        Participation.objects.create(segment=made.segment_round.segment, municipality=town, participates=True)
    made.to_fixed(["6", "8"])
    rank_segment(segment_round=made.segment_round, by=made.lead)
    made.segment_round.refresh_from_db()
    return made, [user_with(Role.COLLEGE, municipality=town) for town in towns]


def decided_and_sent(made: Evaluation, secretaries) -> Decision:
    decision = propose_decision(segment_round=made.segment_round, by=made.lead)
    for row in decision.college_decisions.all():
        by = next(s for s in secretaries if s.role_assignments.filter(municipality=row.municipality_id).exists())
        decide_as_college(college_decision=row, outcome="approved", by=by)
    decision.refresh_from_db()
    sign_decision(decision=decision, mandate=MANDATE, by=user_with(Role.MANDATE, region=made.region))
    decision.refresh_from_db()
    work(decision, "decision", made.lead)
    assert decision.status == DecisionStatus.SENT
    return decision


def scored_again(made: Evaluation, values) -> None:
    criterion = made.criteria[0]
    for user in made.evaluators:
        for entry, value in zip(made.entries, values, strict=True):
            save_score(entry=entry, criterion=criterion, value=Decimal(value), reason="Opnieuw gewogen.", by=user)
        hand_in(segment_round=made.segment_round, by=user)
    made.segment_round = close_scoring(segment_round=made.segment_round, by=made.lead)
    for entry, value in zip(made.entries, values, strict=True):
        record_consensus(
            entry=entry, criterion=criterion, value=Decimal(value), reason="Opnieuw gewogen.", by=made.lead
        )
    made.segment_round = fix_scores(segment_round=made.segment_round, by=made.lead)
    rank_segment(segment_round=made.segment_round, by=made.lead)


def test_sent_withdrawn_by_letters_scored_again_and_decided_anew(client):
    made, secretaries = ranked_award()
    first = decided_and_sent(made, secretaries)
    assert Award.objects.get(decision=first).entry == made.entries[1]

    # The objection was upheld; the decision is taken back by letters to all.
    work(first, "withdrawal", made.lead)
    assert (first.status, first.withdrawal_reason) == (DecisionStatus.WITHDRAWN, REASON)
    assert Award.objects.get(decision=first).status == AwardStatus.CANCELLED
    refused_by_database(lambda: Award.objects.filter(decision=first).update(status="active"))
    made.segment_round.refresh_from_db()
    assert made.segment_round.status == SegmentRoundStatus.RANKED
    told = Letter.objects.filter(decision=first, kind="decision_withdrawn", status=LetterStatus.SENT)
    assert {letter.entry_id for letter in told} == {entry.pk for entry in made.entries}

    start_reevaluation(
        segment_round=made.segment_round, cause=ReevaluationCause.OBJECTION, reason=REASON,
        criteria=made.criteria[:1], by=made.lead,
    )  # fmt: skip
    made.segment_round.refresh_from_db()
    scored_again(made, ["10", "2"])
    made.segment_round.refresh_from_db()
    with pytest.raises(RuleViolation):
        propose_decision(segment_round=made.segment_round, by=made.lead)
    finish_reevaluation(segment_round=made.segment_round, explanation="Beter onderbouwd.", by=made.lead)

    second = decided_and_sent(made, secretaries)
    assert second.ranking.sequence == first.ranking.sequence + 1
    assert Award.objects.get(decision=second).entry == made.entries[0]
    assert Letter.objects.filter(status=LetterStatus.SENT).count() == 6
    actions = AuditEvent.objects.filter(target_type="procurement.decision").values_list("action", flat=True)
    assert "procurement.decision.take_back" in set(actions)

    client.force_login(made.lead)
    shown = client.get(reverse("procurement:decision", args=[second.pk]))
    others = shown.context["others"]
    assert [one.pk for one in others.decisions] == [second.pk, first.pk]
    assert [one.digest for one in others.decisions] == [second.ranking.digest, first.ranking.digest]
    assert all(told.differs for told in others.bidders)
    assert REASON in shown.content.decode()
    old = client.get(reverse("procurement:decision", args=[first.pk])).content.decode()
    assert reverse("procurement:decision_propose", args=[made.segment_round.pk]) not in old
