"""The answers of an experiment in sentences: one to repeat, then one for each question a manager asks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from playbooks.core.experiments.measure import Measure
from playbooks.core.sentence import sentence
from playbooks.pages.debrief_other import SWITCH
from playbooks.pages.experiments_arms import Arm, measure_of
from playbooks.pages.experiments_costs import (
    cost_title,
    gift_line,
    paid_lines,
    point_prices,
    split_line,
    staffed_otherwise,
)
from playbooks.pages.experiments_pictures import debt_words, measure_title, reply_key, resolution_key
from playbooks.pages.experiments_words import (
    Texts,
    amount,
    gap,
    is_nothing,
    lost_by_correction,
    number,
    share,
    size,
    span_of_gaps,
    span_of_sizes,
    texts,
)
from playbooks.pages.reading import in_language, language
from playbooks.pages.wording import say

FIRM = 0.95  # of the draws keep the sign: less, and the answer hangs on the assumptions
NEXT_TO_NOTHING = 0.005  # points of S: not worth taking apart
SWITCHED = ("satisfaction", "repurchase")  # outcomes whose gap is known under each switch
RANGE_OF = {"csat": "satisfaction", "satisfaction_all": "satisfaction_all", "repurchase": "repurchase"}

# Outcomes of the sentence that a switch turns with the gap among those served under both.
TURNED_WITH = {"satisfaction": ("csat", "satisfaction_all"), "repurchase": ("repurchase",)}

Result = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Answer:
    """A question, what answers it in short lines, and what has to be said beside it."""

    key: str
    question: str
    lines: Sequence[str]
    beside: Sequence[str] = ()


def one_sentence(result: Result, arm: Arm, baseline: Arm) -> str:
    """Which is faster, which satisfies more, what it costs; what hangs on the assumptions is named in it."""
    chosen = told_of(result)
    return sentence(
        baseline.title,
        arm.title,
        result["differences"][arm.key]["outcomes"],
        chosen,
        language=language(),
        currency=result["plan"]["currency"],
        hanging=hanging(result, arm.key),
    )


def told_of(result: Result) -> list[str]:
    """The outcomes of the sentence."""
    return [reply_key(result), resolution_key(result), "csat", "satisfaction_all", "repurchase", "cost"]


def how_sure(result: Result, arm: Arm) -> str:
    """Of the outcomes in the sentence: what the simulation shows, and what the assumptions or other complaints turn."""
    words, outcomes, told = texts(), result["differences"][arm.key]["outcomes"], told_of(result)
    shown = sum(outcomes[key]["shown"] is True for key in told)
    main = measure_title(measure_of(result["plan"]["primary"]))
    parts = [
        words.say("line.sure_main", what=main),
        words.say("line.sure", shown=number(shown), all=number(len(told))),
    ]
    asked = [
        key
        for key in told
        if outcomes[key]["shown"] and RANGE_OF.get(key) in result["assumptions"]["ranges"].get(arm.key, {})
    ]
    switched = _switched(result, arm)
    cases = ((result["assumptions"].get("cases") or {}).get("differences") or {}).get(arm.key) or {}
    other = [key for key in told if _turned_by_cases(cases.get(key)) and outcomes[key]["shown"]]
    turned = hanging(result, arm.key)
    reasons = [words.say("line.sure_turned", names=_names(turned, words))] if turned else []
    for switch, keys in switched.items():
        reasons.append(words.say("line.sure_switch", switch=say(SWITCH, switch), names=_names(keys, words)))
    if other:
        reasons.append(words.say("line.sure_cases", names=_names(other, words)))
    open_ones = {*turned, *other, *(one for keys in switched.values() for key in keys for one in TURNED_WITH[key])}
    firm = [key for key in asked if key not in open_ones]
    if reasons:
        parts.append(words.say("line.sure_open", reasons=words.plain("line.sure_next").join(reasons)))
    if firm:
        draws = number(result["assumptions"]["draws"])
        parts.append(words.say("line.sure_firm", draws=draws, names=_names(firm, words)))
    return "".join(parts) if language() == "ja" else " ".join(parts)


def _names(keys: Sequence[str], words: Texts) -> str:
    return words.plain("number.comma").join(in_language(measure_of(key).short) for key in keys)


def _switched(result: Result, arm: Arm) -> dict[str, list[str]]:
    """Switch -> the outcomes whose sign it turns."""
    taken = {key: of for key, of in result["parts"].get(arm.key, {}).items() if key in SWITCHED and of is not None}
    found = {}
    for switch in dict.fromkeys(switch for of in taken.values() for switch in of["switched"]):
        turned = [key for key, of in taken.items() if of["switched"].get(switch, 0.0) * of["switched"]["as_set"] < 0]
        if turned:
            found[switch] = turned
    return found


def _turned_by_cases(of: Mapping[str, Any] | None) -> bool:
    return bool(of) and of is not None and of["low"] is not None and bool(of["low"] * of["high"] <= 0)


def hanging(result: Result, arm: str) -> list[str]:
    """Outcomes whose sign turns within the range of the assumptions."""
    ranges = result["assumptions"]["ranges"].get(arm, {})
    return [key for key, of in RANGE_OF.items() if of in ranges and ranges[of]["same_sign"] < FIRM]


def answers(result: Result, arm: Arm, baseline: Arm) -> list[Answer]:
    tell = Teller(result, arm, baseline, texts())
    return [tell.faster(), tell.satisfies(), tell.gift(), tell.keeps(), tell.cost(), tell.assumed()]


@dataclass(frozen=True, slots=True)
class Teller:
    """Tells one comparison."""

    result: Result
    arm: Arm
    baseline: Arm
    words: Texts

    @property
    def outcomes(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self.result["differences"][self.arm.key]["outcomes"]
        return found

    @property
    def currency(self) -> str:
        return str(self.result["plan"]["currency"])

    def line(self, key: str) -> str:
        """Both values, the difference, and how sure the simulation is of it. The one that has more, or is faster,
        costs less or works less, is named first."""
        measure, of = measure_of(key), self.outcomes[key]
        levels = {side.key: self.result["playbooks"][side.key][key]["estimate"] for side in (self.arm, self.baseline)}
        title = cost_title(self.result) if key == "cost" else measure_title(measure)
        if of["low"] is None or None in levels.values():
            return self.words.say("line.unknown", what=title)
        wants_less = measure.unit in ("hours", "minutes", "money") or measure.better < 0
        ahead, behind = self.arm, self.baseline
        if (levels[ahead.key] > levels[behind.key]) == wants_less:
            ahead, behind = behind, ahead
        values = {
            "what": title,
            "winner": ahead.title,
            "loser": behind.title,
            "one": amount(measure, levels[ahead.key], self.currency),
            "other": amount(measure, levels[behind.key], self.currency),
            "size": size(measure, of["estimate"], self.currency),
        }
        if of["shown"] is False or of["low"] * of["high"] <= 0:
            return self._not_shown(of, measure, values)
        in_time = measure.unit == "hours" or key == "wait_min"
        kind = "time" if in_time else "less" if wants_less else "more"
        return self.words.say(
            f"line.{kind}", **values, span=span_of_sizes(measure, of["low"], of["high"], self.currency)
        )

    def _not_shown(self, of: Mapping[str, Any], measure: Measure, values: Mapping[str, str]) -> str:
        """Why not: nothing to see, or lost in the correction for many outcomes, or chance can bring it."""
        gone = all(is_nothing(size(measure, of[name], self.currency)) for name in ("estimate", "low", "high"))
        if gone and values["one"] == values["other"]:
            return self.words.say("line.same_digits", **values)
        told = {**values, "span": span_of_gaps(measure, of["low"], of["high"], self.currency)}
        if lost_by_correction(of):
            primary = self.result["plan"]["primary"]
            others = [one["p_corrected"] for key, one in self.outcomes.items() if key != primary]
            n = sum(p is not None for p in others)
            return self.words.say("line.same_corrected", n=number(n), **told)
        return self.words.say("line.same", smallest=size(measure, of["smallest"] or 0.0, self.currency), **told)

    def range_line(self, key: str) -> list[str]:
        """How far it moves with the assumptions; nothing where nobody asked."""
        of = self.result["assumptions"]["ranges"].get(self.arm.key, {}).get(key)
        if of is None:
            return []
        firm = of["same_sign"] >= FIRM
        told = span_of_sizes if firm else span_of_gaps
        return [
            self.words.say(
                "line.range_firm" if firm else "line.range_open",
                same=share(of["same_sign"]),
                draws=number(of["draws"]),
                span=told(measure_of(key), of["low"], of["high"]),
            )
        ]

    def case_line(self, key: str) -> list[str]:
        """Said where another choice of complaints could turn the sign."""
        cases = self.result["assumptions"].get("cases") or {}
        of = ((cases.get("differences") or {}).get(self.arm.key) or {}).get(key)
        if not of or of["low"] is None or of["low"] * of["high"] > 0 or not self.outcomes[key]["shown"]:
            return []
        told = span_of_gaps(measure_of(key), of["low"], of["high"])
        return [self.words.say("line.cases_open", n=number(cases["handled"]), span=told)]

    def switch_lines(self, name: str) -> list[str]:
        """Each switch of the model that turns the sign."""
        of, measure = self._taken(name), measure_of(name)
        if of is None:
            return []
        as_set = of["switched"]["as_set"]
        told = gap(measure, as_set)
        return [
            self.words.say("line.switch_turned", switch=say(SWITCH, key), turned=gap(measure, value), as_set=told)
            for key, value in of["switched"].items()
            if value * as_set < 0
        ]

    def faster(self) -> Answer:
        lines = [self.line(reply_key(self.result)), self.line(resolution_key(self.result))]
        return Answer("faster", self.words.plain("ask.faster"), lines, [self.words.plain("line.speed_sure")])

    def satisfies(self) -> Answer:
        lines = [self.line("csat"), self.line("satisfaction_all")]
        beside = [
            self.words.plain("line.everybody"),
            *self.range_line("satisfaction_all"),
            *self.case_line("satisfaction_all"),
            *self.switch_lines("satisfaction"),
        ]
        return Answer("satisfies", self.words.plain("ask.satisfies"), lines, beside)

    def keeps(self) -> Answer:
        lines = [self.line("repurchase"), self.line("abandoned")]
        beside = [*self.range_line("repurchase"), *self.case_line("repurchase"), *self.switch_lines("repurchase")]
        return Answer("keeps", self.words.plain("ask.keeps"), lines, beside)

    def gift(self) -> Answer:
        question, cost = self.words.plain("ask.gift"), gift_line(self.result, (self.baseline, self.arm))
        of = self._taken("satisfaction")
        if of is None:
            return Answer("gift", question, [self.words.plain("line.not_apart"), *cost])
        measure = measure_of("satisfaction")
        brought = {one["key"]: one["effect"] for one in of["parts"]}
        total, both = of["difference"]["estimate"], brought["letter"] + brought["gift"]
        if abs(total) < NEXT_TO_NOTHING:
            return Answer("gift", question, [self.words.plain("line.gift_none"), *cost])
        line = self.words.say(
            "line.gift_part",
            gap=gap(measure, total),
            n=number(of["difference"]["n"]),
            both=gap(measure, both),
            share=share(both / total),
            **{part: gap(measure, effect) for part, effect in brought.items() if part != "rest"},
        )
        beside = [self.words.plain("line.gift_assumed"), self.words.plain("line.words_of_letter")]
        if {"without_letter", "without_gift"} <= of["switched"].keys():
            without = {part: gap(measure, of["switched"][f"without_{part}"]) for part in ("letter", "gift")}
            beside.append(self.words.say("line.gift_switched", **without))
        return Answer("gift", question, [line, *cost], beside)

    def cost(self) -> Answer:
        paid = paid_lines(self.result, self.arm, self.baseline)
        differ = staffed_otherwise(self.result, self.arm.key, self.baseline.key)
        lines = [self.line("cost"), *split_line(self.result, self.arm.key)]
        lines += [*(paid if differ else ()), self.line("work_min")]
        point = point_prices(self.result, self.arm.key, self.baseline.key)
        money, prices = measure_of("cost"), point.each
        csat = prices.get("csat")
        if csat is not None and not point.shown:
            lines.append(self.words.plain("line.point_unshown"))
        elif csat is not None and csat > 0:
            told = {"price": amount(money, csat, self.currency)}
            told["all"] = amount(money, prices["satisfaction_all"], self.currency)
            lines.append(self.words.say("line.point_csat", **told) + point.mark)
        elif self.outcomes["csat"]["estimate"] is not None and self.outcomes["csat"]["estimate"] <= 0:
            lines.append(self.words.plain("line.point_none"))
        beside = [self.words.plain("line.cheap_gone"), *(() if differ else paid)]
        return Answer("cost", self.words.plain("ask.cost"), lines, beside)

    def assumed(self) -> Answer:
        lines, beside = list[str](), list[str]()
        of, buying = self._taken("satisfaction"), self._taken("repurchase")
        if of is not None and abs(of["difference"]["estimate"]) < NEXT_TO_NOTHING:
            lines.append(self.words.plain("line.assumed_none"))
        elif of is not None and of["marks"]:
            names = "; ".join(debt_words(debt) for debt in of["debts"][:3])
            shares = {mark: share(of["marks"][mark]) for mark in ("fitted", "seen")}
            lines.append(
                self.words.say("line.assumed_share", names=names, share=share(of["marks"]["assumed"]), **shares)
            )
        if of is not None and buying is not None:
            beside = self._each_switch(of["switched"], buying["switched"])
        return Answer(
            "assumed", self.words.plain("ask.assumed"), lines, [*beside, self.words.plain("line.assumed_handling")]
        )

    def _each_switch(self, scores: Mapping[str, float], buying: Mapping[str, float]) -> list[str]:
        """What each switch makes of both gaps, and whether a sign turns."""
        score, buy, found = measure_of("satisfaction"), measure_of("repurchase"), []
        for key in (key for key in scores if key != "as_set" and key in buying):
            turned = scores[key] * scores["as_set"] < 0 or buying[key] * buying["as_set"] < 0
            values = {
                "switch": say(SWITCH, key),
                "score": gap(score, scores[key]),
                "score_set": gap(score, scores["as_set"]),
                "buy": gap(buy, buying[key]),
                "buy_set": gap(buy, buying["as_set"]),
                "sign": self.words.plain("line.sign_turns" if turned else "line.sign_stays"),
            }
            found.append(self.words.say("line.assumed_switch", **values))
        return found

    def _taken(self, name: str) -> Mapping[str, Any] | None:
        found: Mapping[str, Any] | None = self.result["parts"].get(self.arm.key, {}).get(name)
        return found
