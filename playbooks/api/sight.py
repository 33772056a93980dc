"""Who sees what at the API: tickets by person, and of a ticket's log nothing that only the customer knows."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Q, QuerySet

from playbooks.models import Shift
from tickets.lifecycle import CATEGORY
from tickets.log import UNNOTICED
from tickets.models import Agent, Ticket, TicketEvent


def visible_tickets(agent: Agent) -> QuerySet[Ticket]:
    """A trainee sees assigned tickets and those of own shifts; a manager and a client see the desk."""
    if agent.sees_everything:
        return Ticket.objects.all()
    own_shift = Shift.objects.filter(clock=OuterRef("clock"), trainee=agent)
    return Ticket.objects.filter(Q(assignee=agent) | Q(Exists(own_shift)))


def visible_events(ticket: Ticket, agent: Agent) -> QuerySet[TicketEvent]:
    """The log as the desk can know it. A customer who has left in silence is still waited for until the
    ticket is resolved; a manager, who compares and does not handle, sees all of it."""
    events = TicketEvent.objects.filter(ticket=ticket)
    if agent.role == Agent.MANAGER or CATEGORY[ticket.status] == "resolved":
        return events
    return events.exclude(name__in=UNNOTICED)


def version_of(ticket: Ticket, agent: Agent) -> str:
    """What this person has seen of a ticket, as an entity tag: the newest line of the visible log."""
    newest = visible_events(ticket, agent).order_by("-seq").values_list("pk", flat=True).first()
    return f'"{newest}"'
