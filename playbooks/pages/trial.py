"""The manager's pages of fair live comparisons: begin one, see how alike the arms are, look where it was planned."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from playbooks import allocation
from playbooks.core.allocation import (
    FACTORS,
    FEW_BLOCKS,
    SHARES,
    SWITCHBACK,
    Balance,
    Finding,
    Looked,
    smallest_effect,
)
from playbooks.definitions import offered, playbook_of
from playbooks.models import PlaybookVersion, Trial
from playbooks.pages import wording
from playbooks.pages.common import agent_of, for_managers
from playbooks.pages.figures import SHAPE
from playbooks.pages.numbers import NOTHING, between, number, percent, signed
from playbooks.pages.reading import language
from playbooks.pages.trial_balance import FACTOR, WIDTHS, Arm, chance, line, plot
from tickets import clock as clocks
from tickets.errors import HelpdeskError
from tickets.models import Clock

PRIMARY: Mapping[str, Any] = {
    "csat": gettext_lazy("CSAT, mean of 1–5"),
    "ces": gettext_lazy("CES, mean of 1–7 (7 is easy)"),
    "nps": gettext_lazy("Recommendation, mean of 0–10"),
    "repurchased": gettext_lazy("Bought again, share"),
    "answered_in_a_day": gettext_lazy("Answered by a person within a day, share"),
    "resolved_in_three_days": gettext_lazy("Resolved within three days, share"),
    "abandoned": gettext_lazy("Left before the end, share"),
    "agent_minutes": gettext_lazy("Working time per ticket, minutes"),
}
STATE: Mapping[str, Any] = {
    "running": gettext_lazy("running"), "ended": gettext_lazy("ended"), "cancelled": gettext_lazy("cancelled"),
}  # fmt: skip
LOOKS: Mapping[str, tuple[Any, list[float]]] = {
    "end": (gettext_lazy("at the end only"), [1.0]),
    "half": (gettext_lazy("at half and at the end"), [0.5, 1.0]),
    "thirds": (gettext_lazy("at a third, two thirds and the end"), [0.33, 0.67, 1.0]),
}
REFUSED: Mapping[str, Any] = {
    "trial_running": gettext_lazy("A trial is running on this desk already. End or cancel it first."),
    "too_early": gettext_lazy(
        "The planned number of tickets has not come in, and no planned look has shown a difference. Wait, or cancel: a "
        "trial that is cancelled has no result."
    ),
    "not_running": gettext_lazy("This trial is not running any more."),
    "playbooks": gettext_lazy("Choose two to four different playbooks."),
    "planned": gettext_lazy("A whole number from 20 to 1,000,000."),
    "hours": gettext_lazy("A whole number of hours from 1 to 168."),
    "washout": gettext_lazy("A whole number of minutes from 0, shorter than a stretch; empty for a quarter of it."),
    "looks": gettext_lazy("So few tickets cannot be looked at so often. Plan more of them, or fewer looks."),
}


def refusal(error: HelpdeskError) -> str:
    """By its code, else by its field."""
    words = REFUSED.get(error.code) or (REFUSED.get(error.field or "") if error.code == "invalid_trial" else None)
    return str(words) if words else wording.refusal(error)


def now_on(clock: Clock) -> int:
    return clocks.instant(clock, wall_now=clocks.wall())


# The list, and the form


@dataclass(frozen=True, slots=True)
class Line:
    trial: Trial
    arms: Sequence[Arm]
    state: str
    primary: str


@for_managers
@require_http_methods(["GET", "HEAD", "POST"])
def trials(request: HttpRequest) -> HttpResponse:
    asked = _asked(request) if request.method == "POST" else dict(allocation.DEFAULTS)
    refused: dict[str, str] = {}
    if request.method == "POST":
        try:
            clock = clocks.main_clock()
            begun = allocation.begin(asked, clock=clock, by=agent_of(request), now=now_on(clock))
        except HelpdeskError as error:
            refused[error.field or ""] = refusal(error)
        else:
            messages.success(
                request, _("The trial has begun: tickets without a chosen playbook are drawn from now on.")
            )
            return redirect("trial", pk=begun.pk)
    rows = list(Trial.objects.order_by("-pk")[:50])
    context = {
        "here": "trials",
        "lines": [Line(row, _arms(row), STATE[row.state], PRIMARY[row.primary]) for row in rows],
        "running": any(row.state == Trial.RUNNING for row in rows),
        "asked": asked,
        "refused": refused,
        "playbooks": [(key, one.title[language()], key in asked["playbooks"]) for key, one in offered().items()],
        "primaries": list(PRIMARY.items()),
        "factors": [(key, FACTOR[key], key in asked["strata"]) for key in FACTORS],
        "looks": [(key, words, shares == asked["looks"]) for key, (words, shares) in LOOKS.items()],
    }
    return render(request, "playbooks/trials.html", context, status=400 if refused else 200)


def _asked(request: HttpRequest) -> dict[str, Any]:
    """What the form says. What is no number stays text and is refused by its field."""
    post = request.POST
    return {
        "title": post.get("title", ""), "playbooks": post.getlist("playbooks"), "method": post.get("method", ""),
        "strata": post.getlist("strata"), "hours": _whole(post.get("hours", "")), "primary": post.get("primary", ""),
        "washout": _whole(post.get("washout", "")) if post.get("washout", "").strip() else None,
        "planned": _whole(post.get("planned", "")), "seed": None,
        "looks": LOOKS.get(post.get("looks", ""), ("", []))[1],
    }  # fmt: skip


def _whole(text: str) -> int | str:
    text = text.strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 12 else text


def _arms(trial: Trial, counts: Sequence[int] | None = None) -> list[Arm]:
    versions = PlaybookVersion.objects.in_bulk([arm["version"] for arm in trial.arms])
    found = []
    for place, arm in enumerate(trial.arms):
        playbook = playbook_of(versions[arm["version"]])
        n = counts[place] if counts else 0
        share = percent(n / sum(counts)) if counts and sum(counts) else NOTHING
        found.append(Arm(playbook.key, playbook.title[language()], playbook.hue, SHAPE[playbook.hue], n, share))
    return found


# One trial


@dataclass(frozen=True, slots=True)
class LookLine:
    """One planned look in words."""

    at: str
    limit: str
    open: bool
    waits: str
    levels: Sequence[tuple[Arm, str, str]]
    findings: Sequence[FindingLine]


@dataclass(frozen=True, slots=True)
class FindingLine:
    arm: Arm
    gap: str
    interval: str
    p: str
    sentence: str
    shown: bool


@for_managers
@require_safe
def trial(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(Trial.objects.select_related("clock", "made_by"), pk=pk)
    now = now_on(row.clock)
    placed = allocation.placed_of(row)
    found = allocation.balance_of(row, placed)
    arms = _arms(row, found.counts)
    looks = allocation.looks_of(row, now=now, rows=placed)
    context = {
        "here": "trials", "trial": row, "arms": arms, "state": STATE[row.state], "primary": PRIMARY[row.primary],
        "progress": percent(min(1.0, row.placed / row.planned)), "looks": [_look(look, row, arms) for look in looks],
        "may_end": row.state == Trial.RUNNING and (row.placed >= row.planned or any(look.shown for look in looks)),
        "left_out": _left_out(row), "plan": _plan(row, arms), "notes": _notes(row, found),
        "balance": [line(level, found) for level in found.levels],
        "plots": [plot(key, found, arms, width) for key, width in WIDTHS] if found.compared else [],
        "chance": chance(found), "zone": "Asia/Tokyo",
    }  # fmt: skip
    return render(request, "playbooks/trial.html", context)


@for_managers
@require_POST
def end(request: HttpRequest, pk: int) -> HttpResponse:
    return _stopped(request, pk, lambda row, now: allocation.end(row, now=now), _("The trial has ended."))


@for_managers
@require_POST
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    reason = request.POST.get("reason", "")
    return _stopped(
        request, pk, lambda row, now: allocation.cancel(row, now=now, reason=reason), _("The trial is cancelled.")
    )


def _stopped(request: HttpRequest, pk: int, deed: Callable[[Trial, int], None], said: str) -> HttpResponse:
    row = get_object_or_404(Trial.objects.select_related("clock"), pk=pk)
    try:
        deed(row, now_on(row.clock))
    except HelpdeskError as error:
        messages.error(request, refusal(error))
    else:
        messages.success(request, said)
    return redirect("trial", pk=pk)


def _plan(row: Trial, arms: Sequence[Arm]) -> list[str]:
    """What was fixed before the first ticket."""
    if row.method == SWITCHBACK:
        return _plan_in_time(row)
    if strata := allocation.strata_of(row):
        names = ", ".join(str(FACTOR[factor]) for factor in strata)
        how = _("Every ticket is drawn, in blocks of changing size within strata of: {names}.").format(names=names)
    else:
        how = _("Every ticket is drawn, in blocks of changing size.")
    size = _(
        "If everybody answers, {n} tickets find a true difference of {d} standard deviations four times out of five; "
        "silence makes it more."
    ).format(n=number(row.planned), d=number(smallest_effect(row.planned, len(arms)), 2))
    return [how, size]


def _plan_in_time(row: Trial) -> list[str]:
    plan = [_("Stretches of {hours} hours are drawn, in runs that hold every playbook once.").format(hours=row.hours)]
    if minutes := allocation.washout_of(row):
        plan.append(_("Tickets of the first {m} minutes of every stretch do not count.").format(m=number(minutes)))
    size = _(
        "{n} tickets are judged. How small a difference they show depends on how many stretches they spread over, and "
        "is not known before."
    )
    return [*plan, size.format(n=number(row.planned))]


def _notes(row: Trial, found: Balance) -> list[str]:
    """What a reader must know before trusting a difference."""
    said = []
    if row.method == SWITCHBACK:
        said.append(
            _("Stretches are what was drawn, so stretches are counted: fewer than {n} say little, however many the "
              "tickets. Tickets still open when a stretch ends wait beside those of the next one.").format(n=FEW_BLOCKS)
        )  # fmt: skip
        if not allocation.washout_of(row):
            said.append(_("Nothing is washed out: tickets just after a switch meet the queue that the other one left."))
    else:
        said.append(
            _("The arms share agents and queue: where one takes longer, the other one waits too, and a difference in "
              "waiting looks smaller than it is. Draw stretches of time where that matters.")
        )  # fmt: skip
    if found.compared:
        words = _(
            "{beyond} of {n} differences lie beyond what chance leaves in 95 of 100; "
            "chance alone would bring about {by}."
        )
        by = number(found.compared * 0.05, 1)
        said.append(words.format(beyond=number(found.beyond), n=number(found.compared), by=by))
        if row.method == SWITCHBACK:
            said.append(_("This band is that of tickets drawn one by one; drawn by stretches, they lie further apart."))
    return said


def _left_out(row: Trial) -> list[str]:
    words = {
        allocation.CHOSEN: _("{n} left out: somebody chose their playbook."),
        allocation.OTHER_DRAW: _("{n} left out: a draw of their own was asked for."),
        allocation.WASHOUT: _(
            "{n} left out: they came in the first {m} minutes of a stretch, to the queue of the one before."
        ),
    }
    minutes = number(allocation.washout_of(row))
    return [words[why].format(n=number(n), m=minutes) for why, n in allocation.left_out_of(row).items()]


def _write(row: Trial) -> Callable[[float], str]:
    return percent if row.primary in SHARES else lambda value: number(value, 2)


def _look(look: Looked, row: Trial, arms: Sequence[Arm]) -> LookLine:
    waits = _("Closed: {n} tickets are still to come in or to settle.").format(n=number(look.waits_for))
    levels = []
    if look.open:
        for arm, one in zip(arms, look.levels, strict=True):
            levels.append((arm, NOTHING if one.estimate is None else _write(row)(one.estimate), number(one.n)))
    return LookLine(
        at=_("after {n} tickets").format(n=number(look.tickets)),
        limit=_("p up to {p}").format(p=p_words(look.look.p, 5)),
        open=look.open,
        waits="" if look.open else waits,
        levels=levels,
        findings=[_finding(one, row, arms) for one in look.findings],
    )


def p_words(p: float, digits: int = 3) -> str:
    least = 10.0**-digits
    return _("under {p}").format(p=number(least, digits)) if p < least else number(p, digits)


def _finding(one: Finding, row: Trial, arms: Sequence[Arm]) -> FindingLine:
    arm, base = arms[one.arm], arms[0]

    def gap(value: float) -> str:
        if row.primary in SHARES:
            return _("{n} points").format(n=signed(100 * value, 1))
        return signed(value, 2)

    if one.estimate is None or one.p is None:
        said = _("Too few answers to say anything.")
        return FindingLine(arm, NOTHING, "", NOTHING, said, False)
    if one.shown:
        said = _("A difference is shown: {other} less {base} is {gap} ({interval}).")
    else:
        said = _("No difference is shown: {other} less {base} is {gap} ({interval}), which chance can bring.")
    interval = between(one.low, one.high, gap)
    words = said.format(other=arm.title, base=base.title, gap=gap(one.estimate), interval=interval)
    return FindingLine(arm, gap(one.estimate), interval, p_words(one.p), words, one.shown)


urlpatterns = [
    path("", trials, name="trials"),
    path("<int:pk>/", trial, name="trial"),
    path("<int:pk>/end/", end, name="trial-end"),
    path("<int:pk>/cancel/", cancel, name="trial-cancel"),
]
