"""Checking a receipt: what one gives for it, and how files are read without being kept."""

from __future__ import annotations

import hashlib
import re
from io import BytesIO
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from achterhoek.nlds.forms import NldsForm
from procurement.domain.proof import PREFIX, Found, Receipt, Unreadable, check_receipt

LIMIT_MB = 200
LIMIT = LIMIT_MB * 1024 * 1024
RECEIPT_LIMIT = 2 * 1024 * 1024
DIGEST = re.compile(r"(?:sha256:)?([0-9a-f]{64})")


class HashedFile(UploadedFile):
    """A file of which only the name, the length and the digest were kept; a receipt with its content."""

    def __init__(self, name: str, length: int, sha256: str, content: bytes = b"") -> None:
        super().__init__(BytesIO(content), name=name, size=length)
        self.length, self.sha256 = length, sha256


class HashingUploadHandler(FileUploadHandler):
    """Hashes what comes in while it comes in, and keeps nothing of it but a receipt.

    Past the limit the rest is read and thrown away, so that the sender gets an answer instead of a cut connection.
    """

    def __init__(self, request: Any = None) -> None:
        super().__init__(request)
        self.received = 0

    @property
    def too_large(self) -> bool:
        return self.received > LIMIT

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self.sha256, self.size, self.kept = hashlib.sha256(), 0, BytesIO()

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        self.received += len(raw_data)
        self.size += len(raw_data)
        if not self.too_large:
            self.sha256.update(raw_data)
            if self.field_name == "receipt" and self.size <= RECEIPT_LIMIT:
                self.kept.write(raw_data)
        return None

    def file_complete(self, file_size: int) -> HashedFile:
        return HashedFile(self.file_name or "", file_size, self.sha256.hexdigest(), self.kept.getvalue())


class ManyFilesInput(forms.FileInput):
    allow_multiple_selected = True


class ManyFilesField(forms.FileField):
    """Any number of files, also empty ones."""

    widget = ManyFilesInput

    def clean(self, data: Any, initial: Any = None) -> list[Found]:
        return [Found(file.name or "", file.sha256, file.length) for file in data or [] if isinstance(file, HashedFile)]


class VerifyForm(NldsForm):
    """The receipt itself, or its number and digest; and files, where there is a receipt to find them on."""

    submit_label = gettext_lazy("Check the receipt")
    show_optional = False

    receipt = forms.FileField(
        label=gettext_lazy("The file of your receipt"),
        help_text=gettext_lazy("The JSON file that you downloaded with your receipt."),
        widget=forms.FileInput(attrs={"accept": ".json,application/json"}),
        required=False,
    )
    number = forms.CharField(
        label=gettext_lazy("The number of your receipt"),
        help_text=gettext_lazy("For example V-ABCD-EFGH-1."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        max_length=30,
        required=False,
    )
    digest = forms.CharField(
        label=gettext_lazy("The digest on your receipt"),
        help_text=gettext_lazy("It begins with sha256 and has 64 digits and letters after it."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        max_length=100,
        required=False,
    )
    attachments = ManyFilesField(label=gettext_lazy("The files that you submitted"), required=False)

    def __init__(self, *args: Any, too_large: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.too_large = too_large
        self.fields["attachments"].help_text = _(
            "At most %(limit)s MB together. We read them once to compare them, and keep nothing."
        ) % {"limit": LIMIT_MB}

    def clean_receipt(self) -> Receipt | None:
        given = self.cleaned_data["receipt"]
        if not isinstance(given, HashedFile):
            return None
        try:
            return check_receipt(given.read()) if given.length <= RECEIPT_LIMIT else self._no_receipt()
        except Unreadable:
            return self._no_receipt()

    def _no_receipt(self) -> Receipt:
        raise forms.ValidationError(
            _("This is not a receipt of this portal, or the file is damaged. Choose the JSON file that you downloaded.")
        )

    def clean_number(self) -> str:
        return str(self.cleaned_data["number"]).strip().upper()

    def clean_digest(self) -> str:
        text = "".join(str(self.cleaned_data["digest"]).split()).lower()
        if not text:
            return ""
        found = DIGEST.fullmatch(text)
        if found is None:
            raise forms.ValidationError(_("This is not a whole digest. Copy all of it: 64 digits and letters."))
        return PREFIX + found[1]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if self.too_large:
            self.add_error(
                "attachments",
                _("These files are more than %(limit)s MB together. Choose fewer, or use the program below.")
                % {"limit": LIMIT_MB},
            )
        if self.errors or given.get("receipt"):
            return given
        if given.get("attachments"):
            self.add_error("receipt", _("Add the file of your receipt too. It says which files belong to it."))
        elif not given.get("digest") and not given.get("number"):
            self.add_error("receipt", _("Choose the file of your receipt, or fill in its number and its digest."))
        elif not given.get("digest"):
            self.add_error("digest", _("Fill in the digest too. With the number alone we tell nothing."))
        elif not given.get("number"):
            self.add_error("number", _("Fill in the number of the receipt too."))
        return given
