"""An option that comes up: what each college decides on it, and the conclusion that Team CLM draws."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from playwright.sync_api import expect

from achterhoek.celery import app
from contracts.enums import ContractStatus
from contracts.models import Contract, ContractLetter, RegisterVersion
from contracts.rules import last_day_of
from tests.e2e.chain.actors import Person
from tests.e2e.chain.changing import named
from tests.worker import wait_until

NIGHTLY = ("contracts.keep_register_versions", "contracts.end_due_contracts", "contracts.mind_options")


def a_night_passes(today: date) -> None:
    """What the scheduler asks of the worker between one day and the next; all of it is done when this returns."""
    for task in NIGHTLY:
        app.send_task(task)
    app.send_task("contracts.make_letters")
    kept = RegisterVersion.objects.filter(digest="", date__lt=today)
    running = Contract.objects.filter(status=ContractStatus.ACTIVE)
    wait_until(
        lambda: not kept.exists() and all(today <= last_day_of(contract) for contract in running.all()),
        what="the night has passed",
    )


def letters_have_gone(count: int) -> None:
    """So many letters were asked for, and the worker has made and mailed all of them."""
    waiting = ContractLetter.objects.filter(sent_at__isnull=True)
    assert ContractLetter.objects.count() == count
    wait_until(lambda: not waiting.exists(), what="all letters have gone")


def college_declines(college: Person, contracts: Sequence[Contract], reason: str, *, on: date) -> None:
    """One decision on all contracts at once; first without its reason, which the contractors have to read."""
    college.opens("/college/")
    college.reads(f"{len(contracts)} opties wachten op uw college")
    college.follows("Naar de opties van contracten")
    college.follows("Kies de hele lijst")
    boxes = college.main.get_by_role("checkbox")
    expect(boxes).to_have_count(len(contracts))
    for box in boxes.all():
        expect(box).to_be_checked()
    college.chooses("Besluit van het college", "Niet verlengen")
    named(college, "decided_on").fill(on.isoformat())
    if not reason:
        return
    named(college, "reason").fill(reason)
    college.presses("Besluit vastleggen")
    college.reads(f"Het besluit over {len(contracts)} contracten is vastgelegd.")


def conclude(clm: Person, contract: Contract, reason: str) -> None:
    """From the first page of the desk to the option, and its end."""
    to_option(clm, contract)
    clm.reads("Geen enkel college verlengt")
    named(clm, "reason").fill(reason)
    clm.presses("Rond het besluit af en verstuur de brief")
    clm.reads("Het contract wordt niet verlengd. De brief is onderweg.")


def to_option(clm: Person, contract: Contract) -> None:
    clm.opens("/beheer/")
    clm.follows(re.compile("^Opties: besluiten binnen een jaar"))
    row = clm.row(contract.number)
    clm.follows(contract.party_name, within=row)
