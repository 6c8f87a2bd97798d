"""Writers of jobs. A worker calls them; each may be called twice without harm."""

from __future__ import annotations

from django.db.models import F
from django.db.models.functions import Least, Now

from achterhoek.accounts.models import User
from achterhoek.jobs.models import Job, JobStatus


def start_job(*, key: str, label: str, by: User | None, return_url: str = "") -> Job:
    """The job of this key, made where it is new, queued anew where it had failed."""
    job, created = Job.objects.get_or_create(
        key=key, defaults={"label": label, "created_by": by, "return_url": return_url}
    )
    if not created and job.status == JobStatus.FAILED:
        Job.objects.filter(pk=job.pk).update(status=JobStatus.QUEUED, error="", finished_at=None)
        job.refresh_from_db()
    return job


def begin(job_id: str, *, total: int, done: int = 0) -> None:
    """The worker has begun: `total` pieces, of which `done` were there already."""
    Job.objects.filter(pk=job_id).update(status=JobStatus.RUNNING, total=total, done=min(done, total), error="")


def advance(job_id: str, by: int = 1) -> None:
    """`by` pieces more are done."""
    Job.objects.filter(pk=job_id).update(done=Least(F("done") + by, F("total")))


def reach(job_id: str, done: int) -> None:
    """So many pieces are done by now."""
    Job.objects.filter(pk=job_id).update(done=Least(done, F("total")))


def finish(job_id: str) -> None:
    Job.objects.filter(pk=job_id).update(status=JobStatus.DONE, done=F("total"), finished_at=Now())


def fail(job_id: str, error: str) -> None:
    """The work stopped; `error` is text for the person who asked for it."""
    Job.objects.filter(pk=job_id).update(status=JobStatus.FAILED, error=error, finished_at=Now())
