"""Amendments of the contracts: indexation each year, small changes below 10%, and other parties."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import F

from contracts.domain.money import to_cents
from contracts.enums import AmendmentKind, AmendmentStatus, LegalGround
from contracts.models import Amendment
from contracts.services.demo.files import Document
from contracts.services.demo.years.base import Run, Years, at, workday

SIGNED_BEFORE, MADE_BEFORE = timedelta(days=20), timedelta(days=21)


def amend(years: Years) -> None:
    """All of them, numbered in each contract by the day on which they begin."""
    found = [*_indexations(years), *_small_changes(years), *_other_parties(years)]
    found.sort(key=lambda row: (row.contract.number, row.effective_on))
    numbers: dict[int, int] = defaultdict(int)
    for row in found:
        numbers[row.contract_id] += 1
        row.sequence = numbers[row.contract_id]
    made = Amendment.objects.bulk_create(found)
    signed = Amendment.objects.filter(pk__in=[row.pk for row in made], status=AmendmentStatus.SIGNED)
    signed.update(made_at=F("signed_at") - MADE_BEFORE)


def _amendment(years: Years, run: Run, said: Document, on: date, *, signed: bool = True) -> Amendment:
    return Amendment(
        contract=run.contract, kind=AmendmentKind.TEXT, ground=LegalGround.CLAUSE, title=said["title"],
        description=said.get("description") or said["title"], reason=said["reason"], effective_on=on,
        status=AmendmentStatus.SIGNED if signed else AmendmentStatus.DRAFT,
        signed_at=at(workday(on - SIGNED_BEFORE)) if signed else None, made_by=years.clm,
    )  # fmt: skip


def _indexations(years: Years) -> list[Amendment]:
    """Of each contract that is paid in money of the file, each year that it runs from the first of January on."""
    said = years.said["indexation"]
    paid = {*years.said["money"]["lumpsums"], *(row["segment"] for row in years.said["money"]["tariffs"])}
    rows = []
    for run in years.runs:
        for year, percentage in said["percentages"].items():
            first = date(year, 1, 1)
            if run.segment not in paid or not run.contract.start < first <= min(run.last, years.today):
                continue
            row = _amendment(years, run, {**said, "title": f"{said['title']} {year}"}, first)
            row.kind, row.percentage, row.year = AmendmentKind.INDEXATION, Decimal(percentage), year
            rows.append(row)
    return rows


def _small_changes(years: Years) -> list[Amendment]:
    """Their sum stays below 10% of the value at the start (Aw 2.163b)."""
    rows = []
    for said in years.said["small_changes"]:
        run = years.by_number[said["contract"]]
        if said["from"] > run.last or (said["signed"] and said["from"] > years.today):
            continue
        row = _amendment(years, run, said, said["from"], signed=said["signed"])
        row.kind, row.ground = AmendmentKind.SCOPE, LegalGround.DE_MINIMIS
        row.value_change = to_cents((run.contract.initial_value or Decimal(0)) * Decimal(said["part"]))
        rows.append(row)
    return rows


def _other_parties(years: Years) -> list[Amendment]:
    rows = []
    for said in years.said["departures"]:
        if said["last_day"] < years.today:
            rows.append(
                _amendment(years, years.by_number[said["contract"]], said, said["last_day"] + timedelta(days=1))
            )
    for said in years.said["replacements"]:
        if said["from"] <= years.today:
            row = _amendment(years, years.by_number[said["contract"]], said, said["from"])
            row.kind, row.ground = AmendmentKind.REPLACEMENT, LegalGround.REPLACEMENT
            row.successor = years.parties[said["successor"]].organisation
            rows.append(row)
    return rows
