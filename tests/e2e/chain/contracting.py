"""Contracts, a new subcontractor, and what the public then reads of it."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from django.utils import timezone
from playwright.sync_api import expect

from contracts.models import Contract
from procurement.models import Segment
from tests.e2e.chain.actors import Person
from tests.factories.scenarios import Scenario
from tests.factories.submissions import pdf_bytes

MONTHS = (
    "januari", "februari", "maart", "april", "mei", "juni", "juli", "augustus", "september", "oktober", "november",
    "december",
)  # fmt: skip


def in_dutch(day: date) -> str:
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def make_and_sign(lead: Person, contractor: Person, scenario: Scenario) -> Contract:
    """From the tender's page to its contract: made from the final award, and signed by both sides."""
    (contract,) = make(lead, scenario.segment)
    sign_in_portal(lead, contractor, contract)
    lead.opens("/inkoop/contracten/")
    expect(lead.main.get_by_role("link", name=re.compile("^Ondertekening"))).to_have_count(0)
    lead.follows(contract.number)
    return contract


def make(lead: Person, segment: Segment) -> list[Contract]:
    """From the tender's page to its contracts, made from the final award."""
    lead.opens("/inkoop/")
    lead.follows(segment.tender.title)
    lead.follows("Naar de contracten")
    lead.follows(f"Contracten maken voor {segment.name}")
    lead.presses("De contracten maken")
    contracts = list(Contract.objects.filter(segment=segment).order_by("number"))
    lead.reads(*(contract.number for contract in contracts))
    return contracts


def sign_in_portal(lead: Person, contractor: Person, contract: Contract) -> None:
    """Laid out for signing, signed by the contractor on its own page, and by the authority as the lead writes down."""
    _to_signing(lead, contract)
    lead.presses("Het contract klaarzetten om te tekenen")
    lead.reads("Het contract staat klaar om te tekenen")
    _contractor_signs(contractor, contract)
    _to_signing(lead, contract)
    lead.reads("bestuurder")
    authority_signs(lead)


def sign_on_paper(lead: Person, contract: Contract, name: str) -> None:
    """Both signatures are written down by the lead, that of the contractor with the scan of the paper."""
    _to_signing(lead, contract)
    lead.chooses("Wie heeft getekend?", "De contractpartij")
    _signature(lead, name, "bestuurder")
    scan = {"name": "getekend.pdf", "mimeType": "application/pdf", "buffer": pdf_bytes()}
    _labelled(lead, "Scan van het ondertekende contract").set_input_files(scan)
    lead.presses("De handtekening vastleggen")
    lead.reads(name)
    authority_signs(lead)


def authority_signs(lead: Person) -> None:
    _signature(lead, "Maud Mandaat", "hoofd inkoop")
    lead.presses("De handtekening vastleggen")
    lead.reads("door beide partijen getekend")


def _to_signing(lead: Person, contract: Contract) -> None:
    lead.opens("/inkoop/contracten/")
    lead.follows(f"Ondertekening van {contract.number} vastleggen")


def _signature(lead: Person, name: str, function: str) -> None:
    lead.fills("Naam van wie heeft getekend", name)
    lead.fills("Functie van wie heeft getekend", function)
    lead.fills("Getekend op", timezone.localdate().isoformat())


def _contractor_signs(contractor: Person, contract: Contract) -> None:
    """It reads the text, forgets to say that it did, and signs."""
    contractor.opens("/mijn/")
    contractor.follows(contract.number)
    contractor.follows("Het contract lezen en tekenen")
    contractor.reads(f"contract-{contract.number}-1.pdf")
    contractor.fills("Uw functie", "bestuurder")
    contractor.presses("Het contract tekenen")
    contractor.reads("Vink dit vakje aan om te tekenen.")
    contractor.main.get_by_role("checkbox").check()
    contractor.presses("Het contract tekenen")
    contractor.reads("De andere partij moet nog tekenen.")


def terms_on_page(person: Person) -> list[list[str]]:
    """The table of terms, cell by cell."""
    table = person.main.get_by_role("table", name="Looptijden en opties van het contract")
    rows = table.get_by_role("row").all()
    return [[" ".join(cell.inner_text().split()) for cell in row.locator("th, td").all()] for row in rows[1:]]


def ask_for_subcontractor(
    person: Person,
    contract: Contract,
    *,
    name: str,
    kvk_number: str,
    agb_code: str,
    since: date,
    reason: str,
    parts: str = "",
) -> None:
    """The contractor asks, for these parts of the contract or for all; first without the newcomer's details."""
    person.opens("/mijn/")
    person.follows(contract.number)
    person.follows("Onderaannemer toevoegen")
    person.fills("KvK-nummer van de onderaannemer", kvk_number)
    person.fills("Deel van het werk", "Speltherapie voor jonge kinderen")
    person.fills("Vanaf", since.isoformat())
    person.fills("Reden", reason)
    offered = person.main.get_by_role("group", name="Welke onderdelen van het contract?")
    for part in offered.get_by_label(re.compile(f"^{parts}")).and_(offered.get_by_role("checkbox")).all():
        part.check()
    declaration = {"name": "eigen-verklaring.pdf", "mimeType": "application/pdf", "buffer": pdf_bytes()}
    _labelled(person, "Eigen verklaring").set_input_files(declaration)
    person.presses("Naar Team CLM sturen")
    # What was uploaded is not asked again, though the rest was not right yet.
    person.reads("Ontvangen: pdf")
    assert "kent dit KvK-nummer nog niet" in _error(person, "Naam")
    _fill(person, "Naam", name)
    person.main.get_by_label(re.compile("^Rechtsvorm")).select_option("Stichting")
    _fill(person, "AGB-code", agb_code)
    _fill(person, "Straat en huisnummer", "Molenweg 3")
    _fill(person, "Postcode", "7101 CD")
    _fill(person, "Plaats", "Berkelland")
    _fill(person, "E-mailadres", "post@speltherapie.example")
    person.presses("Naar Team CLM sturen")
    person.reads(name)


def _labelled(person: Person, label: str) -> Any:
    """A field by the beginning of its label: the rest may say that it is not required."""
    return person.main.get_by_label(re.compile(rf"^{re.escape(label)}(\s|$)")).first


def _fill(person: Person, label: str, text: str) -> None:
    _labelled(person, label).fill(text)


def _error(person: Person, label: str) -> str:
    ids = (_labelled(person, label).get_attribute("aria-describedby") or "").split()
    return " ".join(person.page.locator(f"[id='{found}']").inner_text() for found in ids)


def approve(clm: Person, name: str, *, reason: str) -> None:
    """Team CLM finds the request on its desk, reads the reason, and approves."""
    clm.opens("/beheer/contracts/subcontractorchange/")
    clm.follows(re.compile("^Onderaannemer toevoegen"), within=clm.row(name))
    clm.reads("Speltherapie voor jonge kinderen")
    clm.chooses("Besluit", "Goedkeuren")
    clm.main.get_by_label("Reden van het besluit").fill(reason)
    clm.presses("Besluit vastleggen")
    clm.reads("Het besluit is vastgelegd")


def read_register(visitor: Person, on: date) -> None:
    """Anybody asks for the register as it reads on a day."""
    visitor.opens("/register/")
    visitor.fills("Op welke dag", on.isoformat())
    visitor.presses("Tonen")


def json_of(visitor: Person, path: str) -> Any:
    answer = visitor.page.request.get(f"{visitor.base}{path}")
    assert answer.status == 200, path
    return answer.json()
