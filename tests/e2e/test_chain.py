"""The main job from its beginning to its end, walked page by page in a browser by everybody who has a part in it.

A real PostgreSQL, Valkey and Celery worker. Only time is helped along (`tests/e2e/chain/time.py`).
"""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import Browser
from pytest_django.live_server_helper import LiveServer

from achterhoek.audit.models import AuditEvent
from procurement.calendar_data import legal_calendar
from procurement.domain.periods import standstill_end
from procurement.enums import Stage
from providers.models import Organisation
from tests.e2e.chain import contracting, deciding, entering, judging
from tests.e2e.chain.actors import Cast, kept_on_failure
from tests.e2e.chain.time import pass_deadline, pass_standstill
from tests.factories.scenarios import Scenario, draft_tender, provider
from tests.worker import running_worker

pytestmark = [pytest.mark.e2e, pytest.mark.long, pytest.mark.django_db(transaction=True)]

YEAR = date.today().year + 1
STARTS = date(YEAR, 7, 1)
SLINGE = entering.Newcomer("sanne@slinge.example", "Sanne Slinge", "Zorg Aan De Slinge")
BUURT, BERKEL = "Coöperatie Buurtkracht", "Stichting De Berkelhof"
SUBCONTRACTOR = "Speltherapie Molenweg"
SELECTION, AWARD = "Selectiefase", "Gunningsfase"
S1, S2 = "S1 Samenwerking met lokale teams", "S2 Afschaling van zorg"
G1, G2 = "G1 Partnerschap met gemeenten", "G2 Continuïteit van zorg"
WITHDRAWN = "Het advies bij dit besluit was niet volledig."
REASON_ONE, REASON_TWO = "Bram vindt dit overtuigend.", "Bo mist een planning."


def test_the_whole_chain(chromium: Browser, live_server: LiveServer, mailoutbox: list[object], tmp_path: Path) -> None:
    scenario = draft_tender(starts=STARTS)
    provider(BUURT, email="bas@buurt.example", person="Bas Buurt")
    provider(BERKEL, email="bea@berkel.example", person="Bea Berkel")
    cast = Cast(chromium, live_server.url)
    with running_worker(), kept_on_failure(cast):
        _requests_come_in(cast, scenario, tmp_path)
        _the_selection(cast, scenario, tmp_path)
        _bids_come_in(cast, scenario, tmp_path)
        _the_award(cast, scenario, tmp_path)
        _contracts_and_register(cast, scenario)
    assert cast.complaints() == []


def _requests_come_in(cast: Cast, scenario: Scenario, tmp_path: Path) -> None:
    lead = cast.person(scenario.lead.email)
    visitor = cast.visitor()
    visitor.refused(f"/aanbestedingen/{scenario.tender.slug}/", 404)
    entering.publish(lead, scenario)
    visitor.opens("/aanbestedingen/")
    visitor.follows(scenario.tender.title)
    visitor.reads(scenario.segment.name)
    newcomer = entering.sign_up(cast, SLINGE)
    newcomer.refused("/inkoop/", 403)
    newcomer.refused("/kluis/", 403)
    numbers = {
        entering.hand_in_request(
            cast.person(email), scenario, vision=f"Onze visie, van {email}: vaste teams.", tmp_path=tmp_path
        )
        for email in (SLINGE.email, "bas@buurt.example", "bea@berkel.example")
    }
    assert len(numbers) == 3
    _nobody_reads_before_the_opening(cast, scenario)
    pass_deadline(scenario.round(Stage.SELECTION))


def _nobody_reads_before_the_opening(cast: Cast, scenario: Scenario) -> None:
    """Sealed means that not even the number of requests can be seen (Aw 2.108)."""
    evaluator = cast.person(scenario.evaluators[0].email)
    evaluator.opens("/beoordelen/")
    evaluator.reads("Er is niets te beoordelen")
    opener = cast.person(scenario.openers[0].email)
    opener.opens("/kluis/")
    opener.misses(scenario.tender.title)
    lead = cast.person(scenario.lead.email)
    judging.to_evaluation(lead, scenario, SELECTION)
    lead.misses(SLINGE.organisation, BUURT, BERKEL)


def _the_selection(cast: Cast, scenario: Scenario, tmp_path: Path) -> None:
    lead = cast.person(scenario.lead.email)
    one, two = (cast.person(user.email) for user in scenario.evaluators)
    openers = [cast.person(user.email) for user in scenario.openers]
    judging.open_vault(*openers, scenario, inside=3)
    judging.set_committee(lead, scenario, SELECTION)
    given = {SLINGE.organisation: {S1: 8, S2: 8}, BUURT: {S1: 8, S2: 6}, BERKEL: {S1: 4, S2: 4}}
    judging.score_alone(one, given, reason=REASON_ONE)
    judging.score_alone(two, given, reason=REASON_TWO, hidden=(REASON_ONE, scenario.evaluators[0].name))
    judging.close_scoring(lead, scenario, SELECTION)
    judging.bring_to_consensus(
        lead, scenario, SELECTION, given, requirements=("E1 Kwaliteitskeurmerk", "E2 SKJ-registratie"), hidden=()
    )
    judging.rank(lead, scenario, SELECTION)
    # Out of 10, with weights 60 and 40: 80, 72 and 40 points, for two places.
    assert judging.ranked(lead, SLINGE.organisation).startswith("1 ")
    assert "72,00" in judging.ranked(lead, BUURT)
    assert judging.ranked(lead, BERKEL).startswith("3 ")
    deciding.propose(lead, scenario, SELECTION, "De twee hoogste gaan door.")
    deciding.sign(cast.person(scenario.mandate_holder.email), scenario)
    deciding.to_decision(lead, scenario, SELECTION)
    deciding.send_letters(lead)
    _told_of_the_selection(cast, tmp_path)


def _told_of_the_selection(cast: Cast, tmp_path: Path) -> None:
    for email in (SLINGE.email, "bas@buurt.example"):
        letter = deciding.read_letter(cast.person(email), "Geselecteerd", tmp_path / f"{email}.pdf")
        assert "Integrale Ambulante Jeugdhulp" in letter.text
    rejected = cast.person("bea@berkel.example")
    letter = deciding.read_letter(rejected, "Niet geselecteerd", tmp_path / "afwijzing.pdf")
    assert BERKEL in letter.text
    assert judging.motivation(BERKEL, S1) in letter.text
    address = Organisation.objects.get(name=BERKEL).email
    mail = deciding.told_by_mail(address, count=2)[-1]
    assert mail.attachments.count() == 1


def _bids_come_in(cast: Cast, scenario: Scenario, tmp_path: Path) -> None:
    lead = cast.person(scenario.lead.email)
    entering.invite(lead, scenario)
    invitation = deciding.told_by_mail(SLINGE.email, count=3)[-1]
    assert invitation.subject == f"U mag inschrijven: {scenario.tender.title}"
    deciding.to_decision(lead, scenario, SELECTION)
    deciding.invite_by_letter(lead)
    letter = deciding.read_letter(cast.person(SLINGE.email), "Uitnodiging", tmp_path / "uitnodiging.pdf")
    assert SLINGE.organisation in letter.text
    rejected = cast.person("bea@berkel.example")
    rejected.opens("/mijn/")
    rejected.reads("Er staat nu geen aanbesteding voor u open.")
    for email, price in ((SLINGE.email, "1.050.000,00"), ("bas@buurt.example", "900000")):
        entering.hand_in_bid(
            cast.person(email), scenario, approach=f"Aanpak van {email}.", price=price, tmp_path=tmp_path
        )
    pass_deadline(scenario.round(Stage.AWARD))


def _the_award(cast: Cast, scenario: Scenario, tmp_path: Path) -> None:
    lead = cast.person(scenario.lead.email)
    evaluators = [cast.person(user.email) for user in scenario.evaluators]
    openers = [cast.person(user.email) for user in scenario.openers]
    judging.open_vault(*openers, scenario, inside=2)
    judging.set_committee(lead, scenario, AWARD)
    given = {SLINGE.organisation: {G1: 10, G2: 8}, BUURT: {G1: 6, G2: 8}}
    # Nobody sees a price before the scores of the quality are fixed.
    prices = ("1.050.000", "900.000")
    for evaluator, reason in zip(evaluators, (REASON_ONE, REASON_TWO), strict=True):
        judging.score_alone(evaluator, given, reason=reason, hidden=prices)
    judging.close_scoring(lead, scenario, AWARD)
    judging.bring_to_consensus(lead, scenario, AWARD, given, requirements=("M1 Wachttijd",), hidden=prices)
    judging.rank(lead, scenario, AWARD)
    # 40 + 24 + half of 30 for the price half-way between the bounds; 24 + 24 + 30 at the lower bound.
    assert re.match(r"1 .*79,00", judging.ranked(lead, SLINGE.organisation))
    assert re.match(r"2 .*78,00", judging.ranked(lead, BUURT))
    _colleges_and_mandate(cast, scenario, "Gunnen aan de hoogste.")
    _told_of_the_award(cast, scenario, tmp_path)
    _taken_back_and_made_anew(cast, scenario, tmp_path)
    _becomes_final(cast, scenario)


def _colleges_and_mandate(cast: Cast, scenario: Scenario, note: str) -> None:
    """Proposed, agreed by every college, signed by somebody else than the lead, and only then told to the bidders."""
    lead = cast.person(scenario.lead.email)
    aalten, berkelland = (cast.person(user.email) for user in scenario.secretaries)
    deciding.propose(lead, scenario, AWARD, note)
    holder = cast.person(scenario.mandate_holder.email)
    holder.opens("/mandaat/")
    holder.reads("Er wacht niets op uw handtekening", "Ligt nog bij de colleges")
    deciding.college_decides(aalten, scenario)
    deciding.college_decides(berkelland, scenario, reservation="Onder voorbehoud van de begroting.")
    deciding.to_decision(lead, scenario, AWARD)
    lead.reads("Onder voorbehoud van de begroting.")
    assert lead.main.get_by_role("button", name="Maak en verstuur de brieven").count() == 0
    deciding.sign(holder, scenario)
    deciding.to_decision(lead, scenario, AWARD)
    deciding.send_letters(lead)


def _taken_back_and_made_anew(cast: Cast, scenario: Scenario, tmp_path: Path) -> None:
    """The decision is withdrawn by letters and proposed anew; both stay, side by side."""
    lead = cast.person(scenario.lead.email)
    deciding.to_decision(lead, scenario, AWARD)
    deciding.take_back(lead, WITHDRAWN)
    winner = cast.person(SLINGE.email)
    letter = deciding.read_letter(winner, "Besluit ingetrokken", tmp_path / "ingetrokken.pdf")
    assert WITHDRAWN in letter.text
    _colleges_and_mandate(cast, scenario, "Opnieuw, met het volledige advies.")
    deciding.to_decision(lead, scenario, AWARD)
    lead.reads("Alle besluiten over dit segment", WITHDRAWN, "hetzelfde")
    again = deciding.read_letter(winner, "Gegund", tmp_path / "opnieuw.pdf", count=2)
    assert "voorlopig een contract te gunnen" in again.text


def _told_of_the_award(cast: Cast, scenario: Scenario, tmp_path: Path) -> None:
    """Each letter names its own bidder, score and motivation, and the day on which the standstill ends."""
    sent_at = deciding.decision_of(scenario, Stage.AWARD).sent_at
    assert sent_at is not None
    until = contracting.in_dutch(standstill_end(timezone.localdate(sent_at), calendar=legal_calendar()))
    won = deciding.read_letter(cast.person(SLINGE.email), "Gegund", tmp_path / "gunning.pdf")
    lost = deciding.read_letter(cast.person("bas@buurt.example"), "Niet gegund", tmp_path / "niet.pdf")
    for letter, name, total in ((won, SLINGE.organisation, "79"), (lost, BUURT, "78")):
        assert name in letter.text
        assert f"{total} punten" in letter.text
        assert judging.motivation(name, G1) in letter.text
        assert until in letter.text
        assert letter.is_tagged
        assert letter.language.startswith("nl")
        assert re.search(r"pdfuaid:part(=\"1\"|>1<)", letter.metadata)
    assert "voorlopig een contract te gunnen" in won.text
    assert "het college van Berkelland" in won.text
    # A loser reads what made the winner better, and not more (Aw 2.130).
    assert "geen contract te gunnen" in lost.text
    assert judging.motivation(SLINGE.organisation, G1) in lost.text
    assert judging.motivation(SLINGE.organisation, G2) not in lost.text


def _becomes_final(cast: Cast, scenario: Scenario) -> None:
    """Not before the standstill has ended, and not while a college has its reservation (Aw 2.127-2.131)."""
    lead = cast.person(scenario.lead.email)
    deciding.to_decision(lead, scenario, AWARD)
    assert lead.main.get_by_role("button", name="Maak de gunning definitief").count() == 0
    pass_standstill(deciding.decision_of(scenario, Stage.AWARD))
    deciding.to_decision(lead, scenario, AWARD)
    assert lead.main.get_by_role("button", name="Maak de gunning definitief").count() == 0
    deciding.lift_reservation(cast.person(scenario.secretaries[1].email), scenario)
    deciding.to_decision(lead, scenario, AWARD)
    lead.presses("Maak de gunning definitief")
    lead.reads("De gunning is definitief.")


def _contracts_and_register(cast: Cast, scenario: Scenario) -> None:
    lead, contractor = cast.person(scenario.lead.email), cast.person(SLINGE.email)
    visitor = cast.people["visitor"]
    contract = contracting.make_and_sign(lead, contractor, scenario)
    # Three years and twice two; an option is decided six months before it would begin.
    ends = [contracting.in_dutch(date(YEAR + years, 6, 30)) for years in (3, 5, 7)]
    latest = ["–", *(contracting.in_dutch(date(YEAR + years, 12, 31)) for years in (2, 4))]
    terms = contracting.terms_on_page(lead)
    assert [(cells[2], cells[4]) for cells in terms] == list(zip(ends, latest, strict=True))
    contracting.ask_for_subcontractor(
        contractor, contract, name=SUBCONTRACTOR, kvk_number="90765432", agb_code="22765432", since=STARTS,
        reason="De wachttijd is langer dan tien weken.",
    )  # fmt: skip
    contracting.read_register(visitor, STARTS)
    visitor.reads(SLINGE.organisation)
    visitor.misses(SUBCONTRACTOR)
    contractor.refused("/beheer/contracts/subcontractorchange/", 403)
    contracting.approve(cast.person(scenario.clm.email), SUBCONTRACTOR, reason="De wachttijd is een goede reden.")
    contracting.read_register(visitor, STARTS)
    visitor.reads(SLINGE.organisation, SUBCONTRACTOR, f"Versie {contracting.in_dutch(STARTS)}")
    visitor.misses(BUURT, BERKEL)
    register = contracting.json_of(visitor, f"/register.json?op={STARTS.isoformat()}")
    assert register["version"]["date"] == STARTS.isoformat()
    (line,) = register["contracts"]
    assert (line["number"], line["partner"]) == (contract.number, SLINGE.organisation)
    assert [sub["name"] for sub in line["subcontractors"]] == [SUBCONTRACTOR]
    releases = contracting.json_of(visitor, "/open-data/ocds/")["releases"]
    awards = [award for release in releases for award in release.get("awards", [])]
    # What was taken back is public too, without a name.
    assert {award["status"] for award in awards} >= {"active", "cancelled"}
    winners = {(award["status"], who["name"]) for award in awards for who in award.get("suppliers", [])}
    assert winners == {("active", SLINGE.organisation)}
    assert any(release.get("contracts") for release in releases)
    # Everybody who took a step stands in the log.
    acted = set(AuditEvent.objects.filter(actor__isnull=False).values_list("actor__email", flat=True))
    assert acted == set(cast.people) - {"visitor"}
