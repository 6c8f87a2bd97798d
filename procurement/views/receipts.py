"""A provider's receipts: on the screen, as PDF and as JSON."""

from __future__ import annotations

import uuid

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from achterhoek.accounts.access import allow
from achterhoek.accounts.enums import Role
from achterhoek.accounts.requests import UserRequest
from procurement.enums import ReceiptKind
from procurement.models import Receipt, Submission
from procurement.selectors.gate import team_submission
from procurement.selectors.receipts import contents_of, deadline_of, delivery_of, standing_of
from procurement.selectors.submissions import receipts_of
from procurement.services.receipt_documents import file_name, manifest_json, receipt_pdf


def _load(request: UserRequest, pk: uuid.UUID, number: str) -> tuple[Submission, Receipt]:
    """A receipt of one's own organisation; for others it does not exist."""
    submission = team_submission(request.user, pk)
    mine = receipts_of(submission) if submission else []
    found = next((receipt for receipt in mine if receipt.number == number), None)
    if submission is None or found is None:
        raise Http404
    found.submission = submission
    return submission, found


@allow(Role.PROVIDER)
@require_safe
def receipt(request: UserRequest, pk: uuid.UUID, number: str) -> HttpResponse:
    """The proof of submission, or of its withdrawal, and whether it still counts."""
    submission, found = _load(request, pk, number)
    context = {
        "submission": submission,
        "round": submission.round,
        "tender": submission.round.tender,
        "receipt": found,
        "deadline": deadline_of(found),
        "withdrawn": found.kind == ReceiptKind.WITHDRAWAL,
        "contents": contents_of(found),
        "standing": standing_of(found),
    }
    return render(request, "procurement/submission/receipt.html", context)


@allow(Role.PROVIDER)
@require_safe
def receipt_json(request: UserRequest, pk: uuid.UUID, number: str) -> HttpResponse:
    """The manifest, byte for byte as its digest was taken."""
    _submission, found = _load(request, pk, number)
    return _file(manifest_json(found), "application/json", file_name(found, "json"))


@allow(Role.PROVIDER)
@require_safe
def receipt_pdf_file(request: UserRequest, pk: uuid.UUID, number: str) -> HttpResponse:
    """The very file that was mailed; made here and now where no worker has got that far yet. The bytes are the same."""
    _submission, found = _load(request, pk, number)
    delivery = delivery_of(found)
    if delivery is not None and delivery.pdf is not None:
        return redirect("documents:download", pk=delivery.pdf.pk)
    return _file(receipt_pdf(found), "application/pdf", file_name(found, "pdf"))


def _file(content: bytes, content_type: str, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type=content_type)
    response["Content-Disposition"] = str(content_disposition_header(True, name))
    response["Cache-Control"] = "private, no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response
