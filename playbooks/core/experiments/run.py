"""One replication of an experiment: the same customers through every arm, and what came of them.

A replication knows nothing of the others and takes its draws from streams of its own number, so replications can be
computed anywhere, in any order, again after a crash, and put together exactly.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields, is_dataclass, replace
from functools import lru_cache, partial
from typing import Any

import numpy as np
import numpy.typing as npt

from playbooks.core.agents import MARGIN
from playbooks.core.customer.evidence import Switches
from playbooks.core.customer.hours import AWAKE, DAY, MORNING
from playbooks.core.desk.draws import Customers, Returns, customers, spread
from playbooks.core.desk.run import SERVED, DeskRun, run_jobs
from playbooks.core.desk.setting import DeskSetting
from playbooks.core.experiments.measure import HOUR, Costs, Handled, Result, measure
from playbooks.core.experiments.plan import PLAYED, RATES, Arm, Desk, Plan
from playbooks.core.experiments.played import (
    COSTS,
    LANGUAGE_OF,
    Library,
    Played,
    abandon,
    delayed,
    library,
    played,
    taken,
)
from playbooks.core.experiments.population import Population, population
from playbooks.core.experiments.published import published
from playbooks.core.playbook import Playbook
from playbooks.core.profiles import Profile, profile_for

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
EPISODES = 100_000  # numbers kept for the days of one replication
DISJOINT = 10_000_000  # added to the replication of each further arm that meets customers of its own
STEPS = ("visit",)
SOONEST = 1_800  # seconds a letter takes at least, by courier

Libraries = Mapping[str, Library]


@dataclass(frozen=True)
class _Content:
    """A playbook known by what it says, so that two of the same content are one."""

    text: str
    playbook: Playbook = field(compare=False)
    agent: Profile = field(compare=False)
    told: Callable[[int], None] = field(compare=False, default=lambda done: None)


def libraries(plan: Plan, told: Callable[[int, int], None] = lambda done, whole: None) -> dict[str, Library]:
    """How each arm's playbook handles its cases: arm key -> library. The only part that plays tickets.

    `told` hears of each case that is handled now, and how many there are in all; of those known already it hears
    nothing.
    """
    contents = {arm.key: _Content(repr((arm.playbook, arm.letter_s)), arm.playbook, agent_of(arm)) for arm in plan.arms}
    _play_all(plan, contents, told)
    return {
        arm.key: _library(
            contents[arm.key],
            tuple(arm.desk.setting.profiles),
            plan.cases,
            plan.seed,
            plan.switches,
        )
        if arm.desk.conduct == PLAYED
        else published(arm.playbook.key, tuple(arm.desk.setting.profiles), letter_s=arm.letter_s)
        for arm in plan.arms
    }


def agent_of(arm: Arm) -> Profile:
    """Who handles the cases; where a sweep moves the letter, one who has it delivered shortly before its deadline."""
    profile = profile_for(arm.playbook)
    if arm.letter_s is None:
        return profile
    left = arm.letter_s - profile.wait.get("write_letter", 0) - MARGIN
    return replace(profile, delivery={**profile.delivery, "letter": max(SOONEST, left)})


def _play_all(plan: Plan, contents: Mapping[str, _Content], told: Callable[[int, int], None]) -> None:
    """Each playbook with each culture once, before anything is put together, so that all can be counted."""
    wanted = dict.fromkeys(
        (contents[arm.key], profile)
        for arm in plan.arms
        if arm.desk.conduct == PLAYED
        for profile in arm.desk.setting.profiles
    )
    whole = len(wanted) * plan.cases
    for place, (of, profile) in enumerate(wanted):
        heard = replace(of, told=partial(_tell, told, place * plan.cases, whole))
        _played(heard, profile, plan.cases, plan.seed, plan.switches)


def _tell(told: Callable[[int, int], None], before: int, whole: int, done: int) -> None:
    told(before + done, whole)


@lru_cache(maxsize=64)
def _library(of: _Content, profiles: tuple[str, ...], cases: int, seed: int, switches: Switches) -> Library:
    handlings = [one for profile in profiles for one in _played(of, profile, cases, seed, switches)]
    return library(handlings, profiles=profiles, count=cases, rates=RATES)


@lru_cache(maxsize=128)
def _played(of: _Content, profile: str, cases: int, seed: int, switches: Switches) -> list[Played]:
    return played(of.playbook, profile, count=cases, seed=seed, switches=switches, agent=of.agent, told=of.told)


@dataclass(frozen=True, slots=True)
class Crowd:
    """Who writes in to a desk in one replication, before any playbook is known. One `met` a day where every day is
    a whole, else one for all of it; `people` are those of all days on end, `counted` the rows after the warm-up."""

    setting: DeskSetting
    met: tuple[Customers, ...]
    people: Population
    counted: Ints
    counted_people: Population


@dataclass(frozen=True, slots=True)
class Ran:
    """One arm's replication before it is summed up: the people, and what they went through."""

    people: Population
    handled: Handled
    hours_present: float


def replicate(plan: Plan, libraries: Libraries, number: int) -> dict[str, Result]:
    """Replication `number` (from 0) of every arm: arm key -> result."""
    crowds: dict[tuple[str, int, int], Crowd] = {}
    found = {}
    for place, arm in enumerate(plan.arms):
        library = libraries[arm.key]
        who = (repr(arm.desk), library.count, place if plan.disjoint else 0)
        if who not in crowds:
            crowds[who] = crowd(plan, arm.desk, library, number, place)
        found[arm.key] = measured(plan, arm, ran(arm, library, crowds[who]))
    return found


def measured(plan: Plan, arm: Arm, of: Ran) -> Result:
    return measure(
        of.people,
        of.handled,
        hours_present=of.hours_present,
        switches=plan.switches,
        abandoned_repurchase=arm.desk.abandoned_repurchase,
    )


def crowd(plan: Plan, desk: Desk, library: Library, number: int, place: int = 0) -> Crowd:
    """The customers of one replication. `place`: the number of the arm, where every arm has customers of its own."""
    setting = plan.sized(desk)
    first = (DISJOINT * place if plan.disjoint else 0) + number * EPISODES
    numbers = range(first, first + plan.episodes(desk))
    met = tuple(customers(setting, plan.seed, replication) for replication in numbers)
    people = population(
        plan.seed, numbers, [one.profile for one in met], profiles=tuple(setting.profiles), cases=library.count
    )
    after = setting.warm_up_days * DAY
    counted = np.flatnonzero(np.concatenate([one.arrival >= after for one in met]))
    return Crowd(setting, met, people, counted, people if len(counted) == len(people) else rows(people, counted))


def ran(arm: Arm, library: Library, who: Crowd) -> Ran:
    """Run one arm."""
    ends = np.cumsum([len(one) for one in who.met]).tolist()
    days = [
        _queued(who.setting, arm.desk, met, who.people.row[end - len(met) : end], library)
        for met, end in zip(who.met, ends, strict=True)
    ]
    present = math.fsum(math.fsum(run.present_h) * _share(run) for run, _ in days)
    went = joined([_went(run, delay) for run, delay in days])
    return Ran(who.counted_people, _lived(went, who, library), present)


def _share(run: DeskRun) -> float:
    """Of the agents' hours, what falls after the warm-up."""
    return 1.0 - run.from_s / run.ended_at if run.ended_at else 1.0


def _queued(setting: DeskSetting, desk: Desk, met: Customers, row: Ints, library: Library) -> tuple[DeskRun, Floats]:
    """Send the customers through the queue, with the visits that their cases take; and the planned delays of these."""
    begin, count = library.start[row], library.visits[row]
    factor = _factors(library, met)
    acknowledged = library.lived.acknowledged[row] & setting.bot
    met = replace(met, language=_language(setting, met))
    patience = np.where(acknowledged, met.patience * setting.patience.acknowledged, met.patience)
    if desk.conduct == PLAYED:
        patience = awake(met.arrival + setting.begins_h * HOUR, patience)
    later = np.maximum(count - 1, 0)
    owner = np.repeat(np.arange(len(met), dtype=np.int32), later)
    place = begin[owner] + 1 + _ordinals(later)
    work = library.work[place]
    returns = Returns(
        customer=owner,
        step=np.zeros(len(owner), dtype=np.int8),
        delay=library.since[place],
        work=work if factor is None else work * factor[owner],
        rank=met.ticket_class[owner],
        steps=STEPS,
    )
    work = np.where(count > 0, library.work[np.minimum(begin, len(library.work) - 1)], 0.0)
    work = work if factor is None else work * factor
    run = run_jobs(setting, met, acknowledged=acknowledged, patience=patience, work=work, returns=returns)
    return run, returns.delay


def _factors(library: Library, met: Customers) -> Floats | None:
    if library.spread is None:
        return None
    return spread(met.seed, f"experiment/{met.replication}/work", len(met), library.spread)


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
    ever = np.isfinite(seconds)
    until, rest = np.divmod(lived + np.where(ever, seconds, 0.0), AWAKE)
    ends: Floats = until * DAY + MORNING + rest
    return np.where(ever, ends - at, np.inf)


@dataclass(frozen=True, slots=True)
class _Went:
    """What the queue made of everybody. `late`: seconds that the first visit came late, and each later one."""

    left: Flags
    wait: Floats
    work: Floats  # of all visits
    late: Floats
    late_again: Floats  # in order of customer, then visit


def _went(run: DeskRun, delay: Floats) -> _Went:
    """`delay`: seconds between the first visit and each later one where nobody has to wait."""
    one, two = run.contacts, run.follow_ups
    left, done = one.fate != SERVED, two.fate == SERVED
    late = np.where(left, 0.0, one.wait)
    began = np.where(done, two.start, two.due)
    again = late[two.customer] + np.maximum(began - (one.finish[two.customer] + delay), 0.0)
    more = np.bincount(two.customer[done], weights=two.work[done], minlength=len(one))
    return _Went(left, one.wait, np.where(left, 0.0, one.work) + more, late, np.nan_to_num(again))


def _lived(went: _Went, who: Crowd, library: Library) -> Handled:
    """What everybody went through: the case as it is handled, each part as much later as its visit had to wait."""
    here, row = who.counted, who.counted_people.row
    left, wait, work = went.left[here], went.wait[here], went.work[here]
    again = np.maximum(library.visits[who.people.row] - 1, 0)
    before = (np.cumsum(again) - again + len(again) - 1)[here]
    lates = np.concatenate((went.late, went.late_again))

    def late(visit: Ints) -> Floats:
        place = np.where(visit <= 0, here, before + visit)
        return lates[np.minimum(place, len(lates) - 1)]

    parts = {name: late(getattr(library, name)[row]) for name in ("first", "solved", "letter", "remedied")}
    lived = delayed(taken(library.lived, row), parts)
    answered, solved = (library.first[row] >= 0) & ~left, (library.solved[row] >= 0) & ~left
    times = np.where(answered, lived.first_h, np.inf), np.where(solved, lived.resolution_h, np.inf)
    gone = np.flatnonzero(left)
    labour = work / HOUR * library.wage[row]
    abandon(lived, gone, wait[gone])
    return Handled(
        lived=lived,
        left=left,
        waited=wait,
        answered_h=times[0],
        resolved_h=times[1],
        invited=solved,
        work=work,
        cost=library.spent[row] * ~left + labour,
        costs=Costs(labour, **{part: _paid(library.cost[part], row, left) for part in COSTS}),
    )


def _paid(cost: Floats, row: Ints, left: Flags) -> Floats:
    """Of everybody; who left has cost nothing. Many playbooks spend nothing on some part."""
    return cost[row] * ~left if cost.any() else np.zeros(len(row))


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
    if len(parts) == 1:
        return first
    return type(first)(**{f.name: _on_end([getattr(part, f.name) for part in parts]) for f in fields(first)})


def _on_end(values: Sequence[Any]) -> Any:
    if is_dataclass(values[0]):
        return joined(values)
    return np.concatenate(values) if isinstance(values[0], np.ndarray) else values[0]
