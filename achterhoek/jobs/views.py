"""The progress page of long work."""

from __future__ import annotations

import uuid

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from achterhoek.accounts.access import authenticated
from achterhoek.jobs.models import JobStatus
from achterhoek.jobs.selectors import visible_jobs


@authenticated
def job(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """How far a job is; it goes on to where the work was asked once it is ready.

    Without JavaScript the page loads itself anew (a Refresh header); with it, only the bar.
    """
    found = get_object_or_404(visible_jobs(request.user), pk=pk)
    if found.status == JobStatus.DONE and found.return_url:
        return redirect(found.return_url)
    response = render(request, "jobs/job/detail.html", {"job": found})
    if not found.is_finished:
        response["Refresh"] = "2"
    return response
