"""REST, under /api/v1/. Edges: they check who may see what, parse, call one action, and render."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, cast

from django.db.models import Exists, OuterRef, Q, QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import status
from rest_framework.exceptions import ValidationError
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from playbooks import actions, definitions, driver
from playbooks.api import filters, pages, serializers
from playbooks.api.complaints import ComplaintSerializer, complaint_of
from playbooks.api.sight import version_of, visible_events, visible_tickets
from playbooks.held import Held, assign, desk_calendar, hold
from playbooks.intake import least_busy_trainee, take_in
from playbooks.models import (
    FOLLOW_UP_KINDS,
    FOLLOW_UP_STATES,
    SURVEY_METRICS,
    FollowUp,
    PlaybookRun,
    Survey,
)
from tickets import actions as tickets
from tickets import clock as clocks
from tickets.durations import durations
from tickets.errors import Conflict, NotAllowed, NotFound
from tickets.lifecycle import CATEGORIES, CATEGORIES_OF_COMPLAINT, CATEGORY, CHANNELS, PRIORITIES, STATUSES
from tickets.models import Agent, Clock, Comment, Ticket


def _by_category(queryset: QuerySet[Any], value: str) -> QuerySet[Any]:
    if value not in CATEGORIES:
        raise ValidationError({"status_category": [f"Must be one of: {', '.join(CATEGORIES)}."]}, code="invalid_choice")
    return queryset.filter(status__in=[name for name, category in CATEGORY.items() if category == value])


def _by_playbook(queryset: QuerySet[Any], value: str) -> QuerySet[Any]:
    return queryset.filter(Exists(PlaybookRun.objects.filter(ticket=OuterRef("pk"), version__key=value)))


def _overdue(queryset: QuerySet[Any], value: str) -> QuerySet[Any]:
    """By the main desk's time: real time."""
    if value not in ("true", "false"):
        raise ValidationError({"overdue": ["Must be true or false."]}, code="not_a_boolean")
    late = Q(next_deadline_at__lt=main_now()) & ~Q(status__in=("solved", "closed"))
    return queryset.filter(late) if value == "true" else queryset.exclude(late & Q(next_deadline_at__isnull=False))


TICKET_FILTERS: dict[str, filters.Filter] = {
    "status": filters.one_of("status", STATUSES),
    "status_category": _by_category,
    "priority": filters.one_of("priority", PRIORITIES),
    "channel": filters.one_of("channel", CHANNELS),
    "category": filters.one_of("category", CATEGORIES_OF_COMPLAINT),
    "language": filters.one_of("language", ("ko", "ja", "en")),
    "playbook": _by_playbook,
    "assignee": filters.text("assignee__username"),
    "external_id": filters.text("external_id"),
    "clock": filters.text("clock__key"),
    "created_at__gte": filters.instant("created_at__gte", "created_at__gte"),
    "created_at__lt": filters.instant("created_at__lt", "created_at__lt"),
    "updated_since": filters.instant("updated_at__gte", "updated_since"),
    "overdue": _overdue,
    "q": lambda queryset, value: queryset.filter(Q(subject__icontains=value) | Q(description__icontains=value)),
}


def caller(request: Request) -> Agent:
    """Who asks: nobody comes as far as a view without a token."""
    return cast(Agent, request.user)


def main_now() -> int:
    return clocks.instant(clocks.main_clock(), wall_now=clocks.wall())


def with_names(queryset: Any) -> QuerySet[Ticket]:
    found: QuerySet[Ticket] = queryset.select_related("requester", "assignee", "clock").prefetch_related(
        "runs__version"
    )
    return found


def ticket_answer(ticket_id: int, agent: Agent, code: int = status.HTTP_200_OK) -> Response:
    """A ticket as it stands now, with the tag of what was seen."""
    ticket = with_names(Ticket.objects).select_related("case_file").get(pk=ticket_id)
    headers = {"ETag": version_of(ticket, agent)}
    return Response(serializers.WholeTicketSerializer(ticket).data, status=code, headers=headers)


def checked(serializer: Any, request: Request) -> dict[str, Any]:
    body = serializer(data=request.data)
    body.is_valid(raise_exception=True)
    return dict(body.validated_data)


class TicketsView(GenericAPIView[Ticket]):
    """Tickets of the desk, as far as this token may see them."""

    serializer_class = serializers.TicketSerializer
    pagination_class = pages.TicketPages
    queryset = Ticket.objects.none()

    @extend_schema(
        parameters=filters.parameters(TICKET_FILTERS, pages.TicketPages),
        responses=serializers.TicketSerializer(many=True),
        operation_id="tickets_list",
    )
    def get(self, request: Request) -> Response:
        """Tickets in cursor pages, newest first."""
        found = filters.apply_filters(visible_tickets(caller(request)), request, TICKET_FILTERS)
        page = self.paginate_queryset(with_names(found))
        return self.get_paginated_response(serializers.TicketSerializer(page, many=True).data)

    @extend_schema(
        request=ComplaintSerializer, responses={201: serializers.WholeTicketSerializer}, operation_id="tickets_create"
    )
    def post(self, request: Request) -> Response:
        """Open a ticket; only `description` is needed. It gets its playbook and goes to a trainee."""
        complaint = complaint_of(checked(ComplaintSerializer, request))
        definitions.refuse_hidden(complaint.playbook)
        clock = clocks.main_clock()
        held = take_in(
            complaint,
            clock=clock,
            now=clocks.instant(clock, wall_now=clocks.wall()),
            assignee=least_busy_trainee(),
            submitter=caller(request),
        )
        return ticket_answer(held.ticket.pk, caller(request), status.HTTP_201_CREATED)


class OnTicket(GenericAPIView[Ticket]):
    """What all views under one ticket share: the ticket, if this token may see it."""

    queryset = Ticket.objects.none()
    serializer_class: Any = serializers.WholeTicketSerializer

    def ticket(self, request: Request, ticket_id: int) -> Ticket:
        found = visible_tickets(caller(request)).select_related("clock").filter(pk=ticket_id).first()
        if found is None:
            raise NotFound(
                "no_ticket", f"There is no ticket {ticket_id}, or none that this token may see.", field="ticket"
            )
        return found

    def act(self, request: Request, ticket_id: int, action: driver.Action, **what: Any) -> Held:
        ticket = self.ticket(request, ticket_id)
        with driver.acting(ticket.clock) as now:
            self.refuse_stale(request, ticket)
            return driver.perform_at(ticket.pk, action, agent=caller(request), now=now, **what)

    def refuse_stale(self, request: Request, ticket: Ticket) -> None:
        """`If-Match` with the tag of what was seen: whoever acted in between, was faster."""
        wished = request.headers.get("If-Match")
        if wished is None or wished == "*":
            return
        ticket.refresh_from_db()
        if version_of(ticket, caller(request)) not in [tag.strip() for tag in wished.split(",")]:
            raise Conflict(
                "changed_meanwhile",
                "Something has happened on this ticket since you read it. Look again.",
                field="If-Match",
            )


class TicketView(OnTicket):
    """One ticket."""

    @extend_schema(operation_id="ticket_read")
    def get(self, request: Request, ticket_id: int) -> Response:
        """The ticket as it stands; its `ETag` can be sent back as `If-Match` with an action."""
        filters.apply_filters(Ticket.objects.none(), request, {}, paged=False)
        return ticket_answer(self.ticket(request, ticket_id).pk, caller(request))

    @extend_schema(
        request=serializers.TicketChangeSerializer,
        responses=serializers.WholeTicketSerializer,
        operation_id="ticket_update",
    )
    def patch(self, request: Request, ticket_id: int) -> Response:
        """Change fields, assignment or status: all of it, or nothing."""
        changes = checked(serializers.TicketChangeSerializer, request)
        ticket = self.ticket(request, ticket_id)
        with driver.acting(ticket.clock) as now:
            self.refuse_stale(request, ticket)
            self._change(request, ticket, changes, now=now)
        return ticket_answer(ticket.pk, caller(request))

    def _change(self, request: Request, ticket: Ticket, changes: dict[str, Any], *, now: int) -> None:
        ticket.refresh_from_db()
        if "status" in changes:
            driver.perform_at(
                ticket.pk, actions.change_status, agent=caller(request), now=now, status=changes.pop("status")
            )
            ticket.refresh_from_db()
        if "assignee" in changes:
            assignee = changes.pop("assignee")
            if caller(request).role == Agent.TRAINEE and assignee != caller(request):
                raise NotAllowed(
                    "not_allowed",
                    "A trainee hands a ticket over on its page; the reason is kept there.",
                    field="assignee",
                )
            ticket = assign(hold(ticket.pk), assignee, by=caller(request), now=now).ticket
        if changes:
            tickets.update_ticket(ticket, changes, agent=caller(request), now=now)


class PagedUnderTicket(OnTicket):
    """What belongs to one ticket, in the order in which it happened, in cursor pages."""

    pagination_class = pages.OldestFirst

    def paged(self, request: Request, rows: QuerySet[Any]) -> Response:
        page = self.paginate_queryset(filters.apply_filters(rows, request, {}))
        return self.get_paginated_response(self.serializer_class(page, many=True).data)


class CommentsView(PagedUnderTicket):
    """What was said on a ticket."""

    serializer_class = serializers.CommentSerializer

    @extend_schema(responses=serializers.CommentSerializer(many=True), operation_id="ticket_comments_list")
    def get(self, request: Request, ticket_id: int) -> Response:
        """Public words and internal notes, oldest first."""
        said = Comment.objects.filter(ticket=self.ticket(request, ticket_id)).select_related("author")
        return self.paged(request, said)

    @extend_schema(
        request=serializers.NewCommentSerializer,
        responses={201: serializers.CommentSerializer},
        operation_id="ticket_comments_create",
    )
    def post(self, request: Request, ticket_id: int) -> Response:
        """Say something: to the customer, as an internal note, or the customer's own words."""
        what = checked(serializers.NewCommentSerializer, request)
        who = what.pop("who")
        if who == "customer" and caller(request).role == Agent.TRAINEE:
            raise NotAllowed("not_allowed", "A trainee speaks for the desk, not for the customer.", field="author_type")
        said: dict[str, driver.Action] = {
            "agent": actions.reply,
            "note": actions.note_internally,
            "customer": actions.customer_says,
        }
        held = self.act(request, ticket_id, said[who], **what)
        mine = Comment.objects.filter(ticket=held.ticket, seq__lte=held.ticket.last_seq).select_related("author")
        return Response(
            serializers.CommentSerializer(mine.order_by("-seq").first()).data, status=status.HTTP_201_CREATED
        )


class EventsView(PagedUnderTicket):
    """A ticket's log."""

    serializer_class = serializers.EventSerializer

    @extend_schema(responses=serializers.EventSerializer(many=True), operation_id="ticket_events_list")
    def get(self, request: Request, ticket_id: int) -> Response:
        """What happened, oldest first. What only the customer knows is not in it while the ticket is unresolved."""
        return self.paged(
            request, visible_events(self.ticket(request, ticket_id), caller(request)).select_related("agent")
        )


class MetricsView(OnTicket):
    """Durations of a ticket."""

    @extend_schema(responses=serializers.MetricsSerializer, operation_id="ticket_metrics_read")
    def get(self, request: Request, ticket_id: int) -> Response:
        """In seconds, calendar and business, derived from the log."""
        filters.apply_filters(Ticket.objects.none(), request, {}, paged=False)
        ticket = self.ticket(request, ticket_id)
        calendar = desk_calendar(ticket.language)
        now = clocks.instant(ticket.clock, wall_now=clocks.wall())
        figures = asdict(durations(tickets.log_of(ticket), now=max(now, ticket.updated_at), calendar=calendar))
        told = {"ticket": ticket.pk, "unit": "seconds", "calendar": calendar.key, **figures}
        return Response(serializers.MetricsSerializer(told).data)


class ActionView(OnTicket):
    """A sub-resource that is one action on the ticket; answers with the ticket as it is then."""

    body_serializer: Any
    deed: driver.Action

    def post(self, request: Request, ticket_id: int) -> Response:
        what = checked(self.body_serializer, request)
        held = self.act(request, ticket_id, type(self).deed, **what)
        return ticket_answer(held.ticket.pk, caller(request), status.HTTP_201_CREATED)


def action_view(name: str, deed: Any, body: Any) -> Any:
    view: Any = type(
        name, (ActionView,), {"body_serializer": body, "deed": staticmethod(deed), "__doc__": deed.__doc__}
    )
    documented = extend_schema(
        request=body,
        responses={201: serializers.WholeTicketSerializer},
        description=deed.__doc__,
        operation_id=f"ticket_{deed.__name__}",
    )
    return extend_schema_view(post=documented)(view).as_view()


investigation = action_view("InvestigationView", actions.investigate, serializers.InvestigationSerializer)
remedies = action_view("RemediesView", actions.give_remedy, serializers.RemedySerializer)
letters = action_view("LettersView", actions.write_letter, serializers.LetterSerializer)
gifts = action_view("GiftsView", actions.offer_gift, serializers.GiftSerializer)
scheduled = action_view("ScheduledMessagesView", actions.schedule_message, serializers.NewFollowUpSerializer)


class FilteredList(GenericAPIView[Any]):
    """A list of what belongs to visible tickets, in cursor pages, with declared filters."""

    pagination_class = pages.Pages
    serializer_class: Any
    rows: QuerySet[Any]
    known: dict[str, filters.Filter] = {}

    def get(self, request: Request) -> Response:
        rows = self.rows.all()
        if not caller(request).sees_everything:
            rows = rows.filter(ticket__in=visible_tickets(caller(request)))
        page = self.paginate_queryset(filters.apply_filters(rows, request, self.known))
        return self.get_paginated_response(self.serializer_class(page, many=True).data)


def filtered_list(name: str, serializer: Any, rows: QuerySet[Any], known: dict[str, filters.Filter], told: str) -> Any:
    view: Any = type(
        f"{name.title()}View",
        (FilteredList,),
        {"serializer_class": serializer, "rows": rows, "known": known, "queryset": rows},
    )
    documented = extend_schema(
        parameters=filters.parameters(known),
        responses=serializer(many=True),
        description=told,
        operation_id=f"{name}_list",
    )
    return extend_schema_view(get=documented)(view).as_view()


_OF_TICKET = {"ticket": filters.whole("ticket_id", "ticket")}

runs = filtered_list(
    "runs",
    serializers.RunSerializer,
    PlaybookRun.objects.select_related("version").prefetch_related("step_runs"),
    {
        **_OF_TICKET,
        "playbook": filters.text("version__key"),
        "assigned_by": filters.one_of("assigned_by", ("choice", "rule", "random")),
    },
    "Playbook runs with the steps that have come to their end.",
)
follow_ups = filtered_list(
    "follow_ups",
    serializers.FollowUpSerializer,
    FollowUp.objects.all(),
    {
        **_OF_TICKET,
        "kind": filters.one_of("kind", FOLLOW_UP_KINDS),
        "state": filters.one_of("state", FOLLOW_UP_STATES),
        "due_at__lt": filters.instant("due_at__lt", "due_at__lt"),
    },
    "What was promised for later: pending, sent, or skipped with the reason.",
)
surveys = filtered_list(
    "surveys",
    serializers.SurveySerializer,
    Survey.objects.all(),
    {**_OF_TICKET, "metric": filters.one_of("metric", SURVEY_METRICS)},
    "Survey invitations and their answers; the raw score with its scale.",
)


class ClockView(GenericAPIView[Clock]):
    """The main desk's clock."""

    queryset = Clock.objects.none()
    serializer_class = serializers.ClockSerializer

    @extend_schema(operation_id="clock_read")
    def get(self, request: Request) -> Response:
        """What time it is on the main desk."""
        filters.apply_filters(Clock.objects.none(), request, {}, paged=False)
        clock = clocks.main_clock()
        told = {"clock": clock.key, "now": main_now(), "speed": clock.speed, "running": clock.running}
        return Response(serializers.ClockSerializer(told).data)
