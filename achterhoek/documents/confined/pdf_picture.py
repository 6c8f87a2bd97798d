"""The first page of a PDF as a small PNG. Runs in the helper process; imports nothing of ours."""

from __future__ import annotations

import io
import os
from typing import IO

import pypdfium2
from PIL import Image

# A page as long as a street is drawn no longer than this, in points of the picture.
LONGEST = 600


def run(content: IO[bytes], *, width: int) -> bytes:
    """The picture. Others go first: nobody waits for it."""
    os.nice(10)
    document = pypdfium2.PdfDocument(content, autoclose=False)
    page = document[0]
    size = max(page.get_width(), 1.0), max(page.get_height(), 1.0)
    scale = min(width / size[0], LONGEST / size[1])
    image: Image.Image = page.render(scale=scale, may_draw_forms=False).to_pil().convert("RGB")
    answer = io.BytesIO()
    image.quantize(64).save(answer, "PNG")
    return answer.getvalue()
