"""Signing by both sides: in the portal or on paper, never before nothing holds it up, and never one side alone."""

from __future__ import annotations

import hashlib
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, ProgrammingError, transaction
from django.urls import reverse
from django.utils import timezone

from achterhoek.accounts.enums import Role
from achterhoek.audit.models import AuditEvent
from achterhoek.clock import database_today
from achterhoek.documents.gate import may_read
from achterhoek.errors import NotAllowed, RuleViolation
from achterhoek.mail.models import OutboxMessage
from contracts.enums import ContractStatus, SigningSide
from contracts.models import Contract, ContractDocument, ContractSignature, RegisterVersion
from contracts.services.contract_documents import offer_contract
from contracts.services.contracts import make_contracts
from contracts.services.signing import Signed, sign_contract
from contracts.services.tariffs import set_funding
from tests.factories import OrganisationFactory, RegionFactory, member_of, user_with
from tests.factories.contracts import (
    contract_with_terms,
    final_award_decision,
    sign_for_authority,
    signed_by_contractor,
    takes_part,
)
from tests.factories.documents import pdf
from tests.pdf import assert_accessible, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def clm():
    return user_with(Role.CLM)


@pytest.fixture
def contract():
    return contract_with_terms(unsigned=True, start=database_today() + timedelta(days=30), long_term_reason="Rust.")


@pytest.fixture
def signer(contract):
    return member_of(contract.contractor)


def today(name: str = "Ans de Vries") -> Signed:
    return Signed(name, "bestuurder", database_today())


def scan() -> SimpleUploadedFile:
    return SimpleUploadedFile("getekend.pdf", pdf())


def test_in_force_when_both_have_signed_and_the_register_follows(contract, clm, signer):
    document = offer_contract(contract=contract, by=clm)
    sign_contract(contract=contract, side="contractor", says=today(), by=signer, seen=document.pk)
    contract.refresh_from_db()
    assert contract.status == ContractStatus.PREPARED
    assert not RegisterVersion.objects.exists()
    sign_for_authority(contract, clm)
    contract.refresh_from_db()
    assert contract.status == ContractStatus.ACTIVE
    assert contract.number in RegisterVersion.objects.get(date=contract.start).note
    told = AuditEvent.objects.filter(action="contracts.contractsignature.sign").order_by("pk")
    assert [(event.detail["side"], event.actor) for event in told] == [("contractor", signer), ("authority", clm)]
    assert told[0].detail["text"] == document.file.sha256


def test_the_contractor_may_be_the_last_to_sign(contract, clm, signer):
    document = offer_contract(contract=contract, by=clm)
    sign_for_authority(contract, clm)
    sign_contract(contract=contract, side="contractor", says=today(), by=signer, seen=document.pk)
    contract.refresh_from_db()
    assert contract.status == ContractStatus.ACTIVE
    assert contract.number in RegisterVersion.objects.get(date=contract.start).note


def test_what_was_signed_on_paper_comes_with_its_scan(contract, clm):
    with pytest.raises(RuleViolation, match="scan"):
        sign_contract(contract=contract, side="contractor", says=today(), by=clm)
    sign_contract(contract=contract, side="contractor", says=today(), by=clm, upload=scan())
    file = ContractSignature.objects.get().file
    assert may_read(member_of(contract.contractor), file)
    assert not may_read(member_of(OrganisationFactory()), file)


def changed(contract) -> None:
    """The text says something else from now on."""
    Contract.objects.filter(pk=contract.pk).update(long_term_reason="Rust en vertrouwen.")


def test_pressed_twice_it_is_laid_out_once(client, contract, clm):
    client.force_login(clm)
    url = reverse("contracts:contract_offer", args=[contract.pk])
    client.post(url)
    said = client.post(url, follow=True).content.decode()
    assert "al klaar om te ondertekenen" in said
    assert contract.documents.get().outdated_at is None
    assert OutboxMessage.objects.count() == 1


def test_only_the_text_that_was_read_is_signed(contract, clm, signer):
    first = offer_contract(contract=contract, by=clm)
    changed(contract)
    second = offer_contract(contract=contract, by=clm)
    first.refresh_from_db()
    assert first.outdated_at is not None
    with pytest.raises(RuleViolation, match="gewijzigd"):
        sign_contract(contract=contract, side="contractor", says=today(), by=signer, seen=first.pk)
    sign_contract(contract=contract, side="contractor", says=today(), by=signer, seen=second.pk)
    with pytest.raises(RuleViolation):
        offer_contract(contract=contract, by=clm)


def test_who_signs_for_whom(contract, clm, signer):
    document = offer_contract(contract=contract, by=clm)
    for who in (
        member_of(contract.contractor, signatory=False),
        member_of(OrganisationFactory()),
        user_with(Role.AUDITOR),
        user_with(Role.CLM, region=RegionFactory()),
    ):
        with pytest.raises(NotAllowed):
            sign_contract(contract=contract, side="contractor", says=today(), by=who, seen=document.pk)
    with pytest.raises(NotAllowed):
        sign_contract(contract=contract, side="authority", says=today(), by=signer)


@pytest.mark.parametrize(("says", "field"), [
    (Signed("", "x", timezone.localdate()), "name"), (Signed("x", " ", timezone.localdate()), "function"),
    (Signed("x", "x", timezone.localdate() + timedelta(days=2)), "signed_on"),
])  # fmt: skip
def test_a_signature_says_who_and_when(contract, clm, says, field):
    with pytest.raises(RuleViolation) as refused:
        sign_contract(contract=contract, side="authority", says=says, by=clm)
    assert refused.value.field == field


def test_nothing_is_signed_before_the_award_was_final(clm):
    [contract] = make_contracts(decision=final_award_decision(bids=1), by=user_with(Role.LEAD))
    before = Signed("Maud", "hoofd", database_today() - timedelta(days=3))
    with pytest.raises(RuleViolation, match=r"2\.131"):
        sign_contract(contract=contract, side="authority", says=before, by=clm)


def test_the_database_puts_nothing_in_force_with_one_signature(contract):
    signed_by_contractor(contract)
    with pytest.raises(IntegrityError, match="lacks a signature"), transaction.atomic():
        Contract.objects.filter(pk=contract.pk).update(status="active", signed_at=timezone.now())
    with pytest.raises(IntegrityError, match="contract_signed_once_a_side"), transaction.atomic():
        signed_by_contractor(contract)


def test_the_database_keeps_a_signature_as_it_was_put(contract):
    signed_by_contractor(contract)
    with pytest.raises(ProgrammingError, match="Cannot update"), transaction.atomic():
        ContractSignature.objects.update(name="Iemand Anders")
    with pytest.raises(ProgrammingError, match="Cannot update"), transaction.atomic():
        ContractSignature.objects.all().delete()


def test_how_it_is_paid_for_does_not_change_under_the_text_that_is_signed(contract, clm, signer):
    said = {"contract": contract, "subsegment": None, "model": "lumpsum", "provisional": False, "note": "", "by": clm}
    document = offer_contract(contract=contract, by=clm)
    set_funding(**said)
    with pytest.raises(RuleViolation, match="gewijzigd"):
        sign_contract(contract=contract, side="contractor", says=today(), by=signer, seen=document.pk)
    sign_contract(
        contract=contract, side="contractor", says=today(), by=signer, seen=offer_contract(contract=contract, by=clm).pk
    )
    with pytest.raises(RuleViolation):
        set_funding(**{**said, "model": "pxq"})


def test_a_long_run_has_its_motivation_or_is_refused():
    lead, decision = user_with(Role.LEAD), final_award_decision(bids=1)
    with pytest.raises(RuleViolation, match=r"2\.140") as refused:
        make_contracts(decision=decision, by=lead, long_term_reason="  ")
    assert refused.value.field == "long_term_reason"
    [contract] = make_contracts(decision=decision, by=lead, long_term_reason="Partnerschap vraagt zeven jaar.")
    assert contract.long_term_reason == "Partnerschap vraagt zeven jaar."


def test_the_text_of_the_contract(contract, clm):
    takes_part(contract.segment, "Aalten")
    document = offer_contract(contract=contract, by=clm)
    with document.file.file.open("rb") as opened:
        content = opened.read()
    assert document.file.sha256 == hashlib.sha256(content).hexdigest()
    assert_accessible(content)
    text = text_of(content)
    for said in (contract.number, contract.contractor.name, contract.segment.name, "Rust.", "Eerste periode"):
        assert said in text
    assert may_read(member_of(contract.contractor), document.file)
    assert not may_read(member_of(OrganisationFactory()), document.file)
    assert OutboxMessage.objects.get().to == contract.contractor.email


# The pages ------------------------------------------------------------------------------------------


def test_the_contractor_reads_and_signs_in_the_portal(client, contract, clm, signer):
    url = reverse("contracts:contract_own_sign", args=[contract.pk])
    client.force_login(signer)
    assert "nog niet klaar" in client.get(url).content.decode()
    document = offer_contract(contract=contract, by=clm)
    page = client.get(url).content.decode()
    assert document.file.name in page
    typed = {"name": "Ans de Vries", "function": "bestuurder", "seen": document.pk}
    refused = client.post(url, typed)
    assert refused.status_code == 422
    assert "Ans de Vries" in refused.content.decode()
    assert client.post(url, {**typed, "agreed": "on"}).status_code == 302
    assert contract.signatures.get().document == document
    assert "bestuurder" in client.get(url).content.decode()


def test_a_text_that_changed_while_it_was_read_is_shown_anew(client, contract, clm, signer):
    url = reverse("contracts:contract_own_sign", args=[contract.pk])
    old = offer_contract(contract=contract, by=clm)
    changed(contract)
    new = offer_contract(contract=contract, by=clm)
    client.force_login(signer)
    typed = {"name": "Ans", "function": "bestuurder", "agreed": "on", "seen": old.pk}
    page = client.post(url, typed)
    assert page.status_code == 422
    assert f'value="{new.pk}"' in page.content.decode()
    assert not contract.signatures.exists()


def test_a_member_that_may_not_sign_reads_only(client, contract, clm):
    offer_contract(contract=contract, by=clm)
    client.force_login(member_of(contract.contractor, signatory=False))
    page = client.get(reverse("contracts:contract_own_sign", args=[contract.pk])).content.decode()
    assert 'name="function"' not in page
    client.force_login(member_of(OrganisationFactory()))
    assert client.get(reverse("contracts:contract_own_sign", args=[contract.pk])).status_code == 404


def test_the_lead_lays_it_out_and_records_both_sides(client, contract):
    client.force_login(user_with(Role.LEAD))
    url = reverse("contracts:contract_sign", args=[contract.pk])
    client.post(reverse("contracts:contract_offer", args=[contract.pk]))
    assert ContractDocument.objects.filter(contract=contract).count() == 1
    typed = {"side": SigningSide.CONTRACTOR, "name": "Ans", "function": "bestuurder",
             "signed_on": database_today().isoformat()}  # fmt: skip
    refused = client.post(url, typed)
    assert refused.status_code == 422
    assert "scan" in refused.content.decode()
    assert client.post(url, {**typed, "file": scan()}).status_code == 302
    assert client.post(url, {**typed, "side": SigningSide.AUTHORITY}).status_code == 302
    contract.refresh_from_db()
    assert contract.status == ContractStatus.ACTIVE
    assert client.post(url, typed).status_code == 200


def test_the_page_of_making_keeps_what_was_typed(client):
    decision = final_award_decision(bids=2)
    client.force_login(user_with(Role.LEAD))
    url = reverse("contracts:contracts_make", args=[decision.pk])
    assert "Partnerschap vraagt tijd." in client.get(url).content.decode()
    assert client.post(url, {"long_term_reason": ""}).status_code == 422
    assert client.post(url, {"long_term_reason": "Zeven jaar rust."}).status_code == 302
    assert set(Contract.objects.values_list("long_term_reason", flat=True)) == {"Zeven jaar rust."}
