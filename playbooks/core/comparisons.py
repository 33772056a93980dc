"""Differences judged: p-values, correction over many outcomes, what this many could have shown, and looking early.

Pure. A primary outcome is named before the data and judged by itself; the others are corrected together. Who looks
before the planned end pays for it with wider limits. Tickets of one trainee resemble each other: what they say
together is counted by trainees, not by tickets.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import nctdtr, ndtr, ndtri, stdtr, stdtrit  # type: ignore[import-untyped,unused-ignore]

from playbooks.core.statistics import LEVEL, mean

POWER = 0.8
_ROUNDING = 1e-12  # a spread or a gap below this part of the values is nothing but the rounding of their digits
_NODES = 200  # of the integral over what the data may have looked like at the look before
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Judged:
    """A difference with its interval, its p-value and the smallest true difference this n would mostly find."""

    n: int  # pairs, or the smaller group
    estimate: float | None
    low: float | None
    high: float | None
    p: float | None
    smallest: float | None  # found with a power of 80 % at the interval's level
    level: float = LEVEL

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


def paired(these: Sequence[float | None], those: Sequence[float | None], level: float = LEVEL) -> Judged:
    """Mean of (this − that) over the pairs in which both are known; Student's t with n − 1.

    Pairs without any spread, all 0, are no difference at all: 0 with p = 1, exactly. All equal and not 0, only the
    signs can be judged by: p = 2 / 2ⁿ.
    Student (1908), Biometrika 6, 1-25.
    """
    pairs = [(a, b) for a, b in zip(these, those, strict=True) if a is not None and b is not None]
    gaps = [a - b for a, b in pairs]
    n, middle = len(gaps), mean(gaps)
    if middle is None or n < 2:
        return Judged(n, middle, None, None, None, None, level)
    error = math.sqrt(math.fsum((gap - middle) ** 2 for gap in gaps) / (n - 1) / n)
    if error <= _rounding(value for pair in pairs for value in pair):
        return _without_spread(n, middle, 2.0 ** (1 - n), [value for pair in pairs for value in pair], level)
    return judged(n, middle, error, n - 1, level)


def independent(these: Sequence[float | None], those: Sequence[float | None], level: float = LEVEL) -> Judged:
    """Mean of these − mean of those, for groups that share nobody. Welch, B. L. (1947), Biometrika 34, 28-35.

    Without any spread in either group: how rarely chance would have parted them so, 2 / (n₁ + n₂ over n₁).
    """
    one, two = ([value for value in side if value is not None] for side in (these, those))
    n = min(len(one), len(two))
    here, there = mean(one), mean(two)
    if here is None or there is None or n < 2:
        gap = None if here is None or there is None else here - there
        return Judged(n, gap, None, None, None, None, level)
    a, b = (
        math.fsum((value - middle) ** 2 for value in side) / (len(side) - 1) / len(side)
        for side, middle in ((one, here), (two, there))
    )
    if math.sqrt(a + b) <= _rounding([*one, *two]):
        return _without_spread(n, here - there, _parted(len(one), len(two)), [*one, *two], level)
    return judged(n, here - there, math.sqrt(a + b), _welch(a, len(one), b, len(two)), level)


def _welch(a: float, one: int, b: float, two: int) -> float:
    """Degrees of freedom of a difference between two sides of squared errors a and b, from `one` and `two` units."""
    return (a + b) ** 2 / (a * a / (one - 1) + b * b / (two - 1))


def judged(n: int, gap: float, error: float, freedom: float, level: float = LEVEL) -> Judged:
    """A difference whose standard error is known from elsewhere; `freedom` may be infinite."""
    if error <= 0:
        raise ValueError("A difference without a standard error cannot be judged by it.")
    half = float(stdtrit(freedom, (1 + level) / 2)) * error
    p = 2 * float(stdtr(freedom, -abs(gap) / error))
    return Judged(n, gap, gap - half, gap + half, p, smallest_difference(error, freedom, level), level)


def _without_spread(n: int, gap: float, p: float, values: Sequence[float], level: float) -> Judged:
    if abs(gap) <= _rounding(values):
        return Judged(n, 0.0, 0.0, 0.0, 1.0, 0.0, level)
    if p > 1 - level:
        return Judged(n, gap, None, None, p, None, level)
    return Judged(n, gap, gap, gap, p, 0.0, level)


def _parted(one: int, two: int) -> float:
    """2 / (n₁ + n₂ over n₁), by logarithms: the number itself has no room in a float."""
    ways = math.lgamma(one + two + 1) - math.lgamma(one + 1) - math.lgamma(two + 1)
    return min(1.0, 2 * math.exp(-ways))


def _rounding(values: Any) -> float:
    return _ROUNDING * max((abs(value) for value in values), default=0.0)


# What this many could show


def smallest_difference(error: float, freedom: float, level: float = LEVEL, power: float = POWER) -> float:
    """The true difference that a two-sided t-test at this level finds with this power.

    Cohen, J. (1988), Statistical Power Analysis, 2nd ed., section 2.4.
    """
    # Here and below: SciPy's search loads for half a second, and no process of the desk shall wait for that to open.
    from scipy.optimize import brentq  # type: ignore[import-untyped,unused-ignore]

    if error == 0:
        return 0.0
    guess = float(stdtrit(freedom, (1 + level) / 2)) + float(stdtrit(freedom, power))
    shift = brentq(lambda shift: power_of(shift, 1.0, freedom, level) - power, 0.0, 2 * guess, xtol=1e-12)
    return float(shift) * error


def power_of(difference: float, error: float, freedom: float, level: float = LEVEL) -> float:
    """How often a true difference of this size is found: P(|T| > t(α/2)), T noncentral t around difference/error."""
    if error == 0:
        return 1.0 if difference else 0.0
    limit, shift = float(stdtrit(freedom, (1 + level) / 2)), abs(difference) / error
    # SciPy's noncentral t has no value where it is nearly 0 or 1; the shifted one has, and is as near as that.
    shifted = (float(stdtr(freedom, limit - shift)), float(stdtr(freedom, -limit - shift)))
    if math.isinf(freedom):
        return 1 - shifted[0] + shifted[1]
    below, far_below = float(nctdtr(freedom, shift, limit)), float(nctdtr(freedom, shift, -limit))
    below = shifted[0] if math.isnan(below) else below
    far_below = shifted[1] if math.isnan(far_below) else far_below
    return min(1.0, 1 - below + far_below)


# Many outcomes


def holm(p_values: Mapping[str, float | None]) -> dict[str, float | None]:
    """p-values corrected over all of them: the k-th smallest times the number not yet looked at, never falling.

    Keeps the chance of any false finding at the level whatever their dependence. Unknown ones stay unknown.
    Holm, S. (1979), Scandinavian Journal of Statistics 6, 65-70.
    """
    known = sorted((p, key) for key, p in p_values.items() if p is not None)
    corrected: dict[str, float | None] = dict.fromkeys(p_values)
    floor = 0.0
    for place, (p, key) in enumerate(known):
        floor = max(floor, min(1.0, p * (len(known) - place)))
        corrected[key] = floor
    return corrected


# Looking early


@dataclass(frozen=True, slots=True)
class Look:
    """A look at the data before or at the planned end, and what a difference must reach there to be shown."""

    share: float  # of the planned data
    spent: float  # chance of a false finding, this look and all before it
    z: float  # a difference is shown where |difference / error| reaches this …
    p: float  # … that is, where its raw p-value does not exceed this


def spending(share: float, level: float = LEVEL) -> float:
    """The chance of a false finding that may have been spent once this share of the planned data is in.

    α(t) = 4 − 4Φ(Φ⁻¹(1 − α/4)/√t), either direction spending half: almost nothing early, all of it at the end, so
    that looking early does not make findings out of chance. Lan, K. K. G. & DeMets, D. L. (1983), Biometrika 70,
    659-663, their α₁, in the form of O'Brien & Fleming (1979).
    """
    if not 0 < share <= 1:
        raise ValueError("The share of the planned data lies within (0, 1].")
    limit = float(ndtri(1 - (1 - level) / 4)) / math.sqrt(share)
    return 4 * float(ndtr(-limit))


def looks(shares: Sequence[float], level: float = LEVEL) -> list[Look]:
    """What a difference must reach at each planned look so that all of them together keep the level.

    The looks see the same data growing: between two of them the sum moves by a normal step whose variance is the
    share that has come in. The density of sums that have reached no limit yet is carried from look to look.
    Armitage, P., McPherson, C. K. & Rowe, B. C. (1969), JRSS A 132, 235-244; Lan & DeMets (1983).
    """
    if any(later <= earlier for earlier, later in pairwise(shares)):
        raise ValueError("Each look comes with more data than the one before.")
    found: list[Look] = []
    places, weights = np.zeros(1), np.ones(1)  # before any data the sum is 0, certainly
    before, spent = 0.0, 0.0
    for share in shares:
        now_spent = spending(share, level)
        step = math.sqrt(share - before)
        limit = _limit(places, weights, step, now_spent - spent, 10 * math.sqrt(share))
        z = limit / math.sqrt(share)
        found.append(Look(share, now_spent, z, 2 * float(ndtr(-z))))
        places, weights = _carried(places, weights, step, limit)
        before, spent = share, now_spent
    return found


def _limit(places: Floats, weights: Floats, step: float, chance: float, far: float) -> float:
    """The bound, on either side, that the sum crosses now with this chance and has not crossed before."""
    from scipy.optimize import brentq  # type: ignore[import-untyped,unused-ignore]

    def too_often(limit: float) -> float:
        crossed = ndtr((places - limit) / step) + ndtr((-limit - places) / step)
        return float(weights @ crossed) - chance

    # Further out than `far` lies less chance than any look can spend that a float can hold beside 1.
    return far if too_often(far) >= 0 else float(brentq(too_often, 0.0, far, xtol=1e-12))


def _carried(places: Floats, weights: Floats, step: float, limit: float) -> tuple[Floats, Floats]:
    """The sums after the step that lie within the limit, as nodes and their chances (Gauss-Legendre)."""
    nodes, shares = _rule()
    after = nodes * limit
    steps = (after[:, None] - places[None, :]) / step
    density = np.exp(-steps * steps / 2) @ weights / (step * math.sqrt(2 * math.pi))
    return after, density * shares * limit


@cache
def _rule() -> tuple[Floats, Floats]:
    nodes, shares = np.polynomial.legendre.leggauss(_NODES)
    return nodes, shares


# Tickets of one trainee resemble each other


@dataclass(frozen=True, slots=True)
class Clustered:
    """A mean, a share or a difference whose interval counts clusters. `reason` says why there is no interval."""

    n: int
    clusters: int
    estimate: float | None
    low: float | None
    high: float | None
    error: float | None
    reason: str | None  # "nothing", "one_cluster", "one_side", "no_spread"
    level: float = LEVEL

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


def clustered(values: Sequence[float], clusters: Sequence[Hashable], level: float = LEVEL) -> Clustered:
    """A mean (of 0 and 1: a share) with an interval that is as wide as the clusters differ; t with clusters − 1.

    CR1: V = G/(G − 1) · Σ_g (Σ_{i in g} eᵢ)² / n². Fewer than two clusters have no interval. Under ten it is still
    too narrow; it says so by its `clusters`. Liang, K.-Y. & Zeger, S. L. (1986), Biometrika 73, 13-22;
    Cameron, A. C. & Miller, D. L. (2015), Journal of Human Resources 50, 317-372, section II.
    """
    named, data = numbered(clusters), np.asarray(values, dtype=float)
    if len(named) != len(data):
        raise ValueError("Every value belongs to one cluster.")
    if not len(data):
        return Clustered(0, 0, None, None, None, None, "nothing", level)
    middle = math.fsum(values) / len(data)
    pulls = _together(named, (data - middle) / len(data))
    return _by_clusters(len(data), middle, pulls, 1, _rounding(values), level)


def clustered_difference(
    these: Sequence[float],
    their_clusters: Sequence[Hashable],
    those: Sequence[float],
    those_clusters: Sequence[Hashable],
    level: float = LEVEL,
) -> Clustered:
    """Mean of these − mean of those; a cluster may have tickets on both sides, and is one cluster all the same.

    The regression on a constant and the side, CR1: G/(G − 1) · (n − 1)/(n − 2), t with clusters − 1.
    """
    if len(these) != len(their_clusters) or len(those) != len(those_clusters):
        raise ValueError("Every value belongs to one cluster.")
    n, named = len(these) + len(those), numbered([*their_clusters, *those_clusters])
    if not these or not those:
        return Clustered(n, len(set(named.tolist())), None, None, None, None, "one_side" if n else "nothing", level)
    here, there = math.fsum(these) / len(these), math.fsum(those) / len(those)
    pulled = np.concatenate(
        [(np.asarray(these, dtype=float) - here) / len(these), (there - np.asarray(those, dtype=float)) / len(those)]
    )
    pulls = _together(named, pulled)
    return _by_clusters(n, here - there, pulls, 2, _rounding([*these, *those]), level)


def apart(
    these: Sequence[float],
    their_clusters: Sequence[Hashable],
    those: Sequence[float],
    those_clusters: Sequence[Hashable],
    level: float = LEVEL,
) -> Judged:
    """Mean of these − mean of those where every cluster lies wholly on one side, as stretches of time drawn to one
    playbook do. The clusters are the units, and `n` is their number on the smaller side.

    V = Σ_s G_s/(G_s − 1) · Σ_{g of s} (Σ_{i in g} eᵢ / n_s)², freedom after Welch from the clusters of either side:
    with clusters of one ticket it is `independent`, with clusters of one size `independent` of their means. What one
    t with all clusters less one has of a few clusters is too narrow, because it takes both sides for one.
    Bell, R. M. & McCaffrey, D. F. (2002), Survey Methodology 28, 169-181.
    """
    if set(their_clusters) & set(those_clusters):
        raise ValueError("Every cluster lies on one side.")
    sides = [clustered(these, their_clusters, level), clustered(those, those_clusters, level)]
    here, there = sides[0].estimate, sides[1].estimate
    n = min(side.clusters for side in sides)
    if here is None or there is None or n < 2:
        gap = None if here is None or there is None else here - there
        return Judged(n, gap, None, None, None, None, level)
    a, b = ((side.error or 0.0) ** 2 for side in sides)
    if not a + b:
        parted = _parted(sides[0].clusters, sides[1].clusters)
        return _without_spread(n, here - there, parted, [*these, *those], level)
    freedom = _welch(a, sides[0].clusters, b, sides[1].clusters)
    return judged(n, here - there, math.sqrt(a + b), freedom, level)


def _by_clusters(n: int, estimate: float, pulls: Floats, fitted: int, rounding: float, level: float) -> Clustered:
    """`pulls`: how far each cluster drew the estimate from where the others would have it."""
    groups = len(pulls)
    if groups < 2:
        return Clustered(n, groups, estimate, None, None, None, "one_cluster", level)
    if n <= fitted:
        return Clustered(n, groups, estimate, None, None, None, "no_spread", level)
    error = math.sqrt(groups / (groups - 1) * (n - 1) / (n - fitted) * math.fsum((pulls * pulls).tolist()))
    if error <= rounding:  # nobody differs: nothing to judge by
        return Clustered(n, groups, estimate, None, None, None, "no_spread", level)
    half = float(stdtrit(groups - 1, (1 + level) / 2)) * error
    return Clustered(n, groups, estimate, estimate - half, estimate + half, error, None, level)


def _together(named: npt.NDArray[np.int64], parts: Floats) -> Floats:
    return np.asarray(np.bincount(named, weights=parts), dtype=np.float64)


def numbered(clusters: Sequence[Hashable]) -> npt.NDArray[np.int64]:
    """0, 1, 2 … in the order in which they are first seen, so that the digits do not hang on their names."""
    numbers: dict[Hashable, int] = {}
    return np.array([numbers.setdefault(one, len(numbers)) for one in clusters], dtype=np.int64)
