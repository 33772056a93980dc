"""What happens on a ticket: the one writer of its status and of its log.

Every action takes `now` (whole seconds on the ticket's clock), runs in one transaction and leaves
its events. Two people acting at once: the second finds `last_seq` moved on and is told so.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F

from tickets import lifecycle
from tickets.errors import Conflict, Invalid
from tickets.log import AGENT, SYSTEM, UNNOTICED, Event
from tickets.models import Agent, Clock, Comment, Customer, Ticket, TicketEvent
from tickets.texts import LONGEST_LINE, first_line, fit_text

FARTHEST = 4_102_444_800  # 2100-01-01 UTC: no instant of the desk lies beyond


def open_ticket(
    *,
    clock: Clock,
    requester: Customer,
    description: str,
    now: int,
    opening: Sequence[Event],
    subject: str = "",
    channel: str = "api",
    priority: str = "normal",
    category: str = "other",
    language: str = "en",
    tags: Sequence[str] = (),
    custom_fields: Mapping[str, Any] | None = None,
    external_id: str | None = None,
    assignee: Agent | None = None,
    submitter: Agent | None = None,
    follow_up_of: Ticket | None = None,
) -> Ticket:
    """A new ticket with its first events (`opening`: created, and the customer's first words)."""
    description = fit_text(description, field="description")
    subject = fit_text(subject, field="subject", longest=LONGEST_LINE, empty=True) or first_line(description)
    with transaction.atomic():
        Clock.objects.filter(pk=clock.pk).update(last_number=F("last_number") + 1)
        number = Clock.objects.values_list("last_number", flat=True).get(pk=clock.pk)
        ticket = Ticket(
            clock=clock,
            number=number,
            external_id=external_id,
            subject=subject,
            description=description,
            priority=priority,
            channel=channel,
            category=category,
            language=language,
            tags=list(tags),
            custom_fields=dict(custom_fields or {}),
            requester=requester,
            submitter=submitter,
            follow_up_of=follow_up_of,
            created_at=now,
            updated_at=now,
        )
        try:
            with transaction.atomic():
                ticket.save(force_insert=True)
        except IntegrityError as error:
            if external_id is None:
                raise
            raise Conflict(
                "external_id_taken", f"A ticket with external_id '{external_id}' exists already.", field="external_id"
            ) from error
        ticket = append(ticket, opening, bodies=[description])
        if assignee is not None:
            ticket = assign_ticket(ticket, assignee, by=None, now=now)
    return ticket


def append(
    ticket: Ticket,
    events: Iterable[Event],
    *,
    bodies: Sequence[str] = (),
    agent: Agent | None = None,
    next_deadline_at: int | str | None = "as it was",
) -> Ticket:
    """Append events to the log, with the text of each comment among them, and let the status follow.

    Compare-and-set on `last_seq`: raises Conflict when somebody else was faster. Returns the ticket
    as it is now; nothing is half-written.
    """
    new = list(events)
    deadline = ticket.next_deadline_at if next_deadline_at == "as it was" else next_deadline_at
    if not new and deadline == ticket.next_deadline_at:
        return ticket
    status = _status_after(ticket.status, new)
    updated_at = max([ticket.updated_at, *(event.at for event in new if event.name not in UNNOTICED)])
    last_seq = ticket.last_seq + len(new)
    lines, comments = _rows(ticket, new, bodies, agent)
    with transaction.atomic(savepoint=False):
        won = Ticket.objects.filter(pk=ticket.pk, last_seq=ticket.last_seq).update(
            status=status, updated_at=updated_at, last_seq=last_seq, next_deadline_at=deadline
        )
        if won:
            TicketEvent.objects.bulk_create(lines)
            Comment.objects.bulk_create(comments)
    if not won:
        raise Conflict("changed_meanwhile", "Somebody else has just acted on this ticket. Look again.", field="ticket")
    ticket.status, ticket.updated_at, ticket.last_seq, ticket.next_deadline_at = status, updated_at, last_seq, deadline
    return ticket


def _rows(
    ticket: Ticket, events: Sequence[Event], bodies: Sequence[str], agent: Agent | None
) -> tuple[list[TicketEvent], list[Comment]]:
    """The log lines of these events, and the comments that came with them."""
    rows, said, texts = [], [], iter(bodies)
    for seq, event in enumerate(events, start=ticket.last_seq + 1):
        by = agent if event.actor == AGENT else None
        data = dict(event.data)
        rows.append(
            TicketEvent(ticket=ticket, seq=seq, at=event.at, name=event.name, actor=event.actor, agent=by, data=data)
        )
        if event.name == "comment.created":
            said.append(
                Comment(
                    ticket=ticket,
                    seq=seq,
                    at=event.at,
                    author_type=event.actor,
                    author=by,
                    public=data["public"],
                    channel=data["channel"],
                    body=next(texts),
                    facts=data["facts"],
                )
            )
    return rows, said


def _status_after(status: str, events: Sequence[Event]) -> str:
    """The status these events lead to; a step that the transition map does not declare is refused."""
    for event in events:
        if "to" in event.data and "from" in event.data:
            if event.data["from"] != status:
                raise Conflict(
                    "changed_meanwhile", f"The ticket is {status}, not {event.data['from']}.", field="status"
                )
            lifecycle.status_event(status, event.data["to"], at=event.at, actor=event.actor)
            status = event.data["to"]
    return status


def assign_ticket(ticket: Ticket, agent: Agent | None, *, by: Agent | None, now: int, reason: str = "") -> Ticket:
    """Give the ticket to an agent, or to nobody."""
    if ticket.status == lifecycle.CLOSED:
        raise Conflict("ticket_closed", "This ticket is closed; it cannot be assigned.", field="assignee")
    if agent is not None and agent.role == Agent.CLIENT:
        raise Invalid("not_an_agent", f"'{agent.username}' is a REST client and handles no tickets.", field="assignee")
    name = "ticket.handed_over" if reason else "ticket.assigned"
    data = {"to": agent.username if agent else None, "by": by.username if by else None}
    if reason:
        data["reason"] = fit_text(reason, field="reason", longest=LONGEST_LINE)
    with transaction.atomic():
        ticket = append(ticket, [Event(now, name, AGENT if by else SYSTEM, data)], agent=by)
        Ticket.objects.filter(pk=ticket.pk).update(assignee=agent)
    ticket.assignee = agent
    return ticket


UPDATABLE = ("subject", "priority", "category", "tags", "custom_fields", "channel")


def update_ticket(ticket: Ticket, changes: Mapping[str, Any], *, agent: Agent | None, now: int) -> Ticket:
    """Change plain fields; the event says each old and new value. Times and status are never among them."""
    for name in changes:
        if name not in UPDATABLE:
            raise Invalid("not_updatable", f"{name} cannot be changed. Changeable: {', '.join(UPDATABLE)}.", field=name)
    changed = {name: value for name, value in changes.items() if getattr(ticket, name) != value}
    if not changed:
        return ticket
    data = {"changes": {name: [getattr(ticket, name), value] for name, value in changed.items()}}
    with transaction.atomic():
        ticket = append(ticket, [Event(now, "ticket.updated", AGENT, data)], agent=agent)
        Ticket.objects.filter(pk=ticket.pk).update(**changed)
    for name, value in changed.items():
        setattr(ticket, name, value)
    return ticket


def find_customer(*, name: str, email: str = "", language: str = "en", culture: str = "") -> Customer:
    """The customer with this address, or a new one. Without an address nobody can be told apart, so a new one."""
    name = fit_text(name, field="requester.name", longest=120)
    if email:
        known = Customer.objects.filter(email=email).order_by("pk").first()
        if known is not None:
            return known
    return Customer.objects.create(name=name, email=email, language=language, culture=culture)


def log_of(ticket: Ticket) -> list[Event]:
    """The ticket's whole log as values, in order."""
    rows = TicketEvent.objects.filter(ticket=ticket).order_by("seq").values_list("at", "name", "actor", "data")
    return [Event(*row) for row in rows]
