"""Letters about contracts: asked with what they tell, made once by whoever works, read by who may see the contract."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from achterhoek.accounts.enums import Role
from achterhoek.audit.models import AuditEvent
from achterhoek.documents.gate import may_read
from achterhoek.errors import NotAllowed, RuleViolation
from achterhoek.mail.models import OutboxMessage
from contracts.enums import ChangeStatus, ContractLetterKind, ContractStatus
from contracts.models import ContractLetter
from contracts.services.change_decisions import decide_change
from contracts.services.letters import ask_letter, make_letters, retry_letter
from contracts.tasks.letters import make_letters as work
from tests.factories import OrganisationFactory, member_of, user_with
from tests.factories.contracts import (
    SubcontractorChangeFactory,
    contract_with_terms,
    option_decided,
    running_contract,
    sign_by_both,
)
from tests.pdf import assert_accessible, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def clm():
    return user_with(Role.CLM)


def the_letter(**fields) -> tuple[ContractLetter, bytes]:
    letter = ContractLetter.objects.select_related("file", "message").get(**fields)
    assert letter.file is not None
    with letter.file.file.open("rb") as opened:
        return letter, opened.read()


def test_a_signed_contract_is_confirmed_by_letter_once(clm):
    contract = contract_with_terms(status=ContractStatus.PREPARED, signed_at=None)
    sign_by_both(contract, clm)
    assert not OutboxMessage.objects.exists()
    assert (work(), work()) == (1, 0)
    letter, pdf = the_letter(kind="contract")
    assert_accessible(pdf)
    text = text_of(pdf)
    last = contract.terms.order_by("sequence").first().end
    assert f"Contract {contract.number}" in text
    assert str(last.year) in text
    assert "Wij kunnen het contract verlengen" in text
    mail = OutboxMessage.objects.get()
    assert letter.message == mail
    assert list(mail.attachments.all()) == [letter.file]
    assert mail.to == contract.contractor.email
    assert contract.number in mail.subject


@pytest.mark.parametrize(("outcome", "kind", "said"), [
    ("extend", "extension", "Wij verlengen uw contract"), ("decline", "non_extension", "Het contract eindigt vanzelf"),
])  # fmt: skip
def test_an_option_that_is_decided_is_told_with_its_reason(clm, outcome, kind, said):
    contract = running_contract()
    option_decided(contract, outcome, clm, "De evaluatie zegt het.")
    assert make_letters() == 1
    _letter, pdf = the_letter(kind=kind)
    assert said in text_of(pdf)
    assert "De evaluatie zegt het." in text_of(pdf)


def test_a_decision_on_a_subcontractor_is_told_in_the_language_of_the_contractor(clm):
    contract = running_contract(contractor=OrganisationFactory(letter_language="en"))
    change = SubcontractorChangeFactory(contract=contract, effective_on=timezone.localdate())
    decide_change(change=change, outcome=ChangeStatus.REFUSED, reason="Geen gegronde reden.", by=clm)
    assert make_letters() == 1
    letter, pdf = the_letter(kind="subcontractor", subject=str(change.pk))
    assert_accessible(pdf, "en")
    assert f"{change.organisation.name} may not do any work for you" in text_of(pdf)
    assert "Geen gegronde reden." in letter.message.body


def test_the_letter_is_read_by_who_may_see_the_contract(client, clm):
    contract = running_contract()
    ask_letter(contract=contract, kind=ContractLetterKind.CONTRACT)
    page = reverse("contracts:contract", args=[contract.pk])
    member = member_of(contract.contractor)
    client.force_login(member)
    assert "brief-" not in client.get(page).content.decode()
    make_letters()
    letter, _pdf = the_letter()
    assert letter.file.name in client.get(page).content.decode()
    assert may_read(member, letter.file)
    assert may_read(clm, letter.file)
    assert not may_read(member_of(OrganisationFactory()), letter.file)
    assert client.get(reverse("documents:download", args=[letter.file_id])).status_code == 200


def test_one_letter_about_one_thing():
    contract = running_contract()
    first = ask_letter(contract=contract, kind=ContractLetterKind.CONTRACT)
    assert ask_letter(contract=contract, kind=ContractLetterKind.CONTRACT) == first
    with pytest.raises(IntegrityError), transaction.atomic():
        ContractLetter.objects.create(contract=contract, kind="contract", addressee=contract.contractor)


def test_a_letter_that_cannot_be_made_keeps_its_cause_and_holds_up_no_other():
    broken, sound = running_contract(), running_contract()
    place = broken.contractor.city
    broken.contractor.city = ""
    broken.contractor.save()
    for contract in (broken, sound):
        ask_letter(contract=contract, kind=ContractLetterKind.CONTRACT)
    assert make_letters() == 1
    assert "plaats" in ContractLetter.objects.get(contract=broken).error
    broken.contractor.city = place
    broken.contractor.save()
    assert make_letters() == 1
    assert ContractLetter.objects.get(contract=broken).error == ""
    assert OutboxMessage.objects.count() == 2


def test_team_clm_sees_the_cause_and_tries_again(client, clm):
    contract = running_contract()
    place, contract.contractor.city = contract.contractor.city, ""
    contract.contractor.save()
    letter = ask_letter(contract=contract, kind=ContractLetterKind.CONTRACT)
    make_letters()
    client.force_login(clm)
    page, again = reverse("contracts:lead_contracts"), reverse("contracts:letter_retry", args=[letter.pk])
    shown = client.get(page).content.decode()
    assert f"Het adres van {contract.contractor.name} mist: plaats." in shown
    assert again in shown
    assert "Brieven die niet gemaakt konden worden" in client.get(reverse("admin:index")).content.decode()
    contract.contractor.city = place
    contract.contractor.save()
    assert client.post(again).status_code == 302
    assert AuditEvent.objects.filter(action="contracts.contractletter.retry").count() == 1
    make_letters()
    assert again not in client.get(page).content.decode()
    with pytest.raises(RuleViolation):
        retry_letter(letter=letter, by=clm)


def test_only_team_clm_and_the_lead_try_a_letter_again():
    letter = ask_letter(contract=running_contract(), kind=ContractLetterKind.CONTRACT)
    with pytest.raises(NotAllowed):
        retry_letter(letter=letter, by=user_with(Role.AUDITOR))


def test_the_letter_bears_the_day_of_the_decision_and_is_the_same_whenever_it_is_made():
    contract = running_contract()
    letter = ask_letter(contract=contract, kind=ContractLetterKind.CONTRACT)
    ContractLetter.objects.filter(pk=letter.pk).update(asked_at="2026-01-02T12:00:00+01:00")
    make_letters()
    _letter, pdf = the_letter()
    assert "2 januari 2026" in text_of(pdf)
    assert date(2026, 1, 2) < timezone.localdate()
