"""What a row is, and what it can never be. What happens next stands in actions.

Instants on a simulated clock are kept as whole seconds since the epoch (`…_at` integers): both
databases keep them exactly, and two drivers compare them to the digit. Wall time is named `wall_…`
or belongs to django.contrib.
"""

from __future__ import annotations

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import F, Q

from tickets import lifecycle, log


def one_of(field: str, values: tuple[str, ...], name: str) -> models.CheckConstraint:
    """A constraint the database keeps: choices alone would accept anything."""
    return models.CheckConstraint(condition=Q(**{f"{field}__in": values}), name=name)


def choices(values: tuple[str, ...]) -> list[tuple[str, str]]:
    return [(value, value) for value in values]


ROLES = ("trainee", "manager", "client", "automatic")


class Agent(AbstractUser):
    """Somebody who handles tickets, teaches, or reads through the API. Signs in by key, not by password."""

    TRAINEE, MANAGER, CLIENT, AUTOMATIC = ROLES

    date_joined = None  # type: ignore[assignment]  # wall time would slip in by default

    role = models.CharField(max_length=12, choices=choices(ROLES), default=TRAINEE)
    language = models.CharField(max_length=2, default="en")

    class Meta:
        constraints = [one_of("role", ROLES, "agent_role")]

    @property
    def sees_everything(self) -> bool:
        return self.role in (self.MANAGER, self.CLIENT)


class Clock(models.Model):
    """How simulated time runs on a desk, a shift or a rehearsal. Read it through tickets/clock.py."""

    MAIN = "main"

    key = models.CharField(max_length=80, unique=True)
    main = models.BooleanField(default=False)
    sim_at = models.BigIntegerField(default=0)
    wall_at = models.FloatField(default=0.0)
    speed = models.PositiveIntegerField(default=1)
    running = models.BooleanField(default=False)
    typing_until = models.FloatField(null=True, blank=True)
    seen_wall_at = models.FloatField(null=True, blank=True)
    # A clock that workers shall bring forward by itself (rehearsals): until when.
    target_at = models.BigIntegerField(null=True, blank=True)
    switches = models.JSONField(default=dict, blank=True)  # of the customer model; empty: as it comes
    last_number = models.PositiveIntegerField(default=0)  # of the tickets opened on it
    # One holder at a time advances it; a dead holder's lease runs out (wall seconds).
    holder = models.CharField(max_length=80, blank=True, default="")
    wall_lease_until = models.FloatField(default=0.0)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(speed__gte=1), name="clock_speed")]

    def __str__(self) -> str:
        return self.key


class Customer(models.Model):
    """Who complains."""

    name = models.CharField(max_length=120)
    email = models.EmailField(blank=True, default="")
    language = models.CharField(max_length=2, default="en")
    culture = models.CharField(max_length=12, default="")

    def __str__(self) -> str:
        return self.name


class Ticket(models.Model):
    """One customer problem. Its status is written in tickets/actions.py alone."""

    clock = models.ForeignKey(Clock, on_delete=models.PROTECT, related_name="tickets")
    number = models.PositiveIntegerField()  # on its clock: 1, 2, 3 …
    external_id = models.CharField(max_length=200, null=True, blank=True)
    subject = models.CharField(max_length=200)
    description = models.TextField()
    status = models.CharField(max_length=8, choices=choices(lifecycle.STATUSES), default=lifecycle.NEW)
    priority = models.CharField(max_length=8, choices=choices(lifecycle.PRIORITIES), default="normal")
    channel = models.CharField(max_length=12, choices=choices(lifecycle.CHANNELS), default="api")
    category = models.CharField(max_length=20, choices=choices(lifecycle.CATEGORIES_OF_COMPLAINT), default="other")
    language = models.CharField(max_length=2, default="en")
    tags = models.JSONField(default=list, blank=True)
    custom_fields = models.JSONField(default=dict, blank=True)
    requester = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="tickets")
    assignee = models.ForeignKey(Agent, null=True, blank=True, on_delete=models.SET_NULL, related_name="tickets")
    submitter = models.ForeignKey(Agent, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    follow_up_of = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.BigIntegerField()
    updated_at = models.BigIntegerField()
    # The queue is ordered by it; what it is, a playbook decides and tickets.actions writes.
    next_deadline_at = models.BigIntegerField(null=True, blank=True)
    last_seq = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            one_of("status", lifecycle.STATUSES, "ticket_status"),
            one_of("priority", lifecycle.PRIORITIES, "ticket_priority"),
            one_of("channel", lifecycle.CHANNELS, "ticket_channel"),
            one_of("category", lifecycle.CATEGORIES_OF_COMPLAINT, "ticket_category"),
            models.UniqueConstraint(fields=["clock", "number"], name="ticket_number"),
            models.UniqueConstraint(fields=["clock", "external_id"], name="ticket_external_id"),
        ]
        indexes = [
            models.Index(F("created_at").desc(), F("id").desc(), name="ticket_newest"),
            models.Index(fields=["assignee", "status", "next_deadline_at"], name="ticket_queue"),
            models.Index(fields=["clock", "status"], name="ticket_clock_status"),
            models.Index(fields=["updated_at"], name="ticket_updated"),
        ]

    def __str__(self) -> str:
        return f"#{self.number} {self.subject}"

    @property
    def status_category(self) -> str:
        return lifecycle.CATEGORY[self.status]


class Comment(models.Model):
    """One thing said on a ticket."""

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="comments")
    seq = models.PositiveIntegerField()  # of the event that it came with
    at = models.BigIntegerField()
    author_type = models.CharField(max_length=8, choices=choices(log.ACTORS))
    author = models.ForeignKey(Agent, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    public = models.BooleanField(default=True)
    channel = models.CharField(max_length=12, choices=choices(lifecycle.CHANNELS))
    body = models.TextField()
    facts = models.JSONField(default=dict, blank=True)

    class Meta:
        constraints = [
            one_of("author_type", log.ACTORS, "comment_author_type"),
            one_of("channel", lifecycle.CHANNELS, "comment_channel"),
            models.UniqueConstraint(fields=["ticket", "seq"], name="comment_seq"),
        ]
        ordering = ("seq",)


class TicketEvent(models.Model):
    """One line of a ticket's log: append-only. Every duration and every outcome derives from these."""

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="events")
    seq = models.PositiveIntegerField()
    at = models.BigIntegerField()
    name = models.CharField(max_length=32)
    actor = models.CharField(max_length=8, choices=choices(log.ACTORS))
    agent = models.ForeignKey(Agent, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    data = models.JSONField(default=dict, blank=True)

    class Meta:
        constraints = [
            one_of("actor", log.ACTORS, "event_actor"),
            one_of("name", tuple(log.EVENT_NAMES), "event_name"),
            models.UniqueConstraint(fields=["ticket", "seq"], name="event_seq"),
        ]
        ordering = ("seq",)

    def as_value(self) -> log.Event:
        return log.Event(self.at, self.name, self.actor, self.data)
