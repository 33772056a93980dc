"""What the pages share: who asks, what was refused, and what the clock says."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import wraps
from typing import Any, cast

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotFound, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from playbooks import actions
from playbooks.models import Shift
from playbooks.pages import forms, wording
from tickets import clock as clocks
from tickets.errors import HelpdeskError
from tickets.models import Agent, Clock, Ticket, TicketEvent

View = Callable[..., HttpResponseBase]


@dataclass(frozen=True, slots=True)
class Refused:
    """A refusal on its way back to the page: which form, which field, what sentence."""

    deed: str
    field: str
    message: str


def refused_by(deed: str, error: HelpdeskError, *, fields: Sequence[str] = ()) -> Refused:
    """Beside its field where the form has it, else at the form's end."""
    field = error.field or ""
    return Refused(deed, field if not fields or field in fields else "", wording.refusal(error))


def agent_of(request: HttpRequest) -> Agent:
    return cast(Agent, request.user)


def for_managers(view: View) -> View:
    """Signed in, and of those who see the whole desk; for others the page does not exist."""

    @wraps(view)
    def guarded(request: HttpRequest, *words: Any, **named: Any) -> HttpResponseBase:
        if not agent_of(request).sees_everything:
            raise Http404
        return view(request, *words, **named)

    return login_required(never_cache(guarded))


def not_found(request: HttpRequest) -> HttpResponse:
    return HttpResponseNotFound(render(request, "404.html").content)


def now_of(row: Ticket) -> int:
    return clocks.instant(row.clock, wall_now=clocks.wall())


def with_clock(response: HttpResponse, clock: Clock) -> HttpResponse:
    """Every polling answer carries the clock's reading, so that the page's own never runs away."""
    at = clocks.instant(clock, wall_now=clocks.wall())
    response["X-Clock"] = f"{at},{clock.speed},{'true' if clock.running or clock.main else 'false'}"
    response["Cache-Control"] = "no-store"
    return response


def worked(post: QueryDict) -> int:
    return forms.whole(post, "seconds", default=0, most=actions.LONGEST_WORK)


def in_days(post: QueryDict, row: Ticket) -> int | None:
    """The instant so many days from now; None for at once."""
    days = forms.whole(post, "days", default=0, most=400)
    return now_of(row) + days * forms.DAY if days else None


def nth_of(row: Ticket, kind: str) -> int:
    """How often an agent has written on this ticket: the second text is another one."""
    if kind not in ("answer", "apologise"):
        return 0
    return TicketEvent.objects.filter(ticket=row, name="comment.created", actor="agent", data__public=True).count()


def title_of(shift: Shift) -> str:
    return _("Shift {title}").format(title=shift.title)
