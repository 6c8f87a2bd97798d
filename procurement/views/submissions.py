"""A provider's pages: take part, fill in, submit, withdraw, and the receipt."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from achterhoek.accounts.access import allow, authenticated
from achterhoek.accounts.enums import Role
from achterhoek.accounts.requests import UserRequest
from achterhoek.accounts.roles import has_role, roles_of
from achterhoek.clock import database_now
from achterhoek.errors import RuleViolation
from procurement.enums import Custody, SubmissionStatus
from procurement.forms.submissions import SegmentsForm, StartForm, SubmitForm
from procurement.models import Submission
from procurement.selectors.completeness import clarifications_of
from procurement.selectors.content import is_being_filled_in
from procurement.selectors.filing import files_on_their_way
from procurement.selectors.gate import may_sign
from procurement.selectors.submissions import available_segments, open_round_of, receipts_of, startable
from procurement.services.submissions import (
    IncompleteSubmission,
    change_segments,
    keep_submission,
    reopen_submission,
    replace_submission,
    start_submission,
    submit_submission,
    withdraw_submission,
)
from procurement.views.own_submission import own_checklist, own_submission, page_context, posted
from providers.selectors.organisations import signatories_of


@authenticated
def start(request: UserRequest, slug: str) -> HttpResponse:
    """Take part: choose the organisation and the segments. Who has no organisation yet registers it first;
    who works for the municipalities does not take part."""
    if not has_role(request.user, Role.PROVIDER):
        if roles_of(request.user):
            messages.warning(request, _("You work for the municipalities here, so you cannot take part."))
            return redirect("procurement:tender", slug=slug)
        messages.info(request, _("Register your organisation first. Then you can take part."))
        return redirect("providers:organisation_new")
    found = open_round_of(slug)
    if found is None:
        raise Http404
    options = startable(user=request.user, round=found, chosen=request.POST.get("organisation"))
    if options.begun and not options.organisations:
        return redirect("procurement:submission", pk=options.begun[0].pk)
    form = StartForm(posted(request), organisations=options.organisations, segments=options.segments)
    if request.method == "POST" and form.is_valid():
        try:
            made = start_submission(round=found, by=request.user, **form.cleaned_data)
        except RuleViolation as violation:
            form.refuse(violation)
        else:
            messages.success(request, _("Your draft is ready. You can fill it in now."))
            return redirect("procurement:submission", pk=made.pk)
    context = {"form": form, "round": found, "tender": found.tender, "options": options, "now": database_now()}
    return render(request, "procurement/submission/start.html", context, status=form.http_status)


@allow(Role.PROVIDER)
def detail(request: UserRequest, pk: uuid.UUID) -> HttpResponse:
    """The overview of a submission: the checklist, the time left, and the next step."""
    submission = own_submission(request, pk)
    context = {
        **page_context(submission),
        "checklist": own_checklist(request, submission),
        "receipts": receipts_of(submission),
        "clarifications": clarifications_of(submission),
        "on_their_way": files_on_their_way(submission) if is_being_filled_in(submission) else [],
        "may_sign": may_sign(submission),
    }
    return render(request, "procurement/submission/detail.html", context)


@allow(Role.PROVIDER)
def segments(request: UserRequest, pk: uuid.UUID) -> HttpResponse:
    """Choose other segments for a draft."""
    submission = own_submission(request, pk)
    offered = available_segments(round=submission.round, organisation=submission.organisation)
    initial = {"segments": [entry.segment_id for entry in submission.entries.all()]}
    form = SegmentsForm(posted(request), segments=offered, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            change_segments(submission=submission, segments=form.cleaned_data["segments"], by=request.user)
        except RuleViolation as violation:
            form.refuse(violation)
        else:
            messages.success(request, _("Your segments are saved."))
            return redirect("procurement:submission", pk=pk)
    context = {
        **page_context(submission),
        "heading": _("Choose segments"),
        "lead": _(
            "What you filled in for a segment stays in your draft until you submit, also when you take the segment off."
        ),
        "form": form,
    }
    return render(request, "procurement/submission/form_page.html", context, status=form.http_status)


@allow(Role.PROVIDER)
def submit(request: UserRequest, pk: uuid.UUID) -> HttpResponse:
    """The last page before submitting: what is missing, or the signature."""
    submission = own_submission(request, pk)
    if not is_being_filled_in(submission):
        return _submitted_already(request, submission)
    custodians = submission.round.tender.custody == Custody.CUSTODIANS
    form = SubmitForm(posted(request), custodians=custodians)
    if request.method == "POST" and form.is_valid():
        try:
            receipt = submit_submission(submission=submission, by=request.user)
        except IncompleteSubmission:
            form.add_error(None, _("Something is still missing. Fill it in first; you find it below."))
        except RuleViolation as violation:
            submission = own_submission(request, pk)
            if submission.status == SubmissionStatus.SUBMITTED and not is_being_filled_in(submission):
                return _submitted_already(request, submission)
            form.refuse(violation)
        else:
            messages.success(request, _("Your submission has been received."))
            return redirect("procurement:receipt", pk=pk, number=receipt.number)
    context = {
        **page_context(submission),
        "form": form,
        "custodians": custodians,
        "checklist": own_checklist(request, submission),
        "on_their_way": files_on_their_way(submission),
        "may_sign": may_sign(submission),
        "signatories": [] if may_sign(submission) else signatories_of(submission.organisation),
    }
    return render(request, "procurement/submission/submit.html", context, status=form.http_status)


def _submitted_already(request: UserRequest, submission: Submission) -> HttpResponse:
    """A second click, another tab or a colleague was first: there is one submission, and this is its receipt."""
    latest = next(iter(receipts_of(submission)), None)
    if submission.status != SubmissionStatus.SUBMITTED or latest is None:
        return redirect("procurement:submission", pk=submission.pk)
    if request.method == "POST":
        messages.info(request, _("This was submitted already. This is the receipt; you do not have to do anything."))
    return redirect("procurement:receipt", pk=submission.pk, number=latest.number)


@allow(Role.PROVIDER)
@require_POST
def withdraw(request: UserRequest, pk: uuid.UUID) -> HttpResponse:
    """Take the submission back."""
    submission = own_submission(request, pk)
    try:
        withdraw_submission(submission=submission, by=request.user)
        messages.warning(request, _("Your submission is withdrawn. It does not count unless you submit again."))
    except RuleViolation as violation:
        messages.error(request, violation.message)
    return redirect("procurement:submission", pk=pk)


@allow(Role.PROVIDER)
@require_POST
def reopen(request: UserRequest, pk: uuid.UUID) -> HttpResponse:
    """Make the withdrawn submission a draft again."""
    submission = own_submission(request, pk)
    try:
        _say_draft(request, reopen_submission(submission=submission, by=request.user))
    except RuleViolation as violation:
        messages.error(request, violation.message)
    return redirect("procurement:submission", pk=pk)


@allow(Role.PROVIDER)
@require_POST
def replace(request: UserRequest, pk: uuid.UUID) -> HttpResponse:
    """Begin a draft that is to replace what was submitted."""
    submission = own_submission(request, pk)
    try:
        _say_draft(request, replace_submission(submission=submission, by=request.user))
    except RuleViolation as violation:
        messages.error(request, violation.message)
    return redirect("procurement:submission", pk=pk)


def _say_draft(request: UserRequest, restored: bool) -> None:
    if restored:
        messages.success(request, _("You can change your submission now. Do not forget to submit it."))
    else:
        messages.warning(
            request,
            _("Custodians hold the key, so nobody can read what you submitted. Fill your draft with your own package."),
        )


@allow(Role.PROVIDER)
@require_POST
def keep(request: UserRequest, pk: uuid.UUID) -> HttpResponse:
    """Do not replace after all."""
    submission = own_submission(request, pk)
    try:
        keep_submission(submission=submission, by=request.user)
        messages.success(request, _("Your changes are thrown away. What you submitted before counts."))
    except RuleViolation as violation:
        messages.error(request, violation.message)
    return redirect("procurement:submission", pk=pk)
