"""How content the customer was over time: at each moment at which something came, and while they waited."""

from __future__ import annotations

from playbooks.core.customer.experience import experience_of, visible
from playbooks.core.debrief.handling import Handling
from playbooks.core.debrief.shapes import Point
from tickets.log import Event

CURVE_POINTS = 40


def points_of(view: Handling) -> tuple[Point, ...]:
    """One point for each moment at which something reached the customer."""
    places = {id(event): i for i, event in enumerate(view.log)}
    moments: dict[int, list[Event]] = {}
    for event in visible(view.log, until=view.at):
        moments.setdefault(event.at, []).append(event)
    return tuple(
        Point(
            at,
            _satisfaction_at(view, at),
            tuple(event.name for event in events),
            tuple(places[id(event)] for event in events),
        )
        for at, events in moments.items()
    )


def curve_of(view: Handling) -> tuple[tuple[int, float], ...]:
    """Satisfaction while time passes: evenly on a logarithmic axis, with every moment at which something came."""
    start = view.log[0].at
    span = max(view.at - start, 1)
    waits = {round(span ** (n / CURVE_POINTS)) for n in range(CURVE_POINTS + 1)}
    moments = sorted({start + wait for wait in waits} | {event.at for event in visible(view.log, until=view.at)})
    found: list[tuple[int, float]] = []
    for at in moments:
        if at - 1 > start and any(event.at == at for event in view.log):
            found.append((at - 1, _satisfaction_at(view, at - 1)))  # just before, so that it shows as a step
        found.append((at, _satisfaction_at(view, at)))
    return tuple(found)


def _satisfaction_at(view: Handling, at: int) -> float:
    known = [event for event in view.log if event.at <= at]
    return float(view.feel(experience_of(view.case, known, until=at)).satisfaction)
