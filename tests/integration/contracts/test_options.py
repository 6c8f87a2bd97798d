"""Options: what the colleges decide, what Team CLM concludes, and what nobody decided in time."""

from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from achterhoek.accounts.enums import Role
from achterhoek.audit.models import AuditEvent
from achterhoek.errors import NotAllowed, RuleViolation
from achterhoek.mail.models import OutboxMessage
from achterhoek.nlds.formatting import format_day
from contracts.enums import TermStatus
from contracts.models import ContractLetter, ContractMunicipality, OptionDecision, OptionReminder, RegisterVersion
from contracts.selectors.options import open_options, waiting_for_college
from contracts.services.option_reminders import remind_of_options
from contracts.services.options import conclude_option, lapse_options, meet_condition, record_college_decisions
from tests.factories import SegmentFactory, user_with
from tests.factories.contracts import (
    contract_until,
    contract_with_terms,
    in_municipalities,
    option_decided,
    running_contract,
    said,
)

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate


@pytest.fixture
def clm():
    return user_with(Role.CLM)


@pytest.fixture
def contract():
    return running_contract()


@pytest.fixture
def places(contract):
    return in_municipalities(contract, "Aalten", "Berkelland")


def option(contract, number=1):
    return contract.terms.get(sequence=number + 1)


def record(contract, place, says, by, number=1):
    return record_college_decisions(terms=[option(contract, number)], municipality=place, says=says, by=by)[0]


def test_an_option_that_all_colleges_take_extends_the_contract(clm, contract, places):
    for place in places:
        record(contract, place, said("extend"), clm)
    conclude_option(term=option(contract), reason="De evaluatie was goed.", by=clm)
    term = option(contract)
    assert (term.status, term.reason) == (TermStatus.EXERCISED, "De evaluatie was goed.")
    assert term.decided_at is not None
    assert RegisterVersion.objects.filter(note__contains=contract.number).exists()
    assert ContractLetter.objects.get().kind == "extension"
    assert not contract.contract_municipalities.filter(end__isnull=False).exists()


def test_an_option_that_no_college_takes_ends_the_contract_and_lets_the_later_ones_lapse(clm, contract, places):
    for place in places:
        record(contract, place, said("decline", reason="Te weinig vraag."), clm)
    conclude_option(term=option(contract), reason="De colleges verlengen niet.", by=clm)
    assert [t.status for t in contract.terms.all()] == ["committed", "declined", "declined"]
    assert ContractLetter.objects.get().kind == "non_extension"


def test_a_municipality_that_does_not_extend_leaves_with_the_term_before(clm, contract, places):
    record(contract, places[0], said("extend"), clm)
    record(contract, places[1], said("decline", reason="Eigen inkoop."), clm)
    term = conclude_option(term=option(contract), reason="Berkelland koopt zelf in.", by=clm)
    ends = dict(contract.contract_municipalities.values_list("municipality__name", "end"))
    assert ends == {"Aalten": None, "Berkelland": term.start - timedelta(days=1)}
    told = RegisterVersion.objects.get(date=term.start).note
    assert told.endswith(f"eindigt in Berkelland op {format_day(ends['Berkelland'])}.")
    # The next option is decided by those who are left.
    assert [row.municipalities for row in open_options(clm, today=TODAY())] == [(places[0],)]


def test_the_conclusion_waits_for_every_college_and_every_condition(clm, contract, places):
    first = record(contract, places[0], said("conditional", condition="De raad stemt in."), clm)
    with pytest.raises(RuleViolation, match="Berkelland") as refused:
        conclude_option(term=option(contract), reason="Goed.", by=clm)
    assert "Aalten" in refused.value.message
    record(contract, places[1], said("extend"), clm)
    meet_condition(decision=first, on=TODAY(), by=clm)
    assert conclude_option(term=option(contract), reason="Goed.", by=clm).status == TermStatus.EXERCISED


def test_a_college_may_decide_anew_until_the_conclusion_and_the_log_keeps_both(clm, contract, places):
    record(contract, places[0], said("extend"), clm)
    record(contract, places[0], said("decline", reason="Toch niet."), clm)
    assert OptionDecision.objects.get().outcome == "decline"
    told = AuditEvent.objects.filter(action="contracts.optiondecision.record").order_by("pk")
    assert [event.detail["outcome"] for event in told] == ["extend", "decline"]


@pytest.mark.parametrize(("fields", "field"), [
    ({"outcome": "decline"}, "reason"), ({"outcome": "conditional"}, "condition"), ({"outcome": "maybe"}, "outcome"),
    ({"outcome": "extend", "decided_on": TODAY() + timedelta(days=1)}, "decided_on"),
    ({"outcome": "extend", "decided_on": date(1926, 1, 1)}, "decided_on"),
])  # fmt: skip
def test_what_lacks_is_told_beside_its_field(clm, contract, places, fields, field):
    with pytest.raises(RuleViolation) as refused:
        record(contract, places[0], said(**fields), clm)
    assert refused.value.field == field


def test_options_are_decided_in_their_order(clm, contract, places):
    with pytest.raises(RuleViolation, match="volgorde"):
        record(contract, places[0], said("extend"), clm, number=2)


def test_after_the_notice_date_nothing_is_decided(clm):
    contract = contract_until(TODAY() + timedelta(days=30))
    (place,) = in_municipalities(contract, "Aalten")
    with pytest.raises(RuleViolation, match="opzegtermijn"):
        record(contract, place, said("extend"), clm)
    with pytest.raises(RuleViolation, match="opzegtermijn"):
        conclude_option(term=option(contract), reason="Te laat.", by=clm)
    assert option(contract).status == TermStatus.OPEN


def test_an_option_is_decided_once(clm, contract):
    option_decided(contract, "extend", clm)
    with pytest.raises(RuleViolation):
        conclude_option(term=option(contract), reason="Nog eens.", by=clm)


def test_only_the_own_college_and_team_clm_speak(clm, contract, places):
    own = user_with(Role.COLLEGE, municipality=places[0])
    record(contract, places[0], said("extend"), own)
    with pytest.raises(NotAllowed):
        record(contract, places[1], said("extend"), own)
    with pytest.raises(NotAllowed):
        record(contract, places[0], said("extend"), user_with(Role.LEAD))
    with pytest.raises(NotAllowed):
        conclude_option(term=option(contract), reason="Goed.", by=own)


def test_a_municipality_that_does_not_take_part_does_not_decide(clm, contract, places):
    (elsewhere,) = in_municipalities(running_contract(), "Ver")
    with pytest.raises(RuleViolation, match="Ver"):
        record(contract, elsewhere, said("extend"), clm)


def test_an_option_that_nobody_decided_lapses_after_its_notice_date_with_its_letter():
    contract = contract_until(TODAY() + timedelta(days=30))
    in_municipalities(contract, "Aalten")
    assert lapse_options() == 1
    assert lapse_options() == 0
    assert option(contract).status == TermStatus.DECLINED
    assert ContractLetter.objects.get().kind == "non_extension"


def test_an_option_on_its_notice_date_does_not_lapse():
    contract = contract_with_terms(start=TODAY() - timedelta(days=2 * 365), years=(3, 2))
    assert lapse_options() == 0
    assert option(contract).status == TermStatus.OPEN


def test_reminders_go_once_to_team_clm_and_the_colleges_that_have_to_decide(clm):
    contract = contract_until(TODAY() + timedelta(days=364))
    first, second = in_municipalities(contract, "Aalten", "Berkelland")
    secretaries = [user_with(Role.COLLEGE, municipality=place) for place in (first, second)]
    record(contract, first, said("extend"), clm)
    assert remind_of_options() == 1
    assert remind_of_options() == 0
    assert OptionReminder.objects.get().months == 12
    told = set(OutboxMessage.objects.values_list("to", flat=True))
    assert told == {clm.email, secretaries[1].email}
    assert contract.number in OutboxMessage.objects.first().body


def test_what_was_decided_in_time_stands_when_the_notice_date_passed_without_a_conclusion(clm):
    """A college that is silent has not taken the option for itself, and for no other."""
    contract = contract_until(TODAY() + timedelta(days=30))
    extends, declines, _silent, waits = in_municipalities(contract, "Aalten", "Berkelland", "Doetinchem", "Montferland")
    in_time = {"term": option(contract), "decided_on": TODAY() - timedelta(days=300), "recorded_by": clm}
    OptionDecision.objects.create(municipality=extends, outcome="extend", **in_time)
    OptionDecision.objects.create(municipality=declines, outcome="decline", reason="Eigen inkoop.", **in_time)
    OptionDecision.objects.create(municipality=waits, outcome="conditional", condition="De raad.", **in_time)
    assert lapse_options() == 1
    assert lapse_options() == 0
    term, last = option(contract), contract.terms.get(sequence=1).end
    assert (term.status, "Aalten" in term.reason) == (TermStatus.EXERCISED, True)
    ends = dict(contract.contract_municipalities.values_list("municipality__name", "end"))
    assert ends == {"Aalten": None, "Berkelland": last, "Doetinchem": last, "Montferland": last}
    assert ContractLetter.objects.get().kind == "extension"


def test_a_college_does_not_decide_before_the_contract_began(clm, contract, places):
    with pytest.raises(RuleViolation) as refused:
        record(contract, places[0], said("extend", decided_on=contract.start - timedelta(days=1)), clm)
    assert refused.value.field == "decided_on"


# Pages -------------------------------------------------------------------------------------------------

LIST = "/contracten/opties/"


def form(place, *terms, **fields):
    keys = {
        "municipality": place.pk,
        "outcome": "extend",
        "decided_on": TODAY().isoformat(),
        "reason": "",
        "condition": "",
    }
    return {**keys, "optie": [term.pk for term in terms], **fields}


def test_a_secretary_records_one_decision_on_many_contracts(client, contract, places):
    other = running_contract(segment=contract.segment)
    ContractMunicipality.objects.create(contract=other, municipality=places[0], start=other.start)
    client.force_login(user_with(Role.COLLEGE, municipality=places[0]))
    assert client.post(LIST, form(places[0])).status_code == 422
    refused = client.post(LIST, form(places[0], option(contract), outcome="decline"))
    assert "id_reason_error" in refused.content.decode()
    assert f'value="{option(contract).pk}" id="optie-{option(contract).pk}" checked' in " ".join(
        refused.content.decode().split()
    )
    assert client.post(LIST, form(places[0], option(contract), option(other))).status_code == 302
    assert OptionDecision.objects.filter(outcome="extend", municipality=places[0]).count() == 2


def test_a_secretary_sees_no_option_of_another_region(client, contract, places):
    (far,) = in_municipalities(running_contract(), "Ver")
    client.force_login(user_with(Role.COLLEGE, municipality=far))
    assert contract.number not in client.get(LIST).content.decode()
    assert client.get(f"{LIST}{option(contract).pk}/").status_code == 404
    assert client.post(LIST, form(places[0], option(contract))).status_code == 422
    assert not OptionDecision.objects.exists()


def test_team_clm_concludes_on_the_page_of_the_option(client, clm, contract, places):
    client.force_login(clm)
    page = f"{LIST}{option(contract).pk}/"
    assert "Goed." not in client.get(page).content.decode()
    assert client.post(page, {"reason": "Goed."}).status_code == 422
    for place in places:
        record(contract, place, said("extend"), clm)
    assert client.post(page, {"reason": "Goed."}).status_code == 302
    assert option(contract).status == TermStatus.EXERCISED
    assert client.get(page).status_code == 404
    assert reverse("contracts:option", args=[option(contract, 2).pk]) in client.get(LIST).content.decode()


def test_options_stand_under_their_segment_and_a_segment_is_chosen_by_its_own_link(client, clm, contract, places):
    other = running_contract(segment=SegmentFactory(tender=contract.segment.tender))
    other.contract_municipalities.create(municipality=places[0], start=other.start)
    client.force_login(clm)
    groups = client.get(LIST).context["groups"]
    assert [(group.segment, len(group.rows), group.unfolded) for group in groups] == [
        (one.segment, 1, False) for one in sorted((contract, other), key=lambda one: one.segment.position)
    ]
    of_one = f"{LIST}?segment={other.segment.slug}&kies=alle"
    chosen = [group for group in client.get(of_one).context["groups"] if group.unfolded]
    assert [(group.segment, [row[1] for row in group.rows]) for group in chosen] == [(other.segment, [True])]
    recorded = client.post(of_one, form(places[0], option(other)))
    assert recorded.headers["Location"] == f"{LIST}?segment={other.segment.slug}"


def test_a_condition_is_met_on_its_own_page(client, clm, contract, places):
    own = user_with(Role.COLLEGE, municipality=places[0])
    record(contract, places[0], said("conditional", condition="De raad stemt in."), own)
    client.force_login(own)
    page = f"{LIST}{option(contract).pk}/voorwaarde/{places[0].pk}/"
    assert "De raad stemt in." in client.get(page).content.decode()
    assert client.post(page, {"on": "2020-01-01"}).status_code == 422
    assert client.post(page, {"on": TODAY().isoformat()}).status_code == 302
    assert OptionDecision.objects.get().condition_met_on == TODAY()
    assert client.get(f"{LIST}{option(contract).pk}/voorwaarde/{places[1].pk}/").status_code == 404


@pytest.mark.parametrize("count", [1, 6])
def test_the_list_takes_the_same_queries_for_few_and_many(client, clm, count, django_assert_max_num_queries):
    for number in range(count):
        in_municipalities(running_contract(), f"Dorp {number}", f"Stad {number}")
    client.force_login(clm)
    with django_assert_max_num_queries(12):
        assert sum(len(group.rows) for group in client.get(LIST).context["groups"]) == count


def test_the_page_of_a_college_leads_to_the_options_that_wait_for_it(client, clm):
    contract = contract_until(TODAY() + timedelta(days=300))
    places = in_municipalities(contract, "Aalten", "Berkelland")
    user = user_with(Role.COLLEGE, municipality=places[0])
    client.force_login(user)
    assert reverse("contracts:options") in client.get(reverse("procurement:college_home")).content.decode()
    found = waiting_for_college(user, TODAY())
    assert (found.total, found.waiting) == (1, 1)
    record(contract, places[0], said("extend"), clm)
    assert waiting_for_college(user, TODAY()).waiting == 0
    assert waiting_for_college(user_with(Role.PROVIDER), TODAY()) is None


def test_a_college_that_left_with_an_earlier_term_no_longer_sees_the_options_after_it(clm, contract, places):
    left, stays = (user_with(Role.COLLEGE, municipality=place) for place in places)
    assert open_options(left, today=TODAY())
    last = contract.terms.get(sequence=1).end
    contract.contract_municipalities.filter(municipality=places[0]).update(end=last)
    # It decides on the option that follows its own last day; and on none after that.
    assert open_options(left, today=TODAY())
    contract.terms.filter(sequence=2).update(status=TermStatus.EXERCISED)
    assert not open_options(left, today=TODAY())
    assert waiting_for_college(left, TODAY()) is None
    assert len(open_options(stays, today=TODAY())) == 1
    assert len(open_options(clm, today=TODAY())) == 1
