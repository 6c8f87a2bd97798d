"""A contract from its award to its end, in a browser (issue "contracts for seven years", show 1).

Two contracts are signed by both sides. In one of them a subcontractor is added on a condition, after a question and
advice; a second one is refused, and a third one comes and goes. Then three years pass: all eight colleges decide not to
extend, and both contracts end, with their letters. After each step the public register follows. A real PostgreSQL,
Valkey and Celery worker; only the database's clock is helped along (`tests/e2e/chain/clock.py`).
"""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from playwright.sync_api import Browser, expect
from pytest_django.live_server_helper import LiveServer

from achterhoek.clock import database_today
from achterhoek.mail.models import OutboxMessage
from contracts.models import Contract, ContractLetter, SubcontractorChange
from tests.e2e.chain import changing, contracting, ending, watching
from tests.e2e.chain.actors import Cast, Person, kept_on_failure
from tests.e2e.chain.clock import Clock, moving_clock
from tests.e2e.chain.contracting import in_dutch
from tests.e2e.chain.letters import keep_pdf, text_of_sound
from tests.e2e.looking import judge_at_all_widths
from tests.factories.awarded import MUNICIPALITIES, WINNERS, Awarded, awarded
from tests.worker import running_worker, wait_until

pytestmark = [pytest.mark.e2e, pytest.mark.long, pytest.mark.django_db(transaction=True)]

SLINGE, BUURT = WINNERS
NEWCOMER = "Speltherapie Molenweg"
CONDITION = "Lever binnen drie maanden een kwaliteitskeurmerk in."
GOOD_REASON, NO_REASON = "De wachttijd is een gegronde reden.", "Er is plaats bij twee andere aanbieders."
GONE_REASON = "De zorg loopt door bij de contractpartij zelf."
DECLINE = "Het college van {name} kiest voor minder aanbieders."
END_REASON = "Alle acht colleges kiezen voor een nieuwe inkoop met minder aanbieders."
NO_LONGER = {"main": "Opdrachtnemers die er niet meer zijn", "sub": "Onderaannemers die er niet meer zijn"}
TREATMENT, SUPPORT = "Behandeling", "Ondersteuning"
DAY = timedelta(days=1)


def test_from_award_to_the_end(chromium: Browser, live_server: LiveServer, mailoutbox: list[object]) -> None:
    with moving_clock() as clock, running_worker():
        made = awarded(starts=clock.today)
        cast = Cast(chromium, live_server.url)
        with kept_on_failure(cast):
            contracts = _signed_by_both_sides(cast, made)
            added = _one_on_a_condition(cast, made, contracts[0], clock)
            _one_refused(cast, made, contracts[0], clock)
            _one_more(cast, made, contracts[0], added)
            _the_day_comes(cast, made, contracts[0], clock, added)
            _one_stops(cast, made, contracts[0], clock, added)
            _nobody_extends(cast, made, contracts, clock)
            _it_ends(cast, made, contracts, clock)
        assert cast.complaints() == []


def _visitor(cast: Cast) -> Person:
    return cast.people.get("visitor") or cast.visitor()


def _letter(contract: Contract, kind: str, subject: str, to: Person) -> str:
    """The letter as who it is for downloads it from its own page of the contract; its text."""
    letter = ContractLetter.objects.select_related("file").get(contract=contract, kind=kind, subject=subject)
    assert letter.file is not None
    to.opens("/mijn/")
    to.follows(contract.number)
    link = to.main.get_by_role("link", name=letter.file.name).first
    answer = to.page.request.get(f"{to.base}{link.get_attribute('href')}")
    assert answer.status == 200
    keep_pdf(f"contract-{kind}-{subject[:6]}", answer.body())
    text = text_of_sound(answer.body())
    for part in (contract.contractor.name, contract.contractor.street, contract.number, contract.segment.name):
        assert part in text, f"{part} not in: {text}"
    return text


def _look(person: Person, name: str) -> None:
    """At both widths, and then as wide as it was."""
    judge_at_all_widths(person.page, f"contract-{name}")
    person.page.set_viewport_size({"width": 1280, "height": 900})


def _signed_by_both_sides(cast: Cast, made: Awarded) -> list[Contract]:
    """The first is signed in the portal, the second on paper; none of them is public before that."""
    lead, contractor = cast.person(made.lead.email), cast.person(made.members[0].email)
    contracts = contracting.make(lead, made.segment)
    visitor = _visitor(cast)
    visitor.opens("/register/")
    visitor.misses(SLINGE, BUURT)
    contracting.sign_in_portal(lead, contractor, contracts[0])
    _look(lead, "getekend-opdrachtgever")
    contracting.sign_on_paper(lead, contracts[1], "Bas Buurt")
    # What of the segment a contract is for no page asks: the second delivers support, and no treatment.
    contracts[1].subsegments.set(contracts[1].subsegments.filter(name=SUPPORT))
    ending.letters_have_gone(2)
    text = _letter(contracts[0], "contract", "", contractor)
    assert "door u en door ons ondertekend" in text
    contractor.reads("Loopt")
    _look(contractor, "getekend-opdrachtnemer")
    visitor.opens("/register/")
    visitor.reads(f"Versie {in_dutch(database_today())}", "2 contractpartners")
    _look(visitor, "register-begin")
    visitor.fills("Naam", "Slinge")
    visitor.presses("Tonen")
    watching.now(visitor, made.segment.name, there=(SLINGE,), gone=(BUURT,))
    return [Contract.objects.get(pk=contract.pk) for contract in contracts]


def _one_on_a_condition(cast: Cast, made: Awarded, contract: Contract, clock: Clock) -> date:
    """Asked, questioned, answered, advised on, and approved on a condition, from a day to come."""
    contractor, clm = cast.person(made.members[0].email), cast.person(made.clm.email)
    college = cast.person(made.colleges[-1].email)
    since = clock.today + timedelta(days=14)
    contracting.ask_for_subcontractor(
        contractor, contract, name=NEWCOMER, kvk_number="90765432", agb_code="22765432", since=since,
        reason="De wachttijd is langer dan tien weken.", parts=SUPPORT,
    )  # fmt: skip
    changing.open_request(clm, "Onderaannemer toevoegen", NEWCOMER)
    clm.reads("Uittreksel KvK", "Niet ingeleverd. Vraag erom, nu of voor de start.")
    _look(clm, "verzoek-bij-clm")
    changing.ask_the_contractor(clm, "Er is geen uittreksel. Hebt u dat?")
    changing.answer(contractor, contract, NEWCOMER, "Ja, van vandaag.", extract_of=clock.today)
    changing.open_request(clm, "Onderaannemer toevoegen", NEWCOMER)
    clm.reads("Ja, van vandaag.")
    changing.ask_advice(clm, "Winterswijk", "Kent u deze praktijk?")
    changing.advise(college, NEWCOMER, "Wij kennen deze praktijk als betrouwbaar.")
    changing.open_request(clm, "Onderaannemer toevoegen", NEWCOMER)
    clm.reads("Wij kennen deze praktijk als betrouwbaar.")
    changing.decide(clm, "Goedkeuren met voorwaarden", GOOD_REASON, conditions=CONDITION, due=since + 90 * DAY)
    ending.letters_have_gone(3)
    change = SubcontractorChange.objects.get(organisation__name=NEWCOMER)
    text = _letter(contract, "subcontractor", str(change.pk), contractor)
    for part in (
        NEWCOMER,
        "goed, met voorwaarden",
        GOOD_REASON,
        CONDITION,
        in_dutch(since),
        in_dutch(since + 90 * DAY),
    ):
        assert part in text, f"{part} not in: {text}"
    visitor = _visitor(cast)
    watching.on_day(visitor, made.segment.name, clock.today, there=(SLINGE,), gone=(NEWCOMER,))
    watching.on_day(visitor, made.segment.name, since, there=(SLINGE, NEWCOMER))
    return since


def _one_refused(cast: Cast, made: Awarded, contract: Contract, clock: Clock) -> None:
    contractor, clm = cast.person(made.members[0].email), cast.person(made.clm.email)
    refused, since = made.known[0], clock.today + timedelta(days=14)
    changing.ask_known(contractor, contract, refused, part=TREATMENT, since=since, reason="Wij willen meer keuze.")
    changing.open_request(clm, "Onderaannemer toevoegen", refused.name)
    changing.decide(clm, "Weigeren", NO_REASON)
    ending.letters_have_gone(4)
    change = SubcontractorChange.objects.get(organisation=refused)
    text = _letter(contract, "subcontractor", str(change.pk), contractor)
    assert f"{refused.name} mag in dit contract geen werk voor u doen." in text
    assert NO_REASON in text
    contractor.reads(NO_REASON)
    watching.on_day(_visitor(cast), made.segment.name, since, there=(NEWCOMER,), gone=(refused.name,))


def _one_more(cast: Cast, made: Awarded, contract: Contract, since: date) -> None:
    """One that the portal knows already, approved as it was asked; later it will stop."""
    contractor, clm = cast.person(made.members[0].email), cast.person(made.clm.email)
    changing.ask_known(
        contractor, contract, made.known[1], part=TREATMENT, since=since, reason="Gezinnen wachten te lang."
    )
    changing.open_request(clm, "Onderaannemer toevoegen", made.known[1].name)
    changing.decide(clm, "Goedkeuren", GOOD_REASON)
    ending.letters_have_gone(5)


def _the_day_comes(cast: Cast, made: Awarded, contract: Contract, clock: Clock, since: date) -> None:
    """Both begin: the register has a new version, the one before is kept, and what differs can be read."""
    began = contract.start
    visitor = _visitor(cast)
    visitor.opens("/register/versies/")
    visitor.reads(in_dutch(began))
    visitor.misses(in_dutch(since))
    clock.go_to(since)
    ending.a_night_passes(clock.today)
    visitor.opens("/register/")
    both = (NEWCOMER, made.known[1].name)
    visitor.reads(f"Versie {in_dutch(since)}", "2 onderaannemers")
    watching.now(visitor, made.segment.name, there=both)
    _look(visitor, "register-erna")
    watching.difference_since(visitor, began, "Nieuwe onderaannemers", there=both, gone=(BUURT,))
    visitor.follows(f"Versie {in_dutch(began)}")
    visitor.reads("Zij verandert niet meer.")
    watching.now(visitor, made.segment.name, there=(SLINGE, BUURT), gone=both)


def _one_stops(cast: Cast, made: Awarded, contract: Contract, clock: Clock, since: date) -> None:
    """What it leaves uncovered stands before Team CLM; from the day after its last it is out of the register."""
    contractor, clm = cast.person(made.members[0].email), cast.person(made.clm.email)
    gone, last = made.known[1].name, clock.today + timedelta(days=30)
    changing.ask_to_stop(contractor, contract, gone, last=last, reason="De samenwerking is klaar.", clients=14)
    changing.open_request(clm, "Stoppen met een onderaannemer", gone)
    clm.reads("Plekken waar cliënten niet meer kunnen kiezen: 8.", "Wat dit onbedekt laat")
    for place in MUNICIPALITIES:
        expect(clm.row(place).filter(has_text=TREATMENT)).to_contain_text("geen keuze meer")
    _look(clm, "stop-bij-clm")
    changing.decide(clm, "Goedkeuren", GONE_REASON)
    ending.letters_have_gone(6)
    change = SubcontractorChange.objects.get(organisation__name=gone, kind="stop")
    text = _letter(contract, "subcontractor", str(change.pk), contractor)
    assert f"De laatste dag van {gone} is {in_dutch(last)}." in text
    assert GONE_REASON in text
    clock.go_to(last + DAY)
    ending.a_night_passes(clock.today)
    visitor = _visitor(cast)
    watching.on_day(visitor, made.segment.name, last, there=(NEWCOMER, gone))
    watching.on_day(visitor, made.segment.name, last + DAY, there=(NEWCOMER,), gone=(gone,))
    watching.difference_since(visitor, since, NO_LONGER["sub"], there=(gone,), gone=(NEWCOMER, BUURT))
    _look(visitor, "verschil-na-stop")


def _nobody_extends(cast: Cast, made: Awarded, contracts: list[Contract], clock: Clock) -> None:
    """A year ahead all are reminded; then each college decides by itself, and Team CLM draws the conclusion."""
    option = contracts[0].terms.get(sequence=2)
    clock.go_to(option.start - timedelta(days=300))
    ending.a_night_passes(clock.today)
    everybody = {made.clm.email, *(user.email for user in made.colleges)}
    told = OutboxMessage.objects.filter(subject__startswith="Opties").values_list("to", flat=True)
    wait_until(lambda: set(told.all()) == everybody, what="Team CLM and all colleges are reminded")
    clm = cast.person(made.clm.email)
    for number, user in enumerate(made.colleges):
        ending.to_option(clm, contracts[0])
        clm.reads("Het besluit kan worden afgerond als alle colleges hebben besloten")
        college = cast.person(user.email)
        place = list(MUNICIPALITIES)[number]
        if number == 0:
            ending.college_declines(college, contracts, "", on=clock.today)
            college.presses("Besluit vastleggen")
            college.reads("Geef de reden waarom het college niet verlengt.")
            _look(college, "opties-fout")
        ending.college_declines(college, contracts, DECLINE.format(name=place), on=clock.today)
    _look(college, "opties-college")
    ending.to_option(clm, contracts[0])
    _look(clm, "optie-bij-clm")
    for contract in contracts:
        ending.conclude(clm, contract, END_REASON)
    ending.letters_have_gone(8)
    last = option.start - DAY
    for member, contract in zip(made.members, contracts, strict=True):
        text = _letter(contract, "non_extension", str(contract.terms.get(sequence=2).pk), cast.person(member.email))
        for part in ("Uw contract wordt niet verlengd", END_REASON, f"De laatste dag is {in_dutch(last)}."):
            assert part in text, f"{part} not in: {text}"
    college.opens("/contracten/opties/")
    college.reads("Er komt geen optie in zicht")


def _it_ends(cast: Cast, made: Awarded, contracts: list[Contract], clock: Clock) -> None:
    """On its last day it is there, on the next it is not; its subcontractor goes with it."""
    contractor, visitor = cast.person(made.members[0].email), _visitor(cast)
    last = contracts[0].terms.get(sequence=1).end
    clock.go_to(last)
    ending.a_night_passes(clock.today)
    visitor.opens("/register/")
    watching.now(visitor, made.segment.name, there=(SLINGE, BUURT, NEWCOMER))
    clock.go_to(last + DAY)
    ending.a_night_passes(clock.today)
    visitor.opens("/register/")
    visitor.reads(f"Versie {in_dutch(last + DAY)}", "0 contractpartners")
    visitor.follows("Versies vergelijken")
    visitor.reads(f"eindigt op {in_dutch(last)}")
    _look(visitor, "versies")
    visitor.finds("sinds ")
    watching.now(visitor, NO_LONGER["main"], there=(SLINGE, BUURT))
    watching.now(visitor, NO_LONGER["sub"], there=(NEWCOMER,))
    contractor.opens("/mijn/")
    contractor.follows(contracts[0].number)
    contractor.reads("Afgerond", "Optie niet gebruikt", END_REASON)
    expect(contractor.main.get_by_role("link", name="Onderaannemer toevoegen", exact=True)).to_have_count(0)
    _look(contractor, "beeindigd")
