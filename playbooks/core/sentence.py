"""One plain sentence a person can repeat: what another playbook does differently, and what nobody can say yet.

Pure. The words are data in sentence.toml, by unit and language. Three kinds of outcome are kept apart and none is
passed over: a difference that is shown, one that is not shown (its interval includes 0, or did before correction
only), and one for which there are too few data.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Collection, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from playbooks.core.experiments.measure import Measure, measures
from playbooks.core.phrasing import money, render
from tickets.errors import Invalid

_SECONDS = {"hours": 3_600, "minutes": 60, "seconds": 1}


def sentence(
    baseline: str,
    other: str,
    differences: Mapping[str, Mapping[str, Any]],
    chosen: Sequence[str],
    *,
    language: str,
    currency: str = "JPY",
    hanging: Collection[str] = (),
    known: Mapping[str, Measure] | None = None,
) -> str:
    """Both by their titles; `differences`: outcome -> estimate, low, high (the other less the baseline), `shown`
    where it was corrected for many outcomes. `chosen` in the order in which they are said.

    `hanging`: outcomes whose sign changes within the range of the assumptions. `known`: the outcomes there are.
    Money is in minor units of `currency`.
    """
    listed = measures() if known is None else known
    for key in chosen:
        if key not in listed:
            raise Invalid("unknown_outcome", f"'{key}' is not one of: {', '.join(listed)}.", field="outcomes")
    if not chosen:
        raise Invalid("no_outcome", "A sentence needs at least one outcome.", field="outcomes")
    kinds = {key: _kind(differences.get(key)) for key in chosen}
    found, same, few = ([key for key in chosen if kinds[key] == kind] for kind in ("found", "same", "few"))
    parts: list[tuple[str, dict[str, str]]] = []
    if found:
        said = [_said(listed[key], float(differences[key]["estimate"]), language, currency) for key in found]
        parts.append((_frame("found", language), {"findings": _findings(said, language)}))
    for word, keys in (("assumed", [key for key in found if key in hanging]), ("same", same), ("few", few)):
        if keys:
            names = _joined([_name(listed[key], language) for key in keys], language)
            lead_in = "" if parts else _frame("between", language)
            parts.append((lead_in + _frame(word, language), {"names": names}))
    titles = {"other": _title(other, language), "baseline": _title(baseline, language)}
    said_parts = [render(template, {**titles, **values}) for template, values in parts]
    return _frame("next", language).join(said_parts) + _frame("end", language)


def _kind(difference: Mapping[str, Any] | None) -> str:
    if difference is None or any(difference.get(bound) is None for bound in ("estimate", "low", "high")):
        return "few"
    shown = difference.get("shown")
    apart = difference["low"] > 0 or difference["high"] < 0
    return "found" if apart and shown in (None, True) else "same"


def _said(measure: Measure, gap: float, language: str, currency: str) -> tuple[str, str]:
    """A difference as it stands inside the sentence, and at its end."""
    which = "more" if gap > 0 else "less"
    phrase = _words()["outcome"].get(measure.key, {}).get("said") or _words()["said"][measure.unit]
    forms = _words()["phrase"][phrase][which][language]
    values = {
        "n": _number(measure, abs(gap), language, currency),
        "name": _name(measure, language),
        "short": measure.short[language],
    }
    inside, last = (forms, forms) if isinstance(forms, str) else forms
    return render(inside, values), render(last, values)


def _number(measure: Measure, size: float, language: str, currency: str) -> str:
    """With its unit, in two significant digits or as many as the outcome is shown with, and never as 0."""
    if measure.unit == "money":
        return money(max(1, round(size)), currency, language)
    unit, digits = measure.unit, measure.digits
    if unit in _SECONDS:
        seconds = size * _SECONDS[unit]
        unit = "hours" if seconds >= 3_600 else "minutes" if seconds >= 60 else "seconds"
        size, digits = seconds / _SECONDS[unit], 1
    elif unit == "share":
        size, digits = 100 * size, digits - 2
    return render(_words()["number"][unit][language], {"n": _digits(size, digits)})


def _digits(size: float, digits: int) -> str:
    first = -math.floor(math.log10(size)) if size else 0  # the place of the first digit that is not 0
    places = max(0, min(digits, first + 1))
    return f"{size:,.{places}f}" if round(size, places) else f"{size:.{first}f}"


def _name(measure: Measure, language: str) -> str:
    own = _words()["outcome"].get(measure.key, {}).get("name", measure.short)
    return str(own[language])


def _title(title: str, language: str) -> str:
    return render(_frame("title", language), {"title": title})


def _findings(said: Sequence[tuple[str, str]], language: str) -> str:
    return _joined([*(inside for inside, _ in said[:-1]), said[-1][1]], language)


def _joined(words: Sequence[str], language: str) -> str:
    if len(words) < 2:
        return "".join(words)
    return _frame("comma", language).join(words[:-1]) + _frame("and", language) + words[-1]


def _frame(name: str, language: str) -> str:
    return str(_words()["frame"][name][language])


@cache
def _words() -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_name("sentence.toml").read_text("utf-8"))
