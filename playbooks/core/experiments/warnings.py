"""What a reader has to know before using a figure: codes, and a sentence in each language."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

from playbooks.core.experiments.bearing import days_of, timing_of, too_much
from playbooks.core.experiments.measure import Result
from playbooks.core.experiments.plan import PLAYED, Arm, Plan
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
    days = days_of(plan, arm)
    if days is not None and days < 1.0:
        yield "less_than_a_day", arm.key, f"{24.0 * days:.1f}"
    elif days is not None and days < 7.0:
        yield "part_of_a_week", arm.key, round(days, 1)
    setting, timing = plan.sized(arm.desk), timing_of(arm, library)
    if not arm.desk.whole and setting.never_empties(timing):
        yield "never_empties", arm.key, round(setting.offered(timing), 1)
    elif too_much(arm, library):
        yield "too_much_work", arm.key, round(setting.offered(timing), 1)
    busy = mean([value for result in results if (value := result.values["utilisation"]) is not None])
    if busy is not None and busy >= OVERLOADED_FROM:
        yield "overloaded", arm.key, f"{busy:.0%}"
    jumpy = [key for key in MEDIANS if (found := summarised(results)[key])["low"] is not None and not steady(found)]
    if jumpy:
        yield "jumpy_median", arm.key, len(jumpy)
    unsaid = sum(result.counts["n"] > 0 and any(result.values[key] is None for key in MEDIANS) for result in results)
    if unsaid:
        yield "half_unanswered", arm.key, f"{unsaid / len(results):.0%}"


def _told(code: str, arm: str | None, value: Any) -> dict[str, Any]:
    text = {language: words.format(value=value) for language, words in _texts()[code].items()}
    return {"code": code, "arm": arm, "value": value, "text": text}


@cache
def _texts() -> dict[str, dict[str, str]]:
    return tomllib.loads(files("playbooks.core.experiments").joinpath("warnings.toml").read_text("utf-8"))
