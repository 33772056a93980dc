"""Lines over an axis, with bands for their intervals: shares over time, outcomes over a load. Pure geometry."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from playbooks.core.plot import Scale, Tick

LEFT, RIGHT, TOP, BOTTOM = 44.0, 12.0, 14.0, 30.0
MARKED = (0.3, 0.55, 0.8)  # where along a long line its mark stands
STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)


@dataclass(frozen=True, slots=True)
class Series:
    """One line: its points as (x, y), and their intervals where there are any. A point without y is a gap."""

    key: str
    points: Sequence[tuple[float, float | None]]
    bands: Sequence[tuple[float | None, float | None]] = ()


@dataclass(frozen=True, slots=True)
class Line:
    key: str
    path: str
    band: str
    marks: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Chart:
    width: int
    height: int
    left: float
    right: float
    top: float
    bottom: float
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    lines: tuple[Line, ...]
    across: Scale

    def at(self, x: float) -> float:
        return self.across.at(x)


def chart(
    series: Sequence[Series],
    *,
    width: int,
    height: int,
    x_ticks: Sequence[float],
    y: tuple[float, float] | None = None,
    log: bool = False,
    dense: bool = False,
) -> Chart:
    """`y`: the axis as given, else what the values need, 0 among them where they are all of one sign.

    `dense`: so many points that marks stand at a few places only.
    """
    xs = [x for one in series for x, _ in one.points]
    across = Scale(min([*xs, *x_ticks]), max([*xs, *x_ticks]), LEFT, width - RIGHT, log=log)
    low, high = y or _reach(series)
    steps = ticks(low, high, 4)
    up = Scale(min(low, steps[0]), max(high, steps[-1]), height - BOTTOM, TOP)
    return Chart(
        width, height, LEFT, width - RIGHT, TOP, height - BOTTOM,
        x_ticks=tuple(Tick(across.at(x), x) for x in x_ticks),
        y_ticks=tuple(Tick(up.at(step), step) for step in steps),
        lines=tuple(_line(one, across, up, dense) for one in series),
        across=across,
    )  # fmt: skip


def _reach(series: Sequence[Series]) -> tuple[float, float]:
    """From the least to the most; a little more where all is one value."""
    values = [y for one in series for _, y in one.points if y is not None]
    values += [bound for one in series for pair in one.bands for bound in pair if bound is not None]
    low, high = min(values, default=0.0), max(values, default=1.0)
    low, high = (0.0, high) if 0 < low < 0.6 * high else (low, 0.0) if low < high < 0.6 * low else (low, high)
    return (low, high) if high - low > 1e-9 else (low - 0.5, high + 0.5)


def ticks(low: float, high: float, most: int) -> list[float]:
    """Round values that span low to high, at most so many steps apart."""
    raw = (high - low) / most
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(power * factor for factor in STEPS if power * factor >= raw * (1 - 1e-9))
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [round(n * step, 10) for n in range(first, last + 1)]


def _line(one: Series, across: Scale, up: Scale, dense: bool) -> Line:
    known = [(across.at(x), up.at(y)) for x, y in one.points if y is not None]
    path = "".join(f"{'M' if place == 0 else 'L'}{x} {y}" for place, (x, y) in enumerate(known))
    marks = [known[min(len(known) - 1, int(part * len(known)))] for part in MARKED] if dense and known else known
    return Line(one.key, path, _band(one, across, up), tuple(marks))


def _band(one: Series, across: Scale, up: Scale) -> str:
    edges = [
        (across.at(x), up.at(low), up.at(high))
        for (x, _), (low, high) in zip(one.points, one.bands, strict=False)
        if low is not None and high is not None
    ]
    if len(edges) < 2:
        return ""
    there = "L".join(f"{x} {high}" for x, _, high in edges)
    back = "L".join(f"{x} {low}" for x, low, _ in reversed(edges))
    return f"M{there}L{back}Z"


def turns(values: Sequence[float], gaps: Sequence[float | None]) -> list[float]:
    """Where a line through these gaps crosses zero, straight between two values."""
    known = [(value, gap) for value, gap in zip(values, gaps, strict=True) if gap is not None]
    return [x0 + (x1 - x0) * g0 / (g0 - g1) for (x0, g0), (x1, g1) in pairwise(known) if g0 * g1 < 0]
