"""The demo: everything a visitor needs to play each role at once, consistent to the last receipt."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from io import BytesIO, StringIO
from typing import Any

import pikepdf
import pytest
from django.apps import apps
from django.contrib.auth import authenticate
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models import Q
from django.test import Client
from django.urls import reverse

from achterhoek.accounts.adapter import AccountAdapter
from achterhoek.accounts.models import User
from achterhoek.audit.models import AuditEvent
from achterhoek.clock import database_now, database_today
from achterhoek.documents.gate import may_read
from achterhoek.documents.sealed import chunks, key_of
from achterhoek.embedded.welcome import ACCOUNTS, PASSWORD
from achterhoek.mail.models import MessageStatus, OutboxMessage
from contracts.enums import ChangeStatus, ContractStatus
from contracts.models import Contract, SubcontractorChange
from contracts.selectors.register import register_on
from contracts.services.demo import load_demo
from contracts.services.demo.clock import movable_clock
from contracts.services.demo.files import files_digest, read_file
from procurement.domain.proof import digest_of
from procurement.enums import (
    DecisionStatus,
    Interest,
    LetterStatus,
    RoundStatus,
    SeatRole,
    SegmentRoundStatus,
    Stage,
    SubmissionStatus,
)
from procurement.models import (
    Answer,
    Assignment,
    CollegeDecision,
    CommitteeMember,
    ConsensusScore,
    Decision,
    Entry,
    InterestDeclaration,
    Letter,
    Ranking,
    Receipt,
    Round,
    Score,
    SegmentRound,
    Submission,
    Tender,
    VaultOpening,
)
from procurement.selectors.evaluation import missing_scores, seats_of
from procurement.selectors.gate import readable_entries
from procurement.selectors.objections import complaints_home, holding_up_now, own_objections
from procurement.selectors.signing import signing_room
from procurement.services.integrity import consensus_matches, draws_match, rankings_match, scores_match
from procurement.services.vault import confirm_opening

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("demo")]

# What a visitor finds: tender, stage of the round in hand, its state, and the state of its segments.
FOUND = [
    ("oefening-dyslexiezorg", Stage.SELECTION, RoundStatus.OPEN, SegmentRoundStatus.PENDING),
    ("oefening-wmo-logeren", Stage.SELECTION, RoundStatus.CLOSED, SegmentRoundStatus.PENDING),
    ("oefening-ambulante-jeugdhulp", Stage.SELECTION, RoundStatus.OPENED, SegmentRoundStatus.SCORING),
    ("oefening-gezins-en-woonvormen", Stage.SELECTION, RoundStatus.OPENED, SegmentRoundStatus.CONSENSUS),
    ("oefening-wmo-ondersteuning", Stage.AWARD, RoundStatus.OPENED, SegmentRoundStatus.RANKED),
    ("oefening-wmo-wonen", Stage.AWARD, RoundStatus.OPENED, SegmentRoundStatus.DECIDED),
]


def person(name: str) -> User:
    return User.objects.get(email=f"{name}@demo.example")


def counts() -> dict[str, int]:
    kept = [model for model in apps.get_models() if model._meta.managed and not model._meta.proxy]
    return {model._meta.label: model._base_manager.count() for model in kept}


def test_loading_it_again_changes_nothing() -> None:
    before = counts()
    said = StringIO()
    call_command("load_demo", stdout=said)
    assert counts() == before
    assert "here already" in said.getvalue()


def test_changed_files_are_not_mixed_into_a_demo_that_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("contracts.services.demo.load.files_digest", lambda: "another edition")
    said: list[str] = []
    assert load_demo(say=said.append) is False
    assert "--reset" in said[0]


def test_the_clock_was_moved_for_the_loading_only() -> None:
    real = dt.datetime.now(dt.UTC)
    assert abs((database_now() - real).total_seconds()) < 60
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_namespace WHERE nspname = 'demo_clock'")
        assert cursor.fetchone() == (0,)
        cursor.execute("SELECT DISTINCT column_default FROM information_schema.columns WHERE column_default ~ 'timest'")
        assert cursor.fetchall() == [("statement_timestamp()",)]


def test_the_clock_cannot_be_moved_outside_a_demo(settings: Any) -> None:
    settings.DEMO = False
    with pytest.raises(RuntimeError), movable_clock():
        pass


def test_the_log_reads_in_the_order_in_which_it_happened() -> None:
    moments = list(AuditEvent.objects.order_by("pk").values_list("at", flat=True))
    started = AuditEvent.objects.get(action="demo.loaded").at
    assert moments == sorted(moments)
    assert moments[0] < started - dt.timedelta(days=150)


@pytest.mark.parametrize(("slug", "stage", "round_status", "segment_status"), FOUND)
def test_there_is_a_practice_tender_for_each_stage(
    slug: str, stage: str, round_status: str, segment_status: str
) -> None:
    found = Round.objects.get(tender__slug=slug, stage=stage)
    assert found.status == round_status
    assert {rules.status for rules in found.segment_rounds.all()} == {segment_status}
    assert Tender.objects.get(slug=slug).published_at is not None
    for rules in found.segment_rounds.all():
        seats = Counter(CommitteeMember.objects.filter(segment_round=rules).values_list("role", flat=True))
        assert seats == {SeatRole.MEMBER: 5, SeatRole.CHAIR: 1, SeatRole.OBSERVER: 1}


def test_what_was_handed_in_is_what_the_receipts_say() -> None:
    receipts = list(Receipt.objects.select_related("submission__round", "submission__organisation"))
    assert len(receipts) == Submission.objects.filter(status=SubmissionStatus.SUBMITTED).count() > 50
    for receipt in receipts:
        assert digest_of(receipt.manifest) == receipt.digest
        submission = receipt.submission
        assert submission.submitted_at == receipt.at
        assert submission.created_at < receipt.at < submission.round.deadline
        assert receipt.at <= database_now()


def test_every_vault_was_opened_after_its_deadline_and_found_in_order() -> None:
    openings = list(VaultOpening.objects.select_related("round"))
    assert len(openings) == 6
    for opening in openings:
        assert opening.round.opened_at == opening.at > opening.round.deadline
        assert opening.openers.count() == 2
        assert opening.submissions
        assert all(line["matches"] for line in opening.submissions)


def test_two_openers_can_open_the_closed_vault_at_once() -> None:
    vault = Round.objects.get(tender__slug="oefening-wmo-logeren", stage=Stage.SELECTION)
    assert confirm_opening(round=vault, by=person("opener1")) is None
    opening = confirm_opening(round=vault, by=person("opener2"))
    assert opening is not None
    assert all(line["matches"] for line in opening.submissions)
    assert seats_of(person("evaluator1")).filter(segment_round__round=vault).exists()


def test_an_interest_was_declared_and_that_bid_went_to_others() -> None:
    rules = SegmentRound.objects.get(round__tender__slug="oefening-ambulante-jeugdhulp", round__stage=Stage.SELECTION)
    declared = InterestDeclaration.objects.exclude(interest=Interest.NONE).get()
    assert (declared.seat.user, declared.seat.segment_round) == (person("evaluator5"), rules)
    assert not readable_entries(person("evaluator5")).filter(pk=declared.entry_id).exists()
    divided = Assignment.objects.filter(seat__segment_round=rules)
    assert set(Counter(divided.values_list("entry", flat=True)).values()) == {4}
    assert not divided.filter(seat=declared.seat, entry=declared.entry).exists()


def test_where_it_is_ranked_there_are_minutes_and_a_promised_seed() -> None:
    for rules in SegmentRound.objects.exclude(status__in=(SegmentRoundStatus.PENDING, SegmentRoundStatus.SCORING)):
        draw = rules.draws.get()
        assert draw.commitment.startswith("sha256:")
        assert draw.seed == ""
        assert rules.meetings.get().present.filter(role=SeatRole.CHAIR).exists()


def test_nothing_in_the_demo_was_put_in_past_the_portal() -> None:
    assert [*scores_match(), *consensus_matches(), *rankings_match(), *draws_match()] == []


def test_some_evaluators_have_handed_in_and_the_first_still_has_work() -> None:
    rules = SegmentRound.objects.get(round__tender__slug="oefening-ambulante-jeugdhulp", round__stage=Stage.SELECTION)
    seats = {seat.user.email.split("@")[0]: seat for seat in rules.committee.select_related("user")}
    assert [name for name, seat in sorted(seats.items()) if seat.handed_in_at] == ["evaluator2", "evaluator4"]
    mine = seats_of(person("evaluator1")).get(segment_round=rules)
    assert missing_scores(mine)
    assert Score.objects.filter(evaluator=person("evaluator1"), criterion__segment_round=rules).exists()
    assert not Score.objects.filter(reason="").exists()


def test_the_consensus_is_half_way() -> None:
    rules = SegmentRound.objects.get(round__tender__slug="oefening-gezins-en-woonvormen", round__stage=Stage.SELECTION)
    entries = Entry.objects.filter(submission__round=rules.round_id)
    agreed = ConsensusScore.objects.filter(criterion__segment_round=rules).values("entry").distinct().count()
    assert 0 < agreed < entries.count()
    assert not rules.committee.filter(role=SeatRole.MEMBER, handed_in_at=None).exists()


def test_the_colleges_are_deciding_on_the_award() -> None:
    found = CollegeDecision.objects.filter(decision__segment_round__round__tender__slug="oefening-wmo-ondersteuning")
    states = set(found.values_list("status", flat=True))
    assert states == {"approved", "reserved", "pending"}
    ambulatory = found.filter(decision__segment_round__segment__slug="wmo-integrale-ondersteuning")
    assert not ambulatory.filter(municipality__slug="oude-ijsselstreek").exists()
    assert ambulatory.filter(status="pending").exists()


def test_an_award_that_all_colleges_agreed_to_waits_for_the_mandate_holder() -> None:
    waiting = signing_room(person("mandate")).waiting
    assert [decision.segment_round.segment.slug for decision in waiting] == ["wmo-wonen"]
    (decision,) = waiting
    assert decision.status == DecisionStatus.APPROVED
    assert decision.segment_round.round.tender.slug == "oefening-wmo-ondersteuning"
    assert decision.college_decisions.count() == 8


def test_an_objection_holds_up_the_award_and_a_complaint_has_its_answer() -> None:
    decision = Decision.objects.get(objections__kind="objection")
    (holds,) = holding_up_now(decision)
    assert (holds.kind, holds.status, holds.suspends) == ("objection", "in_review", True)
    assert holds.handler == person("lead")
    assert holds.organisation not in [award.entry.submission.organisation for award in decision.awards.all()]
    assert holds.file is not None
    assert may_read(person("lead"), holds.file)
    assert may_read(holds.registered_by, holds.file)
    assert not may_read(person("provider6"), holds.file)
    waiting, ended = complaints_home(person("complaints"))
    assert waiting == []
    (complaint,) = ended
    assert (complaint.status, complaint.consequence) == ("upheld", "none")
    assert complaint.received_at < complaint.ended_at
    assert complaint in own_objections(person("provider6"))


def test_the_standstill_runs_and_every_bidder_has_its_letter() -> None:
    decision = Decision.objects.get(
        segment_round__round__tender__slug="oefening-wmo-wonen", segment_round__round__stage=Stage.AWARD
    )
    assert decision.status == DecisionStatus.SENT
    assert decision.standstill_until is not None
    assert decision.standstill_until >= database_today()
    letters = Letter.objects.filter(decision=decision).select_related("file")
    assert letters.count() == 6
    assert {letter.status for letter in letters} == {LetterStatus.SENT}
    for letter in letters:
        assert letter.file is not None
        with letter.file.file.open("rb") as content, pikepdf.open(BytesIO(content.read())) as pdf:
            assert pdf.Root.MarkInfo.Marked
    assert decision.awards.count() == 3


def test_rankings_and_scores_bear_the_dates_of_their_time() -> None:
    for ranking in Ranking.objects.select_related("segment_round__round"):
        decision = ranking.decisions.get()
        opened = ranking.segment_round.round.opened_at
        assert opened < ranking.computed_at < decision.proposed_at
        assert all(score.changed_at < ranking.computed_at for score in Score.objects.filter(
            criterion__segment_round=ranking.segment_round
        ))  # fmt: skip


def test_attachments_are_small_tagged_pdfs_with_a_title() -> None:
    answers = Answer.objects.exclude(file=None).select_related("file__sealing_key").order_by("submission", "pk")
    stored = [answer.file for answer in answers[:3] if answer.file is not None]
    assert stored
    for file in stored:
        with pikepdf.open(BytesIO(b"".join(chunks(file, key_of(file).secret)))) as pdf:
            assert pdf.Root.MarkInfo.Marked
            assert pdf.Root.Lang == "nl-NL"
            assert str(pdf.docinfo["/Title"])
            assert pdf.Root.StructTreeRoot.K[0].K[0].S == "/H1"


def test_history_has_seventy_partners_on_the_date_of_the_published_list() -> None:
    register = register_on(dt.date(2024, 6, 27))
    assert register.partner_count == 70
    assert register.version is not None
    assert register.version.date == dt.date(2024, 6, 27)


def test_contracts_ended_or_run_on_as_the_colleges_decided() -> None:
    today = database_today()
    for contract in Contract.objects.prefetch_related("terms"):
        last = max(term.end for term in contract.terms.all() if term.status in ("committed", "exercised"))
        assert contract.status == (ContractStatus.ENDED if last < today else ContractStatus.ACTIVE)
    declined = Contract.objects.filter(segment__slug="gezins-en-woonvormen", segment__tender__slug="inkoop-2022")
    assert {c.terms.get(sequence=2).status for c in declined} == {"declined"}


def test_team_clm_has_a_change_of_subcontractor_to_decide_where_contracts_run() -> None:
    asked_today = [row["contract"] for row in read_file("history")["waiting_changes"]]
    waiting = SubcontractorChange.objects.filter(status=ChangeStatus.REQUESTED, contract__number__in=asked_today)
    running = Contract.objects.filter(number__in=asked_today, status=ContractStatus.ACTIVE)
    assert waiting.count() == running.count()
    assert all(change.requested_by.email.endswith("@demo.example") for change in waiting)


@pytest.mark.parametrize("number", range(1, 13))
def test_every_provider_finds_something_of_its_own(number: int) -> None:
    organisation = person(f"provider{number}").memberships.get().organisation
    assert Contract.objects.filter(contractor=organisation).exists()
    assert Submission.objects.filter(organisation=organisation).exists()


def test_nothing_of_the_past_is_mailed_now() -> None:
    assert OutboxMessage.objects.exists()
    assert not OutboxMessage.objects.exclude(status=MessageStatus.SENT).exists()


# Who may log in ----------------------------------------------------------------------------------------


def test_the_printed_accounts_are_the_loaded_ones() -> None:
    said = StringIO()
    call_command("load_demo", accounts=True, stdout=said)
    for row in read_file("accounts")["accounts"]:
        assert row["email"] in said.getvalue()
    assert PASSWORD in said.getvalue()
    told = " ".join(text for _role, text in ACCOUNTS)
    kinds = {row["email"].rstrip("0123456789").split("@")[0].rstrip("0123456789").split(".")[0] for row in
             read_file("accounts")["accounts"]}  # fmt: skip
    assert all(kind in told for kind in kinds)


def test_demo_accounts_log_in_with_the_one_password() -> None:
    client = Client()
    answer = client.post(reverse("account_login"), {"login": "lead@demo.example", "password": PASSWORD})
    assert answer.status_code == 302
    assert client.session.get("_auth_user_id") == str(person("lead").pk)


def test_contact_persons_without_an_account_have_no_password() -> None:
    others = User.objects.filter(is_demo=True).exclude(email__endswith="@demo.example")
    assert others.exists()
    assert not any(user.has_usable_password() for user in others)


def test_demo_accounts_cannot_log_in_where_this_is_no_demo(settings: Any) -> None:
    settings.DEMO = False
    client = Client()
    answer = client.post(reverse("account_login"), {"login": "LEAD@demo.example", "password": PASSWORD})
    assert answer.status_code == 200
    assert "_auth_user_id" not in client.session
    assert authenticate(None, email="lead@demo.example", password=PASSWORD) is None
    assert authenticate(None, username="lead@demo.example", password=PASSWORD) is None


def test_no_other_way_of_logging_in_lets_a_demo_account_in(settings: Any, rf: Any) -> None:
    from django.core.exceptions import PermissionDenied

    settings.DEMO = False
    with pytest.raises(PermissionDenied):
        AccountAdapter().pre_login(rf.get("/"), person("lead"), email_verification="none", signal_kwargs=None,
                                   email=None, signup=False, redirect_url=None)  # fmt: skip


def test_the_demo_is_not_loaded_where_this_is_no_demo(settings: Any) -> None:
    settings.DEMO = False
    with pytest.raises(CommandError, match="DEMO"):
        call_command("load_demo")


def test_all_accounts_of_the_demo_are_marked() -> None:
    addresses = [row["email"] for row in read_file("accounts")["accounts"]]
    assert User.objects.filter(Q(email__in=addresses), is_demo=True).count() == len(addresses) == 35
    assert len(files_digest()) == 64
