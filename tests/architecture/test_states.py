"""The diagrams in docs/ are the tables; the triggers in the database are the tables; the choices are the tables."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.core.management import call_command

from achterhoek.transitions.domain import TransitionTable, step, table
from contracts.domain.states import ALL as CONTRACT_TABLES
from procurement.domain.states import ALL as PROCUREMENT_TABLES

MODELS = {
    "tender": "procurement.Tender",
    "round": "procurement.Round",
    "segment_round": "procurement.SegmentRound",
    "submission": "procurement.Submission",
    "entry": "procurement.Entry",
    "decision": "procurement.Decision",
    "college_decision": "procurement.CollegeDecision",
    "award": "procurement.Award",
    "letter": "procurement.Letter",
    "letter_batch": "procurement.LetterBatch",
    "objection": "procurement.Objection",
    "contract": "contracts.Contract",
    "term": "contracts.ContractTerm",
    "subcontractor_change": "contracts.SubcontractorChange",
    "amendment": "contracts.Amendment",
    "result_report": "contracts.ResultReport",
    "interim_evaluation": "contracts.InterimEvaluation",
    "transition": "contracts.TransitionArrangement",
}
TABLES = {t.name: t for t in (*PROCUREMENT_TABLES, *CONTRACT_TABLES)}


def test_the_drawn_diagrams_are_up_to_date() -> None:
    call_command("draw_states", "--check")


def test_every_table_has_its_model() -> None:
    assert TABLES.keys() == MODELS.keys()


@pytest.mark.parametrize("name", sorted(MODELS))
def test_the_states_of_the_table_are_the_choices_of_the_field(name: str) -> None:
    choices = {value for value, _ in apps.get_model(MODELS[name])._meta.get_field("status").choices}
    spoken_of_outside = {"committed"} if name == "term" else set()  # the first term never moves
    assert set(TABLES[name].states()) | spoken_of_outside == choices


@pytest.mark.parametrize("name", sorted(MODELS))
def test_the_database_holds_the_same_table(name: str) -> None:
    triggers = [t for t in apps.get_model(MODELS[name])._meta.triggers if t.name == f"{name}_status"]
    assert [sorted(t.transitions) for t in triggers] == [sorted(TABLES[name].pairs())]


def test_a_table_with_a_state_that_cannot_be_reached_is_refused() -> None:
    with pytest.raises(ValueError, match="no step leads to"):
        table("door", "open", [step("open", "closed", "close", "lead"), step("locked", "gone", "vanish", "lead")])


def test_a_table_with_an_arrow_twice_is_refused() -> None:
    with pytest.raises(ValueError, match="twice"):
        table("door", "open", [step("open", "closed", "close", "lead"), step("open", "closed", "shut", "clm")])


def test_a_final_state_is_drawn_as_the_end() -> None:
    door: TransitionTable = table("door", "open", [step("open", "closed", "close", "lead")])
    assert "closed --> [*]" in door.mermaid()
