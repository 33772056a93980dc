"""The apology letter on its sheet: written, looked at, printed, given to the post."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from playbooks import actions, driver
from playbooks.core.case import case_from
from playbooks.core.words import desk_text
from playbooks.pages import forms, reading, review
from playbooks.pages import queue as waiting
from playbooks.pages.common import Refused, agent_of, in_days, not_found, refused_by, worked
from tickets import clock as clocks
from tickets.errors import HelpdeskError, NotFound
from tickets.models import Ticket, TicketEvent
from tickets.templatetags.desk_format import zone_of

FIELDS = ("body",)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def letter(request: HttpRequest, pk: int) -> HttpResponse:
    """The apology letter on its sheet: written, looked at, printed, given to the post."""
    agent = agent_of(request)
    try:
        row = waiting.ticket_for(agent, pk)
    except NotFound:
        return not_found(request)
    if request.method != "POST":
        return _letter_page(request, row)
    try:
        done = _send_letter(request, row)
    except HelpdeskError as error:
        refused = refused_by("letter", error, fields=FIELDS)
        return _letter_page(request, row, refused=refused, status=error.http_status)
    messages.success(request, done, extra_tags=f"letter-{pk}")
    return redirect("ticket", pk)


def _send_letter(request: HttpRequest, row: Ticket) -> str:
    post = request.POST
    driver.perform(
        row,
        actions.write_letter,
        agent=agent_of(request),
        body=post.get("body", ""),
        send_at=in_days(post, row),
        seconds=worked(post),
    )
    return _("The letter is with the post.")


def _letter_page(
    request: HttpRequest, row: Ticket, *, refused: Refused | None = None, status: int = 200
) -> HttpResponse:
    face = waiting.face_of(row.clock, zone=zone_of(row.language))
    page = reading.ticket_page(row, agent_of(request), now=face.at)
    typed = forms.typed_of(request.POST) if request.method == "POST" else {}
    written = reading.letter_on_its_way(row)
    context = {
        "here": "desk",
        "clock": face,
        "speeds": clocks.SPEEDS,
        "page": page,
        "refused": refused,
        "typed": {"letter": typed},
        "body": typed.get("body") or written or _letter_draft(row, face.at),
        "parts": review.letter_parts(None, row.language, ""),
        "days_ahead": forms.days_ahead(),
    }
    return render(request, "playbooks/letter.html", context, status=status)


def _letter_draft(row: Ticket, now: int) -> str:
    """A letter to begin with: once the facts are known the desk's own, before that an empty sheet."""
    if not TicketEvent.objects.filter(ticket=row, name="case.facts_confirmed").exists():
        return ""
    text, _facts = desk_text(case_from(row.case_file.case), "letter", at=now)
    return text
