"""Numbers in the reader's language, with n and interval. What is not known reads as a dash, never as 0."""

from __future__ import annotations

from collections.abc import Callable

from babel.numbers import format_decimal, format_percent
from django.utils.translation import gettext as _

from playbooks.core.phrasing import money
from playbooks.pages.reading import language
from tickets.templatetags.desk_format import locale, span_words

FEW, VERY_FEW = 30, 10
NOTHING = "–"

Write = Callable[[float], str]


def number(value: float, digits: int = 0) -> str:
    pattern = "#,##0" + ("." + "0" * digits if digits else "")
    rounded = round(value, digits) + 0.0  # no minus before a zero
    return str(format_decimal(rounded, pattern, locale=locale())).replace("-", "−")


def percent(value: float) -> str:
    return str(format_percent(value, locale=locale()))


def time(seconds: float) -> str:
    return span_words(round(seconds))


def in_currency(currency: str) -> Write:
    def write(amount: float) -> str:
        return money(round(amount), currency, language())

    return write


def decimals(digits: int) -> Write:
    return lambda value: number(value, digits)


def signed(value: float, digits: int) -> str:
    return ("+" if round(value, digits) > 0 else "") + number(value, digits)


def between(low: float | None, high: float | None, write: Write) -> str:
    if low is None and high is None:
        return ""
    if high is None:
        return _("{low} and longer").format(low=write(low or 0))
    return _("{low} to {high}").format(low=write(low or 0), high=write(high))


def said_few(n: int) -> str:
    """n with the word that belongs to it."""
    if n < VERY_FEW:
        return _("n {n}, very few").format(n=number(n))
    if n < FEW:
        return _("n {n}, few").format(n=number(n))
    return _("n {n}").format(n=number(n))
