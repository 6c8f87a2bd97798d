"""The letter with which a bidder is asked for a clarification (Aw 2.55). Of the same words for all who are asked."""

from __future__ import annotations

from django.utils import timezone, translation

from achterhoek.documents.models import StoredFile
from achterhoek.documents.services import PDF, store_bytes
from achterhoek.nlds.formatting import format_moment
from procurement.domain.letter_frame import PlainLetter
from procurement.models import ClarificationRequest, Submission
from procurement.selectors.completeness import CLARIFICATION_LETTER
from procurement.selectors.letterhead import paper_of
from procurement.selectors.letters import party
from procurement.services.letter_pdf import render_pdf


def clarification_letter(request: ClarificationRequest, submission: Submission) -> PlainLetter:
    """What the letter says, in the bidder's language; the question itself as it was put."""
    tender = request.round.tender
    organisation = submission.organisation
    paper = paper_of(tender.region)
    with translation.override(organisation.letter_language):
        return PlainLetter(
            kind="clarification",
            language=organisation.letter_language,
            sender=party(tender.region.authority),
            receiver=party(organisation),
            dated=timezone.localdate(request.sent_at),
            our_reference=f"T-{request.pk:05d}",
            your_reference=submission.number,
            about=tender.title,
            signatory=paper.head.signatory,
            facts=(
                ("due", format_moment(request.due_at)), ("stage", request.round.get_stage_display().lower()),
                ("subject", request.subject), ("text", request.text),
            ),
            head=paper.head,
        )  # fmt: skip


def make_clarification_letter(request: ClarificationRequest, submission: Submission) -> StoredFile:
    """Make and keep it."""
    letter = clarification_letter(request, submission)
    name = f"brief-vraag-{letter.our_reference}-{submission.number}.pdf"
    return store_bytes(
        content=render_pdf(letter), name=name, content_type=PDF, kind=CLARIFICATION_LETTER, by=request.sent_by
    )
