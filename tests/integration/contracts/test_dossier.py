"""The contracts of a tender lie in its dossier, with their letters; `procurement` knows nothing of them."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from achterhoek.accounts.enums import Role
from achterhoek.clock import database_today
from contracts.enums import OptionOutcome, SigningSide
from contracts.models import ContractLetter
from contracts.services.contract_documents import offer_contract
from contracts.services.dossier import contract_parts
from contracts.services.letters import make_letters
from contracts.services.signing import Signed, sign_contract
from procurement.models import Tender
from tests.factories import TenderFactory, user_with
from tests.factories.contracts import (
    contract_with_terms,
    in_municipalities,
    option_decided,
    running_contract,
    sign_for_authority,
)
from tests.factories.documents import pdf
from tests.factories.dossiers import archive_of, made_dossier
from tests.pdf import text_of

pytestmark = pytest.mark.django_db


def test_each_contract_is_in_it_with_its_letters_and_events() -> None:
    contract = running_contract()
    tender = Tender.objects.get(pk=contract.segment.tender_id)
    clm, lead = user_with(Role.CLM), user_with(Role.LEAD, region=tender.region)
    option_decided(contract, OptionOutcome.EXTEND, clm, "De evaluatie zegt het.")
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


def test_what_was_signed_is_in_it_with_who_signed_and_for_whom_it_holds() -> None:
    contract = contract_with_terms(unsigned=True, start=database_today() + timedelta(days=30), long_term_reason="Rust.")
    tender = Tender.objects.get(pk=contract.segment.tender_id)
    clm = user_with(Role.CLM, region=tender.region)
    in_municipalities(contract, "Winterswijk")
    offer_contract(contract=contract, by=clm)
    paper = pdf()
    signed = Signed("Zus Zorg", "bestuurder", database_today())
    sign_contract(
        contract=contract,
        side=SigningSide.CONTRACTOR,
        says=signed,
        by=clm,
        upload=SimpleUploadedFile("getekend.pdf", paper),
    )
    sign_for_authority(contract, clm)
    with archive_of(made_dossier(tender, user_with(Role.LEAD, region=tender.region))) as archive:
        said = json.loads(archive.read(f"contracten/{contract.number}/contract.json"))
        text = text_of(archive.read(f"contracten/{contract.number}/contract-1.pdf"))
        assert archive.read(f"contracten/{contract.number}/ondertekend-contractor.pdf") == paper
    assert contract.number in text
    assert [(row["side"], row["name"]) for row in said["signatures"]] == [
        ("authority", "Maud Mandaat"), ("contractor", "Zus Zorg"),
    ]  # fmt: skip
    assert [(row["kvk_number"], row["share"]) for row in said["parties"]] == [
        (contract.contractor.kvk_number, "100.00")
    ]
    assert [row["name"] for row in said["municipalities"]] == ["Winterswijk"]


def test_a_letter_that_is_not_made_yet_is_named_without_a_file() -> None:
    contract = running_contract()
    tender = Tender.objects.get(pk=contract.segment.tender_id)
    option_decided(contract, OptionOutcome.DECLINE, user_with(Role.CLM), "Genoeg.")
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


# Whose contracts this user sees, the contracts, and what hangs on them, a query for each kind; the log is read when it
# is written.
QUERIES = 9
