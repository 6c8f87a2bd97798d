"""The rules of the house that no linter knows: read from the source itself."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest
from django.apps import apps as django_apps
from django.db.migrations.loader import MigrationLoader

ROOT = Path(__file__).resolve().parents[2]
APPS = ("achterhoek", "providers", "procurement", "contracts")


def sources(*parts: str) -> list[Path]:
    """All modules of our apps that lie in (or are) one of these parts; migrations aside."""
    found = []
    for app in APPS:
        for path in (ROOT / app).rglob("*.py"):
            inside = path.relative_to(ROOT).with_suffix("").parts
            if "migrations" not in inside and (not parts or set(parts) & set(inside)):
                found.append(path)
    return found


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def test_services_and_selectors_know_nothing_of_requests() -> None:
    forbidden = ("django.http", "django.shortcuts", "django.views", "django.contrib.messages")
    wrong = [
        f"{path.relative_to(ROOT)}: {name}"
        for path in sources("services", "selectors", "rules")
        for name in imports(path)
        # What keeps a variable out of error reports is no part of a request.
        if name.startswith(forbidden) and name != "django.views.decorators.debug"
    ]
    assert not wrong


def test_views_hold_no_queries() -> None:
    wrong = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in sources("views")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute) and node.attr == "objects"
    ]
    assert not wrong


def test_no_file_holds_more_than_one_idea() -> None:
    long = {str(p.relative_to(ROOT)): n for p in sources() if (n := len(p.read_text().splitlines())) > 400}
    assert not long


def test_models_are_not_saved_outside_services() -> None:
    """Services are the only writers (and the admin's `save_model`, which calls one)."""
    writers = {"save", "create", "bulk_create", "get_or_create", "update_or_create", "bulk_update", "delete"}
    wrong = [
        f"{path.relative_to(ROOT)}:{node.lineno} .{node.func.attr}()"
        for path in sources("views", "selectors", "rules", "tasks", "panels")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in writers
        and ast.unparse(node.func) != "book.save"  # a workbook into memory, no row of the database
    ]
    assert not wrong


def service_functions() -> list[tuple[str, object]]:
    found = []
    for app in ("providers", "procurement", "contracts"):
        for path in sorted((ROOT / app / "services").glob("*.py")):
            module = import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
            for name, function in inspect.getmembers(module, inspect.isfunction):
                if function.__module__ == module.__name__ and not name.startswith("_"):
                    found.append((f"{module.__name__}.{name}", function))
    return found


def test_who_does_it_is_always_named() -> None:
    """A service that writes for a person takes `by=`, and only by keyword (guards `require_...` write nothing)."""
    wrong = []
    for name, function in service_functions():
        if ".require_" in name:
            continue
        parameters = inspect.signature(inspect.unwrap(function)).parameters  # type: ignore[arg-type]
        by = parameters.get("by")
        if by is not None and by.kind is not inspect.Parameter.KEYWORD_ONLY:
            wrong.append(name)
    assert not wrong


@pytest.mark.parametrize("app", ["providers", "procurement", "contracts"])
def test_public_services_say_their_rule(app: str) -> None:
    silent = [n for n, f in service_functions() if n.startswith(app) and not (getattr(f, "__doc__", "") or "").strip()]
    assert not silent


def test_no_test_is_switched_off() -> None:
    words = ("@pytest.mark." + "skip", "@pytest.mark." + "xfail", "pytest." + "skip(")
    wrong = [p.name for p in (ROOT / "tests").rglob("*.py") if any(word in p.read_text() for word in words)]
    assert not wrong


def test_texts_are_marked_by_names_that_extraction_knows() -> None:
    """Under another name a text is never found for translation, and shows in English on a Dutch screen."""
    wrong = [
        f"{path.relative_to(ROOT)}: {name.name} as {name.asname}"
        for path in sources()
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ImportFrom) and node.module == "django.utils.translation"
        for name in node.names
        if "gettext" in name.name and name.asname not in (None, "_")
    ]
    assert not wrong


# Names that Django's documentation offers, and the one way to end a child process at once.
OFFERED = {"_meta", "_base_manager", "_default_manager", "_state", "_exit"}


def test_what_is_private_stays_in_its_module() -> None:
    """A name with an underscore is its module's own business; another module that wants it asks for a name without."""
    wrong = []
    for path in sources():
        tree = ast.parse(path.read_text())
        own = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute) and _is_own(node)}
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom):
                wrong += [f"{path.relative_to(ROOT)}: {a.name}" for a in node.names if a.name.startswith("_")]
            elif isinstance(node, ast.Attribute) and _is_private(node.attr) and node.attr not in own | OFFERED:
                wrong.append(f"{path.relative_to(ROOT)}:{node.lineno} {node.attr}")
    assert not wrong


def _is_private(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__")


def _is_own(node: ast.Attribute) -> bool:
    """Of the class itself, or put on an object here."""
    of_itself = isinstance(node.value, ast.Name) and node.value.id in ("self", "cls")
    return of_itself or isinstance(node.ctx, ast.Store)


def test_migrations_are_one_line_and_can_go_back() -> None:
    loader = MigrationLoader(None)
    apps = {config.label for config in django_apps.get_app_configs() if config.name.split(".")[0] in APPS}
    assert not {label for label in apps & loader.migrated_apps if len(loader.graph.leaf_nodes(label)) != 1}
    one_way = [
        f"{label}.{name}: {operation.describe()}"
        for (label, name), migration in loader.disk_migrations.items()
        if label in apps
        for operation in migration.operations
        if not operation.reversible
    ]
    assert not one_way


def test_a_key_is_written_without_separators_of_thousands() -> None:
    """`1.335` is no key: from the thousandth row on the box, the link or the mark would mean nothing."""
    bare = re.compile(r"\{\{ ?[\w.]*\.pk ?\}\}")
    wrong = [
        f"{path.relative_to(ROOT)}: {found}"
        for path in sorted((ROOT / "templates").rglob("*.html"))
        for found in bare.findall(path.read_text())
    ]
    assert not wrong, "write {{ x.pk|unlocalized }}"


def test_a_browser_that_presses_waits_for_what_it_pressed() -> None:
    """A page that is judged while the next one is on its way is another page: tests press through `looking`."""
    wrong = []
    for path in sorted((ROOT / "tests" / "e2e").rglob("*.py")):
        tree = ast.parse(path.read_text())
        waited = {
            id(call)
            for node in ast.walk(tree)
            if isinstance(node, ast.With) and "expect_download" in ast.unparse(node.items[0].context_expr)
            for call in ast.walk(node)
        }
        wrong += [
            f"{path.relative_to(ROOT)}:{node.lineno}"
            for node in ast.walk(tree)
            if isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in {"click", "dblclick", "tap", "expect_navigation"}
            and not (node.func.attr == "click" and id(node) in waited)
            and path.name != "looking.py"
        ]
    assert not wrong
