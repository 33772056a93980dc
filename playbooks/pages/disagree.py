"""An agent disagrees with a finding, and the trainer reads it."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from playbooks.models import Disagreement
from playbooks.pages import queue as waiting
from playbooks.pages import reading
from playbooks.pages.common import agent_of
from playbooks.pages.review import EXCERPT
from tickets import clock as clocks
from tickets.errors import NotFound
from tickets.templatetags.desk_format import zone_of

NOTE = 400
RULE = 12
SHOWN = 200


@login_required
@require_POST
def disagree(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep one objection: to one rule about these words. A second one to the same replaces its note."""
    agent = agent_of(request)
    try:
        waiting.pulse(agent, pk)
    except NotFound:
        return HttpResponse(status=404)
    rule, excerpt = _clean(request, "rule", RULE), _clean(request, "excerpt", EXCERPT)
    if not rule.isascii() or not rule.isalnum() or not excerpt:
        return HttpResponse(status=400)
    Disagreement.objects.update_or_create(
        ticket_id=pk,
        agent=agent,
        rule=rule,
        excerpt=excerpt,
        defaults={"note": _clean(request, "note", NOTE), "at": int(clocks.wall())},
    )
    return HttpResponse(status=204)


def _clean(request: HttpRequest, field: str, longest: int) -> str:
    return request.POST.get(field, "").replace("\x00", "").strip()[:longest]


@login_required
@require_safe
def disagreements(request: HttpRequest) -> HttpResponse:
    """What agents disagreed with, newest first. For others than managers the page does not exist."""
    if not agent_of(request).sees_everything:
        raise Http404
    rows = Disagreement.objects.select_related("ticket", "agent").order_by("-at", "-id")[:SHOWN]
    lines = [
        {
            "at": row.at,
            "zone": zone_of(row.ticket.language),
            "who": reading.name_of(row.agent),
            "rule": row.rule,
            "excerpt": row.excerpt,
            "note": row.note,
            "ticket": row.ticket_id,
            "number": row.ticket.number,
            "language": row.ticket.language,
        }
        for row in rows
    ]
    return render(request, "playbooks/disagreements.html", {"here": "disagreements", "lines": lines, "shown": SHOWN})
