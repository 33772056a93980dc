"""What a ticket costs where every hour on shift is paid, worked or not: beside the cost, which counts work alone."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from playbooks.core.comparisons import independent, paired
from playbooks.core.experiments.measure import Result
from playbooks.core.experiments.plan import Desk, Plan
from playbooks.core.statistics import t_interval

PARTS = ("labour", "whole")  # of the paid hours; and with remedy, gift and letter


def paid(plan: Plan, arms: Mapping[str, Sequence[Result]], baseline: str) -> dict[str, Any]:
    """`arms` -> part -> estimate and interval over replications, `differences` -> part -> the arm less the baseline.
    No outcome: nothing here is judged or corrected for."""
    judged = independent if plan.disjoint else paired
    hours = {arm.key: counted_hours(plan, arm.desk) for arm in plan.arms}
    values = {
        key: {part: [_paid(result, hours[key], part) for result in arm] for part in PARTS} for key, arm in arms.items()
    }
    return {
        "arms": {
            key: {part: _bounds(t_interval([v for v in of[part] if v is not None])) for part in PARTS}
            for key, of in values.items()
        },
        "differences": {
            key: {part: _bounds(judged(of[part], values[baseline][part])) for part in PARTS}
            for key, of in values.items()
            if key != baseline
        },
    }


def counted_hours(plan: Plan, desk: Desk) -> float | None:
    """Paid hours of one replication in the weeks whose customers are counted, without the days afterwards in which
    nobody writes in and the last follow-ups come due. None of days by themselves: an evening's work is paid."""
    if desk.whole:
        return None
    setting = plan.sized(desk)
    return math.fsum(setting.present_hours()) - math.fsum(setting.present_hours(setting.warm_up_days))


def _paid(of: Result, hours: float | None, part: str) -> float | None:
    """Labour a ticket / share of the paid hours worked. Overtime is paid too, so it is never less than the work.
    None where nobody wrote in or nobody worked, or the replication was kept before its costs were told apart."""
    labour, cost = of.costs.get("labour"), of.values["cost"]
    busy = of.values["utilisation"] if hours is None else _worked(of) / hours if hours else None
    if labour is None or cost is None or not busy:
        return None
    every = labour / min(1.0, busy)
    return every if part == "labour" else cost - labour + every


def _worked(of: Result) -> float:
    """Hours."""
    return of.counts["n"] * (of.values["work_min"] or 0.0) / 60


def _bounds(of: Any) -> dict[str, float | None]:
    return {name: getattr(of, name) for name in ("estimate", "low", "high")}
