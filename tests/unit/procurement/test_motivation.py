"""The reasons in a letter: what the record says and nothing else, and what must not stand in it."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from procurement.domain.motivation import (
    RUN,
    Bid,
    Checker,
    Facts,
    FindingKind,
    Judged,
    Part,
    Standing,
    amounts,
    compose,
    is_accepted,
    name_words,
    quoted_runs,
    standing_of,
    tidy,
    version_of,
    words,
    worst,
)

OWN, WINNER, OTHER_WINNER, LOSER = 1, 2, 3, 4
NAMES = {
    OWN: "Stichting De Berkelhof",
    WINNER: "Zorg Aan De Slinge B.V.",
    OTHER_WINNER: "Coöperatie Buurtkracht U.A.",
    LOSER: "Zorg Aan De Slinge Noord",
}
FACTS = Facts(
    names=NAMES,
    awarded=frozenset({WINNER, OTHER_WINNER}),
    codes={10: "K1", 11: "K2", 12: "Prijs"},
    numbers={OWN: "12345678"},
    prices={Decimal("1240000"): {WINNER}, Decimal("48.50"): {LOSER}, Decimal("1500"): {OWN, LOSER}},
    minimum=10,
)
OF_WINNER = "De cliënt kiest zelf wie er op maandag en donderdag bij haar thuis over de vloer komt."


def found(text: str, *, winner: int | None = None, told=None, facts: Facts = FACTS) -> list[tuple[str, str]]:
    part = Part(OWN, 10, winner, text)
    return [(finding.kind.value, finding.words) for finding in Checker(facts, told or {}).check(part)]


# Composing -----------------------------------------------------------------------------------------------


def test_each_advantage_is_of_an_awarded_bid_that_scored_higher_the_best_first():
    judged = {
        (OWN, 10): Judged(Decimal(6), "Eigen reden."),
        (WINNER, 10): Judged(Decimal(8), "Reden van de een."),
        (OTHER_WINNER, 10): Judged(Decimal(10), "Reden van de ander.\r\nMet regel."),
        (LOSER, 10): Judged(Decimal(10), "Niet gegund."),
    }
    bids = [Bid(WINNER, True, False), Bid(OTHER_WINNER, True, False), Bid(OWN, False, True)]
    parts = [part for part in compose(bids, [10], judged) if part.bid == OWN]
    assert parts == [
        Part(OWN, 10, None, "Eigen reden."),
        Part(OWN, 10, OTHER_WINNER, "Reden van de ander.\nMet regel."),
        Part(OWN, 10, WINNER, "Reden van de een."),
    ]


def test_who_has_no_score_is_told_so_and_compared_with_nobody():
    judged = {(WINNER, 10): Judged(Decimal(8), "Reden.")}
    assert compose([Bid(OWN, False, True), Bid(WINNER, True, False)], [10], judged)[0] == Part(OWN, 10, None, "")


SCORES = st.dictionaries(
    st.tuples(st.integers(0, 5), st.integers(0, 2)),
    st.builds(Judged, st.decimals(0, 10, places=1), st.text(max_size=20)),
)


@given(SCORES, st.sets(st.integers(0, 5)))
def test_nothing_is_composed_that_is_not_in_the_record(judged, awarded):
    bids = [Bid(key, key in awarded, key not in awarded) for key in range(6)]
    parts = compose(bids, [0, 1, 2], judged)
    for part in parts:
        source = judged.get((part.winner if part.winner is not None else part.bid, part.criterion))
        assert part.text == (tidy(source.reason) if source else "")
        if part.winner is not None:
            assert part.winner in awarded
            assert part.bid not in awarded
            assert source.score > judged[part.bid, part.criterion].score
    keys = [(part.bid, part.criterion, part.winner) for part in parts]
    assert len(keys) == len(set(keys))
    assert {(bid, criterion, None) for bid in range(6) for criterion in range(3)} <= set(keys)


# Gaps ----------------------------------------------------------------------------------------------------


def test_a_gap_is_no_score_no_text_or_too_little_text():
    assert found("  ") == [("empty", "")]
    assert found("Kort.") == [("short", "")]
    (missing,) = Checker(FACTS, {}).check(Part(OWN, 10, None, "Lang genoeg dit."), scored=False)
    assert missing.kind == FindingKind.NO_SCORE


def test_a_gap_cannot_be_accepted_and_a_finding_can():
    gap = Checker(FACTS, {}).check(Part(OWN, 10, None, ""))
    named = Checker(FACTS, {}).check(Part(OWN, 10, None, "Net als Buurtkracht, Coöperatie Buurtkracht."))
    assert standing_of(gap, accepted=True) == Standing.GAP
    assert standing_of(named, accepted=False) == Standing.LOOK
    assert standing_of(named, accepted=True) == Standing.COMPLETE
    assert worst([Standing.COMPLETE, Standing.GAP, Standing.LOOK]) == Standing.GAP
    assert worst([]) == Standing.COMPLETE


def test_what_was_accepted_holds_for_that_text_only():
    assert is_accepted(text="a", accepted="Het klopt.", accepted_text="a")
    assert not is_accepted(text="b", accepted="Het klopt.", accepted_text="a")
    assert not is_accepted(text="a", accepted=" ", accepted_text="a")


# Bidders and criteria ------------------------------------------------------------------------------------


def test_the_own_name_and_that_of_the_bid_compared_with_may_stand():
    assert found("De Berkelhof heeft een plan.") == []
    assert found("ZORG AAN DE SLINGE heeft een plan.", winner=WINNER) == []


def test_another_awarded_bidder_is_the_wrong_one():
    wrong = [("wrong_bidder", "Coöperatie Buurtkracht U.A.")]
    assert found("De cooperatie buurtkracht noemt namen.", winner=WINNER) == wrong
    assert found("De Coöperatie  Buurtkracht noemt namen.") == wrong


def test_a_bid_that_was_not_awarded_is_nothing_to_compare_with():
    """Its longer name is not read as that of the awarded bid that begins alike."""
    not_awarded = [("not_awarded", "Zorg Aan De Slinge Noord")]
    assert found("Zorg aan de Slinge Noord noemt namen.", winner=WINNER) == not_awarded
    assert ("not_awarded", NAMES[LOSER]) in found("Een goed plan met namen.", winner=LOSER)


def test_part_of_a_word_is_no_name():
    assert found("Een aanbod met buurtkrachten in de coöperatie.") == []


def test_the_code_of_another_criterion_stands_out_as_a_whole_word():
    assert found("Zie ook K2 voor de doorlooptijd.") == [("wrong_criterion", "K2")]
    assert found("Op K1 is dit concreet, zie K22.") == []
    assert found("Zie criterium prijs voor het bedrag.") == [("wrong_criterion", "Prijs")]
    assert found("De prijs speelt hier geen rol.") == []


def test_legal_forms_say_nothing_and_everyday_words_are_no_names():
    assert name_words("Zorg Oost B.V.") == name_words("ZORG OOST bv") == ("zorg", "oost")
    assert name_words("Stichting De Berkelhof") == ("de", "berkelhof")
    assert name_words("Stichting Thuis") == ("stichting", "thuis")
    assert name_words("V.O.F.") == ("v", "o", "f")


# Confidential --------------------------------------------------------------------------------------------


def test_a_run_of_words_from_another_bid_stands_out_as_it_was_written():
    told = quoted_runs([f"Want: {OF_WINNER}"], [(WINNER, OF_WINNER.upper())], [])
    (finding,) = found(f"Want: {OF_WINNER}", told=told)
    assert finding == ("quote", OF_WINNER.rstrip("."))


def test_seven_words_in_a_row_are_a_coincidence():
    seven = " ".join(OF_WINNER.split()[:7])
    text = f"{seven} en verder."
    assert found(text, told=quoted_runs([text], [(WINNER, OF_WINNER)], [])) == []


def test_what_the_own_bid_or_the_tender_says_as_well_is_no_secret():
    answers = [(WINNER, OF_WINNER), (OWN, OF_WINNER)]
    assert found(OF_WINNER, told=quoted_runs([OF_WINNER], answers, [])) == []
    assert found(OF_WINNER, told=quoted_runs([OF_WINNER], answers[:1], [OF_WINNER])) == []


def test_prices_of_others_stand_out_however_they_are_written():
    for written in ("€ 1.240.000", "1.240.000,00 euro", "1240000", "EUR 1240000,00"):
        assert ("price", written) in found(f"De prijs is {written} in totaal."), written
    assert found("Een tarief van € 48,50 is hoog.") == [("price", "€ 48,50")]
    assert found("Een bedrag van € 1.500 is genoemd.") == []
    assert found("De score 48,50 is geen bedrag.") == []


def test_numbers_and_addresses_do_not_belong_in_a_letter():
    assert found("Bel met 87654321 of mail naar iemand@zorg.example.") == [
        ("number", "87654321"),
        ("email", "iemand@zorg.example"),
    ]
    assert found("U staat bekend als 12345678.") == []


def test_the_own_motivation_stands_on_its_own_and_an_advantage_compares():
    text = "Het plan is beter dan dat van de rest."
    assert found(text) == [("comparing", "beter dan")]
    assert found(text, winner=WINNER) == []


def test_amounts_are_read_in_dutch_notation():
    assert amounts("1.240.000,50 en 12,50 euro en 8") == {
        Decimal("1240000.5"): "1.240.000,50",
        Decimal("12.5"): "12,50 euro",
    }


WORDS = st.lists(st.sampled_from(["zorg", "thuis", "én", "plan", "dag", "K1"]), max_size=30)


@given(WORDS, WORDS)
def test_a_quotation_is_found_exactly_where_eight_words_are_shared(text, answer):
    shared = {tuple(text[i : i + RUN]) for i in range(len(text) - RUN + 1)} & {
        tuple(answer[i : i + RUN]) for i in range(len(answer) - RUN + 1)
    }
    written = " ".join(text)
    told = quoted_runs([written], [(WINNER, " ".join(answer))], [])
    quotes = [words for kind, words in found(written, told=told, facts=Facts({}, frozenset(), {})) if kind == "quote"]
    assert bool(quotes) == bool(shared)
    for quote in quotes:
        assert quote in written
        assert len(quote.split()) >= RUN


@given(st.text(), st.sampled_from([None, WINNER]))
def test_any_text_can_be_checked(text, winner):
    for kind, _words in found(text, winner=winner, told=quoted_runs([text], [(LOSER, text)], [])):
        assert kind in set(FindingKind)


@given(st.text())
def test_another_line_end_is_not_another_text(text):
    assert version_of(text.replace("\n", "\r\n")) == version_of(text.replace("\r\n", "\n")) or "\r" in text
    assert tidy(tidy(text)) == tidy(text)
    assert words(" ".join(words(text))) == words(text)
