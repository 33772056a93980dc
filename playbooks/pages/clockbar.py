"""The clock bar of a shift: pause, go on, another speed, or to the next thing that happens."""

from __future__ import annotations

import time
from collections.abc import Callable

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from playbooks import driver
from playbooks.pages import forms, wording
from playbooks.pages.common import agent_of, not_found
from tickets import clock as clocks
from tickets.errors import HelpdeskError, Invalid, NotFound
from tickets.models import Agent, Clock

PATIENCE = 3.0  # seconds
NO_ERRORS = ("nothing_due",)  # a notice: nobody has done anything wrong


def clock_for(agent: Agent, pk: int) -> Clock:
    """A clock this person may see: the main one, or that of an own shift."""
    clock = Clock.objects.select_related("shift").filter(pk=pk).first()
    own = clock is not None and (
        clock.main or agent.sees_everything or getattr(getattr(clock, "shift", None), "trainee_id", None) == agent.pk
    )
    if clock is None or not own:
        raise NotFound("no_clock", "There is no such clock, or not for you.", field="clock")
    return clock


@login_required
@require_POST
def clock(request: HttpRequest, pk: int) -> HttpResponse:
    """Pause, go on, another speed, or to the next thing that happens."""
    try:
        row = clock_for(agent_of(request), pk)
        if row.main:
            raise Invalid("main_clock", "The main desk runs on real time.", field="clock")
        if row.target_at is not None:
            raise Invalid("led_clock", "A rehearsal leads this clock; nobody turns it by hand.", field="clock")
        _turn(row, request)
    except HelpdeskError as error:
        if error.code == "no_clock":
            return not_found(request)
        tell = messages.info if error.code in NO_ERRORS else messages.error
        tell(request, wording.refusal(error))
    target = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure()):
        target = reverse("desk")
    return redirect(target)


def _patiently(jump: Callable[[Clock], Clock], row: Clock) -> None:
    """A worker that sweeps has the clock for a moment now and then; whoever presses a button need not know."""
    until = time.monotonic() + PATIENCE
    while True:
        try:
            jump(row)
        except HelpdeskError as error:
            if error.code != "clock_busy" or time.monotonic() > until:
                raise
            time.sleep(0.1)
        else:
            return


def _turn(row: Clock, request: HttpRequest) -> None:
    match request.POST.get("verb"):
        case "pause":
            driver.catch_up(row)
            clocks.pause(row, wall_now=clocks.wall())
        case "go":
            clocks.resume(row, wall_now=clocks.wall())
        case "next":
            _patiently(driver.jump_to_next, row)
        case "speed":
            speed = forms.whole(request.POST, "speed")
            if speed not in clocks.SPEEDS:
                raise Invalid("unknown_speed", "Choose one of the speeds.", field="speed")
            clocks.set_speed(row, speed, wall_now=clocks.wall())
        case _:
            raise Invalid(
                "unknown_choice", "A clock can pause, go, change its speed or go to the next thing.", field="verb"
            )
