"""A consortium during its contract: members that join or leave and shares that change, each by an amendment."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.urls import reverse

from achterhoek.accounts.enums import Role
from achterhoek.audit.models import AuditEvent
from achterhoek.clock import database_today
from achterhoek.errors import NotAllowed, RuleViolation
from achterhoek.mail.models import OutboxMessage
from contracts.enums import ChangeKind, ChangeStatus, MemberStep
from contracts.models import Amendment, Contract, ContractLetter, ContractParty, RegisterVersion
from contracts.selectors.agreements import standing_on
from contracts.selectors.register import register_on
from contracts.services.amendments import (
    AmendmentSaid,
    change_amendment,
    draft_amendment,
    members_amendment,
    sign_amendment,
)
from contracts.services.change_decisions import decide_change
from contracts.services.letters import make_letters
from contracts.services.members import MemberChange
from contracts.services.subcontractors import request_change
from tests.factories import OrganisationFactory, member_of, user_with
from tests.factories.contracts import (
    SubcontractorChangeFactory,
    SubcontractorFactory,
    consortium_contract,
    running_contract,
)
from tests.pdf import text_of

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def clm():
    return user_with(Role.CLM)


@pytest.fixture
def contract():
    return consortium_contract(50, 30, 20)


def parties(contract: Contract) -> tuple[Any, ...]:
    """The lead first, the others in the order in which they were written down."""
    return tuple(row.organisation for row in contract.parties.order_by("-is_lead", "pk"))


def joins(who: Any, share: int | None = None) -> MemberChange:
    return MemberChange(who, MemberStep.JOIN, None if share is None else Decimal(share))


def leaves(who: Any) -> MemberChange:
    return MemberChange(who, MemberStep.LEAVE)


def gets(who: Any, share: int | None) -> MemberChange:
    return MemberChange(who, MemberStep.SHARE, None if share is None else Decimal(share))


def said(*changes: MemberChange, on: date | None = None, ground: str = "2.163c", reason: str = "Zo.") -> AmendmentSaid:
    return members_amendment(ground=ground, reason=reason, effective_on=on or database_today(), members=changes)


def agreed(contract: Contract, says: AmendmentSaid, clm: Any) -> Amendment:
    made = sign_amendment(amendment=draft_amendment(contract=contract, says=says, by=clm), by=clm)
    with connection.cursor() as cursor:
        # What the database looks at when all is written.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    return made


def stood(contract: Contract, day: date) -> dict[str, Any]:
    return {row.organisation.name: row.share for row in standing_on(contract, day).parties}


def letter_to(amendment: Amendment, who: Any = None) -> str:
    subject = f"{amendment.pk}:{who.pk}" if who else str(amendment.pk)
    with ContractLetter.objects.get(kind="amendment", subject=subject).file.file.open("rb") as opened:
        return " ".join(text_of(opened.read()).split())


def test_one_leaves_another_joins_and_the_rest_is_shared_anew(contract, clm):
    lead, stays, gone = parties(contract)
    new, on = OrganisationFactory(), database_today() + 10 * DAY
    made = agreed(contract, said(leaves(gone), joins(new, 15), gets(stays, 35), on=on), clm)
    assert stood(contract, on - DAY) == {lead.name: 50, stays.name: 30, gone.name: 20}
    assert stood(contract, on) == {lead.name: 50, stays.name: 35, new.name: 15}
    assert stood(contract, contract.start)[gone.name] == 20
    assert made.title == f"{new.name} doet mee; {gone.name} gaat weg"
    assert f"Het aandeel van {stays.name} wordt 35%." in made.description
    # The register follows from that day, with who it was before on the day before.
    before, after = ({p.party.name: p.since for p in register_on(d).contracts[0].parties} for d in (on - DAY, on))
    assert set(before) == {lead.name, stays.name, gone.name}
    # Another share does not make it another party: it is in it since the start.
    assert after == {lead.name: contract.start, stays.name: contract.start, new.name: on}
    note = RegisterVersion.objects.get(date=on).note
    assert new.name in note
    assert gone.name in note
    assert make_letters() == 3
    assert set(OutboxMessage.objects.values_list("to", flat=True)) == {lead.email, gone.email, new.email}
    assert "niet meer mee in contract" in letter_to(made, gone)
    assert "Alle afspraken uit het contract gelden dan ook voor u." in letter_to(made, new)
    assert "gaat weg uit de combinatie" in letter_to(made)


def test_shares_alone_change_by_an_amendment_and_are_no_news_for_the_register(contract, clm):
    lead, one, other = parties(contract)
    with pytest.raises(RuleViolation) as refused:
        agreed(contract, said(gets(one, 40)), clm)
    assert refused.value.field == f"aandeel{lead.pk}"
    assert "110%" in refused.value.message
    agreed(contract, said(gets(one, 40), gets(other, 10), ground="2.163g"), clm)
    assert stood(contract, database_today()) == {lead.name: 50, one.name: 40, other.name: 10}
    assert not RegisterVersion.objects.exists()
    agreed(contract, said(*(gets(who, None) for who in (lead, one, other)), on=database_today() + DAY), clm)
    assert set(stood(contract, database_today() + DAY).values()) == {None}


def test_the_lead_does_not_just_leave(contract, clm):
    lead = contract.contractor
    with pytest.raises(RuleViolation, match=lead.name) as refused:
        agreed(contract, said(leaves(lead)), clm)
    assert refused.value.field == f"aandeel{lead.pk}"


def test_the_parties_change_in_the_order_of_the_days(contract, clm):
    _lead, _one, gone = parties(contract)
    contract.parties.update(share=None)
    on = database_today() + 5 * DAY
    agreed(contract, said(leaves(gone), on=on), clm)
    for day in (on, on - DAY, database_today() - 32 * DAY):
        with pytest.raises(RuleViolation) as refused:
            agreed(contract, said(joins(OrganisationFactory()), on=day), clm)
        assert refused.value.field == "effective_on"
    # Who left can join again on a later day.
    agreed(contract, said(joins(gone), on=on + DAY), clm)
    assert gone.name not in stood(contract, on)
    assert gone.name in stood(contract, on + DAY)


def test_two_drafts_of_the_same_day_do_not_both_come_in_force(contract, clm):
    _lead, one, other = parties(contract)
    contract.parties.update(share=None)
    drafts = [draft_amendment(contract=contract, says=said(leaves(who)), by=clm) for who in (one, other)]
    sign_amendment(amendment=drafts[0], by=clm)
    with pytest.raises(RuleViolation):
        sign_amendment(amendment=drafts[1], by=clm)
    assert contract.parties.filter(end__isnull=True).count() == 2


def test_nobody_is_a_party_and_a_subcontractor_at_once(contract, clm):
    today, new = database_today(), OrganisationFactory()
    contract.parties.update(share=None)
    hired = SubcontractorFactory(contract=contract, organisation=new, start=contract.start)
    with pytest.raises(RuleViolation, match="onderaannemer") as refused:
        agreed(contract, said(joins(new)), clm)
    assert refused.value.field == f"erbij{new.pk}"
    hired.end = today - DAY
    hired.save()
    # A request about it that is still open would cross it.
    asked = SubcontractorChangeFactory(contract=contract, organisation=new, kind=ChangeKind.ADD)
    with pytest.raises(RuleViolation, match="open"):
        agreed(contract, said(joins(new)), clm)
    decide_change(change=asked, outcome=ChangeStatus.REFUSED, reason="Wordt lid.", by=clm)
    agreed(contract, said(joins(new)), clm)
    member = member_of(contract.contractor)
    ask = {"contract": contract, "kind": ChangeKind.ADD, "reason": "Nodig.", "part_of_work": "Spel", "by": member}
    with pytest.raises(RuleViolation):
        request_change(organisation=new, effective_on=today, **ask)
    # Who left may work for it afterwards.
    gone = parties(contract)[1]
    agreed(contract, said(leaves(gone), on=today + DAY), clm)
    assert request_change(organisation=gone, effective_on=today + 2 * DAY, **ask).pk


def test_a_request_of_before_is_not_approved_for_who_became_a_party(contract, clm):
    contract.parties.update(share=None)
    new = OrganisationFactory()
    agreed(contract, said(joins(new)), clm)
    asked = SubcontractorChangeFactory(contract=contract, organisation=new, kind=ChangeKind.ADD)
    with pytest.raises(RuleViolation) as refused:
        decide_change(change=asked, outcome=ChangeStatus.APPROVED, reason="Ja.", by=clm)
    assert refused.value.field == "outcome"


@pytest.mark.parametrize(("ground", "moves", "fits"), [
    ("2.163f", True, True), ("2.163g", True, False), ("2.163g", False, True), ("2.163f", False, False),
])  # fmt: skip
def test_the_ground_is_that_of_what_happens(contract, clm, ground, moves, fits):
    lead, one, gone = parties(contract)
    says = said(*((leaves(gone), gets(lead, 70)) if moves else (gets(one, 40), gets(gone, 10))), ground=ground)
    if fits:
        assert agreed(contract, says, clm).signed_at
        return
    with pytest.raises(RuleViolation) as refused:
        agreed(contract, says, clm)
    assert refused.value.field == "ground"


def test_only_team_clm_and_only_of_a_consortium(contract, clm):
    with pytest.raises(NotAllowed):
        draft_amendment(contract=contract, says=said(leaves(parties(contract)[1])), by=user_with(Role.LEAD))
    alone = running_contract()
    with pytest.raises(RuleViolation):
        draft_amendment(contract=alone, says=said(joins(OrganisationFactory())), by=clm)
    with pytest.raises(RuleViolation):
        draft_amendment(contract=contract, says=said(), by=clm)


def test_the_database_refuses_a_day_without_a_lead_or_with_half_a_share(contract):
    lead, one, _other = (row for row in contract.parties.order_by("-is_lead", "pk"))
    for change in ({"share": Decimal(49)}, {"end": database_today()}, {"is_lead": False}):
        with pytest.raises(IntegrityError, match="lead, or with shares"):
            written(lead, change)
    draft = draft_amendment(
        contract=contract, says=said(leaves(one.organisation), gets(lead.organisation, 80)), by=user_with(Role.CLM)
    )
    with pytest.raises(IntegrityError, match="amendment_member_once"), transaction.atomic():
        draft.members.create(organisation=one.organisation, step=MemberStep.SHARE)


def written(row: ContractParty, change: dict[str, Any]) -> None:
    """As at the end of a transaction, in which all is looked at together."""
    with transaction.atomic(), connection.cursor() as cursor:
        ContractParty.objects.filter(pk=row.pk).update(**change)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


# A draft written anew ---------------------------------------------------------------------------------


def test_a_draft_is_written_anew_under_its_own_number(contract, clm):
    _lead, one, other = parties(contract)
    contract.parties.update(share=None)
    made = draft_amendment(contract=contract, says=said(leaves(one)), by=clm)
    change_amendment(amendment=made, says=said(leaves(other), reason="Toch anders."), by=clm)
    made.refresh_from_db()
    assert (made.sequence, made.reason, made.title) == (1, "Toch anders.", f"{other.name} gaat weg")
    assert [row.organisation for row in made.members.all()] == [other]
    event = AuditEvent.objects.get(action="contracts.amendment.change")
    assert event.detail["members"][0]["kvk_number"] == other.kvk_number
    assert event.detail["before"]["members"][0]["kvk_number"] == one.kvk_number
    with pytest.raises(NotAllowed):
        change_amendment(amendment=made, says=said(leaves(one)), by=user_with(Role.LEAD))
    sign_amendment(amendment=made, by=clm)
    with pytest.raises(RuleViolation):
        change_amendment(amendment=made, says=said(leaves(one)), by=clm)


# The pages --------------------------------------------------------------------------------------------


def typed(contract: Contract, **fields: str) -> dict[str, str]:
    shares = {f"aandeel{row.organisation_id}": f"{row.share:f}" for row in contract.parties.all()}
    return {
        **shares, "ground": "2.163c", "effective_on": database_today().isoformat(), "reason": "Fusie.", **fields,
    }  # fmt: skip


def test_the_page_keeps_what_was_typed_and_says_it_beside_the_field(client, contract, clm):
    lead, one, gone = parties(contract)
    new = OrganisationFactory(name="Zorg Nieuw")
    client.force_login(clm)
    url = reverse("contracts:amendment_members", args=[contract.pk])
    assert url in client.get(reverse("contracts:amendments", args=[contract.pk])).content.decode()
    page = client.get(url)
    assert page.status_code == 200
    fields = page.context["form"].fields
    assert f"vertrekt{one.pk}" in fields
    assert f"vertrekt{lead.pk}" not in fields
    refused = client.post(url, typed(contract, kvk1="00000000", aandeel_nieuw2="5", reason="Zo is het."))
    assert refused.status_code == 422
    assert set(refused.context["form"].errors) == {"kvk1", "kvk2"}
    assert "Zo is het." in refused.content.decode()
    twice = client.post(url, typed(contract, kvk1=one.kvk_number))
    assert set(twice.context["form"].errors) == {"kvk1"}
    short = client.post(url, typed(contract, **{f"vertrekt{gone.pk}": "on", "kvk1": new.kvk_number}))
    assert set(short.context["form"].errors) == {f"aandeel{lead.pk}"}
    assert "80%" in short.content.decode()
    good = typed(contract, **{f"vertrekt{gone.pk}": "on", "kvk1": new.kvk_number, "aandeel_nieuw1": "20"})
    made = client.post(url, good)
    assert made.status_code == 302
    assert Amendment.objects.get().members.count() == 2


def test_a_draft_is_changed_on_its_page_and_signed_as_it_was_read(client, contract, clm):
    lead, one, gone = parties(contract)
    draft_amendment(contract=contract, says=said(leaves(gone), gets(lead, 70)), by=clm)
    client.force_login(clm)
    page_url = reverse("contracts:amendment", args=[contract.pk, 1])
    url = reverse("contracts:amendment_edit", args=[contract.pk, 1])
    seen = client.get(page_url)
    assert url in seen.content.decode()
    form = client.get(url).context["form"]
    assert form[f"vertrekt{gone.pk}"].value() is True
    assert form[f"aandeel{lead.pk}"].value() == 70
    changed = typed(contract, **{f"aandeel{lead.pk}": "45", f"aandeel{one.pk}": "35"})
    assert client.post(url, changed).status_code == 302
    # Somebody else had the page open from before.
    old = {"agreed": "on", "seen": seen.context["form"]["seen"].value()}
    assert client.post(page_url, old).status_code == 422
    assert Amendment.objects.get().signed_at is None
    now = client.get(page_url)
    assert f"{one.name}, 35%" in " ".join(now.content.decode().split())
    assert client.post(page_url, {"agreed": "on", "seen": now.context["form"]["seen"].value()}).status_code == 302
    assert stood(contract, database_today())[one.name] == 35
    assert client.get(url).status_code == 302
    member = member_of(contract.contractor)
    client.force_login(member)
    assert "Andere aandelen" in client.get(reverse("contracts:amendments", args=[contract.pk])).content.decode()
    stand = client.get(reverse("contracts:contract_on", args=[contract.pk])).content.decode()
    assert "De partijen door de jaren heen" in stand
    assert client.get(reverse("contracts:contract", args=[contract.pk])).status_code == 200
    client.force_login(member_of(OrganisationFactory()))
    assert client.get(page_url).status_code == 404


def test_another_draft_is_changed_too(client, clm):
    contract = running_contract(initial_value=Decimal(1_000_000))
    says = AmendmentSaid(
        kind="scope", ground="2.163b", title="Een inloop erbij", description="In Aalten.", reason="Meer vraag.",
        effective_on=database_today(), value_change=Decimal(40_000),
    )  # fmt: skip
    draft_amendment(contract=contract, says=says, by=clm)
    client.force_login(clm)
    url = reverse("contracts:amendment_edit", args=[contract.pk, 1])
    page = client.get(url)
    assert "40.000,00" in page.content.decode()
    data = {name: page.context["form"][name].value() or "" for name in page.context["form"].fields}
    refused = client.post(url, {**data, "value_change": "100.000", "effective_on": database_today().isoformat()})
    assert set(refused.context["form"].errors) == {"value_change"}
    data |= {"title": "Twee inlopen erbij", "value_change": "50.000", "effective_on": database_today().isoformat()}
    assert client.post(url, data).status_code == 302
    made = Amendment.objects.get()
    assert (made.title, made.value_change, made.sequence) == ("Twee inlopen erbij", 50_000, 1)
    assert client.get(reverse("contracts:amendment_members", args=[contract.pk])).status_code == 404
    with pytest.raises(RuleViolation) as refused_kind:
        change_amendment(amendment=made, says=said(joins(OrganisationFactory())), by=clm)
    assert refused_kind.value.field == "kind"


def test_the_lines_of_a_signed_amendment_stay(contract, clm):
    _lead, second, third = parties(contract)
    made = agreed(contract, said(leaves(third), gets(second, 50)), clm)
    line = made.members.get(organisation=third)
    for deed in (
        lambda: made.members.update(step="share"),
        lambda: line.delete(),
        lambda: made.members.create(organisation=OrganisationFactory(), step="join"),
    ):
        with pytest.raises(IntegrityError, match="keeps its lines"), transaction.atomic():
            deed()
