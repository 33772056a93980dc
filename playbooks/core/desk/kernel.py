"""The queue of the simulated desk: one source, plain or compiled, the same digits either way.

Times are seconds as float64. Everything random was drawn before (draws.py) and every logarithm taken in NumPy;
in here numbers are only added, subtracted, multiplied and compared, so Numba (the extra `fast`) changes nothing
but the speed. Plain Python walks over lists, the compiled form over arrays: indexing a NumPy array one number
at a time is slow.

`line` serves customers of one kind in order of arrival; `desk` knows priorities, languages, shifts and tickets
that come back. On a desk that needs only the first, both give the same digits.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib.util import find_spec
from typing import Any, NamedTuple

import numpy as np

Column = Any  # a list, or an array of one dimension
NOBODY = -1
NEVER = float("inf")
NOT_YET = -1.0  # no such time: the desk opens at 0
ARRIVES, RETURNS, SHIFT, FINISHES = 0, 1, 2, 3


def line(arrival: Column, deadline: Column, work: Column, free_at: Column, start: Column) -> None:
    """First come, first served by agents who are alike and always there.

    `free_at` holds when each agent is free, as a heap (all 0 at the opening). Writes `start`; who is still waiting
    at the deadline has left, and keeps NOT_YET. An agent who is free takes the next one at once.
    """
    agents = len(free_at)
    for i in range(len(arrival)):
        begin = free_at[0]
        if arrival[i] > begin:
            begin = arrival[i]
        if deadline[i] < begin:
            continue
        start[i] = begin
        done = begin + work[i]
        hole = 0
        below = 1
        while below < agents:
            if below + 1 < agents and free_at[below + 1] < free_at[below]:
                below += 1
            if free_at[below] >= done:
                break
            free_at[hole] = free_at[below]
            hole = below
            below = 2 * hole + 1
        free_at[hole] = done


def sink(at: Column, job: Column, size: int, when: float, what: int) -> None:
    """Puts (when, what) in the place of the first of a heap of this size."""
    hole = 0
    below = 1
    while below < size:
        if below + 1 < size and at[below + 1] < at[below]:
            below += 1
        if at[below] >= when:
            break
        at[hole] = at[below]
        job[hole] = job[below]
        hole = below
        below = 2 * hole + 1
    at[hole] = when
    job[hole] = what


def rise(at: Column, job: Column, size: int, when: float, what: int) -> None:
    """Adds (when, what) to a heap that had this size."""
    hole = size
    while hole > 0:
        above = (hole - 1) >> 1
        if at[above] <= when:
            break
        at[hole] = at[above]
        job[hole] = job[above]
        hole = above
    at[hole] = when
    job[hole] = what


def desk(  # one loop over events: cut apart, it would pass thirty columns from hand to hand
    customers: int, entered: Column, queue: Column, deadline: Column, work: Column, delay: Column, origin: Column,
    then: Column, speaks: Column, groups: int, ranks: int, tongues: int, present: Column, change_at: Column,
    change_to: Column, week: float, until: float, start: Column, server: Column, behind: Column, head: Column,
    tail: Column, busy: Column, busy_at: Column, busy_job: Column, back_at: Column, back_job: Column,
) -> float:  # fmt: skip
    """Runs until nothing is left to do, or up to (not into) the given second; returns the second of the last event.

    Jobs 0 … customers-1 are first handlings in order of arrival, the others follow-ups (`delay` and `origin` are
    theirs alone): `then[job]` comes back `delay` after the end of its `origin`, and not before the handling before
    it has ended. `queue[job]` is rank · tongues + tongue; rank 0 is served first, the longest-waiting within a
    rank. Idle groups are asked in their order. `present` changes at `change_at` of each `week` to a row of
    `change_to`; who is at work finishes. At equal seconds: ends of work, shifts, returns, arrivals. Writes entered
    (of follow-ups), start and server.
    """
    arrived = 0
    backs = 0
    working = 0
    change = 0
    monday = 0.0
    last = 0.0
    changes = len(change_at)
    next_arrival = entered[0] if customers > 0 else NEVER
    next_change = change_at[0] if changes > 0 else NEVER
    while True:
        at = next_arrival
        event = ARRIVES
        if backs > 0 and back_at[0] <= at:
            at = back_at[0]
            event = RETURNS
        if next_change <= at:
            at = next_change
            event = SHIFT
        if working > 0 and busy_at[0] <= at:
            at = busy_at[0]
            event = FINISHES
        if at >= until or at == NEVER:
            break

        if event <= RETURNS:  # somebody enters: to an idle agent, or into the queue
            last = at
            if event == ARRIVES:
                job = arrived
                arrived += 1
                next_arrival = entered[arrived] if arrived < customers else NEVER
            else:
                job = back_job[0]
                entered[job] = at
                backs -= 1
                sink(back_at, back_job, backs, back_at[backs], back_job[backs])
            tongue = queue[job] % tongues if tongues > 1 else 0  # a division takes its time
            group = 0
            while group < groups and (busy[group] >= present[group] or not speaks[group * tongues + tongue]):
                group += 1
            if group < groups:
                start[job] = at
                server[job] = group
                busy[group] += 1
                rise(busy_at, busy_job, working, at + work[job], job)
                working += 1
            else:
                place = queue[job]
                behind[job] = NOBODY
                if head[place] < 0:
                    head[place] = job
                else:
                    behind[tail[place]] = job
                tail[place] = job
            continue

        vacant = event == FINISHES  # the first of the heap is over; its place goes to the next job, if there is one
        if vacant:
            last = at
            job = busy_job[0]
            group = server[job]
            busy[group] -= 1
            following = then[job]
            if following >= 0:
                first = origin[following - customers]
                due = start[first] + work[first] + delay[following - customers]
                if due < at:
                    due = at
                rise(back_at, back_job, backs, due, following)
                backs += 1
            final = group + 1
        else:
            if next_arrival == NEVER and backs == 0 and working == 0:
                idle = True
                for place in range(ranks * tongues):
                    if head[place] >= 0:
                        idle = False
                if idle:
                    break
            for group in range(groups):
                present[group] = change_to[change * groups + group]
            change += 1
            if change == changes:
                change = 0
                monday += week
            next_change = monday + change_at[change]
            group = 0
            final = groups

        while group < final:
            found = NOBODY
            if busy[group] < present[group]:
                place = 0
                for _ in range(ranks):
                    taken = 0
                    for tongue in range(tongues):
                        job = head[place]
                        while job >= 0 and deadline[job] < at:  # left while waiting
                            job = behind[job]
                        head[place] = job
                        if job >= 0 and speaks[group * tongues + tongue]:
                            if found < 0 or entered[job] < entered[found]:
                                found = job
                                taken = place
                        place += 1
                    if found >= 0:
                        head[taken] = behind[found]
                        break
            if found < 0:
                group += 1
                continue
            start[found] = at
            server[found] = group
            busy[group] += 1
            if vacant:
                vacant = False
                sink(busy_at, busy_job, working, at + work[found], found)
            else:
                rise(busy_at, busy_job, working, at + work[found], found)
                working += 1
        if vacant:
            working -= 1
            sink(busy_at, busy_job, working, busy_at[working], busy_job[working])
    return last


class Kernel(NamedTuple):
    """Both loops, and whether they take arrays (compiled) or lists (plain)."""

    line: Callable[..., None]
    desk: Callable[..., float]
    compiled: bool

    def column(self, values: Any) -> Column:
        """What the loops walk over."""
        return np.ascontiguousarray(values) if self.compiled else np.asarray(values).tolist()


PLAIN = Kernel(line, desk, compiled=False)


@cache
def compiled() -> Kernel | None:
    """The compiled loops; None without the extra `fast`. Takes seconds the first time, then comes from a file."""
    if find_spec("numba") is None:
        return None
    from numba import njit
    from numba.extending import register_jitable

    jit: Any = njit
    for helper in (sink, rise):
        register_jitable(helper)
    try:
        return Kernel(jit(cache=True)(line), jit(cache=True)(desk), compiled=True)
    except RuntimeError:  # nowhere to keep the file
        return Kernel(jit(line), jit(desk), compiled=True)


def fastest() -> Kernel:
    return compiled() or PLAIN
