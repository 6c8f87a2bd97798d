"""Reading the custodians' papers, as a person would: the words in the order of their numbers."""

import io
import re

from pypdf import PdfReader


def words_in(pdf: bytes) -> list[str]:
    """The words of each paper."""
    papers = []
    for page in PdfReader(io.BytesIO(pdf)).pages:
        part = page.extract_text().split("De woorden")[1].split("Wat u met dit papier doet")[0]
        numbered = sorted((int(number), word) for number, word in re.findall(r"(\d+)\s+([a-z]+)", part))
        assert [number for number, _ in numbered] == list(range(1, 34))
        papers.append(" ".join(word for _, word in numbered))
    return papers
