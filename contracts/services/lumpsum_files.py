"""Lump sums from a file: read whole, judged row by row, and set all at once or not at all."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from achterhoek.accounts.models import User
from achterhoek.audit.services import record
from achterhoek.errors import RuleViolation
from contracts.domain.figure_rows import Line
from contracts.domain.lumpsum_rows import AMOUNT, COLUMNS, CONTRACT, PLACE, YEAR, read_amount
from contracts.domain.money import to_cents
from contracts.models import Contract, LumpsumAmount
from contracts.selectors.lumpsum_files import contracts_to_fill, places_of
from contracts.selectors.money import LumpsumPlace
from contracts.services.lumpsums import set_lumpsums
from contracts.services.result_files import read_table

Key = tuple[int, int, int]
# An amount has at most fourteen digits, of which two are cents.
HIGHEST = Decimal(10) ** 12


@dataclass(frozen=True, slots=True)
class WrongCell:
    """A row that cannot be taken in: its number in the file, the column, and what is wrong and to be done."""

    number: int
    column: str
    reason: str


class WrongLumpsums(Exception):
    """Rows that cannot be taken in. Nothing was kept of the whole file."""

    def __init__(self, rows: list[WrongCell]) -> None:
        super().__init__(len(rows))
        self.rows = rows


@transaction.atomic
def import_lumpsums(*, name: str, content: bytes, by: User) -> int:
    """Set the lump sums of a file; how many changed. A row without an amount is left as it is.

    Raises `RuleViolation` for the file as a whole, and `WrongLumpsums` with every row that is wrong: then nothing is
    kept, not of the right rows either. Only contracts of the regions in which the user works for Team CLM are known.
    """
    lines = read_table(name, content, COLUMNS, COLUMNS)
    judge = _Judge({contract.number.lower(): contract for contract in contracts_to_fill(by)})
    wrong: list[WrongCell] = []
    amounts: dict[int, dict[tuple[int, int], Decimal]] = {}
    for line in lines:
        try:
            read = judge.read(line)
        except RuleViolation as refused:
            wrong.append(WrongCell(line.number, refused.field or "", refused.message))
            continue
        if read is not None:
            (contract_id, place, year), amount = read
            amounts.setdefault(contract_id, {})[place, year] = amount
    if wrong:
        raise WrongLumpsums(wrong)
    if not amounts:
        raise RuleViolation(_("No row of this file has an amount. Fill in the column bedrag."), field="file")
    written = 0
    for key, found in sorted(amounts.items()):
        contract = judge.by_key[key]
        changed = set_lumpsums(contract=contract, amounts=found, by=by)
        detail = {"contract": contract.number, "file": name[:200], "rows": len(found), "changed": changed}
        record("contracts.lumpsumamount.import", by=by, target=contract, detail=detail)
        written += changed
    return written


class _Judge:
    """What is known of the contracts, to judge rows by; each contract is looked up once."""

    def __init__(self, contracts: dict[str, Contract]) -> None:
        self.contracts = contracts
        self.by_key = {contract.pk: contract for contract in contracts.values()}
        self.places: dict[int, list[LumpsumPlace]] = {}
        self.seen: dict[Key, int] = {}
        keys = list(self.by_key)
        divided = LumpsumAmount.objects.filter(contract__in=keys, payments__isnull=False).distinct()
        self.divided = {(row.contract_id, row.municipality_id, row.year): row.amount for row in divided}

    def read(self, line: Line) -> tuple[Key, Decimal] | None:
        """What a row sets. Raises `RuleViolation` with the column that is wrong."""
        contract = self.contracts.get(line[CONTRACT].lower())
        if contract is None:
            raise RuleViolation(
                _("There is no contract %(number)s that you work on. Check the number.")
                % {"number": line[CONTRACT][:40] or "-"},
                field=CONTRACT,
            )
        place = self._place(contract, line[PLACE])
        year = self._year(place, line[YEAR])
        key = (contract.pk, place.municipality.pk, year)
        if key in self.seen:
            raise RuleViolation(
                _("Row %(row)d is about the same contract, municipality and year. Take one of both out.")
                % {"row": self.seen[key]},
                field=PLACE,
            )
        self.seen[key] = line.number
        if not line[AMOUNT]:
            return None
        amount = _amount(line[AMOUNT])
        if self.divided.get(key, amount) != amount:
            raise RuleViolation(
                _("This amount is divided into instalments already. Make a correction instead."), field=AMOUNT
            )
        return key, amount

    def _place(self, contract: Contract, text: str) -> LumpsumPlace:
        if contract.pk not in self.places:
            self.places[contract.pk] = places_of(contract)
        for place in self.places[contract.pk]:
            if text.lower() in (place.municipality.name.lower(), place.municipality.slug):
                return place
        raise RuleViolation(
            _("The contract does not run in %(place)s. Choose one of its municipalities.")
            % {"place": text[:40] or "-"},
            field=PLACE,
        )

    def _year(self, place: LumpsumPlace, text: str) -> int:
        if text.isdecimal() and len(text) == 4 and int(text) in place.years:
            return int(text)
        raise RuleViolation(
            _("The contract runs there from %(first)d to %(last)d. Choose one of these years.")
            % {"first": place.years[0], "last": place.years[-1]},
            field=YEAR,
        )


def _amount(text: str) -> Decimal:
    try:
        amount = read_amount(text)
    except ValueError:
        raise RuleViolation(
            _("“%(text)s” is no amount. Write euros, for example 1250,00.") % {"text": text[:40]}, field=AMOUNT
        ) from None
    if not 0 <= amount < HIGHEST or amount != to_cents(amount):
        raise RuleViolation(_("Give an amount in euros, not below zero, with two decimals at most."), field=AMOUNT)
    return amount
