"""The one way in: every complaint, from REST, a file, a shift or the demo, becomes a ticket here.

Ticket, case file and playbook run are created in one transaction, and what follows is derived.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.db import transaction
from django.db.models import Count, Q

from playbooks import allocation, definitions
from playbooks.core import streams
from playbooks.core.case import NEUTRAL_PROFILE, Case, case_from
from playbooks.core.customer.evidence import E
from playbooks.core.customer.notice import DAY, Notice, reaching, spares
from playbooks.core.opening import opening_events
from playbooks.core.scenarios import case_of_ticket
from playbooks.held import Held, begin
from playbooks.models import AdvanceNotice, Arrival, AutoAgent, CaseFile, PlaybookRun
from tickets import actions as tickets
from tickets.models import Agent, Clock, Ticket

DESK_SEED = 20_250_901  # of everybody who comes in without a seed of their own
RULE, RANDOM = "rule", "random"
NOBODY = "Customer"  # the name of one who gave none
RANDOM_ARMS = (definitions.FAST, definitions.LETTER)


@dataclass(frozen=True, slots=True)
class Complaint:
    """What came in, as plain values; the fields of the API."""

    description: str
    subject: str = ""
    channel: str = "api"
    priority: str = "normal"
    category: str | None = None  # guessed from the description where it is not given
    language: str = "en"
    profile: str | None = None
    tags: Sequence[str] = ()
    custom_fields: Mapping[str, Any] = field(default_factory=dict)
    external_id: str | None = None
    requester_name: str = NOBODY
    requester_email: str = ""
    playbook: str = RULE  # a key, "rule" or "random"
    seed: int = DESK_SEED
    key: str | None = None  # of its random streams; default: external id, else ordinal on its clock
    case: Mapping[str, Any] | None = None  # the hidden truth, where it is authored

    def to_dict(self) -> dict[str, Any]:
        return {name: getattr(self, name) if name != "tags" else list(self.tags) for name in self.__dataclass_fields__}


def take_in(
    complaint: Complaint,
    *,
    clock: Clock,
    now: int,
    assignee: Agent | None = None,
    submitter: Agent | None = None,
    worker: AutoAgent | None = None,
) -> Held:
    """Open a ticket with its playbook run. One transaction; raises what tickets.actions refuses."""
    with transaction.atomic():
        customer = tickets.find_customer(
            name=complaint.requester_name,
            email=complaint.requester_email,
            language=complaint.language,
            culture=complaint.profile or NEUTRAL_PROFILE[complaint.language],
        )
        case = _case(complaint, _key(complaint, clock))
        notice = _told(complaint, case, clock=clock, now=now)
        ticket = tickets.open_ticket(
            clock=clock,
            requester=customer,
            description=complaint.description,
            subject=complaint.subject,
            channel=complaint.channel,
            priority=complaint.priority,
            category=case.category,
            language=complaint.language,
            tags=complaint.tags,
            custom_fields=complaint.custom_fields,
            external_id=complaint.external_id,
            submitter=submitter,
            assignee=assignee or (worker.agent if worker else None),
            now=now,
            opening=opening_events(
                case, at=now, priority=complaint.priority, told_at=notice[1].told_at if notice else None
            ),
        )
        clock.last_number = ticket.number
        CaseFile.objects.create(ticket=ticket, case=case.to_dict())
        run = start_run(ticket, complaint, case, worker=worker, now=now)
        return begin(ticket, run, case)


def _key(complaint: Complaint, clock: Clock) -> str:
    return complaint.key or complaint.external_id or f"{clock.key}/{clock.last_number + 1}"


def _told(complaint: Complaint, case: Case, *, clock: Clock, now: int) -> tuple[int, Notice] | None:
    """The notice on this clock that has reached this customer, with its row (one query)."""
    rows = AdvanceNotice.objects.filter(clock=clock, told_at__lt=now, told_at__gte=now - E.notice.days * DAY)
    notices = {
        Notice(row.cause, row.told_at, row.told, row.not_told, frozenset(row.emails)): row.pk
        for row in rows.order_by("-told_at", "-pk")
    }
    found = reaching(notices, case, email=complaint.requester_email, at=now) if notices else None
    return (notices[found], found) if found else None


def _case(complaint: Complaint, key: str) -> Case:
    if complaint.case is not None:
        return replace(case_from(complaint.case), key=key)
    return case_of_ticket(
        key=key,
        seed=complaint.seed,
        language=complaint.language,
        channel=complaint.channel,
        category=complaint.category,
        description=complaint.description,
        profile=complaint.profile,
        customer=complaint.requester_name if complaint.requester_name != NOBODY else None,
    )


def start_run(ticket: Ticket, complaint: Complaint, case: Case, *, worker: AutoAgent | None, now: int) -> PlaybookRun:
    """The ticket's playbook: by choice, by rule (the language's own practice), or by a stored seeded draw.

    Where a trial runs on the desk, its draw takes the place of the rule.
    """
    placed = allocation.place(ticket, complaint.playbook, case, now=now)
    if placed is not None:
        version, assignment = placed
        assigned_by = PlaybookRun.RANDOM
    else:
        key, assigned_by, assignment = decide_playbook(complaint.playbook, case)
        version = definitions.current(key)
    return PlaybookRun.objects.create(
        ticket=ticket,
        clock=ticket.clock,
        version=version,
        assigned_by=assigned_by,
        assignment=assignment,
        started_at=now,
        worker=worker,
    )


def decide_playbook(wish: str, case: Case) -> tuple[str, str, dict[str, Any]]:
    """(playbook key, how it was assigned, what the assignment rests on)."""
    if wish == RANDOM or (wish == RULE and case.language == "en"):
        purpose = "assignment/playbook"
        draw = streams.uniform(case.seed, purpose, case.key)
        arm = RANDOM_ARMS[streams.pick(draw, len(RANDOM_ARMS))]
        return arm, PlaybookRun.RANDOM, {"seed": case.seed, "stream": purpose, "key": case.key, "draw": round(draw, 12)}
    if wish == RULE:
        key = definitions.LETTER if case.language == "ja" else definitions.FAST
        return key, PlaybookRun.RULE, {"rule": "language", "language": case.language}
    return wish, PlaybookRun.CHOICE, {"chosen": wish}


def least_busy_trainee() -> Agent | None:
    """Who gets a ticket that comes in on the main desk: the trainee with the fewest unresolved ones."""
    return (
        Agent.objects.filter(role=Agent.TRAINEE, is_active=True)
        .annotate(
            unresolved=Count(
                "tickets", filter=Q(tickets__clock__main=True) & ~Q(tickets__status__in=("solved", "closed"))
            )
        )
        .order_by("unresolved", "pk")
        .first()
    )


def arrive(row: Arrival, *, now: int) -> Held | None:
    """A complaint whose moment has come. None where its customer had been told of the trouble and lets it be.

    Only simulated customers come this way; what somebody sends in is never kept back.
    """
    data = dict(row.data)
    worker = None
    if (ordinal := data.pop("worker", None)) is not None:
        worker = AutoAgent.objects.select_related("agent").get(clock_id=row.clock_id, ordinal=ordinal)
    assignee_id = data.pop("assignee", None)
    assignee = Agent.objects.get(pk=assignee_id) if assignee_id else None
    clock, complaint = Clock.objects.get(pk=row.clock_id), Complaint(**data)
    if notice := _prevented_by(complaint, clock=clock, now=now):
        Arrival.objects.filter(pk=row.pk).update(state="prevented", data={**row.data, "notice": notice})
        return None
    return take_in(complaint, clock=clock, now=now, assignee=assignee, worker=worker)


def _prevented_by(complaint: Complaint, *, clock: Clock, now: int) -> int | None:
    """The row of the notice after which this customer does not complain."""
    if not AdvanceNotice.objects.filter(clock=clock).exists():
        return None
    case = _case(complaint, _key(complaint, clock))
    notice = _told(complaint, case, clock=clock, now=now)
    return notice[0] if notice and spares(case) else None


def give_missing_runs(*, limit: int = 200) -> int:
    """Give a run to tickets that have none (put in by other means than `take_in`). Returns how many."""
    given = 0
    for ticket in Ticket.objects.filter(runs__isnull=True).select_related("clock", "requester").order_by("pk")[:limit]:
        complaint = Complaint(
            description=ticket.description, channel=ticket.channel, category=ticket.category, language=ticket.language
        )
        case = _case(complaint, ticket.external_id or f"{ticket.clock.key}/{ticket.number}")
        with transaction.atomic():
            CaseFile.objects.get_or_create(ticket=ticket, defaults={"case": case.to_dict()})
            begin(ticket, start_run(ticket, complaint, case, worker=None, now=ticket.created_at), case)
        given += 1
    return given
