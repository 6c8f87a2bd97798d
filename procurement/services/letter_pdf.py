"""A letter as HTML, and as PDF/UA-1. Pure rendering: content in, bytes out, the same bytes every time."""

from __future__ import annotations

import atexit
import gc
import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.safestring import SafeString

from procurement.domain.letter_frame import Framed

if TYPE_CHECKING:
    from weasyprint import CSS
    from weasyprint.text.fonts import FontConfiguration
    from weasyprint.urls import URLFetcher

FONT_NAME = "source-sans-3-latin-400-normal.woff2"
LETTER_SHEET = "letters/letter.css"

# Pango's font map is not made for two threads at once.
_one_at_a_time = threading.Lock()


class LetterFontsMissing(RuntimeError):
    """The fonts of the letters are not there: the styles have not been built (`npm run build`)."""


class Press(NamedTuple):
    """What all letters share. Reading the styles and the fonts costs more than laying out a letter."""

    css: CSS
    fonts: FontConfiguration
    fetcher: URLFetcher


def fonts_folder() -> Path:
    """Where the fonts are: those the build copied, or else the packages they come from. Never the system's."""
    packages = settings.BASE_DIR / "node_modules" / "@fontsource"
    folders = (
        settings.BASE_DIR / "static" / "dist" / "fonts",
        Path(settings.STATIC_ROOT) / "dist" / "fonts",
        packages / "source-sans-3" / "files",
    )
    for folder in folders:
        if (folder / FONT_NAME).is_file():
            return folder
    raise LetterFontsMissing("no fonts for letters: run `npm run build`")


def press(sheet: str = LETTER_SHEET) -> Press:
    """Styles and fonts, read once in each process. WeasyPrint is loaded here: no web page needs it."""
    return _press(sheet)


@cache
def _press(sheet: str) -> Press:
    from weasyprint import CSS
    from weasyprint.text.fonts import FontConfiguration
    from weasyprint.urls import URLFetcher

    fonts = FontConfiguration()
    fetcher = URLFetcher(allowed_protocols={"file", "data"})
    source = (settings.BASE_DIR / "templates" / sheet).read_text(encoding="utf-8")
    css = CSS(string=source, base_url=f"{fonts_folder().as_uri()}/", font_config=fonts, url_fetcher=fetcher)
    # The fonts let go of their files, which Python's last moments would no longer allow.
    atexit.register(_press.cache_clear)
    return Press(css, fonts, fetcher)


def render_html(content: Framed) -> str:
    """The letter as a whole HTML document, in its own language, whatever language the screen is in."""
    with translation.override(content.language):
        body = _text(content, frame="letters/_frame.html", top="h1", sub="h2", small="h3")
        subject = " ".join(_text(content, frame="letters/_subject.html").split())
        return render_to_string(
            "letters/letter.html", {"letter": content, "subject": SafeString(subject), "body": body}
        )


def render_body(content: Framed, *, headings: tuple[str, str, str]) -> SafeString:
    """The text of the letter for a page that has its own frame; `headings` are the elements of its levels."""
    top, sub, small = headings
    with translation.override(content.language):
        return _text(content, frame="letters/_frame.html", top=top, sub=sub, small=small)


def _text(content: Framed, *, frame: str, **names: str) -> SafeString:
    """What the template of this kind and language says. `frame` is what it extends: all of a letter, or its subject."""
    template = f"letters/{content.language}/{content.kind}.html"
    return render_to_string(template, {"letter": content, "frame": frame, **names})


@contextmanager
def _no_search_for_garbage() -> Iterator[None]:
    """Boxes of a page refer to each other, so only Python's search for circles frees them; while they are being made it
    finds nothing, and looks through all of the portal for it. Put off until the letter is made, one letter in ten is
    won.
    """
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def html_to_pdf(html: str, *, sheet: str = LETTER_SHEET) -> bytes:
    """Set HTML in the styles of `sheet` (under templates/) as tagged PDF/UA-1. Its identifier follows from its text,
    its date stands in its head, so nothing in the file depends on when or where it was made.
    """
    from weasyprint import HTML

    shared = press(sheet)
    identifier = hashlib.sha256(html.encode()).digest()[:16]
    # A long document would hold too much until its end.
    with _one_at_a_time, _no_search_for_garbage() if sheet == LETTER_SHEET else nullcontext():
        document = HTML(string=html, url_fetcher=shared.fetcher)
        made: bytes = document.write_pdf(
            stylesheets=[shared.css], font_config=shared.fonts, pdf_variant="pdf/ua-1", pdf_identifier=identifier
        )
    return made


def render_pdf(content: Framed) -> bytes:
    """The letter as PDF."""
    return html_to_pdf(render_html(content))
