"""Which uploads are taken in, and who reads a file."""

from __future__ import annotations

import hashlib
import io

import pikepdf
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from achterhoek.documents.models import StoredFile
from achterhoek.documents.services import accept_pdf, content_digest, discard
from achterhoek.errors import RuleViolation
from tests.factories import UserFactory


def pdf(pages: int = 1, *, password: str = "", script: bool = False, inside: bool = False) -> bytes:
    document = pikepdf.new()
    for _ in range(pages):
        document.add_blank_page(page_size=(595, 842))
    if script:
        document.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="app.alert(1)")
    if inside:
        document.attachments["geheim.txt"] = b"tekst"
    content = io.BytesIO()
    encryption = pikepdf.Encryption(owner=password, user=password) if password else None
    document.save(content, encryption=encryption)  # type: ignore[arg-type]
    return content.getvalue()


def upload(content: bytes, name: str = "plan.pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


@pytest.mark.django_db
def test_a_pdf_is_kept_with_its_digest_and_its_pages() -> None:
    content = pdf(3)
    stored = accept_pdf(upload=upload(content, "..\\map/ons plan.pdf"), kind="answer", by=UserFactory())
    assert (stored.name, stored.pages, stored.size) == ("ons plan.pdf", 3, len(content))
    assert stored.sha256 == hashlib.sha256(content).hexdigest() == content_digest(stored)
    assert "plan" not in stored.file.name


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "leeg"),
        (b"MZ this is a program", "geen pdf"),
        (b"%PDF-1.7 and then nothing", "beschadigd"),
        (pdf(password="x"), "beveiligd"),
        (pdf(script=True), "script"),
        (pdf(inside=True), "andere bestanden"),
        (pdf(3), "hoogstens 2 pagina"),
        (pdf() + b" " * 20_000, "hoogstens"),
    ],
)
def test_a_file_that_cannot_be_is_refused_in_words_and_not_kept(content: bytes, words: str) -> None:
    file = upload(content)
    with pytest.raises(RuleViolation, match=words):
        accept_pdf(upload=file, kind="answer", by=UserFactory(), max_pages=2, max_bytes=15_000)
    assert not StoredFile.objects.exists()


@pytest.mark.django_db
def test_a_file_whose_kind_nobody_answers_for_is_read_by_nobody() -> None:
    owner = UserFactory()
    stored = accept_pdf(upload=upload(pdf()), kind="unknown-kind", by=owner)
    client = Client()
    client.force_login(owner)
    assert client.get(reverse("documents:download", args=[stored.pk])).status_code == 404


@pytest.mark.django_db(transaction=True)
def test_the_bytes_of_a_discarded_file_go_after_the_commit() -> None:
    stored = accept_pdf(upload=upload(pdf()), kind="answer", by=UserFactory())
    storage, key = stored.file.storage, stored.file.name
    discard(stored)
    assert not storage.exists(key)
