"""An objection that is upheld, and what follows: other evaluators, one criterion scored again, a new ranking."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

from playwright.sync_api import expect

from achterhoek.accounts.models import User
from procurement.models import CommitteeMember, Objection
from procurement.services.evaluation import hand_in, record_consensus, save_score
from tests.e2e.chain.actors import Cast, Person
from tests.e2e.chain.awarding import STAGE
from tests.e2e.chain.deciding import KNOWN_FIELD
from tests.e2e.chain.judging import close_scoring, rank, to_evaluation
from tests.e2e.looking import judge_at_all_widths
from tests.factories.awarding import CRITERIA, Awarding, Part
from tests.factories.evaluation import no_interest

GROUNDS = "De score voor het partnerschap past niet bij wat wij schreven op bladzijde 4 van ons plan."
UPHELD = "Bladzijde 4 van het plan is niet meegewogen. Wij laten het criterium opnieuw beoordelen, door anderen."
WITHDRAWN = "Een bezwaar is terecht: een deel van een plan is niet meegewogen. Wij beoordelen criterium G1 opnieuw."
EXPLAINED = "De nieuwe beoordelaars hebben bladzijde 4 wel gelezen. Een inschrijver gaat daardoor van plaats 4 naar 3."
MINUTES = "De commissie las elk plan opnieuw op het partnerschap, en besprak de bladzijden een voor een."
ON_SCREEN = 4
CRITERION = " ".join(CRITERIA[0])


def file_objection(provider: Person, part: Part) -> Objection:
    """From the own page, through the page of the decision, with what can be done and until when."""
    provider.opens("/mijn/")
    provider.follows(re.compile(f"^{part.scenario.segment.name}.*wat u kunt doen"))
    provider.follows("Dien een bezwaar of klacht in")
    provider.main.get_by_label("Een bezwaar tegen het besluit").check()
    provider.fills("Waarom?", GROUNDS)
    provider.presses("Stuur het naar de aanbestedende dienst")
    provider.reads("Ontvangen met nummer")
    return Objection.objects.get()


def uphold(lead: Person, objection: Objection) -> None:
    """Found on the page of the decision, taken up, and answered: the organisation is right."""
    lead.follows("Bezwaren en opschortende termijn")
    lead.reads("De gunning kan nog niet definitief worden")
    lead.follows(objection.number)
    lead.reads(GROUNDS)
    lead.presses("Pak het op")
    lead.main.get_by_label("De organisatie heeft gelijk, helemaal of voor een deel").check()
    lead.main.get_by_label("De beoordeling gebeurt opnieuw").check()
    lead.fills("Motivering", UPHELD)
    lead.presses("Leg het antwoord vast en verstuur het")
    lead.reads("Het antwoord is vastgelegd.", f"Wat volgt uit {objection.number}")


def take_back(lead: Person) -> None:
    """The way goes on from the objection: the decision is withdrawn by letters to all."""
    lead.follows("Trek het besluit in met brieven aan alle inschrijvers")
    lead.main.get_by_label(re.compile("^Waarom trekt u dit besluit in")).fill(WITHDRAWN)
    lead.main.get_by_label(KNOWN_FIELD, exact=True).check()
    lead.presses("Laat de brieven maken en trek het besluit in")
    lead.waits_for_the_work()
    lead.reads("Ingetrokken", WITHDRAWN)


def score_again(cast: Cast, made: Awarding, part: Part) -> None:
    """One criterion, by two who did not judge before, as the table says now."""
    lead = cast.person(part.scenario.lead.email)
    lead.follows("Beoordeel een deel opnieuw")
    lead.main.get_by_label("Een bezwaar", exact=True).check()
    lead.fills("Toelichting", UPHELD)
    lead.main.get_by_label(CRITERION).check()
    lead.presses("Herbeoordeling beginnen")
    for before, newcomer in zip(part.scenario.evaluators, made.newcomers, strict=True):
        lead.follows("Naar de commissie")
        lead.follows(re.compile(f"^Vervangen.*{before.name}"))
        lead.main.get_by_label("Wie valt in").select_option(label=newcomer.name)
        lead.fills("Reden van de vervanging", "Wie eerder beoordeelde, is niet meer vrij.")
        lead.presses("Dit lid vervangen")
        _to_reevaluation(lead, part)
    first, second = made.newcomers
    _score(cast.person(first.email), _given(part))
    _score_beside(part, second)
    close_scoring(lead, part.scenario, STAGE)


def _given(part: Part) -> dict[str, tuple[int, str]]:
    """The score and its reason of each bid that is scored."""
    return {bidder.name: (bidder.scores[0], bidder.reasons[0]) for bidder in part.bidders if bidder.scores}


def _to_reevaluation(lead: Person, part: Part) -> None:
    to_evaluation(lead, part.scenario, STAGE)
    lead.follows("Opnieuw beoordelen")


def _score(person: Person, given: dict[str, tuple[int, str]]) -> None:
    person.opens("/beoordelen/")
    person.finds("Geef uw belangen op")
    person.presses("Ik heb bij geen van deze partijen een belang")
    person.opens("/beoordelen/")
    person.finds("Volgende beoordelen")
    for left in range(len(given), 0, -1):
        score, reason = given[person.page.get_by_role("heading", level=1).inner_text()]
        section = person.section(CRITERION)
        section.get_by_label(re.compile(rf"^{score}: ")).check()
        section.get_by_label("Reden").fill(reason)
        person.presses("Opslaan en naar de volgende" if left > 1 else "Opslaan en naar inleveren")
    person.presses("Definitief inleveren")
    person.reads("Uw scores zijn ingeleverd.")


def _score_beside(part: Part, user: User) -> None:
    """The other newcomer, without the pages: the same once more."""
    no_interest(CommitteeMember.objects.get(segment_round=part.pk, user=user, ended_at=None))
    for bidder in part.bidders:
        if bidder.scores:
            value, reason = Decimal(bidder.scores[0]), bidder.reasons[0]
            save_score(entry=bidder.entry, criterion=part.criteria[0], value=value, reason=reason, by=user)
    hand_in(segment_round=part.pk, by=user)


def agree_again(lead: Person, part: Part) -> None:
    """On the screen of the meeting, bid by bid; then the minutes, and the scores are fixed."""
    to_evaluation(lead, part.scenario, STAGE)
    lead.follows("Scherm van het overleg openen")
    given = _given(part)
    done = set()
    for _bid in range(ON_SCREEN):
        name = lead.page.get_by_role("heading", level=1).inner_text()
        done.add(name)
        score, reason = given[name]
        lead.main.get_by_label(re.compile(rf"^{score}(:|$)")).first.check()
        lead.main.get_by_label("Motivering voor G1").fill(reason)
        lead.main.get_by_label("De commissie heeft opnieuw gekeken en houdt deze score").check()
        lead.presses("Opslaan en naar de volgende")
    for bidder in part.bidders:
        if bidder.scores and bidder.name not in done:
            record_consensus(
                entry=bidder.entry, criterion=part.criteria[0], value=Decimal(bidder.scores[0]),
                reason=bidder.reasons[0], by=part.scenario.lead,
            )  # fmt: skip
    to_evaluation(lead, part.scenario, STAGE)
    lead.follows("Consensusoverleg")
    lead.fills("Datum van het overleg", date.today().isoformat())
    for present in ("Nine Nieuw", "Niek Nieuw"):
        lead.main.get_by_label(re.compile(f"^{present}")).check()
    lead.main.get_by_role("textbox", name="Verslag").fill(MINUTES)
    lead.presses("Verslag vastleggen")
    lead.reads("Overleg 1: ", MINUTES)


def rank_again(lead: Person, part: Part) -> None:
    """The new ranking, and what came out otherwise, explained; both results stay."""
    to_evaluation(lead, part.scenario, STAGE)
    lead.presses("Scores vaststellen")
    rank(lead, part.scenario, STAGE)
    _to_reevaluation(lead, part)
    lead.fills("Wat is er veranderd, en waarom?", EXPLAINED)
    lead.presses("Herbeoordeling afronden")
    lead.reads(EXPLAINED)
    expect(lead.main.get_by_role("row").filter(has_text=part.bidders[3].name).first).to_be_visible()
    judge_at_all_widths(lead.page, "wandeling-herbeoordeling-klaar")
    lead.page.set_viewport_size({"width": 1280, "height": 900})
