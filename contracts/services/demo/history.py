"""Inkoop 2022 as history: contracts that ended or run on, their subcontractors, and the register's versions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property

from django.utils import timezone

from achterhoek.accounts.models import User
from contracts.domain.terms import contract_terms
from contracts.enums import ChangeKind, ChangeStatus, ContractStatus, SigningSide, TermStatus
from contracts.models import (
    Contract,
    ContractSignature,
    ContractTerm,
    RegisterVersion,
    Subcontractor,
    SubcontractorChange,
)
from contracts.services.demo.files import Document
from contracts.services.demo.people import Party
from contracts.services.parties import open_contracts
from contracts.services.subcontractors import request_change
from procurement.models import Segment, SubSegment, Tender

# Signed about a month before the start; a change asked about a month before it took effect, and decided after that.
BEFORE_START = timedelta(days=34)
ASKED_BEFORE = timedelta(days=26)
DECIDED_BEFORE = timedelta(days=9)


@dataclass
class History:
    """What became of a finished tender up to today: `said` is its data file."""

    said: Document
    tender: Tender
    parties: dict[str, Party]
    clm: User
    today: date

    @cached_property
    def parts(self) -> dict[tuple[int, str], SubSegment]:
        found = SubSegment.objects.filter(segment__tender=self.tender)
        return {(part.segment_id, part.slug): part for part in found}

    def load(self) -> list[Contract]:
        """All contracts with their terms as they were decided, and who worked for whom."""
        segments = {segment.slug: segment for segment in Segment.objects.filter(tender=self.tender)}
        made = [contract for row in self.said["segments"] for contract in self._segment(row, segments[row["segment"]])]
        RegisterVersion.objects.bulk_create(
            RegisterVersion(date=version["date"], note=version["note"], published_at=_at(version["date"]))
            for version in self.said["register_versions"]
            if version["date"] <= self.today
        )
        return made

    def _party(self, row: Document) -> Party:
        return self.parties[row.get("provider") or row["consortium"]]

    def _segment(self, row: Document, segment: Segment) -> list[Contract]:
        terms = self._terms(row)
        agreed = [term.end for term in terms if term.status in (TermStatus.COMMITTED, TermStatus.EXERCISED)]
        status = ContractStatus.ENDED if max(agreed) < self.today else ContractStatus.ACTIVE
        contracts = [self._contract(said, segment, row["start"], status) for said in row["contracts"]]
        Contract.objects.bulk_create(contracts)
        ContractTerm.objects.bulk_create(_of(contract, term) for contract in contracts for term in terms)
        own = [part for (segment_id, _slug), part in self.parts.items() if segment_id == segment.pk]
        through = Contract.subsegments.through
        through.objects.bulk_create(through(contract=c, subsegment=part) for c in contracts for part in own)
        open_contracts(contracts)
        ContractSignature.objects.bulk_create(self._signatures(contracts))
        for contract, said in zip(contracts, row["contracts"], strict=True):
            for line in said["subcontractors"]:
                self._subcontractor(contract, line, self._party(said).signer)
        return contracts

    def _signatures(self, contracts: list[Contract]) -> list[ContractSignature]:
        """Both sides signed on paper, a month before the start."""
        authority, signers = self.tender.region.authority.name, {}
        for party in self.parties.values():
            signers[party.organisation.pk] = str(party.signer)
        return [
            ContractSignature(
                contract=contract, side=side, name=name, function=function, signed_on=contract.start - BEFORE_START,
                recorded_by=self.clm,
            )
            for contract in contracts
            for side, name, function in (
                (SigningSide.CONTRACTOR, signers[contract.contractor_id], "bestuurder"),
                (SigningSide.AUTHORITY, f"Namens {authority}", "mandaathouder"),
            )
        ]  # fmt: skip

    def _contract(self, said: Document, segment: Segment, start: date, status: ContractStatus) -> Contract:
        party = self._party(said)
        return Contract(
            number=said["number"],
            segment=segment,
            contractor=party.organisation,
            consortium=party.consortium,
            status=status,
            start=start,
            notice_months=self.tender.notice_months,
            signed_at=_at(start - BEFORE_START),
        )

    def _terms(self, row: Document) -> list[ContractTerm]:
        """The options as they were decided up to today; after one that was not taken, none are."""
        decided = {found["option"] + 1: found for found in row["extensions"] if found["decided_on"] <= self.today}
        terms = []
        declined: Document | None = None
        for number, term in enumerate(contract_terms(row["start"], self.said["term_pattern"]), start=1):
            said = declined or decided.get(number)
            status = TermStatus.COMMITTED if number == 1 else TermStatus(said["outcome"]) if said else TermStatus.OPEN
            if status == TermStatus.DECLINED:
                declined = said
            terms.append(
                ContractTerm(
                    sequence=number,
                    start=term.start,
                    end=term.end,
                    status=status,
                    decided_at=_at(said["decided_on"]) if said else None,
                    reason=said["reason"] if said else "",
                )
            )
        return terms

    def _subcontractor(self, contract: Contract, row: Document, signer: User) -> None:
        if row["from"] > self.today:
            return
        end = row.get("until")
        made = Subcontractor.objects.create(
            contract=contract,
            organisation=self.parties[row["provider"]].organisation,
            part_of_work=row["part_of_work"],
            start=row["from"],
            end=end if end and end <= self.today else None,
        )
        made.subsegments.set(self.parts[contract.segment_id, slug] for slug in row.get("subsegments", []))
        if "added_reason" in row:
            self._approved(made, ChangeKind.ADD, made.start, row["added_reason"], signer)
        if made.end is not None:
            self._approved(made, ChangeKind.STOP, made.end, row["ended_reason"], signer)

    def _approved(self, line: Subcontractor, kind: ChangeKind, on: date, reason: str, signer: User) -> None:
        """The change that Team CLM approved at the time."""
        said = self.said["approved_changes"]
        SubcontractorChange.objects.create(
            contract=line.contract,
            kind=kind,
            organisation=line.organisation,
            part_of_work=line.part_of_work,
            effective_on=on,
            reason=reason,
            continuity=said["continuity"] if kind == ChangeKind.STOP else "",
            status=ChangeStatus.APPROVED,
            requested_by=signer,
            requested_at=_at(on - ASKED_BEFORE),
            decided_by=self.clm,
            decided_at=_at(on - DECIDED_BEFORE),
            decision_reason=said["decision_reason"],
        )

    def ask_changes(self) -> None:
        """Requests that wait for Team CLM, where the contract still runs; asked by the contractor itself."""
        for row in self.said["waiting_changes"]:
            contract = Contract.objects.get(number=row["contract"])
            if contract.status != ContractStatus.ACTIVE:
                continue
            request_change(
                contract=contract,
                kind=row["kind"],
                organisation=self.parties[row["provider"]].organisation,
                part_of_work=row.get("part_of_work", ""),
                effective_on=self.today + timedelta(days=row["in_days"]),
                reason=row["reason"],
                continuity=row.get("continuity", ""),
                by=contract.contractor.memberships.get().user,
            )


def _of(contract: Contract, term: ContractTerm) -> ContractTerm:
    """The same term, of this contract."""
    return ContractTerm(
        contract=contract,
        sequence=term.sequence,
        start=term.start,
        end=term.end,
        status=term.status,
        decided_at=term.decided_at,
        reason=term.reason,
    )


def _at(day: date) -> datetime:
    """Ten in the morning of that day."""
    return timezone.make_aware(datetime.combine(day, time(10)))
