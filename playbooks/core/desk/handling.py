"""What a playbook asks of the agents of a simulated desk: the work of each step, and when a ticket comes back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise

from playbooks.core.desk.checks import distinct, number, refuse

MOST_STEPS = 12
SHAPE = 4.0  # of the gamma spread of work; assumed, science of the load crossover


@dataclass(frozen=True, slots=True)
class FollowUpStep:
    """A later step that puts a ticket back into the queue. Same name in two playbooks: the same draws.

    `share` of all served tickets come back; `delay_h` after the end of their first handling (or spread evenly up
    to `delay_to_h`), and never before the step before has ended. `ticket_class` decides who goes first in the
    queue; None keeps the ticket's own.
    """

    name: str
    work_min: float
    delay_h: float
    delay_to_h: float | None = None
    share: float = 1.0
    shape: float = SHAPE
    ticket_class: str | None = None

    def __post_init__(self) -> None:
        number("follow_ups.work_min", self.work_min, above=0.0)
        number("follow_ups.delay_h", self.delay_h)
        number("follow_ups.share", self.share, most=1.0)
        number("follow_ups.shape", self.shape, above=0.0, most=1000.0)
        if self.delay_to_h is not None:
            number("follow_ups.delay_to_h", self.delay_to_h, least=self.delay_h)
        if not self.name or "/" in self.name:
            raise refuse("follow_ups.name", "A follow-up has a name, without '/'.")


@dataclass(frozen=True, slots=True)
class Handling:
    """One class of tickets under a playbook: minutes of the first handling (mean; gamma of this shape), a receipt
    by the bot at once or not, and the steps that follow, in their order."""

    work_min: float
    shape: float = SHAPE
    acknowledges: bool = True
    follow_ups: tuple[FollowUpStep, ...] = ()

    def __post_init__(self) -> None:
        number("work_min", self.work_min, above=0.0)
        number("shape", self.shape, above=0.0, most=1000.0)
        distinct("follow_ups", (step.name for step in self.follow_ups))
        if len(self.follow_ups) > MOST_STEPS:
            raise refuse("follow_ups", f"A playbook has at most {MOST_STEPS} follow-ups.")
        if any(one.delay_h > two.delay_h for one, two in pairwise(self.follow_ups)):
            raise refuse("follow_ups", "Follow-ups stand in the order of their delays.")

    def total_min(self) -> float:
        """Expected minutes of work for one served ticket, follow-ups and all."""
        return self.work_min + sum(step.share * step.work_min for step in self.follow_ups)


@dataclass(frozen=True, slots=True)
class Timing:
    """A playbook as the queue sees it: one Handling, and others for the classes of tickets that differ."""

    name: str
    handling: Handling
    by_class: Mapping[str, Handling] = field(default_factory=dict)

    def of(self, ticket_class: str) -> Handling:
        return self.by_class.get(ticket_class, self.handling)
