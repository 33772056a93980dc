"""A whole experiment as one JSON value: what the command prints, the page draws and REST returns.

`conduct` runs everything here and now; a desk with workers computes the replications elsewhere and calls `study` with
what they brought. The same plan gives the same study either way.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, fields
from typing import Any

from playbooks.core import attribution
from playbooks.core.experiments import assumptions
from playbooks.core.experiments.measure import Result, measures
from playbooks.core.experiments.paid import paid
from playbooks.core.experiments.plan import CURRENCY, RATES, Plan
from playbooks.core.experiments.played import taken
from playbooks.core.experiments.report import (
    by_case,
    cost_of_satisfaction,
    costs,
    curves,
    differences,
    digest,
    summarised,
)
from playbooks.core.experiments.run import Libraries, Ran, crowd, libraries, ran, replicate, rows
from playbooks.core.experiments.warnings import warnings

SAMPLE = 1_000  # served under both arms, for taking a difference apart
SAMPLED = 10**6 - 1  # the number of the replication that only assumptions and attribution look at

Results = Mapping[str, Sequence[Result]]


def conduct(
    plan: Plan,
    *,
    progress: Callable[[int], None] = lambda done: None,
    handling: Callable[[int, int], None] = lambda done, whole: None,
) -> dict[str, Any]:
    """Run the whole plan in this process. `handling` hears how many of the cases are handled, and of how many;
    `progress` how many replications are done."""
    of = libraries(plan, handling)
    found: dict[str, list[Result]] = {arm.key: [] for arm in plan.arms}
    for number in range(plan.replications):
        for key, result in replicate(plan, of, number).items():
            found[key].append(result)
        progress(number + 1)
    return study(plan, found, of)


def study(plan: Plan, results: Results, of: Libraries | None = None) -> dict[str, Any]:
    """Estimates, differences and what they rest on, from the results of all replications in their order."""
    baseline = plan.arms[0].key
    of = of or libraries(plan)
    samples = _samples(plan, of)
    against = {}
    for arm in plan.arms[1:]:
        found = differences(results[arm.key], results[baseline], disjoint=plan.disjoint, primary=plan.primary)
        against[arm.key] = {
            "baseline": baseline,
            "outcomes": found,
            "cost_of_a_point": cost_of_satisfaction(found),
        }
    return {
        "plan": described(plan),
        "playbooks": {arm.key: summarised(results[arm.key]) for arm in plan.arms},
        "differences": against,
        "costs": {**costs(results, baseline, disjoint=plan.disjoint), "paid": paid(plan, results, baseline)},
        "curves": {arm.key: curves(results[arm.key]) for arm in plan.arms},
        "assumptions": {**_assumptions(plan, samples), "cases": _cases(plan, results, of)},
        "parts": {arm.key: _taken_apart(plan, samples[arm.key], samples[baseline]) for arm in plan.arms[1:]},
        "warnings": warnings(plan, results, of),
        "digest": digest(results),
    }


def described(plan: Plan) -> dict[str, Any]:
    """Everything that decides the digits, as JSON."""
    return {
        "arms": [
            {
                "key": arm.key,
                "playbook": arm.playbook.key,
                "version": arm.playbook.version,
                "title": dict(arm.playbook.title),
                "desk": arm.desk.key,
                "desk_title": dict(arm.desk.title),
                "conduct": arm.desk.conduct,
                "setting": asdict(arm.desk.setting),
            }
            for arm in plan.arms
        ],
        "tickets": plan.tickets,
        "replications": plan.replications,
        "seed": plan.seed,
        "cases": plan.cases,
        "switches": asdict(plan.switches),
        "primary": plan.primary,
        "disjoint": plan.disjoint,
        "currency": CURRENCY,
        "rates": dict(RATES),
        "outcomes": list(measures()),
    }


# ---------------------------------------------------------------- what it rests on


def _samples(plan: Plan, of: Libraries) -> dict[str, Ran]:
    """The same few thousand customers under each arm, apart from those that are counted."""
    small = plan.of_one(assumptions.ASKED)
    found = {}
    for arm in plan.arms:
        some = ran(arm, of[arm.key], crowd(small, arm.desk, of[arm.key], SAMPLED))
        most = range(min(len(some.people), assumptions.ASKED))
        found[arm.key] = rows(some, list(most))
    return found


def _assumptions(plan: Plan, samples: Mapping[str, Ran]) -> dict[str, Any]:
    baseline = plan.arms[0]
    ranges = {}
    for arm in plan.arms[1:]:
        here, there = samples[arm.key], samples[baseline.key]
        n = min(len(here.people), len(there.people))
        found = assumptions.ranges(
            first(here.people, n),
            first(here.handled, n),
            first(there.handled, n),
            seed=plan.seed,
            switches=plan.switches,
            abandoned_repurchase=arm.desk.abandoned_repurchase,
        )
        ranges[arm.key] = {key: one.to_dict() for key, one in found.items()}
    return {
        "ranges": ranges,
        "draws": assumptions.DRAWS,
        "asked": assumptions.ASKED,
        "reach": dict(assumptions.RANGES),
        "coefficients": len(assumptions.names()) + len(assumptions.TASTES),
    }


def _cases(plan: Plan, results: Results, of: Libraries) -> dict[str, Any]:
    """The complaints that were handled beforehand are a sample themselves: how many, and the differences over them."""
    baseline = plan.arms[0]
    found = {}
    for arm in plan.arms[1:]:
        case = of[arm.key].case
        alike = case == of[baseline.key].case
        found[arm.key] = by_case(results[arm.key], results[baseline.key], case) if alike else None
    return {"handled": len(set(of[baseline.key].case)), "differences": found}


def _taken_apart(plan: Plan, here: Ran, there: Ran) -> dict[str, Any]:
    """What the gap in satisfaction and in buying again is made of, among those served under both arms."""
    n = min(len(here.people), len(there.people))
    served = (~here.handled.left[:n] & ~there.handled.left[:n]).nonzero()[0][:SAMPLE]
    if len(served) < 2:
        return {"served_by_both": len(served)}
    who = first(here.people, n).traits
    sides = [attribution.Handled(taken(side.handled.lived, served), rows(who, served)) for side in (here, there)]
    return {
        "served_by_both": len(served),
        **{
            measure: attribution.attribute(*sides, measure=measure, switches=plan.switches).to_dict()
            for measure in ("satisfaction", "repurchase")
        },
    }


def first(of: Any, count: int) -> Any:
    """The first rows of a record of arrays."""
    return rows(of, slice(count))


def result_from(data: Mapping[str, Any]) -> Result:
    """A result that was kept as JSON."""
    return Result(**{field.name: data[field.name] for field in fields(Result) if field.name in data})
