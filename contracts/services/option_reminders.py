"""Reminders of options, 12, 9 and 7 months before they begin: to Team CLM, and to the colleges that have to decide."""

from __future__ import annotations

from datetime import date

from django.db import transaction
from django.db.models import Q
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from achterhoek.accounts.enums import Role
from achterhoek.accounts.models import RoleAssignment, User
from achterhoek.clock import database_today
from achterhoek.links import absolute
from achterhoek.mail.services import queue_mail
from contracts.domain.options import reminders_due
from contracts.enums import ContractStatus
from contracts.models import Contract, ContractTerm, OptionReminder
from contracts.rules import next_option, option_deadline
from contracts.selectors.options import standing_of
from contracts.services.texts import in_dutch


def remind_of_options() -> int:
    """Send each reminder that is due, once; how many options were reminded of. Safe to repeat.

    One mail a person tells of all options that are due, so that sixty contracts are not sixty mails.
    """
    today = database_today()
    running = Contract.objects.filter(status=ContractStatus.ACTIVE).prefetch_related("terms__reminders")
    due: list[tuple[ContractTerm, list[int]]] = []
    for contract in running.select_related("contractor", "consortium", "segment__tender"):
        term = next_option(contract)
        if term is None or option_deadline(contract, term) < today:
            continue
        months = reminders_due(term.start, contract.notice_months, today, [row.months for row in term.reminders.all()])
        if months:
            term.contract = contract
            due.append((term, months))
    return _remind(due, today) if due else 0


@transaction.atomic
def _remind(due: list[tuple[ContractTerm, list[int]]], today: date) -> int:
    rows = [OptionReminder(term=term, months=months) for term, found in due for months in found]
    OptionReminder.objects.bulk_create(rows, ignore_conflicts=True)
    told: dict[User, list[ContractTerm]] = {}
    for term, _months in due:
        for person in _people(term):
            told.setdefault(person, []).append(term)
    for person, terms in told.items():
        _mail(person, terms, today)
    return len(due)


def _people(term: ContractTerm) -> list[User]:
    """Team CLM of the region, and the secretaries of the colleges that did not decide yet."""
    region = Q(region=term.contract.segment.tender.region_id) | Q(region=None)
    held = RoleAssignment.objects.filter(
        Q(region, role=Role.CLM) | Q(role=Role.COLLEGE, municipality__in=standing_of(term).waiting)
    )
    return list(User.objects.filter(pk__in=held.values("user"), is_active=True).order_by("pk"))


def _mail(person: User, terms: list[ContractTerm], today: date) -> None:
    soonest = sorted(terms, key=lambda term: (option_deadline(term.contract, term), term.contract.number))
    lines = [
        {"contract": term.contract, "start": term.start, "latest": option_deadline(term.contract, term)}
        for term in soonest
    ]
    with in_dutch():
        subject = _("Options to be decided: %(count)d") % {"count": len(lines)}
        context = {"lines": lines, "link": absolute("contracts:options")}
        body = render_to_string("emails/contracts/options.txt", context)
    key = f"options:{today.isoformat()}:{person.pk}:{min(term.pk for term in terms)}"
    queue_mail(key=key, to=person.email, subject=subject, body=body)
