"""What came of one replication under one playbook: every outcome as a number, and curves over time.

All arrivals count. Who left unanswered has no reply and no resolution, however long one waits: medians and restricted
means say so, and no average of the served alone stands without the share of the others beside it.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
import numpy.typing as npt

from playbooks.core.customer.evidence import DEFAULT, E, Evidence, Switches
from playbooks.core.customer.experience import Experience
from playbooks.core.customer.persona import METRICS
from playbooks.core.customer.satisfaction import Feelings, feelings
from playbooks.core.customer.survey import response_share, score, word_of_mouth
from playbooks.core.experiments.population import Population

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
HOUR, DAY = 3_600.0, 86_400.0
REPLY_HORIZON_H, RESOLUTION_HORIZON_H = 72.0, 336.0
DAY_H, THREE_DAYS_H = 24.0, 72.0
BY_CASE = ("satisfaction_all", "repurchase")  # also summed for each case that was handled beforehand
# Hours at which the curves are read: dense early, out to four weeks.
GRID_H = tuple(round(float(h), 4) for h in np.geomspace(1 / 60, 672.0, 60))


@dataclass(frozen=True, slots=True)
class Measure:
    """How an outcome is shown, and which way is better: -1 low, 1 high, 0 neither."""

    key: str
    unit: str
    better: int
    digits: int
    title: Mapping[str, str]
    short: Mapping[str, str]


@cache
def measures() -> dict[str, Measure]:
    """Every outcome of an experiment, in the order in which they are shown."""
    table = tomllib.loads(files("playbooks.core.experiments").joinpath("outcomes.toml").read_text("utf-8"))
    return {key: Measure(key=key, **entry) for key, entry in table.items()}


@dataclass(frozen=True, slots=True)
class Costs:
    """What each customer cost, by what it went on, in the report's currency. Arrays of one length."""

    labour: Floats
    remedy: Floats
    gift: Floats
    letter: Floats


COST_PARTS = tuple(part.name for part in fields(Costs))  # in the order in which they are shown


@dataclass(frozen=True, slots=True)
class Handled:
    """What the customers of one replication went through under one playbook. Arrays of one length."""

    lived: Experience
    left: Flags  # gave up in the queue
    waited: Floats  # seconds in the queue until the first visit, or until leaving
    answered_h: Floats  # inf where nobody answered
    resolved_h: Floats
    invited: Flags  # to the surveys about the resolution
    work: Floats  # seconds of agents
    cost: Floats  # of labour, remedy, gift and letter, in the report's currency
    costs: Costs  # the same apart


@dataclass(frozen=True, slots=True)
class Result:
    """One replication under one playbook. `values`: None where nobody was there to measure."""

    values: Mapping[str, float | None]
    counts: Mapping[str, int]
    curves: Mapping[str, list[int]]  # customers by the hours of GRID_H, cumulative: answered, resolved, left
    by_case: Mapping[str, list[float]]  # by row of the library: customers, and their sums of BY_CASE
    costs: Mapping[str, float | None] = field(default_factory=dict)  # the cost by COST_PARTS; no part of the digest


def measure(
    people: Population,
    handled: Handled,
    *,
    hours_present: float,
    switches: Switches = DEFAULT,
    abandoned_repurchase: float | None = None,
    evidence: Evidence = E,
) -> Result:
    """Ask everybody everything. `hours_present`: agent hours paid for."""
    felt = felt_by(people, handled, switches, abandoned_repurchase, evidence)
    if not len(people):
        return _nobody(people, felt)
    n, left = len(people), handled.left
    served = ~left
    tale = word_of_mouth(felt.satisfaction, people.tells, people.traits.gain)
    surveys, answers = _surveys(people, handled, felt)
    values: dict[str, float | None] = {
        "reply_median_h": _median(handled.answered_h),
        "reply_p90_h": _quantile(handled.answered_h, 0.9),
        "reply_restricted_h": float(np.mean(np.minimum(handled.answered_h, REPLY_HORIZON_H))),
        "reply_within_day": float(np.mean(handled.answered_h <= DAY_H)),
        "wait_min": _mean(handled.waited[served]) if served.any() else None,
        "resolution_median_h": _median(handled.resolved_h),
        "resolution_restricted_h": float(np.mean(np.minimum(handled.resolved_h, RESOLUTION_HORIZON_H))),
        "resolved_within_three_days": float(np.mean(handled.resolved_h <= THREE_DAYS_H)),
        "abandoned": float(np.mean(left)),
        "left_silently": float(np.mean(left)) * evidence.patience.silent,
        **surveys,
        "satisfaction": _mean(felt.satisfaction[served]),
        "satisfaction_all": _mean(felt.satisfaction),
        "repurchase": _mean(felt.repurchase),
        "told_good": 100 * _mean(np.maximum(tale, 0.0)),
        "told_bad": 100 * _mean(np.maximum(-tale, 0.0)),
        "work_min": _mean(handled.work) / 60,
        "tickets_per_hour": _per(float(np.sum(handled.answered_h < np.inf)), float(np.sum(handled.work)) / HOUR),
        "utilisation": _per(float(np.sum(handled.work)) / HOUR, hours_present),
        "cost": _mean(handled.cost),
    }
    values["wait_min"] = None if values["wait_min"] is None else values["wait_min"] / 60
    counts = {"n": n, "served": int(served.sum()), "left": int(left.sum()), **answers}
    costs = {part: _mean(getattr(handled.costs, part)) for part in COST_PARTS}
    return Result({key: values[key] for key in measures()}, counts, _curves(handled), _by_case(people, felt), costs)


def _nobody(people: Population, felt: Feelings) -> Result:
    """A replication to which nobody wrote: nothing to be said, which is not 0."""
    counts = dict.fromkeys(("n", "served", "left"), 0)
    counts |= {f"{metric}_{what}": 0 for metric in METRICS for what in ("asked", "answered")}
    curves = {name: [0] * len(GRID_H) for name in ("answered", "resolved", "left")}
    return Result(dict.fromkeys(measures()), counts, curves, _by_case(people, felt), dict.fromkeys(COST_PARTS))


def _by_case(people: Population, felt: Feelings) -> dict[str, list[float]]:
    sums = {"satisfaction_all": felt.satisfaction, "repurchase": felt.repurchase}
    return {
        "n": np.bincount(people.row, minlength=people.rows).astype(float).tolist(),
        **{key: np.bincount(people.row, weights=sums[key], minlength=people.rows).tolist() for key in BY_CASE},
    }


def felt_by(
    people: Population,
    handled: Handled,
    switches: Switches = DEFAULT,
    abandoned_repurchase: float | None = None,
    evidence: Evidence = E,
) -> Feelings:
    """Satisfaction and loyalty of everybody; who left may be given a stated share of buying again instead."""
    felt = feelings(handled.lived, people.traits, switches, evidence)
    if abandoned_repurchase is None:
        return felt
    return replace(felt, repurchase=np.where(handled.left, abandoned_repurchase, felt.repurchase))


def _surveys(people: Population, handled: Handled, felt: Feelings) -> tuple[dict[str, float | None], dict[str, int]]:
    """CSAT and CES about a resolution, NPS from everybody; who answers is drawn as on the live desk."""
    plain = replace(people.traits, style=1.0, midpoint=0.0)
    values: dict[str, float | None] = {}
    counts: dict[str, int] = {}
    for column, metric in enumerate(METRICS):
        asked = np.full(len(people), True) if metric == "nps" else handled.invited
        answers = asked & (people.responds[:, column] < response_share(metric, felt.satisfaction, handled.left))
        ticks = score(metric, felt, people.traits, people.scale[:, column])[answers]
        counts[f"{metric}_asked"], counts[f"{metric}_answered"] = int(asked.sum()), int(answers.sum())
        values[f"{metric}_response"] = _per(float(answers.sum()), float(asked.sum()))
        if metric == "nps":
            values["nps"] = _nps(ticks)
            values["nps_adjusted"] = _nps(score(metric, felt, plain, people.scale[:, column])[answers])
        else:
            values[metric] = _mean(ticks) if len(ticks) else None
        if metric == "csat":
            values["csat_satisfied"] = float(np.mean(ticks >= 4)) if len(ticks) else None
    return values, counts


def _curves(handled: Handled) -> dict[str, list[int]]:
    gone = np.where(handled.left, handled.waited / HOUR, np.inf)
    reached = {"answered": handled.answered_h, "resolved": handled.resolved_h, "left": gone}
    return {key: np.searchsorted(np.sort(times), GRID_H, side="right").tolist() for key, times in reached.items()}


def _mean(values: Any) -> float:
    """NumPy sums pairwise, in an order that depends on the length alone: the same digits every time."""
    return float(np.mean(values)) if len(values) else 0.0


def _median(times: Floats) -> float | None:
    return _quantile(times, 0.5)


def _quantile(times: Floats, q: float) -> float | None:
    """Nearest rank; None where it lies among those that never come."""
    rank = max(1, int(np.ceil(q * len(times) - 1e-9))) - 1
    value = float(np.partition(times, rank)[rank])
    return value if np.isfinite(value) else None


def _nps(ticks: Any) -> float | None:
    return 100 * float(np.mean(ticks >= 9) - np.mean(ticks <= 6)) if len(ticks) else None


def _per(part: float, whole: float) -> float | None:
    return part / whole if whole else None
