"""Subcontractors that come and go: asked by the contractor, questioned, advised on and decided, each by its own."""

from __future__ import annotations

import re
from datetime import date

from playwright.sync_api import Locator

from contracts.models import Contract
from providers.models import Organisation
from tests.e2e.chain.actors import Person
from tests.factories.submissions import pdf_bytes

SEND, DECIDE = "Naar Team CLM sturen", "Besluit vastleggen"
WORK_LIST = "/beheer/contracts/subcontractorchange/"


def named(person: Person, name: str) -> Locator:
    """A field by its name: three forms on the page of Team CLM have one with the same label."""
    return person.main.locator(f"[name='{name}']")


def ask_known(
    contractor: Person, contract: Contract, newcomer: Organisation, *, part: str, since: date, reason: str
) -> None:
    """Add an organisation that the portal knows: its KvK number is enough."""
    _to_contract(contractor, contract)
    contractor.follows("Onderaannemer toevoegen")
    named(contractor, "kvk_number").fill(newcomer.kvk_number)
    contractor.chooses("Welke onderdelen van het contract?", part)
    named(contractor, "part_of_work").fill("Begeleiding van gezinnen")
    named(contractor, "effective_on").fill(since.isoformat())
    named(contractor, "reason").fill(reason)
    _upload(contractor, "self_declaration")
    contractor.presses(SEND)
    contractor.reads("Uw verzoek is naar Team CLM gestuurd", newcomer.name)


def ask_to_stop(contractor: Person, contract: Contract, name: str, *, last: date, reason: str, clients: int) -> None:
    """Stop with one; how the care of its clients goes on has to be said."""
    _to_contract(contractor, contract)
    contractor.follows(f"Vragen om te stoppen {name}")
    named(contractor, "effective_on").fill(last.isoformat())
    named(contractor, "reason").fill(reason)
    named(contractor, "clients").fill(str(clients))
    contractor.presses(SEND)
    contractor.reads("Schrijf op hoe de zorg voor huidige cliënten verdergaat.")
    named(contractor, "continuity").fill("Onze eigen mensen nemen de begeleiding over.")
    contractor.presses(SEND)
    contractor.reads("Uw verzoek is naar Team CLM gestuurd")


def open_request(clm: Person, kind: str, name: str) -> None:
    """From the work list to the page on which all of one request stands."""
    clm.opens(WORK_LIST)
    clm.follows(re.compile(f"^{kind}: {re.escape(name)}"))


def ask_the_contractor(clm: Person, question: str) -> None:
    named(clm, "vraag-text").fill(question)
    clm.presses("Vraag stellen")
    clm.reads("Uw vraag is naar de contractpartij gemaild.")


def answer(contractor: Person, contract: Contract, name: str, text: str, *, extract_of: date) -> None:
    """The question stands on the contractor's own page; the answer goes with the document that was asked."""
    contractor.opens("/mijn/")
    contractor.reads("1 vraag wacht op uw antwoord")
    _to_contract(contractor, contract)
    contractor.follows(f"Onderaannemer toevoegen: {name}")
    _upload(contractor, "kvk_extract")
    named(contractor, "issued_kvk_extract").fill(extract_of.isoformat())
    named(contractor, "text").fill(text)
    contractor.presses("Verstuur uw antwoord")
    contractor.reads(text)


def ask_advice(clm: Person, municipality: str, question: str) -> None:
    clm.chooses("Welke gemeenten?", municipality)
    named(clm, "advies-question").fill(question)
    clm.presses("Advies vragen")
    clm.reads(question)


def advise(college: Person, name: str, text: str) -> None:
    """The secretary finds the request on the page of the college."""
    college.opens("/college/")
    college.finds(f"Onderaannemer toevoegen: {name}")
    named(college, "outcome").and_(college.main.locator("[value='positive']")).check()
    named(college, "text").fill(text)
    college.presses("Advies naar Team CLM sturen")
    college.reads(text)


def decide(clm: Person, outcome: str, reason: str, *, conditions: str = "", due: date | None = None) -> None:
    """On the page of the request. Refusing is what is chosen already."""
    if outcome != "Weigeren":
        clm.chooses("Besluit", outcome)
    named(clm, "reason").fill(reason)
    if conditions:
        named(clm, "conditions").fill(conditions)
    if due:
        named(clm, "conditions_due_on").fill(due.isoformat())
    clm.presses(DECIDE)
    clm.reads("Het besluit is vastgelegd")


def _to_contract(contractor: Person, contract: Contract) -> None:
    contractor.opens("/mijn/")
    contractor.follows(contract.number)


def _upload(person: Person, kind: str) -> None:
    payload = {"name": f"{kind}.pdf", "mimeType": "application/pdf", "buffer": pdf_bytes()}
    named(person, f"file_{kind}").set_input_files(payload)
