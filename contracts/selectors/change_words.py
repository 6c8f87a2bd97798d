"""The checks of a change in words: what was looked at, what was found, and the rule with its source."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from achterhoek.nlds.formatting import format_day
from contracts.domain.change_checks import Finding, Mark

# What is looked at; the rule; where it stands.
RULES: dict[str, tuple[Any, Any, Any]] = {
    "kvk_number": (_("KvK number"), _("A KvK number has 8 digits."), _("Trade register")),
    "day": (
        _("Day"),
        _("Within the run of the contract, and never backwards."),
        _("Contract; our own choice"),
    ),
    "known": (
        _("Known here"),
        _("Who is new is compared with the trade register."),
        _("Our own choice"),
    ),
    "excluded": (
        _("Exclusion"),
        _("Nobody works for us to whom a ground for exclusion applies."),
        _("Aw 2.86-2.87"),
    ),
    "refused": (
        _("Refused before"),
        _("No new subcontractors, unless there is a well-founded reason."),
        _("Theme page of the region"),
    ),
    "terminated": (
        _("Contracts ended early"),
        _("A contract that was ended early may be a ground for exclusion."),
        _("Aw 2.87"),
    ),
    "declaration": (
        _("Self-declaration"),
        _("The newcomer declares that no ground for exclusion applies."),
        _("Aw 2.84"),
    ),
    "kvk_extract": (
        _("Extract of the KvK"),
        _("At most 6 months old on the day from which the change holds."),
        _("Aw 2.89"),
    ),
    "tax": (
        _("Statement of the tax authority"),
        _("At most 6 months old on the day from which the change holds."),
        _("Aw 2.89"),
    ),
    "conduct": (
        _("Declaration of conduct in procurement (GVA)"),
        _("At most 2 years old on the day from which the change holds."),
        _("Aw 2.89"),
    ),
    "requirements": (
        _("Minimum requirements"),
        _("The minimum requirements bind subcontractors too."),
        _("Award guide"),
    ),
    "promises": (
        _("Promises of the bid"),
        _("What was promised in the bid stays promised."),
        _("Contract"),
    ),
    "coverage": (
        _("Care in every municipality"),
        _("Somebody delivers everywhere, and clients have a choice."),
        _("Principles of the tender"),
    ),
    "clients": (
        _("Current clients"),
        _("Care that was begun goes on."),
        _("Contract"),
    ),
}
WORDS: dict[str, Any] = {
    "kvk_number:ok": _("The number has the right form."),
    "kvk_number:found": _("This number cannot be."),
    "day:ok": _("The day is possible; the contract runs until %(day)s."),
    "day:passed": _("The asked day has passed. It can hold from %(day)s at the earliest."),
    "day:after_the_end": _("The contract ends before it, on %(day)s."),
    "known:ok": _("The portal knew this organisation already."),
    "known:found": _("The contractor wrote this organisation in itself. Compare it with the extract of the KvK."),
    "excluded:ok": _("Not excluded in a tender of this region."),
    "excluded:found": _("Excluded in tenders of this region: %(count)s."),
    "refused:ok": _("Never refused as a subcontractor in this region."),
    "refused:found": _("Refused earlier as a subcontractor in this region: %(count)s."),
    "terminated:ok": _("No contract with it was ended early."),
    "terminated:found": _("Contracts with it that were ended early: %(count)s."),
    "declaration:ok": _("There is a self-declaration. Read it."),
    "declaration:found": _("There is no self-declaration. Ask for it."),
    "requirements:ok": _("Requirements that apply: %(count)s. They stand below."),
    "requirements:open": _("Requirements that apply: %(count)s. Without a self-declaration nobody said they are met."),
    "requirements:none": _("The portal has no minimum requirements of this segment. Look them up in the guide."),
    "promises:ok": _("No promises of the bid are still to be met."),
    "promises:found": _("Promises still to be met: %(count)s. See whether they lean on this subcontractor."),
    "promises:late": _("Promises that are late: %(count)s. See whether they lean on this subcontractor."),
    "coverage:ok": _("Everywhere at least two providers are left."),
    "coverage:found": _("Places where clients lose their choice: %(count)s."),
    "coverage:nobody": _("Places where nobody is left: %(count)s."),
    "clients:ok": _("There are no current clients."),
    "clients:found": _("Current clients: %(count)s. Read how their care goes on."),
    "clients:unknown": _("The number of current clients is not known. Ask for it."),
}
# The three kinds of proof with a term say the same of each.
PROOF: dict[str, Any] = {
    "ok": _("It counts until %(day)s."),
    "missing": _("Not handed in. Ask for it, or ask before the newcomer begins."),
    "undated": _("It is not known when it was issued. Look at the document."),
    "in_the_future": _("Issued on %(day)s, which is still to come. Look at the document."),
    "expired": _("It counted until %(day)s. Ask for a new one."),
}
MARKS = {
    Mark.OK: ("ok", _("OK")),
    Mark.ATTENTION: ("warning", _("Look at this")),
    Mark.STOP: ("error", _("Stop")),
}


@dataclass(frozen=True, slots=True)
class CheckRow:
    """A check as it stands on the page."""

    title: str
    text: str
    rule: str
    source: str
    label: str
    tone: str


def check_rows(findings: Iterable[Finding]) -> list[CheckRow]:
    """The checks in the language of the page, the worst first."""
    return [_row(finding) for finding in sorted(findings, key=lambda finding: -finding.mark)]


def _row(finding: Finding) -> CheckRow:
    title, rule, source = RULES[finding.code]
    tone, label = MARKS[finding.mark]
    words = said(finding.code, finding.case)
    values = {"count": finding.count, "day": format_day(finding.day) if finding.day else ""}
    return CheckRow(str(title), words % values, str(rule), str(source), str(label), tone)


def said(code: str, case: str) -> str:
    """The words of a finding, still without its number and day."""
    return str(WORDS.get(f"{code}:{case}") or PROOF[case])


def title_of(finding: str) -> str:
    """What was looked at, of a finding as the log keeps it (`code:case`)."""
    return str(RULES[finding.partition(":")[0]][0])
