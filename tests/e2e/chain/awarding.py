"""From a ranking to a final award: what the lead, the colleges and the mandate holder do on their pages."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import expect

from procurement.models import Decision, Letter
from tests.e2e.chain import contracting, deciding
from tests.e2e.chain.actors import Cast, Person
from tests.e2e.chain.judging import to_evaluation
from tests.e2e.looking import judge_at_all_widths
from tests.factories.awarding import COMPARES, NAMES_ANOTHER, PLACES, Part
from tests.worker import wait_until

STAGE = "Gunningsfase"
RESERVATION = "Onder voorbehoud van de begroting van de raad."
MAY_STAND = "Het vergelijkt met de vorige afspraken, en niet met een andere inschrijver."


def decision_of(part: Part) -> Decision:
    """The one that holds."""
    return Decision.objects.exclude(status="withdrawn").get(segment_round=part.pk)


def propose(lead: Person, part: Part, note: str) -> None:
    """Who would deliver where stands beside the ranking that the lead proposes to decide on."""
    to_evaluation(lead, part.scenario, STAGE)
    lead.follows("Besluit voorstellen")
    coverage = lead.section("Wie waar zou leveren")
    expect(coverage).to_contain_text("In elke gemeente die meedoet zouden cliënten keuze hebben.")
    for winner in part.ranked()[:PLACES]:
        expect(coverage).to_contain_text(winner.name)
    lead.main.get_by_label(re.compile("^Toelichting")).fill(note)
    lead.presses("Stel dit besluit voor")
    lead.reads("Het besluit is voorgesteld.")


def complete_motivations(lead: Person, part: Part) -> None:
    """Of 22 bidders that were scored two have something to look at: one text is changed, one may stand."""
    lead.reads("Motivering: 20 van 22 compleet.")
    lead.follows("Maak de motivering in de brieven compleet")
    lead.follows("Naar de eerste om te bekijken")
    wrong, compares = part.bidders[NAMES_ANOTHER], part.bidders[COMPARES]
    expect(lead.page.get_by_role("heading", level=1)).to_have_text(wrong.name)
    lead.reads(f"{part.bidders[9].name}", "Die inschrijver is niet gekozen.")
    lead.fills("Wat de brief zegt bij G2", wrong.reasons[1])
    lead.presses("Opslaan en naar de volgende om te bekijken")
    expect(lead.page.get_by_role("heading", level=1)).to_have_text(compares.name)
    lead.main.get_by_label(re.compile("^Waarom dit kan blijven staan")).first.fill(MAY_STAND)
    lead.presses("Opslaan en naar de volgende om te bekijken")


def colleges_agree(cast: Cast, part: Part) -> None:
    """The first without more, the second with a reservation; the award does not become final before that is lifted."""
    first, second = (cast.person(user.email) for user in part.scenario.secretaries)
    deciding.college_decides(first, part.scenario)
    deciding.college_decides(second, part.scenario, reservation=RESERVATION)


def agree_and_sign(cast: Cast, part: Part) -> None:
    colleges_agree(cast, part)
    deciding.sign(cast.person(part.scenario.mandate_holder.email), part.scenario)


def to_decision(lead: Person, part: Part) -> None:
    deciding.to_decision(lead, part.scenario, STAGE)


def make_letters(lead: Person, part: Part) -> None:
    """The letters are made and wait; the progress page leads to the list on which they are read."""
    to_decision(lead, part)
    lead.reads("Er zijn 24 brieven te maken.")
    lead.presses("Maak de brieven en lees ze eerst")
    lead.waits_for_the_work()
    lead.follows("Lees de brieven en verstuur ze")
    lead.reads("Nog niemand heeft ze gezien.")


def proofread(lead: Person, part: Part, to: Path) -> bytes:
    """One is opened; all are ticked off."""
    judge_at_all_widths(lead.page, "wandeling-leeslijst")
    lead.page.set_viewport_size({"width": 1280, "height": 900})
    row = lead.row(part.ranked()[-1].name)
    opened = lead.downloads(row.get_by_role("link"), to).read_bytes()
    boxes = lead.main.get_by_role("checkbox")
    expect(boxes).to_have_count(24)
    for box in boxes.all():
        box.check()
    lead.presses("Bewaar wat ik heb bekeken")
    lead.reads("24 brieven afgevinkt.")
    return opened


def let_go(lead: Person) -> None:
    lead.presses("Verstuur alle brieven nu")
    lead.waits_for_the_work()


def send_at_once(lead: Person, part: Part) -> None:
    to_decision(lead, part)
    deciding.send_letters(lead)


def lift_and_finish(cast: Cast, part: Part) -> None:
    """The standstill is over: the reservation is lifted, the award becomes final, and everybody is told."""
    lead = cast.person(part.scenario.lead.email)
    to_decision(lead, part)
    lead.reads("De gunning kan nog niet definitief worden")
    deciding.lift_reservation(cast.person(part.scenario.secretaries[1].email), part.scenario)
    to_decision(lead, part)
    lead.presses("Maak de gunning definitief")
    lead.reads("De gunning is definitief.")
    told = Letter.objects.filter(decision=decision_of(part), kind="final", status="sent")
    wait_until(lambda: told.count() == len(part.bidders), what="all are told that the award is final")
    lead.page.reload()
    expect(lead.main.get_by_role("button")).to_have_count(0)


def publish_notice(lead: Person, part: Part, number: str, moment: str) -> None:
    """The notice of the award waits on the lead's own page, until it is written down that it was published."""
    lead.opens("/inkoop/")
    lead.follows(part.scenario.segment.name, within=lead.section("Aankondigingen van gunningen die u moet publiceren"))
    lead.fills("Nummer van de aankondiging op TenderNed", number)
    lead.fills("Gepubliceerd op", moment)
    lead.presses("Leg de publicatie vast")
    lead.reads("De aankondiging is gepubliceerd", number)


def make_contracts(lead: Person, part: Part) -> None:
    assert len(contracting.make(lead, part.scenario.segment)) == PLACES
    lead.reads("3 contracten gemaakt")
