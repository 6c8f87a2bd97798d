"""A letter that nobody gets: to see how a kind of letter looks on the paper of a region."""

from __future__ import annotations

from datetime import date, timedelta

from django.utils import translation
from django.utils.translation import gettext as _

from achterhoek.nlds.formatting import format_day
from achterhoek.region.models import Region
from procurement.calendar_data import legal_calendar
from procurement.domain.letter_frame import Party
from procurement.domain.letters import CriterionLine, LetterContent, UnmetRequirement, Winner, notice_dates
from procurement.enums import LetterKind
from procurement.selectors.letterhead import paper_of
from procurement.selectors.letters import in_own_words, party

# Invented, on purpose: nobody may take this letter for a real one.
RECEIVER = Party("Voorbeeld Zorg", "Voorbeeldstraat 1", "1234 AB", "Voorbeeldstad", "post@voorbeeld.example")
REASON = "Hier staat de motivering van de commissie."
OF_A_SELECTION = (LetterKind.SELECTED, LetterKind.NOT_SELECTED, LetterKind.INVITATION)
UNSCORED = (
    LetterKind.EXCLUDED, LetterKind.WITHDRAWN, LetterKind.PENDING_DRAW, LetterKind.INVITATION,
    LetterKind.DECISION_WITHDRAWN, LetterKind.FINAL,
)  # fmt: skip


def sample_letter(region: Region, *, kind: str, language: str, on: date) -> LetterContent:
    """The letter of this kind, with the own words of the region in it. Raises `TextFault`."""
    award = kind not in OF_A_SELECTION
    paper = paper_of(region)
    good = kind in (LetterKind.SELECTED, LetterKind.AWARDED, LetterKind.INVITATION, LetterKind.FINAL)
    scored = kind not in UNSCORED
    dates = notice_dates(on, award=award, calendar=legal_calendar())
    with translation.override(language):
        moment = format_day(on + timedelta(days=14))
        letter = LetterContent(
            kind=kind, award=award, language=language, outcome="selected" if good else "reserve", dates=dates,
            sender=party(region.authority), region=region.name, receiver=RECEIVER, decision_number="B-00000",
            submission_number="T-000000", tender=_("Example tender"), lot=_("Example lot"),
            segment=_("Example segment"),
            places=1, by_value=False, scale_max="10",
            criteria=(CriterionLine("G1", _("Example criterion"), "100", "6", "60", REASON),) if scored else (),
            rank="1" if good else "2", ranked=2, total="60" if scored else "", minimum_total="70",
            last_place_total="" if good else "80", status_reason=REASON,
            unmet=(UnmetRequirement("E1", _("Example requirement"), REASON),) if kind == LetterKind.EXCLUDED else (),
            winners=(Winner(_("Example winner"), "1", "80", ("8",)),) if award else (), comparisons=(), reservations=(),
            municipalities=(), court="", bid_deadline=moment, signatory=paper.head.signatory,
            digest="sha256:" + "0" * 64,
            facts=(("how", REASON), ("moment", moment), ("place", RECEIVER.city), ("reason", REASON)), head=paper.head,
            reserve_place="1",
        )  # fmt: skip
        return in_own_words(paper, letter)
