"""Reading the files of a region, and refusing with the file and the key whatever cannot be."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml
from django.utils.translation import gettext as _

from achterhoek.errors import RuleViolation
from procurement.services.data_schema import Fault, faults

DATA = Path(str(files("procurement").joinpath("data")))
Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class RegionFiles:
    """A region as its files say it, each held against its schema: `tenders` by file name."""

    region: Document
    tenders: dict[str, Document]


def folder_of(place: str) -> Path:
    """The folder that a slug or a path names. Raises `RuleViolation` where there is none."""
    for folder in (DATA / "regions" / place, Path(place)):
        if (folder / "region.yaml").is_file():
            return folder
    known = ", ".join(sorted(p.parent.name for p in DATA.glob("regions/*/region.yaml")))
    raise RuleViolation(
        _("There is no region.yaml in %(place)s. Give a folder, or one of: %(known)s.")
        % {"place": place, "known": known}
    )


def read_region(folder: Path) -> RegionFiles:
    """All files of the folder. Raises `RuleViolation` with every fault found, each with its file and key."""
    region = _read(folder / "region.yaml")
    found = list(_told("region.yaml", faults(region, _schema("region"))))
    tenders: dict[str, Document] = {}
    for path in sorted((folder / "tenders").glob("*.yaml")):
        name = f"tenders/{path.name}"
        document = _read(path)
        wrong = list(_told(name, faults(document, _schema("tender"))))
        if not found and not wrong:
            wrong = [f"{name}: {text}" for text in _strays(document, region)]
        found += wrong
        tenders[name] = document
    if found:
        raise RuleViolation("\n".join(found))
    return RegionFiles(region, tenders)


@cache
def _schema(name: str) -> Document:
    schema: Document = json.loads((DATA / "schema" / f"{name}.schema.json").read_text(encoding="utf-8"))
    return schema


def _read(path: Path) -> Document:
    """The file as JSON would give it: dates as ISO text."""
    if not path.is_file():
        raise RuleViolation(_("%(file)s does not exist.") % {"file": path.name})
    try:
        parsed = yaml.safe_load(path.read_text(encoding="utf-8"))
        document: Document = json.loads(json.dumps(parsed, default=lambda value: value.isoformat()))
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        text = _("%(file)s, line %(line)d: this is not valid YAML (%(problem)s).")
        raise RuleViolation(text % {"file": path.name, "line": line, "problem": error.problem or ""}) from error
    except (yaml.YAMLError, UnicodeDecodeError, AttributeError) as error:
        raise RuleViolation(_("%(file)s: this is not valid YAML in UTF-8.") % {"file": path.name}) from error
    return document


def _told(file: str, found: list[Fault]) -> Iterator[str]:
    """Each fault as a line of plain words."""
    texts = {
        "required": _("this key is missing"),
        "additionalProperties": _("this key is not known"),
        "anyOf": _("this is none of the forms allowed here"),
        "minLength": _("this is empty"),
        "minItems": _("at least %(wanted)s needed"),
        "maxItems": _("at most %(wanted)s allowed"),
        "minimum": _("must be %(wanted)s or more"),
        "format": _("this is not a date (write it as 2021-04-01)"),
        "enum": _("must be one of: %(wanted)s"),
        "const": _("must be: %(wanted)s"),
        "type": _("must be of the kind: %(wanted)s"),
        "pattern": _("must be written as %(wanted)s"),
    }
    for fault in found:
        yield f"{file}: {fault.key or '-'}: {texts[fault.rule] % {'wanted': fault.wanted}}"


def _strays(document: Document, region: Document) -> Iterator[str]:
    """Names that lead nowhere, names used twice, and numbers that cannot be."""
    lots = [lot["slug"] for lot in document["lots"]]
    segments = [segment["slug"] for segment in document["segments"]]
    towns = {town["slug"] for town in region["municipalities"]}
    yield from _twice("lots", lots)
    yield from _twice("segments", segments)
    yield from _twice("milestones", [row["code"] for row in document["milestones"]])
    yield from _twice("phases", [row["number"] for row in document["phases"]])
    for number, segment in enumerate(document["segments"]):
        if segment["lot"] not in lots:
            yield _no_such(f"segments[{number}].lot", segment["lot"])
    for slug in segments:
        given = document["participation"].get(slug)
        if given is None:
            yield f"participation.{slug}: " + _("this key is missing")
            continue
        yield from (_no_such(f"participation.{slug}", town) for town in sorted(set(given) - towns))
        missing = sorted(towns - set(given))
        yield from (f"participation.{slug}.{town}: " + _("this key is missing") for town in missing)
    yield from (_no_such("participation", slug) for slug in document["participation"] if slug not in segments)
    if (document["tender"]["openers_required"] or 2) < 2:
        yield "tender.openers_required: " + _("two people or more open a vault")
    for stage, content in document["rounds"].items():
        yield from _round_strays(f"rounds.{stage}", stage, content, segments)


def _round_strays(key: str, stage: str, content: Document, segments: list[str]) -> Iterator[str]:
    codes = [criterion["code"] for criterion in content["criteria"]]
    if content["stage"] != stage:
        yield f"{key}.stage: " + _("must be: %(wanted)s") % {"wanted": stage}
    yield from _twice(f"{key}.criteria", codes)
    yield from _twice(f"{key}.requirements", [row["code"] for row in content["requirements"]])
    yield from (_no_such(f"{key}.tie_break", code) for code in content["tie_break"] if code not in codes)
    for number, question in enumerate(content["questions"]):
        where = f"{key}.questions[{number}]"
        if question["segment"] not in ("all", "once", *segments):
            yield _no_such(f"{where}.segment", question["segment"])
        if question["criterion"] is not None and question["criterion"] not in codes:
            yield _no_such(f"{where}.criterion", question["criterion"])
    for number, requirement in enumerate(content["requirements"]):
        if not requirement["general"] and requirement["segment"] not in segments:
            yield _no_such(f"{key}.requirements[{number}].segment", requirement["segment"])


def _no_such(key: str, name: object) -> str:
    return f"{key}: " + _("%(name)s does not exist in these files") % {"name": name}


def _twice(key: str, names: list[Any]) -> Iterator[str]:
    for name in sorted({str(n) for n in names if names.count(n) > 1}):
        yield f"{key}: " + _("%(name)s stands here twice") % {"name": name}
