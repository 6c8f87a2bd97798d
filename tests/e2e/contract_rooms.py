"""The pages of contracts that live: options, results, evaluations, money and transitions, each with who may see it."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Count
from django.urls import reverse

from contracts.enums import ContractStatus, ReportStatus, TermStatus, TransitionStatus
from contracts.models import (
    Contract,
    ContractTerm,
    InterimEvaluation,
    LumpsumAmount,
    ResultReport,
    TransitionArrangement,
)
from tests.e2e.visiting import Visit, member, newest, press, typed

CLM, LEAD, AUDITOR = (f"{name}@demo.example" for name in ("clm", "lead", "auditor"))
OWN = "contractor__memberships__user__email__endswith"
DEMO = "@demo.example"


def lives() -> Iterator[Visit]:
    """One visit for each kind of page, with all that the demo holds; forms also in their error state."""
    yield from _options()
    yield from _results()
    yield from _money()
    yield from _transitions()
    yield from _members()


def _options() -> Iterator[Visit]:
    yield Visit(CLM, "opties", reverse("contracts:options"), press("Besluit vastleggen"))
    said = ContractTerm.objects.filter(status=TermStatus.OPEN).annotate(said=Count("college_decisions"))
    ready = said.order_by("-said", "pk")[0]
    path = reverse("contracts:option", args=[ready.pk])
    yield Visit(CLM, "optie", path, press("Rond het besluit af en verstuur de brief"))
    place = ready.college_decisions.all()[0].municipality
    segment = f"{reverse('contracts:options')}?segment={ready.contract.segment.slug}"
    yield Visit(f"college.{place.slug}{DEMO}", "opties-college", segment)


def _results() -> Iterator[Visit]:
    yield Visit(CLM, "resultaten", reverse("contracts:results_home"))
    contract = newest(Contract, status=ContractStatus.ACTIVE, **{OWN: DEMO})
    yield Visit(LEAD, "resultaten-segment", reverse("contracts:results_segment", args=[contract.segment_id]))
    place = contract.contract_municipalities.first().municipality
    path = reverse("contracts:results_place", args=[place.pk])
    yield Visit(f"college.{place.slug}{DEMO}", "resultaten-gemeente", path)
    yield Visit(member(contract.contractor), "resultaten-contract", reverse("contracts:results", args=[contract.pk]))
    due = newest(ResultReport, status=ReportStatus.RETURNED, **{f"contract__{OWN}": DEMO})
    who = member(due.contract.contractor)
    path = reverse("contracts:report", args=[due.contract_id, due.year, due.quarter])
    yield Visit(who, "rapportage", path, typed("input[inputmode=decimal]", "-400", "Dien de rapportage in"))
    yield Visit(who, "cijfers-uit-bestand", reverse("contracts:results_import"), press("Neem de cijfers over"))
    yield Visit(CLM, "tussenevaluaties", reverse("contracts:evaluations"), press("Open de evaluatie"))
    said = newest(InterimEvaluation, **{f"contract__{OWN}": DEMO})
    yield Visit(AUDITOR, "tussenevaluatie", reverse("contracts:evaluation", args=[said.contract_id, said.year]))


def _money() -> Iterator[Visit]:
    yield Visit(CLM, "betalingen", reverse("contracts:payments"), press("Maak het bestand"))
    yield Visit(CLM, "lumpsums-uit-bestand", reverse("contracts:lumpsums_import"), press("Neem de bedragen over"))
    amount = newest(LumpsumAmount, **{f"contract__{OWN}": DEMO})
    contract = amount.contract
    yield Visit(member(contract.contractor), "geld", reverse("contracts:money", args=[contract.pk]))
    yield Visit(CLM, "geld-clm", reverse("contracts:money", args=[contract.pk]))
    path = reverse("contracts:money_year", args=[contract.pk, amount.year])
    yield Visit(CLM, "geld-jaar", path, typed("input[inputmode=decimal]", "-5", "Bewaar de bedragen"))
    path = reverse("contracts:money_correct", args=[contract.pk, amount.pk])
    yield Visit(CLM, "geld-correctie", path, typed("input[inputmode=decimal]", "weinig", "Leg de correctie vast"))
    path = reverse("contracts:money_tariffs", args=[contract.pk])
    yield Visit(CLM, "tarieven", path, typed("input[inputmode=decimal]", "0", "Bewaar het tarief"))


def _members() -> Iterator[Visit]:
    """Who joins, who leaves and what share each has: of a consortium."""
    consortium = Contract.objects.exclude(consortium=None).filter(status=ContractStatus.ACTIVE).earliest("pk")
    path = reverse("contracts:amendment_members", args=[consortium.pk])
    yield Visit(CLM, "combinatie-wijzigen", path, typed("[name^=aandeel]", "-5", "Bewaren als concept"))


def _transitions() -> Iterator[Visit]:
    yield Visit(CLM, "overgangen", reverse("contracts:transitions"))
    running = newest(TransitionArrangement, status=TransitionStatus.AGREED)
    path = reverse("contracts:transition", args=[running.pk])
    yield Visit(CLM, "overgang", path, typed("[name=handed_over]", "100000", "Bewaar de telling"))
