"""When a customer is awake: patience runs and words are written between morning and late evening, local time."""

from __future__ import annotations

from playbooks.core.customer.evidence import E

DAY = 86_400
MORNING: int = round(E.talk.day_begins_h * 3600)
AWAKE: int = round((E.talk.day_ends_h - E.talk.day_begins_h) * 3600)  # seconds a day
FIRST_LOOK: int = round(E.talk.morning_s)


def after_awake(at: int, seconds: int, *, utc_offset: int) -> int:
    """The instant at which `seconds` of waking time have passed since `at`."""
    day, second = divmod(at + utc_offset, DAY)
    lived = day * AWAKE + min(max(second - MORNING, 0), AWAKE)
    day, rest = divmod(lived + seconds, AWAKE)
    return day * DAY + MORNING + rest - utc_offset


def when_awake(at: int, *, utc_offset: int, u: float) -> int:
    """`at` itself in the daytime; else some time after the next waking, told by `u`."""
    day, second = divmod(at + utc_offset, DAY)
    if MORNING <= second < MORNING + AWAKE:
        return at
    day += second >= MORNING + AWAKE
    return day * DAY + MORNING + int(u * FIRST_LOOK) - utc_offset
