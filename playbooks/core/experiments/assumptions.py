"""How far the answer moves when the coefficients behind it do: drawn from stated ranges, all at once, many times.

Each mark has a range, itself assumed: what was seen in a source moves little, what was assumed moves much. Every
draw multiplies each coefficient by a factor of its own (log-uniform between 1/(1+r) and 1+r) and asks the same
customers again; the differences between playbooks that come out span the uncertainty of the assumptions. More
tickets do not make it smaller.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from playbooks.core.customer.evidence import DEFAULT, E, Evidence, Switches
from playbooks.core.customer.persona import Traits
from playbooks.core.experiments.measure import Handled, felt_by
from playbooks.core.experiments.population import Population
from playbooks.core.statistics import mean
from playbooks.core.streams import block

RANGES = {"seen": 0.10, "fitted": 0.20, "recalled": 0.30, "assumed": 0.50}
DRAWS = 60
ASKED = 4_000  # customers asked again at each draw
GROUPS = ("compensation", "apology", "dj", "pj", "ij", "satisfaction", "cumulative", "repurchase", "waiting")
TASTES = ("compensation", "apology", "voice", "speed", "gift", "letter", "gain")
OUTCOMES = ("satisfaction", "satisfaction_all", "repurchase")


@dataclass(frozen=True, slots=True)
class Range:
    """A difference as it is, and the middle 90 % of it over the draws."""

    estimate: float
    low: float
    high: float
    same_sign: float  # share of the draws in which the difference keeps its sign
    draws: int

    def to_dict(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__slots__}


def names() -> list[str]:
    """The coefficients that are drawn."""
    return [
        name for name in E.names() if name.partition(".")[0] in GROUPS and isinstance(E.why(name).value, int | float)
    ]


def drawn(seed: int, draw: int, u: Sequence[float]) -> tuple[Evidence, dict[str, float]]:
    """One set of coefficients, and factors on the tastes of people."""
    moved = names()
    factors = [_factor(value, RANGES[E.why(name).mark]) for name, value in zip(moved, u, strict=False)]
    tastes = {
        taste: _factor(value, RANGES[E.why(f"culture.{taste}").mark])
        for taste, value in zip(TASTES, u[len(moved) :], strict=True)
    }
    return E.all_varied(dict(zip(moved, factors, strict=True))), tastes


def _factor(u: float, reach: float) -> float:
    return float((1 + reach) ** (2 * u - 1))


def ranges(
    people: Population,
    arm: Handled,
    baseline: Handled,
    *,
    seed: int,
    switches: Switches = DEFAULT,
    abandoned_repurchase: float | None = None,
    draws: int = DRAWS,
) -> dict[str, Range]:
    """The range of each difference over draws of the coefficients; the queue itself is not run again."""

    def gaps(evidence: Evidence, tastes: Mapping[str, float]) -> dict[str, float]:
        who = replace(people, traits=_tasting(people.traits, tastes))
        here, there = (
            _levels(who, side, felt_by(who, side, switches, abandoned_repurchase, evidence)) for side in (arm, baseline)
        )
        return {key: here[key] - there[key] for key in OUTCOMES}

    as_is = gaps(E, {})
    u = block(seed, "experiment/assumptions", draws, len(names()) + len(TASTES))
    found = [gaps(*drawn(seed, number, row.tolist())) for number, row in enumerate(u)]
    return {key: _range(as_is[key], [one[key] for one in found]) for key in OUTCOMES}


def _tasting(traits: Traits, tastes: Mapping[str, float]) -> Traits:
    return replace(traits, **{name: getattr(traits, name) * factor for name, factor in tastes.items()})


def _levels(people: Population, handled: Handled, felt: Any) -> dict[str, float]:
    served = ~handled.left
    return {
        "satisfaction": float(np.mean(felt.satisfaction[served])) if served.any() else 0.0,
        "satisfaction_all": float(np.mean(felt.satisfaction)),
        "repurchase": float(np.mean(felt.repurchase)),
    }


def _range(as_is: float, found: Sequence[float]) -> Range:
    low, high = np.quantile(found, [0.05, 0.95]).tolist()
    same = mean([float(one * as_is > 0) for one in found])
    return Range(as_is, low, high, same or 0.0, len(found))
