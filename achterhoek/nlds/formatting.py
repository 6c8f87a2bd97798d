"""How numbers and moments look on screen: the reader's language, Europe/Amsterdam, exact decimals."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

NBSP = "\u00a0"
Number = Decimal | Fraction | int


def to_decimal(value: object, places: int) -> Decimal:
    """Round half up to `places`; for display only, the exact value stays where it is kept."""
    if isinstance(value, Fraction):
        scaled = value * 10**places
        floor, rest = divmod(abs(scaled.numerator), scaled.denominator)
        whole = floor + (1 if 2 * rest >= scaled.denominator else 0)
        return Decimal(whole if scaled >= 0 else -whole).scaleb(-places)
    return Decimal(str(value)).quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)


def format_number(value: object, places: int) -> str:
    """A grouped number in the reader's language: `1.240.000,00` in Dutch, `1,240,000.00` in English."""
    rounded = to_decimal(value, places)
    return str(number_format(rounded, decimal_pos=places, use_l10n=True, force_grouping=True))


def format_euro(value: object) -> str:
    """`€ 1.240.000,00`, kept on one line."""
    return f"€{NBSP}{format_number(value, 2)}"


def format_points(value: object, places: int = 2) -> str:
    return format_number(value, places)


def format_day(value: date | datetime) -> str:
    """`1 juli 2022`; a moment gives its day in Europe/Amsterdam."""
    if isinstance(value, datetime) and timezone.is_aware(value):
        value = timezone.localtime(value)
    return date_format(value, "j F Y")


def format_moment(value: datetime) -> str:
    """`1 juli 2022, 14:05 uur`, in Europe/Amsterdam."""
    local = timezone.localtime(value) if timezone.is_aware(value) else value
    return _("%(day)s, %(time)s") % {"day": format_day(local), "time": date_format(local, "H:i")}


def format_exact(value: datetime) -> str:
    """`1 juli 2022 om 14:05:09 (zomertijd, UTC+2)`: to the second, with the zone in words, where it may be disputed."""
    local = timezone.localtime(value)
    zone = _("summer time, UTC+2") if local.utcoffset() == timedelta(hours=2) else _("winter time, UTC+1")
    parts = {"day": format_day(local), "time": date_format(local, "H:i:s"), "zone": zone}
    return _("%(day)s at %(time)s (%(zone)s)") % parts


def format_remaining(remaining: timedelta) -> str:
    """The two largest units that matter: `3 dagen en 4 uur`, `4 uur en 10 minuten`, `2 minuten`."""
    minutes = max(int(remaining.total_seconds() // 60), 0)
    days, rest = divmod(minutes, 24 * 60)
    hours, minutes = divmod(rest, 60)
    parts = []
    if days:
        parts.append(ngettext("%(count)d day", "%(count)d days", days) % {"count": days})
    if hours:
        parts.append(ngettext("%(count)d hour", "%(count)d hours", hours) % {"count": hours})
    if minutes and not days:
        parts.append(ngettext("%(count)d minute", "%(count)d minutes", minutes) % {"count": minutes})
    if not parts:
        return _("less than a minute")
    return _(" and ").join(parts[:2])
