"""The interim evaluation: opened, answered blind by both sides, concluded with agreements, shown beside the option."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from achterhoek.accounts.enums import Role
from achterhoek.errors import NotAllowed, RuleViolation
from achterhoek.mail.models import OutboxMessage
from contracts.models import (
    Agreement,
    EvaluationAnswer,
    EvaluationQuestion,
    Indicator,
    InterimEvaluation,
    SegmentIndicator,
)
from contracts.services.evaluations import (
    Answer,
    ToDo,
    conclude_evaluation,
    finish_agreement,
    hand_in_answers,
    open_evaluations,
    save_answers,
)
from contracts.services.indicators import save_question
from tests.factories import RegionFactory, user_with
from tests.factories.contracts import in_municipalities, running_contract
from tests.factories.providers import member_of
from tests.factories.results import evaluation, indicator, questionnaire, reported

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate


@pytest.fixture
def contract():
    return running_contract()


@pytest.fixture
def member(contract):
    return member_of(contract.contractor)


@pytest.fixture
def clm():
    return user_with(Role.CLM)


@pytest.fixture
def opened(contract):
    return evaluation(contract)


def answers(mark, text=""):
    return {question.pk: Answer(mark, text) for question in EvaluationQuestion.objects.all()}


def both_in(opened, member, clm):
    hand_in_answers(evaluation=opened, side="contractor", answers=answers(5, "Prima."), by=member)
    hand_in_answers(evaluation=opened, side="clm", answers=answers(2, "Matig."), by=clm)
    return InterimEvaluation.objects.get(pk=opened.pk)


def concluded(opened, member, clm, **fields):
    values = {
        "met_on": TODAY(), "conclusion": "Verlengen kan.", "advice": "Verleng onder afspraken.",
        "agreed": [ToDo("Wachttijd onder 8 weken", TODAY() + timedelta(days=90))], **fields,
    }  # fmt: skip
    return conclude_evaluation(evaluation=both_in(opened, member, clm), by=clm, **values)


def page_of(opened):
    return reverse("contracts:evaluation", args=[opened.contract_id, opened.year])


def test_clm_opens_a_year_for_all_contracts_in_force_of_a_tender_once(contract, member, clm):
    questionnaire(contract)
    tender = contract.segment.tender
    running_contract(segment=contract.segment, unsigned=True)
    due = TODAY() + timedelta(days=30)
    assert [row.contract for row in open_evaluations(tender=tender, year=2024, due_on=due, by=clm)] == [contract]
    assert contract.number in OutboxMessage.objects.get(to=member.email).body
    for year, day, field in [(2024, due, "year"), (2025, due, "year"), (2024, TODAY() - timedelta(days=1), "due_on")]:
        with pytest.raises(RuleViolation) as refused:
            open_evaluations(tender=tender, year=year, due_on=day, by=clm)
        assert refused.value.field == field
    with pytest.raises(NotAllowed):
        open_evaluations(tender=tender, year=2024, due_on=due, by=user_with(Role.LEAD))


def test_neither_side_sees_the_other_before_both_are_in(client, opened, member, clm):
    hand_in_answers(evaluation=opened, side="contractor", answers=answers(5, "Uitstekend gegaan."), by=member)
    save_answers(evaluation=opened, side="clm", answers=answers(2, "Wij vonden het matig."), by=clm)
    sees = {}
    for who in (member, clm, user_with(Role.LEAD)):
        client.force_login(who)
        text = client.get(page_of(opened)).content.decode()
        sees[who] = ("Uitstekend gegaan." in text, "Wij vonden het matig." in text)
    assert list(sees.values()) == [(True, False), (False, True), (False, False)]
    hand_in_answers(evaluation=opened, side="clm", answers={}, by=clm)
    for who in sees:
        client.force_login(who)
        text = client.get(page_of(opened)).content.decode()
        assert "Uitstekend gegaan." in text
        assert "Wij vonden het matig." in text
        assert "ver uit elkaar" in text


def test_answers_are_saved_on_the_way_and_handed_in_with_every_mark(client, opened, member):
    first, second = EvaluationQuestion.objects.all()
    client.force_login(member)
    assert client.post(page_of(opened), {f"mark-{first.pk}": "4", "save": "1"}).status_code == 302
    refused = client.post(page_of(opened), {f"mark-{first.pk}": "4", "submit": "1"})
    assert refused.status_code == 422
    assert "Geef een cijfer van 1 tot en met 5." in refused.content.decode()
    data = {f"mark-{first.pk}": "4", f"mark-{second.pk}": "3", f"text-{second.pk}": "Lang.", "submit": "1"}
    assert client.post(page_of(opened), data).status_code == 302
    assert sorted(EvaluationAnswer.objects.values_list("mark", "side")) == [(3, "contractor"), (4, "contractor")]
    with pytest.raises(RuleViolation, match="ingediend"):
        save_answers(evaluation=opened, side="contractor", answers=answers(1), by=member)
    assert client.post(page_of(opened), data).status_code == 302  # too late: told, and nothing changes
    assert EvaluationAnswer.objects.filter(mark=1).count() == 0


def test_each_side_answers_for_itself(opened, member, clm):
    for side, who in [("clm", member), ("contractor", clm), ("contractor", member_of(running_contract().contractor))]:
        with pytest.raises(NotAllowed):
            save_answers(evaluation=opened, side=side, answers=answers(3), by=who)
    with pytest.raises(NotAllowed):
        save_answers(evaluation=opened, side="clm", answers={}, by=user_with(Role.CLM, region=RegionFactory()))


def test_no_data_of_clients_and_no_mark_outside_one_to_five(opened, member):
    with pytest.raises(RuleViolation, match="BSN"):
        save_answers(evaluation=opened, side="contractor", answers=answers(3, "Zie 111222333"), by=member)
    with pytest.raises(RuleViolation, match="1 tot en met 5"):
        save_answers(evaluation=opened, side="contractor", answers=answers(6), by=member)


def test_it_is_concluded_when_both_are_in_with_what_was_agreed(opened, member, clm):
    with pytest.raises(RuleViolation, match="beide partijen"):
        conclude_evaluation(evaluation=opened, met_on=TODAY(), conclusion="x", advice="", agreed=[], by=clm)
    done = concluded(opened, member, clm)
    assert (done.status, done.advice) == ("concluded", "Verleng onder afspraken.")
    agreement = Agreement.objects.get()
    finish_agreement(agreement=agreement, on=TODAY(), remark="Gehaald.", by=clm)
    with pytest.raises(RuleViolation, match="al vastgelegd"):
        finish_agreement(agreement=agreement, on=TODAY(), remark="", by=clm)
    with pytest.raises(NotAllowed):
        finish_agreement(agreement=agreement, on=TODAY(), remark="", by=member)


@pytest.mark.parametrize(("fields", "field"), [
    ({"met_on": TODAY() + timedelta(days=1)}, "met_on"), ({"conclusion": " "}, "conclusion"),
    ({"advice": "Zie 111222333"}, "advice"),
])  # fmt: skip
def test_what_lacks_in_the_conclusion_is_told_beside_its_field(opened, member, clm, fields, field):
    with pytest.raises(RuleViolation) as refused:
        concluded(opened, member, clm, **fields)
    assert refused.value.field == field


def test_the_pages_of_concluding_and_of_what_was_agreed(client, opened, member, clm):
    both_in(opened, member, clm)
    client.force_login(clm)
    data = {"met_on": TODAY().isoformat(), "conclusion": "Goed.", "advice": "Verlengen.", "agreed-1": "Minder wachten"}
    refused = client.post(page_of(opened), data)
    assert refused.status_code == 422
    assert "Kies een datum." in refused.content.decode()
    assert client.post(page_of(opened), {**data, "due-1": TODAY().isoformat()}).status_code == 302
    assert "Minder wachten" in client.get(reverse("contracts:evaluations")).content.decode()
    done = reverse("contracts:agreement_done", args=[opened.contract_id, opened.year, 1])
    assert client.post(done, {"on": ""}).status_code == 422
    assert client.post(done, {"on": TODAY().isoformat()}).status_code == 302
    assert client.get(done).status_code == 404
    client.force_login(member)
    assert "Minder wachten" in client.get(page_of(opened)).content.decode()


def test_clm_opens_evaluations_on_the_page(client, contract, clm):
    client.force_login(clm)
    assert "Schrijf eerst de vragen" in client.get(reverse("contracts:evaluations")).content.decode()
    questionnaire(contract)
    data = {"tender": contract.segment.tender_id, "year": 2024, "due_on": TODAY().isoformat()}
    assert client.post(reverse("contracts:evaluations"), {**data, "due_on": ""}).status_code == 422
    assert client.post(reverse("contracts:evaluations"), data).status_code == 302
    assert InterimEvaluation.objects.get().contract == contract


def test_others_do_not_see_an_evaluation(client, opened, contract):
    (place,) = in_municipalities(contract, "Aalten")
    (elsewhere,) = in_municipalities(running_contract(), "Zutphen")
    for who, found in [
        (user_with(Role.COLLEGE, municipality=place), 200), (user_with(Role.COLLEGE, municipality=elsewhere), 404),
        (member_of(running_contract().contractor), 404), (user_with(Role.CLM, region=RegionFactory()), 404),
    ]:  # fmt: skip
        client.force_login(who)
        assert client.get(page_of(opened)).status_code == found


def test_the_advice_and_the_signals_stand_beside_the_option(client, opened, contract, member, clm):
    (place,) = in_municipalities(contract, "Aalten")
    indicator(contract, norm=80)
    reported(contract, member, "70", "71")
    option = reverse("contracts:option", args=[contract.terms.get(sequence=2).pk])
    client.force_login(user_with(Role.COLLEGE, municipality=place))
    assert "nog geen tussenevaluatie" in client.get(option).content.decode()
    concluded(opened, member, clm)
    text = client.get(option).content.decode()
    assert "Verleng onder afspraken." in text
    assert "Wachttijd onder 8 weken" in text
    assert "Twee kwartalen slechter dan de norm" in text


def test_a_question_that_was_answered_stays_what_it_was(opened, member, clm):
    save_answers(evaluation=opened, side="contractor", answers=answers(3), by=member)
    question = EvaluationQuestion.objects.first()
    question.text = "Iets anders?"
    with pytest.raises(RuleViolation, match="al beantwoord"):
        save_question(question=question, by=clm)


# The desk of Team CLM -------------------------------------------------------------------------------


def test_clm_manages_indicators_norms_and_questions_at_its_desk(client, contract, clm):
    region = contract.segment.tender.region
    client.force_login(clm)
    data = {
        "region": region.pk, "code": "wachttijd", "name": "Wachttijd", "explanation": "In weken.", "unit": "weken",
        "direction": "lower", "lowest": "0", "highest": "104", "decimals": "1", "position": "1",
    }  # fmt: skip
    assert client.post(reverse("admin:contracts_indicator_add"), data).status_code == 302
    found = Indicator.objects.get()
    asked = {"segment": contract.segment_id, "indicator": found.pk, "norm": "200"}
    refused = client.post(reverse("admin:contracts_segmentindicator_add"), asked)
    assert "tussen 0 en 104" in refused.content.decode()
    assert client.post(reverse("admin:contracts_segmentindicator_add"), {**asked, "norm": "8"}).status_code == 302
    row = SegmentIndicator.objects.get()
    assert client.get(reverse("admin:contracts_segmentindicator_changelist")).status_code == 200
    gone = client.post(reverse("admin:contracts_segmentindicator_delete", args=[row.pk]), {"post": "yes"})
    assert (gone.status_code, SegmentIndicator.objects.count()) == (302, 0)
    question = {"region": region.pk, "year": "2024", "position": "1", "text": "Hoe gaat het?"}
    assert client.post(reverse("admin:contracts_evaluationquestion_add"), question).status_code == 302
    assert EvaluationQuestion.objects.get().text == "Hoe gaat het?"


def test_clm_of_another_region_manages_nothing_here(client, contract):
    indicator(contract)
    client.force_login(user_with(Role.CLM, region=RegionFactory()))
    found = Indicator.objects.get()
    assert client.get(reverse("admin:contracts_indicator_change", args=[found.pk])).status_code in (302, 404)
    add = client.get(reverse("admin:contracts_segmentindicator_add")).content.decode()
    assert found.name not in add
