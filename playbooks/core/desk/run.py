"""One replication of a simulated desk under one playbook: values in, columns out."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from playbooks.core.desk.checks import known, refuse
from playbooks.core.desk.draws import Codes, Customers, Floats, Ints, Returns, customers, first_work, follow_ups
from playbooks.core.desk.handling import Handling, Timing
from playbooks.core.desk.kernel import NOBODY, NOT_YET, Kernel, fastest
from playbooks.core.desk.setting import HOUR, WEEK_H, DeskSetting

SERVED, ABANDONED, WAITING, NOT_DUE = 0, 1, 2, 3  # the fate of a contact, or of a follow-up
DRAINED, CUT_OFF = "drained", "cut_off"  # why a run ended


@dataclass(frozen=True, slots=True)
class Contacts:
    """First handlings, in order of arrival; all times are seconds from the opening. nan: that never was.

    `wait` runs to the first answer (SERVED), to the leaving (ABANDONED) or to the end of the run (WAITING).
    """

    arrival: Floats
    ticket_class: Codes  # codes into the setting's classes, languages, profiles, agents
    language: Codes
    profile: Codes
    patience: Floats  # with the receipt, where there is one; inf: for ever
    acknowledged: npt.NDArray[np.bool_]
    fate: Codes
    start: Floats
    wait: Floats
    work: Floats
    finish: Floats
    group: Codes | npt.NDArray[np.int16]  # -1: nobody
    counted: npt.NDArray[np.bool_]  # came after the warm-up

    def __len__(self) -> int:
        return len(self.arrival)


@dataclass(frozen=True, slots=True)
class FollowUps:
    """Later handlings, in order of customer, then step. `due` is when the ticket came back into the queue.

    SERVED, WAITING at the end of the run, or NOT_DUE: its time did not come, or its customer was never served.
    """

    customer: Ints  # row of Contacts
    step: Codes  # code into DeskRun.steps
    fate: Codes
    due: Floats
    start: Floats
    wait: Floats
    work: Floats
    finish: Floats
    group: npt.NDArray[np.int16]

    def __len__(self) -> int:
        return len(self.customer)


class Queue(NamedTuple):
    """Waiting, first contacts and follow-ups together, between warm-up and the last day: mean and most at once."""

    mean: float
    most: int
    at_end: int  # still waiting when the run ended


@dataclass(frozen=True)
class DeskRun:
    """What happened at one desk in one replication under one playbook."""

    playbook: str
    seed: int
    replication: int
    contacts: Contacts
    follow_ups: FollowUps
    steps: tuple[str, ...]
    busy_h: tuple[float, ...]  # hours of work by group, overtime included
    present_h: tuple[float, ...]  # hours on shift by group, from the opening to `ended_at`
    from_s: float  # the window that counts
    until_s: float
    ended_at: float  # seconds; when the last work ended or the last customer left; or the end of the last day
    ended: str  # DRAINED or CUT_OFF
    offered: float  # mean number of agents that the work would keep busy, if nobody left
    never_empties: bool  # the queue would grow for ever, were this to go on

    @cached_property
    def queue(self) -> Queue:
        one, two = self.contacts, self.follow_ups
        came = np.concatenate((one.arrival, two.due[two.fate != NOT_DUE]))
        went = came + np.concatenate((one.wait, two.wait[two.fate != NOT_DUE]))
        within = np.minimum(went, self.until_s) - np.maximum(came, self.from_s)
        waited = went > came
        edges = np.concatenate((went[waited], came[waited]))  # who goes makes room before the next one comes
        steps = np.repeat(np.array([-1, 1], dtype=np.int64), int(waited.sum()))[np.argsort(edges, kind="stable")]
        inside = np.sort(edges, kind="stable")
        length = np.cumsum(steps)[(inside >= self.from_s) & (inside <= self.until_s)]
        waiting = int((one.fate == WAITING).sum() + (two.fate == WAITING).sum())
        mean = math.fsum(np.maximum(within, 0.0)) / (self.until_s - self.from_s)
        return Queue(mean, int(length.max(initial=0)), waiting)


def simulate(
    setting: DeskSetting,
    seed: int,
    replication: int = 0,
    *,
    timing: Timing,
    met: Customers | None = None,
    kernel: Kernel | None = None,
) -> DeskRun:
    """One replication of this desk under a playbook.

    setting      who writes in, who is there, for how long
    seed         with `replication` and the customer's place it settles every draw; the playbook does not
    replication  any whole number from 0; replications are independent, each can be computed alone
    timing       the playbook as the queue sees it: receipt, minutes of work, follow-ups
    met          `draws.customers(setting, seed, replication)`, to draw them once for several playbooks
    kernel       `kernel.PLAIN` or `kernel.compiled()`; by default the fastest there is. The digits are the same

    Returns columns: `contacts` (one row a customer, in order of arrival, the same rows under every playbook),
    `follow_ups` (rows point to their customer), hours by group of agents, and how the run ended. Row i of contacts
    is customer i of the streams `desk/<replication>/…`: later draws for this person (traits, surveys) take i as key.
    """
    _check(setting, timing)
    met = met if met is not None else customers(setting, seed, replication)
    acknowledged, work, returns = _handled(setting, timing, met)
    patience = np.where(acknowledged, met.patience * setting.patience.acknowledged, met.patience)
    run = run_jobs(
        setting, met, acknowledged=acknowledged, patience=patience, work=work, returns=returns, kernel=kernel
    )
    offered, endless = setting.offered(timing), setting.never_empties(timing)
    return replace(run, playbook=timing.name, offered=offered, never_empties=endless)


def run_jobs(
    setting: DeskSetting,
    met: Customers,
    *,
    acknowledged: npt.NDArray[np.bool_],
    patience: Floats,
    work: Floats,
    returns: Returns,
    kernel: Kernel | None = None,
) -> DeskRun:
    """The same for customers whose work and returns are known one by one, as when cases have been played before.

    acknowledged, patience (seconds), work (seconds): a value a customer. returns: in order of customer.
    """
    deadline = met.arrival + patience
    kernel = kernel or fastest()
    plays = _in_line if _is_simple(setting, returns) else _at_the_desk
    entered, start, server, ended_at = plays(setting, met, returns, deadline, work, kernel)
    if setting.drain:  # the last one to leave may do so after the last work, in the night
        ended_at = max(ended_at, float(deadline[start[: len(met)] < 0].max(initial=0.0)))
    else:
        ended_at = setting.days * 24 * HOUR
    contacts, later = _columns(setting, met, returns, entered, start, server, ended_at, patience, acknowledged, work)
    offered = math.fsum((float(work.sum()), float(returns.work.sum()))) / (setting.days * 24 * HOUR)
    return DeskRun(
        playbook="", seed=met.seed, replication=met.replication, contacts=contacts, follow_ups=later,
        steps=returns.steps, busy_h=_busy(len(setting.agents), contacts, later),
        present_h=tuple(setting.present_hours(ended_at / 86_400.0)),
        from_s=setting.warm_up_days * 86_400.0, until_s=setting.days * 86_400.0, ended_at=ended_at,
        ended=DRAINED if setting.drain else CUT_OFF, offered=offered,
        never_empties=setting.overloaded(offered),
    )  # fmt: skip


def replications(
    setting: DeskSetting, seed: int, numbers: Iterable[int], *, timings: Sequence[Timing]
) -> Iterator[tuple[DeskRun, ...]]:
    """These replications one by one, each under every playbook with the same customers.

    Any slice gives what the whole would give, so parts may be computed anywhere and in any order.
    """
    for number in numbers:
        met = customers(setting, seed, number)
        yield tuple(simulate(setting, seed, number, timing=timing, met=met) for timing in timings)


def _check(setting: DeskSetting, timing: Timing) -> None:
    names = [one.name for one in setting.classes]
    known("by_class", timing.by_class, names)
    for handling in (timing.handling, *timing.by_class.values()):
        for step in handling.follow_ups:
            if step.ticket_class is not None and step.ticket_class not in names:
                raise refuse("follow_ups.ticket_class", f"'{step.ticket_class}' is no class of this desk: "
                             f"{', '.join(names)}.")  # fmt: skip


# ---------------------------------------------------------------- what the playbook makes of the customers


def _handlings(setting: DeskSetting, timing: Timing, met: Customers) -> Iterator[tuple[Handling, Any]]:
    """Each way of handling, and which customers it concerns (None: all)."""
    if not timing.by_class:
        yield timing.handling, None
        return
    for code, one in enumerate(setting.classes):
        yield timing.of(one.name), met.ticket_class == code


def _handled(setting: DeskSetting, timing: Timing, met: Customers) -> tuple[Any, Floats, Returns]:
    """Who gets a receipt, seconds of first handling, and the follow-ups."""
    acknowledged, work = np.zeros(len(met), dtype=bool), np.empty(len(met))
    ranks = {one.name: code for code, one in enumerate(setting.classes)}
    steps: dict[str, int] = {}
    parts: list[tuple[Any, ...]] = []
    for handling, among in _handlings(setting, timing, met):
        where = slice(None) if among is None else among
        acknowledged[where] = setting.bot and handling.acknowledges
        work[where] = first_work(met, handling)[where]
        for place, step in enumerate(handling.follow_ups):
            who, delay, minutes = follow_ups(met, step, among)
            rank = met.ticket_class[who] if step.ticket_class is None else np.full(len(who), ranks[step.ticket_class])
            code = np.full(len(who), steps.setdefault(step.name, len(steps)), dtype=np.int8)
            parts.append((who, code, delay, minutes, rank.astype(np.int8), np.full(len(who), place)))
    return acknowledged, work, _in_order(parts, tuple(steps))


def _in_order(parts: list[tuple[Any, ...]], steps: tuple[str, ...]) -> Returns:
    if not parts:
        none, code = np.empty(0), np.empty(0, dtype=np.int8)
        return Returns(np.empty(0, dtype=np.int32), code, none, none, code, steps)
    who, code, delay, work, rank, place = (np.concatenate(column) for column in zip(*parts, strict=True))
    if len(parts) > 1:
        order = np.argsort(who.astype(np.int64) * (int(place.max(initial=0)) + 1) + place, kind="stable")
        who, code, delay, work, rank = (column[order] for column in (who, code, delay, work, rank))
    return Returns(who, code, delay, work, rank, steps)


# ---------------------------------------------------------------- the two loops of the kernel

Played = tuple[Floats, Floats, Any, float]  # entered, start and group of every job; the second of the last event


def _is_simple(setting: DeskSetting, returns: Returns) -> bool:
    """Whether first come, first served says all: agents alike and always there, one class, nothing comes back."""
    alike = len(setting.agents) == 1 and not setting.agents[0].shifts
    return alike and len(setting.classes) == 1 and not len(returns.customer)


def _in_line(
    setting: DeskSetting, met: Customers, returns: Returns, deadline: Floats, work: Floats, kernel: Kernel
) -> Played:
    until = math.inf if setting.drain else setting.days * 24 * HOUR
    start = kernel.column(np.full(len(met), NOT_YET))
    free_at = kernel.column(np.zeros(setting.agents[0].count))
    kernel.line(kernel.column(met.arrival), kernel.column(deadline), kernel.column(work), free_at, start)
    began = np.asarray(start, dtype=np.float64)
    began[began >= until] = NOT_YET
    served = began >= 0
    last = np.concatenate((met.arrival[-1:], began[served] + work[served])).max(initial=0.0)
    return met.arrival, began, np.where(served, 0, NOBODY).astype(np.int16), float(last)


def _at_the_desk(
    setting: DeskSetting, met: Customers, returns: Returns, deadline: Floats, work: Floats, kernel: Kernel
) -> Played:
    people, later, groups = len(met), len(returns.customer), len(setting.agents)
    jobs, tongues, ranks = people + later, len(setting.languages), len(setting.classes)
    column = kernel.column
    changes, rows = setting.staffing()
    agents = sum(group.count for group in setting.agents)
    start, server = column(np.full(jobs, NOT_YET)), column(np.full(jobs, NOBODY, dtype=np.int16))
    entered = column(np.concatenate((met.arrival, np.full(later, NOT_YET))))
    rank = np.concatenate((met.ticket_class, returns.rank)).astype(np.int16)
    tongue = np.concatenate((met.language, met.language[returns.customer])).astype(np.int16)
    last = kernel.desk(
        people, entered, column(rank * tongues + tongue), column(np.concatenate((deadline, np.full(later, math.inf)))),
        column(np.concatenate((work, returns.work))), column(returns.delay),
        column(returns.customer), column(_then(people, returns)),
        column(np.array([group.speaks(name) for group in setting.agents for name in setting.languages])),
        groups, ranks, tongues, column(np.array(rows[-1])), column(np.array(changes, dtype=np.float64)),
        column(np.array(rows).ravel()), WEEK_H * HOUR, math.inf if setting.drain else setting.days * 24 * HOUR,
        start, server, column(np.full(jobs, NOBODY, dtype=np.int32)), column(np.full(ranks * tongues, NOBODY)),
        column(np.full(ranks * tongues, NOBODY)), column(np.zeros(groups, dtype=np.int64)), column(np.zeros(agents)),
        column(np.zeros(agents, dtype=np.int32)), column(np.zeros(later)), column(np.zeros(later, dtype=np.int32)),
    )  # fmt: skip
    began = np.asarray(start, dtype=np.float64)
    return np.asarray(entered, dtype=np.float64), began, np.asarray(server, dtype=np.int16), float(last)


def _then(people: int, returns: Returns) -> Ints:
    """The next handling of each job's customer; NOBODY after the last."""
    then = np.full(people + len(returns.customer), NOBODY, dtype=np.int32)
    places = np.arange(people, people + len(returns.customer), dtype=np.int32)
    is_first = np.concatenate(([True], returns.customer[1:] != returns.customer[:-1]))[: len(places)]
    then[returns.customer[is_first]] = places[is_first]
    then[people:-1][~is_first[1:]] = places[1:][~is_first[1:]]
    return then


# ---------------------------------------------------------------- columns


def _columns(
    setting: DeskSetting, met: Customers, returns: Returns, entered: Floats, start: Floats, server: Any,
    ended_at: float, patience: Floats, acknowledged: Any, work: Floats,
) -> tuple[Contacts, FollowUps]:  # fmt: skip
    people = len(met)
    first, later = start[:people], start[people:]
    deadline = met.arrival + patience
    fate = np.where(first >= 0, SERVED, np.where(deadline <= ended_at, ABANDONED, WAITING)).astype(np.int8)
    began = np.where(fate == SERVED, first, math.nan)
    until = np.where(fate == SERVED, first, np.where(fate == ABANDONED, deadline, ended_at))
    contacts = Contacts(
        arrival=met.arrival, ticket_class=met.ticket_class, language=met.language, profile=met.profile,
        patience=patience, acknowledged=acknowledged, fate=fate, start=began, wait=until - met.arrival, work=work,
        finish=began + work, group=server[:people], counted=met.arrival >= setting.warm_up_days * 86_400.0,
    )  # fmt: skip
    due = entered[people:]
    fates = np.where(later >= 0, SERVED, np.where(due >= 0, WAITING, NOT_DUE)).astype(np.int8)
    due = np.where(fates == NOT_DUE, math.nan, due)
    begun = np.where(fates == SERVED, later, math.nan)
    wait = np.where(fates == SERVED, later, ended_at) - due
    return contacts, FollowUps(
        customer=returns.customer, step=returns.step, fate=fates, due=due, start=begun, wait=wait, work=returns.work,
        finish=begun + returns.work, group=server[people:],
    )  # fmt: skip


def _busy(groups: int, contacts: Contacts, later: FollowUps) -> tuple[float, ...]:
    """Hours of work begun by each group."""
    group: Any = np.concatenate((contacts.group, later.group))
    work = np.concatenate((contacts.work, later.work))
    done = np.bincount(group[group >= 0], weights=work[group >= 0], minlength=groups)
    return tuple((done / HOUR).tolist())
