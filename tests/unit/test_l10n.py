"""What the check on translations calls a fault."""

from __future__ import annotations

from pathlib import Path

import pytest

from achterhoek.l10n import incomplete, placeholders


@pytest.mark.parametrize(
    ("entry", "fault"),
    [
        ('msgid "Submit"\nmsgstr "Indienen"', None),
        ('msgid "Submit"\nmsgstr ""', "not translated: 'Submit'"),
        ('#, fuzzy\nmsgid "Submit"\nmsgstr "Indienen"', "unsure: 'Submit'"),
        ('msgid "Hello %(name)s"\nmsgstr "Dag"', "other placeholders: 'Hello %(name)s'"),
        ('msgid "Hello %(name)s"\nmsgstr "Dag %(name)s"', None),
        ('#~ msgid "Gone"\n#~ msgstr ""', None),
    ],
)
def test_faults_of_a_catalogue(tmp_path: Path, entry: str, fault: str | None) -> None:
    path = tmp_path / "django.po"
    path.write_text(f'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\n{entry}\n')
    assert incomplete(path) == ([fault] if fault else [])


def test_both_kinds_of_placeholder_count() -> None:
    assert placeholders("%(a)s of {b}, 100 % and {{ not }}") == {"%(a)s", "{b}"}
