"""The vault, the committee, scores given alone, and the consensus that the lead records and ranks."""

from __future__ import annotations

import re
from collections.abc import Mapping

from playwright.sync_api import expect

from tests.e2e.chain.actors import PASSWORD, Person
from tests.factories.scenarios import Scenario

# For each organisation a score for each criterion, by its heading.
Scores = Mapping[str, Mapping[str, int]]


def open_vault(first: Person, second: Person, scenario: Scenario, *, inside: int) -> None:
    """Two openers, each with their own password; one alone gets no further, not even twice."""
    for person in (first, second):
        person.opens("/kluis/")
        person.follows(scenario.tender.title)
    first.fills("Uw wachtwoord", "een ander wachtwoord")
    first.presses("Bevestig het openen van de kluis")
    assert "niet uw wachtwoord" in first.error_of("Uw wachtwoord")
    _confirm(first)
    first.reads("Uw bevestiging is vastgelegd.", "U hebt bevestigd.")
    _same_person_again(first)
    _confirm(second)
    second.reads(
        "De kluis is open.", "Elke inzending is precies zoals zij is ontvangen", first_name(first), first_name(second)
    )
    expect(second.row("Klopt")).to_have_count(inside)


def _confirm(person: Person) -> None:
    person.fills("Uw wachtwoord", PASSWORD)
    person.presses("Bevestig het openen van de kluis")


def _same_person_again(person: Person) -> None:
    """The page offers no second confirmation, and the address does not take one either."""
    expect(person.main.get_by_role("button", name="Bevestig het openen van de kluis")).to_have_count(0)
    token = next(c["value"] for c in person.page.context.cookies() if c["name"] == "csrftoken")
    answer = person.page.request.post(
        person.page.url,
        form={"csrfmiddlewaretoken": token, "password": PASSWORD},
        headers={"Referer": person.page.url},
    )
    assert answer.status == 422
    assert "U hebt al bevestigd." in answer.text()


def first_name(person: Person) -> str:
    """The name in the header, of whoever is logged in here."""
    return person.page.get_by_role("banner").locator("summary").first.inner_text().strip()


def to_evaluation(lead: Person, scenario: Scenario, stage: str) -> None:
    """From the lead's own page to the evaluation of the segment in this stage."""
    lead.opens("/inkoop/")
    lead.follows(scenario.tender.title)
    row = lead.section("Beoordeling").get_by_role("row").filter(has_text=stage)
    lead.follows(scenario.segment.name, within=row)


def set_committee(lead: Person, scenario: Scenario, stage: str) -> None:
    to_evaluation(lead, scenario, stage)
    lead.follows("Commissie kiezen")
    for evaluator in scenario.evaluators:
        lead.chooses("Leden van de commissie", re.compile(re.escape(evaluator.name)))
    lead.presses("Commissie opslaan")
    lead.reads("De commissie is opgeslagen.")


def declare_no_interest(person: Person, organisations: tuple[str, ...], *, hidden: tuple[str, ...]) -> None:
    """Before the declaration about the bidders there is no bid to go to (Aw 1.10b)."""
    expect(person.main.get_by_role("link", name="Volgende beoordelen")).to_have_count(0)
    person.finds("Geef uw belangen op")
    person.reads(*organisations)
    person.misses(*hidden)
    person.presses("Ik heb bij geen van deze partijen een belang")
    person.reads("Dank u wel. Uw opgave is vastgelegd.")


def score_alone(person: Person, scores: Scores, *, reason: str, hidden: tuple[str, ...] = ()) -> None:
    """One evaluator scores all entries and hands in. Nothing of `hidden` is on any of its pages."""
    person.opens("/beoordelen/")
    person.misses(*hidden)
    declare_no_interest(person, tuple(scores), hidden=hidden)
    person.opens("/beoordelen/")
    person.finds("Volgende beoordelen")
    for left in range(len(scores), 0, -1):
        organisation = person.page.get_by_role("heading", level=1).inner_text()
        person.misses(*hidden)
        for criterion, score in scores[organisation].items():
            section = person.section(criterion)
            expect(section.get_by_label("Reden")).to_have_value("")
            section.get_by_label(re.compile(rf"^{score}: ")).check()
            section.get_by_label("Reden").fill(f"{reason} ({organisation})")
        person.presses("Opslaan en naar de volgende" if left > 1 else "Opslaan en naar inleveren")
    person.presses("Definitief inleveren")
    person.reads("Uw scores zijn ingeleverd.")


def close_scoring(lead: Person, scenario: Scenario, stage: str) -> None:
    to_evaluation(lead, scenario, stage)
    lead.presses("Individueel scoren sluiten")
    lead.reads("Het individuele scoren is gesloten.")


def bring_to_consensus(
    lead: Person,
    scenario: Scenario,
    stage: str,
    scores: Scores,
    *,
    requirements: tuple[str, ...],
    hidden: tuple[str, ...],
) -> None:
    """Judge the requirements of each entry, record the consensus with the motivation, and fix the scores."""
    for organisation, given in scores.items():
        to_evaluation(lead, scenario, stage)
        lead.follows(organisation)
        lead.misses(*hidden)
        for requirement in requirements:
            lead.chooses(requirement, "Voldoet")
        lead.presses("Oordelen opslaan")
        for criterion, score in given.items():
            section = lead.section(criterion)
            for evaluator in scenario.evaluators:
                expect(section).to_contain_text(evaluator.name)
            section.get_by_label(re.compile(rf"^{score}: ")).check()
            section.get_by_label("Motivering").fill(motivation(organisation, criterion))
        lead.presses("Opslaan", within=lead.main.locator(".nlds-save-bar"))
        lead.reads("consensusscores opgeslagen")
    to_evaluation(lead, scenario, stage)
    lead.presses("Scores vaststellen")
    lead.reads("De scores zijn vastgesteld.")


def motivation(organisation: str, criterion: str) -> str:
    """What the committee writes: the letters quote it."""
    return f"De commissie leest bij {organisation} een eigen werkwijze voor {criterion.split(' ', 1)[1].lower()}."


def rank(lead: Person, scenario: Scenario, stage: str) -> None:
    """The worker ranks; computed again, the dossier gives the same."""
    to_evaluation(lead, scenario, stage)
    lead.presses("Ranglijst maken")
    lead.waits_for_the_work()
    lead.follows("Naar de ranglijst")
    lead.presses("Narekenen en vergelijken")
    lead.reads("De uitkomst is letterlijk dezelfde.")


def ranked(lead: Person, organisation: str) -> str:
    """The row of an organisation in the ranking, as text."""
    return " ".join(lead.row(organisation).first.inner_text().split())
