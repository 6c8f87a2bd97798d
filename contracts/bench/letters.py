"""Making letters as the portal does, beside bare WeasyPrint on the same HTML."""

from __future__ import annotations

import multiprocessing
import statistics
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from datetime import date

from contracts.bench.registry import Row, Sizes, benchmark, medians
from procurement.domain.letters import (
    Advantage,
    Comparison,
    CriterionLine,
    LetterContent,
    NoticeDates,
    Party,
    Winner,
)
from procurement.services.letter_pdf import press, render_html, render_pdf

REASON = (
    "De commissie is positief over de vaste plek op acht scholen en in drie dorpshuizen, en daarnaast over het"
    " contact met huisartsen en wijkteams. Dat is goed onderbouwd. Minder uitgewerkt: hoe het voorliggend veld"
    " sterker wordt, en wat een inwoner van de samenwerking merkt."
)
CRITERIA = (("G1", "Kwaliteit van samenwerking", "35"), ("G2", "Doorlooptijd", "20"), ("G3", "Afschaling", "25"))


@benchmark("letters")
def letters(sizes: Sizes) -> Iterator[Row]:
    """One letter of a decision, from its content to its PDF/UA-1: template, layout, tags.

    The floor is WeasyPrint alone, with the same HTML, styles and fonts, in the same process; for more
    processes, that of one process times their number.
    """
    contents = [letter(number) for number in range(sizes.letters)]
    pages = [render_html(content) for content in contents]
    _bare(pages[0])
    figure, floor = medians(
        sizes.runs, lambda: [render_pdf(content) for content in contents], lambda: [_bare(page) for page in pages]
    )
    count = len(contents)
    yield Row("a letter (rejection, 3 winners)", figure / count, "s", floor / count, "bare WeasyPrint, same HTML")
    yield Row("letters, 1 process", count / figure, "letters/s", count / floor, "bare WeasyPrint, same HTML")
    if sizes.processes > 1:
        rate = statistics.median(_in_processes(sizes))
        yield Row(
            f"letters, {sizes.processes} processes", rate, "letters/s", sizes.processes * count / floor,
            f"bare WeasyPrint x {sizes.processes}",
        )  # fmt: skip


def letter(number: int) -> LetterContent:
    """A letter to a bidder that was not awarded: the longest one, with every comparison (Aw 2.130)."""
    party = Party(
        f"Zorgaanbieder {number} B.V.", "Voorbeeldstraat 1", "7001 AA", "Doetinchem", f"info@aanbieder{number}.example"
    )
    winners = tuple(
        Winner(f"Stichting Voorbeeld {rank}", str(rank), str(92 - 2 * rank), ("10", "8", "8")) for rank in (1, 2, 3)
    )
    return LetterContent(
        kind="not_awarded",
        award=True,
        language="nl",
        outcome="reserve",
        dates=NoticeDates(date(2026, 5, 11), date(2026, 6, 1), date(2026, 5, 31)),
        sender=Party("Regio Achterhoek", "Voorbeeldplein 1", "7001 AB", "Doetinchem", "inkoop@regio.example"),
        region="Achterhoek",
        receiver=party,
        decision_number="B-00001",
        submission_number=f"I-{number:04d}-TEST",
        tender="Oefenaanbesteding Wmo Wonen",
        lot="Wmo",
        segment="Wmo Wonen",
        places=3,
        by_value=False,
        scale_max="10",
        criteria=tuple(
            CriterionLine(code, title, weight, "6", str(int(weight) * 6 / 10), REASON, "4")
            for code, title, weight in CRITERIA
        ),
        rank=str(4 + number),
        ranked=12,
        total="67,6667",
        minimum_total="60",
        last_place_total="86",
        status_reason="",
        unmet=(),
        winners=winners,
        comparisons=tuple(
            Comparison(code, title, "6", tuple(Advantage(w.name, w.scores[0], REASON) for w in winners))
            for code, title, _weight in CRITERIA
        ),
        reservations=("Oost Gelre",),
        municipalities=("Aalten", "Berkelland", "Bronckhorst", "Doetinchem"),
        court="rechtbank Gelderland",
        bid_deadline="",
        signatory="Inkoopspecialist",
        digest="sha256:" + "0" * 64,
    )


def _bare(page: str) -> bytes:
    from weasyprint import HTML

    shared = press()
    made: bytes = HTML(string=page).write_pdf(
        stylesheets=[shared.css], font_config=shared.fonts, pdf_variant="pdf/ua-1"
    )
    return made


def _in_processes(sizes: Sizes) -> list[float]:
    """Letters a second of that many processes, each run after all of them are warm."""
    fresh = multiprocessing.get_context("spawn")
    numbers = list(range(sizes.letters * sizes.processes))
    rates = []
    with ProcessPoolExecutor(sizes.processes, mp_context=fresh, initializer=_prepare) as pool:
        list(pool.map(_make, numbers))
        for _ in range(sizes.runs):
            began = time.perf_counter()
            list(pool.map(_make, numbers))
            rates.append(len(numbers) / (time.perf_counter() - began))
    return rates


def _prepare() -> None:
    """A new process needs Django for the letter's template."""
    import django

    django.setup()


def _make(number: int) -> int:
    return len(render_pdf(letter(number)))
