"""Time until something happens, where some still wait and others left: nobody is dropped, nobody counts as answered.

Pure. A ticket that is still open at the moment of asking has waited at least so long (open: cause None). A customer
who left will never be answered: leaving competes with the answer and does not merely hide it, so the share answered
by t is the cumulative incidence of Aalen & Johansen, not 1 − Kaplan-Meier. What is answered, solved or left at the
same second happens at once; who is still open at that second was there until then.

Tickets of one trainee resemble each other. With `clusters` every error adds up what the tickets of a cluster pull
together: U_i, how far ticket i draws the estimate (the infinitesimal jackknife), summed within the cluster, then
G/(G − 1)·Σ_g (Σ_{i in g} U_i)², and t with G − 1 for the interval. For the mean after Liang & Zeger (1986) as in
`comparisons.clustered`; for curves Ying, Z. & Wei, L. J. (1994), Journal of Multivariate Analysis 50, 17-29.
Every ticket its own cluster, it is n/(n − 1) times the plain variance.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri, stdtrit  # type: ignore[import-untyped,unused-ignore]

from playbooks.core.comparisons import Judged, judged, numbered
from playbooks.core.statistics import LEVEL, Interval

_ROUNDING = 1e-12  # an error below this part of the horizon is nothing but the rounding of its digits
Floats = npt.NDArray[np.float64]
Counts = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Curve:
    """The share to whom one thing has happened by each time, a step at each. Before the first time it is 0.

    `low` and `high` are NaN where the share is 0 or 1: there the method has no interval. `until` is the last time
    at which anybody was seen: inf where nobody is open then, for nothing can happen any more.
    """

    n: int
    happened: int
    times: Floats
    share: Floats
    error: Floats
    low: Floats
    high: Floats
    at_risk: Counts  # still there just before each time
    waits: Floats  # everybody's, in order: until something happened, or so far
    until: float
    level: float = LEVEL
    clusters: int | None = None  # whose tickets are counted together; None where every ticket stands for itself

    def at(self, time: float) -> Interval:
        """The share by this time; None beyond `until`, where nobody has looked."""
        if not self.n or time > self.until:
            return Interval(self.n, None, None, None, self.level)
        place = int(np.searchsorted(self.times, time, side="right")) - 1
        if place < 0:
            return Interval(self.n, 0.0, None, None, self.level)
        low, high = _known(self.low[place]), _known(self.high[place])
        return Interval(self.n, float(self.share[place]), low, high, self.level)

    def quantile(self, q: float) -> float | None:
        """The first time by which the share q has come to it; None where it has not, or never will."""
        place = int(np.searchsorted(self.share, q - 1e-12, side="left"))
        return float(self.times[place]) if place < len(self.times) else None

    def read(self, grid: Sequence[float]) -> dict[str, list[Any]]:
        """The curve at these times, for a picture and its table."""
        points = [self.at(time) for time in grid]
        return {
            "time": list(grid),
            "share": [point.estimate for point in points],
            "low": [point.low for point in points],
            "high": [point.high for point in points],
            "at_risk": [self.remaining(time) for time in grid],
        }

    def remaining(self, time: float) -> int:
        """How many are still there just before this time."""
        return self.n - int(np.searchsorted(self.waits, time, side="left"))


@dataclass(frozen=True, slots=True)
class Restricted:
    """The mean time until something happened, no wait counted longer than `horizon`, with its standard error.

    `reason` says why there is no estimate (nothing to look at; nobody seen as long as the horizon) or no interval
    (it happened to nobody, or to all at once; all tickets are of one cluster). `pulls`: how far each cluster draws
    the estimate, so that two means that share clusters can be compared.
    """

    n: int
    horizon: float
    estimate: float | None
    low: float | None
    high: float | None
    error: float | None
    reason: str | None  # "nothing", "too_soon", "no_spread", "one_cluster"
    level: float = LEVEL
    pulls: Mapping[Hashable, float] | None = None

    @property
    def clusters(self) -> int | None:
        return None if self.pulls is None else len(self.pulls)

    def to_dict(self) -> dict[str, Any]:
        names = ("n", "horizon", "estimate", "low", "high", "error", "reason", "level", "clusters")
        return {name: getattr(self, name) for name in names}


@dataclass(frozen=True, slots=True)
class _Table:
    """Who was there and what happened, at each time at which anything did."""

    times: Floats
    at_risk: Floats
    ends: Floats  # of any cause
    by_cause: Mapping[str, Floats]
    surviving: Floats  # just before each time: the share to whom nothing has happened
    waits: Floats
    until: float
    n: int


def first_of(opened_at: int, happened: Mapping[str, int | None], *, now: int) -> tuple[int, str | None]:
    """How long a ticket waited and what ended it: the earliest of these instants, None where none has come yet.

    Of two at the same second the one named first.
    """
    come = [(at, place, cause) for place, (cause, at) in enumerate(happened.items()) if at is not None and at <= now]
    at, _, cause = min(come, default=(now, 0, None))
    return at - opened_at, cause


def cumulative_incidence(
    times: Sequence[float],
    causes: Sequence[str | None],
    *,
    clusters: Sequence[Hashable] | None = None,
    level: float = LEVEL,
) -> dict[str, Curve]:
    """Cause -> the share to whom it has happened by each time; the shares and those still open add up to 1.

    F_k(t) = Σ_{tᵢ ≤ t} S(tᵢ₋₁)·d_kᵢ/nᵢ (Aalen, O. O. & Johansen, S. (1978), Scand. J. Statist. 5, 141-150).
    Var F_k(t) = Σ (F_k(t) − F_k(tᵢ))²·dᵢ/(nᵢ(nᵢ − dᵢ)) + Σ S(tᵢ₋₁)²·d_kᵢ(nᵢ − d_kᵢ)/nᵢ³
    − 2·Σ (F_k(t) − F_k(tᵢ))·S(tᵢ₋₁)·d_kᵢ/nᵢ²: the delta method (Gaynor, J. J. et al. (1993), JASA 88, 400-409), as in
    statsmodels' CumIncidenceRight and lifelines' AalenJohansenFitter. Interval: F^exp(±z·se/(F·|log F|)), from
    log(−log F), which stays within 0-1 (Collett, D. (2015), Modelling Survival Data, 3rd ed., ch. 12; lifelines too).
    With `clusters`, one for every ticket, errors and intervals count those; a single one has none.
    """
    table = _table(times, causes)
    if clusters is None:
        return {cause: _curve(table, cause, level) for cause in table.by_cause}
    together = _together(times, causes, clusters)
    return {cause: _curve(table, cause, level, together) for cause in table.by_cause}


def restricted_mean(
    times: Sequence[float],
    causes: Sequence[str | None],
    cause: str,
    *,
    horizon: float,
    clusters: Sequence[Hashable] | None = None,
    level: float = LEVEL,
) -> Restricted:
    """Mean of min(time until `cause`, horizon) over everybody: who left before it counts with the whole horizon.

    ∫₀^τ (1 − F_k) dt, with the variance of its delta method (as in `cumulative_incidence`, integrated):
    Σ Gᵢ²·dᵢ/(nᵢ(nᵢ − dᵢ)) + Σ S²(τ − tᵢ)²·d_kᵢ(nᵢ − d_kᵢ)/nᵢ³ − 2·Σ S(τ − tᵢ)·Gᵢ·d_kᵢ/nᵢ²,
    Gᵢ = ∫_{tᵢ}^τ (F_k(t) − F_k(tᵢ)) dt. With nobody open it is the plain mean of min(time, τ) and its variance.
    For one cause: Royston, P. & Parmar, M. K. B. (2013), BMC Med. Res. Methodol. 13, 152; for several:
    Andersen, P. K. (2013), Statistics in Medicine 32, 5278-5285 (the time not lost to the cause).
    With `clusters`, one for every ticket, the error counts those.
    """
    if not horizon > 0 or math.isinf(horizon):
        raise ValueError("The horizon is a time after 0.")
    table = _table(times, causes)
    if not table.n:
        return Restricted(0, horizon, None, None, None, None, "nothing", level)
    if table.until < horizon:
        return Restricted(table.n, horizon, None, None, None, None, "too_soon", level)
    estimate, error, weights = _mean_within(table, cause, horizon)
    pulls: dict[Hashable, float] | None = None
    freedom = math.inf
    if clusters is not None:
        pulls = _pulls(table, cause, weights, _together(times, causes, clusters))
        error, freedom = _spread(pulls), len(pulls) - 1
        if not freedom:
            return Restricted(table.n, horizon, estimate, None, None, None, "one_cluster", level, pulls)
    if error <= _ROUNDING * horizon:
        return Restricted(table.n, horizon, estimate, None, None, None, "no_spread", level, pulls)
    half = _reach(level, freedom) * error
    low, high = max(0.0, estimate - half), min(horizon, estimate + half)
    return Restricted(table.n, horizon, estimate, low, high, error, None, level, pulls)


def seen_until(times: Sequence[float], causes: Sequence[str | None]) -> float:
    """The longest horizon that these tickets allow: the longest wait if that one is still open, else any."""
    longest = max(times, default=math.inf)
    return longest if any(t == longest and cause is None for t, cause in zip(times, causes, strict=True)) else math.inf


def restricted_difference(this: Restricted, that: Restricted) -> Judged:
    """How much longer the one waits than the other, for groups that share no ticket; judged by the normal law.

    Where both count clusters, what a cluster pulls on either side is one pull, and t has the clusters of both less 1.
    """
    if this.horizon != that.horizon or this.level != that.level:
        raise ValueError("Two means are compared within one horizon and at one level.")
    n = min(this.n, that.n)
    if this.estimate is None or that.estimate is None:
        return Judged(n, None, None, None, None, None, this.level)
    if (this.pulls is None) != (that.pulls is None):
        raise ValueError("Two means are compared by clusters in both or in neither.")
    if this.pulls is None and (this.error is None or that.error is None):
        return Judged(n, this.estimate - that.estimate, None, None, None, None, this.level)
    error, freedom = math.hypot(this.error or 0.0, that.error or 0.0), math.inf
    if this.pulls is not None and that.pulls is not None:
        named = list(dict.fromkeys([*this.pulls, *that.pulls]))
        gaps = {one: this.pulls.get(one, 0.0) - that.pulls.get(one, 0.0) for one in named}
        error, freedom = _spread(gaps), len(gaps) - 1
    if error <= _ROUNDING * this.horizon:
        return Judged(n, this.estimate - that.estimate, None, None, None, None, this.level)
    return judged(n, this.estimate - that.estimate, error, freedom, this.level)


def survival(times: Sequence[float], open_still: Sequence[bool]) -> tuple[Floats, Floats]:
    """Times, and the share still waiting after each, where nothing competes: Kaplan-Meier as SciPy has it."""
    # Loads for a second, and this alone needs it: no process of the desk waits for it before it opens.
    from scipy.stats import CensoredData, ecdf  # type: ignore[import-untyped,unused-ignore]

    waited, still = np.asarray(times, dtype=float), np.asarray(open_still, dtype=bool)
    _checked(waited, len(still))
    if not len(waited):
        return np.empty(0), np.empty(0)
    found = ecdf(CensoredData(uncensored=waited[~still], right=waited[still])).sf
    return found.quantiles, found.probabilities


def _table(times: Sequence[float], causes: Sequence[str | None]) -> _Table:
    waited = np.asarray(times, dtype=float)
    _checked(waited, len(causes))
    codes: dict[str | None, int] = {None: 0}
    coded = np.array([codes.setdefault(cause, len(codes)) for cause in causes], dtype=np.int64)
    names = [cause for cause in codes if cause is not None]
    seen, place = np.unique(waited, return_inverse=True)
    shape = (len(names) + 1, len(seen))
    counts = np.bincount(coded * len(seen) + place, minlength=shape[0] * shape[1]).reshape(shape).astype(np.float64)
    leaving = counts.sum(axis=0)
    at_risk = len(waited) - np.concatenate([[0.0], np.cumsum(leaving)[:-1]]) if len(seen) else np.empty(0)
    ends = counts[1:].sum(axis=0)
    kept = ends > 0
    after = np.cumprod(1 - ends[kept] / at_risk[kept])
    until = math.inf if not len(seen) or not counts[0, -1] else float(seen[-1])
    return _Table(
        times=seen[kept],
        at_risk=at_risk[kept],
        ends=ends[kept],
        by_cause={name: counts[code + 1][kept] for code, name in enumerate(sorted(names, key=codes.__getitem__))},
        surviving=np.concatenate([[1.0], after[:-1]]) if len(after) else after,
        waits=np.sort(waited),
        until=until,
        n=len(waited),
    )


def _checked(waited: Floats, causes: int) -> None:
    if len(waited) != causes:
        raise ValueError("Every time has its cause.")
    if len(waited) and not (np.isfinite(waited).all() and waited.min() >= 0):
        raise ValueError("A time until something is a finite number from 0 on; who still waits is open (None).")


# What the tickets of a cluster pull together


@dataclass(frozen=True, slots=True)
class _Cluster:
    """The tickets of one cluster: how long each waited, in order, and when what happened to them."""

    name: Hashable
    waits: Floats
    ended: Mapping[str, Floats]


def _together(times: Sequence[float], causes: Sequence[str | None], clusters: Sequence[Hashable]) -> list[_Cluster]:
    """In the order in which they are first seen."""
    if len(clusters) != len(times):
        raise ValueError("Every ticket belongs to one cluster.")
    waited, ends = np.asarray(times, dtype=float), np.asarray(causes, dtype=object)
    place = numbered(clusters)
    order = np.argsort(place, kind="stable")
    found = []
    for name, mine in zip(
        dict.fromkeys(clusters), np.split(order, np.flatnonzero(np.diff(place[order])) + 1), strict=False
    ):
        ended = {cause: waited[mine][ends[mine] == cause] for cause in dict.fromkeys(ends[mine].tolist()) if cause}
        found.append(_Cluster(name, np.sort(waited[mine]), ended))
    return found


def _own_and_other(table: _Table, cause: str, one: _Cluster) -> tuple[Floats, Floats]:
    """How far this cluster moves F_k at each time by its part in dΛ_k, and the survival by its part in dΛ.

    S(tᵢ₋₁)·(d_kgᵢ − n_gᵢ·d_kᵢ/nᵢ)/nᵢ, and (d_gᵢ − n_gᵢ·dᵢ/nᵢ)/(nᵢ − dᵢ): the derivatives of the estimate by the weight
    of a ticket, summed over its tickets. Then U_g(t) = Σ own − Σ (F_k(t) − F_k(tᵢ))·other.
    """
    n, d = table.at_risk, table.ends
    there = len(one.waits) - np.searchsorted(one.waits, table.times, side="left")
    counts = {
        name: np.bincount(np.searchsorted(table.times, ended), minlength=len(n)).astype(np.float64)
        for name, ended in one.ended.items()
    }
    nothing = np.zeros_like(d)
    own = table.surviving * (counts.get(cause, nothing) - there * table.by_cause.get(cause, nothing) / n) / n
    other = np.divide(sum(counts.values(), nothing) - there * d / n, n - d, out=np.zeros_like(d), where=n > d)
    return own, other


def _clustered_error(table: _Table, cause: str, share: Floats, together: Sequence[_Cluster]) -> Floats:
    """√(G/(G − 1)·Σ_g U_g(t)²) at each time; NaN of a single cluster. One cluster after the other bounds the memory."""
    groups = len(together)
    if groups < 2:
        return np.full_like(share, np.nan)
    squares = np.zeros_like(share)
    for one in together:
        own, other = _own_and_other(table, cause, one)
        squares += (np.cumsum(own) - share * np.cumsum(other) + np.cumsum(share * other)) ** 2
    return np.asarray(np.sqrt(groups / (groups - 1) * squares), dtype=np.float64)


def _pulls(
    table: _Table, cause: str, weights: tuple[Floats, Floats], together: Sequence[_Cluster]
) -> dict[Hashable, float]:
    """How far each cluster draws the restricted mean: −Σ (τ − tᵢ)·own + Σ Gᵢ·other."""
    left, later = weights
    found = {}
    for one in together:
        own, other = (part[: len(left)] for part in _own_and_other(table, cause, one))
        found[one.name] = float(np.sum(later * other - left * own))
    return found


def _spread(pulls: Mapping[Hashable, float]) -> float:
    groups = len(pulls)
    return math.sqrt(groups / (groups - 1) * math.fsum(one * one for one in pulls.values())) if groups > 1 else 0.0


def _reach(level: float, freedom: float) -> float:
    """How many errors the interval reaches to either side."""
    return float(ndtri((1 + level) / 2) if math.isinf(freedom) else stdtrit(freedom, (1 + level) / 2))


# The estimates


def _curve(table: _Table, cause: str, level: float, together: Sequence[_Cluster] | None = None) -> Curve:
    ended = table.by_cause[cause]
    share = np.cumsum(table.surviving * ended / table.at_risk)
    if together is None:
        error, freedom = _error(table, ended, share), math.inf
    else:
        error, freedom = _clustered_error(table, cause, share, together), len(together) - 1
    low, high = _log_log(share, error, _reach(level, freedom) if freedom else math.nan)
    return Curve(
        n=table.n,
        happened=int(ended.sum()),
        times=table.times,
        share=np.minimum(1.0, share),
        error=error,
        low=low,
        high=high,
        at_risk=table.at_risk.astype(np.int64),
        waits=table.waits,
        until=table.until,
        level=level,
        clusters=None if together is None else len(together),
    )


def _error(table: _Table, ended: Floats, share: Floats) -> Floats:
    n, d = table.at_risk, table.ends
    # Σᵢ (F(t) − Fᵢ)²·aᵢ by the sums of aᵢ, aᵢFᵢ and aᵢFᵢ². Where all end at once F stops, and its term is 0.
    a = np.divide(d, n * (n - d), out=np.zeros_like(d), where=n > d)
    b = table.surviving * ended / n**2
    squares = share**2 * np.cumsum(a) - 2 * share * np.cumsum(a * share) + np.cumsum(a * share**2)
    crossed = share * np.cumsum(b) - np.cumsum(b * share)
    own = np.cumsum(table.surviving**2 * ended * (n - ended) / n**3)
    return np.asarray(np.sqrt(np.maximum(0.0, squares + own - 2 * crossed)), dtype=np.float64)


def _log_log(share: Floats, error: Floats, errors: float) -> tuple[Floats, Floats]:
    inside = (share > 0) & (share < 1 - 1e-12)
    safe = np.where(inside, share, 0.5)
    reach = errors * error / (safe * np.abs(np.log(safe)))
    with np.errstate(over="ignore"):
        low, high = safe ** np.exp(reach), safe ** np.exp(-reach)
    return np.where(inside, low, np.nan), np.where(inside, high, np.nan)


def _mean_within(table: _Table, cause: str, horizon: float) -> tuple[float, float, tuple[Floats, Floats]]:
    """The mean, its error where every ticket stands for itself, and what a step of either hazard weighs in it."""
    kept = table.times <= horizon
    times, n, d, before = (column[kept] for column in (table.times, table.at_risk, table.ends, table.surviving))
    ended = table.by_cause[cause][kept] if cause in table.by_cause else np.zeros_like(d)
    share = np.cumsum(before * ended / n)
    lengths = np.diff(np.concatenate([times, [horizon]]))  # how long each step of F lasts
    area = np.cumsum((share * lengths)[::-1])[::-1]  # ∫ F from each time to the horizon
    left = horizon - times
    later = area - share * left  # G
    a = np.divide(d, n * (n - d), out=np.zeros_like(d), where=n > d)
    parts = later**2 * a + (before * left) ** 2 * ended * (n - ended) / n**3 - 2 * before * left * later * ended / n**2
    estimate = horizon - (float(area[0]) if len(area) else 0.0)
    return estimate, math.sqrt(max(0.0, float(np.sum(parts)))), (left, later)


def _known(value: float) -> float | None:
    return None if math.isnan(value) else float(value)
