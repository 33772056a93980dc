"""The manager's experiments: what was tried so far, a form to begin one, and a page for each.

The address holds the view: the language, the report, and settings to begin again with.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from django.db.models import F
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from playbooks import definitions, experiments
from playbooks.core.experiments.plan import with_rate
from playbooks.core.playbook import Playbook
from playbooks.experiments import places_of
from playbooks.models import Experiment
from playbooks.pages.common import agent_of, for_managers
from playbooks.pages.experiments_arms import apart_from_usual, arms_of, desk_words, measure_of, name_of_settings
from playbooks.pages.experiments_form import (
    Form,
    choices_of,
    links_of,
    refused_before,
    refused_by_core,
    settings_from,
    side_lines,
    typed_of,
    usual_values,
    values_of,
)
from playbooks.pages.experiments_pictures import measure_title
from playbooks.pages.experiments_result import Load, Loads, shown
from playbooks.pages.experiments_words import gap, number, texts
from playbooks.pages.reading import name_of
from tickets import clock as clocks
from tickets.errors import Conflict, HelpdeskError

LISTED, SEARCHED = 50, 100
AROUND = (0.25, 0.5, 1, 2, 4, 8)  # times the load of an experiment
LOAD = {"desk": "eight-hour-day", "sweep": "per_hour", "both": True, "tickets": "9600", "replications": "10"}


# ---------------------------------------------------------------- the list and the form


@dataclass(frozen=True, slots=True)
class Listed:
    """One line of the list."""

    pk: int
    name: str
    about: str
    state: str
    words: str
    done: int
    whole: int
    at: int
    by: str
    found: str  # of the main outcome, once it is done
    bar: tuple[int, int]  # of the phase it is in: the cases, then the replications


@for_managers
@require_http_methods(["GET", "HEAD", "POST"])
def listed(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return _list_page(request, Form(_to_begin_with(request)))
    settings, refused = settings_from(request.POST)
    if not refused:
        try:
            refused = refused_before(settings)
            if not refused:
                begun = experiments.begin(settings, by=agent_of(request), wall_now=clocks.wall())
                return redirect("experiment", begun.pk)
        except HelpdeskError as error:
            refused = refused_by_core(error)
    return _list_page(request, Form(typed_of(request.POST), refused), status=400)


def _to_begin_with(request: HttpRequest) -> dict[str, Any]:
    """The usual settings, those of another experiment, or those of the load crossover."""
    again = request.GET.get("again", "")
    if again.isascii() and again.isdigit():
        found = Experiment.objects.filter(pk=int(again[:18])).first()
        if found is not None:
            return {**values_of(found.settings), "again": again}
    around = request.GET.get("around", "")
    if around.isascii() and around.isdigit():
        found = Experiment.objects.filter(pk=int(around[:18])).first()
        if found is not None:
            return _loads_around(found)
    return {**usual_values(), **LOAD} if "load" in request.GET else usual_values()


def _loads_around(experiment: Experiment) -> dict[str, Any]:
    """The same desk and settings, with the load moved around its own."""
    own = places_of(experiment.settings)[0].arms[0].desk.setting.arrivals.per_hour
    values = ", ".join(f"{own * times:.4g}" for times in AROUND)
    return {
        **values_of(experiment.settings),
        "per_hour": "",
        "sweep": "per_hour",
        "sweep_values": values,
        "both": False,
    }


def _list_page(request: HttpRequest, form: Form, *, status: int = 200) -> HttpResponse:
    playbooks, words = _playbooks(), texts()
    tried = Experiment.objects.select_related("made_by").defer("result").order_by("-pk")
    rows = list(tried.annotate(differences=F("result__differences"), arms=F("result__plan__arms"))[: LISTED + 1])
    context = {
        "here": "experiments",
        "t": words,
        "form": form,
        "v": form.values,
        "refused_count": words.say("form.not_begun", n=number(len(form.refused))) if form.refused else "",
        "refused_links": links_of(form.refused),
        "again": words.say("form.again", n=form.values["again"]) if form.values.get("again") else "",
        "choices": choices_of(),
        "sides": side_lines(form.values.get("sides", "")),
        "values_hint": words.say("form.sweep_values_hint", usual=words.plain("form.sweep_usual")),
        "listed": [_line(row, playbooks) for row in rows[:LISTED]],
        "older": len(rows) > LISTED,
    }
    return render(request, "playbooks/experiments.html", context, status=status)


def _line(row: Experiment, playbooks: Mapping[str, Playbook]) -> Listed:
    words = texts()
    done, whole = experiments.progress(row)
    state, handling = words.plain(f"state.{row.state}"), None
    if row.state != Experiment.DONE:
        state += f" · {words.say('list.done_of', done=number(done), whole=number(whole))}"
    if row.state == Experiment.RUNNING:
        handling = experiments.handling(row)
        if handling is not None:
            state += f" · {words.say('list.handling', done=number(handling[0]), whole=number(handling[1]))}"
        elif done == whole:
            state += f" · {words.plain('list.putting')}"
    bar = handling if handling is not None and not done else (done, whole)
    about = [desk_words(row.settings), words.say("list.customers", n=number(row.settings["tickets"]))]
    about += apart_from_usual(row.settings)
    return Listed(
        row.pk,
        name_of_settings(row.settings, playbooks),
        " · ".join(about),
        row.state,
        state,
        done,
        whole,
        int(row.wall_made_at),
        words.say("list.by", name=name_of(row.made_by)) if row.made_by else "",
        _found(row, playbooks),
        bar,
    )


def _found(row: Experiment, playbooks: Mapping[str, Playbook]) -> str:
    """The main outcome in one line; nothing on a page that shows the whole result, and nothing of a sweep."""
    differences = getattr(row, "differences", None)
    if not differences:
        return ""
    words, key = texts(), row.settings["primary"]
    titles = {arm.key: arm.title for arm in arms_of(row.arms, playbooks)}  # type: ignore[attr-defined]
    parts = []
    for arm, against in differences.items():
        of = against["outcomes"][key]
        verdict = {True: "forest.shown", False: "forest.not_shown", None: "list.unsaid"}[of["shown"]]
        told = gap(measure_of(key), of["estimate"])
        parts.append(f"{titles[arm]} {told} ({words.plain(verdict)})")
    return f"{measure_title(measure_of(key))}: {words.plain('number.comma').join(parts)}"


def _playbooks() -> dict[str, Playbook]:
    """All there ever were: an old experiment keeps its titles and hues."""
    return definitions.known()


# ---------------------------------------------------------------- one of them


def _one(pk: int) -> Experiment:
    found = Experiment.objects.select_related("made_by").filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


@for_managers
@require_safe
def one(request: HttpRequest, pk: int) -> HttpResponse:
    experiment = _one(pk)
    if request.htmx:  # type: ignore[attr-defined]
        return _under_way(request, experiment)
    report = "report" in request.GET
    context = _frame(request, experiment)
    if experiment.state == Experiment.DONE:
        loads = _loads_of(experiment)
        context |= shown(experiment, _playbooks(), loads=loads)
        context |= {"report": report, "load_links": _load_links(experiment, loads)}
    page = "report" if report and experiment.state == Experiment.DONE else "one"
    return render(request, f"playbooks/experiment_{page}.html", context)


def _frame(request: HttpRequest, experiment: Experiment) -> dict[str, Any]:
    words, line = texts(), _line(experiment, _playbooks())
    settings = experiment.settings
    numbers = {"n": number(settings["tickets"]), "replications": number(settings["replications"])}
    return {
        "here": "experiments",
        "t": words,
        "experiment": experiment,
        "line": line,
        "title": words.say("one.title", n=str(experiment.pk)),
        "under": words.say("one.under", desk=desk_words(settings), **numbers),
        "failed": words.say("one.failed", why=experiment.error) if experiment.error else "",
        "view": request.build_absolute_uri(),
        "back": reverse("experiments"),
    }


def _under_way(request: HttpRequest, experiment: Experiment) -> HttpResponse:
    """The bar alone; once it is done the page comes anew with what was found."""
    if experiment.state == Experiment.DONE:
        return HttpResponse(headers={"HX-Refresh": "true"})
    return render(request, "playbooks/experiment_progress.html", _frame(request, experiment))


def _loads_of(experiment: Experiment) -> dict[str, Loads]:
    """By side: finished sweeps of the load that answer for it and the baseline, of their own desks and of the
    published study."""
    done = Experiment.objects.filter(state=Experiment.DONE, settings__sweep__parameter="per_hour")
    alike = [row for row in done.order_by("-pk")[:SEARCHED] if _model(row.settings) == _model(experiment.settings)]
    baseline, *others = _sides(experiment.settings)
    own = [row for row in alike if not row.settings["sweep"]["both"]]
    study = [row for row in alike if row.settings["sweep"]["both"]]
    return {
        side.key: Loads(_first(own, baseline, side, desks=True), _first(study, baseline, side, desks=False))
        for side in others
    }


@dataclass(frozen=True, slots=True)
class _Side:
    """What makes one side what it is: its playbook in its version, and what its desk comes to."""

    key: str
    version: int
    desk: Any
    per_hour: float | None


def _sides(settings: Mapping[str, Any]) -> list[_Side]:
    return [
        _Side(arm["key"], version, *_desk_of(arm))
        for arm, version in zip(settings["arms"], settings["versions"], strict=True)
    ]


def _desk_of(arm: Mapping[str, Any]) -> tuple[Any, float | None]:
    """Everything of a desk that decides digits but the load, which a sweep moves; and the load. A number that is
    given and the same number that the desk has by itself come to the same."""
    try:
        desk = experiments.desk_of(arm)
    except HelpdeskError:  # a desk that came with the product once
        return None, None
    moved = with_rate(desk, 1.0)
    return (moved.setting, desk.conduct, desk.whole, desk.abandoned_repurchase), desk.setting.arrivals.per_hour


def _first(rows: Sequence[Experiment], baseline: _Side, side: _Side, *, desks: bool) -> Load | None:
    """The newest sweep from the same baseline that has this side too; `desks`: on their desks, at one load."""
    if desks and (side.desk is None or side.per_hour != baseline.per_hour):
        return None

    def same(one: _Side, two: _Side) -> bool:
        return one.version == two.version and (not desks or one.desk == two.desk)

    for row in rows:
        first, *others = _sides(row.settings)
        there = next((other for other in others if same(other, side)), None)
        if there is not None and same(first, baseline) and row.result is not None:
            return Load(row.pk, row.result["sweep"], first.key, there.key)
    return None


def _model(settings: Mapping[str, Any]) -> list[Any]:
    """By which model it is judged."""
    return [settings[name] for name in ("speed_model", "letter", "gift")]


def _load_links(experiment: Experiment, loads: Mapping[str, Loads]) -> list[tuple[str, str]]:
    """To the sweep of this desk, or to a form that begins it; and to the published study, which is another desk."""
    words, found, form = texts(), list[tuple[str, str]](), reverse("experiments")
    own = dict.fromkeys(one.own.number for one in loads.values() if one.own is not None)
    found += [(reverse("experiment", args=[pk]), words.say("line.load_link", n=str(pk))) for pk in own]
    if any(one.own is None for one in loads.values()):
        found.append((f"{form}?around={experiment.pk}", words.plain("form.load_here")))
    of_study = next((one.published.number for one in loads.values() if one.published is not None), None)
    study = f"{form}?load=1" if of_study is None else reverse("experiment", args=[of_study])
    return [*found, (study, words.plain("form.load_published"))]


@for_managers
@require_safe
def as_json(request: HttpRequest, pk: int) -> HttpResponse:
    """Everything: settings, result, digest."""
    experiment = _one(pk)
    told = {
        "id": experiment.pk,
        "state": experiment.state,
        "settings": experiment.settings,
        "digest": experiment.digest,
        "result": experiment.result,
    }
    response = JsonResponse(told, json_dumps_params={"ensure_ascii": False, "indent": 1})
    response["Content-Disposition"] = f'inline; filename="experiment-{experiment.pk}.json"'
    return response


@for_managers
@require_POST
def told_to(request: HttpRequest, pk: int, deed: str) -> HttpResponse:
    """Cancel or go on. What has happened meanwhile is seen on the page."""
    experiment = _one(pk)
    with suppress(Conflict):  # done, or told so already, in the meantime
        {"cancel": experiments.cancel, "resume": experiments.resume}[deed](experiment)
    return redirect("experiment", pk)


urlpatterns = [
    path("", listed, name="experiments"),
    path("<int:pk>/", one, name="experiment"),
    path("<int:pk>/result.json", as_json, name="experiment-json"),
    path("<int:pk>/cancel/", told_to, {"deed": "cancel"}, name="experiment-cancel"),
    path("<int:pk>/resume/", told_to, {"deed": "resume"}, name="experiment-resume"),
]
