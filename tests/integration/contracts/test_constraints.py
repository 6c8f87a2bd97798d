"""What the database itself refuses, whatever the code does."""

from datetime import date

import pytest
from django.db import IntegrityError, ProgrammingError, transaction

from contracts.enums import ContractStatus, TermStatus
from contracts.models import Contract, ContractTerm
from tests.factories.contracts import (
    ContractFactory,
    SubcontractorChangeFactory,
    SubcontractorFactory,
    contract_with_terms,
)

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
