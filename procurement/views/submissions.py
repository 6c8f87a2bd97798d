"""A provider's pages: take part, fill in, submit, withdraw, and the receipt."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from achterhoek.accounts.access import allow, authenticated
from achterhoek.accounts.enums import Role
from achterhoek.accounts.requests import UserRequest
from achterhoek.accounts.roles import has_role, roles_of
from achterhoek.clock import database_now
from achterhoek.errors import RuleViolation
from procurement.enums import RoundStatus
from procurement.forms.submissions import SectionForm, SegmentsForm, StartForm, SubmitForm
from procurement.models import Submission
from procurement.selectors.checklist import Checklist, checklist
from procurement.selectors.content import is_being_filled_in
from procurement.selectors.gate import content_for, team_submission
from procurement.selectors.submissions import available_segments, open_round_of, receipts_of, startable
from procurement.services.answers import choose_version, save_answers
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
from providers.rules import is_signatory
from providers.selectors.organisations import signatories_of


def _posted(request: UserRequest) -> QueryDict | None:
    """What was sent in, also when it is empty; None where the page is only looked at."""
    return request.POST if request.method == "POST" else None


def _load(request: UserRequest, pk: uuid.UUID) -> Submission:
    """The submission of one's own organisation; for others it does not exist."""
    found = team_submission(request.user, pk)
    if found is None:
        raise Http404
    return found


def _context(submission: Submission) -> dict[str, Any]:
    """What each page of a submission shows: the deadline by the server's clock, and whether it still can change."""
    now = database_now()
    found = submission.round
    in_time = found.status == RoundStatus.OPEN and found.deadline is not None and now < found.deadline
    return {
        "submission": submission,
        "tender": found.tender,
        "round": found,
        "now": now,
        "in_time": in_time,
        "editable": in_time and is_being_filled_in(submission),
    }


def _checklist(request: UserRequest, submission: Submission) -> Checklist:
    """What is asked, and what stands filled in, through the gate."""
    return checklist(submission, content_for(request.user, submission))


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
    form = StartForm(_posted(request), organisations=options.organisations, segments=options.segments)
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
    submission = _load(request, pk)
    context = {
        **_context(submission),
        "checklist": _checklist(request, submission),
        "receipts": list(receipts_of(submission)),
        "may_sign": is_signatory(request.user, submission.organisation),
    }
    return render(request, "procurement/submission/detail.html", context)


@allow(Role.PROVIDER)
def segments(request: UserRequest, pk: uuid.UUID) -> HttpResponse:
    """Choose other segments for a draft."""
    submission = _load(request, pk)
    offered = available_segments(round=submission.round, organisation=submission.organisation)
    initial = {"segments": [entry.segment_id for entry in submission.entries.all()]}
    form = SegmentsForm(_posted(request), segments=offered, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            change_segments(submission=submission, segments=form.cleaned_data["segments"], by=request.user)
        except RuleViolation as violation:
            form.refuse(violation)
        else:
            messages.success(request, _("Your segments are saved."))
            return redirect("procurement:submission", pk=pk)
    context = {**_context(submission), "form": form}
    return render(request, "procurement/submission/segments.html", context, status=form.http_status)


@allow(Role.PROVIDER)
def section(request: UserRequest, pk: uuid.UUID, key: str) -> HttpResponse:
    """One section of the form. What is right is saved, also when something else is wrong."""
    submission = _load(request, pk)
    state = _checklist(request, submission)
    found = state.section(key)
    context = {**_context(submission), "checklist": state}
    if found is None:
        raise Http404
    if request.method != "POST":
        form = SectionForm(section=found)
        return render(request, "procurement/submission/section.html", {**context, "section": found, "form": form})
    form = SectionForm(request.POST, request.FILES, section=found)
    form.is_valid()
    try:
        saved = save_answers(
            submission=submission, answers=form.answers(), confirmations=form.confirmations(), by=request.user,
            seen=form.seen(),
        )  # fmt: skip
    except RuleViolation as violation:
        form.refuse(violation)
        saved = None
    else:
        form.refuse_answers(saved.refused)
    if saved is not None and saved.conflicts:
        messages.warning(
            request,
            _("%(who)s changed an answer at the same time as you. Both versions are kept: choose below.")
            % {"who": ", ".join(sorted(set(saved.conflicts.values())))},
        )
    if saved is not None and not form.errors:
        if saved.conflicts:
            return redirect("procurement:submission_section", pk=pk, key=key)
        return _after_saving(request, submission, state.after(key))
    # The files and answers that were saved show as saved; the form keeps what was typed.
    form.section = found = _checklist(request, submission).section(key) or found
    context |= {"section": found, "form": form, "partly_saved": saved is not None}
    return render(request, "procurement/submission/section.html", context, status=form.http_status)


def _after_saving(request: UserRequest, submission: Submission, following: Any) -> HttpResponse:
    if request.headers.get("X-Autosave"):
        return HttpResponse(status=204)
    messages.success(request, _("Saved. This is a draft: it is not submitted yet."))
    if "next" in request.POST and following is not None:
        return redirect("procurement:submission_section", pk=submission.pk, key=following.key)
    return redirect("procurement:submission", pk=submission.pk)


@allow(Role.PROVIDER)
def submit(request: UserRequest, pk: uuid.UUID) -> HttpResponse:
    """The last page before submitting: what is missing, or the signature."""
    submission = _load(request, pk)
    if not is_being_filled_in(submission):
        return redirect("procurement:submission", pk=pk)
    form = SubmitForm(_posted(request))
    if request.method == "POST" and form.is_valid():
        try:
            receipt = submit_submission(submission=submission, by=request.user)
        except IncompleteSubmission:
            form.add_error(None, _("Something is still missing. Fill it in first; you find it below."))
        except RuleViolation as violation:
            form.refuse(violation)
        else:
            messages.success(request, _("Your submission has been received."))
            return redirect("procurement:receipt", pk=pk, number=receipt.number)
    context = {
        **_context(submission),
        "form": form,
        "checklist": _checklist(request, submission),
        "may_sign": is_signatory(request.user, submission.organisation),
        "signatories": signatories_of(submission.organisation),
    }
    return render(request, "procurement/submission/submit.html", context, status=form.http_status)


@allow(Role.PROVIDER)
@require_POST
def choose(request: UserRequest, pk: uuid.UUID, key: str, alternative: int) -> HttpResponse:
    """Choose between two versions of an answer that two people changed at once."""
    submission = _load(request, pk)
    try:
        choose_version(
            submission=submission, alternative=alternative, keep=request.POST.get("keep") == "other", by=request.user
        )
        messages.success(request, _("Your choice is saved."))
    except RuleViolation as violation:
        messages.error(request, violation.message)
    return redirect("procurement:submission_section", pk=pk, key=key)


@allow(Role.PROVIDER)
@require_POST
def withdraw(request: UserRequest, pk: uuid.UUID) -> HttpResponse:
    """Take the submission back."""
    submission = _load(request, pk)
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
    submission = _load(request, pk)
    try:
        _say_draft(request, reopen_submission(submission=submission, by=request.user))
    except RuleViolation as violation:
        messages.error(request, violation.message)
    return redirect("procurement:submission", pk=pk)


@allow(Role.PROVIDER)
@require_POST
def replace(request: UserRequest, pk: uuid.UUID) -> HttpResponse:
    """Begin a draft that is to replace what was submitted."""
    submission = _load(request, pk)
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
            _("Custodians hold the key, so nobody can read what you submitted. Begin with your own copy of it."),
        )


@allow(Role.PROVIDER)
@require_POST
def keep(request: UserRequest, pk: uuid.UUID) -> HttpResponse:
    """Do not replace after all."""
    submission = _load(request, pk)
    try:
        keep_submission(submission=submission, by=request.user)
        messages.success(request, _("Your changes are thrown away. What you submitted before counts."))
    except RuleViolation as violation:
        messages.error(request, violation.message)
    return redirect("procurement:submission", pk=pk)
