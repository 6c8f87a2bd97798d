"""Changes of subcontractors of the last months, in every state, asked and judged through the services themselves."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

from django.core.files.uploadedfile import SimpleUploadedFile

from achterhoek.clock import database_today
from achterhoek.documents.services import PDF
from contracts.enums import AdviceOutcome, ContractStatus, EvidenceKind
from contracts.models import Contract, SubcontractorChange
from contracts.services.change_decisions import decide_change, meet_condition
from contracts.services.change_evidence import hold_evidence
from contracts.services.change_talk import answer_question, ask_advice, ask_question, give_advice
from contracts.services.demo.files import Document
from contracts.services.demo.pdf import small_pdf
from contracts.services.demo.plan import Plan
from contracts.services.demo.years.base import Run, Years
from contracts.services.letters import make_letters
from contracts.services.subcontractors import request_change, withdraw_change

EVIDENCE = {
    EvidenceKind.SELF_DECLARATION: ("Eigen verklaring", "Geen uitsluitingsgrond is op ons van toepassing."),
    EvidenceKind.KVK_EXTRACT: ("Uittreksel", "De organisatie staat ingeschreven bij de Kamer van Koophandel."),
    EvidenceKind.QUALITY: ("Kwaliteit", "Wij werken volgens een beschreven kwaliteitssysteem."),
}


def plan_changes(years: Years, plan: Plan, *, with_letters: bool) -> None:
    """Each request on its day, and what followed on it; where the contract still runs."""
    for said in years.said["changes"]:
        run = years.by_number[said["contract"]]
        last = years.today + timedelta(days=said["days"] + said["in_days"])
        if run.contract.status != ContractStatus.ACTIVE or run.last < last:
            continue
        play = Play(years, run, said, with_letters)
        plan.at(plan.day(said["days"], 11), play.ask)
        for step in said["steps"]:
            plan.at(plan.day(step["days"], 14), partial(play.do, step))


class Play:
    """One request, from its first day up to now."""

    def __init__(self, years: Years, run: Run, said: Document, with_letters: bool) -> None:
        self.years, self.run, self.said, self.with_letters = years, run, said, with_letters

    @property
    def change(self) -> SubcontractorChange:
        rows = SubcontractorChange.objects.select_related("contract__segment__tender", "contract__contractor")
        organisation = self.years.parties[self.said["provider"]].organisation
        found = rows.filter(contract=self.run.contract, organisation=organisation, kind=self.said["kind"])
        return found.order_by("requested_at").reverse()[0]

    def ask(self) -> None:
        contract = Contract.objects.get(pk=self.run.contract.pk)
        organisation = self.years.parties[self.said["provider"]].organisation
        today = database_today()
        if self.said.get("evidence"):
            for kind, (title, text) in EVIDENCE.items():
                upload = SimpleUploadedFile(f"{kind}.pdf", small_pdf(f"{title} {organisation.name}", [text]), PDF)
                hold_evidence(
                    contract=contract, change=None, kind=kind, upload=upload, issued_on=today - timedelta(days=40),
                    by=self.run.signer,
                )  # fmt: skip
        parts = contract.subsegments.filter(slug__in=self.said.get("subsegments", []))
        request_change(
            contract=contract, kind=self.said["kind"], organisation=organisation,
            effective_on=today + timedelta(days=self.said["in_days"]), reason=self.said["reason"],
            by=self.run.signer, part_of_work=self.said.get("part_of_work", ""), subsegments=list(parts),
            continuity=self.said.get("continuity", ""), clients=self.said.get("clients"),
        )  # fmt: skip

    def do(self, step: Document) -> None:
        getattr(self, f"_{step['do']}")(step)

    def _ask(self, step: Document) -> None:
        ask_question(change=self.change, text=step["text"], by=self.years.clm)

    def _answer(self, step: Document) -> None:
        answer_question(change=self.change, text=step["text"], by=self.run.signer)

    def _advise(self, step: Document) -> None:
        towns = [self.years.towns[slug] for slug in step["municipalities"]]
        ask_advice(
            change=self.change, municipalities=towns, question=step["text"],
            due_on=database_today() + timedelta(days=step["in"]), by=self.years.clm,
        )  # fmt: skip

    def _advice(self, step: Document) -> None:
        advice = self.change.advices.get(municipality=self.years.towns[step["municipality"]])
        secretary = self.years.people[f"college.{step['municipality']}@demo.example"]
        give_advice(advice=advice, outcome=AdviceOutcome(step["outcome"]), text=step["text"], by=secretary)

    def _decide(self, step: Document) -> None:
        due_in = step.get("conditions_in")
        decide_change(
            change=self.change, outcome=step["outcome"], reason=step["reason"], by=self.years.clm,
            conditions=step.get("conditions", ""),
            conditions_due_on=database_today() + timedelta(days=due_in) if due_in else None,
        )  # fmt: skip
        if self.with_letters:
            make_letters()

    def _meet(self, step: Document) -> None:
        condition = self.change.followed.order_by("sequence")[0]
        meet_condition(condition=condition, met_on=database_today(), remark=step["remark"], by=self.years.clm)

    def _withdraw(self, step: Document) -> None:
        withdraw_change(change=self.change, by=self.run.signer)
