"""The form of one section. Drafts are saved as they are: no field here is ever required."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import forms
from django.conf import settings
from django.forms.boundfield import BoundField
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from achterhoek.nlds.fields import MoneyField
from achterhoek.nlds.forms import NldsForm
from achterhoek.sizes import format_size
from procurement.domain.drafts import Value
from procurement.enums import QuestionKind
from procurement.models import Question, Requirement
from procurement.selectors.checklist import Item, Section
from procurement.selectors.content import mark_of, seen_version

YES, NO = "yes", "no"
TOO_LONG = gettext_lazy("Your text has %(show_value)s characters; at most %(limit_value)s fit. Make it shorter.")


class LongTextField(forms.CharField):
    """A text of several lines; a browser sends two characters for a line's end, the limit counts one."""

    widget = forms.Textarea(attrs={"rows": 10})

    def to_python(self, value: Any) -> Any:
        if isinstance(value, str):
            value = value.replace("\r\n", "\n")
        return super().to_python(value)


class YesNoField(forms.TypedChoiceField):
    """Yes, no, or not answered yet."""

    widget = forms.RadioSelect

    def __init__(self, *, yes: str, no: str, **kwargs: Any) -> None:
        super().__init__(choices=[(YES, yes), (NO, no)], coerce=lambda value: value == YES, empty_value=None, **kwargs)


@dataclass(frozen=True)
class Block:
    """An item of the section with its fields, for the template; `mark` says what of it the page shows."""

    item: Item
    fields: list[BoundField]
    mark: str


class SectionForm(NldsForm):
    """One section of a draft: a field (or two) for each minimum requirement and question."""

    show_optional = False
    autosave = True

    def __init__(self, *args: Any, section: Section, **kwargs: Any) -> None:
        self.section = section
        super().__init__(*args, **kwargs)
        for item in section.items:
            if item.requirement is not None:
                self._add_requirement(item, item.requirement)
            elif item.question is not None:
                self._add_question(item, item.question)

    def _add_requirement(self, item: Item, requirement: Requirement) -> None:
        name, given = f"r{requirement.pk}", item.confirmation
        self.fields[f"{name}-meets"] = YesNoField(
            label=f"{requirement.code} {requirement.title}",
            help_text=requirement.text,
            yes=_("Yes, we meet this requirement"),
            no=_("No, we do not meet this requirement"),
            required=False,
            initial=None if given is None or given.meets is None else YES if given.meets else NO,
        )
        self.fields[f"{name}-explanation"] = LongTextField(
            label=_("Explanation with %(code)s") % {"code": requirement.code},
            help_text=_("Only needed when you do not meet the requirement."),
            required=False,
            max_length=2000,
            widget=forms.Textarea(attrs={"rows": 2}),
            initial=given.explanation if given else "",
        )

    def _add_question(self, item: Item, question: Question) -> None:
        name = f"q{question.pk}"
        field = _question_field(question)
        answer = item.answer
        if answer is not None and question.kind != QuestionKind.FILE:
            field.initial = {
                QuestionKind.TEXT.value: answer.text,
                QuestionKind.BOOLEAN.value: None if answer.boolean is None else YES if answer.boolean else NO,
            }.get(question.kind, _trimmed(answer.number))
        self.fields[name] = field
        if question.kind == QuestionKind.FILE and answer is not None and answer.file is not None:
            self.fields[f"{name}-remove"] = forms.BooleanField(
                label=_("Remove %(file)s") % {"file": answer.file.name}, required=False
            )

    def blocks(self) -> Iterator[Block]:
        """The items in order, each with its bound fields."""
        for item in self.section.items:
            start = f"r{item.requirement.pk}-" if item.requirement else f"q{item.question.pk}"  # type: ignore[union-attr]
            names = [n for n in self.fields if n == start or (n.startswith(start) and not n[len(start)].isdigit())]
            yield Block(item, [self[name] for name in names], self._mark(item))

    def _mark(self, item: Item) -> str:
        """What the form showed of this item; of a field that is not saved yet, what it showed at first."""
        key = item.key
        if self.is_bound and any(name == key or name.startswith(f"{key}-") for name in self.errors):
            return str(self.data.get(f"seen-{key}", ""))
        return mark_of(key, item.given)

    def seen(self) -> dict[str, str]:
        """The marks that came back with the form, by the key of their field."""
        return {item.key: str(self.data.get(f"seen-{item.key}", "")) for item in self.section.items}

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        for name in [n for n in cleaned if n.endswith("-explanation")]:
            meets = name.removesuffix("-explanation") + "-meets"
            if cleaned[name] and cleaned.get(meets) is None and meets not in self.errors:
                self.add_error(meets, _("Choose yes or no. Without it your explanation is not saved."))
        return cleaned

    def answers(self, *, removing: bool = True) -> dict[int, Any]:
        """What can be saved, by question id: every field that is right, also when another is wrong.

        Files are not removed while somebody types (`removing`), but only with a button.
        """
        found: dict[int, Any] = {}
        for item in self.section.items:
            if item.question is None or f"q{item.question.pk}" not in self.cleaned_data:
                continue
            pk, value = item.question.pk, self.cleaned_data[f"q{item.question.pk}"]
            removed = removing and self.cleaned_data.get(f"q{pk}-remove", False)
            if item.question.kind != QuestionKind.FILE or value or removed:
                found[pk] = value
        return found

    def confirmations(self) -> dict[int, tuple[bool | None, str]]:
        """The confirmations that can be saved, by requirement id."""
        found: dict[int, tuple[bool | None, str]] = {}
        for item in self.section.items:
            if item.requirement is None:
                continue
            meets, explanation = f"r{item.requirement.pk}-meets", f"r{item.requirement.pk}-explanation"
            if meets in self.cleaned_data and explanation in self.cleaned_data:
                found[item.requirement.pk] = (self.cleaned_data[meets], self.cleaned_data[explanation])
        return found

    def _typed(self, item: Item) -> Value | None:
        """What the page shows of an item that is no file; None where it is a file, or not right."""
        if item.requirement is not None:
            pair = self.confirmations().get(item.requirement.pk)
            if pair is None or any(name.startswith(f"{item.key}-") for name in self.errors):
                return None
            return Value(meets=pair[0], explanation=pair[1] if pair[0] is not None else "")
        question = item.question
        if question is None or question.kind == QuestionKind.FILE or item.key in self.errors:
            return None
        value = self.cleaned_data.get(item.key)
        if value is None or value == "":
            return Value()
        if question.kind == QuestionKind.TEXT:
            return Value(text=value)
        return Value(boolean=value) if question.kind == QuestionKind.BOOLEAN else Value(number=value)

    def fresh_marks(self, user_id: int) -> dict[str, str]:
        """After saving: new marks for what the page still shows as it stands now, and for no other.

        A mark that is new beside a text that is old would let this person overwrite a colleague unawares.
        """
        found = {}
        for item in self.section.items:
            typed, given = self._typed(item), item.given
            stands = given.value if given else Value()
            own_file = item.is_file and given is not None and given.changed_by_id == user_id
            if own_file or (typed is not None and typed.same_as(stands)):
                found[item.key] = mark_of(item.key, given)
        return found

    def stale(self, user_id: int) -> set[str]:
        """Items that somebody changed since the page was made, so that it shows something older."""
        seen, marks = self.seen(), self.fresh_marks(user_id)
        return {
            item.key
            for item in self.section.items
            if item.given is not None
            and item.key not in marks
            and seen_version(seen[item.key]) not in (None, item.given.version)
        }

    def refuse_answers(self, refused: dict[int, str]) -> None:
        """Show beside its field what the service could not save."""
        for pk, message in refused.items():
            self.add_error(f"q{pk}", message)


def _trimmed(value: Decimal | None) -> Decimal | None:
    """Without the zeros that the column keeps behind the point."""
    if value is None:
        return None
    return value.quantize(Decimal(1)) if value == value.to_integral_value() else value.normalize()


def _question_field(question: Question) -> forms.Field:
    label = f"{question.code} {question.title}"
    if not question.required:
        label = _("%(label)s (not required)") % {"label": label}
    common: dict[str, Any] = {"label": label, "help_text": question.help, "required": False}
    if question.kind == QuestionKind.TEXT:
        return LongTextField(max_length=question.max_chars, error_messages={"max_length": TOO_LONG}, **common)
    if question.kind == QuestionKind.BOOLEAN:
        return YesNoField(yes=_("Yes"), no=_("No"), **common)
    if question.kind == QuestionKind.PRICE:
        return MoneyField(min_value=Decimal("0.01"), **common)
    if question.kind == QuestionKind.NUMBER:
        return forms.DecimalField(
            max_digits=16, decimal_places=4, localize=True, widget=forms.TextInput(attrs={"inputmode": "decimal"}),
            error_messages={"invalid": _("Enter a number, for example 12 or 12,5.")}, **common,
        )  # fmt: skip
    limits = " ".join([question.help, _file_limits(question)]).strip()
    widget = forms.FileInput(attrs={"accept": "application/pdf,.pdf"})
    return forms.FileField(widget=widget, allow_empty_file=True, **{**common, "help_text": limits})


def _file_limits(question: Question) -> str:
    size = format_size(settings.MAX_UPLOAD_BYTES)
    if question.max_pages is None:
        return _("PDF, at most %(size)s.") % {"size": size}
    return ngettext(
        "PDF, at most %(pages)s page and %(size)s.", "PDF, at most %(pages)s pages and %(size)s.", question.max_pages
    ) % {"pages": question.max_pages, "size": size}
