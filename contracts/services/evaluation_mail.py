"""Mail about the interim evaluation: one a person, however many contracts it is about."""

from __future__ import annotations

from collections.abc import Sequence

from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from achterhoek.accounts.models import User
from achterhoek.links import absolute
from achterhoek.mail.services import queue_mail
from contracts.models import InterimEvaluation
from contracts.services.texts import in_dutch


def mail_opened(evaluations: Sequence[InterimEvaluation]) -> None:
    """That the questionnaire is ready to be filled in, to whoever works for the contractors."""
    rows = InterimEvaluation.objects.filter(pk__in=[row.pk for row in evaluations])
    found = rows.select_related("contract__segment", "contract__contractor").order_by("contract__number")
    told: dict[User, list[InterimEvaluation]] = {}
    for row in found.prefetch_related("contract__contractor__memberships__user"):
        for membership in row.contract.contractor.memberships.all():
            if membership.user.is_active:
                told.setdefault(membership.user, []).append(row)
    with in_dutch():
        for person, own in told.items():
            subject = _("Interim evaluation of your contract: please answer the questions")
            lines = [{"row": row, "link": absolute("contracts:evaluation", row.contract_id, row.year)} for row in own]
            body = render_to_string("emails/contracts/evaluation.txt", {"lines": lines})
            queue_mail(key=f"evaluation:{own[0].pk}:{person.pk}", to=person.email, subject=subject, body=body)
