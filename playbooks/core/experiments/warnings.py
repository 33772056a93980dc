"""What a reader has to know before using a figure: codes, and a sentence in each language."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np

from playbooks.core.desk.handling import Handling, Timing
from playbooks.core.experiments.measure import Result
from playbooks.core.experiments.plan import PLAYED, Arm, Plan, whole_weeks
from playbooks.core.experiments.played import Library
from playbooks.core.experiments.report import steady, summarised
from playbooks.core.statistics import mean

OVERLOADED_FROM = 0.97  # share of the hours on shift
FEWEST_REPLICATIONS = 10
FEWEST_CASES = 10
MEDIANS = ("reply_median_h", "resolution_median_h")

Found = tuple[str, str | None, Any]  # code, arm (None: all), value


def warnings(
    plan: Plan, results: Mapping[str, Sequence[Result]], libraries: Mapping[str, Library]
) -> list[dict[str, Any]]:
    """What is to be said about this study, the gravest first."""
    found = [one for arm in plan.arms for one in _of_arm(plan, arm, results[arm.key], libraries[arm.key])]
    if plan.replications < FEWEST_REPLICATIONS:
        found.append(("few_replications", None, plan.replications))
    if plan.cases < FEWEST_CASES and any(arm.desk.conduct == PLAYED for arm in plan.arms):
        found.append(("not_enough_cases", None, plan.cases))
    order = list(_texts())
    return [_told(*one) for one in sorted(found, key=lambda one: order.index(one[0]))]


def _of_arm(plan: Plan, arm: Arm, results: Sequence[Result], library: Library) -> Iterator[Found]:
    if not arm.desk.whole:
        setting = plan.sized(arm.desk)
        weeks = (setting.days - setting.warm_up_days) / 7.0
        if whole_weeks(arm.desk, 1.3) != 1.3 and weeks < 1.0:
            yield "part_of_a_week", arm.key, round(7.0 * weeks, 1)
        timing = Timing(arm.key, Handling(work_each(arm, library)))
        if plan.sized(arm.desk).never_empties(timing):
            yield "never_empties", arm.key, round(plan.sized(arm.desk).offered(timing), 1)
    busy = mean([value for result in results if (value := result.values["utilisation"]) is not None])
    if busy is not None and busy >= OVERLOADED_FROM:
        yield "overloaded", arm.key, f"{busy:.0%}"
    jumpy = [key for key in MEDIANS if (found := summarised(results)[key])["low"] is not None and not steady(found)]
    if jumpy:
        yield "jumpy_median", arm.key, len(jumpy)
    unsaid = sum(result.counts["n"] > 0 and any(result.values[key] is None for key in MEDIANS) for result in results)
    if unsaid:
        yield "half_unanswered", arm.key, f"{unsaid / len(results):.0%}"


def work_each(arm: Arm, library: Library) -> float:
    """Minutes of work a ticket of this arm takes in all visits, on average over those who write in."""
    ends = np.concatenate(([0.0], np.cumsum(library.work)))
    by_profile = np.diff(ends[library.start]).reshape(len(library.profiles), library.count).mean(axis=1)
    shares = np.array([arm.desk.setting.profiles[profile] for profile in library.profiles])
    return max(float(by_profile @ shares) / 60.0, 1e-9)


def _told(code: str, arm: str | None, value: Any) -> dict[str, Any]:
    text = {language: words.format(value=value) for language, words in _texts()[code].items()}
    return {"code": code, "arm": arm, "value": value, "text": text}


@cache
def _texts() -> dict[str, dict[str, str]]:
    return tomllib.loads(files("playbooks.core.experiments").joinpath("warnings.toml").read_text("utf-8"))
