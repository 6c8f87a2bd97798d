"""What the API takes and gives. Contracts have the form of the register's files (`domain/register_json.py`)."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Any, Literal

from ninja import Schema
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

KVK = r"^[0-9]{8}$"
SLUG = r"^[-a-zA-Z0-9_]+$"


WRITTEN = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


def _as_written(value: Any) -> Any:
    """A day as the document says it is written (RFC 3339); pydantic by itself takes a number of seconds too."""
    if isinstance(value, str) and not WRITTEN.fullmatch(value):
        raise ValueError("Write a day that exists, such as 2024-06-27.")
    return value


Day = Annotated[date, BeforeValidator(_as_written)]


class Filters(Schema):
    """What the register is narrowed by."""

    op: Day | None = Field(None, description="The day of the register; without it today.")
    segment: str | None = Field(None, max_length=80, pattern=SLUG, description="The short name of a segment.")
    municipality: str | None = Field(None, max_length=50, pattern=SLUG, description="The short name of a municipality.")
    search: str = Field("", max_length=100, description="Part of the name of a partner, a member or a subcontractor.")


class Paging(Schema):
    """Which part of a list."""

    page: int = Field(1, ge=1, le=100_000, description="The page, from 1.")
    page_size: int = Field(20, ge=1, le=100, alias="pageSize", description="How many on a page.")


class OneDay(Schema):
    """On which day."""

    op: Day | None = Field(None, description="The day of the register; without it today.")


class TwoVersions(Schema):
    """Which two versions are compared."""

    first: Day = Field(alias="from", description="The date of the first version.")
    second: Day = Field(alias="to", description="The date of the second version.")


class _Given(BaseModel):
    model_config = ConfigDict(populate_by_name=True)


class Named(_Given):
    slug: str
    name: str


class TenderName(_Given):
    slug: str
    title: str


class Days(_Given):
    since: date = Field(alias="from", description="The first day.")
    until: date | None = Field(description="The last day; null: as long as the contract.")


class Organisation(_Given):
    name: str
    legal_form: str
    kvk_number: str
    agb_code: str
    city: str
    website: str
    phone: str


class Party(Organisation, Days):
    lead: bool


class Subcontractor(Organisation, Days):
    part_of_work: str
    subsegments: list[Named]


class Municipality(Named, Days):
    region: str


class Registration(_Given):
    """One contract on one day."""

    number: str
    partner: str
    consortium: str | None
    parties: list[Party]
    region: str
    tender: TenderName
    lot: str
    segment: Named
    subsegments: list[Named]
    municipalities: list[Municipality]
    since: date = Field(alias="from")
    until: date
    subcontractors: list[Subcontractor]


class Work(Days):
    """What an organisation does in one contract."""

    contract: str
    partner: str
    segment: Named
    role: Literal["contractor", "lead", "member", "subcontractor"]
    part_of_work: str


class Provider(Organisation):
    """An organisation with all it does on one day."""

    registrations: list[Work]


class VersionLinks(_Given):
    self: str
    page: str
    json_file: str | None = Field(alias="json")
    csv: str | None
    xlsx: str | None


class Version(_Given):
    """A version of the register. `kept`: its day is over, and it stays as it is."""

    date: date
    note: str
    kept: bool
    digest: str | None
    links: VersionLinks


class Links(_Given):
    """Addresses of this page and the ones around it."""

    self: str
    first: str
    prev: str | None
    next: str | None
    last: str


class Page(_Given):
    page: int
    page_size: int
    total: int
    links: Links


class Registrations(Page):
    on: date
    results: list[Registration]


class Providers(Page):
    on: date
    results: list[Provider]


class Versions(Page):
    results: list[Version]


class ContractorFact(_Given):
    contract: str
    segment: str
    partner: str
    kvk_number: str
    name: str


class SubcontractorFact(ContractorFact):
    part_of_work: str


class MunicipalityFact(_Given):
    contract: str
    segment: str
    partner: str
    slug: str
    name: str


class ContractorSides(_Given):
    added: list[ContractorFact]
    ended: list[ContractorFact]


class SubcontractorSides(_Given):
    added: list[SubcontractorFact]
    ended: list[SubcontractorFact]


class MunicipalitySides(_Given):
    added: list[MunicipalityFact]
    ended: list[MunicipalityFact]


class Run(_Given):
    """A contract with another last day."""

    contract: str
    segment: str
    partner: str
    until_before: date
    until_after: date


class Difference(_Given):
    """Who came and who went between two versions."""

    since: date = Field(alias="from")
    to: date
    contractors: ContractorSides
    subcontractors: SubcontractorSides
    municipalities: MunicipalitySides
    runs: list[Run]
