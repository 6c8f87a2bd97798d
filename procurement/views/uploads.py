"""Where a file for a question of a draft begins to come in, piece by piece."""

from __future__ import annotations

import uuid

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from achterhoek.accounts.access import allow
from achterhoek.accounts.enums import Role
from achterhoek.accounts.requests import UserRequest
from achterhoek.documents import tus
from procurement.selectors.gate import ANSWER_FILE
from procurement.services.answer_files import filing_for
from procurement.views.own_submission import own_submission
from providers.services.keys import organisation_key


@allow(Role.PROVIDER)
@require_POST
def begin(request: UserRequest, pk: uuid.UUID, question: int) -> HttpResponse:
    """Announce a file; its address for the pieces comes back (tus). The deadline and the draft are checked there."""
    submission = own_submission(request, pk)
    filing = filing_for(submission, question)
    if filing is None:
        return tus.said(404, _("The form has changed. Load the page again."))
    return tus.create_response(
        request, kind=ANSWER_FILE, purpose=str(filing), sealing_key=organisation_key(submission.organisation)
    )
