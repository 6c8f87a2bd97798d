"""What stays with an organisation of contracts that are with another now: its letters, and what it signed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import F
from django.utils.translation import gettext as _

from achterhoek.accounts.enums import Role
from achterhoek.accounts.roles import has_role
from achterhoek.documents.models import StoredFile
from contracts.models import Contract
from contracts.selectors.letters import visible_letters
from contracts.selectors.signing import visible_amendments, visible_documents, visible_signatures


@dataclass(frozen=True, slots=True)
class Paper:
    """A file of a contract that is with another: of what day, and what it is."""

    contract: Contract
    at: datetime
    what: str
    file: StoredFile


def papers_elsewhere(user: Any) -> list[Paper]:
    """The files that this provider may read of contracts whose page it does not have: it was the contractor then, or
    the letter was to it. By contract, the newest first; four queries."""
    if not has_role(user, Role.PROVIDER):
        return []
    own = Contract.objects.visible_to(user)
    letters = visible_letters(user).filter(sent_at__isnull=False).annotate(at=F("sent_at"))
    documents = visible_documents(user).filter(outdated_at__isnull=True).annotate(at=F("made_at"))
    signatures = visible_signatures(user).annotate(at=F("recorded_at"))
    amendments = visible_amendments(user).filter(signed_at__isnull=False).annotate(at=F("signed_at"))
    named: list[tuple[Any, Any]] = [
        (letters, lambda row: row.get_kind_display()),
        (documents, lambda _row: _("Text of the contract")),
        (signatures, lambda row: _("Signed by: %(side)s") % {"side": row.get_side_display()}),
        (amendments, lambda row: _("Amendment %(number)d") % {"number": row.sequence}),
    ]
    found = [
        Paper(row.contract, row.at, str(name(row)), row.file)
        for rows, name in named
        for row in rows.filter(file__isnull=False)
        .exclude(contract__in=own)
        .select_related("contract__contractor", "contract__consortium", "file")
    ]
    newest = sorted(found, key=lambda paper: paper.at, reverse=True)
    return sorted(newest, key=lambda paper: paper.contract.number)
