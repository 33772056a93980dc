"""How two playbooks differ on one measure, with an interval, and medians with theirs.

Pure. Differences between groups and within the same customers; whether a difference may be chance is read off
its own interval, not off two intervals that overlap.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import bdtr  # type: ignore[import-untyped,unused-ignore]

from playbooks.core.comparisons import independent
from playbooks.core.statistics import LEVEL, Interval, quantile, t_interval


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
    """Mean of `these` less the mean of `those` with the interval of `comparisons.independent`, `n` the smaller group.

    Two values in each group are the least, and one of them must differ from its fellows.
    """
    found = independent(these, those, level)
    if found.low == found.high:  # nobody differs within either group: nothing to judge a difference by
        return Interval(found.n, found.estimate, None, None, level)
    return Interval(found.n, found.estimate, found.low, found.high, level)


def within_pairs(these: Mapping[str, float], those: Mapping[str, float], level: float = LEVEL) -> Interval:
    """The mean difference of those who are in both: the same customers under either playbook."""
    return t_interval([these[key] - those[key] for key in these if key in those], level)


def excludes_zero(interval: Interval) -> bool | None:
    """Whether a difference is more than chance at the interval's level; None where there is no interval."""
    if interval.low is None or interval.high is None:
        return None
    return interval.low > 0 or interval.high < 0
