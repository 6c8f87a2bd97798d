"""Whoever has nothing to do with a contract finds none of its pages, by no address, and changes nothing.

Every address of contracts that names a thing is walked, so that a new page is in it by itself.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, reverse
from django.utils import timezone

from achterhoek.accounts.enums import Role
from achterhoek.audit.models import AuditEvent
from contracts.enums import ContractLetterKind
from contracts.models import ContractLetter, ContractTerm, Indicator, OptionDecision
from contracts.services.change_talk import ask_advice
from contracts.urls import urlpatterns
from tests.factories import OrganisationFactory, RegionFactory, member_of, user_with
from tests.factories.contracts import (
    SubcontractorChangeFactory,
    SubcontractorFactory,
    contract_with_terms,
    final_award_decision,
    in_municipalities,
    running_contract,
)
from tests.factories.region import MunicipalityFactory
from tests.factories.results import asked, complaints, evaluation

pytestmark = pytest.mark.django_db
PUBLIC = ("register", "api_", "who_helps")
NUMBER = "TST-2099-7777"


@pytest.fixture
def scene() -> dict[str, Any]:
    """A contract with one of everything, as the arguments of the addresses."""
    contract = running_contract(number=NUMBER)
    (place,) = in_municipalities(contract, "Aalten")
    clm, year = user_with(Role.CLM), timezone.localdate().year
    user_with(Role.COLLEGE, municipality=place)
    subcontractor = SubcontractorFactory(contract=contract, start=contract.start)
    change = SubcontractorChangeFactory(contract=contract)
    [advice] = ask_advice(change=change, municipalities=[place], question="", due_on=timezone.localdate(), by=clm)
    term = ContractTerm.objects.get(contract=contract, sequence=2)
    OptionDecision.objects.create(
        term=term, municipality=place, outcome="conditional", condition="De raad.", decided_on=timezone.localdate(),
        recorded_by=clm,
    )  # fmt: skip
    contract.obligations.create(sequence=1, promise="Snel.", source="G1")
    contract.amendments.create(
        sequence=1, kind="text", ground="2.163g", title="Tekst", description="x", reason="x", made_by=clm,
        effective_on=timezone.localdate(), status="signed", signed_at=timezone.now(),
    )  # fmt: skip
    tariff = contract.tariffs.create(unit="hour", price=80, start=contract.start)
    lumpsum = contract.lumpsums.create(municipality=place, year=year, amount=1000)
    complaints(contract)
    report = asked(contract)
    interim = evaluation(contract, year=report.year)
    interim.agreements.create(sequence=1, text="Sneller.", due_on=date(2030, 1, 1))
    arrangement = contract.handed_over.create(
        municipality=place, clients=3, arrangement="Warm.", due_on=date(2030, 1, 1), made_by=clm, status="agreed"
    )
    letter = ContractLetter.objects.create(
        contract=contract,
        kind=ContractLetterKind.CONTRACT,
        asked_at=timezone.now(),
        error="Adres ontbreekt.",
        addressee=contract.contractor,
    )
    return {
        "contract": contract, "place": place, "pk": contract.pk, "year": report.year, "quarter": report.quarter,
        "sequence": 1,
        "subcontractor_id": subcontractor.pk, "change_id": change.pk, "term_id": term.pk, "municipality_id": place.pk,
        "tariff_id": tariff.pk, "lumpsum_id": lumpsum.pk, "arrangement_id": arrangement.pk,
        "segment_id": contract.segment_id, "region_id": contract.segment.tender.region_id,
        "pk of advice": advice.pk, "pk of letter_retry": letter.pk,
        "pk of contracts_make": final_award_decision(tender=contract.segment.tender).pk,
    }  # fmt: skip


def addresses(scene: dict[str, Any], *, naming: bool) -> dict[str, str]:
    """The addresses that name a thing, or those that do not (`naming`), but for what is public."""
    found = {}
    for pattern in urlpatterns:
        assert isinstance(pattern, URLPattern)
        name, needed = str(pattern.name), pattern.pattern.converters
        if name.startswith(PUBLIC) or bool(set(needed) - {"ending"}) is not naming:
            continue
        known = {**scene, "pk": scene.get(f"pk of {name}", scene["pk"]), "ending": "csv"}
        found[name] = reverse(f"contracts:{name}", kwargs={arg: known[arg] for arg in needed})
    return found


def strangers(scene: dict[str, Any]) -> dict[str, Any]:
    """Everybody who might try: of another contractor, another region, another municipality."""
    region, elsewhere = scene["contract"].segment.tender.region, RegionFactory()
    other = contract_with_terms(contractor=OrganisationFactory(), segment=scene["contract"].segment)
    SubcontractorFactory(contract=other, start=other.start)
    officials = {str(role): user_with(role, region=elsewhere) for role in (Role.LEAD, Role.CLM, Role.AUDITOR)}
    return {
        "another contractor": member_of(other.contractor),
        "college elsewhere": user_with(Role.COLLEGE, municipality=MunicipalityFactory(region=elsewhere)),
        "college without it": user_with(Role.COLLEGE, municipality=MunicipalityFactory(region=region)),
        **officials,
    }


def test_whoever_it_concerns_does_find_them(client: Client, scene: dict[str, Any]) -> None:
    """So that what nobody else finds is there: each address answers somebody of its own."""
    member = member_of(scene["contract"].contractor)
    college = user_with(Role.COLLEGE, municipality=scene["place"])
    found = set()
    pages = addresses(scene, naming=True)
    for person in (user_with(Role.CLM), user_with(Role.LEAD), member, college):
        client.force_login(person)
        for name, address in pages.items():
            if client.get(address).status_code not in (403, 404):
                found.add(name)
    assert set(pages) - found <= NOT_NOW


# Not for this contract: it was signed, its transition is agreed, and it is with no consortium.
NOT_NOW = {"contract_parties", "transition_change", "amendment_members"}


def test_nobody_else_finds_a_page_of_a_contract_nor_changes_anything(client: Client, scene: dict[str, Any]) -> None:
    people, pages = strangers(scene), addresses(scene, naming=True)
    assert len(pages) > 40
    before = AuditEvent.objects.count()
    told = []
    for who, person in people.items():
        client.force_login(person)
        for name, address in pages.items():
            for method in (client.get, client.post):
                answer = method(address)
                if answer.status_code not in (403, 404, 405):
                    told.append((who, name, method.__name__, answer.status_code))
    assert told == []
    assert AuditEvent.objects.count() == before


def test_no_list_of_somebody_else_tells_of_it(client: Client, scene: dict[str, Any]) -> None:
    people, pages = strangers(scene), addresses(scene, naming=False)
    told = []
    for who, person in people.items():
        client.force_login(person)
        for name, address in pages.items():
            answer = client.get(address)
            content = b"".join(answer.streaming_content) if answer.streaming else answer.content
            if answer.status_code == 200 and (NUMBER.encode() in content or b"Klachten" in content):
                told.append((who, name))
    assert told == []


ADMIN = ("contract", "contractterm", "subcontractor", "subcontractorchange", "indicator", "segmentindicator")


def test_team_clm_of_another_region_finds_nothing_at_its_desk(client: Client, scene: dict[str, Any]) -> None:
    keys = {
        "contract": scene["pk"], "contractterm": scene["term_id"], "subcontractor": scene["subcontractor_id"],
        "subcontractorchange": scene["change_id"], "indicator": Indicator.objects.get().pk,
        "segmentindicator": Indicator.objects.get().asked_of.get().pk,
    }  # fmt: skip
    client.force_login(user_with(Role.CLM, region=RegionFactory()))
    for name in ADMIN:
        listed = client.get(reverse(f"admin:contracts_{name}_changelist"))
        assert listed.status_code == 200
        assert NUMBER not in listed.content.decode(), name
        page = reverse(f"admin:contracts_{name}_change", args=[keys[name]])
        for answer in (client.get(page), client.post(page, {})):
            assert answer.status_code in (302, 403, 404), name
            assert answer.status_code != 302 or answer.headers["Location"] == reverse("admin:index"), name
    for step in ("question", "advice"):
        page = reverse(f"admin:contracts_subcontractorchange_{step}", args=[scene["change_id"]])
        assert client.post(page, {}).status_code == 404
    assert client.post(reverse("admin:contracts_contract_terminate", args=[scene["pk"]]), {}).status_code == 404
    for ending in ("csv", "xlsx"):
        assert NUMBER.encode() not in client.get(reverse(f"admin:contracts_subcontractorchange_{ending}")).content
