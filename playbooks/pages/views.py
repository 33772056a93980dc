"""The trainee's pages: each view reads, renders, or calls one action and goes back to where one was.

No rules here. A refusal comes back as a sentence beside its field, with everything typed kept.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse, HttpResponseNotFound, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from playbooks import actions, driver
from playbooks import shifts as training
from playbooks.core.case import REMEDIES, case_from
from playbooks.core.playbook import built_in
from playbooks.core.scenarios import scenarios
from playbooks.core.words import desk_kinds, desk_text
from playbooks.models import Shift
from playbooks.pages import forms, reading, wording
from tickets import actions as ticket_actions
from tickets import clock as clocks
from tickets import lifecycle
from tickets.errors import HelpdeskError, Invalid, NotFound
from tickets.models import Agent, Clock, Ticket, TicketEvent

SHIFTS_SHOWN = 30
SEEN_KEPT = 200
VIEWER_STATES = ("open", "pending", "on_hold")


@dataclass(frozen=True, slots=True)
class Refused:
    """A refusal on its way back to the page: which form, which field, what sentence."""

    deed: str
    field: str
    message: str


def agent_of(request: HttpRequest) -> Agent:
    return cast(Agent, request.user)


def not_found(request: HttpRequest) -> HttpResponse:
    return HttpResponseNotFound(render(request, "404.html").content)


# --- the way in --------------------------------------------------------------------------------


@login_required
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Each to their own page."""
    return redirect("/compare/" if agent_of(request).sees_everything else "desk")


@login_required
@require_safe
def desk(request: HttpRequest) -> HttpResponse:
    return _shifts_page(request)


@login_required
@require_POST
def start_shift(request: HttpRequest) -> HttpResponse:
    post, wall_now = request.POST, clocks.wall()
    try:
        begun = training.start_shift(
            agent_of(request),
            now=int(wall_now),
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
    unresolved = ~Q(status__in=("solved", "closed"))
    waiting = reading.tickets_of(agent).filter(unresolved, clock__main=True).count()
    chosen = {"language": agent.language, "playbook": "rule", "customers": "3", "speed": 10}
    if typed:
        kept = typed["shift"]
        chosen |= {name: kept[name] for name in ("language", "playbook", "customers") if kept.get(name)}
        chosen["speed"] = int(kept["speed"]) if kept.get("speed", "").isdigit() else 10
    context = {
        "here": "desk",
        "scenarios": [_scenario_choice(key, scenario) for key, scenario in scenarios().items()],
        "languages": [(code, wording.say(wording.LANGUAGE, code)) for code in wording.LANGUAGE],
        "playbooks": [(playbook.key, reading.in_language(playbook.title)) for playbook in _playbooks()],
        "speeds": clocks.SPEEDS,
        "chosen": chosen,
        "typed": typed or {},
        "refused": refused,
        "waiting": waiting,
        "shifts": [_shift_line(row) for row in shown[:SHIFTS_SHOWN]],
    }
    return render(request, "playbooks/shifts.html", context, status=status)


def _scenario_choice(key: str, scenario: Any) -> dict[str, str]:
    summary = getattr(scenario, "summary", None)
    return {
        "key": key,
        "title": reading.in_language(scenario.title),
        "summary": reading.in_language(summary) if summary else "",
    }


def _playbooks() -> list[Any]:
    known = dict(built_in())
    known |= {playbook.key: playbook for playbook in reading.playbooks_to_choose()}
    return list(known.values())


def _shift_line(row: Any) -> dict[str, Any]:
    settings = row.settings
    titles = {key: reading.in_language(playbook.title) for key, playbook in built_in().items()}
    about = [
        wording.say(wording.LANGUAGE, settings.get("language", "")),
        titles.get(settings.get("playbook", ""), _("playbook decided by the desk")),
        f"{row.clock.speed}×",
    ]
    return {
        "pk": row.pk,
        "title": shift_title(row),
        "running": row.clock.running,
        "about": " · ".join(about),
        "tickets": _("{came} of {planned} customers").format(came=row.tickets, planned=settings.get("customers", "–")),
    }


def shift_title(row: Shift) -> str:
    return _("Shift {title}").format(title=row.title)


# --- the desk ----------------------------------------------------------------------------------


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


def _clock_for(agent: Agent, pk: int) -> Clock:
    """A clock this person may see: the main one, or that of an own shift."""
    clock = Clock.objects.select_related("shift").filter(pk=pk).first()
    own = clock is not None and (
        clock.main or agent.sees_everything or getattr(getattr(clock, "shift", None), "trainee_id", None) == agent.pk
    )
    if clock is None or not own:
        raise NotFound("no_clock", "There is no such clock, or not for you.", field="clock")
    return clock


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
    zone = reading.zone_of(row.language) if row is not None else reading.clock_zone(clock)
    face = reading.face_of(clock, zone=zone)
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
    lines = reading.queue_of(
        agent, clock, now=face.at, current=row.pk if row else None, seen=request.session.get("seen")
    )
    context |= {"queue": lines, "current": row.pk if row else None, "queue_version": version_of(lines)}
    return render(request, "playbooks/desk.html", context, status=status)


def _desk_name(clock: Clock) -> dict[str, str]:
    own = getattr(clock, "shift", None)
    if own is None:
        return {"desk_title": _("Main desk"), "desk_url": reverse("main-desk")}
    return {"desk_title": shift_title(own), "desk_url": reverse("shift", args=[own.pk])}


def _choices(page: reading.TicketPage, agent: Agent) -> dict[str, Any]:
    allowed = lifecycle.TRANSITIONS[page.status]
    return {
        "ticks": [(code, wording.say(wording.TICKS, code)) for code in wording.TICKS],
        "templates": [
            (code, wording.say(wording.TEMPLATES, code)) for code in wording.TEMPLATES if code in desk_kinds()
        ],
        "withins": forms.withins(),
        "days_ahead": forms.days_ahead(),
        "remedies": [(code, wording.say(wording.REMEDY, code)) for code in REMEDIES],
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


def version_of(lines: Sequence[reading.QueueLine]) -> str:
    """A short mark of what the queue shows, so that polling answers only what changed."""
    shown = [(line.pk, line.status, line.unread, line.due_at, line.what) for line in lines]
    return hashlib.sha256(repr(shown).encode("utf-8", "surrogatepass")).hexdigest()[:12]


def _mark_seen(request: HttpRequest, pk: int, seq: int) -> None:
    seen = dict(request.session.get("seen", {}))
    if seen.get(str(pk), 0) >= seq:
        return
    seen.pop(str(pk), None)
    seen[str(pk)] = seq
    request.session["seen"] = dict(list(seen.items())[-SEEN_KEPT:])


def _with_clock(response: HttpResponse, clock: Clock) -> HttpResponse:
    """Every polling answer carries the clock's reading, so that the page's own never runs away."""
    at = clocks.instant(clock, wall_now=clocks.wall())
    response["X-Clock"] = f"{at},{clock.speed},{'true' if clock.running or clock.main else 'false'}"
    response["Cache-Control"] = "no-store"
    return response


@login_required
@require_safe
def queue(request: HttpRequest, pk: int) -> HttpResponse:
    """The queue again, if it has changed."""
    try:
        clock = _clock_for(agent_of(request), pk)
    except NotFound:
        return not_found(request)
    current = request.GET.get("ticket", "")
    chosen = int(current) if current.isascii() and current.isdigit() and len(current) < 18 else None
    face = reading.face_of(clock, zone=reading.clock_zone(clock))
    lines = reading.queue_of(agent_of(request), clock, now=face.at, current=chosen, seen=request.session.get("seen"))
    version = version_of(lines)
    if version == request.GET.get("v"):
        return _with_clock(HttpResponse(status=204), clock)
    context = {"queue": lines, "clock": face, "current": chosen, "queue_version": version}
    return _with_clock(render(request, "playbooks/_queue.html", context), clock)


@login_required
@require_POST
def clock(request: HttpRequest, pk: int) -> HttpResponse:
    """Pause, go on, another speed, or to the next thing that happens."""
    try:
        row = _clock_for(agent_of(request), pk)
        if row.main:
            raise Invalid("main_clock", "The main desk runs on real time.", field="clock")
        _turn(row, request)
    except HelpdeskError as error:
        if error.code == "no_clock":
            return not_found(request)
        messages.error(request, wording.refusal(error))
    target = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure()):
        target = reverse("desk")
    return redirect(target)


def _turn(row: Clock, request: HttpRequest) -> None:
    match request.POST.get("verb"):
        case "pause":
            driver.catch_up(row)
            clocks.pause(row, wall_now=clocks.wall())
        case "go":
            clocks.resume(row, wall_now=clocks.wall())
        case "next":
            driver.jump_to_next(row)
        case "speed":
            speed = forms.whole(request.POST, "speed")
            if speed not in clocks.SPEEDS:
                raise Invalid("unknown_speed", "Choose one of the speeds.", field="speed")
            clocks.set_speed(row, speed, wall_now=clocks.wall())
        case _:
            raise Invalid(
                "unknown_choice", "A clock can pause, go, change its speed or go to the next thing.", field="verb"
            )


# --- the ticket --------------------------------------------------------------------------------


@login_required
@require_safe
def ticket(request: HttpRequest, pk: int) -> HttpResponse:
    try:
        row = reading.ticket_for(agent_of(request), pk)
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
        pulse = reading.pulse(agent, pk)
        if pulse.last_seq <= known:
            return _with_clock(HttpResponse(status=204), pulse.clock)
        row = reading.ticket_for(agent, pk)
        face = reading.face_of(row.clock, zone=reading.zone_of(row.language))
        page = reading.ticket_page(row, agent, now=face.at)
    except NotFound:
        return not_found(request)
    _mark_seen(request, pk, page.last_seq)
    fresh = [line for line in page.lines if line.seq > known]
    return _with_clock(
        render(request, "playbooks/_news.html", {"page": page, "clock": face, "fresh": fresh}), row.clock
    )


@login_required
@require_POST
def typing(request: HttpRequest, pk: int) -> HttpResponse:
    """A sign of typing: the clock waits for a slow writer."""
    try:
        pulse = reading.pulse(agent_of(request), pk)
    except NotFound:
        return HttpResponse(status=404)
    return _with_clock(HttpResponse(status=204), clocks.hold_for_typing(pulse.clock, wall_now=clocks.wall()))


@login_required
@require_safe
def words(request: HttpRequest, pk: int) -> HttpResponse:
    """One of the desk's texts for this case, and the boxes that it ticks."""
    try:
        row = reading.ticket_for(agent_of(request), pk)
        kind = request.GET.get("kind", "")
        if kind not in wording.TEMPLATES:
            raise Invalid("unknown_choice", "There is no such text.", field="kind")
        now = clocks.instant(row.clock, wall_now=clocks.wall())
        promise_at = forms.promise(request.GET, now=now)
        case = case_from(row.case_file.case)
        text, facts = desk_text(case, kind, nth=_nth(row, kind), promise_at=promise_at, at=now)
    except NotFound:
        return JsonResponse({}, status=404)
    except HelpdeskError as error:
        return JsonResponse({"code": error.code, "message": wording.refusal(error)}, status=error.http_status)
    return JsonResponse({"text": text, "ticks": forms.ticks_of(facts), "promise_at": facts.promise_at or ""})


def _nth(row: Ticket, kind: str) -> int:
    """How often an agent has written on this ticket: the second text is another one."""
    if kind not in ("answer", "apologise"):
        return 0
    return TicketEvent.objects.filter(ticket=row, name="comment.created", actor="agent", data__public=True).count()


# --- doing something ---------------------------------------------------------------------------


def refused_by(deed: str, error: HelpdeskError, *, fields: Sequence[str] = ()) -> Refused:
    """Beside its field where the form has it, else at the form's end."""
    field = error.field or ""
    field = "facts" if field.startswith("facts") and field != "facts.promise_at" else field.removeprefix("facts.")
    return Refused(deed, field if not fields or field in fields else "", wording.refusal(error))


FIELDS = {
    "say": ("body", "facts", "promise_at"),
    "remedy": ("kind", "amount", "promise_at"),
    "gift": ("amount", "body"),
    "follow-up": ("due_at", "body"),
    "solve": ("body",),
    "hand-over": ("to", "reason"),
    "letter": ("body", "facts"),
}


@login_required
@require_POST
def say(request: HttpRequest, pk: int) -> HttpResponse:
    """A reply to the customer, or an internal note."""
    return _perform(request, pk, "say", _say)


@login_required
@require_POST
def do_deed(request: HttpRequest, pk: int, deed: str) -> HttpResponse:
    """One of the deeds of the case column."""
    action = DEEDS.get(deed)
    return not_found(request) if action is None else _perform(request, pk, deed, action)


Deed = Callable[[HttpRequest, Ticket], str]


def _perform(request: HttpRequest, pk: int, deed: str, action: Deed) -> HttpResponse:
    agent = agent_of(request)
    try:
        row = reading.ticket_for(agent, pk)
    except NotFound:
        return not_found(request)
    try:
        done = action(request, row)
    except HelpdeskError as error:
        typed = {deed.replace("-", "_"): forms.typed_of(request.POST)}
        refused = refused_by(deed, error, fields=FIELDS.get(deed, ("-",)))
        fresh = reading.ticket_for(agent, pk)
        return desk_page(request, fresh.clock, row=fresh, refused=refused, typed=typed, status=error.http_status)
    messages.success(request, _(done), extra_tags=f"{deed}-{pk}")
    if not reading.tickets_of(agent).filter(pk=pk).exists():
        return redirect("desk")
    return redirect("ticket", pk)


def _now(row: Ticket) -> int:
    return clocks.instant(row.clock, wall_now=clocks.wall())


def _worked(post: Any) -> int:
    return forms.whole(post, "seconds", default=0, most=actions.LONGEST_WORK)


def _say(request: HttpRequest, row: Ticket) -> str:
    post, agent = request.POST, agent_of(request)
    if post.get("kind") == "note":
        driver.perform(row, actions.note_internally, agent=agent, body=post.get("body", ""), seconds=_worked(post))
        return gettext_noop("Noted.")
    body = post.get("body", "")
    driver.perform(row, actions.reply, agent=agent, body=body, facts=_facts(row, post, body), seconds=_worked(post))
    return gettext_noop("Sent.")


def _facts(row: Ticket, post: Any, body: str) -> dict[str, Any]:
    now, kind = _now(row), post.get("words", "")
    promise_at = forms.promise(post, now=now)
    case = case_from(row.case_file.case)
    text = forms.facts_of_words(case, kind, body, nth=_nth(row, kind), promise_at=promise_at, at=now)
    return forms.declared(post.getlist("ticks"), promise_at=promise_at, text=text)


def _investigate(request: HttpRequest, row: Ticket) -> str:
    driver.perform(row, actions.investigate, agent=agent_of(request), seconds=_worked(request.POST))
    return gettext_noop("The facts are confirmed.")


def _remedy(request: HttpRequest, row: Ticket) -> str:
    post = request.POST
    driver.perform(
        row,
        actions.give_remedy,
        agent=agent_of(request),
        kind=post.get("kind", ""),
        amount=forms.amount(post, "amount", row.case_file.case["currency"]),
        promise_at=forms.promise(post, now=_now(row)),
        conditional=bool(post.get("conditional")),
        seconds=_worked(post),
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
        send_at=_in_days(post, row),
        seconds=_worked(post),
    )
    return gettext_noop("The gift is on its way.")


def _in_days(post: Any, row: Ticket) -> int | None:
    """The instant so many days from now; None for at once."""
    days = forms.whole(post, "days", default=0, most=400)
    return _now(row) + days * forms.DAY if days else None


def _follow_up(request: HttpRequest, row: Ticket) -> str:
    post = request.POST
    try:
        days = forms.whole(post, "days", default=0, most=400)
    except Invalid as error:
        raise Invalid(error.code, error.message, field="due_at") from None
    due_at = _now(row) + max(60, days * forms.DAY - 60)
    facts = forms.declared(post.getlist("ticks"))
    driver.perform(
        row, actions.schedule_message, agent=agent_of(request), body=post.get("body", ""), due_at=due_at, facts=facts,
        seconds=_worked(post),
    )  # fmt: skip
    return gettext_noop("Planned. It goes out by itself.")


def _solve(request: HttpRequest, row: Ticket) -> str:
    post = request.POST
    body = post.get("body", "").strip()
    driver.perform(
        row, actions.solve, agent=agent_of(request), body=body, facts=forms.declared([]), seconds=_worked(post)
    )
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
    with driver.acting(row.clock) as now:
        fresh = Ticket.objects.get(pk=row.pk)
        ticket_actions.assign_ticket(fresh, colleague, by=agent, now=now, reason=reason)
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


# --- the letter --------------------------------------------------------------------------------


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def letter(request: HttpRequest, pk: int) -> HttpResponse:
    """The apology letter on its sheet: written, looked at, printed, given to the post."""
    agent = agent_of(request)
    try:
        row = reading.ticket_for(agent, pk)
    except NotFound:
        return not_found(request)
    if request.method != "POST":
        return _letter_page(request, row)
    try:
        done = _send_letter(request, row)
    except HelpdeskError as error:
        refused = refused_by("letter", error, fields=FIELDS["letter"])
        return _letter_page(request, row, refused=refused, status=error.http_status)
    messages.success(request, done, extra_tags=f"letter-{pk}")
    return redirect("ticket", pk)


def _send_letter(request: HttpRequest, row: Ticket) -> str:
    post = request.POST
    body = post.get("body", "")
    driver.perform(
        row,
        actions.write_letter,
        agent=agent_of(request),
        body=body,
        facts=_facts(row, post, body),
        send_at=_in_days(post, row),
        seconds=_worked(post),
    )
    return _("The letter is with the post.")


def _letter_page(
    request: HttpRequest, row: Ticket, *, refused: Refused | None = None, status: int = 200
) -> HttpResponse:
    face = reading.face_of(row.clock, zone=reading.zone_of(row.language))
    page = reading.ticket_page(row, agent_of(request), now=face.at)
    typed = forms.typed_of(request.POST) if request.method == "POST" else {}
    written = reading.letter_on_its_way(row)
    text, ticked = _letter_draft(row, face.at)
    context = {
        "here": "desk",
        "clock": face,
        "speeds": clocks.SPEEDS,
        "page": page,
        "refused": refused,
        "typed": {"letter": typed},
        "words": typed.get("words", "letter"),
        "body": typed.get("body") or written or text,
        "ticked": typed.get("ticks", ticked),
        "ticks": [(code, wording.say(wording.TICKS, code)) for code in wording.TICKS],
        "days_ahead": forms.days_ahead(),
    }
    return render(request, "playbooks/letter.html", context, status=status)


def _letter_draft(row: Ticket, now: int) -> tuple[str, list[str]]:
    """A letter to begin with: once the facts are known the desk's own, before that an empty sheet."""
    if not TicketEvent.objects.filter(ticket=row, name="case.facts_confirmed").exists():
        return "", []
    text, facts = desk_text(case_from(row.case_file.case), "letter", at=now)
    return text, forms.ticks_of(facts)
