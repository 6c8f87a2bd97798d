"""Publishing; a new provider that makes itself known; requests and bids, with their receipts."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from django.core import mail
from playwright.sync_api import expect

from tests.e2e.chain.actors import PASSWORD, Cast, Person
from tests.e2e.looking import here
from tests.factories.scenarios import Scenario

DIGEST = re.compile(r"^sha256:[0-9a-f]{64}$")


@dataclass(frozen=True)
class Newcomer:
    """A provider that nobody knows here yet."""

    email: str
    person: str
    organisation: str
    kvk_number: str = "90123456"
    agb_code: str = "22123456"


def moment_after(days: int) -> str:
    """Noon on a day so many days from now, as a date-time field takes it."""
    return f"{(date.today() + timedelta(days=days)).isoformat()}T12:00"


def publish(lead: Person, scenario: Scenario) -> None:
    """The lead publishes; first with a deadline that the law does not allow."""
    lead.opens("/inkoop/")
    lead.follows(scenario.tender.title)
    lead.fills("Verzoeken tot deelneming kunnen binnenkomen tot", moment_after(10))
    lead.presses("Aanbesteding publiceren")
    assert "te vroeg" in lead.error_of("Verzoeken tot deelneming kunnen binnenkomen tot")
    lead.fills("Verzoeken tot deelneming kunnen binnenkomen tot", moment_after(45))
    lead.presses("Aanbesteding publiceren")
    lead.reads("De aanbesteding is gepubliceerd.")


def sign_up(cast: Cast, newcomer: Newcomer) -> Person:
    """Make an account, follow the link in the e-mail, and register the organisation; first with a wrong number."""
    person = cast.visitor(newcomer.email)
    person.opens("/accounts/signup/")
    person.fills("Uw naam", newcomer.person)
    person.fills("E-mailadres", newcomer.email)
    person.fills("Wachtwoord", PASSWORD)
    person.fills("Wachtwoord nog een keer", PASSWORD)
    person.presses("Maak een account")
    message = next(m for m in mail.outbox if m.to == [newcomer.email])
    link = re.search(r"https?://\S+(/accounts/confirm-email/\S+)", str(message.body))
    assert link is not None, message.body
    person.opens(link.group(1))
    person.presses("Ja, bevestigen")
    _register(person, newcomer)
    return person


def _register(person: Person, newcomer: Newcomer) -> None:
    person.opens("/mijn/")
    person.follows("Organisatie aanmelden")
    person.fills("Naam van de organisatie", newcomer.organisation)
    person.page.get_by_label("Rechtsvorm").select_option("Stichting")
    person.fills("KvK-nummer", "1234")
    person.fills("AGB-code", newcomer.agb_code)
    person.fills("Straat en huisnummer", "Spoorstraat 12")
    person.fills("Postcode", "7001 AB")
    person.fills("Plaats", "Aalten")
    person.fills("E-mailadres voor brieven", newcomer.email)
    person.presses("Organisatie opslaan")
    assert "Een KvK-nummer heeft 8 cijfers." in person.error_of("KvK-nummer")
    expect(person.page.get_by_label("Naam van de organisatie")).to_have_value(newcomer.organisation)
    expect(person.page.get_by_label("KvK-nummer")).to_have_value("1234")
    person.fills("KvK-nummer", newcomer.kvk_number)
    person.presses("Organisatie opslaan")
    person.reads(newcomer.organisation)


def begin(person: Person, scenario: Scenario) -> None:
    """Take part, from the provider's own page: a draft for the one segment."""
    person.opens("/mijn/")
    person.follows(re.compile(rf"^Meedoen.*{scenario.tender.title}"))
    person.chooses("Segmenten", scenario.segment.name)
    person.presses("Begin uw inzending")
    person.reads("Uw concept staat klaar.")


def hand_in_request(person: Person, scenario: Scenario, *, vision: str, tmp_path: Path) -> str:
    """Fill in both parts of the request, one PDF among them, and submit; the number of the receipt."""
    begin(person, scenario)
    person.follows("Algemeen")
    person.chooses("E1 Kwaliteitskeurmerk", "Ja, wij voldoen aan deze eis")
    person.fills("V1 Aantal medewerkers", "48")
    person.chooses("V2 Werkt u met een cliëntenraad?", "Ja")
    person.presses("Opslaan en verder")
    person.chooses("E2 SKJ-registratie", "Ja, wij voldoen aan deze eis")
    person.fills("V3 Uw visie op samenwerking", vision)
    person.uploads("V4 Uw plan voor afschaling", "afschaling.pdf")
    person.presses("Opslaan en verder")
    return submit(person, scenario, tmp_path)


def hand_in_bid(person: Person, scenario: Scenario, *, approach: str, price: str, tmp_path: Path) -> str:
    """Fill in the bid of a selected candidate, its price in euros as people write it, and submit."""
    begin(person, scenario)
    person.follows(scenario.segment.name)
    person.chooses("M1 Wachttijd", "Ja, wij voldoen aan deze eis")
    person.fills("W1 Uw aanpak van het partnerschap", approach)
    person.uploads("W2 Uw continuïteitsplan", "continuiteit.pdf")
    person.fills("W3 Uw prijs per jaar", price)
    person.presses("Opslaan en verder")
    return submit(person, scenario, tmp_path)


def submit(person: Person, scenario: Scenario, tmp_path: Path) -> str:
    """Sign and submit; the receipt shows its number and the digest of exactly what it lets one download."""
    person.follows("Naar indienen")
    person.reads(scenario.segment.name)
    person.main.get_by_label("Ik mag tekenen voor deze organisatie").check()
    person.presses("Nu indienen")
    person.reads("Uw inzending is ontvangen.")
    heading = person.page.get_by_role("heading", level=1).inner_text()
    assert heading.startswith("Ontvangstbewijs ")
    here(person.main.locator("summary", has_text="SHA-256").first)
    whole = person.main.get_by_text(DIGEST).first
    expect(whole).to_be_visible()
    digest = whole.inner_text()
    link = person.main.get_by_role("link", name=re.compile("JSON"))
    content = person.downloads(link, tmp_path / "receipt.json").read_bytes()
    assert digest == f"sha256:{hashlib.sha256(content).hexdigest()}"
    manifest = json.loads(content)
    assert any(answer.get("pages") == 1 for answer in manifest["answers"])
    return heading.removeprefix("Ontvangstbewijs ")


def invite(lead: Person, scenario: Scenario) -> None:
    """Open the award stage: the selected candidates get an e-mail."""
    lead.opens("/inkoop/")
    lead.follows(scenario.tender.title)
    lead.fills("Inschrijvingen kunnen binnenkomen tot", moment_after(60))
    lead.presses("Gunningsfase openen en uitnodigen")
    lead.reads("De gunningsfase is open.")
