"""Who reads what of a contract that another took over (Aw 2.163f): letters by addressee, papers by who had it then."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from achterhoek.accounts.enums import Role
from achterhoek.clock import database_today
from achterhoek.documents.gate import may_read
from achterhoek.documents.services import PDF, store_bytes
from contracts.enums import AmendmentKind, ContractLetterKind, LegalGround, SigningSide
from contracts.models import ContractLetter
from contracts.selectors.signing import CONTRACT_FILE, SIGNED_FILE
from contracts.services.amendments import AmendmentSaid, draft_amendment, sign_amendment
from contracts.services.letters import ask_letter, make_letters
from tests.factories import OrganisationFactory, member_of, user_with
from tests.factories.contracts import running_contract

pytestmark = pytest.mark.django_db


def stored(name: str, kind: str, by):
    return store_bytes(content=b"%PDF-1.7\n%%EOF", name=name, content_type=PDF, kind=kind, by=by)


@pytest.fixture
def scene():
    """A contract that was signed and told of under its first contractor, and taken over today by another."""
    clm = user_with(Role.CLM)
    contract = running_contract()
    old, new = contract.contractor, OrganisationFactory()
    then = timezone.now() - timedelta(days=380)
    first = stored("eerste-tekst.pdf", CONTRACT_FILE, clm)
    text = stored("tekst.pdf", CONTRACT_FILE, clm)
    contract.documents.create(sequence=1, file=first, made_by=clm, outdated_at=then, made_at=then)
    contract.documents.create(sequence=2, file=text, made_by=clm, made_at=then)
    scan = stored("ondertekend.pdf", SIGNED_FILE, clm)
    contract.signatures.create(
        side=SigningSide.CONTRACTOR, name="Zus Zorg", function="bestuurder", signed_on=then.date(), file=scan,
        recorded_by=clm, recorded_at=then,
    )  # fmt: skip
    before = ask_letter(contract=contract, kind=ContractLetterKind.CONTRACT)
    says = AmendmentSaid(
        kind=AmendmentKind.REPLACEMENT, ground=LegalGround.REPLACEMENT, title="Overname", description="Overname.",
        reason="Fusie.", effective_on=database_today(), successor=new,
    )  # fmt: skip
    made = draft_amendment(contract=contract, says=says, by=clm)
    sign_amendment(amendment=made, by=clm)
    contract.refresh_from_db()
    after = ask_letter(contract=contract, kind=ContractLetterKind.EXTENSION, subject=contract.terms.all()[1].pk)
    make_letters()
    letters = {row.pk: row.file for row in ContractLetter.objects.select_related("file")}
    told_new = ContractLetter.objects.get(subject=str(made.pk))
    told_old = ContractLetter.objects.get(subject=f"{made.pk}:{old.pk}")
    return {
        "clm": clm, "contract": contract, "old": member_of(old), "new": member_of(new), "first": first, "text": text,
        "scan": scan, "before": letters[before.pk], "after": letters[after.pk], "told_new": letters[told_new.pk],
        "told_old": letters[told_old.pk],
    }  # fmt: skip


@pytest.mark.parametrize(("what", "old", "new"), [
    ("before", True, False), ("after", False, True), ("told_old", True, False), ("told_new", False, True),
    # The contract itself goes with who takes it over; what was laid out before it, and was never signed, does not.
    ("first", True, False), ("text", True, True), ("scan", True, True),
])  # fmt: skip
def test_each_reads_the_letters_to_it_and_the_papers_of_its_time(scene, what, old, new):
    assert [may_read(scene[who], scene[what]) for who in ("old", "new")] == [old, new]
    assert may_read(scene["clm"], scene[what])
    assert not may_read(member_of(OrganisationFactory()), scene[what])


def test_the_pages_show_each_its_own(client, scene):
    page = reverse("contracts:contract", args=[scene["contract"].pk])
    client.force_login(scene["new"])
    body = client.get(page).content.decode()
    assert [scene[what].name in body for what in ("before", "told_old", "told_new", "after")] == [
        False, False, True, True,
    ]  # fmt: skip
    home = client.get(reverse("providers:home")).content.decode()
    assert "Stukken van contracten" not in home
    client.force_login(scene["old"])
    assert client.get(page).status_code == 404
    home = client.get(reverse("providers:home")).content.decode()
    names = ("before", "told_old", "text", "scan", "told_new", "after", "first")
    assert [scene[what].name in home for what in names] == [True] * 4 + [False] * 3
    assert client.get(reverse("documents:download", args=[scene["scan"].pk])).status_code == 200
    assert client.get(reverse("documents:download", args=[scene["told_new"].pk])).status_code == 404


def test_a_letter_that_was_asked_for_the_first_contractor_still_goes_to_it(scene):
    contract = scene["contract"]
    assert ContractLetter.objects.get(contract=contract, kind="contract").addressee != contract.contractor
