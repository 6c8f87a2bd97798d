"""The completeness check in the browser: every page in its states, on a desk and on a phone, up to a late answer."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from procurement.enums import Completeness
from procurement.models import Clarification, ClarificationRequest
from procurement.services.clarifications import answer_clarification
from tests.e2e.looking import go, judge_at_all_widths, log_in
from tests.factories.completeness import POINT, Checking, checking, pass_term
from tests.factories.submissions import pdf

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


class Visitor:
    """Somebody's browser on these pages; every look is judged at both widths."""

    def __init__(self, chromium: Browser, live_server: LiveServer, user: Any) -> None:
        context = chromium.new_context(locale="nl-NL", timezone_id="Europe/Amsterdam", reduced_motion="reduce")
        log_in(context, live_server.url, user)
        self.page: Page = context.new_page()
        self.base = live_server.url

    def open(self, path: str) -> Page:
        response = self.page.goto(f"{self.base}{path}")
        assert response is not None
        assert response.status == 200
        return self.page

    def look(self, name: str) -> None:
        judge_at_all_widths(self.page, f"volledigheid-{name}")

    def press(self, name: str) -> None:
        go(self.page.get_by_role("main").get_by_role("button", name=name, exact=True))


def list_path(made: Checking) -> str:
    return reverse("procurement:completeness", args=[made.round.pk])


def judge_path(made: Checking, place: int) -> str:
    return reverse("procurement:completeness_judge", args=[made.round.pk, made.submissions[place].pk])


def answer_path(clarification: Clarification) -> str:
    return reverse("procurement:clarification", args=[clarification.submission_id, clarification.request_id])


def test_the_pages_of_the_lead(chromium: Browser, live_server: LiveServer) -> None:
    empty = checking(submissions=0)
    lead = Visitor(chromium, live_server, empty.lead)
    lead.open(list_path(empty))
    lead.look("leeg")
    made = checking(submissions=5, segments=2)
    lead = Visitor(chromium, live_server, made.lead)
    lead.open(list_path(made))
    lead.look("begin")
    page = lead.open(judge_path(made, 0))
    lead.press("Opslaan")
    assert page.title().startswith("Fout: ")
    lead.look("oordeel-fout")
    page.get_by_label("Toe te lichten", exact=True).check()
    page.get_by_label("Toe te lichten punt").fill(POINT)
    lead.press("Opslaan en naar de volgende")
    assert page.url.endswith(judge_path(made, 1))
    lead.look("oordeel")
    made.judge(made.submissions[1], Completeness.COMPLETE)
    made.judge(made.submissions[2], Completeness.EXCLUDED, reason="De inschrijving is niet ondertekend.")
    made.to_clarify(made.submissions[3])
    lead.open(list_path(made))
    lead.look("lijst")
    lead.open(judge_path(made, 2))
    lead.look("uitgesloten")
    go(lead.open(list_path(made)).get_by_role("link", name="Vraag om toelichting"))
    lead.look("vraag")
    page.get_by_label("Onderwerp").fill("Uittreksel van het handelsregister")
    page.get_by_label("Vraag", exact=True).fill("Stuur het uittreksel dat bij uw inzending ontbreekt.")
    page.get_by_label(made.submissions[3].number).uncheck()
    lead.press("Stuur de vraag aan alle gekozen organisaties")
    expect(page.get_by_text(f"U slaat {made.submissions[3].number} over").first).to_be_visible()
    lead.look("vraag-fout")
    page.get_by_label(made.submissions[3].number).check()
    lead.press("Stuur de vraag aan alle gekozen organisaties")
    lead.look("antwoorden-wachten")
    request = ClarificationRequest.objects.get()
    for clarification in request.clarifications.order_by("submission__number"):
        answer_clarification(
            clarification=clarification, answer="Hierbij het uittreksel.\n\nMet excuses.", upload=pdf(),
            by=made.member(clarification.submission),
        )  # fmt: skip
    path = reverse("procurement:clarification_request", args=[request.pk])
    lead.open(path)
    lead.look("antwoorden")
    pass_term(request)
    lead.open(path)
    lead.look("antwoorden-voorbij")
    lead.open(reverse("procurement:lead_tender", args=[made.round.tender.slug]))
    lead.look("inkoop")


def test_the_pages_of_the_provider(chromium: Browser, live_server: LiveServer) -> None:
    made = checking(submissions=2)
    clarification = made.asked()[0]
    provider = Visitor(chromium, live_server, made.member(clarification.submission))
    page = provider.open(reverse("providers:home"))
    provider.look("mijn")
    go(page.get_by_role("link", name="Beantwoord de vraag"))
    provider.look("beantwoorden")
    provider.press("Verstuur uw antwoord")
    assert page.title().startswith("Fout: ")
    provider.look("beantwoorden-fout")
    page.get_by_label("Uw antwoord", exact=True).fill("Hierbij het uittreksel.")
    page.get_by_label("Pdf bij uw antwoord").set_input_files(
        {"name": "uittreksel.pdf", "mimeType": "application/pdf", "buffer": pdf().read()}
    )
    provider.press("Verstuur uw antwoord")
    provider.look("beantwoord")
    provider.open(reverse("procurement:submission", args=[clarification.submission_id]))
    provider.look("inzending")
    page = provider.open(answer_path(clarification))
    page.get_by_label("Uw antwoord", exact=True).fill("Toch nog iets.")
    pass_term(clarification.request)
    provider.press("Wijzig uw antwoord")
    expect(page.get_by_text("Te laat is te laat").first).to_be_visible()
    provider.look("te-laat")
    provider.open(answer_path(clarification))
    provider.look("voorbij")
    assert Clarification.objects.get(pk=clarification.pk).answer == "Hierbij het uittreksel."
