"""The file of payments for the financial system: numbered, kept, and each payment in one of them only."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from achterhoek import spreadsheets
from achterhoek.accounts.enums import Role
from achterhoek.accounts.models import User
from achterhoek.accounts.roles import region_ids_of
from achterhoek.audit.services import record
from achterhoek.clock import database_today
from achterhoek.documents.services import store_bytes
from achterhoek.errors import NotAllowed, RuleViolation
from achterhoek.nlds.formatting import format_day
from achterhoek.region.models import Region
from achterhoek.spreadsheets import Table
from contracts.domain.money import total
from contracts.enums import PaymentKind
from contracts.models import LumpsumPayment, PaymentExport
from contracts.selectors.money import PAYMENTS_FILE, payments_due
from providers.models import Organisation

CSV = "text/csv; charset=utf-8"
# The columns stay as they are, in Dutch whatever the language of the screen: another system reads them.
COLUMNS = (
    "export", "regel", "contract", "contractant", "kvk", "segment", "gemeente", "jaar", "volgnummer", "soort",
    "vervaldatum", "bedrag", "omschrijving",
)  # fmt: skip
# A year that was mistyped does not send the payments of years to come. [choice]
AHEAD = timedelta(days=92)
KINDS = {PaymentKind.INSTALMENT: "termijn", PaymentKind.CORRECTION: "correctie"}


@transaction.atomic
def export_payments(*, region: Region, until: date, by: User) -> PaymentExport:
    """Put all that is due up to a day, and was in no file yet, in a new file. Raises `NotAllowed`, `RuleViolation`."""
    regions = region_ids_of(by, Role.CLM)
    if regions is not None and region.pk not in regions:
        raise NotAllowed(_("Your role may not take this step."))
    last = database_today() + AHEAD
    if until > last:
        raise RuleViolation(
            _("Nothing is paid more than three months ahead: choose %(day)s or a day before it.")
            % {"day": format_day(last)},
            field="until",
        )
    Region.objects.select_for_update().get(pk=region.pk)
    due = list(
        payments_due(region, until)
        .select_for_update(of=("self",))
        .select_related("lumpsum__municipality", "lumpsum__contract__contractor", "lumpsum__contract__segment")
        .prefetch_related("lumpsum__contract__parties__organisation")
        .order_by("due_on", "lumpsum__contract__number", "lumpsum__municipality__name", "sequence")
    )
    if not due:
        raise RuleViolation(_("Nothing is due up to this day that was not exported already."), field="until")
    sequence = (PaymentExport.objects.filter(region=region).aggregate(last=Max("sequence"))["last"] or 0) + 1
    content = spreadsheets.as_csv(
        Table("betalingen", COLUMNS, [_line(sequence, n, row) for n, row in enumerate(due, 1)])
    )
    name = f"betalingen-{region.slug}-{sequence:04d}.csv"
    made = PaymentExport.objects.create(
        region=region, sequence=sequence, until=until, total=total(row.amount for row in due), made_by=by,
        file=store_bytes(content=content, name=name, content_type=CSV, kind=PAYMENTS_FILE, by=by),
    )  # fmt: skip
    LumpsumPayment.objects.filter(pk__in=[row.pk for row in due]).update(export=made)
    detail = {"number": sequence, "payments": len(due), "total": str(made.total), "sha256": made.file.sha256}
    record("contracts.paymentexport.make", by=by, target=made, detail=detail)
    return made


def _line(export: int, number: int, row: LumpsumPayment) -> list[str | int | Decimal | date]:
    contract, payee = row.lumpsum.contract, _payee(row)
    return [
        export, number, contract.number, payee.name, payee.kvk_number,
        contract.segment.name, row.lumpsum.municipality.name, row.lumpsum.year, row.sequence,
        KINDS[PaymentKind(row.kind)], row.due_on, row.amount, row.reason,
    ]  # fmt: skip


def _payee(row: LumpsumPayment) -> Organisation:
    """Who had the contract on the day on which it is due: one that was replaced meanwhile is paid for its own time."""
    contract = row.lumpsum.contract
    for party in contract.parties.all():
        if party.is_lead and party.start <= row.due_on and (party.end is None or party.end >= row.due_on):
            return party.organisation
    return contract.contractor
