"""REST, under /api/v1/. Edges: they check who may see what, parse, call one action, and render."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.db.models import Q, QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.exceptions import ValidationError
from rest_framework.generics import GenericAPIView, ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from playbooks import actions, definitions, driver
from playbooks.api import filters
from playbooks.api.complaints import ComplaintSerializer, complaint_of
from playbooks.api.serializers import (
    CommentSerializer,
    EventSerializer,
    FollowUpSerializer,
    GiftSerializer,
    InvestigationSerializer,
    LetterSerializer,
    NewCommentSerializer,
    NewFollowUpSerializer,
    PlaybookSerializer,
    RemedySerializer,
    RunSerializer,
    SurveySerializer,
    TicketChangeSerializer,
    TicketSerializer,
)
from playbooks.core.playbook import built_in
from playbooks.held import desk_calendar
from playbooks.intake import least_busy_trainee, take_in
from playbooks.models import FOLLOW_UP_KINDS, FOLLOW_UP_STATES, SURVEY_METRICS, FollowUp, PlaybookRun, PlaybookVersion, Survey
from tickets import actions as tickets
from tickets import clock as clocks
from tickets.durations import durations
from tickets.errors import NotAllowed, NotFound
from tickets.lifecycle import CATEGORIES, CATEGORIES_OF_COMPLAINT, CATEGORY, CHANNELS, PRIORITIES, STATUSES
from tickets.models import Agent, Clock, Comment, Ticket, TicketEvent


def visible_tickets(agent: Agent) -> QuerySet[Ticket]:
    """A trainee sees assigned tickets and those of own shifts; a manager and a client see the desk."""
    everything = Ticket.objects.all()
    if agent.sees_everything:
        return everything
    return everything.filter(Q(assignee=agent) | Q(clock__shift__trainee=agent))


def _by_category(queryset: QuerySet[Any], value: str) -> QuerySet[Any]:
    if value not in CATEGORIES:
        raise ValidationError({"status_category": [f"Must be one of: {', '.join(CATEGORIES)}."]})
    return queryset.filter(status__in=[name for name, category in CATEGORY.items() if category == value])


def _overdue(queryset: QuerySet[Any], value: str) -> QuerySet[Any]:
    """By the main desk's time: real time."""
    if value not in ("true", "false"):
        raise ValidationError({"overdue": ["Must be true or false."]})
    late = Q(next_deadline_at__lt=clocks.instant(clocks.main_clock(), wall_now=clocks.wall())) & ~Q(status__in=("solved", "closed"))
    return queryset.filter(late) if value == "true" else queryset.exclude(late)


TICKET_FILTERS: dict[str, filters.Filter] = {
    "status": filters.one_of("status", STATUSES),
    "status_category": _by_category,
    "priority": filters.one_of("priority", PRIORITIES),
    "channel": filters.one_of("channel", CHANNELS),
    "category": filters.one_of("category", CATEGORIES_OF_COMPLAINT),
    "language": filters.one_of("language", ("ko", "ja", "en")),
    "playbook": filters.text("runs__version__key"),
    "assignee": filters.text("assignee__username"),
    "external_id": filters.text("external_id"),
    "clock": filters.text("clock__key"),
    "created_at__gte": filters.instant("created_at__gte", "created_at__gte"),
    "created_at__lt": filters.instant("created_at__lt", "created_at__lt"),
    "updated_since": filters.instant("updated_at__gte", "updated_since"),
    "overdue": _overdue,
    "q": lambda queryset, value: queryset.filter(Q(subject__icontains=value) | Q(description__icontains=value)),
}


def query_parameters(known: dict[str, filters.Filter]) -> list[OpenApiParameter]:
    return [OpenApiParameter(name, str) for name in known]


class TicketsView(GenericAPIView[Ticket]):
    """Tickets: list and create."""

    serializer_class = TicketSerializer
    pagination_class = filters.Pages
    queryset = Ticket.objects.none()

    @extend_schema(parameters=query_parameters(TICKET_FILTERS), operation_id="tickets_list")
    def get(self, request: Request) -> Response:
        found = filters.apply_filters(visible_tickets(request.user), request, TICKET_FILTERS)
        page = self.paginate_queryset(_with_names(found).distinct())
        return self.get_paginated_response(TicketSerializer(page, many=True).data)

    @extend_schema(request=ComplaintSerializer, responses={201: TicketSerializer})
    def post(self, request: Request) -> Response:
        body = ComplaintSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        complaint = complaint_of(body.validated_data)
        clock = clocks.main_clock()
        held = take_in(
            complaint,
            clock=clock,
            now=clocks.instant(clock, wall_now=clocks.wall()),
            assignee=least_busy_trainee(),
            submitter=request.user,
        )
        return Response(TicketSerializer(_with_names(Ticket.objects).get(pk=held.ticket.pk)).data, status=status.HTTP_201_CREATED)


def _with_names(queryset: Any) -> QuerySet[Ticket]:
    found: QuerySet[Ticket] = queryset.select_related("requester", "assignee", "clock").prefetch_related("runs__version")
    return found


class OnTicket(GenericAPIView[Ticket]):
    """What all views under one ticket share: the ticket, if this token may see it."""

    queryset = Ticket.objects.none()
    serializer_class = TicketSerializer

    def ticket(self, request: Request, ticket_id: int) -> Ticket:
        found = _with_names(visible_tickets(request.user)).filter(pk=ticket_id).first()
        if found is None:
            raise NotFound("no_ticket", f"There is no ticket {ticket_id}, or none that this token may see.", field="ticket")
        return found

    def act(self, request: Request, ticket_id: int, action: driver.Action, **what: Any) -> Ticket:
        ticket = self.ticket(request, ticket_id)
        driver.perform(ticket, action, agent=request.user, **what)
        return _with_names(Ticket.objects).get(pk=ticket.pk)

    def checked(self, serializer: Any, request: Request) -> dict[str, Any]:
        body = serializer(data=request.data)
        body.is_valid(raise_exception=True)
        return dict(body.validated_data)


class TicketView(OnTicket):
    """One ticket: read and update."""

    def get(self, request: Request, ticket_id: int) -> Response:
        return Response(TicketSerializer(self.ticket(request, ticket_id)).data)

    @extend_schema(request=TicketChangeSerializer, responses=TicketSerializer)
    def patch(self, request: Request, ticket_id: int) -> Response:
        changes = self.checked(TicketChangeSerializer, request)
        ticket = self.ticket(request, ticket_id)
        with driver.acting(ticket.clock) as now:
            ticket.refresh_from_db()
            if "assignee" in changes:
                if request.user.role == Agent.TRAINEE and changes["assignee"] != request.user:
                    raise NotAllowed("not_allowed", "A trainee hands a ticket over on its page; the reason is kept there.", field="assignee")
                tickets.assign_ticket(ticket, changes.pop("assignee"), by=request.user, now=now)
            if "status" in changes:
                driver.perform_at(ticket.pk, actions.change_status, agent=request.user, now=now, status=changes.pop("status"))
                ticket.refresh_from_db()
            if changes:
                tickets.update_ticket(ticket, changes, agent=request.user, now=now)
        return Response(TicketSerializer(_with_names(Ticket.objects).get(pk=ticket.pk)).data)


class CommentsView(OnTicket):
    """What was said on a ticket."""

    @extend_schema(responses=CommentSerializer(many=True), operation_id="ticket_comments_list")
    def get(self, request: Request, ticket_id: int) -> Response:
        said = Comment.objects.filter(ticket=self.ticket(request, ticket_id)).select_related("author").order_by("seq")
        return Response(CommentSerializer(said, many=True).data)

    @extend_schema(request=NewCommentSerializer, responses={201: CommentSerializer})
    def post(self, request: Request, ticket_id: int) -> Response:
        what = self.checked(NewCommentSerializer, request)
        public, author = what.pop("public"), what.pop("author_type")
        if not public:
            ticket = self.act(request, ticket_id, actions.note_internally, body=what["body"], seconds=what.get("seconds", 0))
        elif author == "customer":
            if request.user.role == Agent.TRAINEE:
                raise NotAllowed("not_allowed", "A trainee speaks for the desk, not for the customer.", field="author_type")
            ticket = self.act(request, ticket_id, actions.customer_says, body=what["body"], facts=what.get("facts"))
        else:
            ticket = self.act(request, ticket_id, actions.reply, **what)
        mine = Comment.objects.filter(ticket=ticket).select_related("author")
        kind = "customer" if author == "customer" and public else "agent"
        newest = mine.filter(author_type=kind).order_by("-seq").first()
        return Response(CommentSerializer(newest).data, status=status.HTTP_201_CREATED)


class EventsView(OnTicket):
    """A ticket's log. What the customer thinks to themselves is not in it."""

    @extend_schema(responses=EventSerializer(many=True), operation_id="ticket_events_list")
    def get(self, request: Request, ticket_id: int) -> Response:
        ticket = self.ticket(request, ticket_id)
        return Response(EventSerializer(TicketEvent.objects.filter(ticket=ticket).select_related("agent").order_by("seq"), many=True).data)


class MetricsView(OnTicket):
    """Durations in seconds, calendar and business, derived from the log."""

    @extend_schema(responses={200: dict})
    def get(self, request: Request, ticket_id: int) -> Response:
        ticket = self.ticket(request, ticket_id)
        calendar = desk_calendar(ticket.language)
        now = clocks.instant(ticket.clock, wall_now=clocks.wall())
        figures = asdict(durations(tickets.log_of(ticket), now=max(now, ticket.updated_at), calendar=calendar))
        return Response({"ticket": ticket.pk, "unit": "seconds", "calendar": calendar.key, **figures})


class ActionView(OnTicket):
    """A sub-resource that is one action on the ticket; answers with the ticket as it is then."""

    body_serializer: Any
    action: driver.Action

    def post(self, request: Request, ticket_id: int) -> Response:
        what = self.checked(self.body_serializer, request)
        ticket = self.act(request, ticket_id, type(self).action, **what)
        return Response(TicketSerializer(ticket).data, status=status.HTTP_201_CREATED)


def action_view(name: str, action: Any, body: Any) -> Any:
    view = type(name, (ActionView,), {"body_serializer": body, "action": staticmethod(action), "__doc__": action.__doc__})
    return extend_schema(request=body, responses={201: TicketSerializer})(view).as_view()


investigation = action_view("InvestigationView", actions.investigate, InvestigationSerializer)
remedies = action_view("RemediesView", actions.give_remedy, RemedySerializer)
letters = action_view("LettersView", actions.write_letter, LetterSerializer)
gifts = action_view("GiftsView", actions.offer_gift, GiftSerializer)
scheduled = action_view("ScheduledMessagesView", actions.schedule_message, NewFollowUpSerializer)


class NewestFirst(filters.Pages):
    ordering = ("-id",)


class FilteredList(ListAPIView):  # type: ignore[type-arg]
    """A list of what belongs to visible tickets, in cursor pages, with declared filters."""

    pagination_class = NewestFirst
    known: dict[str, filters.Filter] = {}

    def rows(self) -> QuerySet[Any]:
        raise NotImplementedError

    def get_queryset(self) -> QuerySet[Any]:
        if getattr(self, "swagger_fake_view", False):
            return self.rows().none()
        rows = self.rows()
        if not self.request.user.sees_everything:
            rows = rows.filter(ticket__in=visible_tickets(self.request.user))
        return filters.apply_filters(rows, self.request, self.known)


class RunsView(FilteredList):
    """Playbook runs with the steps that have come to their end."""

    serializer_class = RunSerializer
    known = {
        "ticket": filters.whole("ticket_id", "ticket"),
        "playbook": filters.text("version__key"),
        "assigned_by": filters.one_of("assigned_by", ("choice", "rule", "random")),
    }

    def rows(self) -> QuerySet[PlaybookRun]:
        return PlaybookRun.objects.select_related("version").prefetch_related("step_runs")


class FollowUpsView(FilteredList):
    """What was promised for later: pending, sent, or skipped with the reason."""

    serializer_class = FollowUpSerializer
    known = {
        "ticket": filters.whole("ticket_id", "ticket"),
        "kind": filters.one_of("kind", FOLLOW_UP_KINDS),
        "state": filters.one_of("state", FOLLOW_UP_STATES),
        "due_at__lt": filters.instant("due_at__lt", "due_at__lt"),
    }

    def rows(self) -> QuerySet[FollowUp]:
        return FollowUp.objects.all()


class SurveysView(FilteredList):
    """Survey invitations and their answers; the raw score with its scale."""

    serializer_class = SurveySerializer
    known = {
        "ticket": filters.whole("ticket_id", "ticket"),
        "metric": filters.one_of("metric", SURVEY_METRICS),
    }

    def rows(self) -> QuerySet[Survey]:
        return Survey.objects.all()


class PlaybooksView(GenericAPIView[PlaybookVersion]):
    """The playbooks in their newest versions."""

    serializer_class = PlaybookSerializer
    queryset = PlaybookVersion.objects.none()

    @extend_schema(responses=PlaybookSerializer(many=True), operation_id="playbooks_list")
    def get(self, request: Request) -> Response:
        filters.apply_filters(PlaybookVersion.objects.none(), request, {})
        keys = sorted({*built_in(), *PlaybookVersion.objects.values_list("key", flat=True)})
        return Response(PlaybookSerializer([definitions.current(key) for key in keys], many=True).data)


class PlaybookView(GenericAPIView[PlaybookVersion]):
    """One playbook: its newest version, as TOML."""

    serializer_class = PlaybookSerializer
    queryset = PlaybookVersion.objects.none()

    def get(self, request: Request, key: str) -> Response:
        if key not in built_in() and not PlaybookVersion.objects.filter(key=key).exists():
            raise NotFound("no_playbook", f"There is no playbook '{key}'.", field="playbook")
        return Response(PlaybookSerializer(definitions.current(key)).data)


class ClockView(GenericAPIView[Clock]):
    """What time it is on a ticket's clock."""

    queryset = Clock.objects.none()

    @extend_schema(responses={200: dict})
    def get(self, request: Request) -> Response:
        clock = clocks.main_clock()
        now = clocks.at(clocks.instant(clock, wall_now=clocks.wall()))
        return Response({"clock": clock.key, "now": now.isoformat() if now else None, "speed": clock.speed, "running": clock.running})
