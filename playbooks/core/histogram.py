"""Durations counted in 2 % buckets: added and taken away exactly, and every quantile within 1 %.

Pure. Bucket b holds the whole seconds EDGES[b] … EDGES[b + 1] - 1; its last second is at most 2 % above its first.
Up to 51 s each second has a bucket of its own. A quantile is told as the value whose relative distance to both ends of
its bucket is the same: 2·a·b / (a + b) for ends a and b, at most (b - a) / (b + a) ≤ 0.02 / 2.02 < 1 % from either.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Mapping
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import bdtr  # type: ignore[import-untyped,unused-ignore]

from playbooks.core.contrast import Median
from playbooks.core.statistics import LEVEL

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

WIDEST = 100 * 366 * 86_400  # seconds; what lasts longer counts in the last bucket
_SMALL = 1e-9  # a rank is rounded up, but not for an error of the last digit


def _edges() -> tuple[int, ...]:
    """The first second of each bucket, in whole numbers alone: the same on every machine."""
    edges = [0]
    while edges[-1] <= WIDEST:
        first = edges[-1]
        edges.append(first + first // 50 + 1)
    return tuple(edges)


EDGES = _edges()
BUCKETS = len(EDGES) - 1
_FIRSTS = np.array(EDGES[:-1], dtype=np.int64)
_LASTS = np.array(EDGES[1:], dtype=np.int64) - 1
# Nothing lies between the ends of a bucket of one second.
MIDDLES: Floats = np.where(_LASTS == 0, 0.0, 2.0 * _FIRSTS * _LASTS / np.maximum(_FIRSTS + _LASTS, 1))


def bucket(seconds: int) -> int:
    """The bucket of a duration; negative ones, which no log holds, count as 0."""
    return min(max(bisect_right(EDGES, seconds) - 1, 0), BUCKETS - 1)


def buckets(seconds: Ints) -> Ints:
    """The same of many."""
    found: Ints = np.clip(np.searchsorted(_FIRSTS, seconds, side="right") - 1, 0, BUCKETS - 1)
    return found


def rank_of(q: float, n: int) -> int:
    """The place of the quantile among n in order, from 1 (nearest rank, as `statistics.quantile`)."""
    return max(1, math.ceil(q * n - _SMALL))


def dense(counts: Mapping[int, int]) -> Ints:
    """Counts of all buckets."""
    found = np.zeros(BUCKETS, dtype=np.int64)
    for place, count in counts.items():
        found[place] = count
    return found


def at_rank(counts: Ints, rank: int) -> float | None:
    """The value at this place in order; None beyond those that ended."""
    so_far = np.cumsum(counts)
    return float(MIDDLES[np.searchsorted(so_far, rank)]) if 1 <= rank <= so_far[-1] else None


def quantile(counts: Ints, n: int, q: float) -> float | None:
    """The quantile of n durations, of which those that are counted have ended and the others last for ever."""
    return at_rank(counts, rank_of(q, n)) if n else None


def quantile_interval(counts: Ints, n: int, q: float, level: float = LEVEL) -> Median:
    """A quantile between the order statistics x(l) and x(u) around it.

    l is the largest rank with P(Bin(n, q) < l) ≤ (1 - level)/2, u the smallest with P(Bin(n, q) ≥ u) ≤ (1 - level)/2.
    None as a bound of a `bounded` one: among those that have not ended. Too few values have no interval.
    Conover, W. J. (1999), Practical Nonparametric Statistics, 3rd ed., section 3.2.
    """
    low, high = _ranks(n, q, (1 - level) / 2) if n else (0, 1)
    middle = quantile(counts, n, q)
    if low < 1 or high > n:
        return Median(n, middle, None, None, bounded=False)
    return Median(n, middle, at_rank(counts, low), at_rank(counts, high), bounded=True)


@cache
def _ranks(n: int, q: float, tail: float) -> tuple[int, int]:
    """The places l and u; 0 and n + 1 where there are none."""

    def below(place: int) -> float:
        """P(Bin(n, q) < place)."""
        return float(bdtr(place - 1, n, q)) if place > 0 else 0.0

    low = _first(n + 1, lambda place: below(place) > tail) - 1
    return low, _first(n + 1, lambda place: 1 - below(place) <= tail)


def _first(end: int, holds: Any) -> int:
    """The first place in 0 … end from which on it holds; `end` where it never does."""
    begin = 0
    while begin < end:
        half = (begin + end) // 2
        if holds(half):
            end = half
        else:
            begin = half + 1
    return begin
