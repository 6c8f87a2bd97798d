"""Decisions: proposed, agreed by the colleges, signed on a mandate, told to everybody by letter, and taken back."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import expect
from pypdf import PdfReader

from achterhoek.mail.models import MessageStatus, OutboxMessage
from procurement.models import Decision
from tests.e2e.chain.actors import Person
from tests.e2e.chain.judging import to_evaluation
from tests.factories.scenarios import Scenario
from tests.worker import wait_until

MANDATE = "Mandaatbesluit 2026, artikel 4"
MANDATE_FIELD = "Op welk mandaat ondertekent u?"
READ_FIELD = "Ik heb het besluit, de ranglijst waarop het rust en de brieven gelezen."
KNOWN_FIELD = "Ik weet dat alle inschrijvers een brief krijgen en dat dit niet ongedaan te maken is."


@dataclass(frozen=True)
class Letter:
    """A letter as it came out of the browser: its text on one line, and its markers."""

    text: str
    metadata: str
    is_tagged: bool
    language: str


def propose(lead: Person, scenario: Scenario, stage: str, note: str) -> None:
    to_evaluation(lead, scenario, stage)
    lead.follows("Besluit voorstellen")
    lead.main.get_by_label(re.compile("^Toelichting")).fill(note)
    lead.presses("Stel dit besluit voor")
    lead.reads("Het besluit is voorgesteld.")


def sign(holder: Person, scenario: Scenario) -> None:
    """What waits for a signature is found in the own room. Without the mandate, or unread, it is not signed."""
    holder.opens("/mandaat/")
    holder.follows(
        re.compile(f"^{re.escape(scenario.segment.name)}"), within=holder.section("Wacht op een handtekening")
    )
    holder.reads("Ranglijst", scenario.tender.title)
    holder.fills(MANDATE_FIELD, "")
    holder.presses("Onderteken het besluit")
    assert "Schrijf op welk mandaat u ondertekent." in holder.error_of(MANDATE_FIELD)
    assert "Bevestig dat u hebt gelezen wat u ondertekent." in holder.error_of(READ_FIELD)
    holder.fills(MANDATE_FIELD, MANDATE)
    holder.main.get_by_label(READ_FIELD, exact=True).check()
    holder.presses("Onderteken het besluit")
    holder.reads("U hebt het besluit ondertekend.", MANDATE)


def invite_by_letter(lead: Person) -> None:
    lead.presses("Maak en verstuur de uitnodigingen")
    lead.waits_for_the_work()
    lead.reads("De selectie en de uitnodigingen om in te schrijven zijn verstuurd.")


def take_back(lead: Person, reason: str) -> None:
    """A decision that was sent is withdrawn by letters to all: with a reason, and knowing what happens."""
    lead.follows("Trek het besluit in met een brief")
    lead.reads("De voorlopige gunningen vervallen.", "Dit is niet ongedaan te maken.")
    lead.presses("Laat de brieven maken en trek het besluit in")
    assert "Bevestig dat u weet wat er gebeurt." in lead.error_of(KNOWN_FIELD)
    lead.main.get_by_label(re.compile("^Waarom trekt u dit besluit in")).fill(reason)
    lead.main.get_by_label(KNOWN_FIELD, exact=True).check()
    lead.presses("Laat de brieven maken en trek het besluit in")
    lead.waits_for_the_work()
    lead.reads("Ingetrokken", reason)


def send_letters(lead: Person) -> None:
    """The worker makes the letters and sends them together; the progress page leads back to the decision."""
    lead.presses("Maak en verstuur de brieven")
    lead.waits_for_the_work()
    lead.reads("Verstuurd aan de inschrijvers")


def told_by_mail(address: str, *, count: int) -> list[OutboxMessage]:
    """The mails to this address; the worker has sent them, each with its letter."""
    wait_until(
        lambda: OutboxMessage.objects.filter(to=address, status=MessageStatus.SENT).count() >= count,
        seconds=30,
        what=f"{count} mails to {address} are sent",
    )
    return list(OutboxMessage.objects.filter(to=address).order_by("pk"))


def college_decides(secretary: Person, scenario: Scenario, *, reservation: str = "") -> None:
    """The secretary records what the college decided. A reservation without its text is refused."""
    secretary.opens("/college/")
    secretary.finds(scenario.segment.name)
    if reservation:
        secretary.chooses("Wat heeft het college besloten?", "Goedgekeurd met voorbehoud")
        secretary.presses("Leg het besluit van het college vast")
        secretary.reads("Schrijf op welk voorbehoud het college maakt.")
        secretary.main.get_by_label(re.compile("^Voorbehoud, of de reden")).fill(reservation)
    else:
        secretary.chooses("Wat heeft het college besloten?", "Goedgekeurd")
    secretary.presses("Leg het besluit van het college vast")
    secretary.reads("Het besluit van het college is vastgelegd.")


def lift_reservation(secretary: Person, scenario: Scenario) -> None:
    secretary.opens("/college/")
    secretary.finds(scenario.segment.name)
    secretary.presses("Hef het voorbehoud op")
    secretary.reads("Het voorbehoud is opgeheven.")


def to_decision(lead: Person, scenario: Scenario, stage: str) -> None:
    lead.opens("/inkoop/")
    lead.follows(scenario.tender.title)
    row = lead.section("Besluiten").get_by_role("row").filter(has_text=stage)
    lead.follows(scenario.segment.name, within=row)


def read_letter(person: Person, verdict: str, to: Path, *, count: int = 1) -> Letter:
    """On the provider's own page stands the letter with its verdict, the newest first; it comes down as a PDF for
    screen readers.
    """
    person.opens("/mijn/")
    row = person.section("Brieven").get_by_role("row").filter(has_text=verdict)
    expect(row).to_have_count(count)
    reader = PdfReader(person.downloads(row.first.get_by_role("link"), to))
    root = reader.root_object
    metadata = root["/Metadata"].get_object().get_data().decode()
    return Letter(
        text=" ".join(" ".join(page.extract_text() for page in reader.pages).split()),
        metadata=metadata,
        is_tagged=bool(root.get("/MarkInfo", {}).get("/Marked")),
        language=str(root.get("/Lang", "")),
    )


def decision_of(scenario: Scenario, stage: str) -> Decision:
    """The one that holds."""
    return Decision.objects.exclude(status="withdrawn").get(segment_round__round=scenario.round(stage))
