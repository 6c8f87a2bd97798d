"""Checking a receipt, for everybody and without an account; and the program with which one does it without us."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any

from allauth.account.adapter import get_adapter
from django.core.cache import cache
from django.core.exceptions import TooManyFieldsSent, TooManyFilesSent
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.multipartparser import MultiPartParserError
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_POST, require_safe

from achterhoek.accounts.access import public
from procurement.domain import proof as proofs
from procurement.domain.proof import EXTRA, MISSING, OK, UNCHECKED, Found, Line, Receipt, check_files
from procurement.forms.verify import LIMIT, HashingUploadHandler, VerifyForm
from procurement.selectors.proof import KnownReceipt, known_receipt, proof_of, published_roots

TOOL = Path(proofs.__file__).read_bytes()
TOOL_DIGEST = hashlib.sha256(TOOL).hexdigest()
# Enough for who checks a whole round of receipts by hand, too few to try anything out.
CHECKS, PER_SECONDS = 60, 600


@dataclass(frozen=True)
class Outcome:
    """What came out. `same`: whether the digest that was typed is that of the file; None where only one was given."""

    digest: str
    receipt: Receipt | None
    same: bool | None
    standing: KnownReceipt | None
    lines: list[Line]

    @property
    def right(self) -> bool:
        """Everything that was given is right; files that were not given are not held against it."""
        known = self.standing is not None and self.standing.sound
        return known and self.same is not False and all(line.status in (OK, UNCHECKED) for line in self.lines)

    @property
    def compared(self) -> bool:
        """Whether any file was the same as one that was submitted."""
        return any(line.status == OK for line in self.lines)

    @property
    def beside(self) -> bool:
        """Whether a file came along that belongs to an own package and is not compared on this page."""
        return any(line.status == UNCHECKED for line in self.lines)


@public
@csrf_exempt  # the token is asked for below, once it is settled how files are read
def verify(request: HttpRequest) -> HttpResponse:
    """The page on which a receipt is checked, with all published roots."""
    if request.method != "POST":
        return _page(request, VerifyForm())
    if _too_often(request):
        return _wait(request)
    handler = HashingUploadHandler(request)
    request.upload_handlers = [handler]
    # Far too much is not even read.
    length = str(request.META.get("CONTENT_LENGTH") or 0)
    if not length.isdigit() or int(length) > 2 * LIMIT:
        return _page(request, VerifyForm({}, {}, too_large=True), status=413)
    try:
        request.POST  # noqa: B018 - reads what was sent
    except (TooManyFilesSent, TooManyFieldsSent, MultiPartParserError):
        text = _("We could not read what you sent. Send at most 100 files at once, or use the program below.")
        return _page(request, _refused(text), status=422)
    return _check(request, handler)


@csrf_protect
def _check(request: HttpRequest, handler: HashingUploadHandler) -> HttpResponse:
    form = VerifyForm(request.POST, request.FILES, too_large=handler.too_large)
    if not form.is_valid():
        return _page(request, form, status=form.http_status)
    return _page(request, VerifyForm(), outcome=_outcome(form.cleaned_data))


def _wait(request: HttpRequest) -> HttpResponse:
    text = _("You have checked many receipts in a short time. Wait ten minutes, or use the program below.")
    return _page(request, _refused(text), status=429)


def _refused(text: str) -> VerifyForm:
    form = VerifyForm({})
    form.errors.clear()
    form.add_error(None, text)
    return form


def _outcome(given: dict[str, Any]) -> Outcome:
    receipt, digest, number = given["receipt"], given["digest"], given["number"]
    if receipt is None:
        return Outcome(digest, None, None, known_receipt(digest, number), [])
    same = (digest in ("", receipt.digest)) if digest or number else None
    same = same if same is None else same and number in ("", receipt.manifest["receipt"].upper())
    standing = known_receipt(receipt.digest)
    lines = _lines(receipt, given["attachments"]) if given["attachments"] else []
    if lines and standing is not None:
        names = standing.segment_names()
        lines = [replace(line, segment=names.get(line.segment, line.segment)) for line in lines]
    return Outcome(receipt.digest, receipt, same, standing, lines)


def _lines(receipt: Receipt, attachments: list[Found]) -> list[Line]:
    """What is said of each file. One that was not sent along is not missing: nobody has to send them all.

    Who sends a whole own package sends the receipt again, and files that are not compared here: no fault of theirs.
    """
    besides = (proofs.PACKAGE_NAME, proofs.README_NAME)
    sent = [file for file in attachments if proofs.PREFIX + file.sha256 != receipt.digest]
    found = [line for line in check_files(receipt.manifest, sent) if line.status != MISSING]
    return [
        replace(line, status=UNCHECKED) if line.status == EXTRA and line.name in besides else line for line in found
    ]


def _page(request: HttpRequest, form: VerifyForm, *, outcome: Outcome | None = None, status: int = 200) -> HttpResponse:
    context = {
        "form": form,
        "outcome": outcome,
        "page_obj": Paginator(published_roots(), 20).get_page(request.GET.get("page")),
        "tool_digest": TOOL_DIGEST,
        "tool_size": len(TOOL),
    }
    response = render(request, "procurement/verify/page.html", context, status=status)
    if request.method == "POST":
        response["Cache-Control"] = "private, no-store"
    return response


@public
@require_POST
def proof(request: HttpRequest) -> HttpResponse:
    """The way from one receipt to its root, for who gives its digest, once the vault is open."""
    if _too_often(request):
        return _wait(request)
    found = proof_of(request.POST.get("digest", ""))
    if found is None:
        raise Http404
    response = JsonResponse(found, json_dumps_params={"indent": 1})
    response["Content-Disposition"] = 'attachment; filename="bewijs.json"'
    response["Cache-Control"] = "private, no-store"
    return response


@public
@require_safe
def tool(request: HttpRequest) -> HttpResponse:
    """The program with which anybody checks a receipt without this portal: its own source, as it runs here."""
    response = HttpResponse(TOOL, content_type="text/x-python; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="proof.py"'
    return response


def _too_often(request: HttpRequest) -> bool:
    """Whether too many checks came from this address, or from its network where one visitor has many (IPv6)."""
    address = ip_address(get_adapter().get_client_ip(request))
    place = ip_network((address, 64), strict=False) if address.version == 6 else address
    key = f"verify:{place}"
    cache.add(key, 0, PER_SECONDS)
    try:
        return int(cache.incr(key)) > CHECKS
    except ValueError:  # it ran out between the two
        return False
