"""What the API shows and takes. Instants are ISO 8601 in UTC, durations whole seconds, money minor units."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from playbooks.actions import REPLY_KINDS
from playbooks.core import etiquette
from playbooks.core.case import REMEDIES, case_from
from playbooks.core.facts import COMPONENTS, CUSTOMER_WORDS
from playbooks.core.scenarios import before_of
from playbooks.customers import remarks_beside
from playbooks.models import FollowUp, PlaybookRun, PlaybookVersion, StepRun, Survey
from tickets.clock import at
from tickets.lifecycle import CATEGORIES, CATEGORIES_OF_COMPLAINT, CHANNELS, PRIORITIES, STATUSES
from tickets.models import Agent, Comment, Ticket, TicketEvent
from tickets.strict import (
    FitChoiceField,
    FitTextField,
    PlainDictField,
    ShareField,
    StrictSerializer,
    WholeField,
    YesNoField,
)

YEAR_2100 = 4_102_444_800
LONGEST_WORK = 14_400  # seconds
SAYABLE_DEEDS = ("apologise", "interim_report", "prevention", "check_in")  # the others have an address of their own


def iso(seconds: int | None) -> str | None:
    """Whole seconds as an instant with its zone: 2026-09-07T00:00:00Z."""
    moment = at(seconds)
    return moment.isoformat().replace("+00:00", "Z") if moment else None


def presented(value: Any) -> Any:
    """What a log holds, for the outside: every `…_at` becomes an instant."""
    if isinstance(value, Mapping):
        return {
            key: iso(item) if key.endswith("_at") and isinstance(item, int) else presented(item)
            for key, item in value.items()
        }
    return [presented(item) for item in value] if isinstance(value, list) else value


@extend_schema_field(OpenApiTypes.DATETIME)
class InstantField(serializers.Field):
    """Whole seconds in the row, an ISO instant at the API."""

    default_error_messages = {
        "invalid": "An instant with its zone, such as 2026-09-07T09:00:00+09:00, before the year 2100."
    }

    def to_representation(self, value: int | None) -> str | None:
        return iso(value)

    def to_internal_value(self, data: Any) -> int:
        try:
            moment = datetime.fromisoformat(data) if isinstance(data, str) and len(data) < 40 else None
            seconds = int(moment.timestamp()) if moment and moment.tzinfo else -1
        except (ValueError, OverflowError):
            seconds = -1
        if not 0 <= seconds < YEAR_2100:
            self.fail("invalid")
        return seconds


class WorkField(WholeField):
    """Working time that an action took, in seconds."""

    def __init__(self, **kwargs: Any) -> None:
        described = {
            "required": False,
            "min_value": 0,
            "max_value": LONGEST_WORK,
            "help_text": "Working time it took, in seconds.",
        }
        super().__init__(**{**described, **kwargs})


class LoggedField(serializers.JSONField):
    """What is kept as JSON, with its instants written out."""

    def to_representation(self, value: Any) -> Any:
        return presented(value)


class RequesterShownSerializer(serializers.Serializer):
    id = serializers.IntegerField(source="pk")
    name = serializers.CharField()
    email = serializers.CharField()


class TicketSerializer(serializers.ModelSerializer):
    """A ticket as it stands."""

    status = serializers.ChoiceField(choices=STATUSES)
    status_category = serializers.ChoiceField(choices=CATEGORIES)
    priority = serializers.ChoiceField(choices=PRIORITIES)
    channel = serializers.ChoiceField(choices=CHANNELS)
    category = serializers.ChoiceField(choices=CATEGORIES_OF_COMPLAINT)
    tags = serializers.ListField(child=serializers.CharField())
    custom_fields = serializers.DictField()
    requester = RequesterShownSerializer()
    assignee = serializers.CharField(source="assignee.username", default=None, allow_null=True)
    clock = serializers.CharField(source="clock.key")
    playbook = serializers.SerializerMethodField()
    created_at = InstantField()
    updated_at = InstantField()
    next_deadline_at = InstantField(allow_null=True)

    class Meta:
        model = Ticket
        fields: tuple[str, ...] = (
            "id", "number", "external_id", "subject", "description", "status", "status_category", "priority", "channel",
            "category", "language", "tags", "custom_fields", "requester", "assignee", "playbook", "clock", "created_at",
            "updated_at", "next_deadline_at", "follow_up_of",
        )  # fmt: skip

    def get_playbook(self, ticket: Ticket) -> str | None:
        newest = max(ticket.runs.all(), key=lambda run: run.pk, default=None)
        return newest.version.key if newest else None


class TurnSerializer(serializers.Serializer):
    """One turn of a talk that lay before the ticket, as it was noted."""

    by = serializers.CharField(help_text="customer, bot or agent")
    kind = serializers.CharField(
        help_text="saying, handing_over; on the phone naming, repeating, holding, calling_back"
    )
    text = serializers.CharField()


class WholeTicketSerializer(TicketSerializer):
    """A ticket read by itself: with the talk that lay before it, with the bot that tried first or on the phone."""

    before = serializers.SerializerMethodField()

    class Meta(TicketSerializer.Meta):
        fields = (*TicketSerializer.Meta.fields, "before")

    @extend_schema_field(TurnSerializer(many=True))
    def get_before(self, ticket: Ticket) -> list[dict[str, str]]:
        file = getattr(ticket, "case_file", None)
        turns = before_of(case_from(file.case)) if file else ()
        return [{"by": turn.by, "kind": turn.kind, "text": turn.text} for turn in turns]


class TicketChangeSerializer(StrictSerializer):
    """What may be changed on a ticket. `assignee` is an agent's name, or null for nobody."""

    subject = FitTextField(max_length=200, required=False)
    priority = FitChoiceField(choices=PRIORITIES, required=False)
    category = FitChoiceField(choices=CATEGORIES_OF_COMPLAINT, required=False)
    channel = FitChoiceField(choices=CHANNELS, required=False)
    tags = serializers.ListField(child=FitTextField(max_length=40), required=False, max_length=20)
    custom_fields = PlainDictField(required=False)
    status = FitChoiceField(choices=STATUSES, required=False)
    assignee = FitTextField(max_length=150, required=False, allow_null=True)

    def validate_assignee(self, value: str | None) -> Agent | None:
        if value is None:
            return None
        agent = Agent.objects.filter(username=value, is_active=True).first()
        if agent is None:
            raise serializers.ValidationError("There is no such agent.", code="unknown_agent")
        return agent


class FactsSerializer(StrictSerializer):
    """What an agent's text contains, declared. Shares lie between 0 and 1."""

    apology = serializers.ListField(
        child=FitChoiceField(choices=COMPONENTS), required=False, max_length=len(COMPONENTS)
    )
    empathy = ShareField(required=False)
    listening = ShareField(required=False)
    concrete = ShareField(required=False)
    ownership = ShareField(required=False)
    register = ShareField(required=False)
    voice = ShareField(required=False, help_text="Was the customer given a say? 0.5 is neutral.")
    ng = WholeField(required=False, min_value=0, max_value=100, help_text="Expressions that must not be used.")
    asks = YesNoField(required=False, help_text="The next word is the customer's: the ticket becomes pending.")
    promise_at = InstantField(required=False, help_text="By when the customer was told to hear or receive something.")
    deeds = serializers.ListField(
        child=FitChoiceField(choices=SAYABLE_DEEDS), required=False, max_length=len(SAYABLE_DEEDS)
    )
    limit = YesNoField(required=False, help_text="Says that the contact ends if it goes on like this.")
    yields = YesNoField(required=False, help_text="Promises what nobody may be made to do.")
    keeps_closed = YesNoField(required=False)


class CustomerFactsSerializer(StrictSerializer):
    """What a customer's text does, declared."""

    word = FitChoiceField(choices=CUSTOMER_WORDS, required=False)
    pressure = YesNoField(required=False, help_text="A threat, or a demand for money beyond the loss.")
    keeps_closed = YesNoField(required=False, help_text="Courtesy after the end; does not reopen.")


class CommentSerializer(serializers.ModelSerializer):
    at = InstantField()
    author_type = serializers.CharField()
    channel = serializers.ChoiceField(choices=CHANNELS)
    author = serializers.CharField(source="author.username", default=None, allow_null=True)
    facts = LoggedField()

    class Meta:
        model = Comment
        fields = ("id", "at", "author_type", "author", "public", "channel", "body", "facts")


class NewCommentSerializer(StrictSerializer):
    """A word on the ticket: the desk's, an internal note (`public` false), or the customer's, brought in by a client.

    `facts` declares what the text contains: an agent's apology parts, promise or question, a customer's `word`.
    `kind` alimtalk goes to Korean customers by KakaoTalk; promotion or more than 1,000 characters are refused.
    """

    body = FitTextField()
    public = YesNoField(required=False)
    author_type = FitChoiceField(choices=("agent", "customer"), required=False)
    kind = FitChoiceField(choices=REPLY_KINDS, required=False)
    channel = FitChoiceField(choices=CHANNELS, required=False)
    facts = serializers.DictField(required=False)
    seconds = WorkField()

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        public, author = attrs.pop("public", True), attrs.pop("author_type", "agent")
        if author == "customer" and not public:
            raise serializers.ValidationError({"public": ["A customer's word is public."]}, code="not_internal")
        who = "customer" if author == "customer" else "agent" if public else "note"
        takes = {
            "customer": {"body", "facts"},
            "agent": {"body", "kind", "facts", "channel", "seconds"},
            "note": {"body", "seconds"},
        }[who]
        if surplus := sorted(attrs.keys() - takes):
            word = "a customer's word" if who == "customer" else "an internal note"
            raise serializers.ValidationError({name: [f"Not with {word}."] for name in surplus}, code="does_not_apply")
        if "facts" in attrs:
            attrs["facts"] = checked_facts(
                attrs["facts"], CustomerFactsSerializer if who == "customer" else FactsSerializer
            )
        return {**attrs, "who": who}


def checked_facts(data: Any, serializer: type[StrictSerializer]) -> dict[str, Any]:
    facts = serializer(data=data)
    if not facts.is_valid():
        raise serializers.ValidationError({"facts": facts.errors})
    return dict(facts.validated_data)


class EventSerializer(serializers.ModelSerializer):
    """One line of the log. Numbered by `id`: a gap says nothing."""

    at = InstantField()
    actor = serializers.CharField()
    agent = serializers.CharField(source="agent.username", default=None, allow_null=True)
    data = LoggedField()  # type: ignore[assignment]

    class Meta:
        model = TicketEvent
        fields = ("id", "at", "name", "actor", "agent", "data")


class SpanSerializer(serializers.Serializer):
    """Seconds on two clocks; null: not come to its end."""

    calendar = serializers.IntegerField(allow_null=True)
    business = serializers.IntegerField(allow_null=True)


class MetricsSerializer(serializers.Serializer):
    """How long things took on a ticket, in seconds."""

    ticket = serializers.IntegerField()
    unit = serializers.CharField()
    calendar = serializers.CharField(help_text="The calendar by which business time is counted.")
    reply_time = SpanSerializer()
    bot_reply_time = SpanSerializer()
    human_reply_time = SpanSerializer()
    next_reply = SpanSerializer()
    first_resolution_time = SpanSerializer()
    full_resolution_time = SpanSerializer()
    requester_wait_time = SpanSerializer()
    agent_wait_time = SpanSerializer()
    on_hold_time = SpanSerializer()
    reopens = serializers.IntegerField()
    replies = serializers.IntegerField()
    agent_seconds = serializers.IntegerField()
    created_at = InstantField()
    acknowledged_at = InstantField(allow_null=True)
    initially_assigned_at = InstantField(allow_null=True)
    assigned_at = InstantField(allow_null=True)
    first_solved_at = InstantField(allow_null=True)
    solved_at = InstantField(allow_null=True)
    closed_at = InstantField(allow_null=True)
    unanswered = serializers.BooleanField()
    waiting_since = InstantField(allow_null=True)
    waiting = SpanSerializer()


class InvestigationSerializer(StrictSerializer):
    seconds = WorkField()


class RemedySerializer(StrictSerializer):
    kind = FitChoiceField(choices=REMEDIES)
    amount = WholeField(required=False, min_value=0, max_value=10**9, help_text="Minor units of the ticket's currency.")
    promise_at = InstantField(required=False)
    conditional = YesNoField(required=False)
    seconds = WorkField()


class LetterSerializer(StrictSerializer):
    body = FitTextField()
    facts = FactsSerializer(required=False)
    send_at = InstantField(required=False)
    seconds = WorkField()


class GiftSerializer(StrictSerializer):
    amount = WholeField(min_value=1, max_value=10**9, help_text="Minor units of the ticket's currency.")
    body = FitTextField(required=False, allow_blank=True)
    condition = FitChoiceField(
        choices=etiquette.CONDITIONS, required=False, help_text="What is asked in return; better nothing."
    )
    knot = FitChoiceField(choices=etiquette.KNOTS, required=False, help_text="Of the かけ紙.")
    noshi = YesNoField(required=False, help_text="With the のし ornament: not on an apology.")
    inscription = FitTextField(
        max_length=etiquette.LONGEST_INSCRIPTION, required=False, allow_blank=True, help_text="表書き, such as 御詫び."
    )
    traits = serializers.ListField(
        child=FitChoiceField(choices=etiquette.UNSUITED), required=False, max_length=len(etiquette.UNSUITED)
    )
    send_at = InstantField(required=False)
    seconds = WorkField()


class NewFollowUpSerializer(StrictSerializer):
    """A message of one's own for a later time."""

    body = FitTextField()
    due_at = InstantField()
    facts = FactsSerializer(required=False)
    seconds = WorkField()


class FollowUpSerializer(serializers.ModelSerializer):
    kind = serializers.CharField()
    state = serializers.CharField()
    due_at = InstantField()
    done_at = InstantField(allow_null=True)

    class Meta:
        model = FollowUp
        fields = ("id", "ticket", "run", "step", "kind", "state", "due_at", "done_at", "reason", "attempts")


class SurveyListSerializer(serializers.ListSerializer):
    """A page of surveys; the words beside their ticks are read at once."""

    def to_representation(self, data: Any) -> list[Any]:
        surveys = list(data)
        assert isinstance(self.child, SurveySerializer)
        self.child.remarks = remarks_beside(surveys)
        return super().to_representation(surveys)


class SurveySerializer(serializers.ModelSerializer):
    remarks: Mapping[tuple[int, str, int], str] | None = None
    metric = serializers.CharField()
    invited_at = InstantField()
    answered_at = InstantField(allow_null=True)
    scale = serializers.SerializerMethodField()
    comment = serializers.SerializerMethodField()

    class Meta:
        model = Survey
        list_serializer_class = SurveyListSerializer
        fields = ("id", "ticket", "metric", "round", "scale", "invited_at", "answered_at", "score", "comment")

    def get_scale(self, survey: Survey) -> list[int]:
        return list(Survey.SCALES[survey.metric])

    def get_comment(self, survey: Survey) -> str | None:
        """What the customer wrote beside the tick; null where nothing was written."""
        remarks = remarks_beside([survey]) if self.remarks is None else self.remarks
        return remarks.get((survey.ticket_id, survey.metric, survey.round))


class StepRunSerializer(serializers.ModelSerializer):
    state = serializers.CharField()
    due_at = InstantField(allow_null=True)
    latest_at = InstantField(allow_null=True)
    done_at = InstantField(allow_null=True)

    class Meta:
        model = StepRun
        fields = ("step", "state", "due_at", "latest_at", "done_at", "met", "reason")


class RunSerializer(serializers.ModelSerializer):
    """One playbook on one ticket, with the steps that have come to their end."""

    playbook = serializers.CharField(source="version.key")
    version = serializers.IntegerField(source="version.version")
    state = serializers.CharField()
    assigned_by = serializers.CharField()
    assignment = serializers.DictField()
    started_at = InstantField()
    steps = StepRunSerializer(source="step_runs", many=True)

    class Meta:
        model = PlaybookRun
        fields = ("id", "ticket", "playbook", "version", "state", "assigned_by", "assignment", "started_at", "steps")


class PlaybookSerializer(serializers.ModelSerializer):
    class Meta:
        model = PlaybookVersion
        fields = ("key", "version", "source")


class ClockSerializer(serializers.Serializer):
    """What time it is on the main desk."""

    clock = serializers.CharField()
    now = InstantField()
    speed = serializers.IntegerField()
    running = serializers.BooleanField()
