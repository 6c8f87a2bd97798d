"""E-mails about a change of subcontractor: questions, answers, advice. What was said is read in the portal only."""

from __future__ import annotations

from collections.abc import Iterable

from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from achterhoek.accounts.models import User
from achterhoek.links import absolute
from achterhoek.mail.services import queue_mail
from contracts.models import ChangeAdvice, ChangeMessage, SubcontractorChange
from contracts.selectors.change_people import contractor_addresses
from providers.enums import LetterLanguage


def tell_question(message: ChangeMessage) -> None:
    """The contractor hears that Team CLM asks something."""
    change = message.change
    link = absolute("contracts:change", change.contract_id, change.pk)
    language = change.contract.contractor.letter_language
    for address in contractor_addresses(change):
        _mail(f"change-message:{message.pk}:{address}", address, "question", change, link, language=language)


def tell_answer(message: ChangeMessage, asker: User) -> None:
    """Whoever asked hears that there is an answer."""
    _mail(f"change-message:{message.pk}", asker.email, "answer", message.change, _desk(message.change))


def tell_asked_advice(advice: ChangeAdvice, people: Iterable[User]) -> None:
    """The college secretaries hear that their advice is asked."""
    link = absolute("contracts:advice", advice.pk)
    for person in people:
        _mail(f"change-advice:{advice.pk}:{person.pk}", person.email, "advice", advice.change, link, advice=advice)


def tell_advice(advice: ChangeAdvice) -> None:
    """Whoever asked hears that a municipality has advised."""
    _mail(
        f"change-advice:{advice.pk}:given", advice.asked_by.email, "advised", advice.change, _desk(advice.change),
        advice=advice,
    )  # fmt: skip


def _desk(change: SubcontractorChange) -> str:
    return absolute("admin:contracts_subcontractorchange_change", change.pk)


def _mail(
    key: str,
    to: str,
    step: str,
    change: SubcontractorChange,
    link: str,
    *,
    advice: ChangeAdvice | None = None,
    language: str = LetterLanguage.DUTCH,
) -> None:
    """In Dutch, or in the language in which the contractor gets its letters."""
    with translation.override(language):
        about = {"number": change.contract.number, "organisation": change.organisation.name}
        subjects = {
            "question": _("Question about your request: %(organisation)s (%(number)s)"),
            "answer": _("Answer of the contractor: %(organisation)s (%(number)s)"),
            "advice": _("Your advice is asked: %(organisation)s (%(number)s)"),
            "advised": _("Advice has come in: %(organisation)s (%(number)s)"),
        }
        context = {"step": step, "change": change, "contract": change.contract, "advice": advice, "link": link}
        body = render_to_string("emails/contracts/change.txt", context)
        queue_mail(key=key, to=to, subject=subjects[step] % about, body=body)
