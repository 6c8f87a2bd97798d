"""The safety net of Aw 2.109a: a bid is in time by a fingerprint that came before the deadline."""

import json
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from achterhoek.accounts.enums import Role
from achterhoek.audit.models import AuditEvent
from achterhoek.errors import NotAllowed, RuleViolation
from achterhoek.mail.models import OutboxMessage
from achterhoek.mail.selectors import unsealed
from procurement.domain.proof import check_package, check_receipt, digest_of
from procurement.enums import SubmissionStatus
from procurement.models import DraftAnswer, Fingerprint, Receipt, Submission
from procurement.selectors.content import current_package, open_package, round_secret
from procurement.selectors.fingerprints import net_ends_at, safety_net
from procurement.services.fingerprints import OtherPackage, receive_package, register_fingerprint
from procurement.services.locks import LateSubmission
from procurement.services.rounds import close_if_due
from procurement.services.submissions import (
    IncompleteSubmission,
    keep_submission,
    replace_submission,
    submit_submission,
    withdraw_submission,
)
from tests.factories import UserFactory, member_of, user_with
from tests.factories.packages import answers_of, as_upload, sha256, signer, zipped
from tests.factories.submissions import content, open_fair
from tests.integration.procurement.fingerprints import clock, register, send, unchanged

pytestmark = pytest.mark.django_db
AMSTERDAM = ZoneInfo("Europe/Amsterdam")


@pytest.fixture
def draft(fair):
    return fair.draft()


def test_a_fingerprint_is_confirmed_with_its_moment(fair, draft):
    package = zipped(answers_of(fair))
    made = register(draft, package)
    assert made.method == "SHA-256"
    assert made.at < fair.round.deadline
    mails = OutboxMessage.objects.filter(key__startswith=f"fingerprint:{made.pk}:")
    assert {mail.to for mail in mails} == {signer(draft).email.lower(), draft.organisation.email.lower()}
    assert all(sha256(package) in mail.body for mail in mails)
    assert AuditEvent.objects.filter(action="procurement.submission.fingerprint").count() == 1
    # Who registered one is not read in the outbox before the vault is open.
    assert not unsealed(OutboxMessage.objects.filter(key__startswith="fingerprint:")).exists()


def in_pairs(digest: str) -> str:
    return " ".join(digest[at : at + 2] for at in range(0, 64, 2))


@pytest.mark.parametrize("form", [str.upper, in_pairs, lambda digest: f"sha256:{digest}"])
def test_it_is_read_as_people_paste_it(draft, form):
    digest = "0123456789abcdef" * 4
    assert register_fingerprint(submission=draft, digest=form(digest), by=signer(draft)).digest == digest


@pytest.mark.parametrize("wrong", ["", "abc", "g" * 64, "0" * 63, "0" * 65])
def test_what_is_no_fingerprint_is_refused(draft, wrong):
    with pytest.raises(RuleViolation) as refused:
        register_fingerprint(submission=draft, digest=wrong, by=signer(draft))
    assert refused.value.field == "digest"


def test_a_fingerprint_after_the_deadline_is_refused_and_written_down(fair, draft):
    fair.pass_deadline()
    with pytest.raises(LateSubmission):
        register_fingerprint(submission=draft, digest="0" * 64, by=signer(draft))
    assert not Fingerprint.objects.exists()
    assert AuditEvent.objects.get(action="procurement.submission.late").detail["what"] == "fingerprint"


def test_only_the_team_registers(draft):
    for stranger in (UserFactory(), member_of(open_fair().draft().organisation), user_with(Role.LEAD)):
        with pytest.raises(NotAllowed):
            register_fingerprint(submission=draft, digest="0" * 64, by=stranger)


def test_the_same_one_twice_counts_once(fair, draft):
    register_fingerprint(submission=draft, digest="0" * 64, by=signer(draft))
    with pytest.raises(RuleViolation, match=r"al vastgelegd|already"):
        register_fingerprint(submission=draft, digest="0" * 64, by=signer(draft))


def test_there_is_an_end_to_how_many(draft):
    for number in range(20):
        register_fingerprint(submission=draft, digest=f"{number:064x}", by=signer(draft))
    with pytest.raises(RuleViolation):
        register_fingerprint(submission=draft, digest="f" * 64, by=signer(draft))


@pytest.mark.parametrize(
    ("deadline", "ends"),
    [
        ("2027-03-09 12:00", "2027-03-11 00:00"),  # a Tuesday: all of Wednesday
        ("2027-03-12 12:00", "2027-03-16 00:00"),  # a Friday: all of Monday
        ("2027-03-25 17:00", "2027-03-31 00:00"),  # Maundy Thursday: Good Friday and Easter Monday do not count
        ("2027-03-09 23:59", "2027-03-11 00:00"),  # the hour of the deadline does not matter
    ],
)
def test_one_working_day_by_the_general_terms_act(deadline, ends):
    def moment(text):
        return datetime.fromisoformat(text).replace(tzinfo=AMSTERDAM)

    assert net_ends_at(moment(deadline)) == moment(ends)


def test_the_package_makes_it_a_submission_in_time(fair, draft):
    package = zipped(answers_of(fair))
    register(draft, package)
    fair.pass_deadline()
    receipt = send(draft, package)
    found = Submission.objects.get(pk=draft.pk)
    assert found.status == SubmissionStatus.SUBMITTED
    assert found.submitted_at == receipt.at > fair.round.deadline
    assert receipt.manifest["in_time_by"] == f"sha256:{sha256(package)}"
    assert receipt.digest == digest_of(receipt.manifest)
    assert Fingerprint.objects.get().received_at == receipt.at
    assert not DraftAnswer.objects.filter(submission=draft).exists()
    assert content(found).answers[fair.questions()["number"]].value.plain == "12.5"


def test_the_team_can_check_the_receipt_with_its_own_package(fair, draft):
    """The salts of the package are kept, so that its answers open what the receipt commits to."""
    answers = answers_of(fair)
    package = zipped(answers)
    register(draft, package)
    fair.pass_deadline()
    receipt = send(draft, package)
    assert check_receipt(json.dumps(receipt.manifest).encode()).digest == receipt.digest
    lines = check_package(receipt.manifest, answers)
    assert lines
    assert {line.status for line in lines} == {"ok"}


def test_it_opens_with_the_others_and_matches(fair, draft):
    package = zipped(answers_of(fair))
    register(draft, package)
    fair.pass_deadline()
    send(draft, package)
    opening = fair.open_vault()
    (line,) = opening.submissions
    assert line["matches"] is True
    sealed = current_package(Submission.objects.get(pk=draft.pk))
    assert open_package(sealed, round_secret(fair.round.pk)).answers


def test_another_package_changes_nothing_and_says_what_it_is(fair, draft):
    register(draft, zipped(answers_of(fair)))
    fair.pass_deadline()
    other = zipped(answers_of(fair), **{"LEESMIJ.txt": b"anders"})
    with pytest.raises(OtherPackage) as refused:
        send(draft, other)
    assert sha256(other) in refused.value.message
    assert unchanged(draft)
    event = AuditEvent.objects.get(action="procurement.submission.package_refused")
    assert event.detail == {"computed": sha256(other)}


def test_one_byte_is_enough_to_be_refused(fair, draft):
    package = zipped(answers_of(fair))
    register(draft, package)
    fair.pass_deadline()
    spoilt = bytearray(package)
    spoilt[len(spoilt) // 2] ^= 1
    with pytest.raises(OtherPackage):
        send(draft, bytes(spoilt))
    assert unchanged(draft)


def test_the_last_second_counts_and_the_next_does_not(fair, draft):
    package = zipped(answers_of(fair))
    register(draft, package)
    fair.pass_deadline()
    close_if_due(round=fair.round)
    ends = net_ends_at(fair.round.deadline)
    with clock(ends), pytest.raises(LateSubmission):
        send(draft, package)
    assert unchanged(draft)
    assert AuditEvent.objects.get(action="procurement.submission.late").detail["what"] == "package"
    with clock(ends - timedelta(microseconds=1)):
        assert send(draft, package).at < ends


def test_before_the_deadline_one_submits_in_the_usual_way(fair, draft):
    package = zipped(answers_of(fair))
    register(draft, package)
    with pytest.raises(RuleViolation) as refused:
        send(draft, package)
    assert not isinstance(refused.value, LateSubmission)
    assert unchanged(draft)


def test_a_package_comes_in_once(fair, draft):
    package = zipped(answers_of(fair))
    register(draft, package)
    fair.pass_deadline()
    send(draft, package)
    with pytest.raises(RuleViolation):
        send(draft, package)
    assert Receipt.objects.count() == 1


def test_any_of_several_fingerprints(fair, draft):
    first, second = zipped(answers_of(fair)), zipped(answers_of(fair), **{"LEESMIJ.txt": b"twee"})
    register(draft, first)
    register(draft, second)
    fair.pass_deadline()
    assert send(draft, first).manifest["in_time_by"].endswith(sha256(first))
    # What came in settled the matter: the other one counts no more.
    assert not safety_net(Submission.objects.select_related("round").get(pk=draft.pk), timezone.now()).may_send


def test_without_a_fingerprint_nothing_comes_in(fair, draft):
    fair.pass_deadline()
    with pytest.raises(RuleViolation):
        send(draft, zipped(answers_of(fair)))
    assert unchanged(draft)


def test_what_a_team_did_last_counts(fair, draft):
    """Who submits or withdraws after registering has said something later."""
    package, by = zipped(answers_of(fair)), signer(draft)
    register(draft, package)
    submit_submission(submission=draft, by=by)
    fair.pass_deadline()
    with pytest.raises(RuleViolation):
        send(draft, package)
    assert Receipt.objects.count() == 1


def test_a_withdrawal_after_the_fingerprint_counts(fair, draft):
    package, by = zipped(answers_of(fair)), signer(draft)
    submit_submission(submission=draft, by=by)
    replace_submission(submission=draft, by=by)
    register(draft, package)
    withdraw_submission(submission=draft, by=by)
    fair.pass_deadline()
    with pytest.raises(RuleViolation):
        send(draft, package)
    assert Submission.objects.get(pk=draft.pk).status == SubmissionStatus.WITHDRAWN


def test_a_replacement_can_be_in_time_by_its_fingerprint(fair, draft):
    package, by = zipped(answers_of(fair)), signer(draft)
    first = submit_submission(submission=draft, by=by)
    replace_submission(submission=draft, by=by)
    register(draft, package)
    fair.pass_deadline()
    receipt = send(draft, package)
    found = Submission.objects.get(pk=draft.pk)
    assert (found.status, found.replacing_since, found.submitted_at) == (SubmissionStatus.SUBMITTED, None, receipt.at)
    assert receipt.number != first.number


def test_whoever_does_not_replace_after_all_keeps_what_was_submitted(fair, draft):
    package, by = zipped(answers_of(fair)), signer(draft)
    submit_submission(submission=draft, by=by)
    replace_submission(submission=draft, by=by)
    register(draft, package)
    keep_submission(submission=draft, by=by)
    fair.pass_deadline()
    with pytest.raises(RuleViolation):
        send(draft, package)


def test_it_is_as_complete_as_at_submitting(fair, draft):
    answers = answers_of(fair)
    answers["requirements"].pop()
    package = zipped(answers)
    register(draft, package)
    fair.pass_deadline()
    with pytest.raises(IncompleteSubmission):
        send(draft, package)
    assert unchanged(draft)


def test_its_answers_keep_the_rules_of_the_form(fair, draft):
    answers = answers_of(fair)
    long = next(line for line in answers["answers"] if line["kind"] == "text" and line["segment"])
    long["value"] = "x" * 101
    package = zipped(answers)
    register(draft, package)
    fair.pass_deadline()
    with pytest.raises(RuleViolation, match=long["question"]):
        send(draft, package)
    assert unchanged(draft)


@pytest.mark.parametrize("value", ["veel", "1e5", "NaN", "1.23456", "9" * 13, ""])
def test_a_number_in_it_is_a_number(fair, draft, value):
    answers = answers_of(fair)
    next(line for line in answers["answers"] if line["kind"] == "number")["value"] = value
    package = zipped(answers)
    register(draft, package)
    fair.pass_deadline()
    with pytest.raises(RuleViolation):
        send(draft, package)
    assert unchanged(draft)


def test_its_files_go_through_the_same_intake(fair, draft):
    answers = answers_of(fair)
    line = next(line for line in answers["answers"] if line["kind"] == "file")
    hostile = b"MZ this is a program"
    line["file"] |= {"path": "files/x.exe", "sha256": sha256(hostile), "size": len(hostile)}
    package = zipped(answers, **{"files/x.exe": hostile})
    register(draft, package)
    fair.pass_deadline()
    with pytest.raises(RuleViolation, match="pdf"):
        send(draft, package)
    assert unchanged(draft)


def test_the_package_chooses_its_segments(fair, draft):
    answers = answers_of(fair, segments=[fair.segments[0].slug])
    package = zipped(answers)
    register(draft, package)
    fair.pass_deadline()
    receipt = send(draft, package)
    assert receipt.manifest["segments"] == [fair.segments[0].slug]
    assert {line["segment"] for line in receipt.manifest["answers"]} == {"", fair.segments[0].slug}


def test_a_fingerprint_of_anything_else_is_no_package(fair, draft):
    register(draft, b"zomaar iets")
    fair.pass_deadline()
    with pytest.raises(RuleViolation):
        send(draft, b"zomaar iets")
    assert unchanged(draft)


def test_only_who_may_sign_hands_it_in(fair, draft):
    package = zipped(answers_of(fair))
    register(draft, package)
    colleague = member_of(draft.organisation, signatory=False)
    fair.pass_deadline()
    with pytest.raises(NotAllowed):
        receive_package(submission=draft, package=as_upload(package), by=colleague)
    assert unchanged(draft)
