"""What an uploaded file must be, judged by its content: a PDF that is safe to show to others."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import IO

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from achterhoek.documents import confined, storage
from achterhoek.errors import RuleViolation

# A tagged document of hundreds of pages has some ten thousands; each is looked at, which takes time.
MAX_PDF_OBJECTS = 100_000


def scratch() -> IO[bytes]:
    """A file without a name, for content that has to lie open for a moment; it goes with the process."""
    return tempfile.TemporaryFile(dir=settings.SCRATCH_DIR or None)


@contextmanager
def laid_open(chunks: Iterable[bytes]) -> Iterator[IO[bytes]]:
    """This content in a scratch file, for as long as it is looked at. Raises `StorageDown` where there is no room."""
    with scratch() as content:
        for chunk in chunks:
            with storage.told("scratch"):
                content.write(chunk)
        with storage.told("scratch"):
            content.flush()
        yield content


def pages_of_pdf(content: IO[bytes], *, max_pages: int | None = None) -> int:
    """The number of pages of a PDF that may be taken in.

    Raises `RuleViolation` in words that say what to do: no PDF, broken, protected, with scripts or files inside,
    too heavy to open, too many pages. `content` is an open file of the system; where it stands does not matter.
    """
    content.seek(0)
    if b"%PDF-" not in content.read(1024):
        raise RuleViolation(_("This is not a PDF file. Save your document as PDF and upload it again."))
    try:
        found = json.loads(confined.run("pdf", content.fileno(), max_objects=MAX_PDF_OBJECTS))
    except confined.Broken:
        found = {"problem": "bomb"}
    if "problem" in found:
        raise RuleViolation(_words(found["problem"]))
    pages = int(found["pages"])
    if max_pages is not None and pages > max_pages:
        raise RuleViolation(
            ngettext(
                "This file has %(pages)s pages. At most %(limit)s page is allowed.",
                "This file has %(pages)s pages. At most %(limit)s pages are allowed.",
                max_pages,
            )
            % {"pages": pages, "limit": max_pages}
        )
    return pages


def _words(problem: str) -> str:
    words = {
        "protected": _("This PDF is protected. Save it without a password and upload it again."),
        "script": _("This PDF contains a script. Save it as a plain PDF and upload it again."),
        "inside": _("This PDF has files inside. Save it as a plain PDF and upload those files apart."),
        "parts": _("This PDF has too many parts to check. Save it anew as a plain PDF and upload it again."),
        "bomb": _("This PDF is too heavy to open. Print it to a new PDF and upload that one."),
    }
    return words.get(problem) or _("This PDF is damaged. Make it anew from your document and upload it again.")
