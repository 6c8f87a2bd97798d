"""Blind until all are in; then requirements, consensus with motivation, and fixing, each by the lead alone."""

from __future__ import annotations

from decimal import Decimal

import pytest

from achterhoek.accounts.enums import Role
from achterhoek.audit.models import AuditEvent
from achterhoek.errors import NotAllowed, RuleViolation
from procurement.enums import EntryStatus, SegmentRoundStatus
from procurement.models import ConsensusScore, Entry, RequirementCheck
from procurement.services.evaluation import (
    check_requirement,
    close_scoring,
    fix_scores,
    hand_in,
    record_consensus,
    save_score,
)
from tests.concurrency import at_once
from tests.factories import RegionFactory, RequirementFactory, submitted_entry, user_with
from tests.factories.evaluation import evaluation

pytestmark = pytest.mark.django_db


def consensus(made, value="8", reason="De commissie vond dit sterk.", entry=0, criterion=0, by=None, **fields):
    return record_consensus(
        entry=made.entries[entry],
        criterion=made.criteria[criterion],
        value=Decimal(value),
        reason=reason,
        by=by or made.lead,
        **{"outside_reason": "Samen bleek er meer in te staan.", **fields},
    )


def in_consensus(**fields):
    made = evaluation(**fields)
    made.to_consensus()
    return made


def page(made, entry=None):
    path = f"/inkoop/beoordeling/{made.segment_round.pk}/"
    return path if entry is None else f"{path}{made.entries[entry].pk}/"


# Blind --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", [Role.LEAD, Role.AUDITOR])
def test_nobody_sees_scores_before_all_have_handed_in(client, role):
    made = evaluation(entries=1, criteria=1)
    first, second = made.evaluators
    save_score(entry=made.entries[0], criterion=made.criteria[0], value=Decimal(10), reason="Geheim oordeel.", by=first)
    hand_in(segment_round=made.segment_round, by=first)
    client.force_login(user_with(role, region=made.region))
    overview = client.get(page(made)).content.decode()
    assert "1 van 1" in overview
    assert "verschil" not in overview
    assert "Geheim oordeel." not in client.get(page(made, 0)).content.decode()
    save_score(entry=made.entries[0], criterion=made.criteria[0], value=Decimal(2), reason="Nog een.", by=second)
    hand_in(segment_round=made.segment_round, by=second)
    shown = client.get(page(made, 0)).content.decode()
    assert "Geheim oordeel." in shown
    assert "Groot verschil" in shown
    assert "groot verschil" in client.get(page(made)).content.decode()


def test_closing_with_a_reason_reveals_what_there_is(client):
    made = evaluation(entries=1, criteria=1)
    save_score(
        entry=made.entries[0],
        criterion=made.criteria[0],
        value=Decimal(6),
        reason="Mijn oordeel.",
        by=made.evaluators[0],
    )
    close_scoring(segment_round=made.segment_round, by=made.lead, reason="Langdurig ziek.")
    client.force_login(made.lead)
    assert "Mijn oordeel." in client.get(page(made, 0)).content.decode()


# Minimum requirements -----------------------------------------------------------------------------------


def judged(made, requirement, met=True, reason="", by=None):
    return check_requirement(entry=made.entries[0], requirement=requirement, met=met, reason=reason, by=by or made.lead)


def test_a_requirement_that_is_not_met_excludes_the_entry_with_its_reason():
    made = evaluation()
    requirement = RequirementFactory(round=made.segment_round.round, code="E1")
    with pytest.raises(RuleViolation) as refused:
        judged(made, requirement, met=False)
    assert refused.value.field == "reason"
    judged(made, requirement, met=False, reason="Het certificaat is verlopen.")
    entry = Entry.objects.get(pk=made.entries[0].pk)
    assert entry.status == EntryStatus.EXCLUDED
    assert entry.status_reason == "Voldoet niet aan minimumeis E1: Het certificaat is verlopen."
    assert AuditEvent.objects.filter(action="procurement.entry.exclude").exists()
    with pytest.raises(RuleViolation):
        judged(made, requirement, met=True)
    assert RequirementCheck.objects.get().met is False


def test_a_requirement_of_another_segment_is_refused():
    made, other = evaluation(), evaluation()
    with pytest.raises(RuleViolation):
        judged(made, RequirementFactory(round=other.segment_round.round))
    elsewhere = RequirementFactory(round=made.segment_round.round, segment=other.segment_round.segment)
    with pytest.raises(RuleViolation):
        judged(made, elsewhere)


def test_requirements_are_judged_before_the_scores_are_fixed_only():
    made = evaluation()
    made.to_fixed()
    with pytest.raises(RuleViolation):
        judged(made, RequirementFactory(round=made.segment_round.round))


@pytest.mark.parametrize("role", [Role.EVALUATOR, Role.AUDITOR, Role.ADMIN])
def test_only_the_lead_judges_records_and_fixes(role):
    made = in_consensus()
    by = user_with(role, region=made.region)
    requirement = RequirementFactory(round=made.segment_round.round)
    for act in (
        lambda: judged(made, requirement, by=by),
        lambda: consensus(made, by=by),
        lambda: fix_scores(segment_round=made.segment_round, by=by),
    ):
        with pytest.raises(NotAllowed):
            act()


# Consensus ----------------------------------------------------------------------------------------------


def test_consensus_waits_for_the_end_of_scoring_alone():
    made = evaluation()
    with pytest.raises(RuleViolation):
        consensus(made)


@pytest.mark.parametrize(("value", "reason", "field"), [("7", "Ja.", "value"), ("8", "  ", "reason")])
def test_a_consensus_score_lies_on_the_scale_and_has_a_motivation(value, reason, field):
    made = in_consensus()
    with pytest.raises(RuleViolation) as refused:
        consensus(made, value, reason)
    assert refused.value.field == field


def test_a_consensus_outside_the_individual_scores_needs_a_reason_of_its_own(client):
    made = in_consensus()
    consensus(made, "6")
    assert AuditEvent.objects.latest("id").detail["outside_individual_scores"] is False
    assert ConsensusScore.objects.get().outside_reason == ""
    with pytest.raises(RuleViolation) as refused:
        consensus(made, "10", outside_reason=" ")
    assert refused.value.field == "outside_reason"
    consensus(made, "10", outside_reason="Het certificaat weegt zwaarder dan ieder alleen zag.")
    assert AuditEvent.objects.latest("id").detail["outside_individual_scores"] is True
    assert ConsensusScore.objects.get().value == 10
    client.force_login(made.lead)
    html = client.get(page(made, 0)).content.decode()
    assert "valt buiten de individuele scores (6 tot 6)" in html
    assert "Het certificaat weegt zwaarder dan ieder alleen zag." in html


def test_fixing_needs_all_scores_and_all_judgments_of_admitted_entries():
    made = in_consensus(entries=2, criteria=1)
    requirement = RequirementFactory(round=made.segment_round.round)
    consensus(made)
    judged(made, requirement)
    with pytest.raises(RuleViolation) as refused:
        fix_scores(segment_round=made.segment_round, by=made.lead)
    assert "Ontbrekende scores: 1. Opnieuw vast te stellen: 0. Niet beoordeelde eisen: 1." in refused.value.message
    check_requirement(entry=made.entries[1], requirement=requirement, met=False, reason="Nee.", by=made.lead)
    assert fix_scores(segment_round=made.segment_round, by=made.lead).status == SegmentRoundStatus.FIXED


def test_after_fixing_nothing_changes():
    made = evaluation()
    made.to_fixed()
    for act in (lambda: consensus(made, "10"), lambda: fix_scores(segment_round=made.segment_round, by=made.lead)):
        with pytest.raises(RuleViolation):
            act()
    assert set(ConsensusScore.objects.values_list("value", flat=True)) == {Decimal(6)}


# Pages --------------------------------------------------------------------------------------------------


def consensus_data(made, **values):
    data = {}
    for criterion in made.criteria:
        value, reason = values.get(criterion.code, ("", ""))
        data |= {
            f"k{criterion.pk}-value": value,
            f"k{criterion.pk}-reason": reason,
            f"initial-k{criterion.pk}-value": "",
            f"initial-k{criterion.pk}-reason": "",
        }
    return data


def test_the_lead_records_the_consensus_and_keeps_what_was_refused(client):
    made = in_consensus()
    client.force_login(made.lead)
    data = consensus_data(made, S1=("6", "Redelijk sterk."), S2=("6", ""))
    html = client.post(page(made, 0), data).content.decode()
    assert ConsensusScore.objects.get().criterion == made.criteria[0]
    assert "Geef de motivering. De aanbieder leest die." in html
    response = client.post(page(made, 0), {**consensus_data(made, S2=("6", "Redelijk.")), "next": ""})
    assert response.url == page(made, 1)
    assert ConsensusScore.objects.count() == 2


def test_who_does_not_say_what_was_on_the_screen_overwrites_nothing(client):
    made = in_consensus()
    client.force_login(made.lead)
    client.post(page(made, 0), consensus_data(made, S1=("6", "Redelijk sterk.")))
    answer = client.post(page(made, 0), consensus_data(made, S1=("8", "Toch sterker.")))
    assert ConsensusScore.objects.get().reason == "Redelijk sterk."
    assert "Toch sterker." in answer.content.decode()


def test_the_lead_judges_requirements_on_the_page(client):
    made = evaluation()
    requirement = RequirementFactory(round=made.segment_round.round, code="E1")
    client.force_login(made.lead)
    field = f"e{requirement.pk}"
    html = client.post(f"{page(made, 0)}eisen/", {f"{field}-met": "no", f"{field}-reason": ""}).content.decode()
    assert "Leg uit waarom niet aan deze eis is voldaan." in html
    client.post(f"{page(made, 0)}eisen/", {f"{field}-met": "no", f"{field}-reason": "Te weinig personeel."})
    assert Entry.objects.get(pk=made.entries[0].pk).status == EntryStatus.EXCLUDED
    assert "Te weinig personeel." in client.get(page(made, 0)).content.decode()


def test_closing_and_fixing_on_the_page(client):
    made = evaluation(entries=1)
    client.force_login(made.lead)
    html = client.post(f"{page(made)}scoren-sluiten/", {"reason": ""}).content.decode()
    assert "2 beoordelaars hebben nog niet ingeleverd" in html
    made.score_all()
    client.post(f"{page(made)}scoren-sluiten/", {})
    made.segment_round.refresh_from_db()
    assert made.segment_round.status == SegmentRoundStatus.CONSENSUS
    html = client.post(f"{page(made)}vaststellen/", follow=True).content.decode()
    assert "U kunt de scores nog niet vaststellen." in html
    made.consensus_all(["8"])
    client.post(f"{page(made)}vaststellen/")
    made.segment_round.refresh_from_db()
    assert made.segment_round.status == SegmentRoundStatus.FIXED


def test_the_auditor_looks_and_changes_nothing(client):
    made = in_consensus()
    client.force_login(user_with(Role.AUDITOR, region=made.region))
    for path in (page(made), page(made, 0)):
        html = client.get(path).content.decode()
        assert "<textarea" not in html
        assert 'type="radio"' not in html
    for path in (page(made, 0), f"{page(made, 0)}eisen/", f"{page(made)}vaststellen/", f"{page(made)}commissie/"):
        assert client.post(path).status_code == 403
    assert client.get(f"{page(made)}vaststellen/").status_code == 403


def test_another_region_does_not_see_it(client):
    made = in_consensus()
    client.force_login(user_with(Role.LEAD, region=RegionFactory()))
    assert client.get(page(made)).status_code == 404
    assert client.get(page(made, 0)).status_code == 404


def test_a_draft_is_never_shown_nor_waited_for(client):
    made = in_consensus(entries=1)
    draft = submitted_entry(made.segment_round).submission
    type(draft).objects.filter(pk=draft.pk).update(status="withdrawn")
    client.force_login(made.lead)
    assert draft.organisation.name not in client.get(page(made)).content.decode()
    made.consensus_all(["6"])
    assert fix_scores(segment_round=made.segment_round, by=made.lead)


@pytest.mark.parametrize("count", [1, 12])
def test_the_pages_take_a_fixed_number_of_queries(client, count, django_assert_num_queries):
    made = in_consensus(entries=count)
    RequirementFactory(round=made.segment_round.round)
    consensus(made)
    client.force_login(made.lead)
    with django_assert_num_queries(11):
        client.get(page(made))
    with django_assert_num_queries(19):
        client.get(page(made, 0))


# Two at once --------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_two_leads_fix_once():
    made = in_consensus(entries=1, criteria=1)
    made.consensus_all(["6"])
    leads = [made.lead, user_with(Role.LEAD, region=made.region)]
    results = at_once(*[lambda by=by: fix_scores(segment_round=made.segment_round, by=by) for by in leads])
    assert sorted(type(result).__name__ for result in results) == ["NoneType", "RuleViolation"]
    assert AuditEvent.objects.filter(action="procurement.segmentround.fix_scores").count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_consensus_and_the_fixing_at_once_never_change_what_is_fixed():
    made = in_consensus(entries=1, criteria=1)
    made.consensus_all(["6"])
    recording, fixing = at_once(
        lambda: consensus(made, "10"), lambda: fix_scores(segment_round=made.segment_round, by=made.lead)
    )
    assert fixing is None
    assert ConsensusScore.objects.get().value == (6 if recording else 10)


@pytest.mark.django_db(transaction=True)
def test_an_exclusion_and_the_fixing_at_once_leave_no_half_state():
    made = in_consensus(entries=1, criteria=1)
    requirement = RequirementFactory(round=made.segment_round.round)
    made.consensus_all(["6"])
    judged(made, requirement)
    excluding, fixing = at_once(
        lambda: judged(made, requirement, met=False, reason="Toch niet."),
        lambda: fix_scores(segment_round=made.segment_round, by=made.lead),
    )
    assert fixing is None
    status = Entry.objects.get(pk=made.entries[0].pk).status
    assert status == (EntryStatus.ADMITTED if excluding else EntryStatus.EXCLUDED)
