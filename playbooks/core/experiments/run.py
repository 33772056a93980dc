"""One replication of an experiment: the same customers through every arm, and what came of them.

A replication knows nothing of the others and takes its draws from streams of its own number, so replications can be
computed anywhere, in any order, again after a crash, and put together exactly.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from playbooks.core.customer.hours import AWAKE, DAY, MORNING
from playbooks.core.desk.draws import Customers, Returns, customers, spread
from playbooks.core.desk.run import SERVED, DeskRun, run_jobs
from playbooks.core.desk.setting import DeskSetting
from playbooks.core.experiments.measure import HOUR, Handled, Result, measure
from playbooks.core.experiments.plan import PLAYED, RATES, Arm, Desk, Plan
from playbooks.core.experiments.played import COSTS, LANGUAGE_OF, Library, abandoned, delayed, played, taken
from playbooks.core.experiments.population import Population, population
from playbooks.core.experiments.published import published

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
EPISODES = 100_000  # numbers kept for the days of one replication
DISJOINT = 10_000_000  # added to the replication of each further arm that meets customers of its own
STEPS = ("visit",)

Libraries = Mapping[str, Library]


def libraries(plan: Plan) -> dict[str, Library]:
    """How each arm's playbook handles its cases: arm key -> library. The only part that plays tickets."""
    made: dict[tuple[str, str, tuple[str, ...]], Library] = {}
    found = {}
    for arm in plan.arms:
        profiles = tuple(arm.desk.setting.profiles)
        place = (repr(arm.playbook), arm.desk.conduct, profiles)
        if place not in made:
            made[place] = (
                played(arm.playbook, profiles, count=plan.cases, seed=plan.seed, rates=RATES, switches=plan.switches)
                if arm.desk.conduct == PLAYED
                else published(arm.playbook.key, profiles)
            )
        found[arm.key] = made[place]
    return found


@dataclass(frozen=True, slots=True)
class Ran:
    """One arm's replication before it is summed up: the people, and what they went through."""

    people: Population
    handled: Handled
    hours_present: float


def replicate(plan: Plan, libraries: Libraries, number: int) -> dict[str, Result]:
    """Replication `number` (from 0) of every arm: arm key -> result."""
    return {
        arm.key: measured(plan, arm, ran(plan, arm, libraries[arm.key], number, place))
        for place, arm in enumerate(plan.arms)
    }


def measured(plan: Plan, arm: Arm, of: Ran) -> Result:
    return measure(
        of.people,
        of.handled,
        hours_present=of.hours_present,
        switches=plan.switches,
        abandoned_repurchase=arm.desk.abandoned_repurchase,
    )


def ran(plan: Plan, arm: Arm, library: Library, number: int, place: int = 0) -> Ran:
    """Run one arm. `place`: the number of the arm, which matters only where every arm has customers of its own."""
    shift = DISJOINT * place if plan.disjoint else 0
    setting = plan.sized(arm.desk)
    parts = [
        _episode(plan, arm.desk, setting, library, shift + number * EPISODES + episode)
        for episode in range(plan.episodes(arm.desk))
    ]
    return parts[0] if len(parts) == 1 else Ran(
        joined([part.people for part in parts]),
        joined([part.handled for part in parts]),
        math.fsum(part.hours_present for part in parts),
    )  # fmt: skip


def _episode(plan: Plan, desk: Desk, setting: DeskSetting, library: Library, replication: int) -> Ran:
    met = customers(setting, plan.seed, replication)
    people = population(plan.seed, replication, met.profile, profiles=tuple(setting.profiles), cases=library.count)
    run = _queued(setting, desk, met, people, library, plan.seed, replication)
    handled = _lived(run, people, library)
    counted = run.contacts.counted
    return Ran(rows(people, counted), rows(handled, counted), math.fsum(run.present_h) * _share(run))


def _share(run: DeskRun) -> float:
    """Of the agents' hours, what falls after the warm-up."""
    return 1.0 - run.from_s / run.ended_at if run.ended_at else 1.0


def _queued(
    setting: DeskSetting, desk: Desk, met: Customers, people: Population, library: Library, seed: int, replication: int
) -> DeskRun:
    """Send the customers through the queue, with the visits that their cases take."""
    begin, count = library.start[people.row], np.diff(library.start)[people.row]
    factor = _factors(library, seed, replication, len(met))
    acknowledged = library.lived.acknowledged[people.row] & setting.bot
    met = replace(met, language=_language(setting, met))
    patience = np.where(acknowledged, met.patience * setting.patience.acknowledged, met.patience)
    if desk.conduct == PLAYED:
        patience = awake(met.arrival + setting.begins_h * HOUR, patience)
    later = np.maximum(count - 1, 0)
    owner = np.repeat(np.arange(len(met)), later)
    place = begin[owner] + 1 + _ordinals(later)
    since = _since_first(library)
    returns = Returns(
        customer=owner.astype(np.int32),
        step=np.zeros(len(owner), dtype=np.int8),
        delay=since[place],
        work=library.work[place] * factor[owner],
        rank=met.ticket_class[owner],
        steps=STEPS,
    )
    work = np.where(count > 0, library.work[np.minimum(begin, len(library.work) - 1)], 0.0) * factor
    return run_jobs(setting, met, acknowledged=acknowledged, patience=patience, work=work, returns=returns)


def _factors(library: Library, seed: int, replication: int, count: int) -> Floats:
    if library.spread is None:
        return np.ones(count)
    return spread(seed, f"experiment/{replication}/work", count, library.spread)


def _since_first(library: Library) -> Floats:
    """Seconds from the end of a row's first visit to the beginning of each visit, nobody waiting in between."""
    length = library.after + library.work
    ends = np.concatenate(([0.0], np.cumsum(length)))
    row = np.repeat(np.arange(len(library)), np.diff(library.start))
    first_end = ends[np.minimum(library.start[:-1] + 1, len(length))]
    since: Floats = np.maximum(ends[:-1] + library.after - first_end[row], 0.0)
    return since


def _ordinals(counts: Ints) -> Ints:
    """0 … c-1 for each count c, on end."""
    ends = np.cumsum(counts)
    return np.arange(int(ends[-1]) if len(ends) else 0) - np.repeat(ends - counts, counts)


def _language(setting: DeskSetting, met: Customers) -> Any:
    """Codes of the language that goes with the profile."""
    names = tuple(setting.languages)
    return np.array([names.index(LANGUAGE_OF[profile]) for profile in setting.profiles], dtype=np.int8)[met.profile]


def awake(at: Floats, seconds: Floats) -> Floats:
    """Seconds from `at` (of a wall clock that began at midnight) until so many waking seconds have passed.

    The same as `hours.after_awake`, for many at once.
    """
    day, second = np.divmod(at, DAY)
    lived = day * AWAKE + np.clip(second - MORNING, 0, AWAKE)
    until, rest = np.divmod(lived + seconds, AWAKE)
    ends: Floats = until * DAY + MORNING + rest
    return np.where(np.isfinite(seconds), ends - at, np.inf)


def _lived(run: DeskRun, people: Population, library: Library) -> Handled:
    """What everybody went through: the case as it is handled, each part as much later as its visit had to wait."""
    contacts, row = run.contacts, people.row
    left = contacts.fate != SERVED
    waited = np.where(left, 0.0, contacts.wait)
    visits = _waits(run, library, row, waited)
    lived = taken(library.lived, row)
    here = {name: visits(getattr(library, name)[row]) for name in ("first", "solved", "letter", "remedied")}
    served, gone = delayed(lived, here), abandoned(lived, contacts.wait)
    both = type(lived)(
        **{f.name: np.where(left, getattr(gone, f.name), getattr(served, f.name)) for f in fields(lived)}
    )
    answered = (library.first[row] >= 0) & ~left
    solved = (library.solved[row] >= 0) & ~left
    work = np.where(left, 0.0, contacts.work) + _later_work(run, len(contacts))
    cost = sum(library.cost[part][row] for part in COSTS) * ~left + work / HOUR * library.wage[row]
    return Handled(
        lived=both,
        left=left,
        waited=contacts.wait,
        answered_h=np.where(answered, served.first_h, np.inf),
        resolved_h=np.where(solved, served.resolution_h, np.inf),
        invited=solved,
        work=work,
        cost=cost,
    )


def _waits(run: DeskRun, library: Library, row: Ints, waited: Floats) -> Any:
    """A function from the number of a visit (-1: none) to the seconds by which it came later than in the case."""
    later = run.follow_ups
    start = np.where(later.fate == SERVED, later.start, later.due)
    planned: Floats = run.contacts.finish[later.customer] + _planned(library, row, later.customer)
    late = np.concatenate((waited, waited[later.customer] + np.maximum(start - planned, 0.0)))
    base = np.concatenate(([0], np.cumsum(np.maximum(np.diff(library.start)[row] - 1, 0))))[:-1]

    def of(visit: Ints) -> Floats:
        place = np.where(visit <= 0, np.arange(len(row)), len(row) + base + visit - 1)
        return np.where(visit < 0, waited, np.nan_to_num(late[np.minimum(place, len(late) - 1)]))

    return of


def _planned(library: Library, row: Ints, customer: Any) -> Floats:
    count = np.maximum(np.diff(library.start)[row] - 1, 0)
    place = library.start[row][customer] + 1 + _ordinals(count)
    since: Floats = _since_first(library)[place]
    return since


def _later_work(run: DeskRun, count: int) -> Floats:
    later = run.follow_ups
    done = later.fate == SERVED
    work: Floats = np.bincount(later.customer[done], weights=later.work[done], minlength=count).astype(np.float64)
    return work


# ---------------------------------------------------------------- columns of records


def rows(of: Any, kept: Any) -> Any:
    """The same record of arrays, these rows of it."""
    return type(of)(**{f.name: _kept(getattr(of, f.name), kept) for f in fields(of)})


def _kept(value: Any, kept: Any) -> Any:
    if is_dataclass(value):
        return rows(value, kept)
    return value[kept] if isinstance(value, np.ndarray) else value


def joined(parts: Sequence[Any]) -> Any:
    """Records of arrays on end."""
    first = parts[0]
    return type(first)(**{f.name: _on_end([getattr(part, f.name) for part in parts]) for f in fields(first)})


def _on_end(values: Sequence[Any]) -> Any:
    if is_dataclass(values[0]):
        return joined(values)
    return np.concatenate(values) if isinstance(values[0], np.ndarray) else values[0]
