"""Every action that the code writes into the audit log has a name that people read; and no name is for nothing."""

from __future__ import annotations

import ast
from importlib import import_module
from pathlib import Path

import pytest
from django.apps import apps

from achterhoek.actions import action_name, actions_named_like, name_actions, named_actions
from tests.architecture.test_house_rules import ROOT, sources
from tests.architecture.test_states import MODELS, TABLES

# The one place that puts the name of an action together: from the declared tables of states.
FROM_TABLES = "achterhoek/transitions/services.py"


RECORDERS = ("record", "record_each")


def recorded(path: Path) -> set[str]:
    """The actions that a module records, each written out or as a constant of the module."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in RECORDERS):
            continue
        action = node.args[0]
        if isinstance(action, ast.Name):
            found.add(getattr(import_module(".".join(path.relative_to(ROOT).with_suffix("").parts)), action.id))
        elif isinstance(action, ast.Constant):
            found.add(action.value)
        else:
            assert str(path.relative_to(ROOT)) == FROM_TABLES, f"{path}:{node.lineno} writes no plain name"
    return found


def in_the_code() -> set[str]:
    found = {action for path in sources() for action in recorded(path)}
    for name, table in TABLES.items():
        label = apps.get_model(MODELS[name])._meta.label_lower
        found |= {f"{label}.{step.verb}" for step in table.steps}
    return found


def test_every_action_that_is_recorded_has_a_name_and_every_name_an_action() -> None:
    assert in_the_code() - named_actions() == set()
    assert named_actions() - in_the_code() == set()


def test_an_action_is_found_by_the_words_that_people_read() -> None:
    assert action_name("procurement.round.open_vault") == "Kluis geopend"
    assert actions_named_like("kluis geopend") == ["procurement.round.open_vault"]


def test_an_action_of_long_ago_keeps_its_short_name_and_no_action_gets_two_names() -> None:
    assert action_name("procurement.fax.sent") == "procurement.fax.sent"
    with pytest.raises(ValueError, match="named twice"):
        name_actions({"procurement.round.open_vault": "Something else"})
