"""Questions, advice, evidence, conditions and the day of a decision: what holds whatever page it comes from."""

from datetime import timedelta

import pytest
from django.utils import timezone

from achterhoek.accounts.enums import Role
from achterhoek.audit.models import AuditEvent
from achterhoek.errors import NotAllowed, RuleViolation
from achterhoek.mail.models import OutboxMessage
from contracts.enums import AdviceOutcome, ChangeKind, ChangeStatus
from contracts.models import RegisterVersion, Subcontractor
from contracts.services.change_bulk import advise_together, refuse_together
from contracts.services.change_decisions import condition_lines, decide_change, meet_condition
from contracts.services.change_talk import answer_question, ask_advice, ask_question, give_advice
from contracts.services.letters import make_letters
from contracts.services.saved_searches import clean_query, forget_search, save_search
from contracts.services.subcontractors import request_change, withdraw_change
from procurement.models import SubSegment
from tests.factories import MunicipalityFactory, OrganisationFactory, RegionFactory, member_of, user_with
from tests.factories.contracts import SubcontractorChangeFactory, SubcontractorFactory, running_contract
from tests.triggers import ignored

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate
DAY = timedelta(days=1)


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
def change(contract, member):
    return SubcontractorChangeFactory(contract=contract, requested_by=member)


@pytest.fixture
def place(contract):
    return MunicipalityFactory(region=contract.segment.tender.region)


@pytest.fixture
def secretary(place):
    return user_with(Role.COLLEGE, municipality=place)


def refresh(row):
    row.refresh_from_db()
    return row


# Questions -----------------------------------------------------------------------------------------


def test_a_question_is_mailed_and_the_term_stands_still_until_the_answer(change, member, clm):
    due = change.decide_by
    message = ask_question(change=change, text="Waarom deze partij?", by=clm)
    assert refresh(change).status == ChangeStatus.QUESTIONED
    told = set(OutboxMessage.objects.values_list("to", flat=True))
    assert told == {change.contract.contractor.email, member.email}
    assert "Waarom deze partij?" not in OutboxMessage.objects.first().body
    with ignored("contracts.ChangeMessage:message_stays"):
        change.messages.filter(pk=message.pk).update(at=timezone.now() - timedelta(days=5))
    answer_question(change=change, text="Omdat de wachttijd oploopt.", by=member)
    assert refresh(change).status == ChangeStatus.REQUESTED
    assert change.decide_by == due + timedelta(days=5)
    assert OutboxMessage.objects.filter(to=clm.email).count() == 1


def test_a_contractor_that_reads_english_is_asked_in_english(change, clm):
    change.contract.contractor.letter_language = "en"
    change.contract.contractor.save(update_fields=["letter_language"])
    ask_question(change=change, text="Why?", by=clm)
    assert "your request waits" in OutboxMessage.objects.first().body
    assert "Question about your request" in OutboxMessage.objects.first().subject


def test_only_team_clm_of_the_region_asks_and_only_the_contractor_answers(change, member, clm):
    for stranger in (member, user_with(Role.AUDITOR), user_with(Role.CLM, region=RegionFactory())):
        with pytest.raises(NotAllowed):
            ask_question(change=change, text="Vraag", by=stranger)
    ask_question(change=change, text="Vraag", by=clm)
    for stranger in (clm, member_of(OrganisationFactory()), member_of(change.organisation)):
        with pytest.raises(NotAllowed):
            answer_question(change=change, text="Antwoord", by=stranger)


def test_an_open_question_can_be_refused_or_withdrawn_but_not_approved(contract, change, member, clm):
    ask_question(change=change, text="Vraag", by=clm)
    with pytest.raises(RuleViolation):
        ask_question(change=change, text="Nog een", by=clm)
    with pytest.raises(RuleViolation):
        decide_change(change=change, outcome=ChangeStatus.APPROVED, reason="Akkoord.", by=clm)
    assert not Subcontractor.objects.exists()
    with pytest.raises(RuleViolation):
        request_change(
            contract=contract, kind=ChangeKind.ADD, organisation=change.organisation, part_of_work="Iets",
            effective_on=TODAY(), reason="Nogmaals.", by=member,
        )  # fmt: skip
    withdraw_change(change=change, by=member)
    with pytest.raises(RuleViolation):
        answer_question(change=change, text="Te laat.", by=member)


@pytest.mark.parametrize("text", ["", "  \n"])
def test_nothing_is_asked_or_answered_without_words(change, member, clm, text):
    with pytest.raises(RuleViolation):
        ask_question(change=change, text=text, by=clm)
    ask_question(change=change, text="Vraag", by=clm)
    with pytest.raises(RuleViolation):
        answer_question(change=change, text=text, by=member)


# Advice --------------------------------------------------------------------------------------------


def ask(change, clm, *places, **fields):
    values = {"question": "Wat vindt u?", "due_on": TODAY() + timedelta(days=14), **fields}
    return ask_advice(change=change, municipalities=list(places), by=clm, **values)


def test_a_municipality_advises_once_and_team_clm_hears(change, clm, place, secretary):
    [advice] = ask(change, clm, place)
    assert OutboxMessage.objects.filter(to=secretary.email).count() == 1
    with pytest.raises(RuleViolation) as refused:
        ask(change, clm, place)
    assert refused.value.field == "municipalities"
    give_advice(advice=advice, outcome=AdviceOutcome.POSITIVE, text="", by=secretary)
    assert refresh(advice).given_by == secretary
    assert OutboxMessage.objects.filter(to=clm.email).count() == 1
    with pytest.raises(RuleViolation):
        give_advice(advice=advice, outcome=AdviceOutcome.NEGATIVE, text="Toch niet.", by=secretary)
    actions = set(AuditEvent.objects.filter(target_id=str(change.pk)).values_list("action", flat=True))
    assert {"contracts.changeadvice.ask", "contracts.changeadvice.give"} <= actions


def test_only_the_municipality_that_was_asked_advises(change, clm, place, secretary):
    [advice] = ask(change, clm, place)
    elsewhere = MunicipalityFactory(region=place.region)
    for stranger in (user_with(Role.COLLEGE, municipality=elsewhere), clm, user_with(Role.LEAD)):
        with pytest.raises(NotAllowed):
            give_advice(advice=advice, outcome=AdviceOutcome.POSITIVE, text="", by=stranger)


def test_against_says_why_and_a_decided_request_needs_no_advice(change, clm, place, secretary):
    [advice] = ask(change, clm, place)
    with pytest.raises(RuleViolation) as refused:
        give_advice(advice=advice, outcome=AdviceOutcome.NEGATIVE, text=" ", by=secretary)
    assert refused.value.field == "text"
    decide_change(change=change, outcome=ChangeStatus.REFUSED, reason="Nee.", by=clm)
    with pytest.raises(RuleViolation):
        give_advice(advice=advice, outcome=AdviceOutcome.POSITIVE, text="", by=secretary)
    with pytest.raises(RuleViolation):
        ask(refresh(change), clm, MunicipalityFactory(region=place.region))


def test_advice_is_asked_where_somebody_can_read_it(change, clm, place, secretary):
    empty = MunicipalityFactory(region=place.region)
    with pytest.raises(RuleViolation) as refused:
        ask(change, clm, place, empty)
    assert empty.name in refused.value.message
    assert not change.advices.exists()
    foreign = MunicipalityFactory()
    with pytest.raises(NotAllowed):
        ask(change, clm, foreign)
    for field, broken in (("municipalities", {}), ("due_on", {"due_on": TODAY() - DAY})):
        with pytest.raises(RuleViolation) as refused:
            ask(change, clm, *([] if field == "municipalities" else [place]), **broken)
        assert refused.value.field == field


# The decision --------------------------------------------------------------------------------------


def test_team_clm_may_decide_a_later_day_but_never_an_earlier_one(contract, change, clm):
    asked = change.effective_on
    with pytest.raises(RuleViolation) as refused:
        decide_change(
            change=change, outcome=ChangeStatus.APPROVED, reason="Akkoord.", takes_effect_on=asked - DAY, by=clm
        )
    assert refused.value.field == "takes_effect_on"
    later = asked + timedelta(days=30)
    decide_change(change=change, outcome=ChangeStatus.APPROVED, reason="Akkoord.", takes_effect_on=later, by=clm)
    assert refresh(change).takes_effect_on == later
    assert Subcontractor.objects.get().start == later
    assert RegisterVersion.objects.filter(date=later).exists()


def test_a_day_after_the_contract_is_refused_beside_its_field(change, clm):
    with pytest.raises(RuleViolation) as refused:
        decide_change(
            change=change, outcome=ChangeStatus.APPROVED, reason="Akkoord.", by=clm,
            takes_effect_on=TODAY() + timedelta(days=5000),
        )  # fmt: skip
    assert refused.value.field == "takes_effect_on"


def test_a_stop_that_waited_too_long_ends_today_and_not_in_the_past(contract, clm):
    sub = SubcontractorFactory(contract=contract, start=contract.start)
    change = SubcontractorChangeFactory(
        contract=contract, kind=ChangeKind.STOP, organisation=sub.organisation, effective_on=TODAY() - 3 * DAY
    )
    decide_change(change=change, outcome=ChangeStatus.APPROVED, reason="Akkoord.", by=clm)
    assert refresh(sub).end == TODAY()
    assert refresh(change).takes_effect_on == TODAY()


def test_other_work_begins_where_the_old_work_ends(contract, clm):
    parts = [SubSegment.objects.create(segment=contract.segment, slug=name, name=name) for name in "ab"]
    contract.subsegments.set(parts)
    sub = SubcontractorFactory(contract=contract, start=contract.start, end=TODAY() + timedelta(days=200))
    sub.subsegments.set(parts)
    day = TODAY() + timedelta(days=20)
    change = SubcontractorChangeFactory(
        contract=contract, kind=ChangeKind.CHANGE, organisation=sub.organisation, effective_on=day,
        part_of_work="Muziektherapie",
    )  # fmt: skip
    change.subsegments.set(parts[:1])
    decide_change(change=change, outcome=ChangeStatus.APPROVED, reason="Akkoord.", by=clm)
    old, new = contract.subcontractors.order_by("start")
    assert (old.start, old.end, old.part_of_work) == (contract.start, day - DAY, "Speltherapie")
    assert (new.start, new.end, new.part_of_work) == (day, TODAY() + timedelta(days=200), "Muziektherapie")
    assert list(new.subsegments.all()) == parts[:1]
    assert make_letters() == 1
    assert sub.organisation.name in RegisterVersion.objects.get(date=day).note


def test_who_stops_does_not_begin_the_other_work_that_was_planned(contract, member, clm):
    sub = SubcontractorFactory(contract=contract, start=contract.start)

    def approved(kind, day, **fields):
        change = request_change(
            contract=contract, kind=kind, organisation=sub.organisation, effective_on=day, reason="Reden.", by=member,
            continuity="Loopt door.", clients=2, **fields,
        )  # fmt: skip
        return decide_change(change=change, outcome=ChangeStatus.APPROVED, reason="Akkoord.", by=clm)

    planned = TODAY() + 30 * DAY
    approved(ChangeKind.CHANGE, planned, part_of_work="Muziektherapie")
    assert contract.subcontractors.count() == 2
    approved(ChangeKind.STOP, planned - DAY)
    assert contract.subcontractors.get().end == planned - DAY


def test_other_work_from_the_first_day_is_written_over_what_never_began(contract, clm):
    start = TODAY() + timedelta(days=10)
    sub = SubcontractorFactory(contract=contract, start=start)
    change = SubcontractorChangeFactory(
        contract=contract, kind=ChangeKind.CHANGE, organisation=sub.organisation, effective_on=start,
        part_of_work="Muziektherapie",
    )  # fmt: skip
    decide_change(change=change, outcome=ChangeStatus.APPROVED, reason="Akkoord.", by=clm)
    assert contract.subcontractors.get().part_of_work == "Muziektherapie"


def test_each_condition_is_followed_up_once(change, clm):
    due = TODAY() + timedelta(days=60)
    decide_change(
        change=change, outcome=ChangeStatus.CONDITIONAL, reason="Tijdelijk.", by=clm, conditions_due_on=due,
        conditions="- Lever een nieuw uittreksel.\n\n• Meld elk kwartaal het aantal cliënten.",
    )  # fmt: skip
    first, second = change.followed.all()
    assert (first.text, second.text) == ("Lever een nieuw uittreksel.", "Meld elk kwartaal het aantal cliënten.")
    assert (first.due_on, first.met_on) == (due, None)
    with pytest.raises(NotAllowed):
        meet_condition(condition=first, met_on=TODAY(), remark="", by=user_with(Role.AUDITOR))
    with pytest.raises(RuleViolation) as refused:
        meet_condition(condition=first, met_on=TODAY() + DAY, remark="", by=clm)
    assert refused.value.field == "met_on"
    meet_condition(condition=first, met_on=TODAY(), remark="Gezien.", by=clm)
    assert (refresh(first).met_on, first.checked_by) == (TODAY(), clm)
    with pytest.raises(RuleViolation):
        meet_condition(condition=first, met_on=TODAY(), remark="", by=clm)
    assert AuditEvent.objects.filter(action="contracts.changecondition.meet").count() == 1
    assert make_letters() == 1
    assert "Lever een nieuw uittreksel." in OutboxMessage.objects.get(to=change.contract.contractor.email).body


def test_conditions_of_the_past_cannot_be_met(change, clm):
    with pytest.raises(RuleViolation) as refused:
        decide_change(
            change=change, outcome=ChangeStatus.CONDITIONAL, reason="Tijdelijk.", conditions="Iets.", by=clm,
            conditions_due_on=TODAY() - DAY,
        )  # fmt: skip
    assert refused.value.field == "conditions_due_on"


@pytest.mark.parametrize(
    ("text", "lines"), [("", []), ("- \n •\n", []), ("Een.\n- Twee. ", ["Een.", "Twee."]), ("A-b", ["A-b"])]
)
def test_conditions_are_lines(text, lines):
    assert condition_lines(text) == lines


def test_the_log_keeps_what_the_checks_said_at_the_decision(change, clm):
    decide_change(change=change, outcome=ChangeStatus.APPROVED, reason="Akkoord.", by=clm)
    detail = AuditEvent.objects.get(action="contracts.subcontractorchange.approve").detail
    assert "declaration:found" in detail["checks"]
    assert "kvk_extract:missing" in detail["checks"]


# Several at once -----------------------------------------------------------------------------------


def test_several_are_refused_for_one_reason_each_with_its_own_line_and_letter(clm):
    changes = [SubcontractorChangeFactory(contract=running_contract()) for _number in range(3)]
    withdraw_change(change=changes[1], by=member_of(changes[1].contract.contractor))
    together = refuse_together(changes=changes, reason="Geen gegronde reden.", by=clm)
    assert together.done == 2
    assert [change for change, _message in together.refused] == [changes[1]]
    events = AuditEvent.objects.filter(action="contracts.subcontractorchange.refuse")
    assert {event.target_id for event in events} == {str(changes[0].pk), str(changes[2].pk)}
    assert make_letters() == 2


def test_one_question_goes_to_a_municipality_about_several(contract, clm, place, secretary):
    changes = [SubcontractorChangeFactory(contract=contract) for _number in range(2)]
    together = advise_together(
        changes=changes, municipalities=[place], question="Wat vindt u?", due_on=TODAY() + DAY, by=clm
    )
    assert (together.done, together.refused) == (2, ())
    assert AuditEvent.objects.filter(action="contracts.changeadvice.ask").count() == 2


# Saved searches ------------------------------------------------------------------------------------


def test_a_search_is_kept_under_its_name_and_thrown_away_by_its_owner(clm):
    first = save_search(page="lijst", name="Te laat", query="?term=overdue&p=3", shared=False, by=clm)
    again = save_search(page="lijst", name=" Te laat ", query="term=week", shared=True, by=clm)
    assert first.pk == again.pk
    assert (again.query, again.shared) == ("term=week", True)
    with pytest.raises(NotAllowed):
        forget_search(search=again, by=user_with(Role.CLM))
    forget_search(search=again, by=clm)


@pytest.mark.parametrize(
    ("name", "query"), [("", "term=week"), ("Leeg", ""), ("Leeg", "p=2"), ("Lang", f"q={'x' * 2000}")]
)
def test_a_search_without_name_or_filters_is_not_kept(clm, name, query):
    with pytest.raises(RuleViolation):
        save_search(page="lijst", name=name, query=query, shared=False, by=clm)


def test_only_team_clm_keeps_searches():
    with pytest.raises(NotAllowed):
        save_search(page="lijst", name="Naam", query="term=week", shared=True, by=user_with(Role.AUDITOR))


def test_a_search_leads_nowhere_else():
    assert clean_query("?next=//kwaad.example&q=a b&e=1") == "next=%2F%2Fkwaad.example&q=a+b"
