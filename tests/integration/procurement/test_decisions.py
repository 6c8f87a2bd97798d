"""Proposing, adopting and withdrawing: on the newest ranking only, once, by the lead only."""

from __future__ import annotations

import pytest

from achterhoek.accounts.enums import Role
from achterhoek.accounts.services import grant_role
from achterhoek.audit.models import AuditEvent
from achterhoek.errors import NotAllowed, RuleViolation
from procurement.enums import DecisionStatus, SegmentRoundStatus, Stage
from procurement.models import CollegeDecision, Decision, Participation, RankingRow, SegmentRound
from procurement.services.decisions import propose_decision, sign_decision, withdraw_decision
from tests.factories import MunicipalityFactory, RegionFactory, user_with
from tests.factories.decisions import BIDS, MANDATE, make_ranking, proposed, ranked_segment_round

pytestmark = pytest.mark.django_db


def propose(ranked, **fields):
    return propose_decision(segment_round=ranked.segment_round, note="", by=fields.pop("by", ranked.lead), **fields)


def test_a_proposal_cites_the_newest_ranking():
    ranked = ranked_segment_round(Stage.SELECTION)
    newer = make_ranking(ranked.segment_round, ranked.entries, ranked.criteria, BIDS)
    decision = propose(ranked)
    assert decision.ranking == newer
    assert decision.status == DecisionStatus.PROPOSED
    event = AuditEvent.objects.get(action="procurement.decision.propose")
    assert event.detail == {"ranking": newer.digest}


def test_the_lead_who_looked_at_an_older_ranking_is_told():
    ranked = ranked_segment_round(Stage.SELECTION)
    make_ranking(ranked.segment_round, ranked.entries, ranked.criteria, BIDS)
    with pytest.raises(RuleViolation):
        propose(ranked, ranking_id=ranked.ranking.pk)


def test_a_tie_across_the_cut_is_never_decided():
    ranked = ranked_segment_round(Stage.SELECTION)
    RankingRow.objects.filter(ranking=ranked.ranking, position__gte=2).update(outcome="pending_draw")
    with pytest.raises(RuleViolation):
        propose(ranked)
    assert not Decision.objects.exists()


def test_one_decision_is_in_force_at_a_time():
    ranked, decision = proposed(Stage.SELECTION)
    with pytest.raises(RuleViolation):
        propose(ranked)
    withdraw_decision(decision=decision, reason="De ranglijst klopt niet.", by=ranked.lead)
    assert propose(ranked).pk != decision.pk


def test_only_a_ranked_segment_round_is_decided():
    ranked = ranked_segment_round(Stage.SELECTION)
    other = ranked_segment_round(Stage.SELECTION)
    SegmentRound.objects.filter(pk=other.segment_round.pk).update(status=SegmentRoundStatus.DECIDED)
    with pytest.raises(RuleViolation):
        propose(other)
    assert propose(ranked)


@pytest.mark.parametrize("role", [Role.EVALUATOR, Role.AUDITOR, Role.PROVIDER, Role.ADMIN, Role.CLM])
def test_other_roles_do_not_propose(role):
    ranked = ranked_segment_round(Stage.SELECTION)
    with pytest.raises(NotAllowed):
        propose(ranked, by=user_with(role))


def test_the_lead_of_another_region_does_not_propose():
    ranked = ranked_segment_round(Stage.SELECTION)
    with pytest.raises(NotAllowed):
        propose(ranked, by=user_with(Role.LEAD, region=RegionFactory()))


def test_an_award_lies_before_each_college_that_takes_part_and_no_other():
    ranked = ranked_segment_round(Stage.AWARD)
    outsider = MunicipalityFactory(region=ranked.segment_round.round.tender.region)
    Participation.objects.create(segment=ranked.segment_round.segment, municipality=outsider, participates=False)
    decision = propose(ranked)
    asked = CollegeDecision.objects.filter(decision=decision).values_list("municipality__name", flat=True)
    assert list(asked) == ["Aalten", "Berkelland"]


def test_an_award_without_participants_is_refused():
    ranked = ranked_segment_round(Stage.AWARD, municipalities=0)
    with pytest.raises(RuleViolation):
        propose(ranked)
    assert not Decision.objects.exists()


def test_a_mandate_holder_signs_a_selection_once():
    ranked, decision = proposed(Stage.SELECTION)
    signed = sign_decision(decision=decision, mandate=MANDATE, by=ranked.mandate_holder)
    assert signed.status == DecisionStatus.ADOPTED
    assert (signed.signed_by, signed.mandate) == (ranked.mandate_holder, MANDATE)
    assert signed.adopted_at is not None
    with pytest.raises(RuleViolation):
        sign_decision(decision=decision, mandate=MANDATE, by=ranked.mandate_holder)


def test_without_a_mandate_nothing_is_signed():
    ranked, decision = proposed(Stage.SELECTION)
    with pytest.raises(RuleViolation) as refused:
        sign_decision(decision=decision, mandate=" ", by=ranked.mandate_holder)
    assert refused.value.field == "mandate"
    with pytest.raises(NotAllowed):
        sign_decision(decision=decision, mandate=MANDATE, by=ranked.lead)
    with pytest.raises(NotAllowed):
        sign_decision(decision=decision, mandate=MANDATE, by=user_with(Role.MANDATE, region=RegionFactory()))


def test_who_proposes_does_not_sign():
    ranked, decision = proposed(Stage.SELECTION)
    grant_role(user=ranked.lead, role=Role.MANDATE, by=None, region=decision.segment_round.round.tender.region)
    with pytest.raises(RuleViolation):
        sign_decision(decision=decision, mandate=MANDATE, by=ranked.lead)


def test_an_award_is_signed_after_the_colleges():
    ranked, decision = proposed(Stage.AWARD)
    with pytest.raises(RuleViolation):
        sign_decision(decision=decision, mandate=MANDATE, by=ranked.mandate_holder)


def test_a_replaced_ranking_is_not_signed():
    ranked, decision = proposed(Stage.SELECTION)
    make_ranking(ranked.segment_round, ranked.entries, ranked.criteria, BIDS)
    with pytest.raises(RuleViolation):
        sign_decision(decision=decision, mandate=MANDATE, by=ranked.mandate_holder)


def test_withdrawing_needs_a_reason_which_is_recorded():
    ranked, decision = proposed(Stage.SELECTION)
    with pytest.raises(RuleViolation) as refused:
        withdraw_decision(decision=decision, reason=" ", by=ranked.lead)
    assert refused.value.field == "reason"
    withdraw_decision(decision=decision, reason="Nieuwe ranglijst nodig.", by=ranked.lead)
    assert AuditEvent.objects.get(action="procurement.decision.withdraw").detail["reason"] == "Nieuwe ranglijst nodig."
