"""One evaluator scores a bid in the browser: by keyboard, kept while typing, told when, and what is refused is kept."""

from __future__ import annotations

import re

import pytest
from django.urls import reverse
from playwright.sync_api import Browser, Locator, Page, expect
from pytest_django.live_server_helper import LiveServer

from procurement.models import ReasonPhrase, Score, ScoreDraft, ScoringNote
from tests.e2e.looking import here, judge_at_all_widths, key, log_in
from tests.factories.evaluation import Evaluation, evaluation

pytestmark = [pytest.mark.e2e, pytest.mark.long, pytest.mark.django_db(transaction=True)]

LONG = "Het antwoord noemt wie wat doet, en wanneer dat klaar is."
PHRASE = "De bijlage onderbouwt het antwoord."
MEANINGS = {"0": "Geen antwoord.", "5": "Het antwoord is voldoende.", "10": "Het antwoord is volledig en toetsbaar."}
NOON = re.compile(r"Opgeslagen als uw score om \d\d:\d\d uur\.")


def prepared() -> Evaluation:
    made = evaluation(entries=2, evaluators=1, criteria=2)
    segment_round = made.segment_round
    segment_round.reason_min_length = 30
    segment_round.save(update_fields=["reason_min_length"])
    segment_round.criteria.update(rubric=[{"score": key, "meaning": text} for key, text in MEANINGS.items()])
    ReasonPhrase.objects.create(segment_round=segment_round, text=PHRASE)
    return made


def test_a_bid_is_scored_by_keyboard_and_nothing_typed_is_lost(chromium: Browser, live_server: LiveServer) -> None:
    made = prepared()
    context = chromium.new_context(locale="nl-NL", reduced_motion="reduce", viewport={"width": 1280, "height": 900})
    log_in(context, live_server.url, made.evaluators[0])
    page = context.new_page()
    address = live_server.url + reverse("procurement:score_entry", args=[made.segment_round.pk, made.entries[0].pk])
    page.goto(address)
    expect(page.get_by_text("Minstens 30 tekens.").first).to_be_visible()
    expect(page.get_by_role("list", name="Toetsen op deze pagina")).to_be_visible()

    _a_short_reason_is_a_draft(page)
    _a_phrase_makes_it_a_score(page)
    _a_note_keeps_itself(page, made)
    _a_second_window_does_not_overwrite(page, address)
    assert Score.objects.get().value == 5

    key(page, "Control+Enter")
    assert page.title().startswith("Fout: ")
    judge_at_all_widths(page, "scoren-geweigerd")
    _the_next_bid_is_two_keys_away(page, made)
    context.close()


def _part(page: Page, code: str) -> tuple[str, ...]:
    link = page.get_by_role("navigation", name="Criteria van deze inzending").get_by_role("link")
    return tuple(text for text in link.all_inner_texts() if text.startswith(code))


def _status(page: Page, number: int = 0) -> Locator:
    return page.locator("[data-scoring-status]").nth(number)


def _a_short_reason_is_a_draft(page: Page) -> None:
    page.keyboard.press("5")
    expect(page.get_by_label("5: Het antwoord is voldoende.").first).to_be_checked()
    page.get_by_label("Reden voor S1").fill("Te kort.")
    expect(_status(page)).to_contain_text("Bewaard als concept om")
    expect(_status(page)).to_contain_text("er zijn nog 22 tekens nodig")
    assert "concept" in _part(page, "S1")[0]
    assert ScoreDraft.objects.get().reason == "Te kort."


def _a_phrase_makes_it_a_score(page: Page) -> None:
    here(page.get_by_text("Zinnen voor de reden").first)
    here(page.get_by_role("button", name=PHRASE).first)
    expect(_status(page)).to_have_text(NOON)
    expect(page.get_by_label("Reden voor S1")).to_have_value(f"Te kort. {PHRASE}")
    assert "beoordeeld" in _part(page, "S1")[0]
    judge_at_all_widths(page, "scoren-opgeslagen")
    page.set_viewport_size({"width": 1280, "height": 900})


def _a_note_keeps_itself(page: Page, made: Evaluation) -> None:
    """Also when one goes on by the button of the scores."""
    page.get_by_label("Eigen notitie").fill("Nog nakijken.")
    expect(page.get_by_text(re.compile(r"Uw notitie is opgeslagen om \d\d:\d\d uur\."))).to_be_visible()
    assert ScoringNote.objects.get(entry=made.entries[0]).text == "Nog nakijken."


def _a_second_window_does_not_overwrite(page: Page, address: str) -> None:
    """What was changed elsewhere is shown beside what is typed here."""
    other = page.context.new_page()
    other.goto(address)
    other.get_by_label("Reden voor S1").fill(LONG)
    expect(_status(other)).to_have_text(NOON)
    other.close()
    page.get_by_label("Reden voor S1").fill(f"{LONG} En meer.")
    expect(_status(page)).to_contain_text("Dit is intussen in een ander venster gewijzigd")
    assert Score.objects.get().reason == LONG


def _the_next_bid_is_two_keys_away(page: Page, made: Evaluation) -> None:
    here(page.locator("h1"))
    key(page, "n")
    expect(page.get_by_role("heading", level=1)).to_have_text(made.entries[1].submission.organisation.name)
    page.keyboard.press("1")
    page.keyboard.press("0")
    expect(page.get_by_label("10: Het antwoord is volledig en toetsbaar.").first).to_be_checked()
