"""What time it is on this desk: the only place that reads the wall clock.

A Clock row says how simulated time runs: from an anchor (simulated instant, wall instant) at a
speed. The main desk's clock runs at speed 1 on real time. A shift's clock can be paused, sped up
and jumped; it stands still while somebody types (`typing_until`), so that a slow writer is not
punished. Simulated instants are whole seconds since the epoch, UTC.

Everything below the edges takes `now` as a parameter.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime

from django.db import transaction
from django.db.models import Max

from tickets.models import Clock, Ticket

TYPING_HOLD = 4.0  # wall seconds that one sign of typing holds the clock
LONGEST_JUMP = 400 * 86_400
SPEEDS = (1, 10, 60, 300, 1800)


def wall() -> float:
    """Wall time, seconds since the epoch. For leases, limits and expiry: name such variables `wall_…`."""
    return time.time()


def utcnow() -> datetime:
    """Wall time as an aware datetime, for tables that are not part of the simulated world."""
    return datetime.fromtimestamp(time.time(), UTC)


def instant(clock: Clock, *, wall_now: float) -> int:
    """The simulated second that it is on this clock at this wall time."""
    if clock.main:
        return int(wall_now)
    if not clock.running:
        return clock.sim_at
    since = max(clock.wall_at, clock.typing_until or 0.0)
    return clock.sim_at + int(clock.speed * max(0.0, wall_now - since))


def main_clock() -> Clock:
    """The main desk's clock; made at the first call."""
    clock, _ = Clock.objects.get_or_create(key=Clock.MAIN, defaults={"main": True, "running": True, "speed": 1})
    return clock


def _anchor(clock: Clock, *, wall_now: float, at_least: int = 0, **changes: object) -> Clock:
    """Move the anchor to now, but not before `at_least`, and change how the clock runs from here.

    From the row as it is now, locked: whoever read it before somebody else's jump would turn it back.
    """
    with transaction.atomic():
        row = Clock.objects.select_for_update(no_key=True).get(pk=clock.pk)
        wall_at = max(wall_now, row.wall_at)
        sim_at = max(instant(row, wall_now=wall_at), at_least)
        changes = {"sim_at": sim_at, "wall_at": wall_at, "typing_until": None, **changes}
        Clock.objects.filter(pk=row.pk).update(**changes)
    for name, value in {"running": row.running, "speed": row.speed, **changes}.items():
        setattr(clock, name, value)
    return clock


def pause(clock: Clock, *, wall_now: float) -> Clock:
    return _anchor(clock, wall_now=wall_now, running=False)


def resume(clock: Clock, *, wall_now: float) -> Clock:
    return _anchor(clock, wall_now=wall_now, running=True)


def set_speed(clock: Clock, speed: int, *, wall_now: float) -> Clock:
    return _anchor(clock, wall_now=wall_now, speed=speed)


def set_instant(clock: Clock, sim_at: int, *, wall_now: float) -> Clock:
    """Move the hand forward to `sim_at`; never back. What falls due on the way is the driver's business."""
    return _anchor(clock, wall_now=wall_now, at_least=sim_at)


def hold_for_typing(clock: Clock, *, wall_now: float) -> Clock:
    """Somebody types: the clock stands until TYPING_HOLD wall seconds from now."""
    if clock.main or not clock.running:
        return clock
    return _anchor(clock, wall_now=wall_now, typing_until=wall_now + TYPING_HOLD)


def pause_after_stop() -> int:
    """At the start of the desk: clocks that ran when it stopped go back to when it was last seen, paused.

    But not before what has already happened on them. The main clock is real time and catches up.
    Returns how many clocks were paused.
    """
    paused = 0
    for clock in Clock.objects.filter(main=False, running=True):
        happened = Ticket.objects.filter(clock=clock).aggregate(last=Max("updated_at"))["last"] or 0
        _anchor(clock, wall_now=clock.seen_wall_at or clock.wall_at, at_least=happened, running=False)
        paused += 1
    return paused


def at(instant_seconds: int | None) -> datetime | None:
    """Whole seconds since the epoch as an aware datetime, for rows and pages."""
    return None if instant_seconds is None else datetime.fromtimestamp(instant_seconds, UTC)


def seconds(moment: datetime) -> int:
    """An aware datetime as whole seconds since the epoch."""
    return int(moment.timestamp())
