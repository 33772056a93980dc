"""One value moved: lines of each side over it, where the sign turns, and two settings side by side with the reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from playbooks.core.charts.lines import Chart, Line, Series, chart, turns
from playbooks.core.customer.evidence import E
from playbooks.core.experiments.measure import Measure
from playbooks.core.experiments.sweep import SERVED_COST
from playbooks.core.plot import Tick
from playbooks.pages.experiments_arms import Arm, desk_name, measure_of
from playbooks.pages.experiments_form import SHARES
from playbooks.pages.experiments_pictures import measure_title
from playbooks.pages.experiments_words import Texts, amount, gap, number, share, span, span_of_gaps, texts
from playbooks.pages.numbers import NOTHING
from playbooks.pages.reading import in_language, language

SHOWN = ("repurchase", "abandoned", "satisfaction_all", "satisfaction", "wait_min", "cost")
SETTINGS = ("whole_day", "steady_state")

Sweep = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Drawn:
    """One outcome under one setting. `turns`: where the difference changes its sign, in the picture and in words."""

    title: str
    hint: str
    chart: Chart
    x_ticks: Sequence[tuple[Tick, str]]
    y_ticks: Sequence[tuple[Tick, str]]
    lines: Sequence[tuple[Line, Arm]]
    turns: Sequence[tuple[float, str, str, int]]  # place, words, and how they stand beside the line
    described: str


@dataclass(frozen=True, slots=True)
class Table:
    """All values of one outcome under one setting."""

    title: str
    rows: Sequence[tuple[str, Sequence[tuple[str, str]], str, str]]  # value, by arm, difference, its interval


@dataclass(frozen=True, slots=True)
class Setting:
    """One sweep, or one of the two settings of the load study."""

    title: str
    lines: Sequence[str]
    turned: Sequence[Turned]
    warnings: Sequence[str]
    tables: Sequence[Table]


@dataclass(frozen=True, slots=True)
class Swept:
    """What a sweep's page shows. `rows`: outcome -> a picture for each setting."""

    title: str
    axis: str
    settings: Sequence[Setting]
    rows: Sequence[tuple[str, Sequence[Drawn]]]
    why: str
    note: str  # what moving this value does, where that is not plain


def swept(told: Mapping[str, Any], arms: Sequence[Arm], currency: str, *, played: bool = True) -> Swept:
    """`played`: by automatic agents, not as in the published study."""
    words = texts()
    parts = [told[name] for name in SETTINGS] if "why" in told else [told]
    first = parts[0]
    shown = [key for key in dict.fromkeys((first["primary"], *SHOWN)) if _known(parts, key)]
    return Swept(
        title=words.plain("load.title" if first["parameter"] == "per_hour" else "load.title_other"),
        axis=words.plain(f"sweep.{first['parameter']}.name"),
        settings=[_setting(one, arms, shown, currency, words, played=played) for one in parts],
        rows=[
            (
                f"{_outcome(key, words, played=played)} ({words.plain('axis.' + measure_of(key).unit)})",
                _beside(parts, key, arms, currency, words, played=played),
            )
            for key in shown
        ],
        why=in_language(told["why"]) if "why" in told else "",
        note=_letter_note(words, played=played) if first["parameter"] == "letter_deadline" else "",
    )


def _letter_note(words: Texts, *, played: bool) -> str:
    prompt, late, part = E.ij.letter_prompt_h, E.ij.letter_late_h, E.ij.letter_late
    felt = words.say("load.letter_felt", prompt=number(prompt), late=number(late), part=share(part))
    parts = [words.plain("load.letter_when"), felt, *([words.plain("load.letter_solved")] if played else [])]
    return "".join(parts) if language() == "ja" else " ".join(parts)


def _outcome(key: str, words: Texts, *, played: bool) -> str:
    """By its name; the published study prices labour alone."""
    if key == SERVED_COST:
        return words.plain("load.served_cost" if played else "costs.served_labour")
    return measure_title(measure_of(key)) if played or key != "cost" else words.plain("costs.title_labour")


def _cost_hint(words: Texts, *, played: bool) -> str:
    told = ["load.cost_hint", "costs.hours", *([] if played else ["costs.sweep_labour"])]
    return ("" if language() == "ja" else " ").join(words.plain(key) for key in told)


def _known(parts: Sequence[Sweep], key: str) -> bool:
    return any(
        of[key]["estimate"] is not None
        for one in parts
        for point in one["points"]
        for of in point["arms"].values()
        if key in of
    )


# ---------------------------------------------------------------- pictures


def _beside(
    parts: Sequence[Sweep], key: str, arms: Sequence[Arm], currency: str, words: Texts, *, played: bool
) -> list[Drawn]:
    """One outcome under each setting, on one scale, so that eyes may go across."""
    reach = _reach(parts, key)
    named, hint = _outcome(key, words, played=played), _cost_hint(words, played=played) if key == "cost" else ""
    return [_drawn(one, key, arms, reach, currency, words, named, hint) for one in parts]


def _reach(parts: Sequence[Sweep], key: str) -> tuple[float, float]:
    bounds = [
        value
        for one in parts
        for point in one["points"]
        for of in point["arms"].values()
        for value in (of[key]["estimate"], of[key]["low"], of[key]["high"])
        if value is not None
    ]
    low, high = min(0.0, *bounds), max(0.0, *bounds)
    unit = measure_of(key).unit
    if unit not in ("score", "nps"):
        low = 0.0  # below it lies nothing, though an interval may reach there
    if unit == "share":
        high = min(1.0, high)
    return (low, high) if high > low else (low, low + 1.0)


def _drawn(
    one: Sweep,
    key: str,
    arms: Sequence[Arm],
    reach: tuple[float, float],
    currency: str,
    words: Texts,
    named: str,
    hint: str,
) -> Drawn:
    measure, points = measure_of(key), one["points"]
    values = [point["value"] for point in points]
    series = [
        Series(
            arm.key,
            [(point["value"], point["arms"][arm.key][key]["estimate"]) for point in points],
            [(point["arms"][arm.key][key]["low"], point["arms"][arm.key][key]["high"]) for point in points],
        )
        for arm in arms
    ]
    drawn = chart(series, width=420, height=250, x_ticks=_spread(values), y=reach)
    found = [
        place
        for arm in (arms[1:] if key != "cost" else [])  # who gives up costs nothing: no place where it turns
        for place in turns(values, [point["differences"][arm.key][key]["estimate"] for point in points])
    ]
    marked = [_turn(drawn, at, words.say("load.turns_at", at=_value_near(one, at))) for at in found]
    return Drawn(
        title=_title(one, words),
        hint=hint,
        chart=drawn,
        x_ticks=[(tick, _figure(one, tick.value)) for tick in drawn.x_ticks],
        y_ticks=[(tick, _axis(measure, tick.value, currency)) for tick in drawn.y_ticks],
        lines=list(zip(drawn.lines, arms, strict=True)),
        turns=marked,
        described="; ".join([named, _title(one, words), *(told for _, told, _, _ in marked)]),
    )


def _turn(drawn: Chart, at: float, words: str) -> tuple[float, str, str, int]:
    place = drawn.at(at)
    right = place < (drawn.left + drawn.right) / 2
    return place, words, "start" if right else "end", 5 if right else -5


def _axis(measure: Measure, value: float, currency: str) -> str:
    if measure.unit == "share":
        return f"{number(100 * value)}%"
    if measure.unit == "money":
        return number(value)
    return number(value, next((digits for digits in (0, 1) if abs(value - round(value, digits)) < 1e-9), 2))


def _spread(values: Sequence[float]) -> list[float]:
    """The values that were tried, as many as can be written side by side."""
    if len(values) <= 9:
        return list(values)
    step = -(-len(values) // 8)
    return [*values[::step], *([] if (len(values) - 1) % step == 0 else [values[-1]])]


# ---------------------------------------------------------------- words


def _title(one: Sweep, words: Texts) -> str:
    """The desk of one of the two settings; a sweep by itself has the desk of its experiment."""
    return desk_name(one["desk_title"]) if "desk_title" in one else words.plain("load.one_setting")


def value_words(one: Sweep, value: float) -> str:
    return texts().say(f"sweep.{one['parameter']}.value", n=_figure(one, value))


def _figure(one: Sweep, value: float) -> str:
    value = 100 * value if one["parameter"] in SHARES else value
    return number(value, next((digits for digits in (0, 1, 2) if abs(value - round(value, digits)) < 1e-9), 2))


def _setting(
    one: Sweep, arms: Sequence[Arm], shown: Sequence[str], currency: str, words: Texts, *, played: bool
) -> Setting:
    warned = dict.fromkeys(in_language(w["text"]) for point in one["points"] for w in point["warnings"])
    return Setting(
        title=_title(one, words),
        lines=turn_lines(one, arms),
        turned=turned_rows(one, arms, shown, played=played),
        warnings=[_warned(one, text, arms) for text in warned],
        tables=[_table(one, key, arms, currency, _outcome(key, words, played=played)) for key in shown],
    )


def _warned(one: Sweep, text: str, arms: Sequence[Arm]) -> str:
    """Which values it is said of, and of whom."""
    titles = {arm.key: arm.title for arm in arms}
    whose = dict.fromkeys(
        f"{titles.get(w['arm'], '')} {value_words(one, point['value'])}".strip()
        for point in one["points"]
        for w in point["warnings"]
        if in_language(w["text"]) == text
    )
    return f"{', '.join(whose)}: {text}"


def turn_lines(one: Sweep, arms: Sequence[Arm]) -> list[str]:
    """Where the main outcome turns, for each other side; or who is ahead throughout."""
    words, titles = texts(), {arm.key: arm.title for arm in arms}
    what, setting, lines = measure_title(measure_of(one["primary"])), _title(one, texts()), []
    for key, turn in one["crossover"].items():
        if key not in titles:
            continue
        if turn is None:
            lines.append(_no_turn(one, key, titles, what, setting, words))
            continue
        interval = words.plain("load.no_interval")
        if turn["low"] is not None:
            interval = words.say("line.load_interval", low=_near(one, turn["low"]), high=_near(one, turn["high"]))
        at = f"{words.say('sweep.' + one['parameter'] + '.value', n=_near(one, turn['at']))} ({interval})"
        told = words.say(
            "line.load_short",
            setting=setting,
            at=at,
            what=what,
            below=titles[turn["below"]],
            above=titles[turn["above"]],
        )
        more = f" {words.say('load.more_turns', n=number(turn['turns']))}" if turn["turns"] > 1 else ""
        lines.append(told + more)
    return lines


@dataclass(frozen=True, slots=True)
class Turned:
    """Where one outcome turns: the place with its interval and who is better on either side; or `said`, why not."""

    outcome: str
    other: str
    at: str = ""
    interval: str = ""
    below: str = ""
    above: str = ""
    said: str = ""


def turned_rows(one: Sweep, arms: Sequence[Arm], shown: Sequence[str], *, played: bool = True) -> list[Turned]:
    """Every outcome that is drawn, against each other side. The cost is that of a customer served."""
    keys = [SERVED_COST if key == "cost" else key for key in shown]
    return [_turned(one, key, arm, arms[0], played=played) for arm in arms[1:] for key in keys]


def _turned(one: Sweep, key: str, arm: Arm, baseline: Arm, *, played: bool) -> Turned:
    words, titles = texts(), {side.key: side.title for side in (arm, baseline)}
    what = _outcome(key, words, played=played)
    turn = _kept(one, key, arm.key, baseline.key)
    if turn is None:
        return Turned(what, arm.title, said=_why_not(one, key, arm, baseline))
    interval = words.plain("load.no_interval")
    if turn["low"] is not None:
        interval = words.say("line.load_interval", low=_near(one, turn["low"]), high=_near(one, turn["high"]))
    if turn["turns"] > 1:
        interval = f"{interval}. {words.say('load.more_turns', n=number(turn['turns']))}"
    return Turned(what, arm.title, _value_near(one, turn["at"]), interval, titles[turn["below"]], titles[turn["above"]])


def _kept(one: Sweep, key: str, arm: str, baseline: str) -> Mapping[str, Any] | None:
    """As it was computed; of a sweep kept before that, from the lines as they are drawn, without an interval."""
    if "turns" in one:
        found: Mapping[str, Any] | None = one["turns"][arm][key]
        return found
    gaps = [_better_by(point, key, arm, baseline) for point in one["points"]]
    places = turns([point["value"] for point in one["points"]], gaps)
    if not places:
        return None
    first = next(value for value in gaps if value)
    below, above = (arm, baseline) if first > 0 else (baseline, arm)
    return {"at": places[0], "low": None, "high": None, "below": below, "above": above, "turns": len(places)}


def _why_not(one: Sweep, key: str, arm: Arm, baseline: Arm) -> str:
    """No turn within what was tried: who is ahead, or that no difference is shown at any value."""
    words, points = texts(), one["points"]
    ends = {"low": value_words(one, points[0]["value"]), "high": value_words(one, points[-1]["value"])}
    gaps = [_better_by(point, key, arm.key, baseline.key) for point in points]
    known = [value for value in gaps if value]
    judged = [point["differences"][arm.key][key]["shown"] for point in points] if key != SERVED_COST else [True]
    if not known or not any(judged):
        return words.say("load.nowhere", **ends)
    better = arm.title if known[0] > 0 else baseline.title
    return words.say("load.throughout", better=better, **ends)


def _better_by(point: Mapping[str, Any], key: str, arm: str, baseline: str) -> float | None:
    """By how much the one is better than the other; above 0 for `arm`."""
    here, there = (_level(point["arms"][side], key) for side in (arm, baseline))
    better = measure_of("cost" if key == SERVED_COST else key).better or 1
    return None if here is None or there is None else (here - there) * better


def _level(of: Mapping[str, Any], key: str) -> float | None:
    if key != SERVED_COST:
        return None if of[key]["estimate"] is None else float(of[key]["estimate"])
    value, gone = of["cost"]["estimate"], of["abandoned"]["estimate"]
    return None if value is None or gone is None or gone >= 1 else float(value / (1 - gone))


def _value_near(one: Sweep, value: float) -> str:
    return texts().say(f"sweep.{one['parameter']}.value", n=_near(one, value))


def _near(one: Sweep, value: float) -> str:
    value = 100 * value if one["parameter"] in SHARES else value
    return number(value, 2 if abs(value) < 2 else 1)


def _no_turn(one: Sweep, key: str, titles: Mapping[str, str], what: str, setting: str, words: Texts) -> str:
    points, measure = one["points"], measure_of(one["primary"])
    ends = {"low": value_words(one, points[0]["value"]), "high": value_words(one, points[-1]["value"])}
    gaps = [point["differences"][key][one["primary"]]["estimate"] for point in points]
    known = [value * (measure.better or 1) for value in gaps if value]
    if not known or any(value * known[0] < 0 for value in known):
        return words.say("line.load_never", setting=setting, **ends)
    better = titles[key] if known[0] > 0 else titles[one["baseline"]]
    return words.say("load.always", setting=setting, what=what, better=better, **ends)


def _table(one: Sweep, key: str, arms: Sequence[Arm], currency: str, named: str) -> Table:
    measure, rows = measure_of(key), []
    for point in one["points"]:
        cells = [
            (amount(measure, of["estimate"], currency), span(measure, of["low"], of["high"], currency))
            for of in (point["arms"][arm.key][key] for arm in arms)
        ]
        told, interval = NOTHING, ""
        if len(arms) > 1:
            of = point["differences"][arms[1].key][key]
            told = gap(measure, of["estimate"], currency)
            interval = span_of_gaps(measure, of["low"], of["high"], currency)
        rows.append((value_words(one, point["value"]), cells, told, interval))
    return Table(named, rows)
