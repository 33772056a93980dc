"""The pictures of an experiment: what goes into each, in coordinates, with the words that stand in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from playbooks.core.charts.lines import Chart, Line, Series, chart
from playbooks.core.charts.spans import Beside, Row, beside, forest_row
from playbooks.core.contrast import Median
from playbooks.core.customer.evidence import MARKS
from playbooks.core.experiments.measure import Measure
from playbooks.core.experiments.report import steady
from playbooks.core.plot import Bar, Bars, Group, Mark, Picture, Tick, bars, picture
from playbooks.core.statistics import Interval
from playbooks.pages.debrief_lines import MARK
from playbooks.pages.debrief_other import PART, SWITCH
from playbooks.pages.experiments_arms import Arm, measure_of
from playbooks.pages.experiments_words import (
    Texts,
    amount,
    gap,
    number,
    p_words,
    share,
    size,
    span,
    span_of_gaps,
    texts,
)
from playbooks.pages.numbers import NOTHING, signed, time
from playbooks.pages.reading import in_language, language
from playbooks.pages.texts import texts_of
from playbooks.pages.wording import say

CSAT_SCALE = (1, 5)
BROAD, SLIM = (880, 400), (360, 380)
STRIP = 220
UNSURE, UNSURE_LINE = 380, 52.0
BOUNDS = ("estimate", "low", "high")
PARTS = (560, 350)
CURVES = {"answered": (1 / 60, 672.0), "resolved": (1 / 60, 672.0), "left": (1 / 60, 672.0)}
HOURS = (1 / 60, 1.0, 8.0, 24.0, 168.0)
TOLD_HOURS = (1.0, 4.0, 8.0, 24.0, 72.0, 168.0, 336.0, 672.0)

Result = Mapping[str, Any]


# ---------------------------------------------------------------- response time against satisfaction


@dataclass(frozen=True, slots=True)
class First:
    """The first picture, at two widths, and what lies across."""

    across: str
    drawings: Sequence[tuple[str, Picture, Sequence[tuple[Tick, str]], Sequence[tuple[Mark, Arm]]]]
    rows: Sequence[tuple[Arm, str, str, str, str]]
    complete: bool


def reply_key(result: Result) -> str:
    """The median, or where it is not steady in every arm the mean that leaves nobody out."""
    known = all(steady(of["reply_median_h"]) for of in result["playbooks"].values())
    return "reply_median_h" if known else "reply_restricted_h"


def resolution_key(result: Result) -> str:
    known = all(steady(of["resolution_median_h"]) for of in result["playbooks"].values())
    return "resolution_median_h" if known else "resolution_restricted_h"


def first_picture(result: Result, arms: Sequence[Arm]) -> First:
    words, key = texts(), reply_key(result)
    across = "first.across_median" if key == "reply_median_h" else "first.across_mean"
    reply, csat = measure_of(key), measure_of("csat")
    groups, rows = [], []
    for arm in arms:
        x, y = (result["playbooks"][arm.key][name] for name in (key, "csat"))
        written = words.say("first.label", up=amount(csat, y["estimate"]), across=amount(reply, x["estimate"]))
        groups.append(Group(arm.key, (arm.title, written), _in_seconds(x), _interval(y)))
        intervals = span(reply, x["low"], x["high"]), span(csat, y["low"], y["high"])
        rows.append((arm, amount(reply, x["estimate"]), intervals[0], amount(csat, y["estimate"]), intervals[1]))
    by_key = {arm.key: arm for arm in arms}
    drawings = []
    for name, (width, height) in (("broad", BROAD), ("slim", SLIM)):
        drawn = picture(groups, scores=CSAT_SCALE, width=width, height=height)
        ticks = [(tick, time(tick.value)) for tick in drawn.x_ticks]
        drawings.append((name, drawn, ticks, [(mark, by_key[mark.key]) for mark in drawn.marks]))
    return First(words.plain(across), drawings, rows, len(drawings[0][3]) == len(arms))


def _in_seconds(of: Mapping[str, Any]) -> Median:
    hours = [None if of[name] is None else max(1.0, 3_600 * of[name]) for name in ("estimate", "low", "high")]
    return Median(of["n"], hours[0], hours[1], hours[2], hours[1] is not None)


def _interval(of: Mapping[str, Any]) -> Interval:
    return Interval(of["n"], of["estimate"], of["low"], of["high"])


# ---------------------------------------------------------------- every difference


GROUPS = {
    "time": (
        "reply_median_h", "reply_p90_h", "reply_restricted_h", "reply_within_day", "wait_min", "resolution_median_h",
        "resolution_restricted_h", "resolved_within_three_days", "abandoned",
    ),
    "satisfaction": ("csat", "csat_satisfied", "ces", "nps", "nps_adjusted", "satisfaction", "satisfaction_all"),
    "loyalty": ("repurchase", "told_good", "told_bad"),
    "cost": ("work_min", "tickets_per_hour", "utilisation", "cost"),
    "silence": ("left_silently", "csat_response", "ces_response", "nps_response"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class ForestRow:
    key: str
    title: str
    gap: str
    span: str
    p: str
    p_note: str
    smallest: str
    shown: bool | None
    verdict: str
    neutral: str  # said in place of the picture where neither way is better
    hue: str  # of the side it speaks for
    drawn: Row | None
    described: str


def forest(
    outcomes: Mapping[str, Any], arm: Arm, baseline: Arm, *, primary: str, currency: str, cost: str = ""
) -> list[Any]:
    """`cost`: what the cost is called here, where not by its own name."""
    words, titles = texts(), {"cost": cost} if cost else {}
    return [
        (
            words.plain(f"group.{name}"),
            [
                _forest_row(key, outcomes[key], arm, baseline, primary, currency, titles.get(key))
                for key in keys
                if key in outcomes
            ],
        )
        for name, keys in GROUPS.items()
    ]


def _forest_row(
    key: str, of: Mapping[str, Any], arm: Arm, baseline: Arm, primary: str, currency: str, named: str | None
) -> ForestRow:
    words, measure, shown = texts(), measure_of(key), of["shown"]
    known, title = of["estimate"] is not None, named or measure_title(measure)
    written, interval = gap(measure, of["estimate"], currency), span_of_gaps(measure, of["low"], of["high"], currency)
    p_note = words.plain("forest.p_main") if key == primary else ""
    if known and of["p_corrected"] is None:
        p_note = words.plain("forest.p_none")
    verdict = {True: "forest.shown", False: "forest.not_shown", None: "forest.cannot"}[shown]
    drawn = None
    if known and measure.better:
        flipped = measure.better < 0
        drawn = forest_row(of["estimate"], of["low"], of["high"], of["smallest"], flipped=flipped, width=STRIP)
    return ForestRow(
        key=key,
        title=title,
        gap=written,
        span=interval,
        p=p_words(of["p_corrected"]),
        p_note=p_note,
        smallest=NOTHING if of["smallest"] is None else size(measure, of["smallest"], currency),
        shown=shown,
        verdict="" if known and shown is None else words.plain(verdict),
        neutral="" if measure.better else words.plain("forest.neither"),
        hue=_side(measure, of, arm, baseline),
        drawn=drawn,
        described=words.say("forest.row", what=title, gap=written, span=interval or NOTHING),
    )


def measure_title(measure: Measure) -> str:
    return in_language(measure.title)


def _side(measure: Measure, of: Mapping[str, Any], arm: Arm, baseline: Arm) -> str:
    if not of["shown"] or not measure.better or not of["estimate"]:
        return "none"
    return arm.hue if of["estimate"] * measure.better > 0 else baseline.hue


# ---------------------------------------------------------------- two uncertainties


@dataclass(frozen=True, slots=True)
class UnsureRow:
    """One kind of uncertainty: its words, and its place in the picture."""

    kind: str
    name: str
    hint: str
    estimate: str
    interval: str
    y: float
    x: float
    across: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Unsure:
    """One outcome with both its uncertainties, and that over the cases where it is known."""

    key: str
    title: str
    width: int
    height: float
    drawn: Beside
    ticks: Sequence[tuple[Tick, str]]
    rows: Sequence[UnsureRow]
    keeps: str
    hangs: bool


def unsure(result: Result, arm: Arm) -> list[Unsure]:
    outcomes = result["differences"][arm.key]["outcomes"]
    ranges = result["assumptions"]["ranges"].get(arm.key, {})
    return [_unsure(result, arm, key, of) for key, of in ranges.items() if outcomes[key]["low"] is not None]


def _unsure(result: Result, arm: Arm, key: str, of: Mapping[str, Any]) -> Unsure:
    words, measure = texts(), measure_of(key)
    told = [("simulation", words.plain("unsure.simulation"), result["differences"][arm.key]["outcomes"][key])]
    cases = ((result["assumptions"].get("cases") or {}).get("differences") or {}).get(arm.key) or {}
    if cases.get(key) and cases[key]["low"] is not None:
        handled = number(result["assumptions"]["cases"]["handled"])
        told.append(("cases", words.say("unsure.cases", n=handled), cases[key]))
    told.append(("assumptions", words.say("unsure.assumptions", n=number(of["draws"])), of))
    factor = 100 if measure.unit == "share" else 1
    drawn = beside([tuple(factor * one[name] for name in BOUNDS) for _, _, one in told], width=UNSURE)
    rows = [
        UnsureRow(
            kind, name, words.plain(f"unsure.{kind}_short"), gap(measure, one["estimate"]),
            span_of_gaps(measure, one["low"], one["high"]), UNSURE_LINE * (place + 0.5), x, across,
        )
        for place, ((kind, name, one), x, across) in enumerate(zip(told, drawn.x, drawn.across, strict=True))
    ]  # fmt: skip
    return Unsure(
        key, measure_title(measure), UNSURE, UNSURE_LINE * len(rows) + 26, drawn,
        [(tick, _tick_words(tick.value)) for tick in drawn.ticks], rows,
        words.say("unsure.keeps", share=share(of["same_sign"])), of["low"] * of["high"] < 0,
    )  # fmt: skip


def _tick_words(value: float) -> str:
    digits = 0 if value == int(value) else 1 if round(value, 1) == value else 2
    return signed(value, digits) if value else "0"


# ---------------------------------------------------------------- what the gap is made of


@dataclass(frozen=True, slots=True)
class Parts:
    """The gap of one measure taken apart."""

    measure: str
    heading: str
    unit: str
    drawings: Sequence[
        tuple[str, Bars, Sequence[tuple[Bar, str, str, str]], Sequence[tuple[Tick, str]]]
    ]  # hue, value, how much is assumed
    rows: Sequence[tuple[str, str, str, Sequence[str]]]
    whole: tuple[str, Sequence[str]]
    marks: Sequence[str]
    switched: Sequence[tuple[str, str, bool]]
    debts: Sequence[tuple[str, str, str]]  # in words, its source, and its name in the files


def parts_of(result: Result, arm: Arm, baseline: Arm) -> list[Parts]:
    of = result["parts"].get(arm.key, {})
    return [
        _taken(of[name], name, arm, baseline) for name in ("satisfaction", "repurchase") if of.get(name) is not None
    ]


def _taken(of: Mapping[str, Any], name: str, arm: Arm, baseline: Arm) -> Parts:
    words, measure = texts(), measure_of(name)
    factor, digits = (100, 1) if name == "repurchase" else (1, 2)

    def scaled(value: float | None) -> float | None:
        return None if value is None else factor * value

    found = [
        (say(PART, one["key"]), factor * one["effect"], scaled(one["low"]), scaled(one["high"])) for one in of["parts"]
    ]
    assumed = {
        say(PART, one["key"]): words.say("parts.assumed_of_it", share=share(one["marks"]["assumed"]))
        if one["marks"] and round(factor * one["effect"], digits)
        else ""
        for one in of["parts"]
    }

    def hue(value: float) -> str:
        return "none" if round(value, digits) == 0 else arm.hue if value > 0 else baseline.hue

    drawings = [
        (
            key,
            drawn,
            [(bar, hue(bar.value), signed(bar.value, digits), assumed[bar.name]) for bar in drawn.bars],
            [(tick, _tick_words(tick.value)) for tick in drawn.ticks],
        )
        for key, drawn in zip(("broad", "slim"), (bars(found, width=width) for width in PARTS), strict=True)
    ]
    total = of["difference"]
    return Parts(
        measure=name,
        heading=words.say(f"parts.{name}", gap=gap(measure, total["estimate"])),
        unit=words.plain(f"parts.unit_{name}"),
        drawings=drawings,
        rows=[
            (
                say(PART, one["key"]), gap(measure, one["effect"]), span_of_gaps(measure, one["low"], one["high"]),
                _shares(one["marks"]),
            )
            for one in of["parts"]
        ],
        whole=(gap(measure, total["estimate"]), _shares(of["marks"])),
        marks=[say(MARK, mark) for mark in MARKS],
        switched=[
            (say(SWITCH, key), gap(measure, value), value * of["switched"]["as_set"] < 0)
            for key, value in of["switched"].items()
        ],
        debts=[(debt_words(debt), _source(debt["source"], words), debt["name"]) for debt in of["debts"][:5]],
    )  # fmt: skip


def debt_words(debt: Mapping[str, Any]) -> str:
    """What a coefficient is about, in words, and how well it is known."""
    return f"{coefficient_words(debt['name'])} ({say(MARK, debt['mark'])})"


def coefficient_words(name: str) -> str:
    """A coefficient that has lost its words (an experiment kept long ago) goes without."""
    table: Mapping[str, str] = texts_of("coefficients", language())["coefficient"]
    return table.get(name) or texts().plain("parts.other_coefficient")


def _source(source: str, words: Texts) -> str:
    return words.plain("parts.no_source") if source == "none" else source


def _shares(marks: Mapping[str, float]) -> list[str]:
    return [share(marks[mark]) if marks else NOTHING for mark in MARKS]


# ---------------------------------------------------------------- curves over time


@dataclass(frozen=True, slots=True)
class Curves:
    name: str
    title: str
    drawn: Chart
    x_ticks: Sequence[tuple[Tick, str]]
    y_ticks: Sequence[tuple[Tick, str]]
    lines: Sequence[tuple[Line, Arm]]
    rows: Sequence[tuple[str, Sequence[str]]]


def curves(result: Result, arms: Sequence[Arm]) -> list[Curves]:
    return [_curve(name, result["curves"], arms) for name in CURVES]


def _curve(name: str, of: Mapping[str, Any], arms: Sequence[Arm]) -> Curves:
    series = [Series(arm.key, list(zip(of[arm.key]["hours"], of[arm.key][name], strict=True))) for arm in arms]
    drawn = chart(series, width=360, height=250, x_ticks=HOURS, y=(0.0, 1.0), log=True, dense=True)
    rows = []
    for hour in TOLD_HOURS:
        at = [max((p for p, h in enumerate(of[arm.key]["hours"]) if h <= hour * 1.02), default=0) for arm in arms]
        told = [share(of[arm.key][name][place], 1) for arm, place in zip(arms, at, strict=True)]
        rows.append((time(3_600 * hour), told))
    return Curves(
        name,
        texts().plain(f"curves.{name}"),
        drawn,
        [(tick, time(3_600 * tick.value)) for tick in drawn.x_ticks],
        [(tick, share(tick.value)) for tick in drawn.y_ticks],
        list(zip(drawn.lines, arms, strict=True)),
        rows,
    )
