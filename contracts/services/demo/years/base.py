"""What all parts of the years work from: the contracts with their run, and figures that are the same in every demo."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property
from random import Random

from django.utils import timezone

from achterhoek.accounts.models import User
from achterhoek.region.models import Municipality
from contracts.models import Contract, ContractMunicipality
from contracts.rules import last_day_of
from contracts.services.demo.files import Document
from contracts.services.demo.people import Party
from procurement.models import Tender


@dataclass(frozen=True)
class Run:
    """A contract, its last day, where it runs, and who speaks for the contractor."""

    contract: Contract
    last: date
    places: tuple[ContractMunicipality, ...]
    signer: User

    @property
    def number(self) -> str:
        return self.contract.number

    @property
    def segment(self) -> str:
        return self.contract.segment.slug

    def dice(self, topic: str) -> Random:
        """The same throws in every demo: of this contract and this topic."""
        return Random(f"{self.number} {topic}")  # noqa: S311


@dataclass
class Years:
    """The contracts of a finished tender, and `said`: the data file of what happened to them."""

    said: Document
    tender: Tender
    contracts: list[Contract]
    parties: dict[str, Party]
    people: dict[str, User]
    today: date

    @property
    def clm(self) -> User:
        return self.people["clm@demo.example"]

    @cached_property
    def towns(self) -> dict[str, Municipality]:
        return {town.slug: town for town in Municipality.objects.filter(region=self.tender.region_id)}

    @cached_property
    def runs(self) -> list[Run]:
        """All contracts in the order of their numbers, in a fixed number of queries."""
        rows = Contract.objects.filter(pk__in=[one.pk for one in self.contracts]).order_by("number")
        rows = rows.select_related("segment", "contractor", "consortium").prefetch_related(
            "terms", "contract_municipalities__municipality", "subsegments", "parties__organisation"
        )
        speakers = {party.organisation.pk: party.signer for party in self.parties.values()}
        return [
            Run(one, last_day_of(one), tuple(one.contract_municipalities.all()), speakers[one.contractor_id])
            for one in rows
        ]

    @cached_property
    def by_number(self) -> dict[str, Run]:
        return {run.number: run for run in self.runs}

    def again(self) -> None:
        """Forget what was read: the contracts have changed since."""
        self.__dict__.pop("runs", None)
        self.__dict__.pop("by_number", None)


def at(day: date, hour: int = 10) -> datetime:
    """This hour of that day."""
    return timezone.make_aware(datetime.combine(day, time(hour)))


def months_after(day: date, months: int) -> date:
    """The same day so many months later; the 28th at most."""
    month = day.month - 1 + months
    return date(day.year + month // 12, month % 12 + 1, min(day.day, 28))


def workday(day: date) -> date:
    """This day, or the Friday before a weekend."""
    return day - timedelta(days=max(day.weekday() - 4, 0))
