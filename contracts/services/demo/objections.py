"""What bidders bring against a practice award, and what became of it: through the services, as they would."""

from __future__ import annotations

from achterhoek.accounts.models import User
from contracts.services.demo.envelopes import small_upload
from contracts.services.demo.files import Document
from contracts.services.demo.people import Party
from procurement.enums import ObjectionStatus
from procurement.models import Decision, Objection
from procurement.services.objection_handling import reject, take_up, uphold
from procurement.services.objections import file_objection


def bring(decision: Decision, party: Party, row: Document) -> None:
    """Filed in the portal by who signs for the bidder, with its paper where the data has one."""
    words = {
        "name": party.name,
        "city": party.organisation.city,
        "segment": decision.segment_round.segment.name,
    }
    file_objection(
        decision=decision, organisation=party.organisation, kind=row["kind"], grounds=row["grounds"], by=party.signer,
        upload=small_upload(row["file"], words) if "file" in row else None,
    )  # fmt: skip


def handle(decision: Decision, party: Party, row: Document, handler: User) -> None:
    """Taken up by who handles this kind."""
    take_up(objection=_brought(decision, party, row), by=handler)


def end(decision: Decision, party: Party, row: Document, handler: User) -> None:
    """Answered, as the data has it."""
    objection = _brought(decision, party, row)
    if row["outcome"] == ObjectionStatus.UPHELD:
        uphold(objection=objection, consequence=row["consequence"], answer=row["answer"], by=handler)
    else:
        reject(objection=objection, answer=row["answer"], by=handler)


def _brought(decision: Decision, party: Party, row: Document) -> Objection:
    return Objection.objects.select_related("decision__segment_round__round__tender").get(
        decision=decision, organisation=party.organisation, kind=row["kind"]
    )
