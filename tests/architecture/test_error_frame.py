"""The frame of the page says once that a form was refused: in the title, and in one summary with links."""

from pathlib import Path

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"
# The admin has a frame of its own.
OWN_FRAME = ("admin/", "nlds/", "_components/", "base.html")


def test_no_page_says_again_what_its_frame_says() -> None:
    pages = {str(path.relative_to(TEMPLATES)): path.read_text() for path in TEMPLATES.rglob("*.html")}
    assert "_components/error_summary.html" in pages["base.html"]
    again = [
        name
        for name, text in pages.items()
        if not name.startswith(OWN_FRAME)
        and ("_components/error_summary.html" in text or '{% translate "Error:" %}' in text)
    ]
    assert again == []
