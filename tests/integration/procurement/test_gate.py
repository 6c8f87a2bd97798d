"""The gate: who reads which submission, answer and file, before and after the vault is opened (Aw 2.108)."""

import pytest
from django.contrib import admin
from django.db import transaction
from django.test import Client
from django.urls import reverse

from achterhoek.accounts.enums import Role
from achterhoek.audit.models import AuditEvent
from achterhoek.audit.selectors import unsealed
from achterhoek.audit.services import record
from achterhoek.documents.models import StoredFile
from achterhoek.mail.models import OutboxMessage
from procurement import models
from procurement.enums import RoundStatus
from procurement.models import Round, SegmentRound
from procurement.selectors.content import HeldFile
from procurement.selectors.gate import (
    answers_of_entry,
    confirmations_of_entry,
    content_for,
    readable_answers,
    readable_entries,
    readable_submissions,
)
from procurement.services.opening import open_prices
from procurement.tasks.receipts import mail_receipts
from tests.factories import MunicipalityFactory, RegionFactory, UserFactory, member_of, user_with
from tests.factories.evaluation import seated
from tests.factories.submissions import content, open_fair

pytestmark = pytest.mark.django_db


@pytest.fixture
def submission(fair):
    return fair.submitted()


def seat(user, fair, segment):
    seated(SegmentRound.objects.get(round=fair.round, segment=segment), user)
    return user


def everyone_else(fair) -> dict[str, object]:
    """Each role that is not of the bidder's own team."""
    region, other = fair.tender.region, RegionFactory()
    municipality = MunicipalityFactory(region=region)
    return {
        "lead": user_with(Role.LEAD, region=region),
        "lead everywhere": user_with(Role.LEAD),
        "lead elsewhere": user_with(Role.LEAD, region=other),
        "auditor": user_with(Role.AUDITOR, region=region),
        "auditor elsewhere": user_with(Role.AUDITOR, region=other),
        "evaluator": user_with(Role.EVALUATOR),
        "seated": seat(user_with(Role.EVALUATOR), fair, fair.segments[0]),
        "seated without the role": seat(UserFactory(), fair, fair.segments[0]),
        "opener": user_with(Role.OPENER, region=region),
        "college": user_with(Role.COLLEGE, municipality=municipality),
        "clm": user_with(Role.CLM, region=region),
        "admin": user_with(Role.ADMIN),
        "superuser": UserFactory(is_superuser=True),
        "competitor": fair.bidder("Concurrent")[1],
        "nobody": UserFactory(),
    }


AFTER = {"lead", "lead everywhere", "auditor", "seated"}


def status_of_file(user, stored) -> int:
    client = Client()
    client.force_login(user)
    return client.get(reverse("documents:download", args=[stored.pk])).status_code


def file_of(submission, segment) -> HeldFile:
    """The file that was handed in for a segment, as its team sees it."""
    question = submission.round.questions.get(segment=segment, kind="file")
    return content(submission).answers[question.pk].file


def readers(people, submission) -> set[str]:
    """Who reads it, by every road: submission, entries, answers, statements and files must agree."""
    entry = submission.entries.get(segment__position=0)
    stored = file_of(submission, entry.segment)
    found = set()
    for name, user in people.items():
        own = content_for(user, submission)
        roads = {
            readable_submissions(user).filter(pk=submission.pk).exists(),
            readable_entries(user).filter(pk=entry.pk).exists(),
            bool(own.answers) or readable_answers(user).filter(submission=submission).exists(),
            bool(own.answers) or answers_of_entry(user, entry).exists(),
            bool(own.confirmations) or confirmations_of_entry(user, entry).exists(),
            status_of_file(user, stored) == 200,
        }
        assert len(roads) == 1, f"{name}: the roads disagree"
        if roads == {True}:
            found.add(name)
    return found


@pytest.mark.parametrize("state", ["open", "deadline passed", "closed"])
def test_before_the_opening_only_the_own_team_reads(fair, submission, state):
    people = everyone_else(fair)
    if state != "open":
        fair.pass_deadline()
    if state == "closed":
        Round.objects.filter(pk=fair.round.pk).update(status=RoundStatus.CLOSED)
    team = {"signatory": submission.created_by, "helper": member_of(submission.organisation, signatory=False)}
    assert readers({**people, **team}, submission) == set(team)


def test_after_the_opening_those_who_judge_and_oversee_read_too(fair, submission):
    people = everyone_else(fair)
    fair.open_vault()
    assert readers({**people, "team": submission.created_by}, submission) == {*AFTER, "team"}


def test_a_visitor_reads_no_file(fair, submission):
    fair.open_vault()
    stored = file_of(submission, fair.segments[0])
    response = Client().get(reverse("documents:download", args=[stored.pk]))
    assert response.status_code == 302
    assert "login" in response["Location"]


@pytest.mark.parametrize("state", ["draft", "withdrawn"])
def test_what_was_not_submitted_stays_with_the_team_for_good(fair, state):
    from procurement.services.submissions import withdraw_submission

    kept = fair.draft() if state == "draft" else fair.submitted()
    if state == "withdrawn":
        withdraw_submission(submission=kept, by=kept.created_by)
    people = everyone_else(fair)
    fair.open_vault()
    assert readers({**people, "team": kept.created_by}, kept) == {"team"}


def test_an_evaluator_reads_the_own_segment_and_what_holds_for_all(fair, submission):
    user = seat(user_with(Role.EVALUATOR), fair, fair.segments[0])
    fair.open_vault()
    assert [entry.segment for entry in readable_entries(user)] == [fair.segments[0]]
    assert {a.question.segment for a in readable_answers(user)} == {None, fair.segments[0]}
    foreign = file_of(submission, fair.segments[1])
    assert status_of_file(user, foreign) == 404


def test_a_seat_in_one_round_gives_nothing_in_another(fair, submission):
    other = open_fair(stage="award", tender=fair.tender)
    user = user_with(Role.EVALUATOR)
    seated(other.round.segment_rounds.first(), user)
    fair.open_vault()
    assert not readable_entries(user).exists()


def prices(user) -> int:
    return readable_answers(user).filter(question__kind="price").count()


def test_prices_open_when_the_scores_of_the_segment_are_fixed(fair, submission):
    first = fair.round.segment_rounds.earliest("segment__position")
    lead = user_with(Role.LEAD, region=fair.tender.region)
    evaluator = seat(user_with(Role.EVALUATOR), fair, fair.segments[0])
    outsider = user_with(Role.LEAD, region=RegionFactory())
    fair.open_vault()
    for state in ("scoring", "consensus"):
        SegmentRound.objects.filter(pk=first.pk).update(status=state)
        assert (prices(lead), prices(evaluator)) == (0, 0)
        assert not submission.answers.filter(question__kind="price").exists()
    SegmentRound.objects.filter(pk=first.pk).update(status="fixed")
    first.refresh_from_db()
    opened = open_prices(segment_round=first, by=lead)
    assert [line["matches"] for line in opened.submissions] == [True]
    assert submission.answers.filter(question__kind="price").count() == 1
    for state in ("ranked", "decided"):
        assert (prices(lead), prices(evaluator), prices(outsider)) == (1, 1, 0)
        SegmentRound.objects.filter(pk=first.pk).update(status=state)


def test_a_price_for_all_segments_waits_for_all_of_them(fair):
    from tests.factories import QuestionFactory

    QuestionFactory(round=fair.round, kind="price")
    submission = fair.submitted()
    lead = user_with(Role.LEAD)
    fair.open_vault()
    general = submission.answers.filter(question__segment=None, question__kind="price")
    fair.fix(fair.segments[0])
    assert not general.exists()
    fair.fix(fair.segments[1])
    assert general.exists()
    assert set(general) <= set(readable_answers(lead))


def test_the_admin_shows_nothing_of_a_submission():
    sealed = {
        models.Submission, models.ParticipationRequest, models.Bid, models.Entry, models.Answer, models.Receipt,
        models.RequirementConfirmation, models.VaultConfirmation, models.VaultOpening, models.DraftAnswer,
        models.DraftAlternative, models.SealedPackage, models.VaultKey, models.Fingerprint, models.PriceOpening,
        models.PriceRecord, models.ReceiptDelivery,
    }  # fmt: skip
    assert not sealed & set(admin.site._registry)


def test_the_providers_pages_are_for_the_own_team_alone(fair, submission):
    fair.open_vault()
    receipt = submission.receipts.get()
    addresses = [
        reverse("procurement:submission", args=[submission.pk]),
        reverse("procurement:submission_segments", args=[submission.pk]),
        reverse("procurement:submission_section", args=[submission.pk, "algemeen"]),
        reverse("procurement:submission_submit", args=[submission.pk]),
        reverse("procurement:receipt", args=[submission.pk, receipt.number]),
        reverse("procurement:receipt_json", args=[submission.pk, receipt.number]),
    ]
    for name, user in everyone_else(fair).items():
        client = Client()
        client.force_login(user)
        for address in addresses:
            assert client.get(address).status_code == (404 if name == "competitor" else 403), (name, address)


@pytest.mark.parametrize("address", ["audit:log", "admin:audit_auditevent_changelist"])
def test_the_audit_log_keeps_the_secret_until_the_opening(fair, submission, client, address):
    """Nobody may know who submitted, also not the auditor; afterwards nothing is missing from the log."""
    client.force_login(user_with(Role.AUDITOR))
    bidder = submission.created_by.name
    sealed = client.get(reverse(address)).content.decode()
    assert bidder not in sealed
    assert str(submission.pk) not in sealed
    assert submission.number not in sealed
    fair.open_vault()
    assert bidder in client.get(reverse(address)).content.decode()


def test_what_the_scanner_found_in_a_file_does_not_tell_that_somebody_bids(fair, submission):
    stored = StoredFile.objects.filter(kind="answer").first()
    with transaction.atomic():
        event = record("documents.file.infected", by=None, target=stored)
    found = unsealed(AuditEvent.objects.filter(pk=event.pk))
    assert not found.exists()
    fair.open_vault()
    assert unsealed(AuditEvent.objects.filter(pk=event.pk)).exists()


def test_the_outbox_in_the_admin_does_not_tell_who_got_a_receipt_before_the_opening(fair, submission, client):
    client.force_login(user_with(Role.ADMIN))
    mail_receipts()
    address = reverse("admin:mail_outboxmessage_changelist")
    sent_to = list(OutboxMessage.objects.values_list("to", flat=True))
    assert sent_to
    sealed = client.get(address).content.decode()
    assert not any(to in sealed for to in sent_to)
    fair.open_vault()
    opened = client.get(address).content.decode()
    assert all(to in opened for to in sent_to)
