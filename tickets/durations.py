"""How long things took on a ticket, derived from its log alone.

Pure. Nothing is accumulated and nothing is read from a "last changed" column, so a later edit
cannot change history and a changed calendar cannot forget a pause. Every duration has two clocks,
calendar and business, in whole seconds; rounding is for whoever shows them.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from tickets.calendars import BusinessCalendar
from tickets.errors import Invalid
from tickets.lifecycle import (
    CATEGORY,
    NEW,
    ON_HOLD,
    OPEN,
    PENDING,
    STATUS_EVENTS,
    is_bot_reply,
    is_customer_word,
    is_human_reply,
    status_of,
)
from tickets.log import Event, Log, first_at

Interval = tuple[int, int]
Metric = Literal[
    "reply_time", "bot_reply_time", "human_reply_time", "first_resolution_time", "full_resolution_time",
]  # fmt: skip
ClockName = Literal["calendar", "business"]
_STATUS_NAMES = frozenset({"ticket.created", "ticket.reopened", *STATUS_EVENTS.values()})


@dataclass(frozen=True, slots=True)
class Span:
    """A duration on two clocks, in seconds. None: it has not come to its end (unanswered, unresolved).

    0 business seconds is an answer outside business hours, and a value like any other.
    """

    calendar: int | None = None
    business: int | None = None


@dataclass(frozen=True, slots=True)
class Wait:
    """The customer waiting for a human word: since `start`, until `end` (None: still waiting).

    `answered` is False where the ticket was solved or closed without one.
    """

    start: int
    end: int | None = None
    answered: bool = False


@dataclass(frozen=True, slots=True)
class Durations:
    """The metrics of one ticket, in Zendesk's shapes, with bot and human replies kept apart.

    Replies, from the opening of the ticket; reopening leaves them as they are:
    - `reply_time`: to the first public word of a bot or an agent; `bot_reply_time`,
      `human_reply_time`: to the first of each. Messages of the system (letters, surveys) are none.
    - `next_reply`: the last wait that began after the first human reply, to the human word that
      answered it; None while it lasts or where there was none.

    Resolution: `first_resolution_time` to the first solving, `full_resolution_time` to the last
    one, None while the ticket is not resolved. Nothing is subtracted from either.

    Waiting, summed over the whole life and still running up to `now` while unresolved:
    - `requester_wait_time`: in new, open and on_hold, where the customer waits for the desk;
    - `agent_wait_time`: in pending, where the desk waits for the customer;
    - `on_hold_time`: in on_hold, where both wait for a third party (part of the first as well).

    `unanswered`: no human has answered yet. `waiting_since`: since when the customer has been
    waiting for a human word, and `waiting` for how long so far; None where nobody waits.
    """

    reply_time: Span
    bot_reply_time: Span
    human_reply_time: Span
    next_reply: Span
    first_resolution_time: Span
    full_resolution_time: Span
    requester_wait_time: Span
    agent_wait_time: Span
    on_hold_time: Span
    reopens: int
    replies: int
    agent_seconds: int
    created_at: int
    acknowledged_at: int | None
    initially_assigned_at: int | None
    assigned_at: int | None
    first_solved_at: int | None
    solved_at: int | None
    closed_at: int | None
    unanswered: bool
    waiting_since: int | None
    waiting: Span


def durations(log: Log, *, now: int, calendar: BusinessCalendar) -> Durations:
    """Everything measurable about one ticket as it stands at `now`."""
    created = opened_at(log)
    bot = next((e.at for e in log if is_bot_reply(e)), None)
    human = next((e.at for e in log if is_human_reply(e)), None)
    acknowledged = min((at for at in (bot, human) if at is not None), default=None)
    solved, first_solved = solved_at(log), first_at(log, "ticket.solved")
    assigned = [e.at for e in log if e.name in ("ticket.assigned", "ticket.handed_over") and e.data.get("to")]
    waits = human_waits(log)
    waiting_since = waits[-1].start if waits and waits[-1].end is None else None

    def since_created(end: int | None) -> Span:
        return span(created, end, calendar)

    def spent_in(*statuses: str) -> Span:
        return total(status_intervals(log, statuses, now=now), calendar)

    return Durations(
        reply_time=since_created(acknowledged),
        bot_reply_time=since_created(bot),
        human_reply_time=since_created(human),
        next_reply=_next_reply(waits, first_human=human, calendar=calendar),
        first_resolution_time=since_created(first_solved),
        full_resolution_time=since_created(solved),
        requester_wait_time=spent_in(NEW, OPEN, ON_HOLD),
        agent_wait_time=spent_in(PENDING),
        on_hold_time=spent_in(ON_HOLD),
        reopens=sum(e.name == "ticket.reopened" for e in log),
        replies=sum(is_human_reply(e) for e in log),
        agent_seconds=sum(int(e.data.get("seconds", 0)) for e in log),
        created_at=created,
        acknowledged_at=acknowledged,
        initially_assigned_at=assigned[0] if assigned else None,
        assigned_at=assigned[-1] if assigned else None,
        first_solved_at=first_solved,
        solved_at=solved,
        closed_at=first_at(log, "ticket.closed"),
        unanswered=human is None,
        waiting_since=waiting_since,
        waiting=Span() if waiting_since is None else span(waiting_since, max(now, waiting_since), calendar),
    )


def opened_at(log: Log) -> int:
    """When the ticket was created."""
    created = first_at(log, "ticket.created")
    if created is None:
        raise Invalid("empty_log", "A log begins with ticket.created.")
    return created


def solved_at(log: Log) -> int | None:
    """When the ticket was last solved; None while it is not resolved, reopened ones included."""
    turns = [e for e in log if e.name in ("ticket.solved", "ticket.reopened")]
    return turns[-1].at if turns and turns[-1].name == "ticket.solved" else None


def status_intervals(log: Log, statuses: Collection[str], *, now: int) -> list[Interval]:
    """The times spent in these statuses, in order, the last one up to `now` where it still lasts."""
    intervals: list[Interval] = []
    status, since = None, opened_at(log)
    for event in log:
        following = _status_of_event(event)
        if following is None:
            continue
        if status in statuses and event.at > since:
            intervals.append((since, event.at))
        status, since = following, event.at
    if status in statuses and now > since:
        intervals.append((since, now))
    return intervals


def pauses(log: Log, *, now: int) -> list[Interval]:
    """When the desk waited for the customer: what a deadline with pauses leaves out."""
    return status_intervals(log, (PENDING,), now=now)


def human_waits(log: Log) -> list[Wait]:
    """Every wait of the customer for a human word, in order.

    One begins with the ticket, with the first word of the customer after an answer, and with
    each reopening. It ends with the next public word of an agent (a bot's does not count), or
    with the ticket being resolved. A courtesy that keeps the ticket closed begins none.
    """
    waits: list[Wait] = []
    resolved = False
    for event in log:
        status = _status_of_event(event)
        resolved = CATEGORY[status] == "resolved" if status else resolved
        waiting = bool(waits) and waits[-1].end is None
        if waiting and (is_human_reply(event) or resolved):
            waits[-1] = Wait(waits[-1].start, event.at, answered=is_human_reply(event))
        elif not waiting and not resolved and _begins_wait(event):
            waits.append(Wait(event.at))
    return waits


def span(start: int, end: int | None, calendar: BusinessCalendar) -> Span:
    """From `start` to `end` on both clocks; without an end, a span of None."""
    return Span() if end is None else Span(end - start, calendar.seconds_between(start, end))


def total(intervals: Iterable[Interval], calendar: BusinessCalendar) -> Span:
    """The sum of intervals on both clocks."""
    intervals = list(intervals)
    return Span(sum(b - a for a, b in intervals), sum(calendar.seconds_between(a, b) for a, b in intervals))


def share_within(
    measured: Sequence[Durations],
    target_seconds: int,
    *,
    metric: Metric = "human_reply_time",
    clock: ClockName = "calendar",
) -> float | None:
    """The share of tickets that met a target, every ticket in the denominator; None of no tickets.

    An unanswered ticket has not met it. To leave out those whose time is not yet up is the
    caller's choice, made in the open by passing fewer of them.
    """
    values = [getattr(getattr(d, metric), clock) for d in measured]
    return sum(v is not None and v <= target_seconds for v in values) / len(values) if values else None


def quantile_counting_unanswered(values: Sequence[int | None], q: float) -> int | None:
    """The smallest time by which at least the share `q` was answered; None stands for "not yet".

    Unanswered ones (None) count as longer than any time. Without interpolation, as where a
    Kaplan-Meier curve crosses: halfway to an unanswered one is no time. None as well where the
    quantile falls on an unanswered ticket, or where there are no values.
    """
    if not 0 <= q <= 1:
        raise Invalid("quantile_range", "A quantile lies between 0 and 1.", field="q")
    answered = sorted(v for v in values if v is not None)
    rank = max(1, math.ceil(q * len(values) - 1e-9))  # 0.55 * 100 is a hair above 55
    return answered[rank - 1] if rank <= len(answered) else None


def median_counting_unanswered(values: Sequence[int | None]) -> int | None:
    return quantile_counting_unanswered(values, 0.5)


def p90_counting_unanswered(values: Sequence[int | None]) -> int | None:
    return quantile_counting_unanswered(values, 0.9)


def _status_of_event(event: Event) -> str | None:
    """The status this event leads to, or None where it changes none."""
    return status_of([event]) if event.name in _STATUS_NAMES else None


def _begins_wait(event: Event) -> bool:
    if event.name in ("ticket.created", "ticket.reopened"):
        return True
    return is_customer_word(event) and not event.data.get("facts", {}).get("keeps_closed")


def _next_reply(waits: Sequence[Wait], *, first_human: int | None, calendar: BusinessCalendar) -> Span:
    later = [w for w in waits[1:] if first_human is not None and w.start >= first_human]
    return span(later[-1].start, later[-1].end, calendar) if later and later[-1].answered else Span()
