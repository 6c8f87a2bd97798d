"""The components' tags and filters: `{% load nlds %}`. Usage of each is in `docs/design.md`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime
from functools import cache
from typing import Any

from django import template
from django.conf import settings
from django.core.paginator import Page
from django.forms import BaseForm
from django.forms.formsets import BaseFormSet
from django.template.context import Context
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import slugify
from django.utils.translation import get_language, get_language_info
from django.utils.translation import gettext as _

from achterhoek.nlds import charts, errors, formatting
from achterhoek.nlds.context_processors import footer_items
from achterhoek.nlds.statuses import TONES, tone_of
from achterhoek.sizes import format_size

register = template.Library()


def _component(name: str, values: Mapping[str, Any]) -> SafeString:
    return render_to_string(f"_components/{name}.html", dict(values))


def _id_of(prefix: str, caption: str) -> str:
    """An id that stays the same at each rendering; captions differ within a page."""
    return f"{prefix}-{slugify(caption)}"


# Text -----------------------------------------------------------------------------------------------


@register.filter
def euro(value: object) -> str:
    """`{{ amount|euro }}` -> `€ 1.240.000,00`."""
    return "" if value in (None, "") else formatting.format_euro(value)


@register.filter
def points(value: object, places: int = 2) -> str:
    """`{{ total|points }}` -> `72,50`; `{{ total|points:0 }}` -> `73`. Rounded for display only."""
    return "" if value in (None, "") else formatting.format_points(value, places)


@register.filter
def size(value: int | None) -> str:
    """`{{ file.size|size }}` -> `2,4 MB`."""
    return "" if value is None else format_size(int(value))


@register.filter
def day(value: date | datetime | None) -> str:
    """`{{ contract.start|day }}` -> `1 juli 2022`."""
    return "" if value is None else formatting.format_day(value)


@register.filter
def moment(value: datetime | None) -> str:
    """`{{ bid.submitted_at|moment }}` -> `1 juli 2022, 14:05`, in Europe/Amsterdam."""
    return "" if value is None else formatting.format_moment(value)


@register.filter
def exact_moment(value: datetime | None) -> str:
    """`{{ receipt.at|exact_moment }}` -> `1 juli 2022 om 14:05:09 (zomertijd, UTC+2)`: for what proves something."""
    return "" if value is None else formatting.format_exact(value)


@register.filter
def plain_number(value: object) -> str:
    """A whole number where it is one, otherwise two decimals: the maximum of a scale."""
    if value in (None, ""):
        return ""
    rounded = formatting.to_decimal(value, 2)
    return formatting.format_number(value, 0 if rounded == rounded.to_integral_value() else 2)


@register.filter
def unlocalized(value: object) -> str:
    """A number as HTML attributes want it: a point, no grouping."""
    return str(value)


@register.filter
def page_numbers(page: Page[Any]) -> Iterator[int | str]:
    """The page numbers worth showing: the ends, and those around the current one."""
    return page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1)


@register.filter
def errors_in(source: object) -> list[errors.ErrorLink]:
    """The error links of a form, a formset, or a list of them."""
    return errors.errors_of(source)


def _flat(context: Context) -> dict[str, object]:
    return {str(key): value for key, value in context.flatten().items()}


@register.simple_tag(takes_context=True)
def title_prefix(context: Context) -> str:
    """ "Error: " before the title when the page shows a refused form."""
    return _("Error: ") if errors.context_has_errors(_flat(context)) else ""


@register.simple_tag(takes_context=True)
def forms_of_page(context: Context) -> list[BaseForm | BaseFormSet[Any]]:
    """The forms in the page's context, for the error summary of the frame."""
    return errors.forms_in(_flat(context))


# The frame ------------------------------------------------------------------------------------------
# What is the same for everybody, in one language, is printed once.


@register.simple_tag(takes_context=True)
def site_footer(context: Context) -> SafeString:
    """`{% site_footer %}`: the foot of every page."""
    return _footer(get_language(), context.get("portal_name", ""), context.get("portal_description", ""))


@cache
def _footer(language: str | None, name: str, description: str) -> SafeString:
    values = {"portal_name": name, "portal_description": description, "footer_items": footer_items()}
    return _component("site_footer", values)


@register.simple_tag
def language_buttons() -> SafeString:
    """`{% language_buttons %}`: a button for each language of the portal."""
    return _language_buttons(get_language())


@cache
def _language_buttons(language: str | None) -> SafeString:
    languages = [get_language_info(code) for code, _name in settings.LANGUAGES]
    return _component("language_buttons", {"languages": languages, "current": language})


@register.simple_tag
@cache
def asset(path: str) -> str:
    """`{% asset "dist/portal.css" %}`: as `{% static %}`, looked up once."""
    return static(path)


# Components -----------------------------------------------------------------------------------------


@register.simple_tag
@cache
def icon(name: str, css_class: str = "") -> SafeString:
    """`{% icon "check" %}`: a decorative sign, hidden from screen readers. Drawn once: it is the same for everybody."""
    return mark_safe(_component("icon", {"name": name, "css_class": css_class}).strip())


@register.simple_tag
def status_badge(status: object, label: object = "", tone: str = "") -> SafeString:
    """`{% status_badge obj.status obj.get_status_display %}`: a sign, a colour, and always the words."""
    if tone and tone not in TONES:
        raise template.TemplateSyntaxError(f"status_badge: tone must be one of {', '.join(TONES)}")
    values = {"label": str(label or status), "tone": tone or tone_of(str(status))}
    return _component("status_badge", values)


@register.simple_tag
def deadline(moment: datetime, label: str = "", now: datetime | None = None) -> SafeString:
    """`{% deadline tender.deadline _("Submit before") %}`: the exact moment, and how long still by our clock."""
    current = now or timezone.now()
    values = {
        "moment": moment,
        "exactly": moment.astimezone(UTC).isoformat(),
        "now": current.astimezone(UTC).isoformat(),
        "label": label or _("Deadline"),
        "passed": moment <= current,
        "remaining": formatting.format_remaining(moment - current),
        "urgent": 0 < (moment - current).total_seconds() < 24 * 60 * 60,
    }
    return _component("deadline", values)


@register.simple_tag
def file_link(
    url: str, name: str, size: int | None = None, content_type: str = "", external: bool = False
) -> SafeString:
    """`{% file_link url name size content_type %}`: name, kind and size before one clicks."""
    kind = _file_kind(name, content_type)
    return _component("file_link", {"url": url, "name": name, "size": size, "kind": kind, "external": external})


def _file_kind(name: str, content_type: str) -> str:
    _base, dot, extension = name.rpartition(".")
    if dot and 1 <= len(extension) <= 5:
        return extension.upper()
    return content_type.rpartition("/")[2].upper()


@register.simple_tag
def digest(value: str | bytes | None, algorithm: str = "SHA-256") -> SafeString:
    """`{% digest bid.digest %}`: the first and last characters; the whole one unfolds and can be copied."""
    text = value.hex() if isinstance(value, bytes) else str(value or "")
    # The method is said beside it; the short form keeps what tells two digests apart.
    bare = text.removeprefix("sha256:")
    short = bare if len(bare) <= 16 else f"{bare[:8]}…{bare[-8:]}"
    return _component("digest", {"value": text, "short": short, "algorithm": algorithm})


@register.simple_tag
def score_bar(value: object, maximum: object, label: str = "") -> SafeString:
    """`{% score_bar 72.5 100 %}`: a bar with its number beside it."""
    values = {
        "value": value,
        "maximum": maximum,
        "label": label,
        "length": charts.bar_length(value, maximum),
        "width": charts.BAR_WIDTH,
    }
    return _component("score_bar", values)


@register.simple_tag
def tile_map(
    tiles: Iterable[Mapping[str, object]],
    caption: str,
    value_heading: str = "",
) -> SafeString:
    """`{% tile_map tiles caption value_heading %}`: a region as squares, with the same facts in a table beside it."""
    values = {
        "map": charts.tile_map(tiles),
        "caption": caption,
        "value_heading": value_heading or _("Value"),
        "id": _id_of("map", caption),
        "size": charts.TILE,
    }
    return _component("tile_map", values)


@register.simple_tag
def crumb(label: object, url: str = "") -> SafeString:
    """One step of the breadcrumb trail; without a url it is the page one is on."""
    return _component("crumb", {"label": label, "url": url})


# Blocks ---------------------------------------------------------------------------------------------


@register.simple_block_tag
def datatable(
    content: str,
    caption: str,
    hide_caption: bool = False,
    stacked: bool = False,
    css_class: str = "",
) -> SafeString:
    """`{% datatable caption=_("Bids") %}<thead>…</thead><tbody>…</tbody>{% enddatatable %}`."""
    values = {
        "content": content,
        "caption": caption,
        "hide_caption": hide_caption,
        "stacked": stacked,
        "css_class": css_class,
        "id": _id_of("table", caption),
    }
    return _component("datatable", values)


@register.simple_block_tag
def summary(content: str, css_class: str = "") -> SafeString:
    """`{% summary %}{% row _("Name") %}…{% endrow %}{% endsummary %}`: facts under each other."""
    return format_html('<dl class="nlds-summary {}">{}</dl>', css_class, content)


@register.simple_block_tag
def row(content: str, label: str, action_url: str = "", action_label: str = "") -> SafeString:
    """One fact of a summary, with perhaps a link that changes it."""
    values = {"content": content, "label": label, "action_url": action_url, "action_label": action_label}
    return _component("summary_row", values)


@register.simple_block_tag
def card(content: str, title: str = "", url: str = "", level: int = 2, css_class: str = "") -> SafeString:
    """`{% card title=… url=… %}…{% endcard %}`: one thing, with its heading."""
    values = {"content": content, "title": title, "url": url, "level": level, "css_class": css_class}
    return _component("card", values)


@register.simple_block_tag
def alert(content: str, kind: str = "info", title: str = "") -> SafeString:
    """`{% alert "warning" title=… %}…{% endalert %}`: as the include, with markup inside."""
    return _component("alert", {"content": content, "kind": kind, "title": title})


@register.simple_block_tag
def disclosure(content: str, title: str, open: bool = False) -> SafeString:
    """`{% disclosure _("How we score") %}…{% enddisclosure %}`: text that unfolds, also without JavaScript."""
    return format_html(
        '<details class="nlds-disclosure"{}><summary class="nlds-disclosure__title">{}</summary>'
        '<div class="nlds-disclosure__body">{}</div></details>',
        mark_safe(" open") if open else "",
        title,
        content,
    )
