"""The manager's page: response time beside satisfaction, then why, then every measure by playbook.

Reads alone. The address bar holds the whole choice, so a view can be sent as a link.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from playbooks.core.case import PROFILES, SEVERITY_BANDS
from playbooks.core.plot import STRIP_LINE, Mark, Picture, Tick, picture
from playbooks.models import Rehearsal
from playbooks.pages import choice as choices
from playbooks.pages import compared, outcomes, outcomes_files, outcomes_tickets, wording
from playbooks.pages.answer import described, few_words, group_of, provenance
from playbooks.pages.choice import Choice, Progress
from playbooks.pages.common import View, for_managers
from playbooks.pages.fairness import randomised
from playbooks.pages.figures import STRIP_WIDTH, Cell, Column, columns, columns_of, linked, picture_cells
from playbooks.pages.figures_table import table
from playbooks.pages.gap import gaps
from playbooks.pages.numbers import percent, time
from playbooks.pages.outcomes_words import all_words, word, words

CSAT_SCALE = (1, 5)
BROAD, SLIM = (880, 430, 400), (360, 400, 160)  # width, height, single tickets at most


def read_by_managers(view: View) -> View:
    """A page that changes nothing, for managers alone."""
    return for_managers(require_safe(view))


@read_by_managers
def compare(request: HttpRequest) -> HttpResponse:
    known = choices.rehearsals()
    people = choices.trainees()
    titles = choices.known_playbooks()
    choice = choices.choice_of(request.GET, known, people, titles)
    under_way = _progress(choices.running(choice, known), known)
    if request.htmx and request.htmx.target == "progress":  # type: ignore[attr-defined]
        return _under_way(request, under_way)
    found = compared.read(choice)
    playbooks = choices.playbooks_of(found.playbooks)
    shown = (
        columns_of(found.sums, playbooks)
        if found.sums
        else columns(found.outcomes, playbooks, [one.cluster for one in found.handled])
    )
    fields = _fields(choice, known, people)
    here = outcomes_tickets.address(choice)
    context: dict[str, Any] = {
        "here": "compare",
        "t": all_words(),
        "choice": choice,
        "fields": fields,
        "narrower": _narrower(choice),
        "playbooks": [(key, title, key in choice.playbook) for key, title in titles.items()],
        "progress": under_way,
        "columns": shown,
        "sections": linked(table(shown), shown, here),
        "pictured": described(shown),
        "by_language": _by_language(choice),
        "gaps": gaps(choice, shown),
        "few": few_words(shown),
        "provenance": provenance(found, repeated=len(choice.left_out)),
        "fair": randomised(choice, found.assigned if found.partly and choice.rehearsal is None else None),
        "drawings": [_drawing("broad", shown, *BROAD), _drawing("slim", shown, *SLIM)] if shown else [],
        "behind": _behind(shown, here),
        "strip": {"width": STRIP_WIDTH, "height": STRIP_LINE * len(shown)},
        "parts": outcomes.parts(choice, found, shown, playbooks) if shown else None,
    }
    page = "playbooks/compare.html"
    if request.GET.get("report") == "1" and shown:
        page = "playbooks/compare_report.html"
        source = next(words for value, words in fields[0].options if value == choice.source)
        context["described"] = outcomes.described(choice, source, titles, people)
        context["address"] = request.build_absolute_uri(f"{request.path}?{choice.query}")
        context["switched"] = [
            word("report", "without", words=", ".join(f"{name} {value}" for name, value in gap.switched))
            for gap in context["gaps"]
        ]
    return render(request, page, context, status=400 if choice.refused else 200)


def _behind(shown: Sequence[Column], here: Callable[[str, str], str]) -> list[tuple[Column, list[Cell]]]:
    """The first picture as a table, each number with its tickets."""
    return [
        (
            column,
            [
                replace(cell, href=here(column.key, about))
                for cell, about in zip(cells, ("answered", "csat"), strict=True)
            ],
        )
        for column, cells in ((column, picture_cells(column)) for column in shown)
    ]


def _by_language(choice: Choice) -> list[tuple[str, str]]:
    """The same choice in each language, where money is of one currency: words and query."""
    return [
        (word("judged", "choose_currency", language=str(words)), replace(choice, language=key).query)
        for key, words in wording.LANGUAGE.items()
    ]


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


def _narrower(choice: Choice) -> list[Field]:
    """Further lists, folded away until somebody wants them."""
    all_of: dict[str, Iterable[str]] = {"severity": SEVERITY_BANDS, "culture": PROFILES, "channel": wording.CHANNEL}
    named: dict[str, Mapping[str, object]] = {
        "severity": words("severity"),
        "culture": words("culture"),
        "channel": wording.CHANNEL,
    }
    return [
        Field(
            name,
            word("form", name),
            [("", word(name, "all")), *((key, str(named[name][key])) for key in known)],
            getattr(choice, name),
            choice.refused.get(name, ""),
        )
        for name, known in all_of.items()
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


urlpatterns = [
    path("", compare, name="compare"),
    path("tickets/", read_by_managers(outcomes_tickets.listing), name="compare-tickets"),
    path("rows.csv", read_by_managers(outcomes_files.as_csv), name="compare-rows"),
    path("rows.xlsx", read_by_managers(outcomes_files.as_xlsx), name="compare-rows-xlsx"),
    path("rows.parquet", read_by_managers(outcomes_files.as_parquet), name="compare-rows-parquet"),
    path("dictionary.csv", read_by_managers(outcomes_files.dictionary), name="compare-dictionary"),
]
