"""Moments and spans as people write them, in the language of the page.

The first painting of a page and its ticking script give the same words, so nothing shifts.
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_datetime
from babel.units import format_unit
from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext

register = template.Library()

UNITS = (("duration-day", 86_400), ("duration-hour", 3_600), ("duration-minute", 60), ("duration-second", 1))
ZONES = {"ko": "Asia/Seoul", "ja": "Asia/Tokyo", "en": "Asia/Tokyo"}  # of the calendar whose hours count


def zone_of(language: str) -> str:
    """The zone in which a desk that answers in this language reads its clock."""
    return ZONES.get(language, "UTC")


# As browsers write the same fields, so that the script's first tick changes nothing.
PATTERNS = {
    "long": {"ko": "M월 d일 (EEE) HH:mm", "ja": "M月d日(EEE) HH:mm", "en": "EEE, MMM d, HH:mm"},
    "short": {"ko": "M월 d일 HH:mm", "ja": "M月d日 HH:mm", "en": "MMM d, HH:mm"},
}


@cache
def _locale(language: str) -> Locale:
    return Locale(language)


def locale() -> Locale:
    return _locale((get_language() or "en")[:2])


def written(at: int, zone: str, form: str = "long") -> str:
    """An instant of the desk's clock in a zone: '7월 3일 (금) 15:30'."""
    pattern = PATTERNS[form].get(locale().language, PATTERNS[form]["en"])
    return str(format_datetime(datetime.fromtimestamp(at, ZoneInfo(zone)), pattern, locale=locale()))


def span_words(seconds: int) -> str:
    """A span in its two largest units: '1 hr 12 min'."""
    rest = max(0, seconds)
    parts: list[str] = []
    first = next((i for i, (_, size) in enumerate(UNITS) if rest >= size), len(UNITS) - 1)
    for unit, size in UNITS[first : first + 2]:
        count, rest = divmod(rest, size)
        if count or not parts:
            parts.append(format_unit(count, unit, length="short", locale=locale()))
    return " ".join(parts)


def left_words(seconds: int) -> str:
    """What is left until a deadline, or by how much it is over."""
    pattern = gettext("{time} over") if seconds < 0 else gettext("{time} left")
    return pattern.replace("{time}", span_words(abs(seconds)))


@register.filter
def span(seconds: int | None) -> str:
    return "" if seconds is None else span_words(int(seconds))


@register.simple_tag
def moment(at: int | None, zone: str = "UTC", form: str = "long") -> SafeString | str:
    """A `<time>` element: the desk's zone to read, the machine's instant for scripts and readers elsewhere."""
    if at is None:
        return ""
    return format_html(
        '<time datetime="{}">{}</time>', datetime.fromtimestamp(at, UTC).isoformat(), written(at, zone, form)
    )


@register.simple_tag
def countdown(due_at: int, now: int) -> SafeString:
    """What is left, ticking on at the clock's speed."""
    return format_html('<span class="left" data-due="{}">{}</span>', due_at, left_words(due_at - now))


@register.simple_tag
def runs_out(start: int, due_at: int, now: int) -> SafeString:
    """The bar of a deadline: full at its start, empty when it is due, whole again in red once overdue."""
    share = 100.0 if now >= due_at else min(100.0, max(0.0, 100 * (due_at - now) / max(1, due_at - start)))
    return format_html(
        '<svg class="runs-out" viewBox="0 0 100 3" preserveAspectRatio="none" aria-hidden="true">'
        '<rect class="whole" width="100" height="3"/>'
        '<rect class="rest" width="{}" height="3" data-bar-from="{}" data-bar-to="{}"/></svg>',
        f"{share:.1f}", start, due_at,
    )  # fmt: skip


@register.simple_tag
def written_at(at: int, zone: str) -> str:
    """The instant alone, for an element that the page's script keeps going."""
    return written(at, zone)


@register.simple_tag
def zone_name(at: int, zone: str) -> str:
    """KST, JST, UTC."""
    return datetime.fromtimestamp(at, ZoneInfo(zone)).tzname() or zone


@register.simple_tag(takes_context=True)
def refused_at(context: template.Context, deed: str, field: str) -> SafeString | str:
    """Attributes of a field whose input was just refused: marked, and tied to the sentence beside it."""
    refused = context.get("refused")
    if refused is None or (refused.deed, refused.field) != (deed, field):
        return ""
    return format_html(' aria-invalid="true" aria-describedby="{}-{}-refused"', deed, field)
