"""One parameter moved, everything else as it is: where does the better playbook turn?

Every value is an experiment of its own with the same customers by number, so neighbouring values differ by the
parameter and not by chance.
"""

from __future__ import annotations

import hashlib
import math
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from itertools import pairwise
from typing import Any

from scipy.special import stdtrit

from playbooks.core.experiments.measure import Result, measures
from playbooks.core.experiments.plan import Arm, Desk, Plan, desks, with_agents, with_rate, with_young
from playbooks.core.experiments.report import differences, digest, summarised
from playbooks.core.experiments.run import libraries, replicate
from playbooks.core.experiments.warnings import warnings
from playbooks.core.playbook import Playbook
from playbooks.core.statistics import LEVEL
from tickets.errors import Invalid

HOUR = 3_600
MOST_VALUES = 40
LONGEST_DEADLINE_H = 24 * 60
SERVED_COST = (
    "cost_served"  # of a customer who was served: who gives up costs nothing, so the cost of all turns nowhere
)
SHOWN = ("abandoned", "repurchase", "satisfaction", "satisfaction_all", "wait_min", "cost")
WHOLE_DAY, STEADY = "eight-hour-day", "steady-day"
BOTH = {"whole_day": WHOLE_DAY, "steady_state": STEADY}


# ---------------------------------------------------------------- what can be moved


def moved(plan: Plan, parameter: str, value: float) -> Plan:
    """The same plan with this parameter at this value, for every arm that has it. Invalid says what is wrong."""
    if parameter not in MOVES:
        raise Invalid(
            "unknown_parameter",
            f"There is no parameter '{parameter}' to sweep. Known are: {', '.join(MOVES)}.",
            field="sweep",
        )
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise _refuse(f"A value of '{parameter}' is a number; {value!r} is not.")
    arms = tuple(MOVES[parameter](arm, value) for arm in plan.arms)
    if arms == plan.arms and parameter in ("letter_deadline", "gift_value"):
        what = "letter" if parameter == "letter_deadline" else "gift"
        raise _refuse(f"None of these playbooks has a {what}.")
    return replace(plan, arms=arms)


def _on_desk(change: Callable[[Desk, Any], Desk]) -> Callable[[Arm, float], Arm]:
    return lambda arm, value: replace(arm, desk=change(arm.desk, value))


def _on_playbook(change: Callable[[Playbook, float], Playbook]) -> Callable[[Arm, float], Arm]:
    def turned(arm: Arm, value: float) -> Arm:
        playbook = change(arm.playbook, value)
        return arm if playbook is arm.playbook else replace(arm, playbook=playbook)

    return turned


def _agents(desk: Desk, value: float) -> Desk:
    if value != int(value):
        raise _refuse(f"'agents' is a whole number; {value:g} is not.")
    return with_agents(desk, int(value))


def _young(desk: Desk, value: float) -> Desk:
    if not 0 <= value <= 1:
        raise _refuse(f"'young_share' is a share from 0 to 1; {value:g} is not.")
    return with_young(desk, value)


def with_letter_by(playbook: Playbook, hours: float) -> Playbook:
    """The letter due within so many hours, target and hard limit alike."""
    if not 0 < hours <= LONGEST_DEADLINE_H:
        raise _refuse(f"'letter_deadline' is above 0 and up to {LONGEST_DEADLINE_H} hours; {hours:g} is not.")
    if all(step.deed != "letter" for step in playbook.steps):
        return playbook
    due = max(1, round(hours * HOUR))
    steps = (replace(s, within=due, latest=due) if s.deed == "letter" else s for s in playbook.steps)
    return replace(playbook, steps=tuple(steps))


def _letter_by(arm: Arm, hours: float) -> Arm:
    """The deadline moved, and the letter with it: the desk uses the time it gave itself. (Left to themselves, agents
    write when the facts are known, and the post takes as long as it takes, whatever the deadline.)"""
    playbook = with_letter_by(arm.playbook, hours)
    return arm if playbook is arm.playbook else replace(arm, playbook=playbook, letter_s=max(1, round(hours * HOUR)))


def with_gift_times(playbook: Playbook, factor: float) -> Playbook:
    """Gifts of so many times the value; the limit as a share of the price stays."""
    if not 0 <= factor <= 100:
        raise _refuse(f"'gift_value' is a factor from 0 to 100; {factor:g} is not.")
    gift = playbook.gift
    if gift is None:
        return playbook
    bands = tuple(
        (severity, {currency: round(amount * factor) for currency, amount in amounts.items()})
        for severity, amounts in gift.bands
    )
    return replace(playbook, gift=replace(gift, bands=bands))


MOVES: Mapping[str, Callable[[Arm, float], Arm]] = {
    "per_hour": _on_desk(with_rate),
    "agents": _on_desk(_agents),
    "letter_deadline": _letter_by,
    "gift_value": _on_playbook(with_gift_times),
    "young_share": _on_desk(_young),
}


def _refuse(message: str) -> Invalid:
    return Invalid("invalid_experiment", message, field="sweep")


# ---------------------------------------------------------------- the sweep


def sweep(
    plan: Plan, parameter: str, values: Sequence[float], *, progress: Callable[[int], None] = lambda done: None
) -> dict[str, Any]:
    """The plan at each of these values, in rising order. `progress` hears how many values are done."""
    found: list[dict[str, list[Result]]] = []
    for done, value in enumerate(rising(values), start=1):
        here = moved(plan, parameter, value)
        of = libraries(here)
        results: dict[str, list[Result]] = {arm.key: [] for arm in here.arms}
        for number in range(here.replications):
            for key, result in replicate(here, of, number).items():
                results[key].append(result)
        found.append(results)
        progress(done)
    return swept(plan, parameter, rising(values), found)


def swept(
    plan: Plan, parameter: str, values: Sequence[float], found: Sequence[Mapping[str, Sequence[Result]]]
) -> dict[str, Any]:
    """What the results at each of these rising values say together.

    `points`: per value the key outcomes of each arm and the differences to the first; `crossover`: arm -> where the
    sign of the primary difference turns, or None; `turns`: the same for every outcome that is drawn, by arm.
    """
    plans = [moved(plan, parameter, value) for value in values]
    points = [
        {"value": value, **_point(here, results), "warnings": warnings(here, results, libraries(here))}
        for value, here, results in zip(values, plans, found, strict=True)
    ]
    baseline = plan.arms[0].key
    return {
        "parameter": parameter,
        **_texts()["parameter"][parameter],
        "primary": plan.primary,
        "baseline": baseline,
        "points": points,
        "crossover": {arm.key: _turn(arm.key, baseline, values, found, plan.primary) for arm in plan.arms[1:]},
        "turns": {
            arm.key: {
                key: _turn(arm.key, baseline, values, found, key)
                for key in dict.fromkeys((plan.primary, *SHOWN, SERVED_COST))
                if key != "cost"
            }
            for arm in plan.arms[1:]
        },
        "digest": hashlib.sha256(" ".join(digest(results) for results in found).encode("ascii")).hexdigest(),
    }


def both_settings(
    playbooks: Sequence[Playbook],
    per_hour: Sequence[float],
    *,
    tickets: int,
    replications: int,
    seed: int,
    primary: str = "repurchase",
) -> dict[str, Any]:
    """The load crossover as one day by itself and as a desk without an end, side by side, and why they differ."""
    arms = tuple(Arm(playbook.key, playbook, desks()[WHOLE_DAY]) for playbook in playbooks)
    plan = Plan(arms=arms, tickets=tickets, replications=replications, seed=seed, primary=primary)
    return both_told({name: sweep(one, "per_hour", per_hour) for name, one in both_plans(plan).items()})


def both_plans(plan: Plan) -> dict[str, Plan]:
    """The same plan on the day by itself and on the desk without an end."""
    return {
        name: replace(plan, arms=tuple(replace(arm, desk=desks()[key]) for arm in plan.arms))
        for name, key in BOTH.items()
    }


def both_told(found: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """The sweeps of both settings side by side, and why they differ."""
    beside = {name: {"desk": key, "desk_title": dict(desks()[key].title), **found[name]} for name, key in BOTH.items()}
    return {**beside, "why": dict(_texts()["why"])}


def rising(values: Sequence[float]) -> list[float]:
    if not 1 <= len(values) <= MOST_VALUES:
        raise _refuse(f"A sweep has 1 to {MOST_VALUES} values; these are {len(values)}.")
    if len(set(values)) < len(values):
        raise _refuse("Each value of a sweep stands there once.")
    return sorted(values)


def _point(plan: Plan, results: Mapping[str, Sequence[Result]]) -> dict[str, Any]:
    baseline, shown = plan.arms[0].key, dict.fromkeys((*SHOWN, plan.primary))
    arms = {key: summarised(one) for key, one in results.items()}
    against = {
        arm.key: differences(results[arm.key], results[baseline], disjoint=plan.disjoint, primary=plan.primary)
        for arm in plan.arms[1:]
    }
    return {
        "arms": {key: {name: one[name] for name in shown} for key, one in arms.items()},
        "differences": {key: {name: one[name] for name in shown} for key, one in against.items()},
    }


# ---------------------------------------------------------------- where it turns


@dataclass(frozen=True, slots=True)
class Turn:
    """The value at which a difference is 0, between two that were tried, straight between them.

    `low`, `high`: 95 % over replications (jackknife); None where leaving one replication out moves the turn beyond
    the neighbouring values. `below`, `above`: the better arm on either side. `turns`: how often the sign changes.
    """

    at: float
    low: float | None
    high: float | None
    between: tuple[float, float]
    below: str
    above: str
    turns: int

    def to_dict(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__slots__}


def _turn(
    arm: str, baseline: str, values: Sequence[float], found: Sequence[Mapping[str, Sequence[Result]]], key: str
) -> dict[str, Any] | None:
    gaps = [_gaps(results[arm], results[baseline], key) for results in found]
    known = [(value, row) for value, row in zip(values, gaps, strict=True) if row is not None]
    turn = crossing([value for value, _ in known], [row for _, row in known])
    if turn is None:
        return None
    better = measures()["cost" if key == SERVED_COST else key].better or 1
    rises = better * (-1 if turn.falls else 1) > 0
    below, above = (baseline, arm) if rises else (arm, baseline)
    return Turn(turn.at, turn.low, turn.high, turn.between, below, above, turn.turns).to_dict()


def _gaps(these: Sequence[Result], those: Sequence[Result], key: str) -> list[float] | None:
    """By replication; None where it cannot be said in all of them."""
    pairs = [(_value(a, key), _value(b, key)) for a, b in zip(these, those, strict=True)]
    gaps = [a - b for a, b in pairs if a is not None and b is not None]
    return gaps if len(gaps) == len(pairs) else None


def _value(of: Result, key: str) -> float | None:
    if key != SERVED_COST:
        return of.values[key]
    cost, gone = of.values["cost"], of.values["abandoned"]
    return cost / (1 - gone) if cost is not None and gone is not None and gone < 1 else None


@dataclass(frozen=True, slots=True)
class Crossing:
    """Where a line through means turns its sign first, and whether it falls there."""

    at: float
    low: float | None
    high: float | None
    between: tuple[float, float]
    falls: bool
    turns: int


def crossing(values: Sequence[float], gaps: Sequence[Sequence[float]]) -> Crossing | None:
    """The first change of sign of the means of `gaps` (by value, then replication); None without any.

    Its interval: replications left out one by one, x̂ ± t(n−1)·√((n−1)/n · Σ(x₍ᵢ₎ − x̄)²).
    Tukey, J. W. (1958), Annals of Mathematical Statistics 29, 614.
    """
    means = [math.fsum(row) / len(row) for row in gaps]
    places = _changes(means)
    if not places:
        return None
    first = places[0]
    between = (values[first], values[first + 1])
    at = _zero(between, means[first], means[first + 1])
    low, high = _jackknifed(at, values, gaps, first)
    return Crossing(at, low, high, between, means[first] > means[first + 1], len(places))


def _changes(means: Sequence[float]) -> list[int]:
    return [place for place, (one, two) in enumerate(pairwise(means)) if one * two < 0 or (two == 0 and one != 0)]


def _zero(between: tuple[float, float], one: float, two: float) -> float:
    return between[0] + (between[1] - between[0]) * one / (one - two)


def _jackknifed(
    at: float, values: Sequence[float], gaps: Sequence[Sequence[float]], first: int
) -> tuple[float | None, float | None]:
    n = len(gaps[0])
    if n < 2:
        return None, None
    without = []
    for left_out in range(n):
        means = [(math.fsum(row) - row[left_out]) / (n - 1) for row in gaps]
        near = [place for place in _changes(means) if abs(place - first) <= 1]
        if not near:
            return None, None
        place = min(near, key=lambda place: abs(place - first))
        without.append(_zero((values[place], values[place + 1]), means[place], means[place + 1]))
    middle = math.fsum(without) / n
    error = math.sqrt((n - 1) / n * math.fsum((x - middle) ** 2 for x in without))
    half = float(stdtrit(n - 1, (1 + LEVEL) / 2)) * error
    return at - half, at + half


@cache
def _texts() -> dict[str, Any]:
    return tomllib.loads(files("playbooks.core.experiments").joinpath("sweep.toml").read_text("utf-8"))
