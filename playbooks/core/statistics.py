"""Shares, means and quantiles with the plain intervals that a manager's page shows.

Pure. Absence stays absence: no answers give
`None`, never 0, and a ticket nobody answered counts in every quantile as a wait without end.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from scipy.special import gammaincinv, ndtri, stdtrit  # type: ignore[import-untyped,unused-ignore]

LEVEL = 0.95


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate from `n` observations, and the bounds that cover the truth in `level` of all samples."""

    n: int
    estimate: float | None
    low: float | None
    high: float | None
    level: float = LEVEL

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


def mean(values: Sequence[float]) -> float | None:
    """The arithmetic mean, exactly summed; None of nothing."""
    return math.fsum(values) / len(values) if values else None


def wilson(successes: int, n: int, level: float = LEVEL) -> Interval:
    """A share with its score interval: stays within 0-1 and has width even at 0 of n and n of n.

    centre = (p + z²/2n) / (1 + z²/n),  half = z·√(p(1−p)/n + z²/4n²) / (1 + z²/n),  z = Φ⁻¹((1 + level)/2).
    Wilson, E. B. (1927), JASA 22, 209-212.
    """
    if not n:
        return Interval(0, None, None, None, level)
    z = _normal_quantile(level)
    share = successes / n
    shrink = 1 + z * z / n
    centre = (share + z * z / (2 * n)) / shrink
    half = z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n)) / shrink
    return Interval(n, share, max(0.0, centre - half), min(1.0, centre + half), level)


def t_interval(values: Sequence[float], level: float = LEVEL) -> Interval:
    """A mean with Student's interval: mean ± t(n−1)·s/√n, s² with n − 1. One value has no interval.

    Student (1908), Biometrika 6, 1-25.
    """
    n = len(values)
    middle = mean(values)
    if middle is None or n < 2:
        return Interval(n, middle, None, None, level)
    spread = math.sqrt(math.fsum((value - middle) ** 2 for value in values) / (n - 1))
    half = float(stdtrit(n - 1, (1 + level) / 2)) * spread / math.sqrt(n)
    return Interval(n, middle, middle - half, middle + half, level)


def nps_with_interval(scores: Sequence[int], level: float = LEVEL) -> Interval:
    """Net promoter score, -100 to 100: share of 9-10 minus share of 0-6.

    The interval is the adjusted Wald one: three imagined answers (¾ promoter, 1½ passive, ¾ detractor) are
    added, so that five promoters out of five do not look like certainty. Variance of one answer in
    {1, 0, −1}: p + d − (p − d)². Rocks, B. (2016), The American Statistician 70, 365-372.
    """
    n = len(scores)
    if not n:
        return Interval(0, None, None, None, level)
    promoters = sum(score >= 9 for score in scores)
    detractors = sum(score <= 6 for score in scores)
    imagined = n + 3
    up, down = (promoters + 0.75) / imagined, (detractors + 0.75) / imagined
    half = 100 * _normal_quantile(level) * math.sqrt((up + down - (up - down) ** 2) / imagined)
    centre = 100 * (up - down)
    estimate = 100 * (promoters - detractors) / n
    return Interval(n, estimate, max(-100.0, centre - half), min(100.0, centre + half), level)


def quantile(values: Sequence[float | None], q: float) -> float | None:
    """The smallest value that at least the share `q` of ALL values does not exceed (nearest rank).

    None among the values is a wait that has not ended: longer than any other. None as the answer says that the
    quantile lies among those. No interpolation: half-way to infinity is nothing.
    """
    if not values:
        return None
    ended = sorted(value for value in values if value is not None)
    rank = max(1, math.ceil(q * len(values) - 1e-9))
    return ended[rank - 1] if rank <= len(ended) else None


def gamma_spread(u: float, shape: float) -> float:
    """A factor of mean 1 from one uniform: a gamma variable of this shape over its shape, by inversion."""
    return float(gammaincinv(shape, u)) / shape


def lognormal_spread(u: float, sigma: float) -> float:
    """A factor of median 1 from one uniform: e^(σ·Φ⁻¹(u)). `u` is kept off 0 and 1, where it has no value."""
    return math.exp(sigma * float(ndtri(min(max(u, 1e-12), 1 - 1e-12))))


def _normal_quantile(level: float) -> float:
    return float(ndtri((1 + level) / 2))
