"""A letter as HTML, and as PDF/UA-1. Pure rendering: content in, bytes out, the same bytes every time."""

from __future__ import annotations

import atexit
import hashlib
import threading
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.safestring import SafeString

from procurement.domain.letters import LetterContent

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
    fetcher = URLFetcher(allowed_protocols={"file"})
    source = (settings.BASE_DIR / "templates" / sheet).read_text(encoding="utf-8")
    css = CSS(string=source, base_url=f"{fonts_folder().as_uri()}/", font_config=fonts, url_fetcher=fetcher)
    # The fonts let go of their files, which Python's last moments would no longer allow.
    atexit.register(_press.cache_clear)
    return Press(css, fonts, fetcher)


def render_html(content: LetterContent) -> str:
    """The letter as a whole HTML document. In Dutch, whatever language the screen is in."""
    with translation.override("nl"):
        subject = render_to_string("letters/_subject.html", {"letter": content}).strip()
        return render_to_string("letters/letter.html", {"letter": content, "subject": subject})


def render_body(content: LetterContent, *, headings: tuple[str, str, str]) -> SafeString:
    """The text of the letter for a page that has its own frame; `headings` are the elements of its levels."""
    top, sub, small = headings
    with translation.override("nl"):
        return render_to_string("letters/_body.html", {"letter": content, "top": top, "sub": sub, "small": small})


def html_to_pdf(html: str, *, sheet: str = LETTER_SHEET) -> bytes:
    """Set HTML in the styles of `sheet` (under templates/) as tagged PDF/UA-1. Its identifier follows from its text,
    its date stands in its head, so nothing in the file depends on when or where it was made.
    """
    from weasyprint import HTML

    shared = press(sheet)
    identifier = hashlib.sha256(html.encode()).digest()[:16]
    with _one_at_a_time:
        document = HTML(string=html, url_fetcher=shared.fetcher)
        made: bytes = document.write_pdf(
            stylesheets=[shared.css], font_config=shared.fonts, pdf_variant="pdf/ua-1", pdf_identifier=identifier
        )
    return made


def render_pdf(content: LetterContent) -> bytes:
    """The letter as PDF."""
    return html_to_pdf(render_html(content))
