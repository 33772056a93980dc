"""A finished experiment as its page shows it, from the result that was kept: nothing is computed anew."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from playbooks.core.customer.evidence import Switches
from playbooks.core.experiments.plan import PLAYED, desks
from playbooks.core.experiments.published import knows
from playbooks.core.playbook import Playbook
from playbooks.models import Experiment
from playbooks.pages.debrief_other import switches_words
from playbooks.pages.experiments_answers import Answer, answers, how_sure, one_sentence, told_of
from playbooks.pages.experiments_arms import Arm, arms_of, desk_name, measure_of
from playbooks.pages.experiments_costs import cost_title, costs_of, paid_of, point_prices, staffed_otherwise
from playbooks.pages.experiments_doubts import doubts, grave
from playbooks.pages.experiments_doubts import told as warned
from playbooks.pages.experiments_pictures import (
    GROUPS,
    Parts,
    Unsure,
    curves,
    first_picture,
    forest,
    measure_title,
    parts_of,
    unsure,
)
from playbooks.pages.experiments_sweep import SETTINGS, swept, turn_lines
from playbooks.pages.experiments_words import (
    Texts,
    amount,
    gap,
    lost_by_correction,
    number,
    share,
    span,
    span_of_gaps,
    texts,
)
from playbooks.pages.numbers import NOTHING
from playbooks.pages.reading import in_language, language

WEEK_H = 168
REPORT_ASKS = ("gift", "load", "assumed")  # of several sides; the others stand in a table
PROFILES = {"JP": "ja", "JPyoung": "ja", "KR": "ko"}

Result = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Load:
    """A finished sweep of the load: its number, what it told, and what it calls the baseline and the other side."""

    number: int
    told: Mapping[str, Any]
    baseline: str
    other: str


@dataclass(frozen=True, slots=True)
class Loads:
    """Sweeps that answer for one side: of the experiment's own desk and settings, and of the published study."""

    own: Load | None
    published: Load | None


@dataclass(frozen=True, slots=True)
class Against:
    """One side against the baseline."""

    arm: Arm
    baseline: Arm
    sentence: str
    sure: str
    answers: Sequence[Answer]
    note: str
    forest: Sequence[Any]
    unsure: Sequence[Unsure]
    parts: Sequence[Parts]
    parts_note: str


def shown(experiment: Experiment, playbooks: Mapping[str, Playbook], *, loads: Mapping[str, Loads]) -> dict[str, Any]:
    """Everything the template needs."""
    result, words = experiment.result, texts()
    assert result is not None
    arms = arms_of(result["plan"]["arms"], playbooks)
    common = {"arms": arms, "basis": basis(experiment, arms), "premises": _premises(words)}
    common["doubts"] = doubts(result, arms)
    if "sweep" in result:
        currency = result["plan"]["currency"]
        played = any(of["conduct"] == PLAYED for of in result["plan"]["arms"])
        return {**common, "sweep": swept(result["sweep"], arms, currency, played=played)}
    return {
        **common,
        "against": [_against(result, arm, arms[0], loads) for arm in arms[1:]],
        "first": first_picture(result, arms),
        "curves": curves(result, arms),
        "table": table(result, arms),
        "told": told_rows(result, arms),
        "report_asks": REPORT_ASKS,
        "prices": prices(result, arms),
        "costs": costs_of(result, arms),
        "warnings": _warnings(result, arms),
        "reach": _reach(result),
    }


def _against(result: Result, arm: Arm, baseline: Arm, loads: Mapping[str, Loads]) -> Against:
    words, plan = texts(), result["plan"]
    titles = {"other": arm.title, "baseline": baseline.title}
    outcomes = result["differences"][arm.key]["outcomes"]
    told = answers(result, arm, baseline)
    told.insert(-1, _load(result, loads[arm.key], arm, baseline))
    if grave(result.get("warnings", []), len(plan["arms"])):
        told = [_without_sure(one) for one in told]
    taken = result["parts"].get(arm.key, {}).get("satisfaction")
    return Against(
        arm=arm,
        baseline=baseline,
        sentence=one_sentence(result, arm, baseline),
        sure=_sure(result, arm, baseline),
        answers=told,
        note=words.say("forest.note", **titles),
        forest=forest(
            outcomes, arm, baseline, primary=plan["primary"], currency=plan["currency"], cost=cost_title(result)
        ),
        unsure=unsure(result, arm),
        parts=parts_of(result, arm, baseline),
        parts_note=words.say("parts.note", n=number(taken["difference"]["n"]), **titles) if taken else "",
    )


def _without_sure(answer: Answer) -> Answer:
    """Nothing is called sure of a desk that could not be."""
    words = texts()
    swapped = {words.plain("line.speed_sure"): words.plain("line.sure_doubted")}
    return replace(answer, beside=[swapped.get(line, line) for line in answer.beside])


def _sure(result: Result, arm: Arm, baseline: Arm) -> str:
    words, sides = texts(), len(result["plan"]["arms"])
    doubted = bool(grave(result.get("warnings", []), sides))
    said = words.plain("line.sure_doubted") if doubted else how_sure(result, arm)
    if paid_of(result) is None or not staffed_otherwise(result, arm.key, baseline.key):
        return said
    differ = words.say("costs.paid_first", ask=words.plain("ask.cost"))
    return f"{said}{differ}" if language() == "ja" else f"{said} {differ}"


def _load(result: Result, loads: Loads, arm: Arm, baseline: Arm) -> Answer:
    """At the load tried; of this desk, or that nobody has tried it; what the published study found is said to be of
    another desk."""
    words = texts()
    lines = [_load_now(result, arm, baseline)]
    if loads.own is None:
        lines.append(words.plain("line.load_unknown"))
    else:
        lines.append(words.say("line.load_own", n=str(loads.own.number)))
        lines += turn_lines(loads.own.told, _sides_of(loads.own, arm, baseline))
    if loads.published is not None:
        study, sides = words.say("line.load_published", n=str(loads.published.number)), loads.published
        for name in SETTINGS:
            lines += [f"{study} {line}" for line in turn_lines(sides.told[name], _sides_of(sides, arm, baseline))[:1]]
    elif not all(knows(side.playbook) for side in (arm, baseline)):
        lines.append(words.say("line.load_no_study", playbook=arm.title if not knows(arm.playbook) else baseline.title))
    if loads.own is not None or loads.published is not None:
        lines.append(words.plain("load.caveat"))
    return Answer("load", words.plain("ask.load"), lines)


def _sides_of(load: Load, arm: Arm, baseline: Arm) -> list[Arm]:
    """The sides by the names that the sweep has for them."""
    return [replace(baseline, key=load.baseline), replace(arm, key=load.other)]


def _load_now(result: Result, arm: Arm, baseline: Arm) -> str:
    """How busy the people are at the load of this experiment, and how many customers leave."""
    words, told = texts(), {}
    for name, side in (("one", baseline), ("other", arm)):
        of = result["playbooks"][side.key]
        for what, key in (("busy", "utilisation"), ("gone", "abandoned")):
            told[f"{name}_{what}"] = amount(measure_of(key), of[key]["estimate"])
    rates = {
        key: _rate(of["setting"]) for of in result["plan"]["arms"] if (key := of["key"]) in (arm.key, baseline.key)
    }
    rate = words.plain("number.comma").join(dict.fromkeys(number(value, 2) for value in rates.values()))
    return words.say("line.load_now", rate=rate, baseline=baseline.title, arm=arm.title, **told)


def _warnings(result: Mapping[str, Any], arms: Sequence[Arm]) -> list[str]:
    """Those that do not lead the page already."""
    first = grave(result.get("warnings", []), len(arms))
    return warned([one for one in result.get("warnings", []) if one not in first], arms)


def _reach(result: Mapping[str, Any]) -> str:
    of = result["assumptions"]
    reach = {mark: share(value) for mark, value in of["reach"].items()}
    return texts().say("unsure.reach", n=number(of["coefficients"]), **reach)


# ---------------------------------------------------------------- all outcomes


def table(result: Mapping[str, Any], arms: Sequence[Arm]) -> list[tuple[str, list[tuple[str, list[Any]]]]]:
    """Group -> outcomes -> one cell an arm: value, interval, n."""
    words = texts()
    return [
        (
            words.plain(f"group.{name}"),
            [(_named(result, key), [_cell(result, arm, key, words) for arm in arms]) for key in keys],
        )
        for name, keys in GROUPS.items()
    ]


def _named(result: Result, key: str) -> str:
    return cost_title(result) if key == "cost" else measure_title(measure_of(key))


def _cell(result: Mapping[str, Any], arm: Arm, key: str, words: Texts) -> tuple[str, str, str]:
    of, measure, currency = result["playbooks"][arm.key][key], measure_of(key), result["plan"]["currency"]
    if of["estimate"] is None:
        missing = words.say("table.unsaid", n=number(of["missing"]), all=number(result["plan"]["replications"]))
        return NOTHING, missing, words.say("number.n", n=number(of["n"]))
    return (
        amount(measure, of["estimate"], currency),
        span(measure, of["low"], of["high"], currency),
        words.say("number.n", n=number(of["n"])),
    )


def told_rows(result: Result, arms: Sequence[Arm]) -> list[tuple[str, list[Any], list[Any]]]:
    """The outcomes of the sentence and what they rest on, for a report of several sides: every side, then every
    difference with its verdict."""
    words, currency = texts(), result["plan"]["currency"]
    found = []
    for key in dict.fromkeys((*told_of(result), "abandoned", "work_min")):
        measure, gaps = measure_of(key), []
        for arm in arms[1:]:
            of = result["differences"][arm.key]["outcomes"][key]
            lost = "forest.not_shown_corrected" if lost_by_correction(of) else "forest.not_shown"
            verdict = lost if of["shown"] is False else None  # what is shown needs no word here
            interval = span_of_gaps(measure, of["low"], of["high"], currency)
            said = words.plain(verdict) if verdict is not None else ""
            gaps.append((gap(measure, of["estimate"], currency), interval, said, arm.title))
        cells = [(*_cell(result, arm, key, words), arm.title) for arm in arms]
        found.append((_named(result, key), cells, gaps))
    return found


def prices(result: Mapping[str, Any], arms: Sequence[Arm]) -> list[tuple[Arm, list[tuple[str, str]]]]:
    """What one more point costs a ticket, for each other side."""
    words, money = texts(), measure_of("cost")
    found = []
    for arm in arms[1:]:
        lines, point = [], point_prices(result, arm.key, arms[0].key)
        for key, price in point.each.items():
            value = None if price is None else price / 100 if key == "repurchase" else price
            if value is None or not point.shown:
                told = words.plain("table.no_gain" if value is None else "table.cost_unshown")
            else:
                told = amount(money, value, result["plan"]["currency"])
            lines.append((words.plain(f"table.point_{key}") + point.mark, told))
        found.append((arm, lines))
    return found


# ---------------------------------------------------------------- what it rests on


def basis(experiment: Experiment, arms: Sequence[Arm]) -> list[tuple[str, list[str]]]:
    """Everything that decides the digits, in words."""
    result, words = experiment.result, texts()
    assert result is not None
    plan = result["plan"]
    described = plan["arms"]
    rows = [
        (
            "basis.playbooks",
            [
                f"{arm.title} ({words.say('basis.version', n=number(of['version']))})"
                for arm, of in zip(arms, described, strict=True)
            ],
        ),
        ("basis.desk", _desks(result, described)),
        ("basis.arrivals", _arrivals(result, described)),
        ("basis.agents", _each(_people(of["setting"], words) for of in described)),
        ("basis.customers", _each(_customers(of["setting"]) for of in described)),
        (
            "basis.tickets",
            [
                words.say("basis.in_replications", n=number(plan["tickets"]), m=number(plan["replications"])),
                words.plain("basis.other_customers" if plan["disjoint"] else "basis.same_customers"),
                words.plain("basis.by_chance"),
            ],
        ),
        ("basis.cases", [_cases(plan, words)]),
        ("basis.primary", [measure_title(measure_of(plan["primary"]))]),
        ("basis.switches", switches_words(Switches(**plan["switches"]))),
        ("basis.rates", [", ".join(f"{currency} {rate:g}" for currency, rate in plan["rates"].items())]),
        ("basis.seed", [str(plan["seed"])]),
        ("basis.digest", [result["digest"]]),
    ]
    return [(words.plain(key), list(lines)) for key, lines in rows]


def _each(told: Any) -> list[str]:
    return list(dict.fromkeys(told))


def _desks(result: Mapping[str, Any], described: Sequence[Mapping[str, Any]]) -> list[str]:
    told = result.get("sweep", {})
    if "why" in told:
        return [in_language(told[name]["desk_title"]) for name in ("whole_day", "steady_state")]
    return _each(_desk_title(of) for of in described)


def _desk_title(of: Mapping[str, Any]) -> str:
    """The title of a desk says how many work there: where an experiment changed that, its name and the number."""
    known, groups = desks().get(of["desk"]), of["setting"]["agents"]
    if known is None or [group["count"] for group in groups] == [group.count for group in known.setting.agents]:
        return in_language(of["desk_title"])
    people = texts().say("one.people", n=number(sum(group["count"] for group in groups)))
    return f"{desk_name(of['desk_title'])} · {people}"


def _arrivals(result: Mapping[str, Any], described: Sequence[Mapping[str, Any]]) -> list[str]:
    """The rate of each desk; where a sweep moved it, what it was moved to."""
    words, told = texts(), result.get("sweep", {})
    one = told.get(SETTINGS[0], told)
    if one.get("parameter") == "per_hour":
        tried = words.plain("number.comma").join(f"{point['value']:g}" for point in one["points"])
        return [words.say("basis.moved", values=tried)]
    return _each(words.say("basis.rate_of", n=number(_rate(of["setting"]), 2)) for of in described)


def _rate(setting: Mapping[str, Any]) -> float:
    """Over the hours of a week, as the patterns of the day and the week have it."""
    arrivals = setting["arrivals"]
    daily, weekly = arrivals.get("daily") or [1.0], arrivals.get("weekly") or [1.0]
    return float(arrivals["per_hour"] * sum(daily) / len(daily) * sum(weekly) / len(weekly))


def _people(setting: Mapping[str, Any], words: Texts) -> str:
    groups = setting["agents"]
    told = words.say("one.people", n=number(sum(group["count"] for group in groups)))
    hours = sorted({f"{s['begins_h']:g}–{s['ends_h'] % 24:g} h" for group in groups for s in group["shifts"]})
    return f"{told} ({', '.join(hours)})" if hours else told


def _customers(setting: Mapping[str, Any]) -> str:
    return ", ".join(f"{profile} {share(part)}" for profile, part in setting["profiles"].items())


def _cases(plan: Mapping[str, Any], words: Texts) -> str:
    played = any(of["conduct"] == "played" for of in plan["arms"])
    return number(plan["cases"]) if played else words.plain("basis.published")


def _premises(words: Texts) -> list[str]:
    return [words.plain(f"basis.premise_{nth}") for nth in (1, 2, 3)]
