"""What an experiment found: every outcome of every arm, and how the arms differ, with two uncertainties kept apart.

`simulation` is the error of having simulated so many and not more: intervals over replications, which more tickets
shrink. `assumptions` is what the answer owes to coefficients nobody has measured: it stays, whatever the number of
tickets (assumptions.py). Neither is added to the other.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

from playbooks.core.comparisons import Judged, holm, independent, paired
from playbooks.core.experiments.measure import BY_CASE, COST_PARTS, GRID_H, Result, measures
from playbooks.core.statistics import t_interval

PRIMARY = "repurchase"
STEADY_WIDTH = 0.25  # of a quantile itself
QUANTILES = ("reply_median_h", "reply_p90_h", "resolution_median_h")
# Not corrected for: shares of answers and how busy the desk was are no gain or loss; who left without a word is a
# fixed share of who left.
DESCRIBING = ("csat_response", "ces_response", "nps_response", "utilisation", "left_silently")


def summarised(arm: Sequence[Result]) -> dict[str, Any]:
    """Outcome -> estimate, low, high (95 %, over replications), n (customers behind it), replications."""
    found = {}
    for key in measures():
        known = [value for value in _values(key, arm) if value is not None]
        interval = t_interval(known)
        found[key] = {
            "estimate": interval.estimate,
            "low": interval.low,
            "high": interval.high,
            "n": sum(_behind(key, result.counts) for result in arm),
            "replications": len(known),
            "missing": sum(result.values[key] is None for result in arm),  # replications in which it could not be said
        }
    return found


def _values(key: str, arm: Sequence[Result]) -> list[float | None]:
    """By replication. A quantile that lies among those who were never answered, even if in one replication alone,
    cannot be said at all: the mean over the others would be that of the lucky ones."""
    values = [result.values[key] for result in arm]
    unsaid = any(value is None and result.counts["n"] for value, result in zip(values, arm, strict=True))
    return [None] * len(values) if key in QUANTILES and unsaid else values


def steady(of: Mapping[str, Any]) -> bool:
    """Whether a quantile can stand for an arm: its interval over replications is narrow beside it.

    Where few answers come around it, overnight say, a small change in who comes moves it by hours: then the mean over
    replications is not the quantile of all customers, and its interval promises too much.
    """
    if of["estimate"] is None or of["low"] is None:
        return False
    return bool(of["high"] - of["low"] <= STEADY_WIDTH * abs(of["estimate"]))


def _behind(key: str, counts: Mapping[str, int]) -> int:
    metric = key.partition("_")[0]
    if metric in ("csat", "ces", "nps"):
        return counts[f"{metric}_{'asked' if key.endswith('_response') else 'answered'}"]
    return counts["served"] if key in ("wait_min", "satisfaction") else counts["n"]


def differences(
    arm: Sequence[Result], baseline: Sequence[Result], *, disjoint: bool = False, primary: str = PRIMARY
) -> dict[str, Any]:
    """Outcome -> the arm less the baseline, pair by pair of replications; p raw, and corrected but for the primary."""
    judged: dict[str, Judged] = {}
    for key in measures():
        these, those = (_values(key, side) for side in (arm, baseline))
        judged[key] = independent(these, those) if disjoint else paired(these, those)
    secondary = {key: one.p for key, one in judged.items() if key != primary and key not in DESCRIBING}
    corrected = {**holm(secondary), primary: judged[primary].p}
    return {
        key: {**one.to_dict(), "p_corrected": corrected.get(key), "shown": _shown(one, corrected.get(key))}
        for key, one in judged.items()
    }


def _shown(one: Judged, p: float | None) -> bool | None:
    """Whether a difference is shown: None where there is too little to judge by."""
    return None if p is None or one.estimate is None else p <= 1 - one.level and one.estimate != 0


def by_case(arm: Sequence[Result], baseline: Sequence[Result], case: Sequence[int]) -> dict[str, Any]:
    """How far the difference hangs on which complaints were handled: the cases as the sample, t over them.

    `case`: which one each row of the library is; the same in two cultures is one. More tickets do not narrow this.
    """
    found = {}
    for key in BY_CASE:
        here, there = _each_case(arm, key, case), _each_case(baseline, key, case)
        found[key] = t_interval([here[one] - there[one] for one in sorted(here.keys() & there.keys())]).to_dict()
    return found


def _each_case(arm: Sequence[Result], key: str, case: Sequence[int]) -> dict[int, float]:
    """The mean of each case that anybody had, over all replications and profiles."""
    rows: dict[int, list[int]] = {}
    for row, number in enumerate(case):
        rows.setdefault(number, []).append(row)

    def of(name: str, number: int) -> float:
        return math.fsum(result.by_case[name][row] for result in arm for row in rows[number])

    return {number: of(key, number) / n for number in rows if (n := of("n", number))}


def cost_of_satisfaction(differences: Mapping[str, Any]) -> dict[str, float | None]:
    """What one more point of the outcome costs a ticket: Δ cost / Δ outcome; None where there is no gain to pay for."""
    cost = differences["cost"]["estimate"]
    ratios: dict[str, float | None] = {}
    for key in ("satisfaction_all", "csat", "repurchase"):
        gain = differences[key]["estimate"]
        ratios[key] = cost / gain if cost is not None and gain and differences[key]["shown"] and gain > 0 else None
    return ratios


def costs(arms: Mapping[str, Sequence[Result]], baseline: str, *, disjoint: bool = False) -> dict[str, Any]:
    """What the cost of a ticket goes on: `arms` -> part -> estimate and interval, `differences` -> part -> the arm
    less the baseline. The parts add up to the outcome `cost`; nothing here is corrected for, or judged."""
    judged = independent if disjoint else paired
    values = {
        key: {part: [result.costs.get(part) for result in arm] for part in COST_PARTS} for key, arm in arms.items()
    }
    n = {key: sum(result.counts["n"] for result in arm) for key, arm in arms.items()}
    return {
        "arms": {
            key: {part: {**_bounds(t_interval([v for v in of[part] if v is not None])), "n": n[key]} for part in of}
            for key, of in values.items()
        },
        "differences": {
            key: {part: _bounds(judged(of[part], values[baseline][part])) for part in of}
            for key, of in values.items()
            if key != baseline
        },
    }


def _bounds(of: Any) -> dict[str, float | None]:
    return {name: getattr(of, name) for name in ("estimate", "low", "high")}


def curves(arm: Sequence[Result]) -> dict[str, Any]:
    """Cumulative incidence by hour: shares of all customers answered, resolved, or gone before an answer.

    Everybody is followed to the end, so nobody is censored and the shares are plain ones.
    """
    n = sum(result.counts["n"] for result in arm)
    return {
        "hours": list(GRID_H),
        **{
            name: [
                sum(column) / n if n else 0.0 for column in zip(*(result.curves[name] for result in arm), strict=True)
            ]
            for name in ("answered", "resolved", "left")
        },
    }


def digest(arms: Mapping[str, Sequence[Result]]) -> str:
    """One name for all results, to nine digits: equal digests are equal digits."""
    lines = hashlib.sha256()
    for key in sorted(arms):
        for number, result in enumerate(arms[key]):
            values = {name: None if value is None else float(f"{value:.9g}") for name, value in result.values.items()}
            line = [key, number, values, dict(result.counts)]
            lines.update(json.dumps(line, sort_keys=True, separators=(",", ":")).encode("ascii") + b"\n")
    return lines.hexdigest()
