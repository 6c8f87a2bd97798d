"""E-mails about decisions to those who have to take a step: each once, whoever asks again.

The key of a message holds the step and the person, so that a step that is taken twice writes no second message.
"""

from __future__ import annotations

from django.db.models import Q
from django.utils import translation
from django.utils.translation import gettext as _

from achterhoek.accounts.enums import Role
from achterhoek.accounts.models import RoleAssignment, User
from achterhoek.links import absolute
from achterhoek.mail.services import queue_mail
from procurement.models import CollegeDecision, Decision
from procurement.services.decision_rules import is_award


def tell_colleges(decision: Decision) -> None:
    """Each secretary hears that an award waits for the own college."""
    rows = {row.municipality_id: row for row in decision.college_decisions.select_related("municipality")}
    secretaries = RoleAssignment.objects.filter(
        role=Role.COLLEGE, municipality__in=rows, user__is_active=True
    ).select_related("user")
    for held in secretaries.order_by("pk"):
        if held.municipality_id is not None:
            _tell_college(decision, rows[held.municipality_id], held.user)


def _tell_college(decision: Decision, row: CollegeDecision, secretary: User) -> None:
    with translation.override("nl"):
        about = {**_about(decision), "municipality": row.municipality}
        queue_mail(
            key=f"college-asked:{row.pk}:{secretary.pk}",
            to=secretary.email,
            subject=_("The college of %(municipality)s has to decide: %(segment)s") % about,
            body=_(
                "An award of %(segment)s is proposed in the tender %(tender)s. The college of %(municipality)s "
                "has to decide on it.\n\nRecord in the portal what the college decided: %(link)s"
            )
            % {**about, "link": absolute("procurement:college_decision", row.pk)},
        )


def tell_mandate_holders(decision: Decision) -> None:
    """Who may sign for this region hears that a decision waits for a signature; whoever proposed it does not."""
    region = decision.segment_round.round.tender.region_id
    holders = User.objects.filter(
        pk__in=RoleAssignment.objects.filter(Q(region=region) | Q(region=None), role=Role.MANDATE).values("user"),
        is_active=True,
    ).exclude(pk=decision.proposed_by_id)
    with translation.override("nl"):
        about = {**_about(decision), "link": absolute("procurement:signing", decision.pk)}
        body = _agreed(about) if is_award(decision) else _selected(about)
        for holder in holders.order_by("pk"):
            queue_mail(
                key=f"signature-asked:{decision.pk}:{holder.pk}",
                to=holder.email,
                subject=_("A decision waits for your signature: %(segment)s") % about,
                body=body,
            )


def _agreed(about: dict[str, object]) -> str:
    return (
        _(
            "All colleges agreed to the award of %(segment)s in the tender %(tender)s. It waits for your signature."
            "\n\nYou find it in the portal: %(link)s"
        )
        % about
    )


def _selected(about: dict[str, object]) -> str:
    return (
        _(
            "The selection for %(segment)s in the tender %(tender)s is proposed. It waits for your signature."
            "\n\nYou find it in the portal: %(link)s"
        )
        % about
    )


def tell_signed(decision: Decision) -> None:
    """Whoever proposed the decision hears that it is signed: the letters can be made."""
    with translation.override("nl"):
        about = {**_about(decision), "link": absolute("procurement:decision", decision.pk)}
        queue_mail(
            key=f"decision-signed:{decision.pk}",
            to=decision.proposed_by.email,
            subject=_("The decision is signed: %(segment)s") % about,
            body=_(
                "The decision on %(segment)s in the tender %(tender)s is signed. You can now have the letters made."
                "\n\nYou find it in the portal: %(link)s"
            )
            % about,
        )


def _about(decision: Decision) -> dict[str, object]:
    return {"segment": decision.segment_round.segment, "tender": decision.segment_round.round.tender}
