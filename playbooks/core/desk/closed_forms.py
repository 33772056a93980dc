"""What queueing theory knows of simple desks, to hold the simulated one against.

λ customers per unit of time, c agents, work of mean 1/μ, patience of mean 1/θ; results in the same unit of time.
Arrivals are Poisson, work and patience exponential where nothing else is said; all are means of the steady state.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from playbooks.core.desk.checks import number, refuse, whole

SMALL = 1e-17  # where a sum of shrinking terms may end


class Waiting(NamedTuple):
    """Share of customers who wait at all, share who leave, and mean wait of all, those who leave included."""

    waits: float
    abandons: float
    mean: float


def erlang_c(rate: float, agents: int, service: float = 1.0) -> Waiting:
    """M/M/c: P(wait) = B / (1 − ρ + ρB), E[wait] = P(wait) / (cμ − λ), with ρ = λ/cμ < 1 and Erlang's loss B by
    B(0) = 1, B(n) = aB(n−1) / (n + aB(n−1)), a = λ/μ.

    Erlang, A. K. (1917), Post Office Electrical Engineers' Journal 10, 189-197; recursion: Cooper (1981),
    Introduction to Queueing Theory, ch. 3.
    """
    _check(rate, agents, service)
    load, loss = rate / service, 1.0
    busy = load / agents
    if busy >= 1.0:
        raise refuse("agents", f"{agents} agents never empty a queue that brings work for {load:g}.")
    for n in range(1, agents + 1):
        loss = load * loss / (n + load * loss)
    waits = loss / (1.0 - busy + busy * loss)
    return Waiting(waits, 0.0, waits / (agents * service - rate))


def erlang_a(rate: float, agents: int, service: float = 1.0, impatience: float = 1.0) -> Waiting:
    """M/M/c+M: π(n+1)/π(n) = λ / (min(n+1, c)·μ + max(n+1−c, 0)·θ); P(wait) = Σ π(n), n ≥ c (arrivals see time
    averages); P(abandon) = θ·E[queue]/λ and, by Little, E[wait] = E[queue]/λ = P(abandon)/θ.

    Palm, C. (1957), Tele 1, 1-107; Garnett, Mandelbaum & Reiman (2002), M&SOM 4, 208-227.
    """
    _check(rate, agents, service)
    number("impatience", impatience, above=0.0)
    weight, n, total, waiting, queue = 1.0, 0, 1.0, 0.0, 0.0
    while True:
        n += 1
        leaves = min(n, agents) * service + max(n - agents, 0) * impatience
        weight *= rate / leaves
        total += weight
        if n >= agents:
            waiting += weight
            queue += weight * (n - agents)
            if weight < SMALL * total and leaves > rate:
                break
        if total > 1e250:  # the same in smaller numbers
            weight, total, waiting, queue = (value / 1e250 for value in (weight, total, waiting, queue))
    mean = queue / total / rate
    return Waiting(waiting / total, impatience * mean, mean)


def cobham(rates: Sequence[float], agents: int, service: float = 1.0) -> tuple[float, ...]:
    """Non-preemptive priorities, M/M/c, one service rate: mean wait of class k (0 goes first)

    W(k) = (P(wait)/cμ) / ((1 − σ(k−1))(1 − σ(k))),  σ(k) = (λ0 + … + λk)/cμ,  P(wait) of Erlang C at λ = Σ λk.

    Cobham, A. (1954), Operations Research 2, 70-76; with the correction of 1955, ibid. 3, 547.
    """
    base = erlang_c(math.fsum(rates), agents, service).waits / (agents * service)
    before, waits = 0.0, []
    for rate in rates:
        after = before + rate / (agents * service)
        waits.append(base / ((1.0 - before) * (1.0 - after)))
        before = after
    return tuple(waits)


def pollaczek_khinchine(rate: float, service: float = 1.0, shape: float = 1.0) -> float:
    """M/G/1 with gamma work of this shape k: E[wait] = ρ·(1 + 1/k) / (2·(μ − λ)).

    Pollaczek, F. (1930), Mathematische Zeitschrift 32, 64-100.
    """
    _check(rate, 1, service)
    if rate >= service:
        raise refuse("agents", f"One agent never empties a queue that brings work for {rate / service:g}.")
    return rate / service * (1.0 + 1.0 / shape) / (2.0 * (service - rate))


def _check(rate: float, agents: int, service: float) -> None:
    number("rate", rate, above=0.0)
    whole("agents", agents, least=1, most=100_000)
    number("service", service, above=0.0)
