"""Comparing with other bids is pointed out in a motivation; judging a bid on its own is not."""

import pytest

from procurement.domain.wording import comparative_phrases


@pytest.mark.parametrize(
    ("text", "phrase"),
    [
        ("Dit plan is beter dan dat van de anderen.", "beter dan"),
        ("Het is MINDER uitgewerkt dan gehoopt.", "MINDER uitgewerkt dan"),
        ("In vergelijking met andere inschrijvers is dit mager.", "In vergelijking met"),
        ("Ten opzichte van de rest blijft het achter.", "Ten opzichte van"),
        ("Vergeleken met het andere plan is dit mooi.", "Vergeleken met"),
        ("Andere aanbieders noemen wel een termijn.", "Andere aanbieders"),
        ("De overige inschrijvingen noemen dit.", "De overige inschrijvingen"),
        ("Het beste van alle inschrijvingen.", "Het beste van alle inschrijvingen"),
        ("De aanpak onderscheidt zich.", "onderscheidt zich"),
        ("Zwakker\ndan  de concurrent.", "Zwakker dan"),
    ],
)
def test_comparing_is_pointed_out(text, phrase):
    assert phrase in comparative_phrases(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "De aanpak is concreet en volledig. De planning ontbreekt.",
        "Meer dan voldoende uitgewerkt, met meer dan 10 voorbeelden.",
        "Het plan gaat verder in op scholing; dan volgt de uitvoering.",
        "Bij de andere criteria komt dit terug.",
        "De organisatie werkt samen met andere disciplines en doet dat goed.",
    ],
)
def test_judging_a_bid_on_its_own_is_not(text):
    assert comparative_phrases(text) == ()


def test_each_phrase_is_named_once():
    assert comparative_phrases("Beter dan A, en ook beter dan B.") == ("Beter dan",)
