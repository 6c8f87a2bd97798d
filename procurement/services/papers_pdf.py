"""The custodians' papers as one tagged PDF, a page for each. Made for the printer of this moment, and kept nowhere."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.template.loader import render_to_string
from django.utils import translation
from django.views.decorators.debug import sensitive_variables

from procurement.models import Round
from procurement.services.custody import Paper
from procurement.services.letter_pdf import html_to_pdf

SHEET = "procurement/custody/papers.css"


@sensitive_variables()
def papers_pdf(round: Round, papers: Sequence[Paper], *, on: date) -> bytes:
    """In Dutch, whatever language the screen is in: a paper may be read years from now by somebody else."""
    context = {"round": round, "tender": round.tender, "region": round.tender.region, "papers": papers, "on": on}
    with translation.override("nl"):
        html = render_to_string("procurement/custody/papers.html", context)
    return html_to_pdf(html, sheet=SHEET)
