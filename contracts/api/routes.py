"""The questions that the API answers."""

from __future__ import annotations

from datetime import date
from typing import Any, cast

from django.http import HttpRequest
from django.urls import reverse
from ninja import Query, Router
from ninja.errors import HttpError
from ninja.params.functions import Path

from contracts.api import schemas
from contracts.api.gate import ApiRequest
from contracts.api.paging import page_of
from contracts.domain.register import Register, narrowed
from contracts.domain.register_difference import difference_json
from contracts.domain.register_json import contract_json
from contracts.domain.register_providers import provider_json, providers
from contracts.models import RegisterVersion
from contracts.selectors import register_versions as versions
from contracts.selectors.register_stamp import State, register_at

router = Router(by_alias=True)
DAY = Path(..., alias="date", description="The date of the version.")
NUMBER = Path(..., description="The contract number.")
KVK_NUMBER = Path(..., alias="kvkNumber", pattern=schemas.KVK, description="The KvK number: eight digits.")


def _state(request: HttpRequest) -> State:
    return cast(ApiRequest, request).register_state


def _register(request: HttpRequest, op: date | None) -> Register:
    state = _state(request)
    return register_at(op or state.today, state)


def _kept(filters: schemas.Filters, *, search: bool = True) -> dict[str, str]:
    found = {"segment": filters.segment or "", "municipality": filters.municipality or ""}
    return {**found, "search": filters.search or ""} if search else found


@router.get(
    "/registrations", response=schemas.Registrations, tags=["register"], url_name="api_registrations",
    summary="Contracts on a day", description="The contracts in force on a day, by tender, segment and name.",
)  # fmt: skip
def registrations(request: HttpRequest, filters: Query[schemas.Filters], paging: Query[schemas.Paging]) -> Any:
    found = narrowed(_register(request, filters.op), **_kept(filters))
    return page_of(request, found.contracts, paging, contract_json, on=found.on)


@router.get(
    "/registrations/{number}", response=schemas.Registration, tags=["register"], url_name="api_registration",
    summary="One contract on a day", description="A contract by its number, as it stood on a day.",
)  # fmt: skip
def registration(request: HttpRequest, day: Query[schemas.OneDay], number: str = NUMBER) -> Any:
    for line in _register(request, day.op).contracts:
        if line.number == number:
            return contract_json(line)
    raise HttpError(404, "There is no such contract in the register on this day.")


@router.get(
    "/providers", response=schemas.Providers, tags=["register"], url_name="api_providers",
    summary="Organisations on a day",
    description="Contractors, members of consortia and subcontractors by name, each with all it does on a day.",
)  # fmt: skip
def provider_list(request: HttpRequest, filters: Query[schemas.Filters], paging: Query[schemas.Paging]) -> Any:
    register = narrowed(_register(request, filters.op), **_kept(filters, search=False))
    found = providers(register, filters.search or "")
    return page_of(request, found, paging, provider_json, on=register.on)


@router.get(
    "/providers/{kvkNumber}", response=schemas.Provider, tags=["register"], url_name="api_provider",
    summary="One organisation on a day", description="An organisation by its KvK number, with all it does on a day.",
)  # fmt: skip
def provider(request: HttpRequest, day: Query[schemas.OneDay], kvk_number: str = KVK_NUMBER) -> Any:
    for one in providers(_register(request, day.op)):
        if one.party.kvk_number == kvk_number:
            return provider_json(one)
    raise HttpError(404, "This organisation is not in the register on this day.")


@router.get(
    "/versions", response=schemas.Versions, tags=["versions"], url_name="api_versions",
    summary="Versions of the register", description="The versions that were published up to today, newest first.",
)  # fmt: skip
def version_list(request: HttpRequest, paging: Query[schemas.Paging]) -> Any:
    found = list(versions.versions_until(_state(request).today))
    return page_of(request, found, paging, lambda one: _version(request, one))


@router.get(
    "/versions/{date}", response=schemas.Version, tags=["versions"], url_name="api_version",
    summary="One version", description="A version by its date, with its files at addresses that stay.",
)  # fmt: skip
def version(request: HttpRequest, day: schemas.Day = DAY) -> Any:
    return _version(request, _found(request, day))


@router.get(
    "/versions/{date}/registrations", response=schemas.Registrations, tags=["versions"],
    url_name="api_version_registrations", summary="Contracts of a version",
    description="The contracts as they were kept with a version.",
)  # fmt: skip
def version_registrations(request: HttpRequest, paging: Query[schemas.Paging], day: schemas.Day = DAY) -> Any:
    register = versions.register_of(_found(request, day))
    return page_of(request, register.contracts, paging, contract_json, on=register.on)


@router.get(
    "/differences", response=schemas.Difference, tags=["versions"], url_name="api_differences",
    summary="What differs between two versions",
    description="Contractors, subcontractors and municipalities that are new or no longer there.",
)  # fmt: skip
def differences(request: HttpRequest, asked: Query[schemas.TwoVersions]) -> Any:
    first, second = _found(request, asked.first), _found(request, asked.second)
    return difference_json(versions.difference_between(first, second))


def _found(request: HttpRequest, day: date) -> RegisterVersion:
    found = versions.version_at(day, _state(request).today)
    if found is None:
        raise HttpError(404, f"There is no version of {day.isoformat()}. See the list of versions.")
    return found


def _version(request: HttpRequest, found: RegisterVersion) -> dict[str, Any]:
    day = found.date.isoformat()

    def address(name: str) -> str:
        return request.build_absolute_uri(reverse(f"contracts:{name}", args=[day]))

    files = {ending: address(f"register_version_{ending}") for ending in versions.ENDINGS}
    return {
        "date": found.date,
        "note": found.note,
        "kept": found.is_kept,
        "digest": found.digest or None,
        "links": {
            "self": address("api_version"),
            "page": address("register_version"),
            **(files if found.is_kept else dict.fromkeys(files)),
        },
    }
