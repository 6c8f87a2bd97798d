"""Changes of subcontractors in the browser: one added on a condition, one refused, one stopped; by both sides, with a
municipality that advises, at both widths, as it should go and where it goes wrong."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from achterhoek.accounts.enums import Role
from achterhoek.clock import database_today
from contracts.enums import ChangeKind, ChangeStatus
from contracts.models import Contract, ContractMunicipality, Obligation, Subcontractor, SubcontractorChange
from contracts.services.letters import make_letters
from procurement.models import SubSegment
from tests.e2e.looking import go, here, judge_at_all_widths, log_in
from tests.factories import OrganisationFactory, member_of, user_with
from tests.factories.contracts import (
    SubcontractorChangeFactory,
    SubcontractorFactory,
    running_contract,
    takes_part,
)
from tests.factories.submissions import pdf_bytes

pytestmark = [pytest.mark.e2e, pytest.mark.long, pytest.mark.django_db(transaction=True)]
SEND = "Naar Team CLM sturen"
REASON = "De wachttijd voor speltherapie is langer dan tien weken, en wij vinden zelf geen mensen."
WORK_LIST = "admin:contracts_subcontractorchange_changelist"


@pytest.fixture
def contract() -> Contract:
    """A running contract with two parts, for two municipalities, with a promise and a subcontractor."""
    made = running_contract()
    segment = made.segment
    for name in ("Behandeling", "Ondersteuning"):
        made.subsegments.add(SubSegment.objects.create(segment=segment, slug=name.lower(), name=name))
    takes_part(segment, "Winterswijk", "Aalten")
    for place in segment.tender.region.municipalities.all():
        ContractMunicipality.objects.create(contract=made, municipality=place, start=made.start)
    sub = SubcontractorFactory(
        contract=made, start=made.start, organisation=OrganisationFactory(name="Stichting De Linde"),
        part_of_work="Gezinsbegeleiding",
    )  # fmt: skip
    sub.subsegments.set(made.subsegments.filter(name="Behandeling"))
    Obligation.objects.create(
        contract=made, sequence=1, promise="Binnen drie weken een eerste gesprek.", source="Kwaliteit, vraag 2"
    )
    return made


def page_of(chromium: Browser, live_server: LiveServer, user: Any, *, scripts: bool = True) -> Page:
    context = chromium.new_context(
        locale="nl-NL", reduced_motion="reduce", base_url=live_server.url, java_script_enabled=scripts
    )
    log_in(context, live_server.url, user)
    return context.new_page()


def press(page: Page, name: str) -> None:
    go(page.get_by_role("main").get_by_role("button", name=name, exact=True).first)


def fill(page: Page, name: str, text: str) -> None:
    page.locator(f"[name='{name}']").fill(text)


def upload(page: Page, kind: str) -> None:
    payload = {"name": f"{kind}.pdf", "mimeType": "application/pdf", "buffer": pdf_bytes()}
    page.locator(f"[name='file_{kind}']").set_input_files(payload)


def ask_to_add(page: Page, contract: Contract, kvk_number: str, start: date, *, shot: str = "") -> None:
    """From the contract to the form; first without a reason, then as it should be. No file is chosen twice."""
    page.goto(reverse("contracts:contract", args=[contract.pk]))
    go(page.get_by_role("link", name="Onderaannemer toevoegen"))
    if shot:
        judge_at_all_widths(page, f"{shot}-vragen")
    fill(page, "kvk_number", kvk_number)
    page.get_by_label("Behandeling").check()
    fill(page, "part_of_work", "Speltherapie voor jonge kinderen")
    fill(page, "effective_on", start.isoformat())
    upload(page, "self_declaration")
    upload(page, "kvk_extract")
    fill(page, "issued_kvk_extract", (database_today() - timedelta(days=200)).isoformat())
    press(page, SEND)
    assert page.title().startswith("Fout: ")
    expect(page.get_by_text("Ontvangen: pdf")).to_have_count(2)
    expect(page.locator("[name='part_of_work']")).to_have_value("Speltherapie voor jonge kinderen")
    if shot:
        judge_at_all_widths(page, f"{shot}-vragen-fout")
    fill(page, "reason", REASON)
    press(page, SEND)
    expect(page.get_by_text("Uw verzoek is naar Team CLM gestuurd")).to_be_visible()
    if shot:
        judge_at_all_widths(page, f"{shot}-contract")


def open_request(page: Page, name: str) -> None:
    page.goto(reverse(WORK_LIST))
    row = page.get_by_role("row").filter(has_text=name).first
    go(row.get_by_role("link").first)


def test_one_is_added_on_a_condition_after_a_question_and_advice(
    chromium: Browser, live_server: LiveServer, contract: Contract
) -> None:
    newcomer = OrganisationFactory(name="Praktijk De Kikker")
    place = contract.segment.tender.region.municipalities.get(name="Winterswijk")
    provider = page_of(chromium, live_server, member_of(contract.contractor))
    clm = page_of(chromium, live_server, user_with(Role.CLM, name="Inge van Team CLM"))
    college = page_of(chromium, live_server, user_with(Role.COLLEGE, municipality=place))
    start = database_today() + timedelta(days=14)
    ask_to_add(provider, contract, newcomer.kvk_number, start, shot="wijziging-toevoegen")

    clm.goto(reverse(WORK_LIST))
    judge_at_all_widths(clm, "wijziging-werklijst")
    open_request(clm, newcomer.name)
    expect(clm.get_by_text("Aw 2.89").first).to_be_visible()
    expect(clm.get_by_text("Vraag om een nieuw stuk.")).to_be_visible()
    judge_at_all_widths(clm, "wijziging-beoordelen")
    press(clm, "Vraag stellen")
    judge_at_all_widths(clm, "wijziging-vraag-fout")
    fill(clm, "vraag-text", "Het uittreksel is te oud. Hebt u een nieuw?")
    press(clm, "Vraag stellen")
    expect(clm.get_by_text("Uw vraag is naar de contractpartij gemaild.")).to_be_visible()
    judge_at_all_widths(clm, "wijziging-vraag-gesteld")

    provider.goto(reverse("providers:home"))
    expect(provider.get_by_text("1 vraag wacht op uw antwoord")).to_be_visible()
    go(provider.get_by_role("link", name=contract.number))
    go(provider.get_by_role("link", name=f"Onderaannemer toevoegen: {newcomer.name}"))
    judge_at_all_widths(provider, "wijziging-vraag")
    upload(provider, "kvk_extract")
    fill(provider, "issued_kvk_extract", database_today().isoformat())
    press(provider, "Verstuur uw antwoord")
    judge_at_all_widths(provider, "wijziging-antwoord-fout")
    fill(provider, "text", "Ja, hierbij een uittreksel van vandaag.")
    press(provider, "Verstuur uw antwoord")
    judge_at_all_widths(provider, "wijziging-antwoord")

    open_request(clm, newcomer.name)
    clm.get_by_role("group", name="Welke gemeenten?").get_by_label("Winterswijk").check()
    fill(clm, "advies-question", "Kent u deze praktijk?")
    press(clm, "Advies vragen")
    college.goto(reverse("procurement:college_home"))
    judge_at_all_widths(college, "advies-college")
    go(college.get_by_role("link", name=f"Onderaannemer toevoegen: {newcomer.name}"))
    press(college, "Advies naar Team CLM sturen")
    judge_at_all_widths(college, "advies-fout")
    college.locator("[name='outcome'][value='positive']").check()
    fill(college, "text", "Wij kennen deze praktijk als betrouwbaar.")
    press(college, "Advies naar Team CLM sturen")
    judge_at_all_widths(college, "advies-gegeven")
    college.goto(reverse("contracts:advices"))
    judge_at_all_widths(college, "adviezen")

    open_request(clm, newcomer.name)
    expect(clm.get_by_text("Wij kennen deze praktijk als betrouwbaar.").first).to_be_visible()
    clm.locator("[name='outcome'][value='conditional']").check()
    fill(clm, "reason", "De wachttijd is een gegronde reden.")
    press(clm, "Besluit vastleggen")
    judge_at_all_widths(clm, "wijziging-besluit-fout")
    fill(clm, "conditions", "Lever binnen drie maanden een gedragsverklaring in.")
    fill(clm, "conditions_due_on", (start + timedelta(days=90)).isoformat())
    press(clm, "Besluit vastleggen")
    assert make_letters() == 1
    open_request(clm, newcomer.name)
    judge_at_all_widths(clm, "wijziging-besloten")
    press(clm, "Vastleggen dat eraan is voldaan")
    expect(clm.get_by_text("Vastgelegd dat aan deze voorwaarde is voldaan.")).to_be_visible()

    provider.reload()
    expect(provider.get_by_text("De wachttijd is een gegronde reden.").first).to_be_visible()
    expect(provider.get_by_text("Lever binnen drie maanden").first).to_be_visible()
    for hidden in ("Wij kennen deze praktijk", "Inge van Team CLM", "Aw 2.89"):
        expect(provider.get_by_text(hidden)).to_have_count(0)
    judge_at_all_widths(provider, "wijziging-uitkomst")
    added = Subcontractor.objects.get(organisation=newcomer)
    assert (added.start, added.end, [part.name for part in added.subsegments.all()]) == (start, None, ["Behandeling"])


def test_one_is_refused_without_scripts(chromium: Browser, live_server: LiveServer, contract: Contract) -> None:
    newcomer = OrganisationFactory(name="Zorgbureau Snel")
    provider = page_of(chromium, live_server, member_of(contract.contractor), scripts=False)
    clm = page_of(chromium, live_server, user_with(Role.CLM), scripts=False)
    ask_to_add(provider, contract, newcomer.kvk_number, database_today() + timedelta(days=7))
    open_request(clm, newcomer.name)
    expect(clm.locator("[name='outcome'][value='refused']")).to_be_checked()
    press(clm, "Besluit vastleggen")
    assert clm.title().startswith("Fout: ")
    fill(clm, "reason", "Er is geen gegronde reden: er is plaats bij twee andere aanbieders.")
    press(clm, "Besluit vastleggen")
    change = SubcontractorChange.objects.get(organisation=newcomer)
    assert change.status == ChangeStatus.REFUSED
    provider.goto(reverse("contracts:change", args=[contract.pk, change.pk]))
    expect(provider.get_by_text("plaats bij twee andere aanbieders").first).to_be_visible()
    assert not Subcontractor.objects.filter(organisation=newcomer).exists()


def test_one_is_stopped_and_what_it_leaves_is_seen(
    chromium: Browser, live_server: LiveServer, contract: Contract
) -> None:
    provider = page_of(chromium, live_server, member_of(contract.contractor))
    clm = page_of(chromium, live_server, user_with(Role.CLM))
    last = database_today() + timedelta(days=60)
    provider.goto(reverse("contracts:contract", args=[contract.pk]))
    go(provider.get_by_role("link", name="Vragen om te stoppen Stichting De Linde"))
    judge_at_all_widths(provider, "wijziging-stoppen")
    fill(provider, "effective_on", last.isoformat())
    fill(provider, "reason", "De samenwerking is klaar.")
    fill(provider, "clients", "veertien")
    fill(provider, "continuity", "Eigen mensen nemen de begeleiding over.")
    press(provider, SEND)
    judge_at_all_widths(provider, "wijziging-stoppen-fout")
    fill(provider, "clients", "14")
    press(provider, SEND)
    open_request(clm, "Stichting De Linde")
    expect(clm.get_by_role("cell", name="geen keuze meer")).to_have_count(2)
    judge_at_all_widths(clm, "wijziging-stop-beoordelen")
    clm.locator("[name='outcome'][value='approved']").check()
    fill(clm, "reason", "De zorg loopt door bij de contractpartij zelf.")
    press(clm, "Besluit vastleggen")
    assert Subcontractor.objects.get(organisation__name="Stichting De Linde").end == last


def test_other_work_is_asked_and_several_requests_are_handled_at_once(
    chromium: Browser, live_server: LiveServer, contract: Contract
) -> None:
    provider = page_of(chromium, live_server, member_of(contract.contractor))
    sub = contract.subcontractors.get()
    provider.goto(reverse("contracts:contract", args=[contract.pk]))
    go(provider.get_by_role("link", name="Wijziging van het werk vragen"))
    judge_at_all_widths(provider, "wijziging-ander-werk")
    press(provider, SEND)
    judge_at_all_widths(provider, "wijziging-ander-werk-fout")
    fill(provider, "part_of_work", "Gezinsbegeleiding en groepen")
    fill(provider, "effective_on", (database_today() + timedelta(days=5)).isoformat())
    fill(provider, "reason", "Groepen horen er nu bij.")
    fill(provider, "clients", "6")
    fill(provider, "continuity", "Dezelfde mensen blijven.")
    press(provider, SEND)
    assert SubcontractorChange.objects.get(kind=ChangeKind.CHANGE).organisation == sub.organisation

    late = database_today() - timedelta(days=2)
    for _number in range(2):
        SubcontractorChangeFactory(contract=contract, decide_by=late)
    clm = page_of(chromium, live_server, user_with(Role.CLM))
    clm.goto(reverse(WORK_LIST) + "?term=overdue")
    here(clm.get_by_text("Deze filters bewaren"))
    judge_at_all_widths(clm, "wijziging-werklijst-filter")
    fill(clm, "name", "Te laat besloten")
    press(clm, "Opslaan")
    expect(clm.get_by_role("link", name="Te laat besloten")).to_be_visible()
    for box in clm.locator("input.action-select").all():
        box.check()
    clm.locator("select[name='action']").select_option("refuse_selected")
    go(clm.locator("button[name='index']"))
    judge_at_all_widths(clm, "wijziging-samen")
    press(clm, "Deze verzoeken weigeren")
    judge_at_all_widths(clm, "wijziging-samen-fout")
    fill(clm, "reason", "Geen gegronde reden.")
    press(clm, "Deze verzoeken weigeren")
    expect(clm.get_by_text("Gedaan voor 2 verzoeken.")).to_be_visible()
    with clm.expect_download() as download:
        clm.get_by_role("link", name="CSV").click()
    path = download.value.path()
    assert "Onderaannemer" in Path(path).read_text(encoding="utf-8-sig")
