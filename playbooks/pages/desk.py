"""The desk: the queue, the ticket that is open, and what keeps both fresh.

No rules here. Polling answers 204 from one query as long as nothing has happened.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from playbooks.core.answers import answer_text, answer_titles
from playbooks.core.case import case_from
from playbooks.core.etiquette import INSCRIPTIONS
from playbooks.core.words import desk_kinds, desk_text
from playbooks.models import Shift
from playbooks.pages import forms, reading, wording
from playbooks.pages import queue as waiting
from playbooks.pages.clockbar import clock_for
from playbooks.pages.common import Refused, agent_of, not_found, nth_of, title_of, with_clock
from tickets import clock as clocks
from tickets import lifecycle
from tickets.errors import HelpdeskError, Invalid, NotFound
from tickets.models import Agent, Clock, Ticket
from tickets.templatetags.desk_format import zone_of

SEEN_KEPT = 200
VIEWER_STATES = ("open", "pending", "on_hold")


@login_required
@require_safe
def main_desk(request: HttpRequest) -> HttpResponse:
    return desk_page(request, clocks.main_clock())


@login_required
@require_safe
def shift(request: HttpRequest, pk: int) -> HttpResponse:
    """A shift's desk with no ticket open yet."""
    row = _shifts_of(agent_of(request)).select_related("clock__shift").filter(pk=pk).first()
    return not_found(request) if row is None else desk_page(request, row.clock)


def _shifts_of(agent: Agent) -> Any:
    return Shift.objects.all() if agent.sees_everything else Shift.objects.filter(trainee=agent)


def desk_page(
    request: HttpRequest,
    clock: Clock,
    *,
    row: Ticket | None = None,
    refused: Refused | None = None,
    typed: Mapping[str, Any] | None = None,
    status: int = 200,
) -> HttpResponse:
    """Three columns: the queue, and the ticket that is open if one is."""
    agent = agent_of(request)
    zone = zone_of(row.language) if row is not None else waiting.clock_zone(clock)
    face = waiting.face_of(clock, zone=zone)
    context: dict[str, Any] = {
        "here": "desk",
        "clock": face,
        "speeds": clocks.SPEEDS,
        "refused": refused,
        "typed": typed or {},
        "open_deed": refused.deed if refused else "",
        **_desk_name(clock),
    }
    if row is not None:
        page = reading.ticket_page(row, agent, now=face.at)
        _mark_seen(request, page.pk, page.last_seq)
        context |= {"page": page, **_choices(page, agent)}
    lines = waiting.queue_of(
        agent, clock, now=face.at, current=row.pk if row else None, seen=request.session.get("seen")
    )
    context |= {"queue": lines, "current": row.pk if row else None, "queue_version": version_of(lines)}
    return render(request, "playbooks/desk.html", context, status=status)


def _desk_name(clock: Clock) -> dict[str, str]:
    own = getattr(clock, "shift", None)
    if own is None:
        return {"desk_title": _("Main desk"), "desk_url": reverse("main-desk")}
    return {"desk_title": title_of(own), "desk_url": reverse("shift", args=[own.pk])}


def _choices(page: reading.TicketPage, agent: Agent) -> dict[str, Any]:
    allowed = lifecycle.TRANSITIONS[page.status]
    return {
        "templates": [
            (code, wording.say(wording.TEMPLATES, code)) for code in wording.TEMPLATES if code in desk_kinds()
        ],
        "answers": [(key, reading.in_language(title)) for key, title in answer_titles().items()],
        "withins": forms.withins(),
        "days_ahead": forms.days_ahead(),
        "remedies": [(code, wording.say(wording.REMEDY, code)) for code in page.remedies],
        "conditions": wording.CONDITION.items(),
        "knots": wording.KNOT.items(),
        "traits": wording.TRAIT.items(),
        "inscriptions": [words for words in INSCRIPTIONS if words],
        "statuses": [
            (code, wording.say(wording.STATUS, code)) for code in VIEWER_STATES if code in allowed and not page.resolved
        ],
        "colleagues": [
            (other.pk, reading.name_of(other))
            for other in Agent.objects.filter(role__in=(Agent.TRAINEE, Agent.MANAGER), is_active=True)
            .exclude(pk=agent.pk)
            .order_by("username")[:100]
        ],
    }


def version_of(lines: Sequence[waiting.QueueLine]) -> str:
    """A short mark of what the queue shows, so that polling answers only what changed."""
    shown = [(line.pk, line.status, line.unread, line.due_at, line.what, line.waits_since) for line in lines]
    return hashlib.sha256(repr(shown).encode("utf-8", "surrogatepass")).hexdigest()[:12]


def _mark_seen(request: HttpRequest, pk: int, seq: int) -> None:
    seen = dict(request.session.get("seen", {}))
    if seen.get(str(pk), 0) >= seq:
        return
    seen.pop(str(pk), None)
    seen[str(pk)] = seq
    request.session["seen"] = dict(list(seen.items())[-SEEN_KEPT:])


@login_required
@require_safe
def queue(request: HttpRequest, pk: int) -> HttpResponse:
    """The queue again, if it has changed."""
    try:
        clock = clock_for(agent_of(request), pk)
    except NotFound:
        return not_found(request)
    current = request.GET.get("ticket", "")
    chosen = int(current) if current.isascii() and current.isdigit() and len(current) < 18 else None
    face = waiting.face_of(clock, zone=waiting.clock_zone(clock))
    lines = waiting.queue_of(agent_of(request), clock, now=face.at, current=chosen, seen=request.session.get("seen"))
    version = version_of(lines)
    if version == request.GET.get("v"):
        return with_clock(HttpResponse(status=204), clock)
    context = {"queue": lines, "clock": face, "current": chosen, "queue_version": version}
    return with_clock(render(request, "playbooks/_queue.html", context), clock)


@login_required
@require_safe
def ticket(request: HttpRequest, pk: int) -> HttpResponse:
    try:
        row = waiting.ticket_for(agent_of(request), pk)
        return desk_page(request, row.clock, row=row)
    except NotFound:
        return not_found(request)


@login_required
@require_safe
def news(request: HttpRequest, pk: int) -> HttpResponse:
    """What came after `after`: 204 from one query by primary key as long as there is nothing."""
    after = request.GET.get("after", "")
    known = int(after) if after.isascii() and after.isdigit() and len(after) < 10 else 0
    agent = agent_of(request)
    try:
        pulse = waiting.pulse(agent, pk)
        if pulse.last_seq <= known:
            return with_clock(HttpResponse(status=204), pulse.clock)
        row = waiting.ticket_for(agent, pk)
        face = waiting.face_of(row.clock, zone=zone_of(row.language))
        page = reading.ticket_page(row, agent, now=face.at)
    except NotFound:
        return not_found(request)
    _mark_seen(request, pk, page.last_seq)
    fresh = [line for line in page.lines if line.seq > known]
    return with_clock(render(request, "playbooks/_news.html", {"page": page, "clock": face, "fresh": fresh}), row.clock)


@login_required
@require_POST
def typing(request: HttpRequest, pk: int) -> HttpResponse:
    """A sign of typing: the clock waits for a slow writer."""
    try:
        pulse = waiting.pulse(agent_of(request), pk)
    except NotFound:
        return HttpResponse(status=404)
    return with_clock(HttpResponse(status=204), clocks.hold_for_typing(pulse.clock, wall_now=clocks.wall()))


@login_required
@require_safe
def words(request: HttpRequest, pk: int) -> HttpResponse:
    """One of the desk's texts for this case, ready or to complete, and by when it promises something."""
    try:
        row = waiting.ticket_for(agent_of(request), pk)
        kind = request.GET.get("kind", "")
        if kind not in wording.TEMPLATES and kind not in answer_titles():
            raise Invalid("unknown_choice", "There is no such text.", field="kind")
        now = clocks.instant(row.clock, wall_now=clocks.wall())
        promise_at = forms.promise(request.GET, now=now)
        case = case_from(row.case_file.case)
        if kind in answer_titles():
            return JsonResponse({"text": answer_text(case, kind), "promise_at": ""})
        text, facts = desk_text(case, kind, nth=nth_of(row, kind), promise_at=promise_at, at=now)
    except NotFound:
        return JsonResponse({}, status=404)
    except HelpdeskError as error:
        return JsonResponse({"code": error.code, "message": wording.refusal(error)}, status=error.http_status)
    return JsonResponse({"text": text, "promise_at": facts.promise_at or ""})
