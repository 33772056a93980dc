"""The words and numbers of the pages for experiments: texts by key, values with their unit in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from playbooks.core.experiments.measure import Measure
from playbooks.core.phrasing import money
from playbooks.pages.numbers import NOTHING, number
from playbooks.pages.reading import language
from playbooks.pages.texts import Texts, texts_of

__all__ = ["Texts", "amount", "gap", "number", "p_words", "span", "span_of_gaps", "texts"]


def texts() -> Texts:
    return texts_of("experiments", language())


# ---------------------------------------------------------------- numbers


def amount(measure: Measure, value: float | None, currency: str = "JPY") -> str:
    """A value with its unit: 0.77 h, 70.8 %, 3.43."""
    return NOTHING if value is None else _written(measure, value, currency, "unit", plus=False)


def gap(measure: Measure, value: float | None, currency: str = "JPY") -> str:
    """A difference with its sign and unit: +1.92 h, −3.3 points."""
    return NOTHING if value is None else _written(measure, value, currency, "gap", plus=True)


def size(measure: Measure, value: float, currency: str = "JPY") -> str:
    """A difference without its sign."""
    return _written(measure, abs(value), currency, "gap", plus=False)


def span(measure: Measure, low: float | None, high: float | None, currency: str = "JPY") -> str:
    """An interval of values; nothing where there is none."""
    return "" if low is None or high is None else _between(measure, low, high, currency, "unit", plus=False)


def span_of_gaps(measure: Measure, low: float | None, high: float | None, currency: str = "JPY") -> str:
    return "" if low is None or high is None else _between(measure, low, high, currency, "gap", plus=True)


def span_of_sizes(measure: Measure, low: float, high: float, currency: str = "JPY") -> str:
    """An interval of a difference that keeps its sign, told without it; with signs where it does not."""
    if low * high < 0:
        return span_of_gaps(measure, low, high, currency)
    least, most = sorted((abs(low), abs(high)))
    return _between(measure, least, most, currency, "gap", plus=False)


def _between(measure: Measure, low: float, high: float, currency: str, kind: str, *, plus: bool) -> str:
    unit = _unit(measure, max(abs(low), abs(high)))
    first = _figures(measure, unit, low, currency, plus=plus)
    told = texts().say(f"number.{kind}.{unit}", n=_figures(measure, unit, high, currency, plus=plus))
    return texts().say("number.between", low=first, high=told)


def _written(measure: Measure, value: float, currency: str, kind: str, *, plus: bool) -> str:
    unit = _unit(measure, abs(value))
    return texts().say(f"number.{kind}.{unit}", n=_figures(measure, unit, value, currency, plus=plus))


def _unit(measure: Measure, most: float) -> str:
    """Hours below one are told in minutes."""
    return "minutes" if measure.unit == "hours" and 0 < most < 1 else measure.unit


def _figures(measure: Measure, unit: str, value: float, currency: str, *, plus: bool) -> str:
    if unit == "money":
        sign = ("+" if plus and round(value) > 0 else "") + ("−" if round(value) < 0 else "")
        return sign + money(abs(round(value)), currency, language())
    value, digits = (100 * value, measure.digits - 2) if measure.unit == "share" else (value, measure.digits)
    if unit != measure.unit:
        value, digits = 60 * value, 1
    if measure.unit == "people_100":
        digits = 1
    written = number(value, digits)
    return ("+" if plus and round(value, digits) > 0 else "") + written


def is_nothing(written: str) -> bool:
    """Whether a number as it is written shows no digit but 0."""
    return not any(digit in written for digit in "123456789")


def lost_by_correction(of: Mapping[str, Any]) -> bool:
    """A difference whose own interval leaves out 0, and that is not shown once corrected for many outcomes."""
    return of["shown"] is False and of["low"] is not None and bool(of["low"] * of["high"] > 0)


def p_words(p: float | None) -> str:
    """A p-value as people write it."""
    if p is None:
        return NOTHING
    return "< 0.001" if p < 0.001 else f"{p:.3f}"


def share(value: float, digits: int = 0) -> str:
    """A share as per cent."""
    return texts().say("number.unit.share", n=number(100 * value, digits))
