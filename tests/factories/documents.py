"""A room that takes files, as small as can be: for the tests of uploads."""

from __future__ import annotations

import io
import os
from typing import Any

import pikepdf
from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.urls import include, path

from achterhoek.accounts.access import authenticated
from achterhoek.documents.gate import reads
from achterhoek.documents.intake import takes
from achterhoek.documents.models import StoredFile, Upload
from achterhoek.documents.services import accept_pdf
from achterhoek.documents.tus import create_response
from achterhoek.errors import RuleViolation
from achterhoek.sealing.models import SealingKey
from achterhoek.sealing.services import make_key

KIND = "test-file"
MEGABYTE = 1024 * 1024
PAGE = """{% extends "base.html" %}{% block title %}Bijlagen{% endblock %}
{% block page_header %}<h1 class="nl-heading nl-heading--level-1">Bijlagen</h1>{% endblock %}
{% block content %}<form class="nlds-form" method="post" enctype="multipart/form-data">{% csrf_token %}
{% with label="Plan van aanpak" help="Een pdf." create_url="/proef/upload/" id="id_plan" name="plan" %}
{% include "documents/_upload.html" %}{% endwith %}
</form>{% endblock %}"""


class Desk:
    """What the room of the tests does: `closed` is its deadline, `attached` its draft."""

    closed = ""
    pages: int | None = None
    team: set[int] = set()
    attached: list[Any] = []

    @classmethod
    def clear(cls) -> None:
        cls.closed, cls.pages, cls.team, cls.attached = "", None, set(), []


@takes(KIND)
class TestRoom:
    __test__ = False

    def check(self, user: Any, upload: Upload) -> None:
        if Desk.closed:
            raise RuleViolation(Desk.closed)
        if user.pk != upload.by_id and user.pk not in Desk.team:
            raise RuleViolation("Dit is niet van uw organisatie.")

    def max_pages(self, upload: Upload) -> int | None:
        return Desk.pages

    def attach(self, user: Any, upload: Upload, stored: StoredFile) -> None:
        if Desk.closed:
            raise RuleViolation(Desk.closed)
        Desk.attached.append(stored.pk)


@reads(KIND)
def may_read(user: Any, stored: StoredFile) -> bool:
    return bool(user.is_authenticated and stored.uploaded_by_id == user.pk)


def test_key() -> SealingKey:
    """The key of an organisation."""
    return SealingKey.objects.filter(purpose="tests of uploads").first() or make_key("tests of uploads")


test_key.__test__ = False  # type: ignore[attr-defined]


@authenticated
def begin(request: HttpRequest) -> HttpResponse:
    """Where an upload begins."""
    return create_response(request, kind=KIND, purpose="plan", sealing_key=test_key())


@authenticated
def page(request: HttpRequest) -> HttpResponse:
    """A page that asks for a file."""
    template = engines["django"].from_string(PAGE)
    return HttpResponse(template.render({"limit": 2 * 1024**3}, request))


@authenticated
def form(request: HttpRequest) -> HttpResponse:
    """The same without JavaScript."""
    accept_pdf(upload=request.FILES["plan"], kind=KIND, sealing_key=test_key(), by=request.user)  # type: ignore[arg-type]
    return HttpResponse(status=204)


urlpatterns = [
    path("proef/formulier/", form, name="upload_form"),
    path("proef/", page, name="upload_page"),
    path("proef/upload/", begin, name="upload_begin"),
    path("", include("achterhoek.urls")),
]


def pdf(pages: int = 1, *, size: int = 0, password: str = "", script: bool = False, inside: bool = False) -> bytes:
    """A PDF; `size` adds a picture of so many bytes that cannot be made smaller."""
    document = pikepdf.new()
    for _ in range(pages):
        document.add_blank_page(page_size=(595, 842))
    if size:
        picture = document.make_stream(os.urandom(size), Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Image)
        document.pages[0].obj.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(A=picture))
    if script:
        document.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="app.alert(1)")
    if inside:
        document.attachments["geheim.txt"] = b"tekst"
    content = io.BytesIO()
    encryption = pikepdf.Encryption(owner=password, user=password) if password else None
    document.save(content, encryption=encryption)  # type: ignore[arg-type]
    return content.getvalue()
