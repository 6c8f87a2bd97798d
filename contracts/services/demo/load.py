"""Loading the demo, once. All of it in one transaction: there is no half a demo."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F
from django.utils import translation

from achterhoek.audit.models import AuditEvent
from achterhoek.audit.services import record
from achterhoek.clock import database_now
from achterhoek.mail.models import MessageStatus, OutboxMessage
from achterhoek.region.models import Region
from contracts.services.demo.clock import movable_clock
from contracts.services.demo.files import files_digest, read_files
from contracts.services.demo.history import History
from contracts.services.demo.letters import letters_can_be_made
from contracts.services.demo.people import make_accounts, make_parties
from contracts.services.demo.plan import Plan
from contracts.services.demo.practice import Cast, plan_practice, states
from contracts.services.demo.years import load_years, plan_years
from contracts.services.demo.years.base import Years
from contracts.services.register import keep_due_versions
from procurement.models import ReceiptDelivery, Tender
from procurement.services.load_region import load_region
from procurement.services.region_files import folder_of

MARK = "demo.loaded"
OTHER_REGIONS = ("alkmaar",)
# Days before today on which the portal is said to have begun: before the first practice tender.
LONG_AGO = -200
Say = Callable[[str], None]


class DemoRefused(RuntimeError):
    """Demo data has no place here."""


def is_loaded() -> str | None:
    """The digest of the files that the demo here was made from; None where there is none."""
    detail = AuditEvent.objects.filter(action=MARK).order_by("-id").values_list("detail", flat=True).first()
    return str(detail["files"]) if detail else None


def load_demo(*, say: Say = lambda text: None) -> bool:
    """Load regions, history, practice tenders and accounts; False where they are here already.

    Raises `DemoRefused` under settings without DEMO: its accounts have a password that everybody knows.
    """
    if not settings.DEMO:
        raise DemoRefused("demo data is loaded under demo settings only (settings.DEMO)")
    loaded = is_loaded()
    if loaded:
        if loaded != files_digest():
            say("The demo's data files have changed since it was loaded: ./run demo --reset starts anew.")
        return False
    with transaction.atomic(), translation.override("nl"):
        with connection.cursor() as cursor:
            # Two who start at once: the second one waits, and then finds it loaded.
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [MARK])
        if is_loaded():
            return False
        _load(say)
    return True


def _load(say: Say) -> None:
    """Everything in the order in which it happened, so that the log reads as one."""
    files = read_files()
    plan = Plan(database_now())
    with_letters = letters_can_be_made()
    if not with_letters:
        say("This machine cannot make PDF letters, so the practice award waits with its letters unsent.")
    with movable_clock() as set_clock:
        set_clock(plan.day(LONG_AGO))
        say("Regions ...")
        for slug in (files.practice["region"], *OTHER_REGIONS):
            load_region(folder=folder_of(slug))
        region = Region.objects.get(slug=files.practice["region"])
        template = Tender.objects.get(slug=files.practice["template"])
        people = make_accounts(files.accounts, region)
        parties = make_parties(files.providers, files.accounts, people)
        say("Inkoop 2022 ...")
        history = History(files.history, template, parties, people["clm@demo.example"], plan.today)
        contracts = history.load()
        years = Years(files.years, template, contracts, parties, people, plan.today)
        load_years(years, files.history["segments"])
        plan_years(years, plan, with_letters=with_letters)
        say("Practice tenders ...")
        cast = Cast(people, parties, files.texts, files.practice, with_letters)
        tenders = plan_practice(template, plan, cast)
        plan.run(set_clock)
    history.ask_changes()
    keep_due_versions()
    _settle_mail()
    record(
        MARK, by=None, target=region,
        detail={"files": files_digest(), "contracts": len(contracts), "tenders": states(tenders)},
    )  # fmt: skip


def _settle_mail() -> None:
    """The mail of the past was sent in the past; nothing of it goes out now."""
    ReceiptDelivery.objects.filter(mailed_at=None).delete()
    OutboxMessage.objects.filter(status=MessageStatus.QUEUED).update(
        status=MessageStatus.SENT, attempts=1, sent_at=F("created_at")
    )
