"""The manager's page: response time beside satisfaction, then every measure by playbook, then the rows as CSV.

Reads alone. The address bar holds the whole choice, so a view can be sent as a link.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import wraps
from typing import Any, cast

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from playbooks.core.plot import STRIP_LINE, Mark, Picture, Tick, picture
from playbooks.models import Rehearsal
from playbooks.pages import choice as choices
from playbooks.pages import wording
from playbooks.pages.answer import answers, few_words, group_of, provenance
from playbooks.pages.choice import Choice, Progress
from playbooks.pages.figures import STRIP_WIDTH, Column, columns, picture_cells, table
from playbooks.pages.gap import gaps
from playbooks.pages.numbers import percent, time
from tickets.models import Agent

CSAT_SCALE = (1, 5)
BROAD, SLIM = (880, 430, 400), (360, 400, 160)  # width, height, single tickets at most
SUSPECT = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # how a spreadsheet's formula begins
BOM = "\ufeff"  # without it Excel takes UTF-8 for the machine's own encoding

View = Callable[[HttpRequest], HttpResponseBase]


def for_managers(view: View) -> View:
    """Signed in, and of those who see the whole desk; for others the page does not exist."""

    @wraps(view)
    def guarded(request: HttpRequest) -> HttpResponseBase:
        if not cast(Agent, request.user).sees_everything:
            raise Http404
        return view(request)

    return login_required(never_cache(require_safe(guarded)))


@for_managers
def compare(request: HttpRequest) -> HttpResponse:
    known = choices.rehearsals()
    people = choices.trainees()
    choice = choices.choice_of(request.GET, known, people)
    under_way = _progress(choices.running(choice, known), known)
    if request.htmx and request.htmx.target == "progress":  # type: ignore[attr-defined]
        return _under_way(request, under_way)
    found = choices.read(choice)
    shown = columns(found.outcomes, choices.playbooks_of(frozenset(one.playbook for one in found.outcomes)))
    context = {
        "here": "compare",
        "choice": choice,
        "fields": _fields(choice, known, people),
        "progress": under_way,
        "columns": shown,
        "sections": table(shown),
        "answers": answers(shown, same_customers=choice.rehearsal is not None),
        "gaps": gaps(choice, shown),
        "few": few_words(shown),
        "provenance": provenance(found, repeated=len(choice.left_out)),
        "drawings": [_drawing("broad", shown, *BROAD), _drawing("slim", shown, *SLIM)] if shown else [],
        "behind": [(column, picture_cells(column)) for column in shown],
        "strip": {"width": STRIP_WIDTH, "height": STRIP_LINE * len(shown)},
    }
    return render(request, "playbooks/compare.html", context, status=400 if choice.refused else 200)


@dataclass(frozen=True, slots=True)
class Bar:
    """How far the rehearsals of a choice have come, all as one."""

    names: str
    done: int
    whole: int
    words: str


def _under_way(request: HttpRequest, progress: Bar | None) -> HttpResponse:
    """The bar alone; once it is full the page comes anew with the figures of the whole rehearsal."""
    if progress is None:
        return HttpResponse(headers={"HX-Refresh": "true"})
    return render(request, "playbooks/_compare_progress.html", {"progress": progress})


def _progress(running: Sequence[Progress], known: Mapping[str, Rehearsal]) -> Bar | None:
    if not running:
        return None
    done, whole = sum(one.done for one in running), sum(one.whole for one in running)
    return Bar(", ".join(choices.title_of(known[one.key]) for one in running), done, whole, percent(done / whole))


# What can be chosen


@dataclass(frozen=True, slots=True)
class Field:
    """One list to choose from: value, words, and the sentence if what stood in the address was refused."""

    name: str
    label: str
    options: Sequence[tuple[str, str]]
    value: str
    refused: str


def _fields(choice: Choice, known: Mapping[str, Rehearsal], people: Mapping[str, str]) -> list[Field]:
    hidden = choices.repeated(known) - {choice.rehearsal}
    sources = [
        (choices.MAIN, _("Main desk")),
        (choices.SHIFTS, _("Shifts")),
        *(
            (choices.REHEARSAL + key, _("Rehearsal {name}").format(name=choices.title_of(one)))
            for key, one in known.items()
            if key not in hidden
        ),
        (choices.ALL, _("Everything, mixed")),
    ]
    languages = [("", _("All languages")), *((key, str(words)) for key, words in wording.LANGUAGE.items())]
    complaints = [("", _("All complaints")), *((key, str(words)) for key, words in wording.COMPLAINT.items())]
    listed = (
        ("source", _("Tickets of"), sources),
        ("language", _("Language"), languages),
        ("category", _("Complaint"), complaints),
        ("trainee", _("Trainee"), [("", _("All trainees")), *people.items()]),
    )
    return [
        Field(name, label, options, getattr(choice, name), choice.refused.get(name, ""))
        for name, label, options in listed
    ]


# The picture


@dataclass(frozen=True, slots=True)
class Drawing:
    """The first picture for one width of screen. `marks` and `dots` carry the hue of their playbook."""

    key: str
    picture: Picture
    times: Sequence[tuple[Tick, str]]
    marks: Sequence[tuple[Mark, Column]]
    dots: Sequence[tuple[str, Column]]


def _drawing(key: str, shown: Sequence[Column], width: int, height: int, most_dots: int) -> Drawing:
    by_key = {column.key: column for column in shown}
    drawn = picture([group_of(c) for c in shown], scores=CSAT_SCALE, width=width, height=height, most_dots=most_dots)
    return Drawing(
        key,
        drawn,
        [(tick, time(tick.value)) for tick in drawn.x_ticks],
        [(mark, by_key[mark.key]) for mark in drawn.marks],
        [(path_data, by_key[group]) for group, path_data in drawn.dots if path_data],
    )


# The rows


@for_managers
def rows(request: HttpRequest) -> HttpResponseBase:
    """Every ticket of the choice, one line each, as it is read from the database."""
    choice = choices.choice_of(request.GET, choices.rehearsals(), choices.trainees())
    if choice.refused:
        lines = "".join(f"{name}: {words}\n" for name, words in choice.refused.items())
        return HttpResponse(lines, status=400, content_type="text/plain; charset=utf-8")
    return StreamingHttpResponse(
        _lines(choice),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="tickets.csv"'},
    )


class _Line:
    """A file whose `write` hands the line on."""

    def write(self, text: str) -> str:
        return text


def _lines(choice: Choice) -> Iterator[str]:
    writer = csv.writer(_Line())
    yield BOM + writer.writerow(choices.EXPORTED)
    for row in choices.exported(choice):
        yield writer.writerow([cell(value) for value in row])


def cell(value: Any) -> Any:
    """A value for a spreadsheet. A text of a customer must not become a formula of the reader's."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str) and value.lstrip(" ").startswith(SUSPECT):
        return f"'{value}"
    return value


urlpatterns = [
    path("", compare, name="compare"),
    path("rows.csv", rows, name="compare-rows"),
]
