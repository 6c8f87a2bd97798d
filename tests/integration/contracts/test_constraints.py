"""What the database itself refuses, whatever the code does."""

from datetime import date

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction

from achterhoek.accounts.enums import Role
from contracts.enums import ContractStatus, TermStatus
from contracts.models import Contract, ContractSignature, ContractTerm
from contracts.services.contracts import make_contracts
from procurement.models import Award
from tests.factories import user_with
from tests.factories.contracts import (
    ContractFactory,
    SubcontractorChangeFactory,
    SubcontractorFactory,
    contract_with_terms,
    final_award_decision,
    in_municipalities,
    signed_by_contractor,
)
from tests.triggers import ignored

pytestmark = pytest.mark.django_db


def refused(name, make):
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        make()


def test_terms_do_not_overlap_not_even_by_one_day():
    contract = contract_with_terms(years=(3,))
    refused(
        "terms_do_not_overlap",
        lambda: ContractTerm.objects.create(
            contract=contract, sequence=2, start=date(2025, 6, 30), end=date(2027, 6, 30)
        ),
    )
    ContractTerm.objects.create(contract=contract, sequence=2, start=date(2025, 7, 1), end=date(2027, 6, 30))


def test_a_subcontractor_does_not_end_before_it_began():
    contract = ContractFactory()
    refused(
        "subcontractor_ends_after_start",
        lambda: SubcontractorFactory(contract=contract, start=date(2024, 3, 1), end=date(2024, 2, 29)),
    )


def test_the_same_subcontractor_is_not_there_twice_at_once():
    sub = SubcontractorFactory(contract=ContractFactory(), start=date(2023, 1, 1), end=date(2023, 12, 31))
    again = {"contract": sub.contract, "organisation": sub.organisation}
    refused("subcontractor_once_at_a_time", lambda: SubcontractorFactory(**again, start=date(2023, 12, 31)))
    SubcontractorFactory(**again, start=date(2024, 1, 1))


def test_only_the_first_term_is_agreed_beforehand():
    contract = contract_with_terms(years=(3,))
    refused(
        "term_first_is_committed",
        lambda: ContractTerm.objects.create(
            contract=contract, sequence=2, start=date(2025, 7, 1), end=date(2027, 6, 30), status=TermStatus.COMMITTED
        ),
    )


def test_a_contract_in_force_was_signed():
    refused("contract_active_is_signed", lambda: ContractFactory(signed_at=None))


def test_a_decided_request_has_its_reason():
    contract = ContractFactory()
    refused("change_decided_complete", lambda: SubcontractorChangeFactory(contract=contract, status="refused"))


def test_no_state_goes_back():
    contract = ContractFactory(status=ContractStatus.ENDED)
    with pytest.raises(ProgrammingError, match="Invalid transition"), transaction.atomic():
        Contract.objects.filter(pk=contract.pk).update(status=ContractStatus.ACTIVE)


# In SQL, past all of the code ------------------------------------------------------------------------


def sql(statement, *values):
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


# Each line goes on from the day on which the one before it ends: that day is in both.
TWICE_ON_ONE_DAY = {
    "terms_do_not_overlap": (
        'INSERT INTO contracts_contractterm (contract_id, sequence, start, "end", status, reason)'
        " VALUES (%s, 2, '2025-06-30', '2027-06-30', 'open', '')"
    ),
    "party_once_at_a_time": (
        "INSERT INTO contracts_contractparty (contract_id, organisation_id, is_lead, start)"
        " SELECT contract_id, organisation_id, false, '2025-06-30' FROM contracts_contractparty WHERE contract_id = %s"
    ),
    "contract_municipality_once": (
        "INSERT INTO contracts_contractmunicipality (contract_id, municipality_id, start)"
        " SELECT contract_id, municipality_id, '2025-06-30' FROM contracts_contractmunicipality WHERE contract_id = %s"
    ),
    "subcontractor_once_at_a_time": (
        "INSERT INTO contracts_subcontractor (contract_id, organisation_id, part_of_work, start)"
        " SELECT contract_id, organisation_id, part_of_work, '2025-06-30' FROM contracts_subcontractor"
        " WHERE contract_id = %s"
    ),
    "tariff_one_at_a_time": (
        "INSERT INTO contracts_tariff (contract_id, unit, price, start) VALUES (%s, 'hour', 81, '2025-06-30')"
    ),
    "lumpsum_once_a_year": (
        "INSERT INTO contracts_lumpsumamount (contract_id, municipality_id, year, amount)"
        " SELECT contract_id, municipality_id, year, 1 FROM contracts_lumpsumamount WHERE contract_id = %s"
    ),
}


@pytest.fixture
def until_june():
    """A contract until 30 June 2025, and all that belongs to it until then."""
    contract = contract_with_terms(start=date(2022, 7, 1), years=(3,))
    last = date(2025, 6, 30)
    (place,) = in_municipalities(contract, "Aalten")
    contract.contract_municipalities.update(end=last)
    contract.parties.update(end=last)
    SubcontractorFactory(contract=contract, start=contract.start, end=last)
    contract.tariffs.create(unit="hour", price=80, start=contract.start, end=last)
    contract.lumpsums.create(municipality=place, year=2025, amount=1000)
    return contract


@pytest.mark.parametrize("name", TWICE_ON_ONE_DAY)
def test_nothing_holds_twice_on_one_day(until_june, name):
    refused(name, lambda: sql(TWICE_ON_ONE_DAY[name], until_june.pk))
    if "'2025-06-30'" in TWICE_ON_ONE_DAY[name]:
        after = TWICE_ON_ONE_DAY[name].replace("'2025-06-30'", "'2025-07-01'", 1).replace("false", "true")
        sql(after, until_june.pk)


@pytest.mark.parametrize("table", ["party", "municipality"])
def test_nothing_ends_before_it_began(until_june, table):
    refused(
        "ends_after_start",
        lambda: sql(f'UPDATE contracts_contract{table} SET "end" = start - 1 WHERE contract_id = %s', until_june.pk),
    )


IN_FORCE = "UPDATE contracts_contract SET status = 'active', signed_at = now() WHERE id = %s"


def test_no_contract_comes_in_force_with_a_signature_too_few():
    contract = contract_with_terms(unsigned=True)
    refused("lacks a signature", lambda: sql(IN_FORCE, contract.pk))
    signed_by_contractor(contract)
    refused("lacks a signature", lambda: sql(IN_FORCE, contract.pk))


def test_no_contract_comes_in_force_before_its_award_is_final():
    """Aw 2.127, 2.131: the award becomes final when the standstill is over, and not before."""
    [contract] = make_contracts(decision=final_award_decision(bids=1), by=user_with(Role.LEAD))
    signed_by_contractor(contract)
    other = ContractSignature.objects.get(contract=contract)
    ContractSignature.objects.create(
        contract=contract, side="authority", name="Maud", function="hoofd", signed_on=other.signed_on,
        recorded_by=other.recorded_by,
    )  # fmt: skip
    decision = contract.award.decision
    refused(
        "decision_final_after_standstill",
        lambda: sql("UPDATE procurement_decision SET standstill_until = current_date + 1 WHERE id = %s", decision.pk),
    )
    with ignored():
        Award.objects.filter(pk=contract.award_id).update(status="provisional")
    refused("is not final", lambda: sql(IN_FORCE, contract.pk))
