"""The life of a submission: what a bidder and the law would notice."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from achterhoek.audit.models import AuditEvent
from achterhoek.documents.models import StoredFile
from achterhoek.errors import NotAllowed, RuleViolation
from achterhoek.mail.models import OutboxMessage
from procurement.domain.proof import digest_of
from procurement.enums import RoundStatus, SubmissionStatus
from procurement.models import DraftAnswer, Receipt, Round, SealedPackage, Submission
from procurement.selectors.checklist import checklist
from procurement.services.answers import save_answers
from procurement.services.opening import compare
from procurement.services.submissions import (
    IncompleteSubmission,
    LateSubmission,
    change_segments,
    keep_submission,
    reopen_submission,
    replace_submission,
    start_submission,
    submit_submission,
    withdraw_submission,
)
from procurement.tasks.receipts import mail_receipts
from tests.factories import SegmentFactory, SegmentRoundFactory, member_of, user_with
from tests.factories.submissions import content, pdf

pytestmark = pytest.mark.django_db


def actions(target) -> list[str]:
    return list(AuditEvent.objects.filter(target_id=str(target.pk)).order_by("id").values_list("action", flat=True))


def test_a_draft_begins_for_the_chosen_segments_once_an_organisation(fair):
    organisation, by = fair.bidder()
    made = start_submission(round=fair.round, organisation=organisation, segments=fair.segments[:1], by=by)
    assert made.status == SubmissionStatus.DRAFT
    assert [entry.segment for entry in made.entries.all()] == fair.segments[:1]
    with pytest.raises(RuleViolation, match="al een inzending"):
        start_submission(round=fair.round, organisation=organisation, segments=fair.segments, by=by)


def test_only_members_begin_and_only_for_offered_segments(fair):
    organisation, by = fair.bidder()
    stranger = fair.bidder("Ander")[1]
    with pytest.raises(NotAllowed):
        start_submission(round=fair.round, organisation=organisation, segments=fair.segments, by=stranger)
    own_track = SegmentFactory(tender=fair.tender, own_track=True)
    SegmentRoundFactory(round=fair.round, segment=own_track)
    for wrong in ([], [own_track], [SegmentFactory()]):
        with pytest.raises(RuleViolation) as refused:
            start_submission(round=fair.round, organisation=organisation, segments=wrong, by=by)
        assert refused.value.field == "segments"
    assert not Submission.objects.exists()


def test_a_draft_is_saved_in_parts_and_one_wrong_answer_holds_back_no_other(fair):
    organisation, by = fair.bidder()
    draft = start_submission(round=fair.round, organisation=organisation, segments=fair.segments, by=by)
    keys = fair.questions(fair.segments[0])
    saved = save_answers(
        submission=draft,
        answers={keys["text"]: "x" * 101, keys["price"]: Decimal("99.95"), keys["file"]: pdf(pages=3)},
        by=by,
    )
    assert set(saved.refused) == {keys["text"], keys["file"]}
    assert "plan.pdf" in saved.refused[keys["file"]]
    assert [given.number for given in content(draft).answers.values()] == [Decimal("99.95")]
    assert StoredFile.objects.count() == 0


def test_what_is_no_pdf_is_refused_by_its_content(fair):
    organisation, by = fair.bidder()
    draft = start_submission(round=fair.round, organisation=organisation, segments=fair.segments, by=by)
    key = fair.questions(fair.segments[0])["file"]
    fake = SimpleUploadedFile("plan.pdf", b"MZ not a pdf", content_type="application/pdf")
    assert set(save_answers(submission=draft, answers={key: fake}, by=by).refused) == {key}


def test_a_replaced_file_goes_and_the_same_file_stays(fair):
    draft = fair.draft()
    by = draft.created_by
    key = fair.questions(fair.segments[0])["file"]
    before = content(draft).answers[key].file
    save_answers(submission=draft, answers={key: pdf()}, by=by)
    assert content(draft).answers[key].file == before
    save_answers(submission=draft, answers={key: pdf("ander.pdf", pages=2)}, by=by)
    assert content(draft).answers[key].file.name == "ander.pdf"
    assert not StoredFile.objects.filter(pk=before.pk).exists()
    save_answers(submission=draft, answers={key: None}, by=by)
    assert content(draft).answers[key].file is None
    assert StoredFile.objects.count() == 1  # the other segment's


def test_questions_of_segments_that_are_not_chosen_cannot_be_answered(fair):
    draft = fair.draft(fair.segments[0])
    strange = fair.questions(fair.segments[1])["text"]
    with pytest.raises(RuleViolation):
        save_answers(submission=draft, answers={strange: "x"}, by=draft.created_by)


def test_checklist_counts_what_is_asked_and_missing(fair):
    draft = fair.draft()
    assert checklist(draft, content(draft)).complete
    key = fair.questions(fair.segments[0])["text"]
    save_answers(submission=draft, answers={key: ""}, by=draft.created_by)
    state = checklist(draft, content(draft))
    assert (state.asked, state.missing) == (11, 1)
    assert len(state.gaps()) == 1
    assert fair.segments[0].name in state.gaps()[0]


def test_a_requirement_that_is_not_met_needs_its_reason(fair):
    draft = fair.draft()
    requirement = fair.round.requirements.get(segment=None)
    save_answers(submission=draft, answers={}, confirmations={requirement.pk: (False, "")}, by=draft.created_by)
    assert checklist(draft, content(draft)).missing == 1
    save_answers(
        submission=draft, answers={}, confirmations={requirement.pk: (False, "Certificaat volgt.")}, by=draft.created_by
    )
    assert checklist(draft, content(draft)).complete


def test_submitting_gives_a_receipt_of_everything_and_mails_it(fair):
    draft = fair.draft()
    receipt = submit_submission(submission=draft, by=draft.created_by)
    submission = Submission.objects.get(pk=draft.pk)
    assert submission.status == SubmissionStatus.SUBMITTED
    assert submission.submitted_at == receipt.at < fair.round.deadline
    assert receipt.number == f"{submission.number}-1"
    assert receipt.digest == digest_of(receipt.manifest)
    assert [item.line["matches"] for item in compare(fair.round)] == [True]
    assert receipt.manifest["segments"] == sorted(s.slug for s in fair.segments)
    assert len(receipt.manifest["answers"]) == 8
    assert len(receipt.manifest["requirements"]) == 3
    assert {a["sha256"] for a in receipt.manifest["answers"] if "file_size" in a} == set(
        StoredFile.objects.values_list("sha256", flat=True)
    )
    assert mail_receipts() == 1
    assert set(OutboxMessage.objects.values_list("to", flat=True)) == {
        draft.created_by.email, submission.organisation.email,
    }  # fmt: skip
    assert receipt.digest in OutboxMessage.objects.first().body
    assert actions(submission) == [
        "procurement.submission.start", "procurement.submission.save", "procurement.submission.submit",
    ]  # fmt: skip


def test_the_log_holds_nothing_of_what_is_sealed(fair):
    submission = fair.submitted()
    for event in AuditEvent.objects.filter(target_id=str(submission.pk)):
        assert "vaste teams" not in str(event.detail)
        assert submission.organisation.name not in str(event.detail) + event.target_label


def test_incomplete_is_refused_with_all_gaps(fair):
    draft = fair.draft()
    first, second = (fair.questions(segment)["text"] for segment in fair.segments)
    save_answers(submission=draft, answers={first: "", second: ""}, by=draft.created_by)
    with pytest.raises(IncompleteSubmission) as refused:
        submit_submission(submission=draft, by=draft.created_by)
    assert len(refused.value.gaps) == 2
    assert not Receipt.objects.exists()


def test_only_a_signatory_of_the_organisation_submits(fair):
    draft = fair.draft()
    helper = member_of(draft.organisation, signatory=False)
    for wrong in (helper, fair.bidder("Ander")[1], user_with("lead"), user_with("admin")):
        with pytest.raises(NotAllowed):
            submit_submission(submission=draft, by=wrong)
    assert not Receipt.objects.exists()


@pytest.mark.parametrize("closed", [False, True])
def test_late_is_refused_and_written_down(fair, closed):
    draft = fair.draft()
    fair.pass_deadline()
    if closed:
        Round.objects.filter(pk=fair.round.pk).update(status=RoundStatus.CLOSED)
    with pytest.raises(LateSubmission):
        submit_submission(submission=draft, by=draft.created_by)
    draft.refresh_from_db()
    assert draft.status == SubmissionStatus.DRAFT
    assert actions(draft)[-1] == "procurement.submission.late"


def test_the_deadline_itself_is_late(fair, monkeypatch):
    """In time is before the deadline: at the very moment the round is over."""
    draft = fair.draft()
    moment = fair.round.deadline
    monkeypatch.setattr("procurement.services.locks.database_now", lambda: moment)
    with pytest.raises(LateSubmission):
        submit_submission(submission=draft, by=draft.created_by)
    monkeypatch.setattr("procurement.services.locks.database_now", lambda: moment - timedelta(microseconds=1))
    assert submit_submission(submission=draft, by=draft.created_by).at < moment


def test_the_database_clock_judges_and_not_the_machines(fair, monkeypatch):
    draft = fair.draft()
    fair.pass_deadline()
    monkeypatch.setattr(timezone, "now", lambda: fair.round.deadline - timedelta(days=1))
    with pytest.raises(LateSubmission):
        submit_submission(submission=draft, by=draft.created_by)


def test_after_submitting_nothing_changes(fair):
    submission = fair.submitted()
    by = submission.created_by
    key = fair.questions(fair.segments[0])["text"]
    with pytest.raises(RuleViolation):
        save_answers(submission=submission, answers={key: "anders"}, by=by)
    with pytest.raises(RuleViolation):
        change_segments(submission=submission, segments=fair.segments[:1], by=by)
    with pytest.raises(RuleViolation):
        submit_submission(submission=submission, by=by)
    assert submission.receipts.count() == 1


def test_withdraw_reopen_change_and_submit_again(fair):
    submission = fair.submitted()
    by = submission.created_by
    first = submission.receipts.get()
    with pytest.raises(RuleViolation):
        reopen_submission(submission=submission, by=by)
    withdrawn = withdraw_submission(submission=submission, by=by)
    assert withdrawn.kind == "withdrawal"
    assert withdrawn.manifest["withdraws"] == first.digest
    with pytest.raises(RuleViolation):
        save_answers(submission=submission, answers={}, by=by)
    reopen_submission(submission=submission, by=by)
    assert len(content(submission).answers) == 8
    key = fair.questions(fair.segments[0])["file"]
    save_answers(submission=submission, answers={key: pdf("nieuw.pdf", pages=2)}, by=by)
    second = submit_submission(submission=submission, by=by)
    assert (first.number[:-1], second.number[-1]) == (second.number[:-1], "3")
    assert second.digest != first.digest
    # What the first receipt proves is kept.
    assert StoredFile.objects.filter(sha256__in=[a["sha256"] for a in first.manifest["answers"]]).exists()


def test_withdrawing_and_reopening_end_at_the_deadline(fair):
    submission, other = fair.submitted(), fair.submitted()
    withdraw_submission(submission=other, by=other.created_by)
    fair.pass_deadline()
    with pytest.raises(LateSubmission):
        withdraw_submission(submission=submission, by=submission.created_by)
    with pytest.raises(LateSubmission):
        reopen_submission(submission=other, by=other.created_by)


def test_a_helper_may_not_withdraw(fair):
    submission = fair.submitted()
    with pytest.raises(NotAllowed):
        withdraw_submission(submission=submission, by=member_of(submission.organisation, signatory=False))


def test_answers_of_a_segment_taken_off_are_kept_in_the_draft_but_not_submitted(fair):
    draft = fair.draft()
    by = draft.created_by
    change_segments(submission=draft, segments=fair.segments[:1], by=by)
    assert len(content(draft).answers) == 8
    change_segments(submission=draft, segments=fair.segments, by=by)
    assert checklist(draft, content(draft)).complete
    change_segments(submission=draft, segments=fair.segments[:1], by=by)
    receipt = submit_submission(submission=draft, by=by)
    assert {a["segment"] for a in receipt.manifest["answers"]} == {"", fair.segments[0].slug}
    assert len(content(draft).answers) == 5


def test_receipts_can_never_be_changed(fair):
    from django.db import InternalError, transaction
    from django.db.utils import DatabaseError

    receipt = fair.submitted().receipts.get()
    for change in (
        lambda: Receipt.objects.filter(pk=receipt.pk).update(digest="x"),
        lambda: Receipt.objects.filter(pk=receipt.pk)._raw_delete("default"),
    ):
        with pytest.raises((InternalError, DatabaseError)), transaction.atomic():
            change()


def test_submitting_leaves_nothing_unsealed_behind(fair):
    """Only the key of the round opens what was handed in: no draft, and no file that the team's key still opens."""
    submission = fair.submitted()
    assert not DraftAnswer.objects.exists()
    assert not submission.answers.exists()
    assert set(StoredFile.objects.values_list("envelope", "sealing_key", "name")) == {(None, None, "")}
    assert SealedPackage.objects.get().files.count() == 2


def test_the_team_reads_back_what_it_submitted(fair):
    draft = fair.draft()
    before = {key: given.value.plain for key, given in content(draft).answers.items()}
    submit_submission(submission=draft, by=draft.created_by)
    after = content(draft)
    assert {key: given.value.plain for key, given in after.answers.items()} == before
    assert len(after.confirmations) == 3


def test_what_was_submitted_counts_until_its_replacement_is_submitted(fair):
    submission = fair.submitted()
    by = submission.created_by
    first = submission.receipts.get()
    key = fair.questions(fair.segments[0])["text"]
    replace_submission(submission=submission, by=by)
    save_answers(submission=submission, answers={key: "Beter."}, by=by)
    with pytest.raises(RuleViolation):
        change_segments(submission=submission, segments=fair.segments[:1], by=by)
    assert Submission.objects.get(pk=submission.pk).status == SubmissionStatus.SUBMITTED
    assert [item.receipt for item in compare(fair.round)] == [first]
    second = submit_submission(submission=submission, by=by)
    assert second.number.endswith("-2")
    assert not DraftAnswer.objects.exists()
    (found,) = compare(fair.round)
    assert (found.receipt, found.line["matches"]) == (second, True)
    assert content(submission).answers[key].text == "Beter."


def test_a_replacement_that_is_thrown_away_or_late_changes_nothing(fair):
    kept, late = fair.submitted(), fair.submitted()
    key = fair.questions(fair.segments[0])["text"]
    for submission in (kept, late):
        replace_submission(submission=submission, by=submission.created_by)
        save_answers(submission=submission, answers={key: "Anders."}, by=submission.created_by)
    keep_submission(submission=kept, by=kept.created_by)
    assert content(kept).answers[key].text == "Wij werken met vaste teams."
    fair.pass_deadline()
    with pytest.raises(LateSubmission):
        submit_submission(submission=late, by=late.created_by)
    assert all(item.line["matches"] for item in compare(fair.round))
    fair.open_vault()
    assert set(late.answers.filter(question=key).values_list("text", flat=True)) == {"Wij werken met vaste teams."}
