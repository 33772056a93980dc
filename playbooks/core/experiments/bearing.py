"""What a desk can bear: at which arrival rate more work comes in than its people can do, and how many days a
replication covers. Asked before an experiment begins, and said of one that was run all the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from playbooks.core.desk.handling import Handling, Timing
from playbooks.core.desk.setting import NONE, DeskSetting
from playbooks.core.experiments.plan import Arm, Plan, whole_weeks
from playbooks.core.experiments.played import Library

DAY_H = 24.0


def work_each(arm: Arm, library: Library) -> float:
    """Minutes of work a ticket of this arm takes in all visits, on average over those who write in."""
    ends = np.concatenate(([0.0], np.cumsum(library.work)))
    by_profile = np.diff(ends[library.start]).reshape(len(library.profiles), library.count).mean(axis=1)
    shares = np.array([arm.desk.setting.profiles[profile] for profile in library.profiles])
    return max(float(by_profile @ shares) / 60.0, 1e-9)


def timing_of(arm: Arm, library: Library) -> Timing:
    return Timing(arm.key, Handling(work_each(arm, library)))


def _of_a_week(arm: Arm) -> DeskSetting:
    """The desk over whole weeks, as it would go on; a day that is a whole as it is."""
    setting = arm.desk.setting
    return setting if arm.desk.whole else replace(setting, days=7.0, warm_up_days=0.0, tickets=None)


def too_much(arm: Arm, library: Library) -> bool:
    """Whether more work comes in than the people of this arm could do if nobody lost patience."""
    setting = _of_a_week(arm)
    patient = replace(setting, patience=replace(setting.patience, curve=NONE))
    return patient.overloaded(setting.offered(timing_of(arm, library)))


def bearable(plan: Plan, libraries: Mapping[str, Library]) -> float:
    """Customers an hour (as the rate of a desk is given) up to which the least laborious side keeps up."""
    return max(_bearable(arm, libraries[arm.key]) for arm in plan.arms)


def _bearable(arm: Arm, library: Library) -> float:
    setting = _of_a_week(arm)
    present = sum(setting.present_hours(setting.days)) / (setting.days * DAY_H)
    return setting.arrivals.per_hour * present / setting.offered(timing_of(arm, library))


def days_of(plan: Plan, arm: Arm) -> float | None:
    """Days that a replication counts; None where it does not matter which: every day is a whole, or all hours are
    alike."""
    if arm.desk.whole or whole_weeks(arm.desk, 1.3) == 1.3:
        return None
    setting = plan.sized(arm.desk)
    return setting.days - setting.warm_up_days
