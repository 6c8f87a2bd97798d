"""Batches of letters under way: which are left behind, how far one is."""

from __future__ import annotations

from dataclasses import dataclass

from achterhoek.jobs.models import Job, JobStatus
from procurement.enums import BatchStatus, LetterStatus
from procurement.models import Letter, LetterBatch

JOB_KEY = "letters"


@dataclass(frozen=True, slots=True)
class Left:
    """What a worker has to be told to take a batch up."""

    batch_id: int
    user_id: int
    job_id: str


def batches_left() -> list[Left]:
    """Batches of which the job has not ended, oldest first; those that somebody works on now are among them. A job that
    ended badly waits for the lead, who was told. One query.
    """
    jobs = Job.objects.filter(
        key__startswith=f"{JOB_KEY}:", status__in=[JobStatus.QUEUED, JobStatus.RUNNING], created_by__isnull=False
    ).order_by("created_at")
    return [
        Left(int(key.split(":")[1]), user_id, str(pk))
        for pk, key, user_id in jobs.values_list("pk", "key", "created_by")
    ]


def is_open(batch_id: int) -> bool:
    """Whether the letters are still to be made or sent."""
    return LetterBatch.objects.filter(pk=batch_id, status=BatchStatus.PREPARED).exists()


def letters_wait(batch_id: int) -> bool:
    """Whether a letter is still to be made, or is being made now."""
    return Letter.objects.filter(
        batch_id=batch_id, batch__status=BatchStatus.PREPARED, status=LetterStatus.QUEUED
    ).exists()
