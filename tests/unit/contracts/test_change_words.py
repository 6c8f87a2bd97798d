"""Whatever the checks find, there are whole words for it, with a rule and its source."""

from datetime import date

from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from contracts.domain.change_checks import ADD, CHANGES, STOPS, Document, Facts, Mark, check
from contracts.domain.change_coverage import Loss
from contracts.selectors.change_words import MARKS, check_rows, title_of

days = st.dates(date(2024, 1, 1), date(2030, 12, 31))
few = st.integers(0, 3)
facts = st.builds(
    Facts, kind=st.sampled_from([ADD, STOPS, CHANGES]), on=days, today=days, last_day=days, valid_number=st.booleans(),
    known_before=st.booleans(), excluded=few, refused=few, terminated=few, requirements=few, promises=few,
    late_promises=few, clients=st.none() | few,
    documents=st.lists(
        st.builds(Document, st.sampled_from(["self_declaration", "kvk_extract", "tax", "conduct"]), st.none() | days),
        max_size=4,
    ).map(tuple),
    losses=st.lists(st.builds(Loss, st.just("spel"), st.just("Aalten"), st.just(2), st.integers(0, 1))).map(tuple),
)  # fmt: skip


@given(facts)
def test_every_finding_has_its_words_in_dutch(known):
    findings = check(known)
    with translation.override("nl"):
        rows = check_rows(findings)
        assert all(title_of(f"{finding.code}:{finding.case}") for finding in findings)
    assert len(rows) == len(findings)
    for row in rows:
        assert all((row.title, row.text, row.rule, row.source))
        assert "%(" not in row.text
        assert row.text.endswith(".")


@given(facts)
def test_the_worst_stands_first(known):
    tones = [tone for tone, _label in (MARKS[mark] for mark in Mark)]
    shown = [tones.index(row.tone) for row in check_rows(check(known))]
    assert shown == sorted(shown, reverse=True)
