"""The gate: the one read path of submissions, their answers and files, for everyone.

Before the vault of a round is opened only the organisation's own team reads its submission (Aw 2.108), and not
even that where custodians hold its key. After it: the procurement lead and the auditor of the region, and each
committee member for the bids about which that very member declared to have no interest (Aw 1.10b), and where bids
are divided, only the own ones. Drafts and withdrawn submissions stay with the team for good.
Prices open later, when the quality scores of the segment are fixed (the prijskluis).
"""

from __future__ import annotations

from functools import cache
from typing import Any
from uuid import UUID

from django.db.models import CharField, Exists, F, Func, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Cast

from achterhoek.audit.selectors import seals as seals_events
from achterhoek.documents.gate import opens, reads
from achterhoek.documents.models import StoredFile
from achterhoek.documents.sealed import FileKey
from achterhoek.mail.models import OutboxMessage
from achterhoek.mail.selectors import seals as seals_messages
from achterhoek.prepared import Prepared
from achterhoek.sealing.services import KeyWithheld
from procurement.enums import QuestionKind, RoundStatus, SegmentRoundStatus, SubmissionStatus
from procurement.models import (
    Answer,
    DeadlineExtension,
    DraftAlternative,
    DraftAnswer,
    Entry,
    Fingerprint,
    Receipt,
    ReceiptDelivery,
    RequirementConfirmation,
    SegmentRound,
    Submission,
)
from procurement.rules import overseen
from procurement.selectors.content import Content, content_of, open_package, round_secret
from procurement.selectors.seats import cleared_declarations
from procurement.selectors.vault import vault_rounds
from providers.models import Membership

ANSWER_FILE, RECEIPT_FILE, OPENING_FILE = "answer", "receipt", "opening_record"
# Quality is judged before anybody sees a price: from `fixed` on it is.
PRICES_OPEN = (SegmentRoundStatus.FIXED, SegmentRoundStatus.RANKED, SegmentRoundStatus.DECIDED)


# What the pages of a submission show of all that hangs on it.
PAGE = (
    *(field.attname for field in Submission._meta.concrete_fields),
    *(f"round__{name}" for name in ("id", "tender", "stage", "status", "opens_at", "deadline", "opened_at")),
    *(f"round__tender__{name}" for name in ("id", "region", "slug", "title", "status", "custody")),
    *(f"organisation__{name}" for name in ("id", "name", "kvk_number", "email")),
    *(f"organisation__sealing_key__{name}" for name in ("id", "purpose", "public", "wrapped")),
)


def _team(user: Any, path: str) -> Q:
    return Q(**{f"{path}organisation__memberships__user": user})


def _handed_in(path: str) -> Q:
    """Submitted, in a round of which the vault is open."""
    return Q(**{f"{path}status": SubmissionStatus.SUBMITTED, f"{path}round__status": RoundStatus.OPENED})


def _seat(user: Any, **where: str) -> Q:
    """A bid that this evaluator may read from a seat; `where` ties its declaration to the row that is asked about."""
    return Q(Exists(cleared_declarations(user).filter(**{name: OuterRef(path) for name, path in where.items()})))


def readable_submissions(user: Any) -> QuerySet[Submission]:
    """Submissions of which this user may read anything at all, now."""
    if not user.is_authenticated:
        return Submission.objects.none()
    seat = _seat(user, entry__submission="pk")
    opened = _handed_in("") & (overseen(user, region="round__tender__region") | seat)
    return Submission.objects.filter(Q(pk__in=Submission.objects.filter(_team(user, ""))) | opened)


def readable_entries(user: Any) -> QuerySet[Entry]:
    """The stakes in segments that this user may read now: own, or after the opening."""
    if not user.is_authenticated:
        return Entry.objects.none()
    own = Q(submission__in=Submission.objects.filter(_team(user, "")))
    seat = Q(pk__in=cleared_declarations(user).values("entry"))
    return Entry.objects.filter(
        own | (_handed_in("submission__") & (overseen(user, region="submission__round__tender__region") | seat))
    )


def readable_answers(user: Any) -> QuerySet[Answer]:
    """The answers that this official may read now. What was answered once, for all segments, goes with each.

    The team reads its own through `content_for`.
    """
    if not user.is_authenticated:
        return Answer.objects.none()
    general = Q(question__segment__isnull=True)
    seat = _seat(user, entry__submission="submission", entry__segment="question__segment") | (
        general & _seat(user, entry__submission="submission")
    )
    opened = _handed_in("submission__") & (overseen(user, region="submission__round__tender__region") | seat)
    return Answer.objects.filter(opened & _price_open())


@cache
def _price_open() -> Q:
    """Not a price, or one whose segment has its scores fixed; a price for all segments waits for all of them."""
    of_round = SegmentRound.objects.filter(round=OuterRef("submission__round"))
    fixed = Exists(of_round.filter(segment=OuterRef("question__segment"), status__in=PRICES_OPEN))
    waiting = of_round.exclude(status__in=PRICES_OPEN).filter(
        segment__in=Entry.objects.filter(submission=OuterRef(OuterRef("submission"))).values("segment")
    )
    return ~Q(question__kind=QuestionKind.PRICE) | fixed | (Q(question__segment__isnull=True) & ~Exists(waiting))


def answers_of_entry(user: Any, entry: Entry) -> QuerySet[Answer]:
    """What this user may read of one entry: the general answers and those for its segment, in order.

    The same rule as `readable_answers`; about one bid the seat is asked for once, and not beside each answer.
    """
    if not user.is_authenticated:
        return Answer.objects.none()
    seat = Q(Exists(cleared_declarations(user).filter(entry=entry.pk)))
    return (
        Answer.objects.filter(
            _handed_in("submission__") & (overseen(user, region="submission__round__tender__region") | seat),
            _price_open(),
            Q(question__segment__isnull=True) | Q(question__segment=entry.segment_id),
            submission=entry.submission_id,
        )
        .select_related("file")
        .order_by("question__segment_id", "question__position", "question_id")
    )


def confirmations_of_entry(user: Any, entry: Entry) -> QuerySet[RequirementConfirmation]:
    """What the submitter itself states about the minimum requirements that hold for one entry."""
    return (
        RequirementConfirmation.objects.filter(
            submission__in=readable_entries(user).filter(pk=entry.pk).values("submission")
        )
        .filter(Q(requirement__segment__isnull=True) | Q(requirement__segment=entry.segment_id))
        .select_related("requirement")
        .order_by("requirement__segment_id", "requirement__position", "requirement_id")
    )


def _with_seat(pk: UUID, user: int) -> QuerySet[Submission]:
    # Asked for as a column, the seat costs the database far less to plan than as one table more to join.
    seat = Membership.objects.filter(organisation=OuterRef("organisation"), user=user)
    rows = Submission.objects.select_related("round__tender", "organisation__sealing_key").only(*PAGE)
    return rows.annotate(is_own=Exists(seat), may_sign=Exists(seat.filter(is_signatory=True))).filter(pk=pk)


_submission_with_seat = Prepared(_with_seat, UUID, int)


def team_submission(user: Any, pk: UUID) -> Submission | None:
    """A submission of this user's own organisation, with what its pages show of it; None for others."""
    if not user.is_authenticated:
        return None
    found: Any = _submission_with_seat.first(pk, user.pk)
    if found is None or not found.is_own:
        return None
    found.given_to = user.pk
    return found  # type: ignore[no-any-return]


def may_sign(submission: Submission) -> bool:
    """Whether the person to whom `team_submission` gave it may sign for the organisation."""
    return bool(getattr(submission, "may_sign", False))


def content_for(user: Any, submission: Submission) -> Content:
    """What stands filled in, for the team that fills it in; for anybody else there is nothing.

    A submission that `team_submission` gave to this very user is not asked for again.
    """
    if user.is_authenticated and getattr(submission, "given_to", None) == user.pk:
        return content_of(submission)
    if not Submission.objects.visible_to(user).filter(pk=submission.pk).exists():
        return Content()
    return content_of(submission)


def _own_files(user: Any) -> Q:
    """Files in a draft, or in a package, of an organisation of this user."""
    mine = Submission.objects.filter(_team(user, ""))
    drafts = DraftAnswer.objects.filter(submission__in=mine)
    return (
        Q(pk__in=drafts.values("file"))
        | Q(pk__in=DraftAlternative.objects.filter(answer__in=drafts).values("file"))
        | Q(packages__receipt__submission__in=mine)
    )


@reads(ANSWER_FILE)
def may_read_answer_file(user: Any, stored: StoredFile) -> bool:
    """A file is read by its own team, and by whoever may read the answer it belongs to; else by nobody."""
    if not user.is_authenticated:
        return False
    own = StoredFile.objects.filter(_own_files(user), pk=stored.pk)
    return own.exists() or readable_answers(user).filter(file=stored).exists()


@reads(RECEIPT_FILE)
def may_read_receipt_file(user: Any, stored: StoredFile) -> bool:
    """A receipt is of the team that submitted, for good: it tells nobody else anything they need."""
    if not user.is_authenticated:
        return False
    mine = ReceiptDelivery.objects.filter(receipt__submission__in=Submission.objects.filter(_team(user, "")))
    return mine.filter(Q(pdf=stored) | Q(manifest=stored)).exists()


@reads(OPENING_FILE)
def may_read_opening_record(user: Any, stored: StoredFile) -> bool:
    """The proces-verbaal of an opening, and that of its prices: who may see the opened vault (Aw 2.108)."""
    if not user.is_authenticated:
        return False
    about = Q(opening__record=stored) | Q(segment_rounds__price_opening__record__file=stored)
    return vault_rounds(user).filter(about, status=RoundStatus.OPENED).exists()


@opens(ANSWER_FILE)
def key_of_answer_file(user: Any, stored: StoredFile) -> FileKey | None:
    """The key of a file that was handed in lies in its package; its team opens that with the key of the round."""
    sealed = stored.packages.filter(receipt__submission__in=Submission.objects.filter(_team(user, "")))
    package = sealed.select_related("receipt__submission").order_by("-pk").first()
    if package is None:
        return None
    try:
        opened = open_package(package, round_secret(package.receipt.submission.round_id))
    except KeyWithheld:
        return None
    held = next((file for file in opened.files() if file.id == str(stored.pk)), None)
    return FileKey(held.key, held.name) if held else None


@seals_events
def sealed_events() -> Q:
    """Who works on a submission is not read in the audit log either, as long as the vault is closed; nor what the
    scanner found in a file of theirs."""
    waiting = Submission.objects.exclude(round__status=RoundStatus.OPENED)
    files = StoredFile.objects.filter(kind=ANSWER_FILE, answer__isnull=True)
    sealed = Q()
    for rows in (waiting, files):
        keys = rows.annotate(key=Cast("pk", CharField())).values("key")
        sealed |= Q(target_type=rows.model._meta.label_lower, target_id__in=keys)
    return sealed


@seals_messages
def sealed_messages() -> Q:
    """Nor is it read in the outbox who got a receipt (`receipt:<number>:...`), the confirmation of a fingerprint
    (`fingerprint:<key>:...`) or word of a later deadline (`extension:<key>:...`) before the vault is open.
    """
    told = Func(F("key"), Value(":"), Value(2), function="SPLIT_PART", output_field=CharField())
    about = OutboxMessage.objects.annotate(about=told)
    numbers = Receipt.objects.exclude(submission__round__status=RoundStatus.OPENED).values("number")
    fingerprints = Fingerprint.objects.exclude(submission__round__status=RoundStatus.OPENED)
    extensions = DeadlineExtension.objects.exclude(round__status=RoundStatus.OPENED)
    sealed = (
        Q(key__startswith="receipt:", about__in=numbers)
        | Q(key__startswith="fingerprint:", about__in=_keys(fingerprints))
        | Q(key__startswith="extension:", about__in=_keys(extensions))
    )
    return Q(pk__in=about.filter(sealed).values("pk"))


def _keys(found: QuerySet[Any]) -> QuerySet[Any, Any]:
    keys: QuerySet[Any, Any] = found.annotate(as_text=Cast("pk", CharField())).values("as_text")
    return keys
