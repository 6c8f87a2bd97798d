"""What both sides agreed: shares in a consortium, promises of the bid, and who took over or left."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from contracts.enums import Direction
from contracts.models import Contract, ContractParty, Indicator, Obligation, SegmentIndicator
from contracts.services.demo.files import Document
from contracts.services.demo.years.base import Run, Years, months_after

_DAY = timedelta(days=1)
PROMISES = 4


def give_reasons(years: Years) -> None:
    """Why they run longer than four years (Aw 2.140(3))."""
    reason = years.tender.framework_motivation or years.said["long_term_reason"]
    Contract.objects.filter(pk__in=[run.contract.pk for run in years.runs]).update(long_term_reason=reason)


def set_shares(years: Years) -> None:
    """The shares of the members of each consortium."""
    names = {party.consortium.pk: key for key, party in years.parties.items() if party.consortium is not None}
    rows = []
    for run in years.runs:
        if run.contract.consortium_id is None:
            continue
        shares = years.said["shares"][names[run.contract.consortium_id]]
        owned = {years.parties[key].organisation.pk: Decimal(share) for key, share in shares.items()}
        for party in run.contract.parties.all():
            party.share = owned[party.organisation_id]
            rows.append(party)
    ContractParty.objects.bulk_update(rows, ["share"])


def change_parties(years: Years) -> None:
    """A member that left, after which the others divide anew; and a contract that went to another contractor."""
    for row in years.said["departures"]:
        if row["last_day"] < years.today:
            _divide(years, row)
    for row in years.said["replacements"]:
        if row["from"] <= years.today:
            _replace(years, row)
    years.again()


def _divide(years: Years, row: Document) -> None:
    contract = years.by_number[row["contract"]].contract
    first: date = row["last_day"] + _DAY
    leads = set(contract.parties.filter(is_lead=True).values_list("organisation", flat=True))
    contract.parties.filter(end=None).update(end=row["last_day"])
    owned = {years.parties[key].organisation.pk: share for key, share in row["shares"].items()}
    ContractParty.objects.bulk_create(
        ContractParty(
            contract=contract, organisation_id=pk, is_lead=pk in leads, share=Decimal(share), start=first
        )
        for pk, share in owned.items()
    )  # fmt: skip


def _replace(years: Years, row: Document) -> None:
    contract = years.by_number[row["contract"]].contract
    successor = years.parties[row["successor"]].organisation
    contract.parties.filter(end=None).update(end=row["from"] - _DAY)
    ContractParty.objects.create(
        contract=contract, organisation=successor, is_lead=True, share=Decimal(100), start=row["from"]
    )
    Contract.objects.filter(pk=contract.pk).update(contractor=successor)


def take_over_promises(years: Years) -> None:
    """Of each contract some of what was promised in the bids, with a figure where it can be counted."""
    indicators = {one.code: one for one in Indicator.objects.filter(region=years.tender.region_id)}
    asked = SegmentIndicator.objects.filter(segment__tender=years.tender).select_related("indicator", "segment")
    norms = {(row.segment.slug, row.indicator.code): row.norm for row in asked}
    rows = []
    for run in years.runs:
        counted = [promise for promise in years.said["obligations"] if "indicator" in promise]
        others = [promise for promise in years.said["obligations"] if "indicator" not in promise]
        dice = run.dice("promises")
        chosen = counted + dice.sample(others, PROMISES - len(counted))
        for number, said in enumerate(chosen, start=1):
            indicator = indicators.get(said.get("indicator", ""))
            norm = norms.get((run.segment, said.get("indicator", "")))
            rows.append(_promise(years, run, number, said, indicator, norm))
    Obligation.objects.bulk_create(rows)


def _promise(
    years: Years, run: Run, number: int, said: Document, indicator: Indicator | None, norm: Decimal | None
) -> Obligation:
    row = Obligation(
        contract=run.contract, sequence=number, promise=said["promise"], source=said["source"], indicator=indicator
    )
    if indicator is not None and norm is not None:
        better = Decimal(said["better"])
        row.target = norm + better if indicator.direction == Direction.HIGHER else norm - better
    if "after_months" in said:
        row.due_on = months_after(run.contract.start, said["after_months"])
        done = row.due_on - run.dice(f"promise {number}").randint(-40, 60) * _DAY
        row.met_on = done if done <= years.today else None
    return row
