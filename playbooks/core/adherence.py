"""How each step of a playbook was kept: done in time, late, missed, or rightly left out and why. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from playbooks.core.rail import DONE, LEFT_OUT, MISSED

MET, LATE = "met", "late"
HOWS = (MET, LATE, MISSED, LEFT_OUT)


@dataclass(frozen=True, slots=True)
class Ended:
    """One step of one ticket that came to its end. Instants in seconds."""

    ticket: int
    step: str
    state: str  # done, missed, left_out
    due_at: int | None
    done_at: int | None
    met: bool | None  # by its hard limit
    reason: str


@dataclass(frozen=True, slots=True)
class Kept:
    """One step over many tickets."""

    met: int
    late: int
    missed: int
    left_out: int
    reasons: Mapping[str, int]  # of those left out, the most frequent first

    @property
    def judged(self) -> int:
        return self.met + self.late + self.missed


def how(step: Ended) -> str:
    """met: by the target; late: after it, by the hard limit; missed: later still, or never."""
    if step.state != DONE:
        return LEFT_OUT if step.state == LEFT_OUT else MISSED
    if step.due_at is None or step.done_at is None or step.done_at <= step.due_at:
        return MET
    return MISSED if step.met is False else LATE


def adherence(ended: Iterable[Ended]) -> dict[str, Kept]:
    """By key of the step."""
    counts: dict[str, Counter[str]] = {}
    reasons: dict[str, Counter[str]] = {}
    for step in ended:
        kind = how(step)
        counts.setdefault(step.step, Counter())[kind] += 1
        if kind == LEFT_OUT:
            reasons.setdefault(step.step, Counter())[step.reason] += 1
    return {
        key: Kept(
            found[MET], found[LATE], found[MISSED], found[LEFT_OUT], dict(reasons.get(key, Counter()).most_common())
        )
        for key, found in counts.items()
    }
