"""What was hard for customers and what they say of it, in words and pictures for the page of prevention."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from playbooks import prevention
from playbooks.core.plot import Scale
from playbooks.core.prevention import Costly, topics
from playbooks.core.statistics import Interval
from playbooks.pages import wording
from playbooks.pages.numbers import NOTHING, between, number, percent, signed
from playbooks.pages.reading import language
from playbooks.pages.trial import p_words

WIDTH, EDGE = 420, 12.0  # of the pictures
STAGE: Mapping[str, Any] = {
    "acknowledgement": gettext_lazy("Until the receipt"),
    "response": gettext_lazy("Until a person answered"),
    "investigation": gettext_lazy("Finding out what happened"),
    "decision": gettext_lazy("Until a remedy was given"),
    "closing": gettext_lazy("From the remedy to the end"),
    "again": gettext_lazy("After it was reopened"),
}


@dataclass(frozen=True, slots=True)
class RatioLine:
    """One ratio on the logarithmic scale: its mark, and its interval as far as the picture reaches."""

    x: float | None
    low: float
    high: float
    y: float


# The costly step


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


def stage(one: Costly) -> StageLine:
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


STAGE_LINE, STAGE_STEPS = 48, (0.1, 0.2, 0.5, 1, 2, 4, 8, 12, 24, 48, 96, 168, 336, 672)


@dataclass(frozen=True, slots=True)
class StageRow:
    """One stage of the picture: its name, and under it those who found it hard above those who found it easy."""

    title: str
    y: float
    hard: RatioLine | None
    easy: RatioLine | None


@dataclass(frozen=True, slots=True)
class StagePicture:
    height: int
    bottom: int
    ticks: Sequence[tuple[float, str]]
    rows: Sequence[StageRow]


def stage_picture(found: Sequence[Costly]) -> StagePicture | None:
    """Mean hours of each stage with their intervals, from nought. An interval that reaches far is drawn to the edge."""
    sides = [side for one in found for side in (one.hard, one.easy) if side.estimate is not None]
    most = max((side.estimate or 0.0 for side in sides), default=0.0)
    if not most:
        return None
    top = min(2 * most, max(side.high if side.high is not None else side.estimate or 0.0 for side in sides))
    scale = Scale(0.0, max(top, most), EDGE, WIDTH - EDGE)
    step = next((one for one in STAGE_STEPS if scale.high / one <= 5), STAGE_STEPS[-1])
    ticks = [(scale.at(n * step), _("{n} h").format(n=number(n * step, 0 if step >= 1 else 1)))
             for n in range(int(scale.high / step) + 1)]  # fmt: skip
    rows = [
        StageRow(
            str(STAGE[one.stage]), place * STAGE_LINE + 13.0,
            _stage_line(one.hard, scale, place * STAGE_LINE + 23.0),
            _stage_line(one.easy, scale, place * STAGE_LINE + 36.0),
        )
        for place, one in enumerate(found)
    ]  # fmt: skip
    bottom = STAGE_LINE * len(rows)
    return StagePicture(bottom + 22, bottom, ticks, rows)


def _stage_line(one: Interval, scale: Scale, y: float) -> RatioLine | None:
    if one.estimate is None:
        return None
    low, high = (one.estimate if bound is None else bound for bound in (one.low, one.high))
    return RatioLine(scale.at(one.estimate), scale.at(low), scale.at(high), y)


def effort_words(found: prevention.Effort) -> str:
    if not found.hard or not found.easy:
        return _(
            "{answered} customers said how hard it was. To see the costly step there must be some who found it hard "
            "(1–3) and some who found it easy (5–7)."
        ).format(answered=number(found.answered))
    first = found.stages[0] if found.stages else None
    counts = {"hard": number(len(found.hard)), "easy": number(len(found.easy))}
    if first is None or first.hours.estimate is None or round(first.hours.estimate, 1) <= 0:
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


def remark_lines(found: prevention.Remarks) -> list[RemarkLine]:
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


def remarks_words(found: prevention.Remarks) -> str:
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


def said_lines(found: Sequence[prevention.Said]) -> list[tuple[str, list[SaidLine]]]:
    """By language of the customer."""
    titles = {one.key: one.title[language()] for one in topics()}
    grouped: dict[str, list[SaidLine]] = {}
    for one in found:
        share = _("{n} of {of}").format(n=number(one.n), of=number(one.of))
        grouped.setdefault(one.language, []).append(SaidLine(titles[one.topic], share, one.language, one.examples))
    return [(str(wording.LANGUAGE[key]), lines) for key, lines in grouped.items()]
