"""Where the time of a complaint goes, by the stages of JIS Q 10002 / ISO 10002 clause 7. Pure.

The time from one step done to the next belongs to the stage of the step that it led to: until the receipt is
confirmed it is acknowledgement, from there to the first answer it is response. What passes after the last step of a
ticket that is not resolved yet belongs to no stage: it still waits.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from playbooks.core.statistics import Interval, t_interval

WAITING = "waiting"


def by_stage(opened_at: int, done: Iterable[tuple[int, str]], *, open_until: int | None = None) -> dict[str, int]:
    """Seconds of one ticket by stage, from (instant, stage) of its steps done. Steps done at once share nothing out:
    the first of them took the time. `open_until`: the moment of asking, for a ticket that is not resolved."""
    spent: dict[str, int] = {}
    last = opened_at
    for at, stage in sorted(done):
        spent[stage] = spent.get(stage, 0) + max(0, at - last)
        last = max(last, at)
    if open_until is not None and open_until > last:
        spent[WAITING] = open_until - last
    return spent


def means(tickets: Sequence[Mapping[str, int]], stages: Sequence[str]) -> dict[str, Interval]:
    """The mean time of a ticket in each stage; a ticket that never came to it counts with 0."""
    return {stage: t_interval([float(ticket.get(stage, 0)) for ticket in tickets]) for stage in stages}
