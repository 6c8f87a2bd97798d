"""What came of a tender, in its dossier: what was decided and told, what was brought against it, and its records."""

from __future__ import annotations

from typing import Any

from achterhoek.accounts.models import User
from procurement.models import AwardNotice, Decision, Motivation, Tender
from procurement.selectors.decisions import visible_decisions, visible_letters
from procurement.selectors.letters import decision_number
from procurement.selectors.objections import handled_objections
from procurement.selectors.procedure_record import records_of
from procurement.selectors.record_outcomes import told_decisions
from procurement.services.dossier_evaluation import letter_parts
from procurement.services.dossier_parts import Found
from procurement.services.dossier_writer import FilePart, json_part


def decision_parts(user: User, tender: Tender) -> Found:
    """Each decision with its colleges, reservations, signature and awards, and the letters that were made of it."""
    found = visible_decisions(user).filter(segment_round__round__tender=tender).select_related("signed_by")
    for decision in found.order_by("pk"):
        where = f"besluiten/{decision_number(decision)}"
        yield json_part(f"{where}/besluit.json", f"Besluit over {decision.segment_round}", _decision(decision))
        yield from letter_parts(visible_letters(user).filter(decision=decision), where)


def _decision(decision: Decision) -> dict[str, Any]:
    names = (
        "status", "note", "proposed_at", "approved_at", "adopted_at", "mandate", "sent_at", "standstill_until",
        "objection_cutoff", "final_at", "withdrawn_at", "withdrawal_reason",
    )  # fmt: skip
    colleges = decision.college_decisions.order_by("municipality__name").values(
        "municipality__name", "status", "reservation", "decided_at", "decided_by__name"
    )
    reasons = Motivation.objects.filter(decision=decision).order_by("entry_id", "criterion__position", "kind", "pk")
    return {name: getattr(decision, name) for name in names} | {
        "number": decision_number(decision),
        "stage": decision.segment_round.round.stage,
        "segment": decision.segment_round.segment.slug,
        "ranking": decision.ranking.sequence,
        "ranking_digest": decision.ranking.digest,
        "proposed_by": str(decision.proposed_by),
        "signed_by": str(decision.signed_by or ""),
        "colleges": list(colleges),
        "awards": list(decision.awards.order_by("pk").values("entry__submission__number", "status")),
        "notice": list(AwardNotice.objects.filter(decision=decision).values("due_on", "published_at", "reference")),
        "motivations": list(
            reasons.values("entry__submission__number", "criterion__code", "kind", "text", "edited_at")
        ),
    }


def objection_parts(user: User, tender: Tender) -> Found:
    """What was brought against the decisions that were told, with its paper and what came of it.

    For who handles or oversees it; the paper lies sealed, and comes through the gate of files as everywhere.
    """
    found = handled_objections(user).filter(decision__in=told_decisions(tender).values("pk"))
    for one in found.order_by("registered_at", "pk"):
        names = (
            "number", "kind", "status", "grounds", "suspends", "court", "case_number", "hearing_on", "received_at",
            "registered_at", "answer", "consequence", "ended_at",
        )  # fmt: skip
        said = {name: getattr(one, name) for name in names}
        said |= {"decision": decision_number(one.decision), "organisation": one.organisation.name}
        yield json_part(f"bezwaren/{one.number}.json", f"{one.get_kind_display()} van {one.organisation}", said)
        if one.file is not None:
            yield FilePart(f"bezwaren/{one.number}.pdf", "Stuk bij het bezwaar", one.file)


def record_parts(user: User, tender: Tender) -> Found:
    """The records of the procedure that were made, each as it was made."""
    for made in sorted(records_of(user, tender), key=lambda made: made.sequence):
        about = f"Proces-verbaal van de procedure, nummer {made.sequence} (feiten: {made.digest})"
        yield FilePart(f"proces-verbaal/proces-verbaal-{made.sequence}.pdf", about, made.file)
