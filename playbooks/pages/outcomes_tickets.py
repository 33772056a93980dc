"""The tickets behind a number of the comparison: the same choice, one playbook, one list; a page at a time.

Who may see them is part of the query, as everywhere; counting happens in the database.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from django.core.paginator import Page, Paginator
from django.db.models import BigIntegerField, Exists, F, OuterRef, Q, QuerySet
from django.db.models.fields.json import KT
from django.db.models.functions import Cast, Coalesce, NullIf
from django.db.models.lookups import LessThan
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import cached_property

from playbooks.api.sight import visible_tickets
from playbooks.core.adherence import HOWS, LATE, MET
from playbooks.core.outcome import ANSWER_WITHIN, RESOLVE_WITHIN
from playbooks.core.rail import LEFT_OUT, MISSED
from playbooks.models import Outcome, StepRun
from playbooks.outcomes import from_data
from playbooks.pages import choice as choices
from playbooks.pages import wording
from playbooks.pages.choice import Choice
from playbooks.pages.common import agent_of
from playbooks.pages.numbers import NOTHING, in_currency, number, time
from playbooks.pages.outcomes_words import all_words, word, words
from tickets.templatetags.desk_format import written

A_PAGE = 50
MOST_LISTED = 10_000
REPLY, RESOLUTION = "human_reply", "resolution"
FAR = 1 << 62  # later than any instant
STEP = "step:"  # before the key of a step and how it ended: step:letter:late


def _asked(metric: str) -> Q:
    return Q(data__invited__icontains=f'"{metric}"')


def _known(path: str, **limits: int) -> Q:
    """There is a number, within the limits. JSON's null is no number, but databases order it among them."""
    found = ~Q(**{path: None})
    for limit, value in limits.items():
        found &= Q(**{f"{path}__{limit}": value})
    return found


def _in_vain(span: str) -> Q:
    """It came after the customer had left, as `Outcome.in_vain` has it."""
    left, opened, took = (_whole(path) for path in ("left_at", "opened_at", f"{span}__calendar"))
    late = LessThan(Coalesce(NullIf(left, 0), FAR), Coalesce(opened + took, 0))
    if span != RESOLUTION:
        return Q(late)
    return Q(late) | Q(data__abandoned=True) & _known("data__resolution__calendar", gte=0)


def _whole(path: str) -> Cast:
    """0 or nothing for JSON's null: SQLite casts it, PostgreSQL does not."""
    return Cast(KT(f"data__{path}"), BigIntegerField())


def _reached(span: str, **limits: int) -> Q:
    return _known(f"data__{span}__calendar", **limits) & ~_in_vain(span)


# What each list holds, by the words of a row of the page.
LISTS: Mapping[str, Q] = {
    "all": Q(),
    "open": Q(data__resolved=False),
    "answered": _reached(REPLY, gte=0),
    "unanswered": Q(data__human_reply__calendar=None),
    "in_target": Q(data__within_target=True) & ~_in_vain(REPLY),
    "in_a_day": _reached(REPLY, lte=ANSWER_WITHIN),
    "receipted": _known("data__bot_reply__calendar", gte=0),
    "ended": _reached(RESOLUTION, gte=0),
    "unended": Q(data__resolution__calendar=None),
    "in_three_days": _reached(RESOLUTION, lte=RESOLVE_WITHIN),
    "in_vain": _in_vain(REPLY) | _in_vain(RESOLUTION),
    "csat": _known("data__csat", gte=1),
    "satisfied": _known("data__csat", gte=4),
    "csat_asked": _asked("csat"),
    "ces": _known("data__ces", gte=1),
    "ces_asked": _asked("ces"),
    "nps": _known("data__nps", gte=0),
    "nps_asked": _asked("nps"),
    "bought": Q(data__repurchased=True) | Q(data__repurchased=False),
    "told_good": _known("data__told_good", gte=1),
    "told_bad": _known("data__told_bad", gte=1),
    "reviewed": _known("data__stars", gte=1),
    "abandoned": Q(data__abandoned=True),
    "left": _known("data__left_at", gte=0),
    "silent": Q(data__left_silently=True),
    "accepted": Q(data__accepted=True),
    "reopened": _known("data__reopens", gte=1),
    "steps_met": _known("data__steps_met", gte=1),
    "steps_late": _known("data__steps_late", gte=1),
    "steps_missed": _known("data__steps_missed", gte=1),
    "steps_left_out": _known("data__steps_left_out", gte=1),
    **{currency: Q(data__currency=currency) for currency in ("KRW", "JPY", "USD")},
}


@dataclass(frozen=True, slots=True)
class Line:
    """One ticket, as the list shows it."""

    pk: int
    number: int
    clock: str
    opened: str
    complaint: str
    channel: str
    playbook: str
    status: str
    reply: str
    resolution: str
    csat: str
    cost: str


def address(choice: Choice) -> Callable[[str, str], str]:
    """Where the tickets of a playbook and a list are, within this choice."""
    base, query = reverse("compare-tickets"), choice.query

    def of(playbook: str, about: str) -> str:
        asked = urlencode({name: value for name, value in (("of", playbook), ("about", about)) if value})
        return f"{base}?{query}&{asked}" if query else f"{base}?{asked}"

    return of


def behind(choice: Choice, playbook: str, about: str) -> QuerySet[Outcome]:
    """Outcome rows of a list; KeyError where there is no such list."""
    rows = choices.chosen(choice)
    if playbook:
        rows = rows.filter(playbook=playbook)
    if about.startswith(STEP):
        step, how = about.removeprefix(STEP).rsplit(":", 1) if about.count(":") > 1 else ("", "")
        if how not in HOWS:
            raise KeyError(about)
        return rows.filter(Exists(_steps(step, how).filter(run__ticket=OuterRef("ticket"))))
    return rows.filter(LISTS[about])


def _steps(step: str, how: str) -> QuerySet[StepRun]:
    """As `core.adherence.how` tells them apart."""
    rows = StepRun.objects.filter(step=step)
    in_time = Q(due_at__isnull=True) | Q(done_at__isnull=True) | Q(done_at__lte=F("due_at"))
    done = Q(state="done")
    return rows.filter(
        {
            MET: done & in_time,
            LATE: done & ~in_time & ~Q(met=False),
            MISSED: Q(state=MISSED) | (done & ~in_time & Q(met=False)),
            LEFT_OUT: Q(state=LEFT_OUT),
        }[how]
    )


class Bounded(Paginator):
    """Pages of at most so many rows: further ones are not counted, for counting alone would read a million rows."""

    @cached_property
    def _seen(self) -> int:
        rows = self.object_list
        assert isinstance(rows, QuerySet)
        return rows.order_by().values("pk")[: MOST_LISTED + 1].count()

    @cached_property
    def count(self) -> int:
        return min(self._seen, MOST_LISTED)

    @property
    def more(self) -> bool:
        return self._seen > MOST_LISTED


def listing(request: HttpRequest) -> HttpResponse:
    playbooks = choices.known_playbooks()
    choice = choices.choice_of(request.GET, choices.rehearsals(), choices.trainees(), playbooks)
    refused = dict(choice.refused)
    playbook, about = request.GET.get("of", ""), request.GET.get("about", "all")
    try:
        rows = behind(choice, playbook, about)
    except KeyError:
        refused["about"] = word("tickets", "unknown")
        about, rows = "all", behind(choice, playbook, "all")
    rows = rows.filter(ticket__in=visible_tickets(agent_of(request)))
    pages = Bounded(rows.select_related("ticket", "clock"), A_PAGE)
    found = pages.get_page(request.GET.get("page"))
    here = address(choice)
    context = {
        "here": "compare",
        "t": all_words(),
        "choice": choice,
        "refused": refused,
        "lists": _lists(about),
        "of": playbook,
        "about": about,
        "playbooks": [("", word("tickets", "every_playbook")), *playbooks.items()],
        "kept": _kept(choice),
        "lines": [_line(row, playbooks) for row in found],
        "count": word("tickets", "more" if pages.more else "count", n=number(pages.count)),
        "page": found,
        "where": word("tickets", "page", n=number(found.number), of=number(pages.num_pages)),
        "pages": _pages(found, here(playbook, about)),
    }
    return render(request, "playbooks/compare_tickets.html", context, status=400 if refused else 200)


def _lists(about: str) -> list[tuple[str, str]]:
    known = [(key, words("about")[key]) for key in LISTS]
    if about.startswith(STEP):
        step, how = about.removeprefix(STEP).rsplit(":", 1)
        known.append((about, f"{word('steps', 'step')}: {step} – {word('steps', how)}"))
    return known


def _kept(choice: Choice) -> list[tuple[str, str]]:
    """The choice as hidden fields of the form."""
    values = ((name, getattr(choice, name)) for name in choices.FIELDS)
    return [
        (name, str(one)) for name, value in values if value for one in (value if isinstance(value, tuple) else (value,))
    ]


def _pages(found: Page[Outcome], here: str) -> dict[str, str]:
    return {
        "next": f"{here}&page={found.next_page_number()}" if found.has_next() else "",
        "previous": f"{here}&page={found.previous_page_number()}" if found.has_previous() else "",
    }


def _line(row: Outcome, playbooks: Mapping[str, str]) -> Line:
    one, ticket = from_data(row.data), row.ticket
    gone = word("tickets", "gone")
    return Line(
        pk=ticket.pk,
        number=ticket.number,
        clock=row.clock.key,
        opened=written(row.opened_at, choices.DESK_ZONE.key, "short"),
        complaint=str(wording.COMPLAINT.get(ticket.category, ticket.category)),
        channel=str(wording.CHANNEL.get(ticket.channel, ticket.channel)),
        playbook=playbooks.get(row.playbook, row.playbook),
        status=str(wording.STATUS.get(ticket.status, ticket.status)),
        reply=gone if one.human_reply.calendar is None else time(one.human_reply.calendar),
        resolution=gone if one.resolution.calendar is None else time(one.resolution.calendar),
        csat=NOTHING if one.csat is None else number(one.csat),
        cost=in_currency(one.currency)(sum(one.cost.values())),
    )
