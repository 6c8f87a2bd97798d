"""Custodian mode from beginning to end: papers printed and typed back, refused with one of them, opened with two."""

from __future__ import annotations

import time
from datetime import date

import pytest
from allauth.mfa.totp.internal import auth as totp
from playwright.sync_api import Browser, Route, expect
from pytest_django.live_server_helper import LiveServer

from achterhoek.accounts.models import User
from procurement.enums import RoundStatus, Stage
from procurement.models import CustodianShare, VaultKey
from providers.models import Organisation
from tests.e2e.chain import entering
from tests.e2e.chain.actors import PASSWORD, Cast, Person, kept_on_failure
from tests.e2e.chain.time import pass_deadline
from tests.e2e.looking import KEEP, SHOTS, judge_at_all_widths
from tests.factories.scenarios import Scenario, draft_tender, provider
from tests.factories.submissions import Fair
from tests.papers import words_in
from tests.worker import running_worker

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

BIDDER = "Coöperatie Buurtkracht"
HOLDERS = ("N. de Notaris", "G. van der Griffie", "A. Archiefman")
MAKE, CONFIRM = "Maak de sleutel en de papieren", "Bevestig het openen van de kluis"


def test_opened_with_two_of_three_papers_and_refused_with_one(chromium: Browser, live_server: LiveServer) -> None:
    scenario = draft_tender(starts=date(date.today().year + 1, 7, 1))
    signer = provider(BIDDER, email="bas@buurt.example", person="Bas Buurt")
    cast = Cast(chromium, live_server.url)
    with running_worker(), kept_on_failure(cast):
        lead = cast.person(scenario.lead.email)
        papers = _print(lead, scenario)
        _type_back(lead, scenario, papers)
        entering.publish(lead, scenario)
        _hand_in(scenario, signer)
        pass_deadline(scenario.round(Stage.SELECTION))
        _open(cast, scenario, papers)
    assert cast.complaints() == []


def _print(lead: Person, scenario: Scenario) -> list[str]:
    """Choose custodians, name them, and print: the papers come once."""
    lead.opens("/inkoop/")
    lead.follows(scenario.tender.title)
    lead.follows("Kies wie de sleutel bewaart")
    lead.chooses("Wie bewaart de sleutel?", "Bewaarders hebben hem, in delen op papier")
    lead.page.get_by_label("Hoeveel bewaarders zijn er?").select_option("2")
    lead.page.get_by_label("Hoeveel van hen zijn nodig om te openen?").select_option("3")
    lead.presses("Bewaar de keuze")
    assert lead.error_of("Hoeveel van hen zijn nodig om te openen?")
    judge_at_all_widths(lead.page, "sleutel-fout")
    lead.page.get_by_label("Hoeveel bewaarders zijn er?").select_option("3")
    lead.page.get_by_label("Hoeveel van hen zijn nodig om te openen?").select_option("2")
    lead.presses("Bewaar de keuze")
    lead.reads("Er is nog geen sleutel.")
    judge_at_all_widths(lead.page, "sleutel")
    lead.follows(f"{MAKE} (Selectiefase)")
    lead.fills("Bewaarder 1", HOLDERS[0])
    lead.presses(MAKE)
    assert lead.error_of("Bewaarder 2")
    judge_at_all_widths(lead.page, "sleutel-papieren-fout")
    for place, holder in enumerate(HOLDERS, start=1):
        lead.fills(f"Bewaarder {place}", holder)
    papers = words_in(_printed(lead))
    assert len(papers) == 3
    lead.opens(f"/inkoop/aanbesteding/{scenario.tender.slug}/sleutel/")
    lead.follows("Maak nieuwe papieren (Selectiefase)")
    lead.reads("Er zijn al papieren")
    judge_at_all_widths(lead.page, "sleutel-papieren")
    assert VaultKey.objects.get().key.is_withheld
    return papers


def _printed(lead: Person) -> bytes:
    """What the one answer holds that shows the papers; the browser shows it as a document to print."""
    kept: list[bytes] = []

    def keep(route: Route) -> None:
        answer = route.fetch()
        kept.append(answer.body())
        route.fulfill(response=answer)

    lead.page.route("**/papieren/", keep, times=1)
    lead.presses(MAKE)
    if KEEP:
        (SHOTS / "papieren.pdf").write_bytes(kept[0])
    return kept[0]


def _type_back(lead: Person, scenario: Scenario, papers: list[str]) -> None:
    """Not published before two papers have proven readable."""
    lead.opens("/inkoop/")
    lead.follows(scenario.tender.title)
    lead.reads("0 van de 2 delen die nodig zijn, zijn teruggetypt")
    lead.follows("Kies wie de sleutel bewaart")
    lead.follows("Typ een papier terug (Selectiefase)")
    # By its place: a word may stand in a paper twice, or in another word.
    words = papers[0].split()
    _type(lead, " ".join([*words[:4], "zorg", *words[5:]]))
    assert "Woord 5" in lead.error_of("De woorden van één papier")
    judge_at_all_widths(lead.page, "sleutel-terugtypen-fout")
    _type(lead, " ".join(word[:4].upper() for word in papers[0].split()))
    lead.reads(f"Elk woord klopt. Dit is het deel van {HOLDERS[0]}.")
    _type(lead, papers[2])
    lead.reads("Genoeg papieren zijn leesbaar")
    judge_at_all_widths(lead.page, "sleutel-terugtypen")
    assert CustodianShare.objects.filter(confirmed_at=None).get().holder == HOLDERS[1]


def _type(lead: Person, words: str) -> None:
    lead.fills("De woorden van één papier", words)
    lead.presses("Controleer dit deel")


def _hand_in(scenario: Scenario, signer: User) -> None:
    """How that goes in the browser is told elsewhere."""
    fair = Fair(scenario.tender, scenario.round(Stage.SELECTION), [scenario.segment])
    fair.submitted(by=signer, organisation=Organisation.objects.get(name=BIDDER))


def _open(cast: Cast, scenario: Scenario, papers: list[str]) -> None:
    """The first opener has an app; the second, who types the papers in, is of the demo."""
    first, second = (cast.person(user.email) for user in scenario.openers)
    secret = totp.generate_totp_secret()
    totp.TOTP.activate(User.objects.get(email=scenario.openers[0].email), secret)
    for person in (first, second):
        person.opens("/kluis/")
        judge_at_all_widths(person.page, "kluis-lijst")
        person.follows(scenario.tender.title)
        person.reads(*HOLDERS)
    expect(first.main.get_by_label("Woorden van papier 1")).to_have_count(0)
    judge_at_all_widths(first.page, "kluis-code")
    first.fills("Code uit uw authenticatie-app", _code(secret))
    first.presses(CONFIRM)
    first.reads("Uw bevestiging is vastgelegd.")
    second.page.reload()
    judge_at_all_widths(second.page, "kluis-papieren")
    second.fills("Woorden van papier 1", papers[1])
    second.fills("Uw wachtwoord", PASSWORD)
    second.presses(CONFIRM)
    assert "Typ de woorden" in second.error_of("Woorden van papier 2")
    judge_at_all_widths(second.page, "kluis-papieren-fout")
    second.fills("Woorden van papier 2", papers[1])
    second.fills("Uw wachtwoord", PASSWORD)
    second.presses(CONFIRM)
    assert "al ingetypt" in second.error_of("Woorden van papier 2")
    assert scenario.round(Stage.SELECTION).status == RoundStatus.CLOSED
    second.fills("Woorden van papier 2", papers[0])
    second.fills("Uw wachtwoord", PASSWORD)
    second.presses(CONFIRM)
    second.reads("De kluis is open.", BIDDER)
    judge_at_all_widths(second.page, "kluis-geopend")
    expect(second.row("Klopt")).to_have_count(1)
    assert scenario.round(Stage.SELECTION).status == RoundStatus.OPENED


def _code(secret: str) -> str:
    return totp.format_hotp_value(totp.hotp_value(secret, int(time.time()) // 30))
