"""What an agent does on a ticket's page: each deed parses its form and calls one action.

A refusal comes back as a sentence beside its field, with everything typed kept.
"""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_http_methods, require_POST

from playbooks import actions, driver
from playbooks.held import hold
from playbooks.pages import forms, wording
from playbooks.pages import queue as waiting
from playbooks.pages.common import agent_of, in_days, not_found, now_of, refused_by, worked
from playbooks.pages.desk import VIEWER_STATES, desk_page
from playbooks.pages.fitting import flagged, planned_gift, planned_remedy
from tickets.errors import HelpdeskError, Invalid, NotFound
from tickets.models import Agent, Ticket

FIELDS = {
    "say": ("kind", "body", "promise_at"),
    "remedy": ("kind", "amount", "promise_at"),
    "gift": ("amount", "body", "condition", "knot", "inscription", "traits"),
    "follow-up": ("due_at", "body"),
    "solve": ("body",),
    "hand-over": ("to", "reason"),
}


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def say(request: HttpRequest, pk: int) -> HttpResponse:
    """A reply to the customer, or an internal note."""
    return _perform(request, pk, "say", _say)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def do_deed(request: HttpRequest, pk: int, deed: str) -> HttpResponse:
    """One of the deeds of the case column."""
    action = DEEDS.get(deed)
    return not_found(request) if action is None else _perform(request, pk, deed, action)


@login_required
@require_POST
def planned(request: HttpRequest, pk: int, deed: str) -> HttpResponse:
    """What law and practice say of a gift or remedy while its form is filled in. Reads only."""
    try:
        waiting.pulse(agent_of(request), pk)
        held = hold(pk)
    except NotFound:
        return HttpResponse(status=404)
    case, now = held.setting.case, now_of(held.ticket)
    context: dict[str, object] = {}
    try:
        plan = planned_gift(request.POST, case) if deed == "gift" else planned_remedy(request.POST, now=now)
        context["flags"] = flagged(case, held.standing.log, plan, now=now)
    except HelpdeskError as error:
        context["nonsense"] = wording.refusal(error)
    answer = render(request, "playbooks/_flags.html", context)
    answer["Cache-Control"] = "no-store"
    return answer


Deed = Callable[[HttpRequest, Ticket], str]


def _perform(request: HttpRequest, pk: int, deed: str, action: Deed) -> HttpResponse:
    agent = agent_of(request)
    try:
        row = waiting.ticket_for(agent, pk)
    except NotFound:
        return not_found(request)
    if request.method != "POST":
        return redirect("ticket", pk)  # a refused form's address, opened again: by the clock, by another language
    try:
        done = action(request, row)
    except HelpdeskError as error:
        typed = {deed.replace("-", "_"): forms.typed_of(request.POST)}
        refused = refused_by(deed, error, fields=FIELDS.get(deed, ("-",)))
        fresh = waiting.ticket_for(agent, pk)
        return desk_page(request, fresh.clock, row=fresh, refused=refused, typed=typed, status=error.http_status)
    messages.success(request, _(done), extra_tags=f"{deed}-{pk}")
    if not waiting.tickets_of(agent).filter(pk=pk).exists():
        return redirect("desk")
    return redirect("ticket", pk)


def _say(request: HttpRequest, row: Ticket) -> str:
    post, agent = request.POST, agent_of(request)
    if post.get("kind") == "note":
        driver.perform(row, actions.note_internally, agent=agent, body=post.get("body", ""), seconds=worked(post))
        return gettext_noop("Noted.")
    promise_at = forms.promise(post, now=now_of(row))
    driver.perform(
        row, actions.reply, agent=agent, body=post.get("body", ""), kind=post.get("kind") or "reply",
        promise_at=promise_at, seconds=worked(post),
    )  # fmt: skip
    return gettext_noop("Sent.")


def _investigate(request: HttpRequest, row: Ticket) -> str:
    driver.perform(row, actions.investigate, agent=agent_of(request), seconds=worked(request.POST))
    return gettext_noop("The facts are confirmed.")


def _remedy(request: HttpRequest, row: Ticket) -> str:
    post = request.POST
    driver.perform(
        row,
        actions.give_remedy,
        agent=agent_of(request),
        kind=post.get("kind", ""),
        amount=forms.amount(post, "amount", row.case_file.case["currency"]),
        promise_at=forms.promise(post, now=now_of(row)),
        conditional=bool(post.get("conditional")),
        seconds=worked(post),
    )
    return gettext_noop("The remedy is given. Tell the customer.")


def _gift(request: HttpRequest, row: Ticket) -> str:
    post = request.POST
    driver.perform(
        row,
        actions.offer_gift,
        agent=agent_of(request),
        amount=forms.amount(post, "amount", row.case_file.case["currency"]),
        body=post.get("body", "").strip(),
        condition=post.get("condition", ""),
        knot=post.get("knot", ""),
        noshi=bool(post.get("noshi")),
        inscription=post.get("inscription", ""),
        traits=post.getlist("traits"),
        send_at=in_days(post, row),
        seconds=worked(post),
    )
    return gettext_noop("The gift is on its way.")


def _follow_up(request: HttpRequest, row: Ticket) -> str:
    post = request.POST
    try:
        days = forms.whole(post, "days", default=0, most=400)
    except Invalid as error:
        raise Invalid(error.code, error.message, field="due_at") from None
    due_at = now_of(row) + max(60, days * forms.DAY - 60)
    driver.perform(
        row, actions.schedule_message, agent=agent_of(request), body=post.get("body", ""), due_at=due_at,
        seconds=worked(post),
    )  # fmt: skip
    return gettext_noop("Planned. It goes out by itself.")


def _solve(request: HttpRequest, row: Ticket) -> str:
    post = request.POST
    driver.perform(row, actions.solve, agent=agent_of(request), body=post.get("body", "").strip(), seconds=worked(post))
    return gettext_noop("Solved.")


def _state(request: HttpRequest, row: Ticket) -> str:
    chosen = request.POST.get("state", "")
    if chosen not in VIEWER_STATES:
        raise Invalid("unknown_choice", "Choose one of the list.", field="state")
    driver.perform(row, actions.change_status, agent=agent_of(request), status=chosen)
    return gettext_noop("Changed.")


def _hand_over(request: HttpRequest, row: Ticket) -> str:
    post, agent = request.POST, agent_of(request)
    to = forms.whole(post, "to", default=0)
    colleague = Agent.objects.filter(pk=to, role__in=(Agent.TRAINEE, Agent.MANAGER), is_active=True).first()
    if colleague is None:
        raise Invalid("no_such_agent", "Choose somebody from the list.", field="to")
    reason = post.get("reason", "").strip()
    if not reason:
        raise Invalid("required", "Say what they must know.", field="reason")
    driver.assign(row, colleague, by=agent, reason=reason)
    return gettext_noop("Handed over.")


DEEDS: dict[str, Deed] = {
    "investigate": _investigate,
    "remedy": _remedy,
    "gift": _gift,
    "follow-up": _follow_up,
    "solve": _solve,
    "state": _state,
    "hand-over": _hand_over,
}
