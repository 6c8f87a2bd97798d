"""Uploads that can be resumed, over HTTP: tus 1.0 (creation, creation-with-upload, termination, expiration).

An answer that says no also says why, in words for a person: `{"message": ...}`.
"""

from __future__ import annotations

import base64
import binascii
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils.http import http_date
from django.utils.translation import gettext as _

from achterhoek.accounts.models import User
from achterhoek.documents import intake, upkeep, uploads
from achterhoek.documents.intake import AT_ONCE
from achterhoek.documents.middleware import RETRY_SECONDS
from achterhoek.documents.models import StoredFile, Upload
from achterhoek.documents.storage import StorageDown
from achterhoek.errors import RuleViolation
from achterhoek.queue import after_commit
from achterhoek.sealing.models import SealingKey

VERSION = "1.0.0"
EXTENSIONS = "creation,creation-with-upload,termination,expiration"
CONTENT = "application/offset+octet-stream"


def create_response(
    request: HttpRequest,
    *,
    kind: str,
    purpose: str,
    sealing_key: SealingKey,
    max_bytes: int | None = None,
) -> HttpResponse:
    """Answer the request (POST) that begins an upload. The calling view has checked who may.

    `purpose` is for the room of `kind` alone: it reads there what the file is for. The file is sealed to
    `sealing_key`.
    """
    user: Any = request.user
    if refusal := _wrong_version(request):
        return refusal
    size = _number(request.headers.get("Upload-Length"))
    if size is None:
        return said(400, _("The size of the file is missing. Choose the file again."))
    limit = max_bytes or settings.MAX_UPLOAD_BYTES
    announced = {
        "kind": kind, "purpose": purpose, "name": _file_name(request), "size": size, "sealing_key": sealing_key,
        "by": user, "max_bytes": limit,
    }  # fmt: skip
    sends = request.content_type == CONTENT
    try:
        if sends and 0 < size <= min(AT_ONCE, limit) and size == _number(request.headers.get("Content-Length")):
            return _whole(request, announced)
        upload = intake.open_upload(**announced)
    except RuleViolation as violation:
        return said(413 if size > limit else 422 if size <= 0 else 403, violation.message)
    answer = HttpResponse(status=201)
    if sends:
        answer = receive(request, upload, offset=0, status=201)
        if answer.status_code != 201:
            return answer
        upload.refresh_from_db()
    answer["Location"] = reverse("documents:upload", args=[upload.pk])
    return _with_state(answer, upload)


def _whole(request: HttpRequest, announced: dict[str, Any]) -> HttpResponse:
    """Take in a small file that came along whole; the answer says at once what became of it."""
    try:
        upload, stored = intake.take_whole(**announced, stream=request)
    except uploads.TooManyBytes:
        return said(413, _("More came in than the size of the file. Choose the file again."))
    except StorageDown:
        return busy()
    answer = JsonResponse(state(upload, stored), status=201)
    answer["Location"] = reverse("documents:upload", args=[upload.pk])
    return _with_state(answer, upload)


def head(upload: Upload) -> HttpResponse:
    """How far it is."""
    if upload.error:
        return _marked(HttpResponse(status=410))
    answer = _with_state(HttpResponse(), upload)
    answer["Upload-Length"] = str(upload.size)
    return answer


def patch(request: HttpRequest, upload: Upload) -> HttpResponse:
    """Take in the next piece."""
    if refusal := _wrong_version(request):
        return refusal
    if request.content_type != CONTENT:
        return said(415, _("This is not a piece of a file. Choose the file again."))
    offset = _number(request.headers.get("Upload-Offset"))
    if offset is None:
        return said(400, _("It is not clear which piece of the file this is. Choose the file again."))
    if upload.error:
        return said(410, upload.error)
    return receive(request, upload, offset=offset, status=204)


def receive(request: HttpRequest, upload: Upload, *, offset: int, status: int) -> HttpResponse:
    """Let the room agree, store what comes, and judge the file where it is whole."""
    user: Any = request.user
    announced = _number(request.headers.get("Content-Length")) or 0
    if offset + announced > upload.size:
        return said(413, _("More came in than the size of the file. Choose the file again."))
    try:
        intake.room_of(upload.kind).check(user, upload)
        # A finished upload that is sent its last piece again has nothing to add.
        if upload.finished_at is None:
            upload = uploads.append(upload=upload, offset=offset, stream=request)
    except RuleViolation as violation:
        return said(403, violation.message)
    except uploads.OffsetConflict as conflict:
        answer = said(409, _("This piece does not fit to the one before it. The upload goes on from there by itself."))
        answer["Upload-Offset"] = str(conflict.offset)
        return answer
    except uploads.TooManyBytes:
        return said(413, _("More came in than the size of the file. Choose the file again."))
    except StorageDown:
        return busy()
    if upload.offset == upload.size and upload.finished_at is None:
        _judge(upload, user)
        upload.refresh_from_db()
    return _with_state(HttpResponse(status=status), upload)


def _judge(upload: Upload, user: User) -> None:
    """Now, or by a worker; also where the store does not answer just now: the bytes are safe."""
    try:
        if upload.size <= AT_ONCE:
            intake.complete(upload=upload, by=user)
            return
    except intake.NOT_NOW:
        pass
    after_commit("documents.finish_upload", str(upload.pk), user.pk)


def look(upload: Upload, user: User) -> dict[str, Any]:
    """An upload for a page that waits for it. One that its process died with is judged now: minutes may be too late."""
    if upload.offset == upload.size <= AT_ONCE and upload.finished_at is None and upkeep.take_up(upload):
        _judge(upload, user)
        upload.refresh_from_db()
    return state(upload, uploads.kept_file(upload))


def state(upload: Upload, stored: StoredFile | None) -> dict[str, Any]:
    """An upload as the page shows it."""
    given: dict[str, Any] = {"offset": upload.offset, "size": upload.size, "message": upload.error}
    if upload.error:
        return given | {"state": "refused"}
    if upload.finished_at is None:
        return given | {"state": "receiving" if upload.offset < upload.size else "checking"}
    if stored is None:
        # It was taken out of the draft again.
        return given | {"state": "refused", "message": _("This file is not there any more.")}
    file = {
        "pages": stored.pages, "size": stored.size, "sha256": stored.sha256, "scan": stored.scan,
        "url": reverse("documents:download", args=[stored.pk]),
        "thumbnail": reverse("documents:thumbnail", args=[stored.pk]) if stored.thumbnail else "",
    }  # fmt: skip
    return given | {"state": "ready", "file": file}


def options() -> HttpResponse:
    """What this server can do."""
    answer = _marked(HttpResponse(status=204))
    answer["Tus-Version"] = VERSION
    answer["Tus-Extension"] = EXTENSIONS
    answer["Tus-Max-Size"] = str(settings.MAX_UPLOAD_BYTES)
    return answer


def ended() -> HttpResponse:
    """The upload is gone."""
    return _marked(HttpResponse(status=204))


def said(status: int, message: str) -> HttpResponse:
    """No, and why."""
    return _marked(JsonResponse({"message": message}, status=status))


def busy() -> HttpResponse:
    """Not now; nothing was lost."""
    answer = said(503, _("The file store does not answer just now. What came in is kept; it goes on by itself."))
    answer["Retry-After"] = RETRY_SECONDS
    return answer


def _wrong_version(request: HttpRequest) -> HttpResponse | None:
    if request.headers.get("Tus-Resumable") == VERSION:
        return None
    answer = said(412, _("Your browser speaks another version of uploading. Load the page again."))
    answer["Tus-Version"] = VERSION
    return answer


def _number(given: str | None) -> int | None:
    """A count of bytes; None for anything else."""
    text = (given or "").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else None


def _file_name(request: HttpRequest) -> str:
    """`filename` of `Upload-Metadata`: pairs of a word and its value in base64."""
    for pair in request.headers.get("Upload-Metadata", "").split(","):
        word, _space, value = pair.strip().partition(" ")
        if word == "filename":
            try:
                return base64.b64decode(value.strip(), validate=True).decode("utf-8", errors="replace")
            except (binascii.Error, ValueError):
                return ""
    return ""


def _with_state(answer: HttpResponse, upload: Upload) -> HttpResponse:
    answer["Upload-Offset"] = str(upload.offset)
    if upload.finished_at is None:
        answer["Upload-Expires"] = http_date(intake.expires_at(upload).timestamp())
    return _marked(answer)


def _marked(answer: HttpResponse) -> HttpResponse:
    answer["Tus-Resumable"] = VERSION
    answer["Cache-Control"] = "no-store"
    return answer
