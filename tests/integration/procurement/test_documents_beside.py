"""PDFs beside a bid: what the gate lets somebody read can be looked at in the page, and nothing else."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from achterhoek.accounts.enums import Role
from achterhoek.documents.models import StoredFile
from achterhoek.documents.services import accept_pdf
from procurement.models import Clarification, ClarificationRequest, InterestDeclaration
from procurement.selectors.completeness import CLARIFICATION_FILE
from procurement.selectors.gate import ANSWER_FILE
from tests.factories import RegionFactory, user_with
from tests.factories.evaluation import Evaluation, evaluation
from tests.factories.procurement import QuestionFactory
from tests.factories.submissions import pdf_bytes

pytestmark = pytest.mark.django_db


def stored(made: Evaluation, kind: str) -> StoredFile:
    upload = SimpleUploadedFile("stuk.pdf", pdf_bytes(), "application/pdf")
    return accept_pdf(upload=upload, kind=kind, by=made.entries[0].submission.created_by)


def clarified(made: Evaluation) -> StoredFile:
    """A question that the first bidder answered with a PDF."""
    file = stored(made, CLARIFICATION_FILE)
    request = ClarificationRequest.objects.create(
        round=made.segment_round.round, subject="Planning", text="Welke planning?", point="1",
        sent_by=made.lead,
        due_at=timezone.now() + timedelta(days=2),
    )  # fmt: skip
    Clarification.objects.create(
        request=request, submission=made.entries[0].submission, answered_at=timezone.now(), answer="Zie de pdf.",
        answered_by=made.entries[0].submission.created_by,
        file=file,
    )  # fmt: skip
    return file


def frame(made: Evaluation, file: StoredFile) -> str:
    return reverse("procurement:bid_document", args=[made.segment_round.pk, file.pk])


def test_the_pdf_with_a_clarification_stands_beside_the_bid_for_who_scores_and_in_the_meeting(client: Client) -> None:
    made = evaluation()
    file = clarified(made)
    pages = (
        (made.evaluators[0], "procurement:score_entry"),
        (made.lead, "procurement:consensus_entry"),
        (user_with(Role.AUDITOR, region=made.region), "procurement:consensus_entry"),
    )
    for user, name in pages:
        client.force_login(user)
        shown = client.get(reverse(name, args=[made.segment_round.pk, made.entries[0].pk]))
        assert f'src="{frame(made, file)}#' in shown.content.decode(), name
        assert "frame-src 'self'" in shown.headers["Content-Security-Policy"]
        answer = client.get(frame(made, file))
        assert answer.status_code == 200, (user, name)
        assert b"".join(answer.streaming_content).startswith(b"%PDF")


def test_the_pdf_of_an_answer_is_looked_at_in_the_meeting_too(client: Client) -> None:
    made = evaluation()
    question = QuestionFactory(round=made.segment_round.round, kind="file", criterion_code="S1")
    file, submission = stored(made, ANSWER_FILE), made.entries[0].submission
    submission.answers.create(question=question, file=file, changed_by=submission.created_by)
    made.to_consensus()
    client.force_login(made.lead)
    for name, args in (("consensus_entry", [made.entries[0].pk]), ("meeting_screen", [])):
        shown = client.get(reverse(f"procurement:{name}", args=[made.segment_round.pk, *args]))
        assert frame(made, file) in shown.content.decode(), name
        assert "frame-src 'self'" in shown.headers["Content-Security-Policy"], name
    assert client.get(frame(made, file)).status_code == 200


def test_without_a_declaration_a_clarification_is_not_looked_at(client: Client) -> None:
    made = evaluation()
    file = clarified(made)
    client.force_login(made.evaluators[0])
    InterestDeclaration.objects.filter(entry=made.entries[0]).update(superseded_at=timezone.now())
    assert client.get(frame(made, file)).status_code == 404
    for role in (Role.EVALUATOR, Role.LEAD):
        client.force_login(user_with(role, region=RegionFactory()))
        assert client.get(frame(made, file)).status_code == 404
