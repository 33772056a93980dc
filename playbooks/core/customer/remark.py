"""What a customer writes beside the tick of a survey: one or two sentences, or nothing.

Made of what this customer has lived through: each part of it is taken away in turn, and what the answer would have
lost or gained by that is what the part brought. The tick says which side is told: the good, the bad, or both. Whether
anything is written, and in which words, is settled by the stream "customer/remark", a block for each ticket and a
place in it for each survey; nothing else is drawn from it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from playbooks.core.case import Case
from playbooks.core.customer.evidence import DEFAULT, E, Switches
from playbooks.core.customer.experience import Experience
from playbooks.core.customer.persona import METRICS, ROUNDS, Persona, Traits
from playbooks.core.customer.satisfaction import feelings
from playbooks.core.customer.survey import LOWEST_HIGHEST_MIDDLE, latent
from playbooks.core.phrasing import words_of
from playbooks.core.scenarios.telling import band, said, spoken
from playbooks.core.streams import pick, uniforms

LOW, MIDDLE, HIGH = "low", "middle", "high"
# Up to and from which tick a word is bitter or content. NPS 5 to 8 is neither: many tick the middle who are content.
SIDES = {"csat": (2, 4), "ces": (3, 5), "nps": (4, 9)}
BEST = 3  # among so many of what weighed most one is spoken of first
DRAWS = 8
_BUT = {"en": "But {}", "ko": "다만 {}", "ja": "ただ、{}"}
_JOINT = {"en": " ", "ko": " ", "ja": ""}


@dataclass(frozen=True, slots=True)
class Part:
    """One thing lived through: whether it was, and what the same experience would have been without it."""

    helped: bool
    lived: Callable[[Experience], bool]
    otherwise: Callable[[Experience], Experience]


def _without(**fields: Any) -> Callable[[Experience], Experience]:
    return lambda x: replace(x, **fields)


def _usual_wait(x: Experience) -> Experience:
    return replace(x, first_h=x.wait_median_h)


def _usual_end(x: Experience) -> Experience:
    return replace(x, resolution_h=x.wait_median_h * E.waiting.resolution)


def _apologised(x: Experience) -> Experience:
    return replace(x, apology=E.apology.regret + E.apology.responsibility)


def _explained(x: Experience) -> Experience:
    return replace(x, apology=x.apology + E.apology.explanation, explained=True)


def _unexplained(x: Experience) -> Experience:
    return replace(x, apology=max(0.0, x.apology - E.apology.explanation), explained=False)


def _in_time(x: Experience) -> bool:
    return bool(x.letter_h <= E.ij.letter_late_h)


PARTS: Mapping[str, Part] = {
    "quick": Part(True, lambda x: x.heard and x.first_h <= x.wait_median_h / 2, _usual_wait),
    "apology": Part(True, lambda x: x.apology > 0 and not x.broken_promise, _without(apology=0.0)),
    "explained": Part(True, lambda x: x.explained, _unexplained),
    "remedy": Part(True, lambda x: x.ratio >= 0.7 and x.match == 1 and not x.conditional, _without(ratio=0.0)),
    "updates": Part(True, lambda x: x.updates > 0, _without(updates=0)),
    "warm": Part(True, lambda x: x.empathy + x.listening >= 1.0, _without(empathy=0.0, listening=0.0)),
    "polite": Part(True, lambda x: x.register >= 0.5 and not x.ng, _without(register=0.0)),
    "told": Part(True, lambda x: x.told, _without(told=False)),
    "clear": Part(True, lambda x: x.concrete >= 0.5, _without(concrete=0.0)),
    "letter": Part(True, _in_time, _without(letter_h=math.inf)),
    "gift": Part(True, lambda x: x.gift > 0 and not x.gift_tied, _without(gift=0)),
    "check_in": Part(True, lambda x: math.isfinite(x.follow_up_day), _without(follow_up_day=math.inf)),
    "mended": Part(True, lambda x: math.isfinite(x.prevented_days), _without(prevented_days=math.inf)),
    "slow": Part(False, lambda x: x.heard and x.first_h >= 1.5 * x.wait_median_h, _usual_wait),
    "no_answer": Part(False, lambda x: not x.heard and not x.left and math.isfinite(x.first_h), _usual_wait),
    "gave_up": Part(False, lambda x: x.left and not x.resolved, _without(first_h=0.0, resolution_h=0.0)),
    "long": Part(
        False, lambda x: x.resolved and x.resolution_h >= 1.5 * x.wait_median_h * E.waiting.resolution, _usual_end
    ),
    "no_apology": Part(False, lambda x: x.heard and not x.apology, _apologised),
    "hollow": Part(False, lambda x: x.apology > 0 and x.apology_nth >= 3, _without(apology_nth=1)),
    "unexplained": Part(False, lambda x: x.heard and not x.explained, _explained),
    "no_remedy": Part(False, lambda x: x.heard and x.monetary and not x.ratio, _without(ratio=1.0)),
    "wrong_kind": Part(False, lambda x: x.ratio > 0 and x.match < 1, _without(match=1.0)),
    "partial": Part(False, lambda x: 0 < x.ratio < 0.7 and x.match == 1, _without(ratio=1.0)),
    "conditional": Part(False, lambda x: x.conditional, _without(conditional=False)),
    "again": Part(False, lambda x: x.re_contacts > 0, _without(re_contacts=0)),
    "passed_on": Part(False, lambda x: x.hand_offs > 0, _without(hand_offs=0)),
    "cold": Part(False, lambda x: x.heard and x.empathy + x.listening < 0.4, _without(empathy=0.7, listening=0.7)),
    "rude": Part(False, lambda x: x.ng > 0 or x.register < -0.2, _without(ng=0, register=0.0)),
    "vague": Part(False, lambda x: x.heard and x.concrete < 0.2, _without(concrete=0.7)),
    "gift_early": Part(False, lambda x: x.gift < 0 and not x.gift_tied, _without(gift=0)),
    "gift_tied": Part(False, lambda x: x.gift_tied, _without(gift_tied=False)),
    "second": Part(False, lambda x: x.failure_number >= 2, _without(failure_number=1)),
    "broken": Part(False, lambda x: x.broken_promise, _without(broken_promise=False)),
    "bot_only": Part(False, lambda x: x.bot_only and not x.left, _without(bot_only=False, first_h=0.0)),
    "unsolved": Part(False, lambda x: x.heard and not x.resolved and not x.left, _without(resolution_h=0.0)),
}


def side(metric: str, score: int) -> str:
    low, high = SIDES[metric]
    return LOW if score <= low else HIGH if score >= high else MIDDLE


def weights(metric: str, x: Experience, who: Traits, switches: Switches = DEFAULT) -> dict[str, float]:
    """What each part of this experience brought to the answer, before the scale; what is hardly felt is left out.

    A part that did not do what its words say (a gift that is not liked) is left out too.
    """

    def answer(lived: Experience) -> float:
        return float(latent(metric, feelings(lived, who, switches), who))

    whole = answer(x)
    brought = {key: whole - answer(part.otherwise(x)) for key, part in PARTS.items() if part.lived(x)}
    return {
        key: weight
        for key, weight in brought.items()
        if abs(weight) >= E.remark.felt and (weight > 0) == PARTS[key].helped
    }


def mentioned(metric: str, score: int, brought: Mapping[str, float], draws: Sequence[float]) -> list[str]:
    """Of what is spoken, in order: at most two parts, never two of one kin."""
    wanted = side(metric, score)
    good, bad = (_ordered(brought, helped=helped) for helped in (True, False))
    if wanted == MIDDLE:
        first = _one(good, brought, draws[0])
        rest = [key for key in bad if first is None or _kin(key) != _kin(first)]
        return [key for key in (first, _one(rest, brought, draws[1])) if key]
    those = good if wanted == HIGH else bad
    first = _one(those, brought, draws[0])
    rest = [key for key in those if first is not None and _kin(key) != _kin(first)]
    return [key for key in (first, _one(rest, brought, draws[1])) if key]


def _kin(key: str) -> str:
    return str(words_of("remarks")[key]["kin"])


def _ordered(brought: Mapping[str, float], *, helped: bool) -> list[str]:
    return sorted((key for key in brought if PARTS[key].helped == helped), key=lambda key: (-abs(brought[key]), key))


def _one(those: Sequence[str], brought: Mapping[str, float], u: float) -> str | None:
    """One of the weightiest, the more likely the more it weighs."""
    best = those[:BEST]
    left = u * math.fsum(abs(brought[key]) for key in best)
    for key in best:
        left -= abs(brought[key])
        if left < 0:
            return key
    return best[-1] if best else None


def share(metric: str, score: int) -> float:
    """How many of those who ticked this write something beside it."""
    lowest, highest, middle = LOWEST_HIGHEST_MIDDLE[metric]
    return float(E.remark.share + E.remark.strong * abs(score - middle) / ((highest - lowest) / 2))


def remark(
    case: Case, persona: Persona, metric: str, number: int, score: int, x: Experience, *, mood: float,
    switches: Switches = DEFAULT,
) -> str | None:  # fmt: skip
    """What this customer writes beside this tick; None for nothing."""
    place = METRICS.index(metric) * ROUNDS + min(max(number, 1), ROUNDS) - 1
    width = len(METRICS) * ROUNDS * DRAWS
    draws = uniforms(case.seed, "customer/remark", case.key, width).tolist()[place * DRAWS : (place + 1) * DRAWS]
    if draws[0] >= share(metric, score):
        return None
    brought = weights(metric, x, persona.traits, switches)
    keys = mentioned(metric, score, brought, draws[1:3])
    return _written(case, metric, score, keys, x, tone=_tone(metric, score, mood), draws=draws[3:])


def _tone(metric: str, score: int, mood: float) -> str:
    angry = band(mood)
    lowest = LOWEST_HIGHEST_MIDDLE[metric][0]
    return "sharp" if angry == "furious" or (angry == "annoyed" and score == lowest) else "calm"


def _written(
    case: Case, metric: str, score: int, keys: Sequence[str], x: Experience, *, tone: str, draws: Sequence[float]
) -> str | None:
    """Two sentences or one: two parts, or one part and a word on the whole. `draws`: five."""
    wanted, two = side(metric, score), draws[0] < E.remark.second
    lines = [_line(case, key, tone if wanted == LOW else "calm", u) for key, u in zip(keys, draws[1:3], strict=False)]
    whole = _whole(case, metric, wanted, tone, x, draws[3])
    mixed = len(keys) == 2 and PARTS[keys[0]].helped != PARTS[keys[1]].helped
    if not lines:
        return whole
    if mixed:
        lines = [lines[0], _but(lines[1], case.language)] if two else [whole or lines[0]]
    elif not two:
        lines = lines[:1]
    elif whole and (len(lines) == 1 or draws[4] < 0.5):
        lines = [lines[0], whole]
    return _JOINT[case.language].join(line for line in lines if line) or None


def _line(case: Case, key: str, tone: str, u: float) -> str:
    tones = words_of("remarks")[key]
    options = said(tones["any" if PARTS[key].helped else tone][case.language], case)
    return spoken(options[pick(u, len(options))], case)


def _whole(case: Case, metric: str, wanted: str, tone: str, x: Experience, u: float) -> str | None:
    """A word on the whole. Nobody praises what never came to an end."""
    if wanted == HIGH and (x.left or not x.resolved):
        return None
    kind = f"{wanted}_{tone}" if wanted == LOW else wanted
    options = said(words_of("remarks")["whole"][kind][metric][case.language], case)
    return spoken(options[pick(u, len(options))], case)


def _but(line: str, language: str) -> str:
    if language == "en" and not line.startswith(("I ", "I'")):
        line = line[0].lower() + line[1:]
    return _BUT[language].format(line)
