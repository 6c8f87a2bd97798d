"""The contracts of a tender lie in its dossier, with their letters; `procurement` knows nothing of them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from contracts.services.terms import decide_option

from achterhoek.accounts.enums import Role
from contracts.models import ContractLetter
from contracts.services.dossier import contract_parts
from contracts.services.letters import make_letters
from procurement.models import Tender
from tests.factories import TenderFactory, user_with
from tests.factories.contracts import running_contract
from tests.factories.dossiers import archive_of, made_dossier
from tests.pdf import text_of

pytestmark = pytest.mark.django_db


def test_each_contract_is_in_it_with_its_letters_and_events() -> None:
    contract = running_contract()
    tender = Tender.objects.get(pk=contract.segment.tender_id)
    clm, lead = user_with(Role.CLM), user_with(Role.LEAD, region=tender.region)
    decide_option(term=contract.terms.get(sequence=2), exercise=True, reason="De evaluatie zegt het.", by=clm)
    assert make_letters() == 1
    letter = ContractLetter.objects.get()
    with archive_of(made_dossier(tender, lead)) as archive:
        said = json.loads(archive.read(f"contracten/{contract.number}/contract.json"))
        (paper,) = [name for name in archive.namelist() if name.endswith(".pdf")]
        text = text_of(archive.read(paper))
        events = [json.loads(line) for line in archive.read("contracten/logboek.jsonl").splitlines()]
        left_out = json.loads(archive.read("index.json"))["left_out"]
    assert paper.startswith(f"contracten/{contract.number}/brieven/")
    assert "Wij verlengen uw contract" in text
    assert [(row["kind"], row["file_sha256"]) for row in said["letters"]] == [("extension", letter.file.sha256)]
    assert [term["status"] for term in said["terms"]] == ["committed", "exercised", "open"]
    assert "contracts.contractletter.send" in {event["action"] for event in events}
    assert left_out == []


def test_a_letter_that_is_not_made_yet_is_named_without_a_file() -> None:
    contract = running_contract()
    tender = Tender.objects.get(pk=contract.segment.tender_id)
    decide_option(term=contract.terms.get(sequence=2), exercise=False, reason="Genoeg.", by=user_with(Role.CLM))
    with archive_of(made_dossier(tender, user_with(Role.LEAD, region=tender.region))) as archive:
        said = json.loads(archive.read(f"contracten/{contract.number}/contract.json"))
        assert not [name for name in archive.namelist() if name.endswith(".pdf")]
    assert [(row["kind"], row["sent_at"]) for row in said["letters"]] == [("non_extension", None)]


def test_contracts_of_other_tenders_are_not_in_it() -> None:
    contract = running_contract()
    other = TenderFactory(region=contract.segment.tender.region)
    with archive_of(made_dossier(other, user_with(Role.LEAD, region=other.region))) as archive:
        assert not [name for name in archive.namelist() if name.startswith("contracten/")]


def test_more_contracts_take_no_more_queries(django_assert_max_num_queries: Any) -> None:
    contract = running_contract()
    tender = Tender.objects.get(pk=contract.segment.tender_id)
    lead = user_with(Role.LEAD, region=tender.region)
    for _ in range(3):
        running_contract(segment=contract.segment)
    assert len([part for part in contract_parts(lead, tender) if part.path.endswith("/contract.json")]) == 4
    with django_assert_max_num_queries(QUERIES):
        list(contract_parts(lead, tender))


# Whose contracts this user sees, the contracts, their terms and their letters; the log is read when it is written.
QUERIES = 4
