"""How long a recovery lasts: each kind of act builds up and fades at its own pace (order after Fang et al. 2013)."""

from __future__ import annotations

from typing import Any

import numpy as np

from playbooks.core.customer.evidence import E, Evidence

ACTS = ("apology", "communication", "compensation", "quality_improvement")


def carry_over(act: str, days: Any, evidence: Evidence = E) -> Any:
    """What an act is worth so many days after it: h · (e^(−t/fade) − e^(−t/build)) / its maximum; 0 before it.

    Build and fade are times in days, build shorter than fade; h is the height it reaches. `inf` days: nothing left,
    or never done.
    """
    of = evidence.lasting[act]
    peak = peak_day(act, evidence)
    most = np.exp(-peak / of.fade_days) - np.exp(-peak / of.build_days)
    since = np.maximum(days, 0.0)
    return of.height * (np.exp(-since / of.fade_days) - np.exp(-since / of.build_days)) / most


def peak_day(act: str, evidence: Evidence = E) -> float:
    """The day on which an act is worth most."""
    of = evidence.lasting[act]
    build, fade = of.build_days, of.fade_days
    return float(np.log(fade / build) * build * fade / (fade - build))


def half_life(act: str, evidence: Evidence = E) -> float:
    """Days from the height of an act until half of it is left. By bisection: the curve only falls after its peak."""
    peak = peak_day(act, evidence)
    near, far = peak, peak + 20.0 * evidence.lasting[act].fade_days
    for _ in range(60):
        middle = (near + far) / 2.0
        higher = carry_over(act, middle, evidence) > evidence.lasting[act].height / 2.0
        near, far = (middle, far) if higher else (near, middle)
    return near - peak
