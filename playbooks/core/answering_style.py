"""NPS with the style of answering taken out, as far as the answers themselves allow it. Pure.

Customers of some cultures use less of a scale's width and tick its middle more often; half of a difference in NPS
between two countries may be that alone. The coefficients are those of the customer model (evidence.toml, culture.style
and culture.midpoint: fitted to NTT Com's NPS for Japan, Korea assumed).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from scipy.special import ndtri  # type: ignore[import-untyped,unused-ignore]

from playbooks.core.customer.evidence import E
from playbooks.core.customer.survey import LOWEST_HIGHEST_MIDDLE
from playbooks.core.statistics import LEVEL, Interval

LOWEST, HIGHEST, MIDDLE = LOWEST_HIGHEST_MIDDLE["nps"]


PROMOTER, DETRACTOR = 8.5, 6.5  # before rounding: what ends as 9 or 10, and what ends as 6 or less


def unstyled(score: int, profile: str) -> float:
    """What one answer is worth in NPS, −100 to 100, from somebody who would use the whole width.

    A tick s stands for all of s − ½ to s + ½, evenly; widened around the tick m of indifference by 1/λ,
    m + (x − m)/λ, a part of that may lie above 8.5 (promoter) or below 6.5 (detractor).
    """
    middle, style = float(E.nps.middle), float(E.culture.style[profile])
    low, high = (middle + (score + half - middle) / style for half in (-0.5, 0.5))
    low, high = (-math.inf if score == LOWEST else low), (math.inf if score == HIGHEST else high)
    return 100.0 * (_above(low, high, PROMOTER) - (1 - _above(low, high, DETRACTOR)))


def _above(low: float, high: float, limit: float) -> float:
    """The share of low–high that lies above the limit."""
    if limit <= low:
        return 1.0
    return 0.0 if limit >= high else (high - limit) / (high - low)


def nps_adjusted(scores: Sequence[int], profiles: Sequence[str], level: float = LEVEL) -> Interval:
    """`nps_adjusted_of` the answers one by one."""
    counts: dict[str, Counter[int]] = {}
    for score, profile in zip(scores, profiles, strict=True):
        counts.setdefault(profile, Counter())[score] += 1
    return nps_adjusted_of(counts, level)


def nps_adjusted_of(counts: Mapping[str, Mapping[int, int]], level: float = LEVEL) -> Interval:
    """Net promoter score of the unstyled ticks, with fewer middles. `counts`: profile -> score -> how many gave it.

    Of a profile's answers at the middle only (r − π)/(1 − π) are meant, r their share and π the profile's share of
    habitual middles; the others keep the rest. With the weights w and values v of `unstyled`: mean = Σwv/Σw, its error
    √Σw²(v − mean)² / Σw. π and λ are taken as known: that they are not is an uncertainty of the assumptions, which
    more answers do not shrink.
    """
    n = sum(sum(of.values()) for of in counts.values())
    weighted = [line for profile, of in counts.items() for line in _weighted(profile, of)]
    total = math.fsum(many * weight for many, weight, _ in weighted)
    if not total:
        return Interval(n, None, None, None, level)
    middle = math.fsum(many * weight * value for many, weight, value in weighted) / total
    error = math.sqrt(math.fsum(many * (weight * (value - middle)) ** 2 for many, weight, value in weighted)) / total
    if not error:
        return Interval(n, middle, None, None, level)
    half = float(ndtri((1 + level) / 2)) * error
    return Interval(n, middle, max(-100.0, middle - half), min(100.0, middle + half), level)


def _weighted(profile: str, counts: Mapping[int, int]) -> Iterator[tuple[int, float, float]]:
    """How many, the weight of each, and what each is worth, for every score of a profile."""
    n, at_middle = sum(counts.values()), counts.get(MIDDLE, 0)
    habit = float(E.culture.midpoint[profile])
    for score, many in counts.items():
        if many:
            meant = max(0.0, (at_middle / n - habit) / (1 - habit)) if at_middle < n else 1.0
            weight = n * meant / at_middle if score == MIDDLE else n * (1 - meant) / (n - at_middle)
            yield many, weight, unstyled(score, profile)
