"""A draft through the eyes of one of its team: their browser, its pages, and what stands in it."""

from django.test import Client
from django.urls import reverse

from procurement.models import Submission
from tests.factories.submissions import content


def browser(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def address(name: str, submission: Submission, *more: object) -> str:
    return reverse(f"procurement:{name}", args=[submission.pk, *more])


def values(submission: Submission) -> dict[str, object]:
    """What stands in a submission, without its salts."""
    held = content(submission)
    found = {f"q{pk}": (g.value.plain, g.file.sha256 if g.file else "") for pk, g in held.answers.items()}
    return found | {f"r{pk}": (g.meets, g.explanation) for pk, g in held.confirmations.items()}
