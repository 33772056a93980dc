"""From complaints to prevention, for managers: causes by week, measures and what came of them, words afterwards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_skeleton
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST, require_safe

from playbooks import notices, prevention
from playbooks.core.customer.evidence import E
from playbooks.core.customer.notice import NOT_FOUND, NOT_OURS
from playbooks.core.plot import Scale
from playbooks.core.prevention import DAY, Ratio
from playbooks.core.statistics import Interval
from playbooks.pages import wording
from playbooks.pages.choice import midnight
from playbooks.pages.common import agent_of, for_managers
from playbooks.pages.numbers import NOTHING, between, number, percent, signed
from playbooks.pages.prevention_said import (
    RatioLine,
    effort_words,
    remark_lines,
    remarks_words,
    said_lines,
    stage,
    stage_picture,
)
from playbooks.pages.reading import language, name_of
from playbooks.pages.trial import now_on
from tickets import clock as clocks
from tickets.errors import HelpdeskError
from tickets.models import Clock
from tickets.templatetags.desk_format import locale

PANELS = 8
WINDOWS = (7, 14, 28, 56, 91)
FEWEST_WEEKS = 8
WIDTH, HEIGHT, LEFT, TOP, BOTTOM = 300, 96, 22.0, 6.0, 78.0
RATIO_WIDTH, RATIO_LEFT = 420, 12.0
RATIO_TICKS = (0.1, 0.25, 0.5, 1.0, 2.0, 4.0, 10.0)
DESK_ZONE = ZoneInfo("Asia/Tokyo")
REFUSED: Mapping[str, Any] = {
    "unknown_cause": gettext_lazy("Choose a cause of the list."),
    "not_past": gettext_lazy("This day has not come yet."),
    "not_a_number": gettext_lazy("A whole number."),
    "too_many": gettext_lazy("More addresses are named than customers were told."),
    "unknown_shift": gettext_lazy("There is no such shift, or none that you may see."),
    "invalid_email": gettext_lazy("One of these is not an e-mail address."),
}


# Causes


@dataclass(frozen=True, slots=True)
class Panel:
    """One cause: its weeks as bars, all panels on one scale."""

    title: str
    n: str
    about: str
    bars: Sequence[tuple[float, float, float, float]]  # x, y, width, height
    taken: Sequence[float]  # where a measure was taken
    first: str
    last: str
    most: int


def cause_words(cause: prevention.Cause) -> str:
    category = wording.say(wording.COMPLAINT, cause.category)
    if cause.kind == NOT_FOUND:
        return _("{category}: not found out yet").format(category=category)
    if cause.kind == NOT_OURS:
        return _("{category}: no fault of ours").format(category=category)
    return _("{category}: {cause}").format(category=category, cause=cause.said or cause.key.partition("/")[2])


def day_words(at: int) -> str:
    return str(format_skeleton("MMMd", clocks.at(at), tzinfo=DESK_ZONE, locale=locale()))


def panels_of(causes: Sequence[prevention.CauseOverTime], measured: Sequence[prevention.Measured]) -> list[Panel]:
    most = max((n for one in causes for _monday, n in one.weeks), default=1)
    up = Scale(0, most, BOTTOM, TOP)
    return [_panel(one, up, most, [m for m in measured if m.cause.key == one.cause.key]) for one in causes[:PANELS]]


def _panel(one: prevention.CauseOverTime, up: Scale, most: int, measured: Sequence[prevention.Measured]) -> Panel:
    before = max(0, FEWEST_WEEKS - len(one.weeks))  # empty ones, so that a young desk's single week is no black block
    step = (WIDTH - LEFT) / (before + len(one.weeks))
    bars = [
        (round(LEFT + place * step, 1), up.at(n), round(max(1.0, step - 1.5), 1), round(BOTTOM - up.at(n), 1))
        for place, (_monday, n) in enumerate(one.weeks, start=before)
        if n
    ]
    first, last = one.weeks[0][0] - before * 7 * DAY, one.weeks[-1][0] + 7 * DAY
    across = Scale(first, last, LEFT, WIDTH)
    taken = [across.at(m.measure.taken_at) for m in measured if first <= m.measure.taken_at <= last]
    about = ", ".join(f"{name} ({number(n)})" for name, n in (*one.items, *one.firms))
    return Panel(
        cause_words(one.cause), number(one.n), about, bars, taken, day_words(first), day_words(one.weeks[-1][0]), most
    )


# Measures


@dataclass(frozen=True, slots=True)
class MeasureLine:
    cause: str
    text: str
    taken_at: int
    by: str
    sentence: str
    others: str
    before: str
    after: str
    ratio: str
    against: str
    lines: Sequence[RatioLine]


def _measure(one: prevention.Measured) -> MeasureLine:
    effect, row = one.effect, one.measure
    return MeasureLine(
        cause_words(one.cause), row.text, row.taken_at, row.by.get_full_name() or row.by.username if row.by else "",
        _effect_words(one), _others_words(one), number(effect.before), number(effect.after),
        ratio_words(effect.ratio), ratio_words(effect.against_others),
        [_ratio_line(effect.ratio, 14.0), _ratio_line(effect.against_others, 34.0)] if effect.seconds >= DAY else [],
    )  # fmt: skip


def _ratio_scale() -> Scale:
    return Scale(RATIO_TICKS[0], RATIO_TICKS[-1], RATIO_LEFT, RATIO_WIDTH - RATIO_LEFT, log=True)


def _ratio_line(ratio: Ratio, y: float) -> RatioLine:
    scale = _ratio_scale()
    low = scale.at(max(ratio.low, RATIO_TICKS[0]) if ratio.low else RATIO_TICKS[0])
    high = scale.at(ratio.high if ratio.high is not None else RATIO_TICKS[-1])
    estimate = ratio.estimate
    return RatioLine(None if estimate is None else scale.at(max(estimate, RATIO_TICKS[0])), low, high, y)


def ratio_words(ratio: Ratio) -> str:
    if ratio.estimate is None and ratio.low is None:
        return NOTHING

    def times(value: float) -> str:
        return "×" + number(value, 2)

    middle = NOTHING if ratio.estimate is None else times(ratio.estimate)
    reach = between(ratio.low, ratio.high, times)
    return f"{middle} ({reach})" if reach else middle


def _effect_words(one: prevention.Measured) -> str:
    effect, days = one.effect, one.effect.seconds // DAY
    counts = {"before": number(effect.before), "after": number(effect.after), "days": number(days)}
    ratio = ratio_words(effect.ratio)
    if effect.verdict == "too_soon":
        return _("Too soon to say anything: less than a day lies before or after it.")
    if effect.verdict == "fell":
        said = _("Complaints fell: {before} in the {days} days before, {after} in the {days} days after, {ratio}.")
    elif effect.verdict == "rose":
        said = _("Complaints rose: {before} in the {days} days before, {after} in the {days} days after, {ratio}.")
    elif effect.verdict == "too_few":
        said = _(
            "Too few to say: {before} in the {days} days before, {after} in the {days} days after. With so few before, "
            "not even none at all afterwards would show a fall."
        )
    else:
        said = _(
            "Not shown either way: {before} in the {days} days before, {after} in the {days} days after, {ratio}. "
            "{most} or fewer afterwards would have shown a fall."
        )
    most = NOTHING if effect.most_after is None else number(effect.most_after)
    return said.format(**counts, ratio=ratio, most=most)


def _others_words(one: prevention.Measured) -> str:
    effect = one.effect
    if effect.seconds < DAY:
        return ""
    ratio = effect.against_others
    counts = {"before": number(effect.others_before), "after": number(effect.others_after)}
    if ratio.low is None and ratio.high is None:
        return _("There are no other complaints to compare with: what changed for all cannot be told apart.")
    if ratio.shown:
        said = _("All other causes went from {before} to {after}: this one changed differently, {ratio}.")
    else:
        said = _(
            "All other causes went from {before} to {after}: that this one changed more than they did is not shown, "
            "{ratio}."
        )
    return said.format(**counts, ratio=ratio_words(ratio))


# Told beforehand


@dataclass(frozen=True, slots=True)
class NoticeLine:
    cause: str
    shift: str
    text: str
    told_at: int
    told: str
    complained: str
    satisfied: str
    estimate: str
    spared: str
    assumed: str


def _notice(one: notices.Told) -> NoticeLine:
    row, satisfied = one.notice, ""
    if one.csat is not None and any(side.n for side in one.csat):
        satisfied = _("Satisfied (CSAT 4–5) of those who complained: told {told}, not told {others}.").format(
            told=_share(one.csat[0]), others=_share(one.csat[1])
        )
    shift = getattr(row.clock, "shift", None)
    spared, assumed = _simulated(one)
    return NoticeLine(
        cause=cause_words(one.cause),
        shift=_shift_words(shift) if shift else "",
        text=row.text,
        told_at=row.told_at,
        told=number(row.told),
        complained=_complained(one),
        satisfied=satisfied,
        estimate=_estimate(one),
        spared=spared,
        assumed=assumed,
    )


def _shift_words(shift: Any) -> str:
    return _("Shift {title} of {trainee}").format(title=shift.title, trainee=name_of(shift.trainee))


def _complained(one: notices.Told) -> str:
    row = one.notice
    if one.complained is None:
        return _("Who was told is not known by address, so their complaints cannot be told from the others'.")
    told, others = one.complained
    told_words = _("{n} of {of} customers told complained all the same").format(n=number(told), of=number(row.told))
    ratio = ratio_words(one.ratio) if one.ratio else NOTHING
    if row.not_told:
        of = _("{n} of {of} not told").format(n=number(others), of=number(row.not_told))
        said = _("{told}; {others}. Rate of those told over the others: {ratio}. Who was told was not drawn.")
        if one.simulated and not row.emails:
            said = _("{told}; {others}. Rate of those told over the others: {ratio}. Who was told was drawn.")
        return said.format(told=told_words, others=of, ratio=ratio)
    if one.ratio is not None:
        said = _("{told}; {n} others. Rate of those told over the others: {ratio}. Who was told was drawn.")
    else:
        said = _("{told}; {n} others. How many others were touched is not known, so there is no rate.")
    return said.format(told=told_words, n=number(others), ratio=ratio)


def _simulated(one: notices.Told) -> tuple[str, str]:
    """Who was spared, and what of the outcome was only assumed. Empty where nobody simulated is in it."""
    if not one.simulated:
        return "", ""
    spared = ngettext(
        "{n} simulated customer who had been told did not complain.",
        "{n} simulated customers who had been told did not complain.",
        one.spared,
    ).format(n=number(one.spared))
    assumed = _(
        "Assumed, not observed: that {share} of those told do not complain, and that being told adds {gain} to how "
        "fair the course of it feels to the others. What differs here between told and not told rests on that."
    ).format(share=percent(E.notice.spared), gain=number(E.notice.procedural, 1))
    if one.notice.not_told is None and len(one.notice.emails) < one.notice.told:
        more = _("How many were touched is not known; that the notice reached {share} of them is assumed too.")
        assumed += " " + more.format(share=percent(E.notice.reach))
    return spared, assumed


def _share(one: Interval) -> str:
    if one.estimate is None:
        return _("nobody answered")
    return f"{percent(one.estimate)} ({between(one.low, one.high, percent)}, n {number(one.n)})"


def _estimate(one: notices.Told) -> str:
    gain = one.foreseen.gain
    if gain.estimate is None or one.foreseen.low is None or one.foreseen.high is None:
        return _("No ticket of this cause, so the customer model has nothing to estimate from.")

    def points(value: float) -> str:
        return signed(value, 2)

    words = _(
        "Estimate of the customer model, nobody was asked: {gain} of satisfaction on its own scale (interval over "
        "{n} tickets: {interval}); with the assumption at half and at half as much again, {low} to {high}."
    )
    interval = between(gain.low, gain.high, points) or NOTHING
    return words.format(
        gain=points(gain.estimate), n=number(gain.n), interval=interval, low=points(one.foreseen.low),
        high=points(one.foreseen.high),
    )  # fmt: skip


# The page


@for_managers
@require_safe
def page(request: HttpRequest) -> HttpResponse:
    return _shown(request, {}, {})


def _shown(request: HttpRequest, refused: Mapping[str, str], asked: Mapping[str, Any]) -> HttpResponse:
    clock = clocks.main_clock()
    now = now_on(clock)
    wished = request.GET.get("days", "")
    days = int(wished) if wished in [str(one) for one in WINDOWS] else prevention.DAYS
    complaints = prevention.complaints_of(clock, language=language())
    causes = prevention.causes_over_time(complaints)
    measured = prevention.effects(clock, complaints, now=now, days=days)
    effort, remarks = prevention.effort(clock), prevention.remarks_of(clock)
    scale = _ratio_scale()
    shifts = notices.shifts_to_come(language=language())
    told = notices.notices(complaints, wall_now=clocks.wall(), language=language())
    context = {
        "here": "prevention", "n": len(complaints), "panels": panels_of(causes, measured),
        "more": _more(len(causes) - PANELS),
        "weeks": [(day_words(monday), place) for place, (monday, _n) in enumerate(causes[0].weeks)] if causes else [],
        "table": [(cause_words(one.cause), number(one.n), [n for _monday, n in one.weeks]) for one in causes],
        "causes": [(one.cause.key, cause_words(one.cause)) for one in causes],
        "panel": {"width": WIDTH, "height": HEIGHT, "left": LEFT, "top": TOP, "bottom": BOTTOM},
        "measures": [_measure(one) for one in measured], "days": days, "windows": WINDOWS,
        "ratio_ticks": [(scale.at(tick), f"×{tick:g}") for tick in RATIO_TICKS],
        "even": scale.at(1.0),
        "notices": [_notice(one) for one in told],
        "shifts": [(shift.pk, _shift_words(shift)) for shift, _causes in shifts],
        "notice_causes": _with_those_to_come(causes, shifts),
        "effort": effort_words(effort),
        "stages": [stage(one) for one in effort.stages] if effort.hard and effort.easy else [],
        "stage_picture": stage_picture(effort.stages) if effort.hard and effort.easy else None,
        "remarks": remark_lines(remarks), "remarks_words": remarks_words(remarks),
        "said": said_lines(prevention.said_after(clock)), "refused": refused, "asked": asked,
        "today": clocks.at(now).astimezone(DESK_ZONE).date().isoformat(), "zone": "Asia/Tokyo",  # type: ignore[union-attr]
    }  # fmt: skip
    return render(request, "playbooks/prevention.html", context, status=400 if refused else 200)


def _more(n: int) -> str:
    if n <= 0:
        return ""
    return ngettext("{n} more cause stands in the table.", "{n} more causes stand in the table.", n).format(n=number(n))


@for_managers
@require_POST
def measure(request: HttpRequest) -> HttpResponse:
    post, clock = request.POST, clocks.main_clock()
    given = {"cause": post.get("cause", ""), "text": post.get("text", "")}
    return _noted(
        request, "measure", clock, {**given, "taken_at": _at(post.get("day", ""), now_on(clock))},
        prevention.take_measure, _("The measure is noted. Whether its complaints fall shows below, from tomorrow on."),
    )  # fmt: skip


@for_managers
@require_POST
def notice(request: HttpRequest) -> HttpResponse:
    post = request.POST
    try:
        clock = notices.clock_of_shift(_whole_or(post.get("shift", ""), None))
    except HelpdeskError as error:
        refused = {"form": "notice", "field": error.field or "", "words": str(REFUSED.get(error.code, error))}
        return _shown(request, refused, post)
    given = {
        "cause": post.get("cause", ""), "text": post.get("text", ""), "emails": post.get("emails", ""),
        "told": _whole(post.get("told", "")), "not_told": _whole(post.get("not_told", "")),
        "told_at": _at(post.get("day", ""), now_on(clock)),
    }  # fmt: skip
    return _noted(request, "notice", clock, given, notices.tell_beforehand, _("The notice is noted."))


def _noted(
    request: HttpRequest, form: str, clock: Clock, given: Mapping[str, Any], deed: Any, said: str
) -> HttpResponse:
    try:
        deed(given, clock=clock, by=agent_of(request), now=now_on(clock))
    except HelpdeskError as error:
        words = str(REFUSED.get(error.code) or wording.refusal(error))
        return _shown(request, {"form": form, "field": error.field or "", "words": words}, request.POST)
    messages.success(request, said)
    return redirect("prevention")


def _whole_or(text: str, otherwise: int | None) -> int | None:
    found = _whole(text)
    return found if isinstance(found, int) else otherwise if found is None else 0


def _with_those_to_come(
    causes: Sequence[prevention.CauseOverTime], shifts: Sequence[tuple[Any, Sequence[prevention.Cause]]]
) -> list[tuple[str, str]]:
    """What customers can be told of: causes that were met, and those of complaints still to come into a shift."""
    met = [one.cause for one in causes]
    found = {one.key: cause_words(one) for one in (*met, *(one for _shift, those in shifts for one in those))}
    return list(found.items())


def _whole(text: str) -> int | str | None:
    text = text.strip()
    if not text:
        return None
    return int(text) if text.isascii() and text.isdigit() and len(text) < 12 else text


def _at(text: str, now: int) -> int | None:
    """The beginning of a day of the desk; today is now. What is no day counts as one that has not come."""
    try:
        day = date.fromisoformat(text.strip())
    except ValueError:
        return None if not text.strip() else now + DAY
    if not 1971 <= day.year <= 9000:
        return now + DAY
    start = midnight(day)
    return now if start <= now < start + DAY else start


urlpatterns = [
    path("", page, name="prevention"),
    path("measures/", measure, name="prevention-measure"),
    path("notices/", notice, name="prevention-notice"),
]
