"""From what a browser sends to what an action takes. Parsing alone: whether it may be done, the action says."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext, ngettext

from playbooks.core.case import CURRENCIES
from tickets.errors import Invalid
from tickets.templatetags.desk_format import span_words

DAY = 86_400
WITHINS = (1800, 3600, 4 * 3600, DAY, 3 * DAY)  # spans within which an answer can be promised
DAYS_AHEAD = (0, 1, 3, 7)


# What people write around the figures of an amount: 5,000円, ₩5,000, 5 000원.
_BESIDE_FIGURES = dict.fromkeys(map(ord, ", 円원¥₩$"))


def withins() -> list[tuple[str, str]]:
    """Choices of 'by when', an empty one first."""
    return [
        ("", gettext("No time promised")),
        *((str(s), gettext("within {time}").format(time=span_words(s))) for s in WITHINS),
    ]


def days_ahead() -> list[tuple[str, str]]:
    at_once = ("0", gettext("at once"))
    return [at_once, *((str(n), ngettext("in {n} day", "in {n} days", n).format(n=n)) for n in DAYS_AHEAD[1:])]


def whole(post: QueryDict, field: str, *, default: int | None = None, least: int = 0, most: int = 10**9) -> int:
    """A whole number from a field."""
    text = _half_width(post.get(field, ""))
    if not text and default is not None:
        return default
    if not text.isascii() or not text.isdigit() or len(text) > 12:
        raise Invalid("not_a_number", f"{field} must be a whole number.", field=field)
    number = int(text)
    if not least <= number <= most:
        raise Invalid("out_of_range", f"{field} must be between {least} and {most}.", field=field)
    return number


def _half_width(text: str) -> str:
    """As typed without switching the Japanese keyboard: ２，５００ is 2,500."""
    return unicodedata.normalize("NFKC", text).strip()


def amount(post: QueryDict, field: str, currency: str) -> int:
    """An amount as people write it, in minor units: '39,000' won, '12.50' dollars. Empty is 0."""
    text = _half_width(post.get(field, "")).translate(_BESIDE_FIGURES)
    if not text:
        return 0
    digits = CURRENCIES[currency]
    try:
        value = Decimal(text)
    except InvalidOperation:
        raise Invalid("amount_not_a_number", "Write the amount in figures.", field=field) from None
    if not value.is_finite() or not 0 <= value <= 10**9:
        raise Invalid("not_an_amount", "Write an amount of 0 or more.", field=field)
    minor = value.scaleb(digits)
    if minor != minor.to_integral_value():
        raise Invalid("amount_too_fine", f"{currency} has no smaller unit than that.", field=field)
    return int(minor)


def promise(post: QueryDict, *, now: int) -> int | None:
    """By when something was promised: the instant a text named, or so many seconds from now."""
    named = post.get("promise_at", "")
    if named.isascii() and named.isdigit() and len(named) < 12 and int(named) > now:
        return int(named)
    within = whole(post, "within", default=0, most=400 * DAY)
    return now + within if within else None


def typed_of(post: QueryDict) -> Mapping[str, Any]:
    """What was typed, to give it back with a refusal."""
    return {
        **{key: post.get(key, "") for key in post},
        "traits": post.getlist("traits"),
        "scenarios": post.getlist("scenarios"),
    }
