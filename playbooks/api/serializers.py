"""What the API shows and takes. Instants are ISO 8601 in UTC, durations whole seconds, money minor units."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from playbooks.core.case import REMEDIES
from playbooks.models import FollowUp, PlaybookRun, PlaybookVersion, StepRun, Survey
from tickets.clock import at
from tickets.lifecycle import CATEGORIES_OF_COMPLAINT, CHANNELS, PRIORITIES, STATUSES
from tickets.models import Agent, Comment, Ticket, TicketEvent
from tickets.strict import FitChoiceField, FitTextField, StrictSerializer

YEAR_2100 = 4_102_444_800


@extend_schema_field(serializers.DateTimeField)
class InstantField(serializers.Field):  # type: ignore[type-arg]
    """Whole seconds in the row, an ISO instant at the API."""

    default_error_messages = {"invalid": "An instant with its zone, such as 2026-09-07T09:00:00+09:00, before the year 2100."}

    def to_representation(self, value: int | None) -> str | None:
        moment = at(value)
        return moment.isoformat().replace("+00:00", "Z") if moment else None

    def to_internal_value(self, data: Any) -> int:
        try:
            moment = datetime.fromisoformat(data) if isinstance(data, str) and len(data) < 40 else None
            seconds = int(moment.timestamp()) if moment and moment.tzinfo else -1
        except (ValueError, OverflowError):
            seconds = -1
        if not 0 <= seconds < YEAR_2100:
            self.fail("invalid")
        return seconds


class TicketSerializer(serializers.ModelSerializer):  # type: ignore[type-arg]
    """A ticket as it stands."""

    status_category = serializers.CharField()
    requester = serializers.SerializerMethodField()
    assignee = serializers.CharField(source="assignee.username", default=None)
    clock = serializers.CharField(source="clock.key")
    playbook = serializers.SerializerMethodField()
    created_at = InstantField()
    updated_at = InstantField()
    next_deadline_at = InstantField()

    class Meta:
        model = Ticket
        fields = (
            "id", "number", "external_id", "subject", "description", "status", "status_category", "priority", "channel",
            "category", "language", "tags", "custom_fields", "requester", "assignee", "playbook", "clock", "created_at",
            "updated_at", "next_deadline_at", "follow_up_of",
        )  # fmt: skip

    def get_requester(self, ticket: Ticket) -> dict[str, Any]:
        customer = ticket.requester
        return {"id": customer.pk, "name": customer.name, "email": customer.email}

    def get_playbook(self, ticket: Ticket) -> str | None:
        runs = list(ticket.runs.all())
        return runs[-1].version.key if runs else None


class TicketChangeSerializer(StrictSerializer):
    """What may be changed on a ticket. `assignee` is an agent's name, or null for nobody."""

    subject = FitTextField(max_length=200, required=False)
    priority = FitChoiceField(choices=PRIORITIES, required=False)
    category = FitChoiceField(choices=CATEGORIES_OF_COMPLAINT, required=False)
    channel = FitChoiceField(choices=CHANNELS, required=False)
    tags = serializers.ListField(child=FitTextField(max_length=40), required=False, max_length=20)
    status = FitChoiceField(choices=STATUSES, required=False)
    assignee = FitTextField(max_length=150, required=False, allow_null=True)

    def validate_assignee(self, value: str | None) -> Agent | None:
        if value is None:
            return None
        agent = Agent.objects.filter(username=value, is_active=True).first()
        if agent is None:
            raise serializers.ValidationError("There is no such agent.", code="unknown_agent")
        return agent


class CommentSerializer(serializers.ModelSerializer):  # type: ignore[type-arg]
    at = InstantField()
    author = serializers.CharField(source="author.username", default=None)

    class Meta:
        model = Comment
        fields = ("id", "seq", "at", "author_type", "author", "public", "channel", "body", "facts")


class NewCommentSerializer(StrictSerializer):
    """A word on the ticket. `facts` declares what the text contains (apology parts, promise, question …)."""

    body = FitTextField()
    public = serializers.BooleanField(required=False, default=True)
    author_type = FitChoiceField(choices=("agent", "customer"), required=False, default="agent")
    channel = FitChoiceField(choices=CHANNELS, required=False)
    facts = serializers.DictField(required=False)
    seconds = serializers.IntegerField(required=False, min_value=0, max_value=14_400, help_text="Working time it took.")


class EventSerializer(serializers.ModelSerializer):  # type: ignore[type-arg]
    at = InstantField()
    agent = serializers.CharField(source="agent.username", default=None)

    class Meta:
        model = TicketEvent
        fields = ("seq", "at", "name", "actor", "agent", "data")


class InvestigationSerializer(StrictSerializer):
    seconds = serializers.IntegerField(required=False, min_value=0, max_value=14_400)


class RemedySerializer(StrictSerializer):
    kind = FitChoiceField(choices=REMEDIES)
    amount = serializers.IntegerField(required=False, min_value=0, max_value=10**9, help_text="Minor units of the ticket's currency.")
    promise_at = InstantField(required=False)
    conditional = serializers.BooleanField(required=False)
    seconds = serializers.IntegerField(required=False, min_value=0, max_value=14_400)


class LetterSerializer(StrictSerializer):
    body = FitTextField()
    facts = serializers.DictField(required=False)
    send_at = InstantField(required=False)
    seconds = serializers.IntegerField(required=False, min_value=0, max_value=14_400)


class GiftSerializer(StrictSerializer):
    amount = serializers.IntegerField(min_value=1, max_value=10**9)
    body = FitTextField(required=False, allow_blank=True)
    send_at = InstantField(required=False)
    seconds = serializers.IntegerField(required=False, min_value=0, max_value=14_400)


class NewFollowUpSerializer(StrictSerializer):
    """A message of one's own for a later time."""

    body = FitTextField()
    due_at = InstantField()
    facts = serializers.DictField(required=False)
    seconds = serializers.IntegerField(required=False, min_value=0, max_value=14_400)


class FollowUpSerializer(serializers.ModelSerializer):  # type: ignore[type-arg]
    due_at = InstantField()
    done_at = InstantField()

    class Meta:
        model = FollowUp
        fields = ("id", "ticket", "run", "step", "kind", "state", "due_at", "done_at", "reason", "attempts")


class SurveySerializer(serializers.ModelSerializer):  # type: ignore[type-arg]
    invited_at = InstantField()
    answered_at = InstantField()
    scale = serializers.SerializerMethodField()

    class Meta:
        model = Survey
        fields = ("id", "ticket", "metric", "round", "scale", "invited_at", "answered_at", "score")

    def get_scale(self, survey: Survey) -> list[int]:
        return list(Survey.SCALES[survey.metric])


class StepRunSerializer(serializers.ModelSerializer):  # type: ignore[type-arg]
    due_at = InstantField()
    latest_at = InstantField()
    done_at = InstantField()

    class Meta:
        model = StepRun
        fields = ("step", "state", "due_at", "latest_at", "done_at", "met", "reason")


class RunSerializer(serializers.ModelSerializer):  # type: ignore[type-arg]
    """One playbook on one ticket, with the steps that have come to their end."""

    playbook = serializers.CharField(source="version.key")
    version = serializers.IntegerField(source="version.version")
    started_at = InstantField()
    steps = StepRunSerializer(source="step_runs", many=True)

    class Meta:
        model = PlaybookRun
        fields = ("id", "ticket", "playbook", "version", "state", "assigned_by", "assignment", "started_at", "steps")


class PlaybookSerializer(serializers.ModelSerializer):  # type: ignore[type-arg]
    class Meta:
        model = PlaybookVersion
        fields = ("key", "version", "source")
