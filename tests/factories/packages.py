"""A submission's own package as a ZIP, as its team keeps it; also spoilt in every way."""

import hashlib
import json
import zipfile
from io import BytesIO
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from procurement.models import Submission
from tests.factories.submissions import Fair, pdf_bytes

VALUES = {"text": "Uit het pakket.", "number": "12.5", "price": "990000", "boolean": "true"}


def answers_of(fair: Fair, **other: Any) -> dict[str, Any]:
    """Right answers to all that a fair asks, with salts that only the team knows."""
    answers: list[dict[str, Any]] = []
    for question in fair.round.questions.select_related("segment").order_by("pk"):
        line = {
            "segment": question.segment.slug if question.segment else "", "question": question.code,
            "kind": question.kind,
        }  # fmt: skip
        if question.kind == "file":
            content = pdf_bytes()
            line["file"] = {
                "path": f"files/{question.code}.pdf", "name": f"{question.code}.pdf", "size": len(content),
                "sha256": hashlib.sha256(content).hexdigest(),
            }  # fmt: skip
        else:
            line |= {"salt": f"zout-{question.code}", "value": VALUES[question.kind]}
        answers.append(line)
    requirements = [
        {
            "segment": requirement.segment.slug if requirement.segment else "", "requirement": requirement.code,
            "salt": f"zout-{requirement.code}", "meets": True, "explanation": "",
        }
        for requirement in fair.round.requirements.select_related("segment").order_by("pk")
    ]  # fmt: skip
    whole = {"format": "submission-export/1", "segments": [s.slug for s in fair.segments]}
    return {**whole, "answers": answers, "requirements": requirements, **other}


def zipped(answers: Any, **more: bytes) -> bytes:
    """The ZIP: `answers.json`, the files that it names (a PDF, unless `more` holds another), and what else is asked."""
    target = BytesIO()
    with zipfile.ZipFile(target, "w") as made:
        made.writestr("answers.json", answers if isinstance(answers, bytes) else json.dumps(answers))
        for line in [] if isinstance(answers, bytes) else answers["answers"]:
            if "file" in line and line["file"]["path"] not in more:
                made.writestr(line["file"]["path"], pdf_bytes())
        for name, content in more.items():
            made.writestr(name, content)
    return target.getvalue()


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def as_upload(content: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile("pakket.zip", content, content_type="application/zip")


def signer(submission: Submission) -> Any:
    return submission.organisation.memberships.get().user
