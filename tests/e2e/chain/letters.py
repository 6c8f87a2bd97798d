"""Letters as their bidders get them: downloaded by each, opened, read, and held against what was decided."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from io import BytesIO

import pikepdf
import pypdfium2
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext

from procurement.calendar_data import legal_calendar
from procurement.domain.periods import standstill_end
from procurement.models import Decision, Letter
from procurement.selectors.letters import decision_number
from tests.e2e.chain.contracting import in_dutch
from tests.e2e.looking import KEEP, SHOTS, log_in
from tests.factories.awarding import (
    CRITERIA,
    DREW_BACK,
    FAILS,
    LEFT,
    PLACES,
    RESERVES,
    UNDER,
    UNMET,
    WEIGHTS,
    Bidder,
    Part,
)

LINK = re.compile(r'href="(/brieven/[0-9a-f-]{36}/)"')
# Of each kind what it has to say, in both languages.
SAYS = {
    "awarded": ("voorlopig een contract te gunnen", "provisionally award you a contract"),
    "not_awarded": ("geen contract te gunnen", "not to award you a contract"),
    "reserve": ("Wat betekent de reservelijst?", "What does the reserve list mean?"),
    "below_minimum": ("nodig is minstens een 4, uw score is een 2", "needed is at least 4, your score is 2"),
    "excluded": (UNMET, UNMET),
    "withdrawn": (DREW_BACK, DREW_BACK),
    "decision_withdrawn": ("Wij trekken dat besluit in.", "We withdraw that decision."),
    "final": ("definitief", "final"),
}
ENGLISH_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip


def text_of_sound(pdf: bytes, language: str = "nl") -> str:
    """The text of a PDF that is sound: without a broken part, tagged, titled, in its language (PDF/UA-1)."""
    with pikepdf.open(BytesIO(pdf)) as opened:
        assert opened.check_pdf_syntax() == []
        root = opened.Root
        assert root.MarkInfo.Marked
        assert root.StructTreeRoot.K is not None
        assert str(root.Lang).split("-")[0] == language
        assert root.ViewerPreferences.DisplayDocTitle
        with opened.open_metadata() as metadata:
            assert metadata["pdfuaid:part"] == "1"
            assert str(metadata["dc:title"]).strip()
    with pypdfium2.PdfDocument(pdf) as document:
        pages = [page.get_textpage().get_text_bounded() for page in document]
    assert all(page.strip() for page in pages), "a page is empty"
    return " ".join(" ".join(pages).replace("\ufffe", "").split())


@dataclass
class Letterbox:
    """The own pages of all bidders, each in a session of its own; what each got so far."""

    browser: Browser
    base: str
    contexts: dict[str, BrowserContext] = field(default_factory=dict)
    seen: dict[str, list[str]] = field(default_factory=dict)

    def of(self, bidder: Bidder) -> BrowserContext:
        if bidder.name not in self.contexts:
            self.contexts[bidder.name] = self.browser.new_context(locale="nl-NL")
            log_in(self.contexts[bidder.name], self.base, bidder.user)
        return self.contexts[bidder.name]

    def addresses(self, bidder: Bidder) -> list[str]:
        """Which letters stand on the own page of this bidder."""
        page = self.of(bidder).request.get(f"{self.base}/mijn/")
        assert page.status == 200
        return LINK.findall(page.text())

    def fresh(self, bidder: Bidder) -> dict[Letter, bytes]:
        """The letters that came since this was asked last, as files."""
        known = self.seen.setdefault(bidder.name, [])
        new = [address for address in self.addresses(bidder) if address not in known]
        known += new
        return {_letter(address): self._file(bidder, address) for address in new}

    def _file(self, bidder: Bidder, address: str) -> bytes:
        answer = self.of(bidder).request.get(self.base + address)
        assert answer.status == 200
        assert answer.headers["content-type"] == "application/pdf"
        return answer.body()

    def refused(self, bidder: Bidder, address: str) -> None:
        """This letter is not this bidder's, or not yet."""
        assert self.of(bidder).request.get(self.base + address).status == 404

    def close(self) -> None:
        for context in self.contexts.values():
            context.close()


def keep_pdf(name: str, pdf: bytes) -> None:
    """A file to look at, where pictures are asked for (SCREENSHOTS=1)."""
    if KEEP:
        SHOTS.mkdir(parents=True, exist_ok=True)
        (SHOTS / f"wandeling-{name}.pdf").write_bytes(pdf)


def _letter(address: str) -> Letter:
    pk = address.strip("/").split("/")[1]
    return Letter.objects.select_related("decision", "entry__segment", "entry__submission").get(pk=pk)


def kind_of(part: Part, bidder: Bidder) -> str:
    """Which letter the table says that this bidder has to get."""
    out = {UNDER: "below_minimum", FAILS: "excluded", LEFT: "withdrawn"}.get(bidder.place)
    if out:
        return out
    place = part.ranked().index(bidder)
    return "awarded" if place < PLACES else "reserve" if place < PLACES + RESERVES else "not_awarded"


def hold(part: Part, bidder: Bidder, letter: Letter, text: str, *, reason: str = "") -> None:
    """The right words to the right bidder, its own figures, the winners', the dates, and no other bidder's name."""
    decision = letter.decision
    assert decision is not None
    submission = letter.entry.submission
    organisation = submission.organisation
    english = letter.language == "en"
    assert english == (organisation.letter_language == "en")
    _contains(text, organisation.name, organisation.street, submission.number, decision_number(decision))
    _contains(text, part.scenario.segment.name, part.scenario.mandate_holder.name, SAYS[letter.kind][english])
    if letter.kind == "decision_withdrawn":
        _contains(text, reason)
        _names_only(part, text, {bidder.name})
        return
    winners = part.ranked()[:PLACES]
    _contains(text, *(winner.name for winner in winners))
    _names_only(part, text, {bidder.name, *(winner.name for winner in winners)})
    if letter.kind == "final":
        assert ("Goed nieuws" in text or "Good news" in text) == (bidder in winners)
        return
    assert letter.kind == kind_of(part, bidder)
    _contains(text, f"{_ends(decision, english=english)}")
    if bidder.scores:
        _own_figures(part, bidder, text, english=english)
        if letter.kind != "awarded":
            _winners_beside(part, bidder, winners, text)


def _own_figures(part: Part, bidder: Bidder, text: str, *, english: bool) -> None:
    rows = zip(CRITERIA, WEIGHTS, bidder.scores, bidder.points, strict=True)
    _contains(text, *(f"{code} {title} {weight} {score} {points}" for (code, title), weight, score, points in rows))
    _contains(text, *bidder.reasons)
    if bidder.place != UNDER:
        rank = 1 + sum(other.total > bidder.total for other in part.ranked())
        place = f"place {rank} of {UNDER}" if english else f"plaats {rank} van {UNDER}"
        total = f"total of {bidder.total} points" if english else f"totaal van {bidder.total} punten"
        _contains(text, place, total)


def _winners_beside(part: Part, bidder: Bidder, winners: list[Bidder], text: str) -> None:
    """Their figures, and why they are better on a criterion on which they are: there alone (Aw 2.130)."""
    for rank, winner in enumerate(winners, start=1):
        _contains(text, f"{rank} {winner.name} {' '.join(map(str, winner.scores))} {winner.total}")
        for own, score, why in zip(bidder.scores, winner.scores, winner.reasons, strict=True):
            assert (why in text) == (score > own or why in bidder.reasons), f"{winner.name}: {why}"


def _ends(decision: Decision, *, english: bool) -> str:
    """The last day of the standstill, counted from the day on which it was sent."""
    assert decision.sent_at is not None
    day = standstill_end(timezone.localdate(decision.sent_at), calendar=legal_calendar())
    assert decision.standstill_until == day
    return f"{day.day} {ENGLISH_MONTHS[day.month - 1]} {day.year}" if english else in_dutch(day)


def _names_only(part: Part, text: str, allowed: set[str]) -> None:
    others = [bidder.name for bidder in part.bidders if bidder.name not in allowed and bidder.name in text]
    assert others == [], f"a letter names {others}"


def _contains(text: str, *parts: str) -> None:
    missing = [part for part in parts if " ".join(part.split()) not in text]
    assert missing == [], f"{missing} not in: {text}"
