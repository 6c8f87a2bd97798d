"""The pages of the register, of changes of subcontractors and of the contract itself, each with who may see it."""

from __future__ import annotations

from collections.abc import Iterator

from django.urls import reverse

from contracts.enums import ChangeKind, ChangeStatus, ContractStatus
from contracts.models import ChangeAdvice, Contract, RegisterVersion, Subcontractor, SubcontractorChange
from tests.e2e.visiting import VISITOR, Visit, member, newest, press

CLM, LEAD = "clm@demo.example", "lead@demo.example"
OWN = "contractor__memberships__user__email__endswith"
DEMO = "@demo.example"
ASK = "Naar Team CLM sturen"
LIST = "admin:contracts_subcontractorchange_changelist"


def desks() -> Iterator[Visit]:
    """One visit for each kind of page that the others do not visit; empty and refused ones too."""
    yield from _register()
    yield from _changes()
    yield from _desk()
    yield from _contract()


def _register() -> Iterator[Visit]:
    for name, query in (("gezocht", "zoek=stichting"), ("gemeente", "gemeente=winterswijk"), ("leeg", "zoek=niemand")):
        yield Visit(VISITOR, f"register-{name}", f"/register/?{query}")
    yield Visit(VISITOR, "register-verkeerde-keuze", "/register/?segment=bestaat-niet&gemeente=nergens")
    yield Visit(VISITOR, "register-verkeerde-versie", "/register/versies/2024-02-31/")
    first, *_between, last = RegisterVersion.objects.exclude(digest="").dates("date", "day")
    yield Visit(VISITOR, "register-groot-verschil", f"/register/verschil/{first}/{last}/")


def _changes() -> Iterator[Visit]:
    """What the contractor asks, and what it reads of it."""
    of_demo = {f"contract__{OWN}": DEMO, "contract__status": ContractStatus.ACTIVE}
    working = newest(Subcontractor, end=None, **of_demo)
    who, keys = member(working.contract.contractor), [working.contract_id, working.pk]
    yield Visit(who, "onderaannemer-stoppen", reverse("contracts:change_stop", args=keys), press(ASK))
    yield Visit(who, "onderaannemer-ander-werk", reverse("contracts:change_edit", args=keys), press(ASK))
    decided = SubcontractorChange.objects.filter(**{f"contract__{OWN}": DEMO}).exclude(decided_at=None)
    for change in decided.filter(status__in=(ChangeStatus.REFUSED, ChangeStatus.CONDITIONAL)):
        path = reverse("contracts:change", args=[change.contract_id, change.pk])
        yield Visit(member(change.contract.contractor), f"wijziging-{change.status}", path)


def _desk() -> Iterator[Visit]:
    """Team CLM's list and page, and what a municipality advises."""
    yield Visit(CLM, "verzoeken-leeg", f"{reverse(LIST)}?q=niemand")
    yield Visit(CLM, "verzoeken-gezocht", f"{reverse(LIST)}?status__exact={ChangeStatus.APPROVED}")
    for kind, name in ((ChangeKind.STOP, "stoppen"), (ChangeKind.CHANGE, "ander-werk")):
        change = newest(SubcontractorChange, kind=kind)
        path = reverse("admin:contracts_subcontractorchange_change", args=[change.pk])
        yield Visit(CLM, f"verzoek-{name}", path)
    yield Visit(f"college.aalten{DEMO}", "adviezen-leeg", reverse("contracts:advices"))
    asked = ChangeAdvice.objects.filter(outcome="").first()
    if asked is not None:
        who = f"college.{asked.municipality.slug}{DEMO}"
        yield Visit(who, "adviezen", reverse("contracts:advices"))
        path = reverse("contracts:advice", args=[asked.pk])
        yield Visit(who, "advies", path, press("Advies naar Team CLM sturen"))


def _contract() -> Iterator[Visit]:
    """Its parties, promises, amendments, and how it stood on a day."""
    contract = newest(Contract, status=ContractStatus.ACTIVE, **{OWN: DEMO})
    who = member(contract.contractor)
    for name, title in (
        ("promises", "toezeggingen"), ("amendments", "contractwijzigingen"), ("contract_on", "contract-op-een-dag"),
    ):  # fmt: skip
        yield Visit(who, title, reverse(f"contracts:{name}", args=[contract.pk]))
    path = reverse("contracts:contract_on", args=[contract.pk])
    yield Visit(CLM, "contract-op-een-verkeerde-dag", f"{path}?op=1800-01-01")
    consortium = Contract.objects.exclude(consortium=None).filter(status=ContractStatus.ACTIVE).earliest("pk")
    yield Visit(CLM, "contract-van-combinatie", reverse("contracts:contract", args=[consortium.pk]))
    changed = Contract.objects.exclude(amendments=None).earliest("pk").amendments.all()[0]
    path = reverse("contracts:amendment", args=[changed.contract_id, changed.sequence])
    yield Visit(CLM, "contractwijziging", path)
