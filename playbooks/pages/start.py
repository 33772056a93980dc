"""The way in: each to their own page, and the page where a trainee starts a shift."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from playbooks import definitions
from playbooks import shifts as training
from playbooks.core.scenarios import scenarios
from playbooks.held import desk_calendar
from playbooks.models import Shift
from playbooks.pages import forms, reading, wording
from playbooks.pages import queue as waiting
from playbooks.pages.common import Refused, agent_of, refused_by, title_of
from tickets import clock as clocks
from tickets.errors import HelpdeskError
from tickets.models import Agent

SHIFTS_SHOWN = 30


@login_required
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Each to their own page."""
    return redirect("compare" if agent_of(request).sees_everything else "desk")


@login_required
@require_safe
def desk(request: HttpRequest) -> HttpResponse:
    return _shifts_page(request)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def start_shift(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return redirect("desk")  # a refused form's address, opened again in another language
    post, wall_now = request.POST, clocks.wall()
    opening = desk_calendar(post.get("language", "")).next_opening(int(wall_now))
    try:
        begun = training.start_shift(
            agent_of(request),
            now=opening,  # nobody practises on a desk that is closed
            wall_now=wall_now,
            scenario_keys=post.getlist("scenarios"),
            language=post.get("language", ""),
            playbook=post.get("playbook", "rule"),
            speed=forms.whole(post, "speed", default=1),
            customers=forms.whole(post, "customers", default=3),
        )
    except HelpdeskError as error:
        return _shifts_page(
            request, refused=refused_by("shift", error), typed={"shift": forms.typed_of(post)}, status=error.http_status
        )
    return redirect("shift", begun.pk)


def _shifts_page(
    request: HttpRequest, *, refused: Refused | None = None, typed: Mapping[str, Any] | None = None, status: int = 200
) -> HttpResponse:
    agent = agent_of(request)
    shown = Shift.objects.select_related("clock").annotate(tickets=Count("clock__tickets")).order_by("-pk")
    if not agent.sees_everything:
        shown = shown.filter(trainee=agent)
    unresolved = waiting.tickets_of(agent).filter(~Q(status__in=("solved", "closed")), clock__main=True)
    rows = list(shown[:SHIFTS_SHOWN])
    titles = {key: reading.in_language(playbook.title) for key, playbook in definitions.known().items()}
    chosen = _chosen_last(agent, rows)
    if typed:
        kept = typed["shift"]
        chosen |= {name: kept[name] for name in ("language", "playbook", "customers") if kept.get(name)}
        chosen["speed"] = int(kept["speed"]) if kept.get("speed", "").isdigit() else 10
    context = {
        "here": "desk",
        "scenarios": [_scenario_choice(key, scenario) for key, scenario in scenarios().items()],
        "languages": [(code, wording.say(wording.LANGUAGE, code)) for code in wording.LANGUAGE],
        "playbooks": [
            (playbook.key, reading.in_language(playbook.title)) for playbook in definitions.offered().values()
        ],
        "speeds": clocks.SPEEDS,
        "chosen": chosen,
        "typed": typed or {},
        "refused": refused,
        "waiting": unresolved.count(),
        "shifts": [_shift_line(row, titles) for row in rows],
    }
    return render(request, "playbooks/shifts.html", context, status=status)


def _chosen_last(agent: Agent, newest: Sequence[Shift]) -> dict[str, Any]:
    """What the form begins with: as in this person's last shift, else in the language of the page."""
    chosen: dict[str, Any] = {"language": reading.language(), "playbook": "rule", "customers": "3", "speed": 10}
    last = next((row for row in newest if row.trainee_id == agent.pk), None)
    if last is None:
        return chosen
    kept = {name: last.settings[name] for name in ("language", "playbook", "customers") if name in last.settings}
    return {**chosen, **kept, "speed": last.clock.speed}


def _scenario_choice(key: str, scenario: Any) -> dict[str, str]:
    summary = getattr(scenario, "summary", None)
    return {
        "key": key,
        "title": reading.in_language(scenario.title),
        "summary": reading.in_language(summary) if summary else "",
    }


def _shift_line(row: Any, titles: Mapping[str, str]) -> dict[str, Any]:
    settings = row.settings
    about = [
        wording.say(wording.LANGUAGE, settings.get("language", "")),
        titles.get(settings.get("playbook", ""), _("playbook decided by the desk")),
        f"{row.clock.speed}×",
    ]
    return {
        "pk": row.pk,
        "title": title_of(row),
        "running": row.clock.running,
        "about": " · ".join(about),
        "tickets": _("{came} of {planned} customers").format(came=row.tickets, planned=settings.get("customers", "–")),
    }
