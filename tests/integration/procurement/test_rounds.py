"""Rounds close by the database's clock, and the award stage opens for those who were selected."""

from datetime import timedelta

import pytest
from django.utils import timezone

from achterhoek.accounts.enums import Role
from achterhoek.audit.models import AuditEvent
from achterhoek.errors import NotAllowed, RuleViolation
from achterhoek.mail.models import OutboxMessage
from procurement.enums import Custody, DecisionStatus, Outcome, RoundStatus, Stage
from procurement.models import Decision, Entry, Ranking, RankingRow, Round, SegmentRound, Tender
from procurement.selectors.submissions import available_segments
from procurement.services.custody import confirm_share, hold_ceremony
from procurement.services.rounds import close_due_rounds, open_award_round
from procurement.services.submissions import start_submission
from procurement.tasks.rounds import close_due_rounds as task
from tests.factories import RegionFactory, RoundFactory, SegmentRoundFactory, submitted_entry, user_with
from tests.factories.submissions import open_fair

pytestmark = pytest.mark.django_db


def test_rounds_close_when_their_deadline_has_passed():
    due, running = open_fair(), open_fair()
    draft = due.draft()
    due.pass_deadline()
    assert task() == 1
    due.round.refresh_from_db()
    running.round.refresh_from_db()
    assert (due.round.status, running.round.status) == (RoundStatus.CLOSED, RoundStatus.OPEN)
    draft.refresh_from_db()
    assert draft.status == "draft"
    event = AuditEvent.objects.get(action="procurement.round.close")
    assert event.actor is None
    assert close_due_rounds() == 0


@pytest.fixture
def selection():
    """A selection stage with its vault opened, and the award stage planned."""
    found = RoundFactory(vault_opened=True)
    RoundFactory(tender=found.tender, stage=Stage.AWARD, status=RoundStatus.PLANNED, opens_at=None, deadline=None)
    return found


def decide(segment_round: SegmentRound, outcomes: dict[Entry, str], *, status: str = DecisionStatus.SENT) -> Decision:
    by = user_with(Role.LEAD)
    ranking = Ranking.objects.create(
        segment_round=segment_round, sequence=1, dossier="{}", digest="sha256:0", result="{}"
    )
    for position, (entry, outcome) in enumerate(outcomes.items()):
        RankingRow.objects.create(ranking=ranking, entry=entry, position=position, outcome=outcome)
    now = timezone.now()
    return Decision.objects.create(
        segment_round=segment_round, ranking=ranking, status=status, proposed_by=by, adopted_at=now, sent_at=now,
        signed_by=user_with(Role.MANDATE), mandate="Mandaatbesluit 2026",
    )  # fmt: skip


def two_segments(selection) -> tuple[SegmentRound, SegmentRound]:
    first, second = SegmentRoundFactory(round=selection), SegmentRoundFactory(round=selection)
    award = Round.objects.get(tender=selection.tender, stage=Stage.AWARD)
    for found in (first, second):
        SegmentRoundFactory(round=award, segment=found.segment)
    return first, second


def soon():
    return timezone.now() + timedelta(days=40)


def test_the_award_stage_opens_and_invites_the_selected(selection):
    first, _ = two_segments(selection)
    winner, loser = submitted_entry(first), submitted_entry(first)
    decide(first, {winner: Outcome.SELECTED, loser: Outcome.RESERVE})
    lead = user_with(Role.LEAD, region=selection.tender.region)
    award = open_award_round(tender=selection.tender, deadline=soon(), by=lead)
    assert award.status == RoundStatus.OPEN
    assert list(OutboxMessage.objects.values_list("to", flat=True)) == [winner.submission.organisation.email]
    organisations = {e: e.submission.organisation for e in (winner, loser)}
    assert list(available_segments(round=award, organisation=organisations[winner])) == [first.segment]
    assert not available_segments(round=award, organisation=organisations[loser]).exists()


def test_the_award_stage_waits_for_the_papers_of_its_custodians(selection):
    first, _ = two_segments(selection)
    decide(first, {submitted_entry(first): Outcome.SELECTED})
    tender, lead = selection.tender, user_with(Role.LEAD, region=selection.tender.region)
    Tender.objects.filter(pk=tender.pk).update(custody=Custody.CUSTODIANS)
    tender.refresh_from_db()
    award = Round.objects.get(tender=tender, stage=Stage.AWARD)
    with pytest.raises(RuleViolation, match="bewaarders"):
        open_award_round(tender=tender, deadline=soon(), by=lead)
    papers = hold_ceremony(round=award, holders=["A", "B", "C"], instead_of=None, by=lead)
    with pytest.raises(RuleViolation, match="teruggetypt"):
        open_award_round(tender=tender, deadline=soon(), by=lead)
    for paper in papers[1:]:
        confirm_share(round=award, words=" ".join(paper.words), by=lead)
    assert open_award_round(tender=tender, deadline=soon(), by=lead).status == RoundStatus.OPEN


def test_a_bidder_takes_part_only_in_the_segments_it_was_selected_for(selection):
    from tests.factories import member_of

    first, second = two_segments(selection)
    entry = submitted_entry(first)
    by = member_of(entry.submission.organisation)
    decide(first, {entry: Outcome.SELECTED})
    award = open_award_round(tender=selection.tender, deadline=soon(), by=user_with(Role.LEAD))
    organisation = entry.submission.organisation
    with pytest.raises(RuleViolation):
        start_submission(round=award, organisation=organisation, segments=[first.segment, second.segment], by=by)
    made = start_submission(round=award, organisation=organisation, segments=[first.segment], by=by)
    assert made.entries.count() == 1


def test_who_fell_out_after_the_decision_is_not_invited(selection):
    first, _ = two_segments(selection)
    stays, gone = submitted_entry(first), submitted_entry(first)
    decide(first, {stays: Outcome.SELECTED, gone: Outcome.SELECTED})
    Entry.objects.filter(pk=gone.pk).update(status="dropped", status_reason="Failliet")
    award = open_award_round(tender=selection.tender, deadline=soon(), by=user_with(Role.LEAD))
    assert not available_segments(round=award, organisation=gone.submission.organisation).exists()


def test_not_before_every_candidate_was_told(selection):
    first, second = two_segments(selection)
    entry = submitted_entry(first)
    submitted_entry(second)
    decide(first, {entry: Outcome.SELECTED})
    with pytest.raises(RuleViolation, match=second.segment.name):
        open_award_round(tender=selection.tender, deadline=soon(), by=user_with(Role.LEAD))


@pytest.mark.parametrize("status", [DecisionStatus.PROPOSED, DecisionStatus.ADOPTED])
def test_a_decision_that_is_not_sent_invites_nobody(selection, status):
    first, _ = two_segments(selection)
    entry = submitted_entry(first)
    decide(first, {entry: Outcome.SELECTED}, status=status)
    with pytest.raises(RuleViolation):
        open_award_round(tender=selection.tender, deadline=soon(), by=user_with(Role.LEAD))


@pytest.mark.parametrize("days", [-1, 1, 34])
def test_bids_get_thirty_five_days_or_more(selection, days):
    """Aw 2.71(4) and 2.74b: forty, five fewer because everything comes in electronically."""
    with pytest.raises(RuleViolation) as refused:
        open_award_round(
            tender=selection.tender, deadline=timezone.now() + timedelta(days=days), by=user_with(Role.LEAD)
        )
    assert refused.value.field == "deadline"


def test_only_the_lead_of_the_region_once(selection):
    first, _ = two_segments(selection)
    decide(first, {submitted_entry(first): Outcome.SELECTED})
    for wrong in (user_with(Role.ADMIN), user_with(Role.OPENER), user_with(Role.LEAD, region=RegionFactory())):
        with pytest.raises(NotAllowed):
            open_award_round(tender=selection.tender, deadline=soon(), by=wrong)
    open_award_round(tender=selection.tender, deadline=soon(), by=user_with(Role.LEAD))
    with pytest.raises(RuleViolation):
        open_award_round(tender=selection.tender, deadline=soon(), by=user_with(Role.LEAD))
