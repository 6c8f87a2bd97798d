"""A provider's pages of the safety net (Aw 2.109a): the fingerprint before the deadline, the package after it."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from achterhoek.accounts.access import allow
from achterhoek.accounts.enums import Role
from achterhoek.accounts.requests import UserRequest
from achterhoek.documents.storage import StorageDown
from achterhoek.errors import RuleViolation
from achterhoek.nlds.formatting import format_moment
from achterhoek.sealing.keyring import KeyServiceDown
from procurement.forms.fingerprints import FingerprintForm, PackageForm
from procurement.models import Submission
from procurement.services.fingerprints import fingerprint_of_draft, receive_package, register_fingerprint
from procurement.services.submissions import IncompleteSubmission
from procurement.views.own_submission import own_submission, page_context
from providers.rules import is_signatory
from providers.selectors.organisations import signatories_of

# What may be away for a moment: where files are kept, and what holds the keys.
AWAY = (StorageDown, FileNotFoundError, KeyServiceDown)


def _away() -> str:
    return _("The file store does not answer just now. Nothing has changed: try again in a moment.")


@allow(Role.PROVIDER)
def fingerprints(request: UserRequest, pk: uuid.UUID) -> HttpResponse:
    """What was registered, and what can be done now: register a fingerprint, or send the package."""
    submission = own_submission(request, pk)
    of_draft = "of_draft" in request.POST
    form = FingerprintForm(request.POST if request.method == "POST" else None)
    form.fields["digest"].required = not of_draft
    if request.method == "POST" and form.is_valid():
        try:
            digest = form.cleaned_data["digest"]
            if of_draft:
                digest = fingerprint_of_draft(submission=submission, by=request.user)
            made = register_fingerprint(submission=submission, digest=digest, by=request.user)
        except RuleViolation as broken:
            form.refuse(broken)
        except AWAY:
            form.add_error(None, _away())
        else:
            said = _("Your fingerprint is registered, on %(moment)s. Keep the ZIP file unchanged.")
            messages.success(request, said % {"moment": format_moment(made.at)})
            return redirect("procurement:fingerprints", pk=pk)
    return _page(request, submission, fingerprint_form=form)


@allow(Role.PROVIDER)
@require_POST
def package_send(request: UserRequest, pk: uuid.UUID) -> HttpResponse:
    """Take in the package of a registered fingerprint."""
    submission = own_submission(request, pk)
    form = PackageForm(request.POST, request.FILES)
    if form.is_valid():
        try:
            receipt = receive_package(submission=submission, package=form.cleaned_data["package"], by=request.user)
        except IncompleteSubmission as incomplete:
            form.add_error("package", incomplete.message)
        except RuleViolation as broken:
            form.refuse(broken)
        except AWAY:
            form.add_error(None, _away())
        else:
            messages.success(request, _("Your package has been received, and is in time by its fingerprint."))
            return redirect("procurement:receipt", pk=pk, number=receipt.number)
    return _page(request, submission, package_form=form)


def _page(
    request: UserRequest,
    submission: Submission,
    fingerprint_form: FingerprintForm | None = None,
    package_form: PackageForm | None = None,
) -> HttpResponse:
    shown = package_form or fingerprint_form
    context = {
        **page_context(submission),
        "fingerprint_form": fingerprint_form or FingerprintForm(),
        "package_form": package_form or PackageForm(),
        "may_sign": is_signatory(request.user, submission.organisation),
        "signatories": signatories_of(submission.organisation),
    }
    status = shown.http_status if shown is not None else 200
    return render(request, "procurement/fingerprint/page.html", context, status=status)
