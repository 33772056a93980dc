"""Curves of a share over a logarithmic axis of time, with bands and direct labels that keep apart. Pure geometry."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from playbooks.core.plot import TIME_TICKS, Scale, Tick, text_width, time_ticks
from playbooks.core.statistics import Interval

LEFT, TOP, BOTTOM, LABEL = 44.0, 14.0, 30.0, 17.0
POINTS = 90
SHARES = (0.0, 0.25, 0.5, 0.75, 1.0)


class Curve(Protocol):
    def at(self, time: float) -> Interval:
        """The share by this time; None where nobody has looked."""
        ...


@dataclass(frozen=True, slots=True)
class Drawn:
    """One curve: a line and a band, where its mark stands, and where its label."""

    key: str
    cause: str
    path: str
    band: str
    mark: tuple[float, float]
    label: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Incidence:
    width: int
    height: int
    left: float
    right: float
    top: float
    bottom: float
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    curves: tuple[Drawn, ...]


def incidence(
    found: Sequence[tuple[str, str, Curve, str]], *, longest: float, width: int, height: int, shortest: float = 30.0
) -> Incidence:
    """(key, cause, curve, label) each; drawn from `shortest` to `longest` seconds, as far as anybody has looked."""
    room = max((text_width(label) for *_, label in found), default=0.0) + 20
    right, bottom = width - room, height - BOTTOM
    low = float(max(tick for tick in TIME_TICKS if tick <= shortest))
    across, up = Scale(low, longest, LEFT, right, log=True), Scale(0.0, 1.0, bottom, TOP)
    grid = np.geomspace(low, longest, POINTS).tolist()
    drawn = [_drawn(key, cause, curve, grid, across, up) for key, cause, curve, _ in found]
    return Incidence(
        width, height, LEFT, right, TOP, bottom,
        x_ticks=time_ticks(across),
        y_ticks=tuple(Tick(up.at(share), share) for share in SHARES),
        curves=tuple(_apart([one for one in drawn if one is not None], right)),
    )  # fmt: skip


def _drawn(key: str, cause: str, curve: Curve, grid: Sequence[float], across: Scale, up: Scale) -> Drawn | None:
    points = [(time, curve.at(time)) for time in grid]
    known = [(across.at(time), up.at(p.estimate), p) for time, p in points if p.estimate is not None]
    if not known:
        return None
    line = "M" + "L".join(f"{x} {y}" for x, y, _ in known)
    edges = [(x, up.at(p.low), up.at(p.high)) for x, _, p in known if p.low is not None and p.high is not None]
    band = ""
    if len(edges) > 1:
        there = "L".join(f"{x} {high}" for x, _, high in edges)
        back = "L".join(f"{x} {low}" for x, low, _ in reversed(edges))
        band = f"M{there}L{back}Z"
    x, y, _ = known[-1]
    middle = known[int(0.7 * (len(known) - 1))]
    return Drawn(key, cause, line, band, (middle[0], middle[1]), (x, y))


def _apart(drawn: Sequence[Drawn], right: float) -> list[Drawn]:
    """Labels at the right end, from the highest curve down, each at least a line below the one before."""
    placed: dict[int, float] = {}
    order = sorted(range(len(drawn)), key=lambda place: drawn[place].label[1])
    floor = -LABEL
    for place in order:
        floor = placed[place] = max(drawn[place].label[1], floor + LABEL)
    ceiling = max((one.label[1] for one in drawn), default=0.0)
    for place in reversed(order):  # none below the lowest curve's end: push up again
        placed[place] = ceiling = min(placed[place], ceiling)
        ceiling -= LABEL
    return [
        Drawn(one.key, one.cause, one.path, one.band, one.mark, (right + 8, round(placed[place], 1)))
        for place, one in enumerate(drawn)
    ]
