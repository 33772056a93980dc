"""Published against simulated, one row each: what the customer model reproduces, what it misses, what it leaves out.

The figures and how near the model must come stand in published.toml, how each is simulated in simulated_figures.py.
A row that misses says so. "holds" for a fitted figure is no evidence, which is why every row carries its mark.
"""

from __future__ import annotations

import operator
import tomllib
from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from playbooks.core.case import LANGUAGES
from playbooks.core.customer.evidence import DEFAULT, Switches
from playbooks.core.simulated_figures import MEASURES, Figure

MARKS = ("fitted", "by construction", "not tuned")
VERDICTS = HOLDS, MISSES, MISSING = "holds", "misses", "missing"
TESTS = range(1, 18)  # the acceptance tests the model is held to
_COMPARE: dict[str, Callable[[float, float], bool]] = {
    ">": operator.gt, ">=": operator.ge, "<": operator.lt, "<=": operator.le,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Row:
    """One published figure and what the model makes of it."""

    key: str
    test: int
    title: Mapping[str, str]  # by language
    published: float | str
    simulated: Figure
    unit: str
    tolerance: Mapping[str, Any]
    mark: str  # fitted, by construction, not tuned
    verdict: str  # holds, misses, missing
    source: str
    source_mark: str  # seen, recalled
    note: Mapping[str, str] | None  # what to know, and why it misses, by language

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


def rows(
    switches: Switches = DEFAULT, *, tests: Container[int] = TESTS, measured: Mapping[str, float] | None = None
) -> list[Row]:
    """Every figure of these tests in their order, simulated anew; `measured`: those taken on corpora, by key."""
    wanted = (figure for figure in _table()["figure"] if figure["test"] in tests)
    return [_row(figure, point, switches, measured or {}) for figure in wanted for point in figure["points"]]


def verdict(simulated: Figure, published: float | str, tolerance: Mapping[str, Any]) -> str:
    """Whether a simulated figure is near enough."""
    kind = tolerance["kind"]
    if simulated is None:
        return MISSING
    if isinstance(simulated, dict):
        return HOLDS if all(holds(relation, simulated) for relation in tolerance["relations"]) else MISSES
    near: dict[str, Callable[[], bool]] = {
        "within": lambda: abs(simulated - float(published)) <= tolerance["value"],
        "range": lambda: tolerance["low"] <= simulated <= tolerance["high"],
        "above": lambda: simulated > tolerance["value"],
        "at_most": lambda: simulated <= tolerance["value"],
        "at_least": lambda: simulated >= tolerance["value"],
        "null": lambda: abs(simulated) <= tolerance["value"],
        "exact": lambda: abs(simulated - float(published)) <= 1e-9,
    }
    return HOLDS if near[kind]() else MISSES


def holds(relation: str, values: Mapping[str, float]) -> bool:
    """`a > b`, where each side names a value or is a number."""
    left, sign, right = relation.split()
    return _COMPARE[sign](_value(left, values), _value(right, values))


def _value(name: str, values: Mapping[str, float]) -> float:
    return values[name] if name in values else float(name)


def _row(figure: Mapping[str, Any], point: Mapping[str, Any], switches: Switches, measured: Mapping[str, float]) -> Row:
    key = f"{figure['key']}.{point['key']}"
    found = measured[key] if key in measured else MEASURES[figure["measure"]](switches, **point.get("with", {}))
    simulated = _rounded(found)
    tolerance = figure["tolerance"]
    published = point.get("published", ", ".join(tolerance.get("relations", ())))
    notes = [entry["note"] for entry in (figure, point) if "note" in entry]
    return Row(
        key=key,
        test=figure["test"],
        title=_title(figure["title"], point.get("label", "")),
        published=published,
        simulated=simulated,
        unit=figure["unit"],
        tolerance=tolerance,
        mark=point.get("mark", figure["mark"]),
        verdict=verdict(simulated, published, tolerance),
        source=figure["source"],
        source_mark=figure["source_mark"],
        note={language: " ".join(note[language] for note in notes) for language in LANGUAGES} if notes else None,
    )


def _title(title: Mapping[str, str], label: Mapping[str, str] | str) -> dict[str, str]:
    labels = {language: label if isinstance(label, str) else label[language] for language in LANGUAGES}
    return {language: title[language] + (f" · {labels[language]}" if label else "") for language in LANGUAGES}


def _rounded(figure: Figure) -> Figure:
    """Digits that mean something; a sign or a bound is judged on the same digits as are shown."""
    if isinstance(figure, dict):
        return {name: round(value, 6) for name, value in figure.items()}
    return None if figure is None else round(figure, 12)


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads(files("playbooks.core").joinpath("published.toml").read_text("utf-8"))


# ---------------------------------------------------------------- as text


def words() -> dict[str, dict[str, str]]:
    """Heads of columns, marks and verdicts, by language."""
    found: dict[str, dict[str, str]] = _table()["words"]
    return found


def subjects() -> dict[int, dict[str, str]]:
    """What each test is about, by language."""
    return {int(number): name for number, name in _table()["tests"].items()}


def shown(figure: float | str | Mapping[str, float] | None) -> str:
    """A figure in few digits."""
    if figure is None:
        return "–"
    if isinstance(figure, str):
        return figure
    if isinstance(figure, Mapping):
        return ", ".join(f"{name} {shown(value)}" for name, value in figure.items())
    return f"{figure:.3g}"


def allowed(row: Row, language: str = "en") -> str:
    """The tolerance in signs."""
    kind, tolerance = row.tolerance["kind"], row.tolerance
    said: dict[str, Callable[[], str]] = {
        "within": lambda: f"±{tolerance['value']:g}",
        "range": lambda: f"{tolerance['low']:g} … {tolerance['high']:g}",
        "above": lambda: f"> {tolerance['value']:g}",
        "at_most": lambda: f"≤ {tolerance['value']:g}",
        "at_least": lambda: f"≥ {tolerance['value']:g}",
        "null": lambda: f"0 ± {tolerance['value']:g}",
        "exact": lambda: "=",
        "order": lambda: words()["order"][language],
    }
    return said[kind]()


def tally(found: Sequence[Row]) -> dict[str, dict[str, int]]:
    """How many rows hold, miss or are missing, by mark."""
    return {
        mark: {state: sum(row.mark == mark and row.verdict == state for row in found) for state in VERDICTS}
        for mark in MARKS
    }
