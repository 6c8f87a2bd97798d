"""E-mails about an interest that was declared by mistake: to the leads who decide, and to the member it is about.

Which party and which bid it is about is read in the portal only: that somebody has an interest is nobody else's
business, and where the names of the bidders are hidden a mail must not tell them.
"""

from __future__ import annotations

from django.utils import translation
from django.utils.translation import gettext as _

from achterhoek.accounts.enums import Role
from achterhoek.links import absolute
from achterhoek.mail.services import queue_mail
from procurement.models import InterestCorrection
from procurement.services.objection_mail import people_with


def tell_leads(correction: InterestCorrection) -> None:
    """Each lead of the region but the member itself hears that something waits for a decision."""
    held = correction.declaration
    segment_round = held.seat.segment_round
    leads = people_with(Role.LEAD, segment_round.round.tender).exclude(pk=held.seat.user_id)
    with translation.override("nl"):
        about = {
            "segment": segment_round.segment,
            "tender": segment_round.round.tender,
            "link": absolute("procurement:interest_decide", segment_round.pk, held.pk),
        }
        for lead in leads:
            queue_mail(
                key=f"interest-correction:{correction.pk}:asked:{lead.pk}",
                to=lead.email,
                subject=_("An interest may have been declared by mistake: %(segment)s") % about,
                body=_(
                    "A member of the committee of %(segment)s in the tender %(tender)s says that an interest was "
                    "declared by mistake. You decide about it.\n\nRead it in the portal: %(link)s"
                )
                % about,
            )


def tell_member(correction: InterestCorrection) -> None:
    """The member hears what was decided; agreed to, the bid waits for a new declaration."""
    held = correction.declaration
    segment_round = held.seat.segment_round
    with translation.override("nl"):
        about = {
            "segment": segment_round.segment,
            "tender": segment_round.round.tender,
            "link": absolute("procurement:interests", segment_round.pk),
        }
        if correction.agreed:
            body = _(
                "The procurement lead agrees that an interest you declared in %(segment)s of the tender %(tender)s was "
                "a mistake. Declare again about that bidder; until then you do not see the bid.\n\n"
                "To your interests: %(link)s"
            )
        else:
            body = _(
                "The procurement lead does not agree that an interest you declared in %(segment)s of the tender "
                "%(tender)s was a mistake. The interest stands. You find the explanation in the portal.\n\n"
                "To your interests: %(link)s"
            )
        queue_mail(
            key=f"interest-correction:{correction.pk}:decided",
            to=held.seat.user.email,
            subject=_("Decided about your declared interest: %(segment)s") % about,
            body=body % about,
        )
