"""Clarification: the same question, the same term and the same chance for all in the same position (Aw 1.8, 2.55)."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from achterhoek.audit.models import AuditEvent
from achterhoek.documents.gate import may_read
from achterhoek.documents.models import StoredFile
from achterhoek.errors import NotAllowed, RuleViolation
from achterhoek.mail.models import OutboxMessage
from procurement.enums import Completeness
from procurement.models import Answer, Clarification, ClarificationRequest, Submission
from procurement.selectors.completeness import answer_lines, open_clarifications, readable_clarifications
from procurement.services.clarifications import LateAnswer, answer_clarification
from tests.concurrency import at_once
from tests.factories.completeness import POINT, checking, in_hours, pass_term
from tests.factories.submissions import pdf

pytestmark = pytest.mark.django_db


def answer(clarification, text="Hierbij.", **fields):
    by = fields.pop("by", None) or clarification.submission.organisation.memberships.get().user
    return answer_clarification(clarification=clarification, answer=text, by=by, **fields)


# Asking ------------------------------------------------------------------------------------------------


def test_everybody_gets_one_mail_with_the_same_moment():
    made = checking(submissions=3)
    made.to_clarify()
    request = made.ask(subject="Geheim onderwerp", text="Geheime vraag")
    mails = OutboxMessage.objects.filter(key__startswith=f"clarification:{request.pk}:")
    assert {mail.to for mail in mails} == {s.organisation.email for s in made.submissions}
    due = timezone.localtime(request.due_at).strftime("%H:%M")
    assert all(due in mail.body for mail in mails)
    # What it is about is read in the portal only.
    assert not any("Geheim" in mail.body + mail.subject for mail in mails)
    event = AuditEvent.objects.get(action="procurement.clarification.asked")
    assert sorted(event.detail["asked"]) == sorted(s.number for s in made.submissions)
    assert (event.detail["left_out"], event.detail["difference"]) == ([], "")


def test_who_stands_in_the_same_position_is_not_left_out_without_a_reason():
    made = checking(submissions=3)
    made.to_clarify(*made.submissions[:2], point="Uittreksel ontbreekt")
    made.to_clarify(made.submissions[2], point="uittreksel  ONTBREEKT")
    with pytest.raises(RuleViolation, match=made.submissions[2].number) as refused:
        made.ask(*made.submissions[:2])
    assert refused.value.field == "difference"
    assert not ClarificationRequest.objects.exists()
    assert not OutboxMessage.objects.filter(key__startswith="clarification:").exists()
    request = made.ask(*made.submissions[:2], difference="Stuurde het al uit zichzelf na.")
    assert request.difference == "Stuurde het al uit zichzelf na."
    detail = AuditEvent.objects.get(action="procurement.clarification.asked").detail
    assert detail["left_out"] == [made.submissions[2].number]


def test_another_point_is_another_position():
    made = checking(submissions=2)
    made.to_clarify(made.submissions[0])
    made.to_clarify(made.submissions[1], point="Handtekening onleesbaar")
    assert made.ask(made.submissions[0]).clarifications.count() == 1
    with pytest.raises(RuleViolation):
        made.ask(made.submissions[1])


@pytest.mark.parametrize("outcome", [None, Completeness.COMPLETE, Completeness.EXCLUDED])
def test_only_what_is_to_clarify_is_asked(outcome):
    made = checking()
    made.to_clarify(made.submissions[0])
    if outcome:
        made.judge(made.submissions[1], outcome, reason="Nee.")
    with pytest.raises(RuleViolation):
        made.ask()
    assert not Clarification.objects.exists()


def test_a_submission_of_another_round_is_not_asked():
    made, other = checking(), checking()
    made.to_clarify()
    other.to_clarify()
    with pytest.raises(RuleViolation):
        made.ask(*made.submissions, other.submissions[0])


@pytest.mark.parametrize("ago", [timedelta(0), timedelta(seconds=1), timedelta(days=2)])
def test_a_term_lies_ahead(ago):
    made = checking()
    made.to_clarify()
    with pytest.raises(RuleViolation) as refused:
        made.ask(due_at=timezone.now() - ago)
    assert refused.value.field == "due_at"


def test_nobody_is_asked_about_a_point_twice():
    made = checking()
    made.asked()
    with pytest.raises(RuleViolation) as refused:
        made.ask()
    assert refused.value.field == "submissions"
    pass_term(ClarificationRequest.objects.get())
    with pytest.raises(RuleViolation):
        made.ask()


def test_who_is_asked_later_gets_as_many_working_days():
    made = checking()
    made.to_clarify(made.submissions[0])
    made.ask(made.submissions[0], due_at=in_hours(24 * 14))
    made.to_clarify(made.submissions[1])
    for days in (7, 21):
        with pytest.raises(RuleViolation) as refused:
            made.ask(made.submissions[1], due_at=in_hours(24 * days))
        assert refused.value.field == "due_at"
    made.ask(made.submissions[1], due_at=in_hours(24 * 14))


def test_a_sent_question_never_changes():
    made = checking()
    made.asked()
    with pytest.raises(DatabaseError), transaction.atomic():
        ClarificationRequest.objects.update(due_at=in_hours(500))
    with pytest.raises(DatabaseError), transaction.atomic():
        Clarification.objects.all().delete()


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from("ab "), min_size=4, max_size=4), st.sets(st.integers(0, 3)), st.booleans())
def test_no_choice_gives_two_terms_or_forgets_somebody_in_silence(points, chosen, explained):
    """Whatever is chosen: all who are asked have one term, and who is left out is named with a reason."""
    with transaction.atomic():
        made = checking(submissions=4)
        for submission, point in zip(made.submissions, points, strict=True):
            if point.strip():
                made.to_clarify(submission, point=point)
        asked = [made.submissions[number] for number in sorted(chosen)]
        same = {s.pk for s, point in zip(made.submissions, points, strict=True) if point == "a"}
        try:
            request = made.ask(*asked, point="A", difference="Uitgelegd." if explained else "", submissions=asked)
        except RuleViolation:
            assert not OutboxMessage.objects.filter(key__startswith="clarification:").exists()
        else:
            given_to = set(request.clarifications.values_list("submission_id", flat=True))
            assert given_to == {s.pk for s in asked}
            assert given_to <= same
            assert given_to == same or request.difference
            mails = OutboxMessage.objects.filter(key__startswith="clarification:")
            assert mails.count() == len(given_to)
        transaction.set_rollback(True)


@pytest.mark.django_db(transaction=True)
def test_sending_twice_at_once_sends_once():
    made = checking()
    made.to_clarify()
    results = at_once(*[lambda: made.ask()] * 3)
    refused = [result for result in results if result is not None]
    assert len(refused) == 2
    assert all(isinstance(result, RuleViolation) for result in refused), refused
    assert Clarification.objects.count() == OutboxMessage.objects.filter(key__startswith="clarification:").count() == 2


@pytest.mark.django_db(transaction=True)
def test_asking_while_another_judges():
    made = checking(submissions=1)
    made.to_clarify()
    results = at_once(made.ask, lambda: made.judge(made.submissions[0], Completeness.COMPLETE))
    assert sum(result is None for result in results) == 1, results
    assert all(result is None or isinstance(result, RuleViolation) for result in results), results


# Answering ---------------------------------------------------------------------------------------------


def test_an_answer_stands_beside_the_bid_and_never_changes_it():
    made = checking(submissions=1)
    member = made.member(made.submissions[0])
    for question in made.round.questions.all():
        Answer.objects.create(
            submission=made.submissions[0], question=question, text="Zoals ingediend", changed_by=member
        )
    before = [list(Answer.objects.order_by("pk").values()), made.submissions[0].__class__.objects.values().get()]
    (clarification,) = made.asked()
    answer(clarification, "Wij bedoelden iets anders.", upload=pdf())
    answer(clarification, "Of toch niet.", drop_file=True)
    after = [list(Answer.objects.order_by("pk").values()), Submission.objects.values().get()]
    assert after == before


def test_an_answer_can_change_until_the_term_and_its_file_is_replaced():
    made = checking(submissions=1)
    (clarification,) = made.asked()
    first = answer(clarification, "Eerste", upload=pdf("a.pdf"))
    again = answer(clarification, "Tweede", upload=pdf("b.pdf", pages=2))
    assert (again.answer, again.file.pages, again.file.is_sealed) == ("Tweede", 2, True)
    assert not StoredFile.objects.filter(pk=first.file_id).exists()
    kept = answer(clarification, "Derde")
    assert kept.file_id == again.file_id
    assert answer(clarification, "Vierde", drop_file=True).file is None
    assert not StoredFile.objects.filter(kind="clarification").exists()
    events = AuditEvent.objects.filter(action="procurement.clarification.answered").order_by("pk")
    assert [event.detail["again"] for event in events] == [False, True, True, True]
    assert not any(word in str(event.detail) for event in events for word in ("Eerste", "Tweede", "Derde"))


def test_late_is_late_and_the_attempt_is_written_down():
    made = checking(submissions=1)
    (clarification,) = made.asked()
    answer(clarification, "Op tijd")
    pass_term(clarification.request)
    clarification.refresh_from_db()
    with pytest.raises(LateAnswer):
        answer(clarification, "Te laat", upload=pdf())
    clarification.refresh_from_db()
    assert (clarification.answer, clarification.file) == ("Op tijd", None)
    assert not StoredFile.objects.filter(kind="clarification").exists()
    event = AuditEvent.objects.get(action="procurement.clarification.late")
    assert event.detail["due_at"] == clarification.request.due_at.isoformat()
    assert "Te laat" not in str(event.detail)


def test_a_term_that_passes_while_the_file_comes_in():
    """The first look at the clock is in time, the one that counts is not: nothing is kept, not even the file."""
    made = checking(submissions=1)
    (clarification,) = made.asked()
    request = clarification.request

    class SlowFile(SimpleUploadedFile):
        def chunks(self, *args, **kwargs):
            yield from super().chunks(*args, **kwargs)
            pass_term(ClarificationRequest.objects.get(pk=request.pk))

    upload = pdf()
    slow = SlowFile("traag.pdf", upload.read(), content_type="application/pdf")
    with pytest.raises(LateAnswer):
        answer(clarification, "Bijna", upload=slow)
    assert Clarification.objects.get().answered_at is None
    assert not StoredFile.objects.filter(kind="clarification").exists()
    assert AuditEvent.objects.filter(action="procurement.clarification.late").count() == 1


@pytest.mark.parametrize(
    "upload",
    [
        lambda: SimpleUploadedFile("leeg.pdf", b""),
        lambda: SimpleUploadedFile("plan.pdf", b"geen pdf"),
        lambda: pdf(pages=21),
    ],
)
def test_a_wrong_file_is_refused_beside_its_field(upload):
    made = checking(submissions=1)
    (clarification,) = made.asked()
    with pytest.raises(RuleViolation) as refused:
        answer(clarification, upload=upload())
    assert refused.value.field == "file"
    assert Clarification.objects.get().answered_at is None
    assert not StoredFile.objects.filter(kind="clarification").exists()


def test_an_empty_answer_is_refused():
    made = checking(submissions=1)
    (clarification,) = made.asked()
    with pytest.raises(RuleViolation) as refused:
        answer(clarification, "  \n")
    assert refused.value.field == "answer"


def test_only_the_own_team_answers():
    made = checking()
    first, second = made.asked()
    for other in (made.member(second.submission), made.lead):
        with pytest.raises(NotAllowed):
            answer(first, by=other)


@pytest.mark.django_db(transaction=True)
def test_two_tabs_with_a_file_leave_one_file():
    made = checking(submissions=1)
    (clarification,) = made.asked()
    results = at_once(
        lambda: answer(clarification, "Links", upload=pdf("links.pdf")),
        lambda: answer(clarification, "Rechts", upload=pdf("rechts.pdf")),
    )
    assert results == [None, None]
    found = Clarification.objects.get()
    assert StoredFile.objects.filter(kind="clarification").get() == found.file


# Reading -----------------------------------------------------------------------------------------------


def test_the_lead_sees_who_answered_at_once_and_what_only_when_nobody_can_gain_by_it():
    made = checking()
    first, second = made.asked()
    answered = answer(first, "Geheim antwoord", upload=pdf())
    lines = answer_lines(made.lead, first.request)
    assert [line.answered_at is not None for line in lines] == [True, False]
    assert [line.content for line in lines] == [None, None]
    assert not may_read(made.lead, answered.file)
    assert may_read(made.member(first.submission), answered.file)
    answer(second, "Ook")
    assert [line.content.answer for line in answer_lines(made.lead, first.request)] == ["Geheim antwoord", "Ook"]
    assert may_read(made.lead, answered.file)


def test_after_the_term_what_was_answered_is_read():
    made = checking()
    first, second = made.asked()
    answer(first, "Op tijd")
    pass_term(first.request)
    lines = answer_lines(made.lead, ClarificationRequest.objects.get())
    assert [line.content.answer if line.content else None for line in lines] == ["Op tijd", None]
    assert set(readable_clarifications(made.lead)) == {first, second}


def test_answers_side_by_side_ask_as_much_of_one_as_of_many(django_assert_num_queries):
    for count in (1, 9):
        made = checking(submissions=count)
        for clarification in made.asked():
            answer(clarification)
        made.lead.role_assignments.count()
        request = ClarificationRequest.objects.get(round=made.round)
        with django_assert_num_queries(2):
            assert len(answer_lines(made.lead, request)) == count


def test_open_questions_of_a_member_in_one_query(django_assert_num_queries):
    made = checking(submissions=1)
    (clarification,) = made.asked()
    member = made.member(made.submissions[0])
    with django_assert_num_queries(1):
        assert open_clarifications(member) == [clarification]
    pass_term(clarification.request)
    assert open_clarifications(member) == []
    assert clarification.request.point == POINT
