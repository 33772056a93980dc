"""Small worlds for the tests of the driver: a clock on which customers come in and automatic agents work."""

from __future__ import annotations

from typing import Any

from playbooks import rehearsal
from playbooks.intake import Complaint, take_in
from playbooks.models import FollowUp, Reaction
from tickets.models import Clock, Ticket

START = rehearsal.START  # Monday 2026-09-07 09:00 in Tokyo and Seoul
MINUTE, HOUR, DAY = 60, 3_600, 86_400


def complaint(ordinal: int, **fields: Any) -> Complaint:
    language = ("ja", "ko", "en")[ordinal % 3]
    return Complaint(
        **{
            "description": f"Order {ordinal} has not come, and nobody answers.",
            "external_id": f"c{ordinal}",
            "language": language,
            "channel": ("email", "chat")[ordinal % 2],
            "category": "delivery_delay",
            "seed": 5,
            **fields,
        }
    )


def led_clock(count: int = 2, *, arm: str = rehearsal.definitions.LETTER, staff: int = 1, key: str = "led") -> Clock:
    """A clock that stands at START: customers will come in, agents will work. One arm of a rehearsal."""
    laid_out = rehearsal.prepare([complaint(n) for n in range(count)], key=key, seed=5, days=40, staff=staff)
    return laid_out.clocks.get(key=f"{key}/{arm}")


def case_on(clock: Clock, **fields: Any) -> Ticket:
    """A ticket that came in at the clock's instant."""
    return take_in(complaint(0, **fields), clock=clock, now=clock.sim_at).ticket


def trace(clock: Clock) -> list[str]:
    """All that happened and was said on a clock, one line each."""
    return [*rehearsal.trace_lines(clock), *rehearsal.said_lines(clock)]


def pending(clock: Clock) -> list[tuple[int, int, str]]:
    """What is still due: follow-ups and reactions."""
    promised = FollowUp.objects.filter(clock=clock, state="pending").values_list("due_at", "number", "step")
    intended = Reaction.objects.filter(clock=clock, state="pending").values_list("due_at", "number", "key")
    return sorted([*promised, *intended])
