"""Pictures of letters as they were looked at and approved: small, grey, a letter's pages side by side.

`python -m tests.letter_pictures` makes them anew after a change of the layout; look at each before you commit it.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pypdfium2
from PIL import Image, ImageChops

GOLDEN = Path(__file__).parent / "golden" / "letters"
DOTS_PER_INCH = 62
# Letters become grey smudges of some words: what is left is where the ink is, whichever program drew it.
COARSE = 8
FARTHEST, MEAN = 40, 1.0


def picture(pdf: bytes) -> Any:
    """All pages beside one another, in grey."""
    with pypdfium2.PdfDocument(pdf) as document:
        pages = [page.render(scale=DOTS_PER_INCH / 72, grayscale=True).to_pil().convert("L") for page in document]
    whole = Image.new("L", (sum(page.width for page in pages) + 6 * (len(pages) - 1), pages[0].height), 128)
    left = 0
    for page in pages:
        whole.paste(page, (left, 0))
        left += page.width + 6
    return whole


def differs(one: Any, other: Any) -> str:
    """How the pictures differ; nothing where a reader would call them the same."""
    if abs(one.width - other.width) > 2 or abs(one.height - other.height) > 2:
        return f"{one.size} is not {other.size}"
    size = (min(one.width, other.width), min(one.height, other.height))
    coarse = [found.crop((0, 0, *size)).reduce(COARSE) for found in (one, other)]
    counts = ImageChops.difference(*coarse).histogram()
    farthest = max(value for value, count in enumerate(counts) if count)
    mean = sum(value * count for value, count in enumerate(counts)) / sum(counts)
    if farthest > FARTHEST or mean > MEAN:
        return f"farthest {farthest} (at most {FARTHEST}), mean {mean:.2f} (at most {MEAN})"
    return ""


def save(name: str, pdf: bytes) -> None:
    GOLDEN.mkdir(parents=True, exist_ok=True)
    picture(pdf).quantize(16).save(GOLDEN / f"{name}.png", optimize=True)


def main() -> None:
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "achterhoek.settings.test")
    django.setup()
    from procurement.services.letter_pdf import render_pdf
    from tests.letters import ALL

    for (kind, language), letter in ALL.items():
        save(f"{kind}-{language}", render_pdf(letter))


if __name__ == "__main__":
    main()
