"""E-mails about objections: to the objector, and to those who handle it. Its words are read in the portal only."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Q, QuerySet
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from achterhoek.accounts.enums import Role
from achterhoek.accounts.models import RoleAssignment, User
from achterhoek.links import absolute
from achterhoek.mail.services import queue_mail
from procurement.enums import ObjectionKind
from procurement.models import AwardNotice, Objection, Tender


def tell_received(objection: Objection) -> None:
    """The receipt: number, when it was received, and whether it holds up the contract."""
    _to_objector(objection, "received")


def tell_taken_up(objection: Objection) -> None:
    """The objector hears that somebody handles it now."""
    _to_objector(objection, "taken_up")


def tell_ended(objection: Objection) -> None:
    """The objector hears that it has ended, and how; the reasons are in the portal."""
    _to_objector(objection, "ended")


def _to_objector(objection: Objection, step: str) -> None:
    with translation.override(objection.organisation.letter_language):
        context = {
            "objection": objection,
            "decision": objection.decision,
            "segment": objection.decision.segment_round.segment,
            "tender": objection.decision.segment_round.round.tender,
            "step": step,
            "link": absolute("procurement:objection_own", objection.pk),
        }
        queue_mail(
            key=f"objection:{objection.pk}:{step}",
            to=objection.organisation.email,
            subject=_("%(number)s: %(kind)s") % {"number": objection.number, "kind": objection.get_kind_display()},
            body=render_to_string("procurement/objection/mail.txt", context),
        )


def tell_handlers(objection: Objection) -> None:
    """Whoever handles it hears that it came in: the lead, or the complaints officer."""
    role = Role.COMPLAINTS if objection.kind == ObjectionKind.COMPLAINT else Role.LEAD
    _to_team(objection, people_with(role, objection.decision.segment_round.round.tender), "new")


def tell_lead_outcome(objection: Objection) -> None:
    """The lead hears how it ended, also of a complaint that somebody else handled."""
    leads = people_with(Role.LEAD, objection.decision.segment_round.round.tender)
    _to_team(objection, [lead for lead in leads if lead.pk != objection.ended_by_id], "ended")


def _to_team(objection: Objection, people: Iterable[User], step: str) -> None:
    with translation.override("nl"):
        about = {
            "number": objection.number,
            "kind": objection.get_kind_display(),
            "segment": objection.decision.segment_round.segment,
            "state": objection.get_status_display(),
            "link": absolute("procurement:objection", objection.pk),
        }
        if step == "new":
            subject = _("New: %(kind)s %(number)s") % about
            body = _("%(kind)s %(number)s came in, about the decision on %(segment)s.\n\nTo the page: %(link)s") % about
        else:
            subject = _("%(kind)s %(number)s: %(state)s") % about
            body = (
                _("%(kind)s %(number)s about the decision on %(segment)s ended: %(state)s.\n\nTo the page: %(link)s")
                % about
            )
        for person in people:
            key = f"objection:{objection.pk}:{step}:{person.pk}"
            queue_mail(key=key, to=person.email, subject=subject, body=body)


def people_with(role: str, tender: Tender) -> QuerySet[User]:
    """Who holds this role in the region of this tender."""
    held = RoleAssignment.objects.filter(Q(region=tender.region_id) | Q(region=None), role=role)
    return User.objects.filter(pk__in=held.values("user"), is_active=True).order_by("pk")


def remind_of_notice(notice: AwardNotice, *, overdue: bool) -> int:
    """Remind the leads of a notice that is due; once for each of them, and once more when it is overdue."""
    decision = notice.decision
    people = people_with(Role.LEAD, decision.segment_round.round.tender)
    with translation.override("nl"):
        context = {
            "notice": notice,
            "overdue": overdue,
            "segment": decision.segment_round.segment,
            "tender": decision.segment_round.round.tender,
            "link": absolute("procurement:award_notice", decision.pk),
        }
        subject = _("Publish the award notice of %(segment)s") % {"segment": decision.segment_round.segment}
        body = render_to_string("procurement/objection/notice_mail.txt", context)
        step = "overdue" if overdue else "soon"
        for person in people:
            queue_mail(key=f"award-notice:{notice.pk}:{step}:{person.pk}", to=person.email, subject=subject, body=body)
    return len(people)
