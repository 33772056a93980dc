"""What an experiment found: every outcome of every arm, and how the arms differ, with two uncertainties kept apart.

`simulation` is the error of having simulated so many and not more: intervals over replications, which more tickets
shrink. `assumptions` is what the answer owes to coefficients nobody has measured: it stays, whatever the number of
tickets (assumptions.py). Neither is added to the other.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from playbooks.core.comparisons import Judged, holm, independent, paired
from playbooks.core.experiments.measure import GRID_H, Result, measures
from playbooks.core.statistics import t_interval

PRIMARY = "repurchase"
# Not judged as better or worse, so not corrected for: shares of answers, and how busy the desk was.
DESCRIBING = ("csat_response", "ces_response", "nps_response", "utilisation")


def summarised(arm: Sequence[Result]) -> dict[str, Any]:
    """Outcome -> estimate, low, high (95 %, over replications), n (customers behind it), replications."""
    found = {}
    for key in measures():
        known = [result.values[key] for result in arm if result.values[key] is not None]
        interval = t_interval([value for value in known if value is not None])
        found[key] = {
            "estimate": interval.estimate,
            "low": interval.low,
            "high": interval.high,
            "n": sum(_behind(key, result.counts) for result in arm),
            "replications": len(known),
            "missing": len(arm) - len(known),  # replications in which it could not be said: more than half unanswered
        }
    return found


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
        these, those = ([result.values[key] for result in side] for side in (arm, baseline))
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


def cost_of_satisfaction(differences: Mapping[str, Any]) -> dict[str, float | None]:
    """What one more point of the outcome costs a ticket: Δ cost / Δ outcome; None where there is no gain to pay for."""
    cost = differences["cost"]["estimate"]
    ratios: dict[str, float | None] = {}
    for key in ("satisfaction_all", "csat", "repurchase"):
        gain = differences[key]["estimate"]
        ratios[key] = cost / gain if cost is not None and gain and differences[key]["shown"] and gain > 0 else None
    return ratios


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
