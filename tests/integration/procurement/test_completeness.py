"""The completeness check: judging, excluding, and until when (Aw 2.55)."""

import pytest
from django.db import DatabaseError, transaction

from achterhoek.accounts.enums import Role
from achterhoek.audit.models import AuditEvent
from achterhoek.errors import NotAllowed, RuleViolation
from procurement.enums import Completeness, EntryStatus, RoundStatus, SegmentRoundStatus, SubmissionStatus
from procurement.models import ClarificationRequest, CompletenessCheck, Entry, Round, SegmentRound, Submission
from procurement.selectors.completeness import check_rows, checks_of_tender, parts_of
from procurement.services.completeness import judge_completeness
from procurement.services.evaluation import fix_scores
from tests import triggers
from tests.concurrency import at_once
from tests.factories import RegionFactory, user_with
from tests.factories.completeness import POINT, checking, pass_term

pytestmark = pytest.mark.django_db


def statuses(submission):
    return list(submission.entries.order_by("pk").values_list("status", "status_reason"))


def set_status(segment_round, status):
    """As the steps of the evaluation would have done; this is about what may be judged then."""
    with triggers.ignored():
        SegmentRound.objects.filter(pk=segment_round.pk).update(status=status)


def test_a_judgment_can_change_until_the_scores_are_fixed():
    made = checking()
    submission = made.submissions[0]
    made.judge(submission, Completeness.COMPLETE)
    made.judge(submission, Completeness.CLARIFY, point=POINT, reason="Bijlage 2 is leeg.")
    check = made.judge(submission, Completeness.COMPLETE)
    assert (check.outcome, check.point, check.checked_by) == ("complete", "", made.lead)
    told = AuditEvent.objects.filter(action="procurement.submission.completeness_judged").order_by("pk")
    assert [event.detail["outcome"] for event in told] == ["complete", "clarify", "complete"]
    assert told[1].detail["reason"] == "Bijlage 2 is leeg."


def test_excluding_puts_out_every_segment_with_the_reason():
    made = checking(segments=2)
    excluded, other = made.submissions
    made.judge(excluded, Completeness.EXCLUDED, reason="Niet ondertekend.")
    assert statuses(excluded) == [("excluded", "Niet ondertekend.")] * 2
    assert [status for status, _ in statuses(other)] == ["admitted", "admitted"]
    events = AuditEvent.objects.filter(action="procurement.entry.exclude")
    assert {event.detail["reason"] for event in events} == {"Niet ondertekend."}
    assert events.count() == 2


def test_an_exclusion_stays():
    made = checking()
    made.judge(made.submissions[0], Completeness.EXCLUDED, reason="Niet ondertekend.")
    with pytest.raises(RuleViolation, match="uitgesloten"):
        made.judge(made.submissions[0], Completeness.COMPLETE)
    with pytest.raises(DatabaseError), transaction.atomic():
        CompletenessCheck.objects.update(outcome="complete")
    with pytest.raises(DatabaseError), transaction.atomic():
        CompletenessCheck.objects.all().delete()


def test_an_entry_that_fell_out_before_keeps_its_own_reason():
    made = checking(segments=2)
    submission = made.submissions[0]
    first = submission.entries.order_by("pk").first()
    Entry.objects.filter(pk=first.pk).update(status=EntryStatus.WITHDRAWN, status_reason="Op eigen verzoek.")
    made.judge(submission, Completeness.EXCLUDED, reason="Niet ondertekend.")
    assert statuses(submission) == [("withdrawn", "Op eigen verzoek."), ("excluded", "Niet ondertekend.")]


@pytest.mark.parametrize(
    ("outcome", "fields", "field"),
    [
        (Completeness.CLARIFY, {"point": "  "}, "point"),
        (Completeness.EXCLUDED, {"reason": " "}, "reason"),
    ],
)
def test_what_is_missing_is_asked_beside_its_field(outcome, fields, field):
    made = checking()
    with pytest.raises(RuleViolation) as refused:
        made.judge(made.submissions[0], outcome, **fields)
    assert refused.value.field == field
    assert not CompletenessCheck.objects.exists()


@pytest.mark.parametrize("status", [SegmentRoundStatus.FIXED, SegmentRoundStatus.RANKED, SegmentRoundStatus.DECIDED])
def test_nothing_is_judged_once_the_scores_of_a_segment_are_fixed(status):
    made = checking(segments=2)
    set_status(made.segment_rounds[1], status)
    with pytest.raises(RuleViolation, match=made.segment_rounds[1].segment.name):
        made.judge(made.submissions[0], Completeness.EXCLUDED, reason="Te laat bedacht.")
    assert {status for status, _ in statuses(made.submissions[0])} == {"admitted"}


def test_scores_are_not_fixed_while_something_is_to_clarify():
    made = checking(submissions=1)
    made.to_clarify()
    set_status(made.segment_rounds[0], SegmentRoundStatus.CONSENSUS)
    with pytest.raises(RuleViolation, match=made.submissions[0].number):
        fix_scores(segment_round=made.segment_rounds[0], by=made.lead)
    made.judge(made.submissions[0], Completeness.EXCLUDED, reason="Geen antwoord.")
    fix_scores(segment_round=made.segment_rounds[0], by=made.lead)


def test_while_a_question_runs_nothing_is_judged_and_after_it_everything():
    made = checking()
    made.asked()
    for outcome in Completeness:
        with pytest.raises(RuleViolation, match="termijn"):
            made.judge(made.submissions[0], outcome, point=POINT, reason="Nu al.")
    pass_term(ClarificationRequest.objects.get())
    made.judge(made.submissions[0], Completeness.COMPLETE)
    made.judge(made.submissions[1], Completeness.EXCLUDED, reason="Geen antwoord.")


def test_only_an_opened_vault_and_a_submitted_bid_are_judged():
    made = checking()
    Submission.objects.filter(pk=made.submissions[0].pk).update(status=SubmissionStatus.WITHDRAWN)
    with pytest.raises(RuleViolation):
        made.judge(made.submissions[0], Completeness.COMPLETE)
    with triggers.ignored():
        Round.objects.filter(pk=made.round.pk).update(status=RoundStatus.CLOSED, opened_at=None)
    with pytest.raises(RuleViolation):
        made.judge(made.submissions[1], Completeness.COMPLETE)
    assert check_rows(made.lead, Round.objects.get(pk=made.round.pk)) == []


def test_nobody_else_judges():
    made = checking()
    others = [
        user_with(Role.LEAD, region=RegionFactory()),
        user_with(Role.AUDITOR, region=made.round.tender.region),
        user_with(Role.EVALUATOR, region=made.round.tender.region),
        user_with(Role.OPENER, region=made.round.tender.region),
        made.member(made.submissions[0]),
    ]
    for other in others:
        with pytest.raises(NotAllowed):
            judge_completeness(submission=made.submissions[0], outcome="excluded", reason="Nee.", by=other)
    assert not CompletenessCheck.objects.exists()


def test_the_same_point_is_written_the_same():
    made = checking()
    made.judge(made.submissions[0], Completeness.CLARIFY, point="Uittreksel  ontbreekt")
    check = made.judge(made.submissions[1], Completeness.CLARIFY, point="uittreksel ontbreekt ")
    assert check.point == "Uittreksel ontbreekt"


def test_the_list_asks_as_much_of_one_as_of_many(django_assert_num_queries):
    one, many = checking(submissions=1, segments=2), checking(submissions=12, segments=2)
    for made in (one, many):
        made.asked()
        made.round = Round.objects.select_related("opening").get(pk=made.round.pk)
        made.lead.role_assignments.count()
        with django_assert_num_queries(3):
            rows = check_rows(made.lead, made.round)
        assert len(rows) == len(made.submissions)
        assert all(row.matches and len(row.segments) == 2 and len(row.clarifications) == 1 for row in rows)


def test_the_lead_panel_counts_in_one_query(django_assert_num_queries):
    made = checking(submissions=4)
    made.judge(made.submissions[0], Completeness.COMPLETE)
    made.judge(made.submissions[1], Completeness.EXCLUDED, reason="Nee.")
    made.to_clarify(*made.submissions[2:])
    made.ask(*made.submissions[2:])
    with django_assert_num_queries(1):
        (found,) = checks_of_tender(made.lead, made.round.tender)
    counted = (found.submitted, found.checked, found.to_clarify, found.excluded, found.running, found.ready)
    assert counted == (4, 4, 2, 1, 1, None)


def test_what_was_submitted_is_shown_without_a_price():
    made = checking(submissions=1)
    parts = parts_of(made.lead, made.submissions[0])
    assert [bool(part.entry) for part in parts] == [False, True]
    assert [len(part.rows) for part in parts] == [1, 1]


@pytest.mark.django_db(transaction=True)
def test_two_leads_judge_one_submission_at_once():
    made = checking(submissions=1)
    second = user_with(Role.LEAD, region=made.round.tender.region)
    judged = [
        lambda: made.judge(made.submissions[0], Completeness.EXCLUDED, reason="Niet ondertekend."),
        lambda: judge_completeness(submission=made.submissions[0], outcome="complete", by=second),
    ]
    results = at_once(*judged)
    assert all(result is None or isinstance(result, RuleViolation) for result in results), results
    # Whoever was first: the exclusion was made, and stays.
    assert CompletenessCheck.objects.get().outcome == "excluded"
    assert statuses(made.submissions[0]) == [("excluded", "Niet ondertekend.")]


@pytest.mark.django_db(transaction=True)
def test_excluding_twice_at_once_is_one_exclusion():
    made = checking(submissions=1, segments=2)
    exclude = [lambda: made.judge(made.submissions[0], Completeness.EXCLUDED, reason="Niet ondertekend.")] * 2
    results = at_once(*exclude)
    assert sorted(type(result).__name__ for result in results) == ["NoneType", "RuleViolation"]
    assert AuditEvent.objects.filter(action="procurement.entry.exclude").count() == 2


@pytest.mark.django_db(transaction=True)
def test_excluding_while_the_scores_are_fixed():
    made = checking(submissions=1)
    set_status(made.segment_rounds[0], SegmentRoundStatus.CONSENSUS)
    results = at_once(
        lambda: made.judge(made.submissions[0], Completeness.EXCLUDED, reason="Niet ondertekend."),
        lambda: fix_scores(segment_round=made.segment_rounds[0], by=made.lead),
    )
    assert all(result is None or isinstance(result, RuleViolation) for result in results), results
    # Nothing was scored or asked here, so that fixing always goes; excluding only where it came first.
    excluded = statuses(made.submissions[0])[0][0] == "excluded"
    assert excluded is (results[0] is None)
