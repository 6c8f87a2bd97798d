"""Writers of who is in a consortium: members that join or leave, and their shares, by an amendment (Aw 2.163c/f/g)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import Q
from django.utils.translation import gettext as _

from achterhoek.accounts.models import User
from achterhoek.clock import database_today
from achterhoek.errors import RuleViolation
from achterhoek.nlds.formatting import format_number
from contracts.domain import members as rules
from contracts.domain.amendments import member_ground_fits
from contracts.enums import OPEN_CHANGES, MemberStep
from contracts.models import Amendment, AmendmentMember, Contract, ContractParty
from contracts.selectors.parties import changes_from, last_parties
from contracts.services.register import publish_version
from contracts.services.texts import in_dutch
from providers.models import Organisation

_DAY = timedelta(days=1)
AFTERWARDS = timedelta(days=31)


@dataclass(frozen=True, slots=True)
class MemberChange:
    """What happens with one organisation: it joins or leaves, or gets another share."""

    organisation: Organisation
    step: str
    share: Decimal | None = None


def share_field(organisation_id: int) -> str:
    """The name of the field of a member's share on a form."""
    return f"aandeel{organisation_id}"


def leave_field(organisation_id: int) -> str:
    """The name of the field by which a member leaves."""
    return f"vertrekt{organisation_id}"


def join_field(organisation_id: int) -> str:
    """What an error about an organisation that joins is told beside; the form knows on which line it was typed."""
    return f"erbij{organisation_id}"


def check_members(contract: Contract, changes: Sequence[MemberChange], ground: str, on: date) -> None:
    """Whether these members can join, leave and share anew on that day. Raises `RuleViolation` beside its field."""
    if contract.consortium_id is None:
        raise RuleViolation(
            _("This contract is with one contractor. Others work in it as subcontractors, or take it over.")
        )
    require_parties_settled(contract, on)
    now, steps = _as_rules(contract, changes)
    try:
        rules.after(now, steps)
    except rules.StepRefused as refused:
        raise _in_words(refused, now, steps, changes) from refused
    if not member_ground_fits(ground, moves=rules.moves(steps)):
        raise RuleViolation(
            _("This ground does not fit. Who joins or leaves does so on Aw 2.163c or 2.163f; shares alone change on"
              " Aw 2.163c or 2.163g."),
            field="ground",
        )  # fmt: skip
    for change in changes:
        if change.step == MemberStep.JOIN:
            require_no_subcontractor(contract, change.organisation, on, field=join_field(change.organisation.pk))


def require_parties_settled(contract: Contract, on: date) -> None:
    """The parties of a contract change in the order of the days, and not long after the fact: what is told of a day
    stays true. Raises `RuleViolation` beside `effective_on`."""
    if on < database_today() - AFTERWARDS:
        raise RuleViolation(
            _("A change of parties is not written down more than a month afterwards."), field="effective_on"
        )
    if changes_from(contract, on):
        raise RuleViolation(
            _("The parties change on that day or later already. Choose a later day."), field="effective_on"
        )


def require_no_subcontractor(contract: Contract, organisation: Organisation, on: date, *, field: str) -> None:
    """Nobody is a party and works for it as a subcontractor at once. Raises `RuleViolation`."""
    works = contract.subcontractors.filter(Q(end__isnull=True) | Q(end__gte=on), organisation=organisation)
    if works.exists():
        raise RuleViolation(
            _("%(name)s is a subcontractor in this contract on that day. Let it stop with that first.")
            % {"name": organisation.name},
            field=field,
        )
    if contract.subcontractor_changes.filter(organisation=organisation, status__in=OPEN_CHANGES).exists():
        raise RuleViolation(
            _("A request about %(name)s as a subcontractor is still open. Decide on that first.")
            % {"name": organisation.name},
            field=field,
        )


def _as_rules(contract: Contract, changes: Sequence[MemberChange]) -> tuple[list[rules.Member], list[rules.Step]]:
    now = [rules.Member(row.organisation_id, row.share, row.is_lead) for row in last_parties(contract)]
    return now, [rules.Step(change.organisation.pk, change.step, change.share) for change in changes]


def _in_words(
    refused: rules.StepRefused, now: Sequence[rules.Member], steps: Sequence[rules.Step], said: Sequence[MemberChange]
) -> RuleViolation:
    """Which rule it was, beside the field in which it can be put right."""
    change = next((one for one in said if one.organisation.pk == refused.key), None)
    if change is None:
        if refused.why == rules.NOTHING:
            return RuleViolation(_("Nothing changes this way. Let somebody join or leave, or change a share."))
        lead = next((member.key for member in now if member.is_lead), 0)
        text = _("The shares come to %(sum)s%% together. They have to be 100%% for those that have one.")
        return RuleViolation(text % {"sum": _percent(rules.sum_of(now, steps))}, field=share_field(lead))
    joins = change.step == MemberStep.JOIN
    field = join_field(change.organisation.pk) if joins else share_field(change.organisation.pk)
    texts = {
        rules.TWICE: _("%(name)s stands here twice."),
        rules.ALREADY: _("%(name)s is in this consortium already."),
        rules.STRANGER: _("%(name)s is not in this consortium any more."),
        rules.NO_PERCENTAGE: _("Give a share above 0 and up to 100 percent, or leave it empty."),
        rules.LEAD: _("%(name)s leads the consortium. Write down a replacement of the contractor instead."),
    }  # fmt: skip
    return RuleViolation(texts[refused.why] % {"name": change.organisation.name}, field=field)


def in_short(changes: Sequence[MemberChange]) -> str:
    """The title of such an amendment, in the language of the contract."""
    with in_dutch():
        parts = [_("%(name)s joins") % {"name": one} for one in _names(changes, MemberStep.JOIN)]
        parts += [_("%(name)s leaves") % {"name": one} for one in _names(changes, MemberStep.LEAVE)]
        return ("; ".join(parts) or _("Other shares in the consortium"))[:200]


def in_full(changes: Sequence[MemberChange]) -> str:
    """What changes, a line each, in the language of the contract: the letter prints it."""
    with in_dutch():
        lines = {
            MemberStep.JOIN: (_("%(name)s joins the consortium."), _("%(name)s joins, with a share of %(share)s%%.")),
            MemberStep.LEAVE: (_("%(name)s leaves the consortium."), ""),
            MemberStep.SHARE: (_("%(name)s no longer has a share."), _("The share of %(name)s becomes %(share)s%%.")),
        }  # fmt: skip
        said = []
        for step, (bare, shared) in lines.items():
            for one in sorted(changes, key=lambda change: change.organisation.name):
                if one.step == step:
                    share = "" if one.share is None else _percent(one.share)
                    said.append((shared if share else bare) % {"name": one.organisation.name, "share": share})
        return "\n".join(said)


def _percent(share: Decimal) -> str:
    """`37,5`, and `40` rather than `40,00`."""
    return format_number(share, 2).rstrip("0").rstrip(",.")


def _names(changes: Sequence[MemberChange], step: str) -> list[str]:
    return sorted(one.organisation.name for one in changes if one.step == step)


def write_members(amendment: Amendment, changes: Sequence[MemberChange]) -> None:
    """Keep what a draft does with whom, instead of what it said before."""
    amendment.members.all().delete()
    AmendmentMember.objects.bulk_create(
        AmendmentMember(amendment=amendment, organisation=one.organisation, step=one.step, share=one.share)
        for one in changes
    )


def members_said(amendment: Amendment) -> tuple[MemberChange, ...]:
    """What an amendment does with whom."""
    rows = amendment.members.select_related("organisation")
    return tuple(MemberChange(row.organisation, row.step, row.share) for row in rows)


def change_members(amendment: Amendment, *, by: User) -> None:
    """Within the transaction that signs the amendment: the parties follow, and the register from that day on.

    Who leaves ends on the day before; another share is a row of its own. Shares alone are not in the register.
    """
    contract, on, changes = amendment.contract, amendment.effective_on, members_said(amendment)
    rows = {row.organisation_id: row for row in last_parties(contract)}
    gone = [rows[one.organisation.pk].pk for one in changes if one.step != MemberStep.JOIN]
    contract.parties.filter(pk__in=gone).update(end=on - _DAY)
    ContractParty.objects.bulk_create(
        ContractParty(
            contract=contract, organisation=one.organisation, share=one.share, start=on,
            is_lead=one.step == MemberStep.SHARE and rows[one.organisation.pk].is_lead,
        )
        for one in changes if one.step != MemberStep.LEAVE
    )  # fmt: skip
    if not all(one.step == MemberStep.SHARE for one in changes):
        with in_dutch():
            note = _("Contract %(number)s with %(party)s: %(change)s.") % {
                "number": contract.number, "party": contract.party_name, "change": in_short(changes),
            }  # fmt: skip
        publish_version(note=note, by=by, on=max(on, database_today()))
