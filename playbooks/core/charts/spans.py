"""Intervals of differences beside zero: one row of a forest, and two kinds of uncertainty on one scale. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from playbooks.core.charts.lines import ticks
from playbooks.core.plot import Scale, Tick

EDGE = 8.0


@dataclass(frozen=True, slots=True)
class Row:
    """A difference on its own scale, zero in the middle, right what is better under the other arm.

    `blind`: how far to either side of zero a true difference would mostly not be found.
    """

    zero: float
    x: float
    across: tuple[float, float] | None
    blind: tuple[float, float] | None


def forest_row(
    estimate: float, low: float | None, high: float | None, smallest: float | None, *, flipped: bool, width: int
) -> Row:
    """`flipped`: less is better, so less is drawn to the right."""
    reach = max(abs(v) for v in (estimate, low, high, smallest) if v is not None) * 1.08 or 1.0
    sign = -1.0 if flipped else 1.0
    scale = Scale(-reach, reach, EDGE, width - EDGE)
    across = None
    if low is not None and high is not None:
        ends = sorted((scale.at(sign * low), scale.at(sign * high)))
        across = (ends[0], ends[1])
    blind = (scale.at(-smallest), scale.at(smallest)) if smallest else None
    return Row(scale.at(0.0), scale.at(sign * estimate), across, blind)


@dataclass(frozen=True, slots=True)
class Beside:
    """Several intervals of one difference on one scale that has zero on it."""

    width: int
    zero: float
    ticks: tuple[Tick, ...]
    x: tuple[float, ...]
    across: tuple[tuple[float, float], ...]


def beside(found: Sequence[tuple[float, float, float]], *, width: int) -> Beside:
    """(estimate, low, high) each."""
    low, high = min(0.0, *(one[1] for one in found)), max(0.0, *(one[2] for one in found))
    if high - low < 1e-9:
        low, high = -0.5, 0.5
    steps = ticks(low, high, max(2, width // 110))
    scale = Scale(steps[0], steps[-1], EDGE + 8, width - EDGE - 8)
    return Beside(
        width,
        scale.at(0.0),
        tuple(Tick(scale.at(step), step) for step in steps),
        tuple(scale.at(one[0]) for one in found),
        tuple((scale.at(one[1]), scale.at(one[2])) for one in found),
    )
