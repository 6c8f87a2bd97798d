"""Filling a draft with what the team has already: an earlier submission, or its own package; and taking that along."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from itertools import chain

import structlog
from django.contrib import messages
from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from achterhoek.accounts.access import allow
from achterhoek.accounts.enums import Role
from achterhoek.accounts.requests import UserRequest
from achterhoek.documents.storage import StorageDown
from achterhoek.errors import RuleViolation
from achterhoek.nlds.formatting import format_day
from achterhoek.sealing.age import SealBroken
from procurement.forms.own_package import CopyForm, RestoreForm
from procurement.models import Submission
from procurement.selectors.content import is_being_filled_in
from procurement.selectors.copying import COPY, Earlier, copy_plan, earlier_submissions
from procurement.services.copying import Copied, copy_from
from procurement.services.own_package import own_copy, restore_package, zip_pieces
from procurement.views.own_submission import own_checklist, own_submission, page_context

logger = structlog.get_logger(__name__)


@allow(Role.PROVIDER)
@require_safe
def download(request: UserRequest, pk: uuid.UUID) -> HttpResponseBase:
    """The team's own package, streamed: answers, files, and the receipt where there is one."""
    submission = own_submission(request, pk)
    try:
        copy = own_copy(submission=submission, by=request.user)
        pieces = _begun(zip_pieces(copy))
    except RuleViolation as violation:
        messages.error(request, violation.message)
        return redirect("procurement:submission", pk=pk)
    except (StorageDown, FileNotFoundError, SealBroken) as error:
        logger.error("an own package could not be made", submission=str(pk), error=type(error).__name__)
        messages.error(request, _("Your package cannot be made just now. Try again in a minute."))
        return redirect("procurement:submission", pk=pk)
    response = StreamingHttpResponse(pieces, content_type="application/zip")
    state = submission.number if not is_being_filled_in(submission) else "concept"
    name = f"{submission.round.tender.slug}-{state}.zip"
    response["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    response["Cache-Control"] = "private, no-store"
    return response


def _begun(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """The same pieces, the first made already: so that what cannot be made is no half answer."""
    return chain([next(pieces, b"")], pieces)


@allow(Role.PROVIDER)
def restore(request: UserRequest, pk: uuid.UUID) -> HttpResponse:
    """Fill the empty places of a draft with an own package."""
    submission = own_submission(request, pk)
    form = RestoreForm(*([request.POST, request.FILES] if request.method == "POST" else []))
    if request.method == "POST" and form.is_valid():
        try:
            done = restore_package(submission=submission, package=form.cleaned_data["package"], by=request.user)
        except RuleViolation as violation:
            form.add_error("package", violation.message)
        else:
            _tell(request, Copied(answers=done.answers, under_way=done.under_way, refused=done.refused))
            return redirect("procurement:submission", pk=pk)
    context = {
        **page_context(submission),
        "heading": _("Fill in with your own package"),
        "lead": _(
            "Choose the ZIP file that you downloaded here earlier. Its answers and files fill the empty places of your "
            "draft."
        ),
        "form": form,
    }
    return render(request, "procurement/submission/form_page.html", context, status=form.http_status)


@allow(Role.PROVIDER)
def copy(request: UserRequest, pk: uuid.UUID) -> HttpResponse:
    """Choose an earlier submission, look at what would be copied, and copy it into the empty places."""
    submission = own_submission(request, pk)
    earlier = earlier_submissions(request.user, submission)
    offered = [found for found in earlier if not found.withheld and found.shared]
    choices = [(str(found.submission.pk), _label(found)) for found in offered]
    given = request.POST if request.method == "POST" else request.GET
    asked = request.method == "POST" or "van" in given or "submit" in given
    form = CopyForm(given if asked else None, choices=choices)
    context = {
        **page_context(submission),
        "heading": _("Copy from an earlier submission"),
        "lead": _(
            "Answers to the same questions fill the empty places of your draft. What you filled in already stays."
        ),
        "form": form,
        "earlier": earlier,
        "offered": offered,
    }
    if form.is_bound and form.is_valid():
        source = next(f.submission for f in offered if str(f.submission.pk) == form.cleaned_data["van"])
        if request.method == "POST":
            return _copied(request, submission, source)
        lines = copy_plan(request.user, own_checklist(request, submission), source)
        context |= {"source": source, "lines": lines, "count": sum(line.state == COPY for line in lines)}
    return render(request, "procurement/submission/copy.html", context, status=form.http_status)


def _label(found: Earlier) -> str:
    tender, stage = found.submission.round.tender.title, found.submission.round.get_stage_display()
    shared = ngettext("%(count)s question is the same", "%(count)s questions are the same", found.shared)
    about = f"{found.submission.get_status_display()}, {format_day(found.submission.created_at)}"
    return f"{tender}, {stage} ({about}): {shared % {'count': found.shared}}"


def _copied(request: UserRequest, submission: Submission, source: Submission) -> HttpResponse:
    try:
        _tell(request, copy_from(submission=submission, source=source, by=request.user))
    except RuleViolation as violation:
        messages.error(request, violation.message)
    return redirect("procurement:submission", pk=submission.pk)


def _tell(request: UserRequest, done: Copied) -> None:
    if done.answers:
        text = ngettext("%(count)s answer is filled in.", "%(count)s answers are filled in.", done.answers)
        reminder = _("Read them well: this is a draft, and it is not submitted yet.")
        messages.success(request, f"{text % {'count': done.answers}} {reminder}")
    elif not done.under_way and not done.refused:
        messages.info(request, _("Nothing was filled in: what fits here stands in your draft already."))
    if done.under_way:
        text = ngettext(
            "%(count)s large file is still being taken in. Look again in a few minutes.",
            "%(count)s large files are still being taken in. Look again in a few minutes.",
            done.under_way,
        )
        messages.info(request, text % {"count": done.under_way})
    for problem in done.refused:
        messages.warning(request, _("Not filled in: %(problem)s") % {"problem": problem})
