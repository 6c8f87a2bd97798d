"""How care went on where contracts ended: arrangements a municipality, and how many clients were handed over when."""

from __future__ import annotations

from datetime import timedelta

from contracts.enums import ContractStatus, TransitionStatus
from contracts.models import TransitionArrangement, TransitionCount
from contracts.services.demo.years.base import Run, Years, at

_DAY = timedelta(days=1)
STEPS = (0.35, 0.7, 1.0)


def hand_over(years: Years) -> None:
    """Of each contract that ended without an extension: most handed over, some not yet, one without a successor."""
    said = years.said["transitions"]
    ended = [
        run for run in years.runs
        if run.segment in said["segments"] and run.contract.status == ContractStatus.ENDED
    ]  # fmt: skip
    rows = TransitionArrangement.objects.bulk_create(row for run in ended for row in _arrangements(years, run))
    TransitionArrangement.objects.filter(pk__in=[row.pk for row in rows]).update(
        made_at=at(said["due_on"]) - 270 * _DAY
    )
    TransitionCount.objects.bulk_create(count for row in rows for count in _counts(years, row))


def _arrangements(years: Years, run: Run) -> list[TransitionArrangement]:
    said = years.said["transitions"]
    dice = run.dice("transition")
    others = [
        one for one in years.runs
        if one.segment == said["successors"][run.segment] and one.contract.contractor_id != run.contract.contractor_id
    ]  # fmt: skip
    rows = []
    for number, place in enumerate(dice.sample(run.places, said["places"])):
        known = number or dice.random() < 0.9
        done = known and dice.random() < 0.93
        rows.append(
            TransitionArrangement(
                old_contract=run.contract, new_contract=dice.choice(others).contract if known else None,
                municipality=place.municipality, clients=dice.randint(3, 24),
                arrangement=dice.choice(said["arrangements"]) if known else said["unknown"], due_on=said["due_on"],
                status=TransitionStatus.DONE if done else TransitionStatus.AGREED, made_by=years.clm,
            )
        )  # fmt: skip
    return rows


def _counts(years: Years, row: TransitionArrangement) -> list[TransitionCount]:
    """At the end of June, September and December: all handed over where it is done, and otherwise not quite."""
    found = []
    for number, part in enumerate(STEPS):
        on = row.due_on - (len(STEPS) - 1 - number) * timedelta(days=92)
        if on > years.today or (row.new_contract_id is None and part == STEPS[-1]):
            continue
        whole = row.status == TransitionStatus.DONE
        told = round(row.clients * part) if whole else int(row.clients * part * 0.75)
        found.append(TransitionCount(arrangement=row, on=on, handed_over=told, told_by=years.clm, told_at=at(on)))
    return found
