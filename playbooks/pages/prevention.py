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

from playbooks import prevention
from playbooks.core.plot import Scale
from playbooks.core.prevention import DAY, NOT_FOUND, NOT_OURS, Costly, Ratio, topics
from playbooks.core.statistics import Interval
from playbooks.pages import wording
from playbooks.pages.choice import midnight
from playbooks.pages.common import agent_of, for_managers
from playbooks.pages.numbers import NOTHING, between, number, percent, signed
from playbooks.pages.reading import language
from playbooks.pages.trial import now_on, p_words
from tickets import clock as clocks
from tickets.errors import HelpdeskError
from tickets.models import Clock
from tickets.templatetags.desk_format import locale

PANELS = 8
WINDOWS = (7, 14, 28, 56, 91)
WIDTH, HEIGHT, LEFT, TOP, BOTTOM = 300, 96, 22.0, 6.0, 78.0
RATIO_WIDTH, RATIO_LEFT = 420, 12.0
RATIO_TICKS = (0.1, 0.25, 0.5, 1.0, 2.0, 4.0, 10.0)
DESK_ZONE = ZoneInfo("Asia/Tokyo")
STAGE: Mapping[str, Any] = {
    "acknowledgement": gettext_lazy("Until the receipt"),
    "response": gettext_lazy("Until a person answered"),
    "investigation": gettext_lazy("Finding out what happened"),
    "decision": gettext_lazy("Until a remedy was given"),
    "closing": gettext_lazy("From the remedy to the end"),
    "again": gettext_lazy("After it was reopened"),
}
REFUSED: Mapping[str, Any] = {
    "unknown_cause": gettext_lazy("Choose a cause of the list."),
    "not_past": gettext_lazy("This day has not come yet."),
    "not_a_number": gettext_lazy("A whole number."),
    "too_many": gettext_lazy("More addresses are named than customers were told."),
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


def _panels(causes: Sequence[prevention.CauseOverTime], measured: Sequence[prevention.Measured]) -> list[Panel]:
    most = max((n for one in causes for _monday, n in one.weeks), default=1)
    up = Scale(0, most, BOTTOM, TOP)
    return [_panel(one, up, most, [m for m in measured if m.cause.key == one.cause.key]) for one in causes[:PANELS]]


def _panel(one: prevention.CauseOverTime, up: Scale, most: int, measured: Sequence[prevention.Measured]) -> Panel:
    step = (WIDTH - LEFT) / len(one.weeks)
    bars = [
        (round(LEFT + place * step, 1), up.at(n), round(max(1.0, step - 1.5), 1), round(BOTTOM - up.at(n), 1))
        for place, (_monday, n) in enumerate(one.weeks)
        if n
    ]
    first, last = one.weeks[0][0], one.weeks[-1][0] + 7 * DAY
    across = Scale(first, last, LEFT, WIDTH)
    taken = [across.at(m.measure.taken_at) for m in measured if first <= m.measure.taken_at <= last]
    about = ", ".join(f"{name} ({number(n)})" for name, n in (*one.items, *one.firms))
    return Panel(
        cause_words(one.cause), number(one.n), about, bars, taken, day_words(first), day_words(one.weeks[-1][0]), most
    )


# Measures


@dataclass(frozen=True, slots=True)
class RatioLine:
    """One ratio on the logarithmic scale: its mark, and its interval as far as the picture reaches."""

    x: float | None
    low: float
    high: float
    y: float


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
    text: str
    told_at: int
    told: str
    complained: str
    satisfied: str
    estimate: str


def _notice(one: prevention.Told) -> NoticeLine:
    row = one.notice
    if one.complained is None:
        complained = _("Who was told is not known by address, so their complaints cannot be told from the others'.")
    else:
        told, others = one.complained
        told_words = _("{n} of {of} customers told complained all the same").format(n=number(told), of=number(row.told))
        if row.not_told:
            of = _("{n} of {of} not told").format(n=number(others), of=number(row.not_told))
            complained = _("{told}; {others}. Rate of those told over the others: {ratio}. Who was told was not drawn.")
            complained = complained.format(
                told=told_words, others=of, ratio=ratio_words(one.ratio) if one.ratio else NOTHING
            )
        else:
            complained = _("{told}; {n} others. How many others were touched is not known, so there is no rate.")
            complained = complained.format(told=told_words, n=number(others))
    satisfied = ""
    if one.csat is not None and any(side.n for side in one.csat):
        satisfied = _("Satisfied (CSAT 4–5) of those who complained: told {told}, not told {others}.").format(
            told=_share(one.csat[0]), others=_share(one.csat[1])
        )
    return NoticeLine(
        cause_words(one.cause), row.text, row.told_at, number(row.told), complained, satisfied, _estimate(one)
    )


def _share(one: Interval) -> str:
    if one.estimate is None:
        return _("nobody answered")
    return f"{percent(one.estimate)} ({between(one.low, one.high, percent)}, n {number(one.n)})"


def _estimate(one: prevention.Told) -> str:
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


# Effort, words


@dataclass(frozen=True, slots=True)
class StageLine:
    stage: str
    hard: str
    easy: str
    gap: str
    p: str
    contacts: str
    shown: bool


def _hours(one: Interval) -> str:
    return NOTHING if one.estimate is None else _("{n} h (n {of})").format(n=number(one.estimate, 1), of=number(one.n))


def _stage(one: Costly) -> StageLine:
    def hours(value: float) -> str:
        return _("{n} h").format(n=signed(value, 1))

    def times(value: float) -> str:
        return signed(value, 2)

    gap = contacts = NOTHING
    if one.hours.estimate is not None:
        gap = f"{hours(one.hours.estimate)} ({between(one.hours.low, one.hours.high, hours) or NOTHING})"
    if one.contacts.estimate is not None:
        contacts = f"{times(one.contacts.estimate)} ({between(one.contacts.low, one.contacts.high, times) or NOTHING})"
    p = NOTHING if one.corrected is None else p_words(one.corrected)
    shown = one.corrected is not None and one.corrected <= 0.05
    return StageLine(str(STAGE[one.stage]), _hours(one.hard), _hours(one.easy), gap, p, contacts, shown)


def _effort_words(found: prevention.Effort) -> str:
    if not found.hard or not found.easy:
        return _(
            "{answered} customers said how hard it was. To see the costly step there must be some who found it hard "
            "(1–3) and some who found it easy (5–7)."
        ).format(answered=number(found.answered))
    first = found.stages[0] if found.stages else None
    counts = {"hard": number(len(found.hard)), "easy": number(len(found.easy))}
    if first is None or first.hours.estimate is None or first.hours.estimate <= 0:
        said = _("{hard} found it hard, {easy} easy; no stage took longer for those who found it hard.")
        return said.format(**counts)
    values = {**counts, "stage": STAGE[first.stage], "hours": number(first.hours.estimate, 1)}
    if first.corrected is not None and first.corrected <= 0.05:
        said = _(
            "Those who found it hard ({hard}) spent {hours} h longer here than those who found it easy ({easy}): "
            "{stage}."
        )
    else:
        said = _(
            "The largest difference between those who found it hard ({hard}) and easy ({easy}) is here: {stage}, "
            "{hours} h. Chance can bring it."
        )
    return said.format(**values)


@dataclass(frozen=True, slots=True)
class SaidLine:
    topic: str
    share: str
    language: str
    examples: Sequence[tuple[int, str]]


@dataclass(frozen=True, slots=True)
class RemarkLine:
    topic: str
    all: str
    low: str
    high: str
    examples: Sequence[tuple[int, str, str]]  # ticket, language, words


def _remarks(found: prevention.Remarks) -> list[RemarkLine]:
    titles = {one.key: one.title[language()] for one in topics()}
    return [
        RemarkLine(titles[one.topic], _counted(one.all), _counted(one.low), _counted(one.high), one.examples)
        for one in found.topics
    ]


def _counted(one: Interval) -> str:
    """A share with its interval, and how many of how many that is."""
    if one.estimate is None:
        return NOTHING
    hits = _("{n} of {of}").format(n=number(round(one.estimate * one.n)), of=number(one.n))
    return f"{percent(one.estimate)} ({between(one.low, one.high, percent)}) · {hits}"


def _remarks_words(found: prevention.Remarks) -> str:
    if not found.wrote:
        return ""
    words = _(
        "Of {answered} customers who answered a survey, {wrote} wrote something beside the tick; {low} of these ticked "
        "a low CSAT or CES, {high} a high one."
    )
    counts = {"answered": found.answered, "wrote": found.wrote, "low": found.low, "high": found.high}
    words = words.format(**{name: number(n) for name, n in counts.items()})
    apart = max(found.topics, key=lambda one: one.apart, default=None)
    if apart is None or apart.apart <= 0 or (apart.low.low or 0.0) <= (apart.high.high or 0.0):
        return words
    title = next(one.title[language()] for one in topics() if one.key == apart.topic)
    more = _("What sets the low apart from the high is “{topic}”: {low} against {high}.")
    return f"{words} " + more.format(topic=title, low=_counted(apart.low), high=_counted(apart.high))


def _said(found: Sequence[prevention.Said]) -> list[tuple[str, list[SaidLine]]]:
    """By language of the customer."""
    titles = {one.key: one.title[language()] for one in topics()}
    grouped: dict[str, list[SaidLine]] = {}
    for one in found:
        share = _("{n} of {of}").format(n=number(one.n), of=number(one.of))
        grouped.setdefault(one.language, []).append(SaidLine(titles[one.topic], share, one.language, one.examples))
    return [(str(wording.LANGUAGE[key]), lines) for key, lines in grouped.items()]


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
    context = {
        "here": "prevention", "n": len(complaints), "panels": _panels(causes, measured),
        "more": _more(len(causes) - PANELS),
        "weeks": [(day_words(monday), place) for place, (monday, _n) in enumerate(causes[0].weeks)] if causes else [],
        "table": [(cause_words(one.cause), number(one.n), [n for _monday, n in one.weeks]) for one in causes],
        "causes": [(one.cause.key, cause_words(one.cause)) for one in causes],
        "panel": {"width": WIDTH, "height": HEIGHT, "left": LEFT, "top": TOP, "bottom": BOTTOM},
        "measures": [_measure(one) for one in measured], "days": days, "windows": WINDOWS,
        "ratio_ticks": [(scale.at(tick), f"×{tick:g}") for tick in RATIO_TICKS],
        "even": scale.at(1.0),
        "notices": [_notice(one) for one in prevention.notices(clock, complaints, now=now)],
        "effort": _effort_words(effort),
        "stages": [_stage(one) for one in effort.stages] if effort.hard and effort.easy else [],
        "remarks": _remarks(remarks), "remarks_words": _remarks_words(remarks),
        "said": _said(prevention.said_after(clock)), "refused": refused, "asked": asked,
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
    post, clock = request.POST, clocks.main_clock()
    given = {
        "cause": post.get("cause", ""), "text": post.get("text", ""), "emails": post.get("emails", ""),
        "told": _whole(post.get("told", "")), "not_told": _whole(post.get("not_told", "")),
        "told_at": _at(post.get("day", ""), now_on(clock)),
    }  # fmt: skip
    return _noted(request, "notice", clock, given, prevention.tell_beforehand, _("The notice is noted."))


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
