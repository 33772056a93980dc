"""How two playbooks differ on one measure, with an interval, and medians with theirs.

Pure. Differences between groups and within the same customers; whether a difference may be chance is read off
its own interval, not off two intervals that overlap.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import bdtr, stdtrit  # type: ignore[import-untyped,unused-ignore]

from playbooks.core.statistics import LEVEL, Interval, mean, quantile, t_interval


@dataclass(frozen=True, slots=True)
class Median:
    """A median with its interval. None as a bound of a `bounded` one: among the waits that have not ended."""

    n: int
    estimate: float | None
    low: float | None
    high: float | None
    bounded: bool


def quantile_interval(values: Sequence[float | None], q: float, level: float = LEVEL) -> Median:
    """Any quantile and the order statistics x(r), x(s) around it, whatever the distribution.

    r the largest rank with P(Bin(n, q) < r) ≤ α/2, s the smallest with P(Bin(n, q) ≥ s) ≤ α/2. None counts as longer
    than any other. Where there is no such rank among n there is no interval: the 90th percentile has one at 95 %
    from 36 values on. Conover, W. J. (1999), Practical Nonparametric Statistics, 3rd ed., section 3.2.
    """
    if not 0 < q < 1:
        raise ValueError("A quantile lies between 0 and 1.")
    n = len(values)
    middle = quantile(values, q)
    fewer = bdtr(np.arange(n, dtype=float), n, q) if n else np.empty(0)  # P(Bin ≤ 0 … n−1)
    low = int(np.searchsorted(fewer, (1 - level) / 2, side="right"))
    high = int(np.searchsorted(fewer, (1 + level) / 2, side="left")) + 1
    if low < 1 or high > n:
        return Median(n, middle, None, None, bounded=False)
    ended = sorted(value for value in values if value is not None)
    bounds = [ended[place - 1] if place <= len(ended) else None for place in (low, high)]
    return Median(n, middle, bounds[0], bounds[1], bounded=True)


def median_interval(values: Sequence[float | None], level: float = LEVEL) -> Median:
    """The median with its interval. Below six values there is none at 95 %."""
    return quantile_interval(values, 0.5, level)


def difference(these: Sequence[float], those: Sequence[float], level: float = LEVEL) -> Interval:
    """Mean of `these` less the mean of `those`: d ± t(ν)·√(s₁²/n₁ + s₂²/n₂), `n` the smaller group.

    ν after Welch, B. L. (1947), Biometrika 34, 28-35. Two values in each group are the least.
    """
    n = min(len(these), len(those))
    here, there = mean(these), mean(those)
    if here is None or there is None:
        return Interval(n, None, None, None, level)
    gap = here - there
    if n < 2:
        return Interval(n, gap, None, None, level)
    a, b = _squared_error(these, here), _squared_error(those, there)
    if a + b == 0:  # nobody differs within either group: nothing to judge a difference by
        return Interval(n, gap, None, None, level)
    freedom = (a + b) ** 2 / (a * a / (len(these) - 1) + b * b / (len(those) - 1))
    half = float(stdtrit(freedom, (1 + level) / 2)) * math.sqrt(a + b)
    return Interval(n, gap, gap - half, gap + half, level)


def within_pairs(these: Mapping[str, float], those: Mapping[str, float], level: float = LEVEL) -> Interval:
    """The mean difference of those who are in both: the same customers under either playbook."""
    return t_interval([these[key] - those[key] for key in these if key in those], level)


def excludes_zero(interval: Interval) -> bool | None:
    """Whether a difference is more than chance at the interval's level; None where there is no interval."""
    if interval.low is None or interval.high is None:
        return None
    return interval.low > 0 or interval.high < 0


def _squared_error(values: Sequence[float], middle: float) -> float:
    """s²/n, the squared standard error of a mean."""
    return math.fsum((value - middle) ** 2 for value in values) / (len(values) - 1) / len(values)
