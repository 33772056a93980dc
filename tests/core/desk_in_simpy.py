"""The same desk written for SimPy, as a second opinion: processes and resources instead of heaps and columns.

Both models take the customers as drawn and the playbook's work on them, and give the second at which each
handling begins (None: never). `one_desk` is what a SimPy book would write; `many_desks` knows languages and shifts.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import simpy

from playbooks.core.desk.draws import Customers, Returns, customers
from playbooks.core.desk.handling import Timing
from playbooks.core.desk.run import _handled
from playbooks.core.desk.setting import DeskSetting

Flow = Generator[Any, Any, None]


@dataclass
class Job:
    """One handling of a customer, as drawn."""

    rank: int
    language: str
    work: float
    delay: float = 0.0
    start: float | None = None


@dataclass
class Visitor:
    """A customer and all handlings of the ticket: the first one, then the follow-ups."""

    arrival: float
    patience: float
    jobs: list[Job] = field(default_factory=list)


def visitors(setting: DeskSetting, timing: Timing, seed: int, replication: int = 0) -> list[Visitor]:
    met = customers(setting, seed, replication)
    acknowledged, work, returns = _handled(setting, timing, met)
    patience = np.where(acknowledged, met.patience * setting.patience.acknowledged, met.patience)
    return list(_visitors(setting, met, patience, work, returns))


def _visitors(setting: DeskSetting, met: Customers, patience: Any, work: Any, returns: Returns) -> Iterator[Visitor]:
    languages, later = list(setting.languages), {}
    for who, rank, minutes, delay in zip(
        *(column.tolist() for column in (returns.customer, returns.rank, returns.work, returns.delay)), strict=True
    ):
        later.setdefault(who, []).append((rank, minutes, delay))
    columns = (met.arrival, patience, met.ticket_class, met.language, work)
    for who, (arrival, waits, rank, tongue, minutes) in enumerate(zip(*(c.tolist() for c in columns), strict=True)):
        jobs = [Job(rank, languages[tongue], minutes)]
        jobs += [Job(again, languages[tongue], more, delay) for again, more, delay in later.get(who, [])]
        yield Visitor(arrival, waits, jobs)


def one_desk(people: list[Visitor], agents: int, until: float | None = None) -> list[Visitor]:
    """Agents who are alike and always there: one PriorityResource."""
    env = simpy.Environment()
    desk = simpy.PriorityResource(env, capacity=agents)

    def doors() -> Flow:
        for person in people:
            yield env.timeout(person.arrival - env.now)
            env.process(ticket(person))

    def ticket(person: Visitor) -> Flow:
        first, *later = person.jobs
        with desk.request(priority=first.rank) as turn:
            if person.patience < float("inf"):
                yield turn | env.timeout(person.patience)
                if not turn.triggered:
                    return
            else:
                yield turn
            first.start = env.now
            yield env.timeout(first.work)
        answered = env.now
        for job in later:
            yield env.timeout(max(answered + job.delay - env.now, 0.0))
            with desk.request(priority=job.rank) as turn:
                yield turn
                job.start = env.now
                yield env.timeout(job.work)

    env.process(doors())
    env.run(until=until)
    return people


def many_desks(people: list[Visitor], setting: DeskSetting, until: float | None = None) -> list[Visitor]:
    """Groups with languages and shifts: whoever becomes free looks through all who wait, the plain way."""
    env = simpy.Environment()
    changes, rows = setting.staffing()
    present, busy = list(rows[-1]), [0] * len(setting.agents)
    waiting: list[tuple[int, float, int, Job, simpy.Event]] = []

    def suits(group: int, job: Job) -> bool:
        return busy[group] < present[group] and setting.agents[group].speaks(job.language)

    def look_around(group: int) -> None:
        while suitable := [entry for entry in waiting if suits(group, entry[3])]:
            turn = min(suitable, key=lambda entry: entry[:3])
            waiting.remove(turn)
            busy[group] += 1
            turn[4].succeed(group)

    def shifts() -> Flow:
        week = 0.0
        while True:
            for at, row in zip(changes, rows, strict=True):
                yield env.timeout(week + at - env.now)
                present[:] = row
                for group in range(len(present)):
                    look_around(group)
            week += 7 * 86_400.0

    def handled(job: Job, patience: float) -> Flow:
        group = next((one for one in range(len(busy)) if suits(one, job)), None)
        if group is None:
            turn = env.event()
            entry = (job.rank, env.now, id(job), job, turn)
            waiting.append(entry)
            if patience < float("inf"):
                yield turn | env.timeout(patience)
                if not turn.triggered:
                    waiting.remove(entry)
                    return
            else:
                yield turn
            group = turn.value
        else:
            busy[group] += 1
        job.start = env.now
        yield env.timeout(job.work)
        busy[group] -= 1
        look_around(group)

    def ticket(person: Visitor) -> Flow:
        first, *later = person.jobs
        yield from handled(first, person.patience)
        answered = env.now
        for job in later if first.start is not None else []:
            yield env.timeout(max(answered + job.delay - env.now, 0.0))
            yield from handled(job, float("inf"))

    def doors() -> Flow:
        tickets = []
        for person in people:
            yield env.timeout(person.arrival - env.now)
            tickets.append(env.process(ticket(person)))
        yield simpy.AllOf(env, tickets)

    if changes:
        env.process(shifts())
    opened = env.process(doors())
    env.run(until=opened if until is None else until)
    return people
