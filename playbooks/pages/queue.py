"""Who may see which ticket, what the clock says, and the queue by what breaches next. Nothing is written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import F, Max, Q, QuerySet

from playbooks.pages import wording
from playbooks.pages.wording import say
from tickets import clock as clocks
from tickets import lifecycle
from tickets.errors import NotFound
from tickets.models import Agent, Clock, Ticket
from tickets.templatetags.desk_format import ZONES

QUEUE_LENGTH = 100


@dataclass(frozen=True, slots=True)
class ClockFace:
    """The clock at the top: one reading, carried on by the page's script."""

    pk: int
    at: int
    speed: int
    running: bool
    main: bool
    led: bool  # by a rehearsal: nobody turns it by hand
    zone: str


@dataclass(frozen=True, slots=True)
class QueueLine:
    """One ticket of the queue."""

    pk: int
    number: int
    who: str
    what: str
    language: str
    status: str
    status_words: str
    resolved: bool
    unread: bool
    start: int
    due_at: int | None
    overdue: bool
    current: bool
    waits_since: int | None  # since when the customer has waited for a word of a person
    unheard: bool  # no person has ever answered


# --- who may see what --------------------------------------------------------------------------


def tickets_of(agent: Agent) -> QuerySet[Ticket]:
    """The tickets this person may see: a trainee's own shifts and assigned tickets, a manager's all."""
    if agent.sees_everything:
        return Ticket.objects.all()
    return Ticket.objects.filter(Q(assignee=agent) | Q(clock__shift__trainee=agent))


def ticket_for(agent: Agent, pk: int) -> Ticket:
    """A ticket this person may see, with its rows at hand; NotFound otherwise."""
    ticket = (
        tickets_of(agent)
        .select_related("clock", "clock__shift", "requester", "assignee", "case_file")
        .filter(pk=pk)
        .first()
    )
    if ticket is None:
        raise NotFound("no_ticket", "There is no such ticket, or not for you.", field="ticket")
    return ticket


@dataclass(frozen=True, slots=True)
class Pulse:
    """The one cheap look that polling takes: how far the log has come, and what the clock says."""

    last_seq: int
    clock: Clock


def pulse(agent: Agent, pk: int) -> Pulse:
    """One query by primary key; it also checks who asks."""
    row = (
        Ticket.objects.filter(pk=pk)
        .select_related("clock")
        .only("last_seq", "assignee_id", "clock__sim_at", "clock__wall_at", "clock__speed", "clock__running",
              "clock__main", "clock__typing_until")
        .annotate(trainee=F("clock__shift__trainee"))
        .first()
    )  # fmt: skip
    if row is None or not (agent.sees_everything or agent.pk in (row.assignee_id, row.trainee)):
        raise NotFound("no_ticket", "There is no such ticket, or not for you.", field="ticket")
    return Pulse(row.last_seq, row.clock)


def face_of(clock: Clock, *, zone: str) -> ClockFace:
    at = clocks.instant(clock, wall_now=clocks.wall())
    led = clock.target_at is not None
    return ClockFace(clock.pk, at, clock.speed, clock.running or clock.main, clock.main, led, zone)


# --- the queue ---------------------------------------------------------------------------------


def queue_of(
    agent: Agent, clock: Clock, *, now: int, current: int | None = None, seen: Mapping[str, int] | None = None
) -> tuple[QueueLine, ...]:
    """The tickets of a clock by what breaches next; what is over stands last. One query."""
    rows = (
        tickets_of(agent)
        .filter(clock=clock)
        .annotate(
            said=Max("comments__seq", filter=Q(comments__author_type="customer")),
            said_at=Max("comments__at", filter=Q(comments__author_type="customer")),
            answered_at=Max("comments__at", filter=Q(comments__author_type="agent", comments__public=True)),
            name=F("requester__name"),
        )
        .order_by(F("next_deadline_at").asc(nulls_last=True), "-updated_at", "pk")
    )
    if clock.main and agent.sees_everything:
        rows = rows.exclude(status=lifecycle.CLOSED)
    lines = [_queue_line(row, now=now, current=current, seen=seen or {}) for row in rows[:QUEUE_LENGTH]]
    return tuple(sorted(lines, key=lambda line: line.resolved))


def _queue_line(row: Any, *, now: int, current: int | None, seen: Mapping[str, int]) -> QueueLine:
    resolved = row.status_category == "resolved"
    due_at = None if resolved else row.next_deadline_at
    waits_since = _waits_since(row) if row.status_category == "open" else None
    return QueueLine(
        pk=row.pk,
        number=row.number,
        who=row.name,
        what=row.subject,
        language=row.language,
        status=row.status,
        status_words=say(wording.STATUS, row.status),
        resolved=resolved,
        unread=(row.said or 0) > seen.get(str(row.pk), 0) and row.pk != current,
        start=row.created_at,
        due_at=due_at,
        overdue=due_at is not None and now > due_at,
        current=row.pk == current,
        waits_since=waits_since,
        unheard=waits_since is not None and row.answered_at is None,
    )


def _waits_since(row: Any) -> int | None:
    """A customer nobody ever answered waits since the beginning; another since the last word without an answer."""
    if row.answered_at is None:
        return int(row.created_at)
    return int(row.said_at) if row.said_at and row.said_at > row.answered_at else None


def clock_zone(clock: Clock) -> str:
    """The zone a desk shows: that of the hours it works by; the main desk serves all languages and shows UTC."""
    shift = getattr(clock, "shift", None)
    return ZONES.get((shift.settings or {}).get("language", ""), "UTC") if shift else "UTC"
