"""Where a tender stands: the earliest step that is not done for every segment."""

from __future__ import annotations

import pytest

from procurement.domain.progress import RoundFacts, SegmentFacts, Step, current_step

NONE = RoundFacts()


def opened(*decisions: str) -> RoundFacts:
    return RoundFacts("opened", tuple(SegmentFacts(d) for d in decisions))


@pytest.mark.parametrize(
    ("status", "selection", "award", "step"),
    [
        ("draft", NONE, NONE, Step.PREPARE),
        ("published", RoundFacts("open"), NONE, Step.REQUESTS),
        ("published", RoundFacts("closed"), NONE, Step.SELECTION_VAULT),
        ("published", opened("", "sent"), NONE, Step.SELECTION_SCORING),
        ("published", opened("proposed", "sent"), NONE, Step.SELECTION_DECISION),
        ("published", opened("sent", "final"), NONE, Step.INVITE),
        ("published", opened("sent"), RoundFacts("open"), Step.BIDS),
        ("published", opened("sent"), RoundFacts("closed"), Step.AWARD_VAULT),
        ("published", opened("sent"), opened("", "final"), Step.AWARD_SCORING),
        ("published", opened("sent"), opened("adopted", "sent"), Step.AWARD_DECISION),
        ("published", opened("sent"), opened("sent", "final"), Step.STANDSTILL),
        ("published", opened("sent"), opened("final"), Step.CONTRACTS),
        ("completed", opened("sent"), opened("final"), Step.DONE),
        ("withdrawn", NONE, NONE, Step.DONE),
    ],
)
def test_the_step_is_the_earliest_that_is_not_done(
    status: str, selection: RoundFacts, award: RoundFacts, step: Step
) -> None:
    assert current_step(status, selection, award) == step


def test_a_segment_nobody_asked_for_holds_up_nothing() -> None:
    selection = RoundFacts("opened", (SegmentFacts("sent"), SegmentFacts("", has_entries=False)))
    assert current_step("published", selection, NONE) == Step.INVITE
